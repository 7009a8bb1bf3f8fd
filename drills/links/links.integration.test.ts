import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { portsFrom } from '../../local/stack/layout.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { firstFree } from '../stack/ports.ts';
import { Links } from './links.ts';

const LIMIT = { timeout: 30_000 };

/** Base ports of a stack that does not run and of its links, apart from each other and from those of drills. */
const bases = async (): Promise<readonly [number, number]> => [await firstFree(20_000, 25_000, 100), await firstFree(26_000, 31_000, 100)];

/** Echoes over a link to a server of its own, and says what came back. */
const ECHO = `
  const { connect, createServer } = require('node:net');
  const [linkPort, port] = process.argv.slice(1).map(Number);
  const server = createServer((socket) => socket.pipe(socket)).listen(port, '127.0.0.1', () => {
    const client = connect(linkPort, '127.0.0.1', () => client.write('one'));
    client.on('data', (text) => { process.stdout.write(String(text)); process.exit(0); });
  });`;

test('goes on while the thread that opened the links stands still', LIMIT, async (t) => {
  const [base, linkBase] = await bases();
  const links = await Links.open(linkBase, base);
  t.after(() => links.close());
  const { stdout } = spawnSync(process.execPath, ['-e', ECHO, String(portsFrom(linkBase).mysql(0)), String(portsFrom(base).mysql(0))], { encoding: 'utf8', timeout: 10_000 });
  assert.equal(stdout, 'one');
});

test('says how many connections go through a link, cuts one side of it, and mends it', LIMIT, async (t) => {
  const [base, linkBase] = await bases();
  const server = createServer((socket) => { socket.on('error', () => socket.destroy()).pipe(socket); }).listen(portsFrom(base).mysql(1), '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const links = await Links.open(linkBase, base);
  t.after(() => links.close());
  const [link, other] = links.between('replicas', 'mysql-1');
  assert.ok(link !== undefined && other === undefined);
  const client = connect(portsFrom(linkBase).mysql(1), '127.0.0.1');
  t.after(() => client.destroy());
  await waitFor('one connection', () => Promise.resolve(link.connections === 1));
  link.cut('from');
  await sleep(100);
  const seen = { text: '' };
  client.on('data', (chunk) => { seen.text += String(chunk); });
  client.write('one');
  await sleep(300);
  assert.equal(seen.text, '');
  link.mend();
  await waitFor('the answer', () => Promise.resolve(seen.text === 'one'));
});
