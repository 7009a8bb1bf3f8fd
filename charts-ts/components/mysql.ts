import type { V1ConfigMap, V1Container, V1EnvVar, V1PodSpec, V1StatefulSet } from '@kubernetes/client-node';
import type { Chart } from 'cdk8s';
import { COUNTS, LABELS, PORTS, ROLE_SERVICES, SECRET, WORKLOADS, podNames, serviceHost } from '../../common/kubernetes.ts';
import { USERS } from '../../common/names.ts';
import { accountStatements } from '../../local/mysql/accounts.ts';
import type { Account } from '../../local/mysql/accounts.ts';
import { sharedSettings } from '../../local/mysql/settings.ts';
import { add, checksum, componentLabel, selectorOf } from '../objects.ts';
import { LOCKED, SETTINGS_MOUNT, SETTINGS_PATH, podBasics, podVariable, priorityOf, resourcesOf, scratch, script, secretVariable, settingsVolume, spread, variable } from '../pods.ts';
import type { Settings } from '../settings.ts';
import { HEADLESS, addDisruptionBudget, addService, servicePort } from './services.ts';

const NAME = WORKLOADS.mysql;
/** The image's own user. */
const USER = 999;

const passwordVariable = (account: Account): string => `MYSQL_${account.toUpperCase()}_PASSWORD`;

const ACCOUNTS: readonly Account[] = [...(Object.keys(USERS) as (keyof typeof USERS)[]), 'root'];

/** The shell fills the passwords in; they are made of characters that need no quoting anywhere. */
function accountsScript(): string {
  const variables = Object.fromEntries(ACCOUNTS.map((account) => [account, `\${${passwordVariable(account)}}`])) as Record<Account, string>;
  return `# The statements that make all accounts.\naccounts() {\n  cat <<STATEMENTS\n${accountStatements(variables)}STATEMENTS\n}\n`;
}

const myCnf = (settings: Settings): string => `[mysqld]
bind_address = *
port = ${PORTS.mysql}
admin_port = ${PORTS.mysqlAdmin}
socket = /run/mysqld/mysqld.sock
tmpdir = /tmp
report_port = ${PORTS.mysql}
# The container may not say on which memory bank it wants to be.
loose_innodb_numa_interleave = OFF
loose_container_aware = ON
${sharedSettings(settings.mysql)}`;

const filesOf = (settings: Settings): Record<string, string> => ({
  'accounts.sh': accountsScript(),
  'my.cnf': myCnf(settings),
  'mysql-client.sh': script('mysql-client.sh'),
  'mysql-files.sh': script('mysql-files.sh'),
  'mysql-prestop.sh': script('mysql-prestop.sh'),
  'mysql-ready.sh': script('mysql-ready.sh'),
  'mysql.sh': script('mysql.sh'),
});

const environmentOf = (namespace: string): V1EnvVar[] => [
  podVariable('POD_NAME', 'metadata.name'),
  podVariable('POD_UID', 'metadata.uid'),
  podVariable('POD_IP', 'status.podIP'),
  variable('MEMBERS', podNames('mysql').join(' ')),
  variable('MEMBERS_DOMAIN', serviceHost(NAME, namespace)),
  variable('MYSQL_ADMIN_PORT', PORTS.mysqlAdmin),
  variable('MYSQL_SUPERVISOR_USER', USERS.supervisor),
  variable('MYSQL_REPLICATION_USER', USERS.replication),
  ...ACCOUNTS.map((account) => secretVariable(passwordVariable(account), account === 'root' ? SECRET.root : USERS[account])),
];

const containerOf = ({ namespace, images, imagePullPolicy, mysql }: Settings): V1Container => ({
  name: NAME,
  image: images.mysql,
  imagePullPolicy,
  command: ['sh', `${SETTINGS_PATH}/mysql.sh`],
  env: environmentOf(namespace),
  ports: [{ name: 'mysql', containerPort: PORTS.mysql }, { name: 'mysql-admin', containerPort: PORTS.mysqlAdmin }],
  resources: resourcesOf(mysql.resources),
  securityContext: LOCKED,
  // No liveness probe: it would kill a member that recovers, is being re-seeded, or waits for the others.
  readinessProbe: { exec: { command: ['sh', `${SETTINGS_PATH}/mysql-ready.sh`] }, initialDelaySeconds: 2, periodSeconds: 3, timeoutSeconds: 3, failureThreshold: 2 },
  lifecycle: { preStop: { exec: { command: ['sh', `${SETTINGS_PATH}/mysql-prestop.sh`] } } },
  volumeMounts: [
    { name: 'data', mountPath: '/var/lib/mysql' },
    { name: 'run', mountPath: '/run/mysqld' },
    { name: 'tmp', mountPath: '/tmp' },
    SETTINGS_MOUNT,
  ],
});

const podOf = (settings: Settings): V1PodSpec => ({
  ...podBasics(USER),
  priorityClassName: priorityOf(settings, 'mysql'),
  topologySpreadConstraints: spread('mysql'),
  // Twenty seconds for another primary, one to close the clients, twenty for mysqld, and room.
  terminationGracePeriodSeconds: 120,
  containers: [containerOf(settings)],
  volumes: [settingsVolume(NAME), scratch('run', '1Mi', 'Memory'), scratch('tmp', '1Gi')],
});

function statefulSet(settings: Settings, files: Record<string, string>): V1StatefulSet {
  const { size, class: storageClass } = settings.mysql.storage;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: NAME, namespace: settings.namespace, labels: componentLabel('mysql') },
    spec: {
      replicas: COUNTS.mysql,
      serviceName: NAME,
      // In order, a cluster whose members were all down would never start again: the first waits for the second.
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate' },
      selector: { matchLabels: selectorOf('mysql') },
      template: {
        metadata: { labels: { ...selectorOf('mysql'), [LABELS.inService]: 'yes' }, annotations: checksum(files) },
        spec: podOf(settings),
      },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [{
        metadata: { name: 'data', labels: selectorOf('mysql') },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...(storageClass === '' ? {} : { storageClassName: storageClass }) },
      }],
    },
  };
}

/** MySQL's settings and scripts. */
export function addMysqlSettings(chart: Chart, settings: Settings): void {
  add(chart, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: settings.namespace, labels: componentLabel('mysql') }, data: filesOf(settings) } satisfies V1ConfigMap);
}

/** The members, their names, and the Services that follow the operator's labels. */
export function addMysql(chart: Chart, settings: Settings): void {
  const { namespace } = settings;
  const sql = servicePort('mysql', PORTS.mysql);
  addService(chart, { namespace, name: NAME, workload: 'mysql', ports: [sql, servicePort('mysql-admin', PORTS.mysqlAdmin)], spec: HEADLESS });
  // Whether the primary is ready is the operator's to say, who gave it the label; the probe would only come later.
  addService(chart, { namespace, name: ROLE_SERVICES.primary, workload: 'mysql', ports: [sql], selector: { [LABELS.role]: 'primary', [LABELS.inService]: 'yes' }, spec: { publishNotReadyAddresses: true } });
  addService(chart, { namespace, name: ROLE_SERVICES.replicas, workload: 'mysql', ports: [sql], selector: { [LABELS.role]: 'replica', [LABELS.inService]: 'yes' } });
  addDisruptionBudget(chart, namespace, 'mysql');
  add(chart, statefulSet(settings, filesOf(settings)));
}
