import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nginxConf, omittedModules } from './conf.ts';
import type { NginxSettings } from './conf.ts';

const SETTINGS: NginxSettings = { folder: '/data/nginx-0', httpPort: 8000, healthPort: 18_080, webPorts: [18_040, 18_041], cacheSeconds: 1, without: [] };

const has = (conf: string, line: string): void => assert.ok(conf.includes(line), `expected ${JSON.stringify(line)} in:\n${conf}`);
const lacks = (conf: string, part: string): void => assert.ok(!conf.includes(part), `unexpected ${JSON.stringify(part)}`);

test('all nginx share the port of the clients, and each has one of its own for its health', () => {
  const conf = nginxConf(SETTINGS);
  has(conf, 'listen 127.0.0.1:8000 reuseport backlog=4096;');
  has(conf, 'listen 127.0.0.1:18080;');
  has(conf, 'server 127.0.0.1:18040 max_fails=0;\n    server 127.0.0.1:18041 max_fails=0;');
});

test('every file is in the folder of this nginx, also when its path has blanks and quotes', () => {
  const conf = nginxConf({ ...SETTINGS, folder: '/my "data"/nginx-0' });
  has(conf, String.raw`pid "/my \"data\"/nginx-0/nginx.pid";`);
  has(conf, String.raw`proxy_temp_path "/my \"data\"/nginx-0/proxy";`);
  has(conf, String.raw`proxy_cache_path "/my \"data\"/nginx-0/cache" `);
});

test('a page is kept no longer than the setting says, although nginx counts in whole seconds', () => {
  const one = nginxConf(SETTINGS);
  has(one, 'proxy_set_header x-edge-until @$second;');
  lacks(one, 'proxy_cache_valid');
  const five = nginxConf({ ...SETTINGS, cacheSeconds: 5 });
  has(five, 'proxy_cache_valid 200 4s;');
  has(five, 'proxy_set_header x-edge-until "";');
});

test('the cache can be turned off', () => {
  const off = nginxConf({ ...SETTINGS, cacheSeconds: 0 });
  lacks(off, 'proxy_cache_path');
  lacks(off, 'proxy_cache_valid');
  lacks(off, 'proxy_cache ');
});

test('settings of modules that this nginx lacks are left out', () => {
  const without = omittedModules('configure arguments: --prefix=/opt --without-http_uwsgi_module --without-http_scgi_module');
  assert.deepEqual(without, ['uwsgi', 'scgi']);
  const conf = nginxConf({ ...SETTINGS, without });
  has(conf, 'fastcgi_temp_path');
  lacks(conf, 'uwsgi_temp_path');
  lacks(conf, 'scgi_temp_path');
});

test('root runs the worker as root, everybody else names no user', () => {
  has(nginxConf({ ...SETTINGS, user: 'root' }), '\nuser root;\n');
  lacks(nginxConf(SETTINGS), '\nuser ');
});

test('a request that nobody has answered is begun anew, wherever it was', () => {
  const conf = nginxConf(SETTINGS);
  has(conf, 'error_page 502 504 = @second;\n\n    location /api/property {');
  has(conf, 'location @again {\n      proxy_pass http://web;\n    }');
  const own = 'error_page 400 404 405 408 411 412 413 414 431 500 501 503 505 /.problem;\n    error_page 494 =431 /.problem;';
  has(conf, `location @second {\n      proxy_pass http://web;\n      proxy_next_upstream_timeout 2s;\n    ${own}\n    error_page 502 504 = @third;`);
  has(conf, `location @third {\n      proxy_pass http://web;\n      proxy_next_upstream_timeout 2s;\n    ${own}\n    error_page 502 504 = @fourth;`);
  has(conf, 'location @fourth {\n      proxy_pass http://web;\n      proxy_next_upstream_timeout 2s;\n    error_page 400 404 405 408 411 412 413 414 431 500 501 502 503 504 505 /.problem;');
});

test('one nginx alone has connections enough for thousands of clients, each with one to Koa, and keeps those open', () => {
  const conf = nginxConf(SETTINGS);
  has(conf, '\nworker_rlimit_nofile 20000;\n');
  has(conf, '\n  worker_connections 16384;\n');
  has(conf, '\n    keepalive 4096;\n');
});
