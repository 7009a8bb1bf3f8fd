import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, write } from '../verdict/testing.ts';
import { ticks, timeText } from './axis.ts';
import { page } from './page.ts';
import type { Scene } from './scene.ts';
import { seriesOf } from './series.ts';

const OPERATIONS = [write('create', { row: 1, version: 1 }, { startedMs: 100, endedMs: 140 }), write('create', { row: 2, version: 1 }, { startedMs: 300, endedMs: 900, failure: 'ECONNRESET' }), read(950, {})];

const SCENE: Scene = {
  title: 'a <drill>', subtitle: 'what it breaks', passed: false, verdict: 'FAILED: one & another.', complaints: ['A row was lost.'], fromMs: 0, toMs: 1000, zeroMs: 200,
  faults: [{ atMs: 200, text: 'mysql-0 got SIGKILL.' }], events: [{ atMs: 350, text: 'promoted "mysql-1"' }],
  bands: [
    { name: 'mysql-0', kind: 'member', spans: [{ fromMs: 0, toMs: 200, state: 'primary' }, { fromMs: 200, toMs: 1000, state: 'unreachable' }] },
    { name: 'web-0', kind: 'part', spans: [{ fromMs: 0, toMs: 1000, state: 'running' }] }, { name: 'web-1', kind: 'part', spans: [{ fromMs: 0, toMs: 1000, state: 'starting' }] },
  ],
  series: seriesOf(OPERATIONS, 0, 1000, 100), stretches: [{ fromMs: 140, toMs: 1000, text: 'no acknowledged write' }], figures: [['lost', '1']], sentences: ['It was killed.'],
};

test('a report is one page without outside parts or script, and says the verdict first', () => {
  const html = page(SCENE);
  assert.doesNotMatch(html, /<script|<link|<img|https?:|url\(/);
  assert.match(html, /<p class="verdict bad">FAILED: one &amp; another\.<\/p>/);
  assert.match(html, /<h1>a &lt;drill&gt; /);
  assert.match(html, /<tr><th>lost<\/th><td>1<\/td><\/tr>/);
});

test('the time line has each fault, each event, the members, of the other parts only those that were not well, and failed requests', () => {
  const html = page(SCENE);
  assert.equal(html.match(/class="flag"/g)?.length, 1);
  assert.match(html, /<title>promoted &quot;mysql-1&quot;<\/title>/);
  assert.match(html, /<title>mysql-0: unreachable for 800 ms<\/title><rect class="band away" x="340" y="40" width="760"/);
  assert.deepEqual([html.includes('web-0'), html.includes('web-1: starting')], [false, true]);
  assert.equal(html.match(/<rect class="failed"/g)?.length, 1);
});

test('nothing that is drawn is not a number', () => {
  for (const scene of [SCENE, { ...SCENE, bands: [], events: [], faults: [], stretches: [], series: seriesOf([], 0, 1000) }]) assert.doesNotMatch(page(scene), /NaN|Infinity|undefined/);
});

test('the axis has round times around the fault', () => {
  assert.deepEqual(ticks(1000, 3100, 1500).map((ms) => timeText(ms - 1500)), ['−0.4 s', '−0.2 s', '0 s', '0.2 s', '0.4 s', '0.6 s', '0.8 s', '1 s', '1.2 s', '1.4 s', '1.6 s']);
  assert.deepEqual([timeText(-500), timeText(61_000), timeText(200_000)], ['−0.5 s', '61 s', '3:20 min']);
});
