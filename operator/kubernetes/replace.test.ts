import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, gone, member, primary } from '../decide/fixtures.ts';
import { mayReplace } from './replace.ts';

const reasonOf = (verdict: ReturnType<typeof mayReplace>): string => (verdict.kind === 'not' ? verdict.reason : 'may');

test('a member whose node never comes back may be replaced while all others have everything', () => {
  assert.equal(reasonOf(mayReplace(cluster([primary(0), member(1), gone(2, { row: null })]), 'mysql-2')), 'may');
});

test('a member that answers is not replaced, whatever its annotation says', () => {
  assert.match(reasonOf(mayReplace(cluster([primary(0), member(1), member(2)]), 'mysql-2')), /it answers, so its node is there/);
});

test('last-copy-wiped: not the last primary, and nobody while there is no primary', () => {
  assert.match(reasonOf(mayReplace(cluster([gone(0), member(1), member(2)]), 'mysql-0')), /there is no primary that serves/);
});

test('not while another member that counts is away as well', () => {
  assert.match(reasonOf(mayReplace(cluster([primary(0), member(1, { promise: -1 }), gone(2, { row: null })]), 'mysql-2')), /2 other members must have everything, and 1 do/);
});
