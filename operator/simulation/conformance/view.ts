import { formatGtidSet, highest, parseGtidSet, subtract, union } from '../../../common/gtid.ts';
import type { GtidSet } from '../../../common/gtid.ts';
import type { RawStatus } from '../../observe/status.ts';
import type { Stage } from './stage.ts';

/** What can be seen of a member, with names instead of uuids and hosts. */
export interface View {
  /** As one text: two members that show the same are the same. */
  readonly text: string;
  /** Clients may write. */
  readonly open: boolean;
  /** Read-only, its commits wait for nobody. */
  readonly closed: boolean;
  /** Commits that wait for their acknowledgement. */
  readonly waiting: number;
}

const DOWN: View = { text: 'down', open: false, closed: false, waiting: 0 };

/** Gives the members of a stage names, and their transactions numbers from the start of the commands on. */
export class Viewer {
  readonly #stage: Stage;
  /** By server_uuid: member and generation. */
  readonly #names = new Map<string, string>();
  readonly #generations: number[] = [0, 0, 0];
  #before: GtidSet = new Map();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** What there is now counts as nothing. */
  async begin(): Promise<void> {
    const all = await Promise.all([0, 1, 2].map((index) => this.#stage.status(index)));
    this.#before = union(...all.map((raw) => parseGtidSet(raw?.executed ?? '')));
  }

  async look(): Promise<readonly View[]> {
    const all = await Promise.all([0, 1, 2].map((index) => this.#stage.status(index)));
    all.forEach((raw, index) => this.#learn(raw, index));
    return all.map((raw) => (raw === undefined ? DOWN : this.#view(raw)));
  }

  #learn(raw: RawStatus | undefined, index: number): void {
    if (raw === undefined || this.#names.has(raw.serverUuid)) return;
    const generation = this.#generations[index] ?? 0;
    this.#generations[index] = generation + 1;
    this.#names.set(raw.serverUuid, `${index}.${generation}`);
  }

  #view(raw: RawStatus): View {
    const [executed, received] = [parseGtidSet(raw.executed), parseGtidSet(raw.receiver?.received ?? '')];
    const { receiver, applier, promise, row } = raw;
    const backlog = subtract(received, executed);
    const lines = {
      executed: this.#text(executed), backlog: this.#text(backlog),
      // A real applier's workers wait for acknowledgements several at a time where a replica was made a source, the model's one after the other.
      waiting: backlog.size > 0 && raw.source === 1 ? raw.waiting > 0 : raw.waiting,
      flags: `${raw.readOnly}${raw.superReadOnly}${raw.offline}${raw.source} trace ${raw.trace} count ${raw.durable.waitCount}`,
      receiver: receiver === null ? 'none' : `${receiver.state} ${this.#member(receiver.host, receiver.port)} auto ${receiver.auto} error ${receiver.errorNumber}`,
      applier: applier === null ? 'none' : `${applier.running}${applier.error === '' ? '' : ' error'}`,
      promise: promise === null ? 'none' : `${promise.host} ${promise.user === raw.serverUuid.replaceAll('-', '') ? 'own' : 'not own'}`,
      row: row === null ? 'none' : `${row.epoch} ${row.member} ${this.#names.get(row.serverUuid) ?? '?'}`,
    };
    const text = Object.entries(lines).map(([name, value]) => `${name} ${value}`).join('; ');
    return { text, open: raw.readOnly === 0 && raw.offline === 0, closed: raw.superReadOnly === 1 && raw.source === 0, waiting: raw.waiting };
  }

  #member(host: string, port: number): string {
    return this.#stage.crew.platform.members.find((member) => member.host === host && member.port === port)?.name ?? host;
  }

  /** Without what there was at the start, counted from there on. */
  #text(set: GtidSet): string {
    const shifted = [...subtract(set, this.#before)].map(([uuid, intervals]) => {
      const shift = highest(this.#before, uuid);
      return [this.#names.get(uuid) ?? '?', intervals.map(({ first, last }) => ({ first: first - shift, last: last - shift }))] as const;
    });
    return formatGtidSet(new Map(shifted)) || 'nothing';
  }
}
