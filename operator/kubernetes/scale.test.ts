import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialScale } from './scale.ts';

const scaleOf = (annotations: Readonly<Record<string, string>>): number | undefined => initialScale({ metadata: { name: 'web', uid: '1', resourceVersion: '1', annotations } });

test('a Deployment is scaled once, and never again', () => {
  assert.equal(scaleOf({ 'holdfast/initial-replicas': '3' }), 3);
  assert.equal(scaleOf({ 'holdfast/initial-replicas': '3', 'holdfast/scaled': 'yes' }), undefined);
});

test('a Deployment that asks for no number is left alone', () => {
  assert.equal(scaleOf({}), undefined);
});
