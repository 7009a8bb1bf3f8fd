import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sampler, type Look } from './sampler.ts';

const member = (name: string, role: string) => ({ name, role });
const operator = (role: string, text: string, at: string) => ({ acting: true, paused: false, epoch: 1, primary: null, members: [member('mysql-0', role)], events: [{ at, text }] });

test('who was what is remembered as long as it was so, and what the operator said once', async () => {
  const at = new Date(Date.now() + 5000).toISOString();
  const looks: readonly Look[] = [
    { operator: operator('primary', 'promoted', at), parts: [{ name: 'mysql-0', state: 'running' }, { name: 'web-0', state: 'running' }] },
    { operator: null, parts: [{ name: 'mysql-0', state: 'running' }, { name: 'web-0', state: 'starting' }] },
    { operator: operator('primary', 'promoted', at), parts: [{ name: 'mysql-0', state: 'stopped' }, { name: 'web-0', state: 'starting' }] },
  ];
  const asked: number[] = [];
  const sampler = new Sampler({ look: () => Promise.resolve(looks[Math.min(asked.push(0), 3) - 1] ?? { operator: null, parts: [] }), now: () => performance.now() });
  while (asked.length < 4) await sleep(20);
  const { bands, events } = await sampler.stop();
  assert.deepEqual(bands.map(({ name, kind, spans }) => [name, kind, spans.map(({ state }) => state)]), [['mysql-0', 'member', ['primary', 'stopped']], ['web-0', 'part', ['running', 'starting']]]);
  assert.deepEqual(events.map(({ text }) => text), ['promoted']);
});

test('a stack that does not answer is no error', async () => {
  const sampler = new Sampler({ look: () => Promise.reject(new Error('refused')), now: () => performance.now() });
  await sleep(10);
  assert.deepEqual(await sampler.stop(), { bands: [], events: [] });
});
