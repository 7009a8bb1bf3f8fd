import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, environment, integer, oneOf, port, readConfig, text } from './config.ts';

const SETTINGS = {
  port: { variable: 'PORT', parse: port, meaning: 'where to listen', fallback: 8000 },
  level: { variable: 'LOG_LEVEL', parse: oneOf(['info', 'debug']), meaning: 'how much to log' },
  password: { variable: 'PASSWORD', parse: (value: string) => integer({ min: 0, max: 9 })(value), meaning: 'the secret', secret: true },
  name: { variable: 'NAME', parse: text, meaning: 'a name', fallback: 'web-0' },
} as const;

test('defaults stand where nothing is set, and 0 is not nothing', () => {
  assert.deepEqual(readConfig(SETTINGS, { LOG_LEVEL: 'debug', PASSWORD: '0' }), { port: 8000, level: 'debug', password: 0, name: 'web-0' });
});

test('every wrong setting is reported, and no secret is shown', () => {
  assert.throws(
    () => readConfig(SETTINGS, { PORT: '70000', PASSWORD: 'hunter2' }),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.problems.length, 3);
      assert.match(error.message, /PORT: "70000" is not valid: expected a whole number from 1 to 65535/);
      assert.match(error.message, /LOG_LEVEL is not set/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    },
  );
});

test('a file of settings lies under the environment; one that cannot be read is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
  const file = join(folder, '.env');
  writeFileSync(file, 'HOLDFAST_TEST_ONLY=7\nPATH=nowhere\n');
  const { HOLDFAST_TEST_ONLY: own, PATH: path } = environment(file);
  assert.deepEqual([own, path], ['7', process.env['PATH']]);
  assert.equal(environment(join(folder, 'none'))['HOLDFAST_TEST_ONLY'], undefined);
  assert.throws(() => environment(folder), { name: 'ConfigError', message: `Wrong settings:\n  ${folder} cannot be read: EISDIR: illegal operation on a directory, read; mend it, or move it away.` });
  rmSync(folder, { recursive: true });
});
