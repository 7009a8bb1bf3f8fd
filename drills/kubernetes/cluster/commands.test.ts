import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandLine, demand, runCommand } from './commands.ts';

test('the node stands wherever the command has its place', () => {
  assert.equal(commandLine({ 'node-kill': 'n={node}; off "${n#node}" {node}' }, 'node-kill', 'node2'), 'n=node2; off "${n#node}" node2');
});

test('a drill says which command it lacks before it breaks anything', () => {
  assert.throws(() => demand({ 'node-kill': 'off {node}' }, 'node-kill', 'node-start'), /This drill needs --node-start 'COMMAND \{node\}' \(or HOLDFAST_NODE_START\): kubectl cannot do it\./);
  assert.throws(() => demand({}, 'api-stop'), /This drill needs --api-stop 'COMMAND' \(or HOLDFAST_API_STOP\)/);
});

test('a command runs in a shell, and its failure says what it said', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-commands-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const commands = { 'node-cut': `printf '%s' "{node}" >${folder}/cut`, 'node-heal': 'echo "no such node: {node}" >&2; exit 3' };
  await runCommand(commands, 'node-cut', 'node2');
  assert.equal(readFileSync(join(folder, 'cut'), 'utf8'), 'node2');
  await assert.rejects(runCommand(commands, 'node-heal', 'node9'), /failed: no such node: node9$/);
});
