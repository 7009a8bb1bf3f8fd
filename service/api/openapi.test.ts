import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApiDocument } from './openapi.ts';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
}

test('every operation says what it answers, 405 with Allow and whatever else included', () => {
  const paths = openApiDocument()['paths'] as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  const answers = Object.entries(paths).flatMap(([path, operations]) => Object.entries(operations).filter(([method]) => method !== 'parameters').map(([method, { responses }]) => [`${method} ${path}`, Object.keys(responses).join(' ')]));
  assert.deepEqual(Object.fromEntries(answers), {
    'get /api/property': '200 304 400 405 503 default',
    'post /api/property': '201 400 405 413 415 422 503 default',
    'get /api/property/{id}': '200 304 400 404 405 503 default',
    'put /api/property/{id}': '200 400 404 405 412 413 415 422 503 default',
    'delete /api/property/{id}': '204 400 404 405 412 422 503 default',
    'get /api/openapi.json': '200 405 default',
    'get /healthz': '200 405 default',
    'get /readyz': '200 405 503 default',
  });
  assert.deepEqual(Object.keys(paths['/healthz']?.['get']?.responses['405']?.headers ?? {}), ['Allow']);
});
