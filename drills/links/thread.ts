import { parentPort, workerData } from 'node:worker_threads';
import { Link } from './link.ts';
import type { LinksData, Order } from './links.ts';

/** How often the numbers of connections are brought up to date, in milliseconds. */
const COUNT_MS = 20;

/** Opens the links that it is started with, says so, and does what it is told. */
const { ways, connections } = workerData as LinksData;
const links = await Promise.all(ways.map(({ port, targetPort }) => Link.open(port, targetPort)));

const counting = setInterval(() => {
  for (const [index, link] of links.entries()) Atomics.store(connections, index, link.connections);
}, COUNT_MS);

async function carryOut(order: Order): Promise<void> {
  switch (order.kind) {
    case 'cut': return links[order.link]?.cut(order.side, order.only);
    case 'mend': return links[order.link]?.mend();
    case 'expose': return links[order.link]?.expose(order.weather);
    case 'close': {
      clearInterval(counting);
      parentPort?.close();
      await Promise.all(links.map((link) => link.close()));
      return;
    }
  }
  order satisfies never;
}

parentPort?.on('message', (order: Order) => void carryOut(order));
parentPort?.postMessage('open', []);
