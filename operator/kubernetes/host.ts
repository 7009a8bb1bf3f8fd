import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { APP, LABELS, LEASE } from '../../common/kubernetes.ts';
import type { MemberAddress } from '../../common/members.ts';
import { USERS } from '../../common/names.ts';
import type { Host } from '../host.ts';
import type { Operator } from '../operator.ts';
import { NO_NOTICE } from '../ports.ts';
import type { Clock, MemberNotice, Platform } from '../ports.ts';
import { defaultKubeConfig, openApi } from './api.ts';
import type { Api } from './api.ts';
import { EventSender } from './events.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { pathsOf } from './paths.ts';
import type { Paths } from './paths.ts';
import { Pods } from './pods.ts';
import { Publisher } from './publisher.ts';
import { ensureSecret } from './secret.ts';
import type { Passwords } from './secret.ts';
import { State } from './state.ts';
import { PodWatch } from './watch.ts';

/** Between attempts at what the operator cannot start without, ms. */
const AGAIN_MS = 250;
/** What the API server told longer ago than this says nothing of now, ms; a watch is begun anew every ten seconds at the latest. */
const STALE_MS = 15_000;

/** What {@link openKubernetes} needs. */
export interface KubernetesOptions {
  readonly namespace: string;
  /** The operator's own pod. */
  readonly pod: { readonly name: string; readonly uid: string };
  readonly members: readonly MemberAddress[];
  /** Passwords from the pod's environment, '' where the Secret was not filled yet: for when the API server is away. */
  readonly passwords: { readonly operator: string; readonly replication: string };
  readonly clock: Clock;
  readonly log: Logger;
  /** Another API server than that of the pod's account or the current kubeconfig. */
  readonly api?: Api;
}

/**
 * Gets the passwords, filling the Secret at the first start, and begins to watch pods and lease. Tries until that works:
 * without them nothing can be done; with those of its environment the operator acts also while the API server is away.
 */
export async function openKubernetes(options: KubernetesOptions): Promise<Host> {
  const { namespace, members, clock, log, api = openApi(defaultKubeConfig()) } = options;
  const paths = pathsOf(namespace);
  const state = new State(api, paths);
  const passwords = await readPasswords(options, { api, paths, state });
  const pods = new Pods();
  const running: { operator?: Operator; publisher?: Publisher } = {};
  const watch = new PodWatch({
    api, path: paths.pods(), labelSelector: `${LABELS.name}=${APP}`, pods, clock,
    changed: () => {
      running.operator?.loop.nudge();
      running.publisher?.nudge();
    },
    trouble: onceEach(log, 'the API server answers again'),
  });
  const lease = new LeaseKeeper({ api, path: paths.leases(), name: LEASE, me: `${options.pod.name}_${options.pod.uid}`, clock, acts: () => running.operator?.crew.locks.leads === true, taken: () => running.operator?.loop.nudge() });
  const events = new EventSender({ api, path: paths.events(), namespace, subject: (member) => (member === undefined ? undefined : pods.get(member)?.metadata) ?? options.pod });
  const notice = (member: string): MemberNotice => (watch.silentMs > STALE_MS ? NO_NOTICE : pods.notice(member));
  return {
    platform: { members, notice, ...claimsOf(state, lease) },
    passwords: { operator: passwords[USERS.operator] ?? '', replication: passwords[USERS.replication] ?? '' },
    // Two would tell the story in two ways.
    report: (event) => {
      if (lease.held || running.operator?.crew.locks.leads === true) events.send(event);
    },
    attend: (operator) => {
      running.operator = operator;
      running.publisher = new Publisher({ api, paths, pods, state, lease, operator, passwords, clock, name: options.pod.name, trouble: onceEach(log, 'publishing works again') });
      watch.start();
      lease.start();
      running.publisher.start();
    },
    close: async () => {
      watch.stop();
      running.publisher?.stop();
      await lease.release();
      api.close();
    },
  };
}

const claimsOf = (state: State, lease: LeaseKeeper): Omit<Platform, 'members' | 'notice'> => ({
  initialised: () => state.initialised,
  markInitialised: () => state.markInitialised(),
  mayTakeLocks: () => lease.mayTakeLocks(),
  yields: () => lease.heldByAnother,
});

/** Logs each new problem once, and its end. */
function onceEach(log: Logger, end: string): (problem: string | undefined) => void {
  let last: string | undefined;
  return (problem) => {
    if (problem !== undefined && problem !== last) log.warn(problem);
    if (problem === undefined && last !== undefined) log.info(`Kubernetes: ${end}`);
    last = problem;
  };
}

async function readPasswords({ passwords, log }: KubernetesOptions, { api, paths, state }: { api: Api; paths: Paths; state: State }): Promise<Passwords> {
  const known: Passwords = { [USERS.operator]: passwords.operator, [USERS.replication]: passwords.replication };
  const say = onceEach(log, 'the passwords can be read');
  for (;;) {
    try {
      const { passwords: read, filled } = await ensureSecret({ api, path: paths.secrets(), known, hasData: () => state.load() });
      if (filled) log.info('the Secret was filled with new passwords');
      await state.load();
      return read;
    } catch (error) {
      say((error as Error).message);
      if (passwords.operator !== '' && passwords.replication !== '') return known;
      await sleep(AGAIN_MS);
    }
  }
}
