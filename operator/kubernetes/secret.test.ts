import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SECRET_KEYS } from '../../common/secrets.ts';
import { planSecret } from './secret.ts';
import type { Passwords } from './secret.ts';

const whole = (value: string): Passwords => Object.fromEntries(SECRET_KEYS.map((key) => [key, value]));
const make = (): string => 'made';

test('one password per user and purpose', () => {
  assert.deepEqual(SECRET_KEYS, ['holdfast_operator', 'holdfast_replication', 'holdfast_service', 'holdfast_migration', 'holdfast_supervisor', 'root', 'redis', 'cookie']);
});

test('an empty Secret is filled at the first start', () => {
  assert.deepEqual(planSecret({ stored: {}, known: {}, hasData: false }, make), { kind: 'fill', add: whole('made') });
});

test('an empty password of the environment, from before the Secret was filled, is none', () => {
  assert.deepEqual(planSecret({ stored: {}, known: { holdfast_operator: '', holdfast_replication: '' }, hasData: false }, make), { kind: 'fill', add: whole('made') });
});

test('what a person has put into it stays', () => {
  const { root, ...rest } = whole('made');
  assert.deepEqual(planSecret({ stored: { root: 'mine' }, known: {}, hasData: false }, make), { kind: 'fill', add: rest });
  assert.equal(root, 'made');
});

test('a whole Secret is read, with and without data', () => {
  assert.deepEqual(planSecret({ stored: whole('kept'), known: {}, hasData: true }, make), { kind: 'complete', passwords: whole('kept') });
});

test('beside data nothing is ever made: what is missing is refused by name', () => {
  const plan = planSecret({ stored: { ...whole('kept'), redis: '' }, known: {}, hasData: true }, make);
  assert.equal(plan.kind, 'refuse');
  assert.match(plan.kind === 'refuse' ? plan.reason : '', /lacks redis, and there is data that was made with it\. Put the Secret back/);
});

test('beside data what is known is put back', () => {
  assert.deepEqual(planSecret({ stored: {}, known: whole('kept'), hasData: true }, make), { kind: 'fill', add: whole('kept') });
});

test('two passwords of the environment are not enough to restore the rest', () => {
  assert.equal(planSecret({ stored: {}, known: { holdfast_operator: 'a', holdfast_replication: 'b' }, hasData: true }, make).kind, 'refuse');
});
