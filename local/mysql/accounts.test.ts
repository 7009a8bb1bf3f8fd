import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountStatements } from './accounts.ts';

const PASSWORDS = { root: 'r', operator: "o'o\\", replication: 'p', service: 's', migration: 'm', supervisor: 'v' };

test('every account is made with its password, quoted, one statement per line', () => {
  const lines = accountStatements(PASSWORDS).trim().split('\n');
  assert.ok(lines.every((line) => line.endsWith(';')));
  assert.ok(lines.includes("CREATE USER 'holdfast_operator'@'%' IDENTIFIED BY 'o''o\\\\';"));
  assert.ok(lines.includes("ALTER USER 'root'@'localhost' IDENTIFIED BY 'r';"));
});

test('nothing that the service may do passes offline_mode or read_only', () => {
  const grants = accountStatements(PASSWORDS).split('\n').filter((line) => line.startsWith('GRANT') && /holdfast_(service|migration)/.test(line));
  assert.ok(grants.length > 0);
  assert.ok(grants.every((line) => !/ADMIN|SUPER|ALL ON \*/.test(line)));
});
