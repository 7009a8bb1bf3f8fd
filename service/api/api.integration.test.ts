import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from 'node:net';
import { waitFor } from '../../local/testing/wait.ts';
import { type Answer, type Ask, ask } from '../testing/http.ts';
import { type TestStack, type TestWeb, startStack } from '../testing/stack.ts';

const LIMIT = { timeout: 60_000 };
let stack: TestStack;
let web: TestWeb;

before(async () => {
  stack = await startStack();
  web = await stack.startWeb('web-0');
  // The first write waits for the migrations.
  assert.equal((await call('POST', '/api/property', { body: { address: 'first' } })).status, 201);
}, LIMIT);
after(() => stack.stop());

const call = (method: string, path: string, rest: Omit<Ask, 'method'> = {}): Promise<Answer> => ask(web.url, path, { method, ...rest });
const post = (body: Ask['body'], headers: Readonly<Record<string, string>> = {}): Promise<Answer> => call('POST', '/api/property', { headers, ...(body === undefined ? {} : { body }) });

async function create(body: object): Promise<{ readonly path: string; readonly answer: Answer }> {
  const answer = await post(body);
  assert.equal(answer.status, 201, answer.body);
  return { path: String(answer.headers.location), answer };
}

function assertProblem(answer: Answer, status: number, fields: readonly string[] = []): void {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  const document = answer.json() as { status: number; title: string; detail: string; errors?: readonly { field: string }[] };
  assert.equal(document.status, status);
  assert.ok(document.title.length > 0 && document.detail.length > 0);
  assert.doesNotMatch(answer.body, /node_modules|\.ts:\d|at async/);
  assert.deepEqual((document.errors ?? []).map(({ field }) => field).sort(), fields);
}

test('a property is added, read, replaced and deleted', LIMIT, async () => {
  const { path, answer } = await create({ address: '1 First Street', price: 10.5, sold_time: '2016-05-07T10:00:00+10:00', bedrooms: 3 });
  const id = Number(path.split('/').at(-1));
  const whole = { id, address: '1 First Street', suburb_name: null, property_type: null, bedrooms: 3, bathrooms: null, carparks: null, land_size: null, price: 10.5, sold_time: '2016-05-07T00:00:00+00:00', link: null };
  assert.deepEqual(answer.json(), whole);

  const read = await call('GET', path);
  assert.deepEqual([read.status, read.json(), read.headers.etag, read.headers['content-type']], [200, whole, answer.headers.etag, 'application/json; charset=utf-8']);
  assert.match(String(read.headers.etag), /^"[0-9a-f]{32}"$/);

  const replaced = await call('PUT', path, { body: { id, address: '2 Second Street' } });
  assert.deepEqual([replaced.status, replaced.json()], [200, { ...whole, address: '2 Second Street', bedrooms: null, price: null, sold_time: null }]);
  assert.notEqual(replaced.headers.etag, read.headers.etag);
  assert.equal((await call('GET', path)).headers.etag, replaced.headers.etag);

  const removed = await call('DELETE', path);
  assert.deepEqual([removed.status, removed.body], [204, '']);
  for (const method of ['GET', 'DELETE']) assertProblem(await call(method, path), 404);
  assertProblem(await call('PUT', path, { body: { address: 'x' } }), 404);
});

test('a representation that is known is not sent again, and HEAD sends none', LIMIT, async () => {
  const { path, answer } = await create({ address: 'known' });
  const etag = String(answer.headers.etag);
  const again = await call('GET', path, { headers: { 'if-none-match': `"x", W/${etag}` } });
  assert.deepEqual([again.status, again.body, again.headers.etag], [304, '', etag]);
  assert.equal((await call('GET', path, { headers: { 'if-none-match': '"x"' } })).status, 200);
  const head = await call('HEAD', path);
  assert.deepEqual([head.status, head.body, head.headers.etag, head.headers['content-length']], [200, '', etag, String(Buffer.byteLength(answer.body))]);
  const list = await call('GET', '/api/property');
  assert.equal((await call('GET', '/api/property', { headers: { 'if-none-match': String(list.headers.etag) } })).status, 304);
});

test('If-Match lets only the first of two editors through', LIMIT, async () => {
  const { path, answer } = await create({ address: 'edited' });
  const etag = String(answer.headers.etag);
  const first = await call('PUT', path, { body: { address: 'by the first' }, headers: { 'if-match': etag } });
  assert.equal(first.status, 200);
  assertProblem(await call('PUT', path, { body: { address: 'by the second' }, headers: { 'if-match': etag } }), 412);
  assertProblem(await call('DELETE', path, { headers: { 'if-match': etag } }), 412);
  assertProblem(await call('PUT', path, { body: { address: 'weakly' }, headers: { 'if-match': `W/${String(first.headers.etag)}` } }), 412);
  assertProblem(await call('PUT', path, { body: { address: 'new' }, headers: { 'if-none-match': '*' } }), 412);
  assert.equal((await call('DELETE', path, { headers: { 'if-match': `"other", ${String(first.headers.etag)}` } })).status, 204);
  assertProblem(await call('DELETE', path, { headers: { 'if-match': '*' } }), 404);
  for (const name of ['if-match', 'if-none-match']) assertProblem(await call('PUT', path, { body: { address: 'unconditional' }, headers: { [name]: 'no quotes' } }), 400);
});

