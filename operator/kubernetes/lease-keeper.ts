import type { Clock } from '../ports.ts';
import { hasStatus } from './api.ts';
import type { Api, Body } from './api.ts';
import { acting, givenBack, heldByAnother, holds, LEASE_MS, mayWrest, nextStep, renewed, seen, unseen } from './lease.ts';
import type { LeaseRecord, LeaseState, LeaseStep } from './lease.ts';
import type { Meta } from './objects.ts';

/** Between two looks at whether something is to be done, ms. */
const TICK_MS = 50;
/** How long an answer may take, ms: two attempts before the lease is given up. */
const DEADLINE_MS = 800;
const [NOT_FOUND, CONFLICT] = [404, 409];

interface Lease {
  readonly metadata: Meta;
  readonly spec?: { readonly holderIdentity?: string; readonly leaseTransitions?: number; readonly acquireTime?: string };
}

/** What {@link LeaseKeeper} needs. */
export interface LeaseKeeperOptions {
  readonly api: Api;
  /** Of the leases, and of this one. */
  readonly path: string;
  readonly name: string;
  /** Who this operator is: nobody else ever has the same. */
  readonly me: string;
  readonly clock: Clock;
  /** Whether this operator holds the members' locks. */
  readonly acts: () => boolean;
  /** Called when it was taken. */
  readonly taken: () => void;
}

/** Keeps the lease when it is ours, and takes it when it is free. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #state: LeaseState;
  #lease: Lease | undefined;
  #working: Promise<void> | undefined;
  #stopped = false;
  #cancel: (() => void) | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#state = unseen(options.me, options.clock.now());
  }

  /** Whether this operator holds it now. */
  get held(): boolean {
    return holds(this.#state, this.#options.clock.now());
  }

  /** Whether another operator holds it, as far as one knows. */
  get heldByAnother(): boolean {
    return heldByAnother(this.#state, this.#options.clock.now());
  }

  /** Begins. */
  start(): void {
    const { clock, acts } = this.#options;
    if (this.#stopped) return;
    this.#state = acting(this.#state, acts() ? 'acts' : 'stands by', clock.now());
    this.#working ??= this.#do(nextStep(this.#state, clock.now())).finally(() => (this.#working = undefined));
    this.#cancel = clock.after(TICK_MS, () => this.start());
  }

  /** Whether this operator may end another's sessions, as read after the lease was last changed. Never rejects. */
  async mayTakeLocks(): Promise<boolean> {
    const { clock } = this.#options;
    if (!mayWrest(this.#state, clock.now())) return false;
    const ours = this.#state.record?.version;
    const read = await this.#fetch().then((lease) => lease && recordOf(lease), () => undefined);
    // A renewal of our own may have come between.
    return read !== undefined && read.holder === this.#options.me && (read.version === ours || read.version === this.#state.record?.version) && mayWrest(this.#state, clock.now());
  }

  /** Ends, and gives it back when it is ours. Never rejects. */
  async release(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#working;
    if (this.held) await this.#do('give back');
  }

  async #do(step: LeaseStep): Promise<void> {
    const { clock, me } = this.#options;
    const sentAt = clock.now();
    try {
      switch (step) {
        case 'wait': return;
        case 'look': return await this.#look();
        case 'take': case 'renew':
          this.#state = renewed(this.#state, await this.#write(me), sentAt);
          if (step === 'take') this.#options.taken();
          return;
        case 'give back':
          this.#state = givenBack(this.#state, await this.#write(''), clock.now());
          return;
      }
      return step satisfies never;
    } catch (error) {
      // Somebody else was faster, or it was deleted: a look tells.
      if (hasStatus(error, CONFLICT) || hasStatus(error, NOT_FOUND)) return this.#look().catch(() => undefined);
      await clock.sleep(LEASE_MS.look);
    }
  }

  async #look(): Promise<void> {
    this.#lease = await this.#fetch();
    this.#state = seen(this.#state, this.#lease && recordOf(this.#lease), this.#options.clock.now());
  }

  async #fetch(): Promise<Lease | undefined> {
    const { api, path, name } = this.#options;
    try {
      return await api.call<Lease>({ verb: 'get', path: `${path}/${name}`, deadlineMs: DEADLINE_MS });
    } catch (error) {
      if (hasStatus(error, NOT_FOUND)) return undefined;
      throw error;
    }
  }

  /** Replaces what was read last; fails with 409 when it has changed since. */
  async #write(holder: string): Promise<LeaseRecord> {
    const { api, path, name } = this.#options;
    const before = this.#lease;
    const now = new Date().toISOString().replace('Z', '000Z');
    const taken = before?.spec?.holderIdentity !== holder;
    const spec = {
      holderIdentity: holder, leaseDurationSeconds: LEASE_MS.duration / 1000, renewTime: now,
      acquireTime: taken ? now : before.spec.acquireTime, leaseTransitions: (before?.spec?.leaseTransitions ?? 0) + Number(taken && holder !== ''),
    };
    const metadata: Body = before === undefined ? { name } : { ...before.metadata };
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    this.#lease = await api.call<Lease>({ verb: before === undefined ? 'create' : 'update', path: before === undefined ? path : `${path}/${name}`, body, deadlineMs: DEADLINE_MS });
    return recordOf(this.#lease);
  }
}

const recordOf = ({ metadata, spec }: Lease): LeaseRecord => ({ holder: spec?.holderIdentity ?? '', version: metadata.resourceVersion });
