import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../local/testing/wait.ts';
import { Link } from './link.ts';

const LIMIT = { timeout: 10_000 };

/** An echoing server, a link to it on a free port, and a client of the link; all ended after use. */
async function withLink(use: (client: Socket, link: Link, linkPort: number) => Promise<void>): Promise<void> {
  const server = createServer((socket) => { socket.on('error', () => socket.destroy()).pipe(socket); }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const linkPort = (probe.address() as AddressInfo).port;
  probe.close();
  await once(probe, 'close');
  const link = await Link.open(linkPort, (server.address() as AddressInfo).port);
  const client = connect(linkPort, '127.0.0.1');
  await once(client, 'connect');
  try {
    await use(client, link, linkPort);
  } finally {
    client.destroy();
    await link.close();
    server.close();
  }
}

const until = (holds: () => boolean): Promise<void> => waitFor('the link to get there', () => Promise.resolve(holds()));

async function echo(client: Socket, text: string): Promise<string> {
  client.write(text);
  const [chunk] = (await once(client, 'data', { signal: AbortSignal.timeout(8000) })) as [Buffer];
  return String(chunk);
}

test('lets everything through', LIMIT, async () => {
  await withLink(async (client, link) => {
    assert.equal(await echo(client, 'one'), 'one');
    assert.equal(link.connections, 1);
  });
});

test('lets nothing through while it is cut, and closes nothing; mended, it delivers what was sent', LIMIT, async () => {
  await withLink(async (client, link) => {
    await echo(client, 'one');
    link.cut();
    let heard = '';
    client.on('data', (chunk) => { heard += String(chunk); });
    client.write('two');
    await sleep(200);
    assert.deepEqual([heard, client.destroyed], ['', false]);
    link.mend();
    await until(() => heard === 'two');
  });
});

test('a connection opened while it is cut is silent until it is mended', LIMIT, async () => {
  await withLink(async (_client, link, port) => {
    link.cut();
    const late = connect(port, '127.0.0.1');
    let heard = '';
    late.on('data', (chunk) => { heard += String(chunk); });
    late.write('three');
    await sleep(200);
    assert.equal(heard, '');
    link.mend();
    await until(() => heard === 'three');
    late.destroy();
  });
});

test('an end on one side is an end on the other', LIMIT, async () => {
  await withLink(async (client, link) => {
    await echo(client, 'one');
    client.destroy();
    await until(() => link.connections === 0);
  });
});

test('cut one way, it lets the other through: what was asked arrives, and its answer does not', LIMIT, async () => {
  await withLink(async (client, link) => {
    await echo(client, 'one');
    let heard = '';
    client.on('data', (chunk) => { heard += String(chunk); });
    link.cut('to');
    client.write('two');
    await sleep(100);
    assert.equal(heard, '');
    link.cut('from');
    await sleep(100);
    assert.equal(heard, '');
    link.mend();
    await until(() => heard === 'two');
  });
});

test('cut for one client, it lets the others through', LIMIT, async () => {
  await withLink(async (client, link, port) => {
    await echo(client, 'one');
    const other = connect(port, '127.0.0.1');
    await once(other, 'connect');
    await echo(other, 'one');
    link.cut('both', [client.localPort ?? 0]);
    let heard = '';
    client.on('data', (chunk) => { heard += String(chunk); });
    client.write('two');
    assert.equal(await echo(other, 'two'), 'two');
    await sleep(100);
    assert.equal(heard, '');
    link.mend();
    await until(() => heard === 'two');
    other.destroy();
  });
});

test('in bad weather everything arrives later, and in its order', LIMIT, async () => {
  await withLink(async (client, link) => {
    await echo(client, 'one');
    link.expose({ delayMs: 60, lost: 0.3 });
    let heard = '';
    client.on('data', (chunk) => { heard += String(chunk); });
    const startMs = performance.now();
    const sent = Array.from({ length: 20 }, (_, index) => `${index},`);
    for (const text of sent) {
      client.write(text);
      await sleep(3);
    }
    await until(() => heard.length === sent.join('').length);
    assert.equal(heard, sent.join(''));
    assert.ok(performance.now() - startMs >= 119, `${performance.now() - startMs} ms`);
    link.mend();
    assert.equal(await echo(client, 'last'), 'last');
  });
});

test('while nothing listens where it leads to, it refuses connections, and takes them again afterwards', LIMIT, async () => {
  const target = createServer((socket) => { socket.on('error', () => socket.destroy()).pipe(socket); }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port: targetPort } = target.address() as AddressInfo;
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const link = await Link.open(port, targetPort);
  const outcome = async (): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return await echo(socket, 'hello');
    } catch (error) {
      return (error as { code?: string }).code ?? 'no answer';
    } finally {
      socket.destroy();
    }
  };
  try {
    const client = connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    await once(client, 'connect');
    assert.equal(await echo(client, 'one'), 'one');
    target.close();
    client.destroy();
    await until(() => link.connections === 0);
    const seen = { code: '' };
    while (seen.code !== 'ECONNREFUSED') seen.code = await outcome();
    target.listen(targetPort, '127.0.0.1');
    while (seen.code !== 'hello') seen.code = await outcome();
  } finally {
    await link.close();
    target.close();
  }
});
