import { API_PATH } from '../../common/names.ts';
import { NewProperty, Property, ReplacedProperty } from './property.ts';
import { PROBLEM_TYPE } from './problem.ts';

type Json = Readonly<Record<string, unknown>>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const header = (description: string, schema: Json = { type: 'string' }): Json => ({ description, schema });
const json = (schema: Json): Json => ({ 'application/json': { schema } });

const HEADERS = {
  etag: header('Strong validator of the representation.'),
  freshness: header('Present when the answer may be older than the last acknowledged write, and why.', { type: 'string', enum: ['edge-cache', 'edge-stale', 'no-primary'] }),
};

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'No JSON, or a wrong parameter or header.', 404: 'There is no such property.', 405: 'Another method; Allow says which there are.', 412: 'A precondition does not hold.', 413: 'The body is over 100 kB.',
  415: 'The body is no application/json in UTF-8.', 422: 'Fields are wrong, each named; or the Idempotency-Key was used for another request.',
  503: 'It could not be done in time. Ask again, a write with the same Idempotency-Key.',
};

const PROBLEM_HEADERS: Readonly<Record<number, Json>> = {
  405: { Allow: header('The methods that there are.') },
  503: { 'Retry-After': header('Seconds.', { type: 'integer' }) },
};

/** Of every path, for whatever has no line of its own. */
const OTHERWISE = { description: 'Anything else, such as 405 with Allow for another method, 408, 414 and 431 for what is too slow or too large, and 502 when no part of the service is reached.', content: { [PROBLEM_TYPE]: { schema: ref('Problem') } } };

const problems = (...statuses: readonly number[]): Json => ({
  ...Object.fromEntries(statuses.map((status) => [status, {
    description: PROBLEMS[status],
    content: { [PROBLEM_TYPE]: { schema: ref('Problem') } },
    ...(PROBLEM_HEADERS[status] === undefined ? {} : { headers: PROBLEM_HEADERS[status] }),
  }])),
  default: OTHERWISE,
});

const inHeader = (name: string, description: string, schema: Json = { type: 'string' }): Json => ({ name, in: 'header', description, schema });
const inQuery = (name: string, description: string, schema: Json): Json => ({ name, in: 'query', description, schema });

const IDEMPOTENCY_KEY = inHeader('Idempotency-Key', 'Names the request: the same key and body are executed once and answered alike, for 24 hours. Case-sensitive.', {
  type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7E]+$',
});
const IF_MATCH = inHeader('If-Match', 'Only if the property is still this one.');
const IF_NONE_MATCH = inHeader('If-None-Match', 'Only if it is none of these: else 304.');

const LIST = {
  operationId: 'listProperties',
  summary: 'Properties, ordered by sold_time, then id; those without a sold_time come first.',
  parameters: [
    inQuery('start', 'Offset of the first; not beside after.', { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
    inQuery('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 100, default: 10 }),
    inQuery('after', 'A cursor out of a Link header: the page behind it, as cheap as the first.', { type: 'string' }),
    IF_NONE_MATCH,
  ],
  responses: {
    200: {
      description: 'A page.', content: json({ type: 'array', items: ref('Property'), maxItems: 100 }),
      headers: { ETag: HEADERS.etag, 'X-Freshness': HEADERS.freshness, Link: header('The next page, `rel="next"`; absent on the last one.') },
    },
    304: { description: 'As before.' },
    ...problems(400, 405, 503),
  },
};

const represented = (description: string, headers: Json = {}): Json => ({ description, content: json(ref('Property')), headers: { ETag: HEADERS.etag, ...headers } });
const body = (schema: string): Json => ({ required: true, content: json(ref(schema)) });

const ONE = {
  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } }],
  get: {
    operationId: 'getProperty', summary: 'One property.', parameters: [IF_NONE_MATCH],
    responses: { 200: represented('The property.', { 'X-Freshness': HEADERS.freshness }), 304: { description: 'As before.' }, ...problems(400, 404, 405, 503) },
  },
  put: {
    operationId: 'replaceProperty', summary: 'Replaces it: what is left out becomes null.', parameters: [IDEMPOTENCY_KEY, IF_MATCH], requestBody: body('ReplacedProperty'),
    responses: { 200: represented('The property as it is now.'), ...problems(400, 404, 405, 412, 413, 415, 422, 503) },
  },
  delete: {
    operationId: 'deleteProperty', summary: 'Deletes it.', parameters: [IDEMPOTENCY_KEY, IF_MATCH],
    responses: { 204: { description: 'It is deleted.' }, ...problems(400, 404, 405, 412, 422, 503) },
  },
};

const POST = {
  operationId: 'createProperty', summary: 'Adds one.', parameters: [IDEMPOTENCY_KEY], requestBody: body('NewProperty'),
  responses: { 201: represented('The property with its id.', { Location: header('Its path.') }), ...problems(400, 405, 413, 415, 422, 503) },
};

const said = (status: string): Json => json({ type: 'object', required: ['status'], properties: { status: { type: 'string', enum: [status] } } });

const ALIVE = { operationId: 'isAlive', summary: 'Whether the process that is asked lives.', responses: { 200: { description: 'It does.', content: said('alive') }, ...problems(405) } };
const READY = { operationId: 'isReady', summary: 'Whether it may take traffic; also without a primary, since reads go on.', responses: { 200: { description: 'It may.', content: said('ready') }, ...problems(405, 503) } };
const DESCRIPTION = { operationId: 'describe', summary: 'This description.', responses: { 200: { description: 'OpenAPI 3.1.', content: json({ type: 'object' }) }, ...problems(405) } };

const PROBLEM_SCHEMA = {
  title: 'Problem details (RFC 9457)', type: 'object', required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' },
    errors: {
      type: 'array', description: 'Each wrong field or parameter.',
      items: { type: 'object', required: ['field', 'detail'], properties: { field: { type: 'string' }, pointer: { type: 'string' }, detail: { type: 'string' } } },
    },
  },
};

/** The API's description, made of the schemas that validate. */
export const openApiDocument = (): Json => ({
  openapi: '3.1.0',
  info: { title: 'holdfast', version: '1.0.0', description: 'Properties that were or are for sale.', license: { name: 'MIT', identifier: 'MIT' } },
  paths: { [API_PATH]: { get: LIST, post: POST }, [`${API_PATH}/{id}`]: ONE, '/api/openapi.json': { get: DESCRIPTION }, '/healthz': { get: ALIVE }, '/readyz': { get: READY } },
  components: { schemas: { Property, NewProperty, ReplacedProperty, Problem: PROBLEM_SCHEMA } },
});
