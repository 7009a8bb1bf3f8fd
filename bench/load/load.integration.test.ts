import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findWrk } from '../../local/programs/programs.ts';
import { CACHE_DIR } from '../../local/stack/environment.ts';
import { Autocannon } from './autocannon.ts';
import type { LoadGenerator } from './generator.ts';
import { trafficOf } from './traffic.ts';
import { Wrk } from './wrk.ts';

/** What the server takes for an answer, ms. */
const ANSWER_MS = 5;
const signal = AbortSignal.timeout(60_000);
const TRAFFIC = trafficOf([{ method: 'GET', path: '/page?start=0' }, { method: 'POST', path: '/rows', body: '{"a":"b c"}' }, { method: 'GET', path: '/missing' }]);

/** Every generator asks for the same in the same way: what a case says does not depend on which one there is. */
for (const name of ['wrk', 'autocannon']) {
  test(`${name} sends every request of the traffic as it stands, and counts what failed`, { timeout: 60_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-test-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const generator = await generatorOf(name, folder);
    if (generator === undefined) return t.skip('wrk cannot be had here');
    const seen = new Map<string, number>();
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => {
        const key = `${request.method} ${request.url} ${body} ${request.headers['content-type'] ?? ''}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
        // Not at once: autocannon counts whole milliseconds.
        setTimeout(() => response.writeHead(request.url === '/missing' ? 404 : 200).end('ok'), ANSWER_MS);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    t.after(() => server.closeAllConnections());

    const result = await generator.run({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, traffic: TRAFFIC, connections: 4, seconds: 1 }, signal);
    assert.deepEqual([...seen.keys()].sort(), ['GET /missing  ', 'GET /page?start=0  ', 'POST /rows {"a":"b c"} application/json']);
    const counts = [...seen.values()];
    assert.ok(Math.min(...counts) > 0.8 * Math.max(...counts), `each as often as the others: ${counts.join(', ')}`);
    assert.ok(result.perSecond > 10 && result.p99Ms >= result.p50Ms && result.p50Ms >= ANSWER_MS - 1, JSON.stringify(result));
    const missing = seen.get('GET /missing  ') ?? 0;
    assert.ok(Math.abs(result.failed - missing) <= 4, `${result.failed} counted as failed, ${missing} were`);
  });
}

async function generatorOf(name: string, folder: string): Promise<LoadGenerator | undefined> {
  if (name === 'autocannon') return new Autocannon();
  const wrk = await findWrk({ cacheDir: CACHE_DIR, report: () => undefined, signal });
  return wrk === undefined ? undefined : new Wrk(wrk, folder);
}
