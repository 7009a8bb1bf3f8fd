import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../local/testing/redis.ts';
import { openLink } from './link.ts';

test('a link to a hung master: closed at once when it is closed, though its connection lingers; whoever waits for its end blocks nobody', { timeout: 60_000 }, async () => {
  const redis = await startRedis();
  try {
    const link = await openLink({ sentinels: redis.sentinels.map(({ host, port }) => ({ host, port })), password: redis.password, clientName: 'test' }, new AbortController().signal);
    const master = await redis.master();
    await master.freeze();
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 10);
    let rounds = 0;
    const endMs = performance.now() + 10_000;
    while (!link.isClosed() && performance.now() < endMs) {
      rounds += 1;
      await link.check().catch(() => link.close());
      await Promise.race([sleep(50), link.closed]);
    }
    clearInterval(ticking);
    assert.equal(link.isClosed(), true);
    assert.ok(rounds < 50 && ticks > rounds, `${rounds} rounds and ${ticks} ticks of a timer`);
    await link.closed;
    await master.thaw();
  } finally {
    await redis.stop();
  }
});
