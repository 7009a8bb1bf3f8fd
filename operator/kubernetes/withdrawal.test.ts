import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withdrawn } from './withdrawal.ts';
import type { ProbedPod } from './withdrawal.ts';

const pod = (name: string, rest: Partial<ProbedPod> = {}): ProbedPod => ({ name, silentMs: 100, knownMs: 60_000, ready: true, leaving: false, ...rest });
const silent = (name: string, rest: Partial<ProbedPod> = {}): ProbedPod => pod(name, { silentMs: 1500, ...rest });

const cases: readonly (readonly [title: string, layer: readonly ProbedPod[], expected: readonly string[]])[] = [
  ['all answer', [pod('a'), pod('b')], []],
  ['one of three is silent', [pod('a'), silent('b'), pod('c')], ['b']],
  ['a slow answer is no silence', [pod('a'), pod('b', { silentMs: 1499 })], []],
  ['one of two is half, and goes', [pod('a'), silent('b')], ['b']],
  ['two of three are more than half: all are kept', [pod('a'), silent('b'), silent('c')], []],
  ['the only one is kept', [silent('a')], []],
  ['a silent pod that Kubernetes still calls ready, never heard since this operator started', [pod('a'), pod('b', { silentMs: undefined, knownMs: 1600 })], ['b']],
  ['a new pod that is still starting is not missed, and does not count', [pod('a'), silent('b'), pod('c', { silentMs: undefined, ready: false, knownMs: 2000 })], ['b']],
  ['a pod that never answered and is no longer new', [pod('a'), pod('b', { silentMs: undefined, ready: false, knownMs: 10_000 })], ['b']],
  ['a pod on its way out that is silent gets nothing, whatever the others do', [silent('a'), silent('b', { leaving: true })], ['b']],
  ['a pod on its way out that answers is nobody\'s half', [pod('a'), silent('b'), pod('c', { leaving: true })], ['b']],
];

for (const [title, layer, expected] of cases) {
  test(title, () => assert.deepEqual([...withdrawn(layer)], expected));
}
