import { parseGtidSet } from '../../common/gtid.ts';
import { FENCED_HOST } from '../../common/names.ts';
import type { AnsweringMember, ClusterObservation, Contact, MemberObservation, MemberStatus } from './observation.ts';

/** server_uuid of `mysql-N` in test tables. */
export const uuidOf = (index: number): string => `00000000-0000-0000-0000-00000000000${index}`;

/** GTID text with members' numbers for uuids: `0:1-5,1:3` is 1–5 of mysql-0 and 3 of mysql-1. */
export const gtids = (short: string): MemberStatus['executed'] => parseGtidSet(short.split(',').filter((part) => part !== '').map((part) => `${uuidOf(Number(part[0]))}${part.slice(1)}`).join(','));

/** What a test says of a member; the rest is as on a good replica of mysql-0 in epoch 1. */
export interface Sketch extends Partial<Omit<MemberStatus, 'executed' | 'received' | 'purged' | 'row' | 'promise' | 'receiver' | 'applier'>> {
  readonly contact?: Contact;
  readonly executed?: string;
  readonly received?: string;
  readonly purged?: string;
  /** Epoch and index of the promoted member; null for none. */
  readonly row?: readonly [epoch: number, index: number] | null;
  /** Number, negative when it is not the member's own; null for none. */
  readonly promise?: number | null;
  readonly receiver?: Partial<MemberStatus['receiver']>;
  readonly applier?: Partial<MemberStatus['applier']>;
  readonly stalledMs?: number;
  readonly strangeMs?: number;
  readonly work?: string;
  /** It has never answered. */
  readonly unknown?: true;
}

const addressOf = (index: number): MemberObservation['address'] => ({ host: '127.0.0.1', port: 3000 + index });

/** One member of a test. */
export function member(index: number, sketch: Sketch = {}): AnsweringMember {
  const { contact = { kind: 'answers' }, executed = '0:1-10', received = '', purged = '', row = [1, 0], promise = 1, receiver, applier, stalledMs = 0, strangeMs = 0, work, unknown, ...flags } = sketch;
  const status: MemberStatus = {
    serverUuid: uuidOf(index), readOnly: true, superReadOnly: true, offline: false, source: false, touched: true, waiting: 0, isGivenUp: false, unsafe: [],
    executed: gtids(executed), received: gtids(received), purged: gtids(purged),
    row: row === null ? undefined : { epoch: row[0], member: `mysql-${row[1]}`, serverUuid: uuidOf(row[1]) },
    promise: promise === null ? undefined : { epoch: Math.abs(promise), own: promise > 0 },
    receiver: { state: 'on', ...addressOf(0), autoPosition: true, sourceUuid: uuidOf(0), error: '', errorNumber: 0, heardMs: 100, ...receiver },
    applier: { running: true, error: '', ...applier },
    ...flags,
  };
  const observation = { name: `mysql-${index}`, address: addressOf(index), contact, stalledMs, strangeMs, work };
  return { ...observation, status: unknown === true ? (undefined as unknown as MemberStatus) : status };
}

/** A primary that serves. */
export const primary = (index: number, sketch: Sketch = {}): AnsweringMember =>
  member(index, { readOnly: false, superReadOnly: false, source: true, row: [1, index], receiver: { state: 'off', host: '', port: 0, heardMs: undefined }, applier: { running: false }, ...sketch });

/** As mysqld starts: closed, following nobody actively. */
export const closed = (index: number, sketch: Sketch = {}): AnsweringMember =>
  member(index, { offline: true, touched: false, receiver: { state: 'off', heardMs: undefined }, applier: { running: false }, ...sketch });

/** Fenced by a failover, applier running. */
export const fenced = (index: number, sketch: Sketch = {}): AnsweringMember =>
  member(index, { receiver: { state: 'off', host: FENCED_HOST, port: 3306 }, promise: 2, ...sketch });

/** Gone: nothing listens. */
export const gone = (index: number, sketch: Sketch = {}): AnsweringMember => primary(index, { contact: { kind: 'refused' }, ...sketch });

/** A cluster of these members. */
export const cluster = (members: readonly MemberObservation[], rest: Partial<ClusterObservation> = {}): ClusterObservation => ({ members, leaving: [], outdated: [], initialised: true, noPrimaryMs: 0, coldStartMs: 60_000, switchover: undefined, ...rest });

/** A receiver that has lost its source. */
export const LOST: Partial<MemberStatus['receiver']> = { state: 'connecting', heardMs: 1400 };
