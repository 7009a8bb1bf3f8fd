import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { waitFor } from '../../local/testing/wait.ts';
import { ask } from '../testing/http.ts';
import { type TestStack, type TestWeb, startStack } from '../testing/stack.ts';

// The same cases every time; another seed has been tried many times over.
fc.configureGlobal({ seed: 20_160_507 });

const LIMIT = { timeout: 120_000 };
let stack: TestStack;
let web: TestWeb;

before(async () => {
  stack = await startStack();
  web = await stack.startWeb('web-0');
  await waitFor('the migrations', async () => (await ask(web.url, '/api/property')).status === 200);
}, LIMIT);
after(() => stack.stop());

/** Milliseconds after which a request that may not be whole is ended: the server waits for its rest. */
const PATIENCE_MS = 150;

/** Sends bytes as they are; resolves with all that came back until the connection was closed. */
function send(bytes: Buffer, isWhole: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(web.port, '127.0.0.1');
    let text = '';
    const impatience = isWhole ? undefined : setTimeout(() => socket.end(), PATIENCE_MS);
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer and no end within 20 s')));
    socket.on('data', (chunk) => { text += chunk.toString('latin1'); });
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(text) : reject(error)));
    socket.on('close', () => {
      clearTimeout(impatience);
      resolve(text);
    });
    socket.write(bytes);
  });
}

interface Raw {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

const toBytes = ({ method, target, headers, body }: Raw): Buffer =>
  Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1'), body]);

/** A length of its own may promise more than there is. */
const isWhole = ({ headers, body }: Raw): boolean => headers.every(([name, value]) => name !== 'Transfer-Encoding' && (name !== 'Content-Length' || value === String(body.length)));

/** Whatever comes in: an answer below 500, problems in their form. Nothing at all only for what ended before it was whole. */
function assertSane(received: string, raw: Raw): void {
  const answer = received.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const shown = JSON.stringify({ ...raw, body: raw.body.toString('latin1').slice(0, 500) });
  if (answer === '' && !isWhole(raw)) return;
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
  assert.ok(status >= 200 && status < 500, `${answer.slice(0, 300)} for ${shown}`);
  if (status >= 400) assert.match(answer, /\r\ncontent-type: application\/problem\+json\r\n/i, shown);
}

const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCodePoint(code)), maxLength: 40 });
/** Without line ends, so that it stays where it was put. */
const oneLine = bytes.map((text) => text.replaceAll(/[\r\n]/g, ''));
const encoded = fc.constantFrom('%00', '%2F', '%2e%2e', '%', '%E0%A4%A', '%ff', '%F0%9F%8F%A0', '..', '//', '\\', ';', '+', '__proto__', 'constructor', '1', '-1', '0', '1e9', '9'.repeat(400), 'ＡＢ', "'", '"', ' OR 1=1');
const weird = fc.oneof(encoded, oneLine, fc.webSegment());
const path = fc.oneof(fc.constantFrom('/api/property', '/api/property/1', '/api/openapi.json', '*', '', 'http://x/api/property', '//x/api/property'), fc.array(weird, { maxLength: 3 }).map((parts) => `/api/property/${parts.join('/')}`), weird);
const parameter = fc.tuple(fc.oneof(fc.constantFrom('start', 'limit', 'after', '__proto__', 'toString', 'start[]', 'start[a]'), weird), weird).map(([name, value]) => `${name}=${value}`);
const target = fc.tuple(path, fc.array(parameter, { maxLength: 4 })).map(([path, query]) => (query.length === 0 ? path : `${path}?${query.join('&')}`));
const method = fc.oneof({ weight: 9, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD') }, { weight: 1, arbitrary: fc.constantFrom('PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'M-SEARCH', 'get', 'BREW') });

const field = fc.constantFrom('address', 'suburb_name', 'property_type', 'bedrooms', 'bathrooms', 'carparks', 'land_size', 'price', 'sold_time', 'link', 'id', '__proto__', 'constructor', '\\u0061ddress');
const literal = fc.oneof(
  fc.constantFrom('1e400', '-0', '1e-400', '0.1e1', '123456789012345678901234567890', '"\\ud800"', '"\\u0000"', '"2016-05-07T00:00:00Z"', '"https://example.com"', 'null', 'true', '[]', '{}', '01', '.5', 'NaN', '"x'),
  fc.json(), bytes.map((text) => JSON.stringify(text)), fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
);
const objectText = fc.array(fc.tuple(field, literal), { maxLength: 8 }).map((pairs) => `{"address":"x"${pairs.map(([name, value]) => `,"${name}":${value}`).join('')}}`);
const deep = fc.tuple(fc.constantFrom('[', '{"a":', '{"address":['), fc.integer({ min: 1, max: 30_000 })).map(([open, depth]) => open.repeat(Math.min(depth, Math.floor(100_000 / open.length))));
const body = fc.oneof({ weight: 6, arbitrary: objectText.map((text) => Buffer.from(text)) }, { weight: 1, arbitrary: deep.map((text) => Buffer.from(text)) }, { weight: 2, arbitrary: bytes.map((text) => Buffer.from(text, 'latin1')) });

const header = fc.tuple(
  fc.constantFrom('Content-Type', 'Content-Encoding', 'Idempotency-Key', 'If-Match', 'If-None-Match', 'Cookie', 'X-Request-Id', 'X-Waited', 'Accept', 'Expect', 'Content-Length', 'Transfer-Encoding', 'Range', 'X-HTTP-Method-Override'),
  fc.oneof(oneLine, fc.constantFrom('application/json', 'application/json; charset=utf-16', 'gzip', 'chunked', '*', '"x"', 'W/"y", *', 'holdfast_seen=1.1.x.y', '-1', '1e9', '99999999999999999999', '0'.repeat(32), 'bytes=0-1', '100-continue', 'x'.repeat(20_000))),
);
const raw = fc.record({ method, target, body, extra: fc.array(header, { maxLength: 3 }), isPlain: fc.boolean() }).map(({ method, target, body, extra, isPlain }): Raw => {
  const names = new Set(extra.map(([name]) => name));
  const type: readonly (readonly [string, string])[] = names.has('Content-Type') ? [] : [['Content-Type', 'application/json']];
  const length: readonly (readonly [string, string])[] = names.has('Content-Length') || names.has('Transfer-Encoding') ? [] : [['Content-Length', String(body.length)]];
  return { method, target, body, headers: isPlain ? [...type, ...length] : [...extra, ...type, ...length] };
});

test('no input whatever is answered with 5xx or in another form', LIMIT, async () => {
  await fc.assert(fc.asyncProperty(raw, async (raw) => assertSane(await send(toBytes(raw), isWhole(raw)), raw)), { numRuns: 1500 });
});

test('no bytes whatever on a connection are answered with 5xx, and the process lives on', LIMIT, async () => {
  const noise = fc.array(fc.oneof(bytes, fc.constantFrom('GET / HTTP/1.1\r\n', 'POST /api/property HTTP/1.1\r\nHost: x\r\n', 'Transfer-Encoding: chunked\r\n', '\r\n\r\n', '0\r\n', 'HTTP/9.9', 'a'.repeat(9000))), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(noise, async (parts) => {
      const answer = await send(Buffer.from(parts.join(''), 'latin1'), false);
      assert.doesNotMatch(answer, /^HTTP\/1\.1 5/);
    }),
    { numRuns: 100 },
  );
  assert.equal((await ask(web.url, '/healthz')).status, 200);
  assert.doesNotMatch(web.log(), /"level":"(?:error|fatal)"/);
});
