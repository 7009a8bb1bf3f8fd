import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNewEnough, upstreamVersion, versionOf } from './version.ts';

test('the answers of the real programs are read', () => {
  assert.equal(versionOf('mysql', '/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))\n'), '9.7.4');
  assert.equal(versionOf('mysql', 'mysql  Ver 8.4.6 for macos15 on arm64 (Homebrew)'), '8.4.6');
  assert.equal(versionOf('redis', 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d81b8ff71cfb150e\n'), '7.0.15');
  assert.equal(versionOf('nginx', 'nginx version: nginx/1.22.1\n'), '1.22.1');
  assert.equal(versionOf('wrk', 'wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012 Will Glozer\n'), '4.1.0');
  assert.equal(versionOf('wrk', 'wrk 4.2.0 [kqueue] Copyright (C) 2012 Will Glozer\n'), '4.2.0');
});

test('MariaDB is not MySQL, Valkey is not Redis, and OpenResty is not nginx', () => {
  assert.equal(versionOf('mysql', 'mysqld  Ver 10.11.14-MariaDB-0+deb12u2 for debian-linux-gnu on x86_64 (Debian 12)'), undefined);
  assert.equal(versionOf('redis', 'Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64'), undefined);
  assert.equal(versionOf('nginx', 'nginx version: openresty/1.27.1.1'), undefined);
});

test('versions are compared as numbers, not as text', () => {
  const answers = [['mysql', '8.4.0'], ['mysql', '8.0.43'], ['mysql', '10.0.0'], ['redis', '7.0.15'], ['redis', '6.2.9'], ['nginx', '1.9.15'], ['nginx', '1.22.1']] as const;
  assert.deepEqual(answers.map(([product, version]) => isNewEnough(product, version)), [true, false, true, true, false, false, true]);
});

test('a Debian version loses its epoch, its revision and its suffixes', () => {
  assert.equal(upstreamVersion('5:7.0.15-1~deb12u10'), '7.0.15');
  assert.equal(upstreamVersion('9.7.4-2'), '9.7.4');
  assert.equal(upstreamVersion('1.30.6-2+b1'), '1.30.6');
  assert.equal(upstreamVersion('8.4.6-0ubuntu0.25.04.1'), '8.4.6');
  assert.equal(upstreamVersion('1:1.3.dfsg+really1.3.2-4'), '1.3.dfsg');
});
