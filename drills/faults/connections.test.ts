import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { clientPortsOf, parseTcp } from './connections.ts';

test('established connections are read with both ports', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F40 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1
`;
  assert.deepEqual(parseTcp(text), [{ localPort: 8000, remotePort: 50_000, inode: '4712' }]);
});

const SERVER = "const s = require('net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))";

test('a process group is found to hold its client\'s connection, and no other', { skip: process.platform !== 'linux', timeout: 10_000 }, async () => {
  const server = spawn(process.execPath, ['-e', SERVER], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const [client, other] = [connect(Number(String(line)), '127.0.0.1'), createServer().listen(0, '127.0.0.1')];
    await Promise.all([once(client, 'connect'), once(other, 'listening')]);
    // The server's process may need a moment to accept it.
    while (clientPortsOf(server.pid ?? 0)?.size === 0) await setTimeout(5);
    assert.deepEqual(clientPortsOf(server.pid ?? 0), new Set([client.localPort]));
    client.destroy();
    other.close();
  } finally {
    server.kill('SIGKILL');
  }
});
