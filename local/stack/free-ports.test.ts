import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { holdPort } from './free-ports.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('two stacks that start in the same moment do not get the same port', async () => {
  const port = await freePort();
  const release = await holdPort(port);
  await assert.rejects(holdPort(port), { name: 'Problem', message: `Port ${port} (for the service) is taken by another program: end that, or move it with PORT=NUMBER.` });
  await release();
  await (await holdPort(port))();
});