test('a write that changes the row to what it was has the ETag that it had', LIMIT, async () => {
  const { path, answer } = await create({ address: 'same', price: 1 });
  const put = await call('PUT', path, { body: { address: 'same', price: 1 } });
  assert.deepEqual([put.status, put.headers.etag], [200, answer.headers.etag]);
});

test('prices keep their two decimals through the database', LIMIT, async () => {
  for (const price of [0, 0.01, 0.29, 1.1, 8_388_608.07, 9_999_999_999_999.99]) {
    const { path } = await create({ address: 'priced', price });
    assert.equal((await call('GET', path)).body.match(/"price":([^,]*)/)?.[1], String(price));
  }
});

test('texts come back as they were sent', LIMIT, async () => {
  for (const address of ['Ünïcödé 🏠 "quoted" \\ back\'s `tick`', ' padded ', 'a\u0000b\nc\u2028', "'; DROP TABLE property; -- ", '%s ? :x ${x}', '?']) {
    const { path } = await create({ address, suburb_name: address });
    const read = (await call('GET', path)).json() as { address: string; suburb_name: string };
    assert.deepEqual([read.address, read.suburb_name], [address, address]);
  }
});

test('the list is walked by its links, each property once, in the order of sold_time, then id, the unsold first', LIMIT, async () => {
  for (const sold_time of [null, '2019-01-01T00:00:00Z', '2018-01-01T00:00:00Z', null, '2018-01-01T00:00:00Z', '2018-01-01T01:00:00+01:00']) await create({ address: 'listed', sold_time });
  const all = (await call('GET', '/api/property?limit=100')).json() as readonly { id: number; sold_time: string | null }[];
  const walked: unknown[] = [];
  let path: string | undefined = '/api/property?limit=2';
  while (path !== undefined) {
    const page: Answer = await call('GET', path);
    assert.equal(page.status, 200, page.body);
    walked.push(...(page.json() as readonly unknown[]));
    path = /^<(\/api\/property\?limit=2&after=[\w-]+)>; rel="next"$/.exec(String(page.headers['link'] ?? ''))?.[1];
  }
  assert.ok(all.length > 10);
  assert.deepEqual(walked, all);
  const sorted = all.toSorted((a, b) => (a.sold_time ?? '').localeCompare(b.sold_time ?? '') || a.id - b.id);
  assert.deepEqual(all, sorted);
  const middle = (await call('GET', '/api/property?start=3&limit=4')).json();
  assert.deepEqual(middle, all.slice(3, 7));
  assert.deepEqual((await call('GET', '/api/property?start=1000000')).json(), []);
});

test('bad queries are 400 and name what is wrong', LIMIT, async () => {
  assertProblem(await call('GET', '/api/property?start=abc'), 400, ['start']);
  assertProblem(await call('GET', '/api/property?limit=0&after=bm90IG91cnM'), 400, ['after', 'limit']);
  assertProblem(await call('GET', '/api/property?limit=101'), 400, ['limit']);
});

test('bodies that are no JSON, of another type, too large or wrong have their own status', LIMIT, async () => {
  for (const body of ['', '{', 'address=x', '{"address":"x"} trailing', 'undefined', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]) assertProblem(await post(body), 400);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'application/jsonx', 'multipart/form-data; boundary=x', '']) {
    assertProblem(await post({ address: 'x' }, { 'content-type': type }), 415);
  }
  for (const encoding of ['gzip', 'br', 'nonsense', 'identity, gzip']) assertProblem(await post({ address: 'x' }, { 'content-encoding': encoding }), 415);
  assertProblem(await post({ address: 'x'.repeat(102_400) }), 413);
  assertProblem(await post({ address: 'x'.repeat(102_000) }), 422, ['address']);
  assertProblem(await post({ price: -1, colour: 'red', ['__proto__x']: 1 }), 422, ['__proto__x', 'address', 'colour', 'price']);
  assertProblem(await post('{"address":"x","__proto__":{"bedrooms":1}}'), 422, ['__proto__']);
  assertProblem(await call('PUT', '/api/property/1', { body: { id: 2, address: 'x' } }), 422, ['id']);
});

test('a body in chunks is cut off at 100 kB as well', LIMIT, async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(web.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => { text += String(chunk); }).on('close', () => resolve(text)).on('error', reject);
    socket.write('POST /api/property HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let sent = 0; sent < 120; sent += 1) socket.write(`400\r\n${'x'.repeat(1024)}\r\n`);
    socket.end('0\r\n\r\n');
  });
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /application\/problem\+json/);
});

