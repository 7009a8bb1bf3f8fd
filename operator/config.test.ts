import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operatorConfig } from './config.ts';

const GOOD = { OPERATOR_PORT: '18060', MYSQL_MEMBERS: 'mysql-0=127.0.0.1:18000/18010', MYSQL_OPERATOR_PASSWORD: 'a', MYSQL_REPLICATION_PASSWORD: 'b', INITIALISED_MARK: '/tmp/mark' };

test('what need not be set has a default', () => {
  const { name, host, coldStartMs, logLevel } = operatorConfig(GOOD);
  assert.deepEqual([name, host, coldStartMs, logLevel], ['operator', '127.0.0.1', 60_000, 'info']);
});

test('every wrong setting is named at once, without its secret', () => {
  assert.throws(
    () => operatorConfig({ ...GOOD, OPERATOR_PORT: '0', MYSQL_MEMBERS: 'mysql-0', COLD_START_MS: '-1', MYSQL_OPERATOR_PASSWORD: '' }),
    (error: Error) => ['OPERATOR_PORT: "0"', 'MYSQL_MEMBERS: "mysql-0"', 'COLD_START_MS: "-1"', 'MYSQL_OPERATOR_PASSWORD is not set'].every((part) => error.message.includes(part)),
  );
});

test('on Kubernetes the passwords may be missing, since the operator makes them, and its own pod must be named', () => {
  const config = operatorConfig({ OPERATOR_PORT: '8080', MYSQL_MEMBERS: 'mysql-0=mysql-0.mysql.holdfast.svc.cluster.local:3306/33062', PLATFORM: 'kubernetes', POD_NAME: 'operator-1', POD_UID: 'u', POD_NAMESPACE: 'holdfast' });
  assert.deepEqual(config.platform === 'kubernetes' && [config.podName, config.podUid, config.namespace, config.operatorPassword, config.replicationPassword], ['operator-1', 'u', 'holdfast', '', '']);
  assert.throws(() => operatorConfig({ ...GOOD, PLATFORM: 'kubernetes' }), /POD_NAME is not set.*\n.*POD_UID is not set.*\n.*POD_NAMESPACE is not set/);
});

test('a platform that is none is named', () => {
  assert.throws(() => operatorConfig({ ...GOOD, PLATFORM: 'docker' }), /PLATFORM: "docker" is not valid: expected one of local, kubernetes/);
});
