import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acknowledgements, parseEndpoints, parseMembers, quorum } from './members.ts';

test('members are read with name, host, port and admin port', () => {
  assert.deepEqual(parseMembers('mysql-0=127.0.0.1:18000/18010, mysql-1=db.example:3306/33062'), [
    { name: 'mysql-0', host: '127.0.0.1', port: 18_000, adminPort: 18_010 },
    { name: 'mysql-1', host: 'db.example', port: 3306, adminPort: 33_062 },
  ]);
});

test('a wrong entry is named', () => {
  assert.throws(() => parseMembers('mysql-0=127.0.0.1:18000'), /not "mysql-0=127.0.0.1:18000"/);
  assert.throws(() => parseMembers('a=h:1/2,a=h:3/4'), /member a stands twice/);
  assert.throws(() => parseEndpoints('127.0.0.1'), /expected HOST:PORT/);
});

test('of N members A acknowledge and N − A are fenced', () => {
  assert.deepEqual([3, 4, 5, 7].map((n) => [acknowledgements(n), quorum(n)]), [[1, 2], [1, 3], [2, 3], [3, 4]]);
});
