import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import { usageProblem } from './arguments.ts';

/** What parseArgs throws for a command line of one option, --rows N. */
function refusalOf(...args: readonly string[]): unknown {
  try {
    return parseArgs({ args: [...args], options: { rows: { type: 'string' } } });
  } catch (error) {
    return error;
  }
}

test('a command line that cannot be used is one sentence, and another that says where the help is', () => {
  assert.equal(usageProblem(refusalOf('--bogus'), 'npm run seed'), "Unknown option '--bogus'. See npm run seed -- --help.");
  assert.equal(usageProblem(refusalOf('--rows'), 'npm run seed'), "Option '--rows <value>' argument missing. See npm run seed -- --help.");
  assert.equal(usageProblem(refusalOf('ten'), 'npm run seed'), "Unexpected argument 'ten'. See npm run seed -- --help.");
  assert.equal(usageProblem(refusalOf('--rows', '-5'), 'npm run seed'), "Option '--rows' argument is ambiguous. See npm run seed -- --help.");
});

test('any other error is not a matter of the command line', () => {
  assert.equal(usageProblem(new Error('disk full'), 'npm run seed'), undefined);
});