test('what is allowed at a path is said', LIMIT, async () => {
  const patch = await call('PATCH', '/api/property/1');
  assertProblem(patch, 405);
  assert.equal(patch.headers.allow, 'DELETE, GET, HEAD, OPTIONS, PUT');
  const put = await call('PUT', '/api/property');
  assertProblem(put, 405);
  assert.equal(put.headers.allow, 'GET, HEAD, OPTIONS, POST');
  for (const method of ['PROPFIND', 'TRACE', 'LOCK']) assertProblem(await call(method, '/api/property'), 405);
  const options = await call('OPTIONS', '/api/property');
  assert.deepEqual([options.status, options.headers.allow], [204, 'GET, HEAD, OPTIONS, POST']);
});

test('a query where there is none is refused by name, and nothing is done', LIMIT, async () => {
  const { path } = await create({ address: 'without a query' });
  assertProblem(await call('POST', '/api/property?dry_run=1&x=2', { body: { address: 'x' } }), 400, ['dry_run', 'x']);
  for (const method of ['GET', 'PUT', 'DELETE']) assertProblem(await call(method, `${path}?version=1`, method === 'PUT' ? { body: { address: 'y' } } : {}), 400, ['version']);
  assert.equal(((await call('GET', path)).json() as { address: string }).address, 'without a query');
});

test('paths that are nothing are 404', LIMIT, async () => {
  for (const path of ['/', '/api', '/api/property/', '/api/property/1/', '/API/property', '/api/property/1/x', '/metrics', '/.env', '//api/property']) assertProblem(await call('GET', path), 404);
  for (const id of ['0', '-1', '01', '1.5', 'abc', '9007199254740993', '99999999999999999999', '%31%00', '%E0%A4%A', '1%20', '__proto__']) assertProblem(await call('GET', `/api/property/${id}`), 404);
});

test('what is no HTTP is answered with a problem as well', LIMIT, async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(web.port, '127.0.0.1', () => socket.write('GARBAGE\r\n\r\n'));
    let text = '';
    socket.on('data', (chunk) => { text += String(chunk); }).on('close', () => resolve(text)).on('error', reject);
  });
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(answer, /application\/problem\+json/);
});

test('the description is OpenAPI 3.1, and its schemas are the ones that validate', LIMIT, async () => {
  const document = (await call('GET', '/api/openapi.json')).json() as {
    openapi: string;
    paths: Record<string, object>;
    components: { schemas: Record<string, { required: string[]; additionalProperties: boolean; properties: Record<string, unknown> }> };
  };
  assert.equal(document.openapi, '3.1.0');
  assert.deepEqual(Object.keys(document.paths), ['/api/property', '/api/property/{id}', '/api/openapi.json', '/healthz', '/readyz']);
  assert.deepEqual(Object.keys(document.paths['/api/property'] ?? {}), ['get', 'post']);
  assert.deepEqual(Object.keys(document.paths['/api/property/{id}'] ?? {}), ['parameters', 'get', 'put', 'delete']);
  const { NewProperty, Property } = document.components.schemas;
  assert.deepEqual([NewProperty?.required, NewProperty?.additionalProperties], [['address'], false]);
  assert.deepEqual(NewProperty?.properties['price'], { type: ['number', 'null'], minimum: 0, maximum: 9_999_999_999_999.99, multipleOf: 0.01, description: 'At most two decimals; kept exactly.' });
  assert.equal(Property?.required.length, 11);
});

test('it is alive and ready, and its metrics are on a port of their own', LIMIT, async () => {
  assert.deepEqual([(await call('GET', '/healthz')).status, (await call('GET', '/readyz')).status], [200, 200]);
  const text = await (await fetch(web.metricsUrl)).text();
  for (const name of ['holdfast_http_request_seconds_bucket', 'holdfast_write_held_seconds_count', 'holdfast_failovers_seen_total 0', 'holdfast_primary_epoch 1', 'holdfast_cache_hits_total', 'nodejs_eventloop_lag_seconds']) {
    assert.ok(text.includes(name), name);
  }
  assert.equal((await fetch(web.metricsUrl.replace('/metrics', '/'))).status, 404);
});

test('the log has the request’s id and no secret', LIMIT, async () => {
  const id = String((await call('GET', '/api/property?limit=1')).headers['x-request-id']);
  assert.match(id, /^[0-9a-f-]{36}$/);
  const linesOf = (): string[] => web.log().split('\n').filter((line) => line.includes(id));
  await waitFor('the request in the log', () => Promise.resolve(linesOf().length > 0));
  const lines = linesOf().map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(lines.map(({ name, method, path, status, msg }) => ({ name, method, path, status, msg })), [
    { name: 'web-0', method: 'GET', path: '/api/property', status: 200, msg: 'A request' },
  ]);
  for (const secret of [stack.mysql.passwords.service, stack.mysql.passwords.migration, stack.redis.password, 'a secret for tests only']) assert.ok(!web.log().includes(secret));
});
