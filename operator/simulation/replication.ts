import { Applier } from './applier.ts';
import type { Mysqld } from './mysqld.ts';
import type { Way } from './network.ts';
import { lastHeartbeat } from './stream.ts';
import type { Stream } from './stream.ts';
import { KERNEL } from './timeline.ts';
import type { Entry } from './timeline.ts';
import type { Transaction } from './transaction.ts';

/** SOURCE_CONNECT_RETRY and replica_net_timeout of the members' settings, ms. */
const [RETRY_MS, NET_TIMEOUT_MS] = [1000, 10_000];

/** A source that was only fenced has no user yet: it gets one with its position by GTIDs. */
const NO_USER = { number: 13_117, text: 'Fatal error: Invalid (empty) username when attempting to connect to the source server. Connection attempt terminated.' };

/** A copy of a member that followed it has itself as its source (tried: conformance, seed 88). */
const ITSELF = { number: 13_117, text: 'Fatal error: The replica I/O thread stops because source and replica have equal MySQL server ids' };

const noBinlog = (why: string): typeof NO_USER => ({ number: 13_114, text: `Got fatal error 1236: ${why}` });

const UNKNOWN_HOST = { number: 2005, text: 'Error connecting to source: Unknown MySQL server host' };

/** Receiver and applier of a member's main channel, and what it sends to its replicas. */
export class Replication {
  readonly #mysqld: Mysqld;
  receiver: 'on' | 'connecting' | 'off' = 'off';
  receiverError = { number: 0, text: '' };
  sourceUuid = '';
  readonly applier: Applier;
  /** Its receiver was stopped while its applier did not run, and left something to apply. */
  stoppedWithBacklog = false;
  /** When its receiver was stopped: a fence begins so, and its next statement may come late. */
  stoppedAt = 0;
  /** By replica: what it is sent. */
  readonly streams = new Map<number, Stream>();
  #stream: Stream | undefined;
  #retry: Entry | undefined;
  #dataAt: number | undefined;
  #everConnected = false;

  constructor(mysqld: Mysqld) {
    this.#mysqld = mysqld;
    this.applier = new Applier(mysqld);
  }

  get #world(): Mysqld['world'] {
    return this.#mysqld.world;
  }

  // The receiver

  startReceiver(): void {
    if (this.receiver !== 'off') return;
    if (this.#mysqld.member.disk.source?.autoPosition === false) {
      this.stopReceiver(NO_USER);
      return;
    }
    this.receiver = 'connecting';
    this.receiverError = { number: 0, text: '' };
    this.#connect();
  }

  /** @param error what it shows from now on; to be stopped clears none */
  stopReceiver(error = this.receiverError): void {
    this.stoppedAt = this.#world.timeline.now;
    if (!this.applier.running) this.stoppedWithBacklog = this.#mysqld.member.disk.relay.length > 0;
    this.receiver = 'off';
    this.receiverError = error;
    this.#leave();
    if (this.#retry !== undefined) this.#retry.call = undefined;
    this.#world.checks.changed(this.#mysqld.member);
  }

  #leave(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) this.#world.network.send(stream.up, () => stream.source.replication.forget(stream), stream.source.process);
  }

  /** The source's end of a stream is closed. */
  forget(stream: Stream): void {
    stream.sending = false;
    if (this.streams.get(stream.replica.member.index) === stream) this.streams.delete(stream.replica.member.index);
  }

  #again(): void {
    if (this.receiver === 'off') return;
    this.receiver = 'connecting';
    this.#stream = undefined;
    this.#retry = this.#world.timeline.after(RETRY_MS, () => this.#connect(), this.#mysqld.process);
  }

  #connect(): void {
    if (this.receiver === 'off') return;
    const { member, process } = this.#mysqld;
    const host = member.disk.source?.host ?? '';
    const source = member.world.addresses.findIndex(({ host: name }) => name === host);
    const target = member.world.members[source];
    this.#retry = this.#world.timeline.after(target === undefined ? RETRY_MS : NET_TIMEOUT_MS, () => this.#connect(), process);
    if (target === undefined) {
      this.receiverError = UNKNOWN_HOST;
      return;
    }
    const [up, down]: [Way, Way] = [{ from: member.index, to: source, last: 0 }, { from: source, to: member.index, last: 0 }];
    const attempt = this.#retry;
    const current = (): boolean => this.receiver === 'connecting' && this.#retry === attempt && attempt.call !== undefined;
    this.#world.network.send(up, () => {
      const { mysqld, isOff } = target;
      if (isOff) return;
      if (mysqld === undefined || mysqld.stopping) this.#world.network.send(down, () => current() && this.#retryLater(attempt), process);
      else this.#world.timeline.after(0.05, () => mysqld.replication.serve(this.#mysqld, { up, down, current }), mysqld.process, 'packet');
    }, KERNEL);
  }

  #retryLater(attempt: Entry): void {
    attempt.call = undefined;
    this.#again();
  }

  /** A replica asks for what it lacks. */
  serve(replica: Mysqld, { up, down, current }: { readonly up: Way; readonly down: Way; readonly current: () => boolean }): void {
    const { member, stopping } = this.#mysqld;
    const { executed, received } = replica.member.disk;
    const had = executed.copy();
    had.addAll(received);
    const stream: Stream = { replica, source: this.#mysqld, up, down, sent: member.disk.purgedUntil, received: -2, sending: true, connectedAt: this.#world.timeline.now, had };
    const refusal = this.#refusal(replica);
    // The handshake takes several turns: who has gone meanwhile is never served.
    if (stopping || !current()) return;
    this.#world.network.send(down, () => {
      if (!current()) this.#world.network.send(up, () => this.forget(stream), this.#mysqld.process);
      else if (refusal !== undefined) replica.replication.stopReceiver(refusal);
      else replica.replication.connected(stream);
    }, replica.process);
    if (refusal !== undefined) return;
    const before = this.streams.get(replica.member.index);
    if (before !== undefined) this.#close(before);
    this.streams.set(replica.member.index, stream);
    this.#feed(stream);
  }

  /** The error with which it stops; undefined for one that can be served. */
  #refusal(replica: Mysqld): typeof NO_USER | undefined {
    const { executed, received } = replica.member.disk;
    const { purged, uuid } = this.#mysqld.member.disk;
    if (replica === this.#mysqld) return ITSELF;
    if (!purged.isWithin(executed, received)) return noBinlog('Cannot replicate because the source purged required binary logs');
    const more = Math.max(executed.highest(uuid), received.highest(uuid)) >= this.#mysqld.nextNumber();
    return more ? noBinlog('the replica has more GTIDs than the source has, using the source\'s SERVER_UUID') : undefined;
  }

  connected(stream: Stream): void {
    if (this.#retry !== undefined) this.#retry.call = undefined;
    this.receiver = 'on';
    this.#stream = stream;
    this.sourceUuid = stream.source.member.disk.uuid;
    this.#dataAt = this.#world.timeline.now;
    this.#everConnected = true;
    this.#watchSilence(stream);
    this.#world.checks.changed(this.#mysqld.member);
  }

  /** replica_net_timeout: a source that says nothing for so long is asked anew. */
  #watchSilence(stream: Stream): void {
    this.#world.timeline.after(NET_TIMEOUT_MS, () => {
      if (this.#stream !== stream || this.receiver !== 'on') return;
      // By a clock that does not jump, as that of the socket.
      if (this.#silentMs() < NET_TIMEOUT_MS - 1) {
        this.#watchSilence(stream);
        return;
      }
      this.#leave();
      this.receiver = 'connecting';
      this.#connect();
    }, this.#mysqld.process);
  }

  /** Since the last heartbeat or transaction, by the member's own clock, ms; undefined when it never heard. */
  heardMs(): number | undefined {
    if (!this.#everConnected || this.#dataAt === undefined) return undefined;
    const silentMs = this.#silentMs();
    const { at, by } = this.#mysqld.member.clockJump;
    return silentMs + (at >= this.#world.timeline.now - silentMs ? by : 0);
  }

  /** The same by a clock that does not jump; 0 before anything was heard. */
  #silentMs(): number {
    const { now } = this.#world.timeline;
    const stream = this.#stream;
    if (this.#dataAt === undefined) return 0;
    if (stream !== undefined) this.#dataAt = Math.max(this.#dataAt, lastHeartbeat(stream, now));
    return now - this.#dataAt;
  }

  // What its replicas are sent

  /** Sends what the binlog has got. */
  feedAll(): void {
    for (const stream of this.streams.values()) this.#feed(stream);
  }

  #feed(stream: Stream): void {
    const { disk } = this.#mysqld.member;
    for (; stream.sent < disk.log.length; stream.sent += 1) {
      const [transaction, index] = [disk.log[stream.sent], stream.sent];
      if (transaction === undefined) continue;
      // What the replica had when it connected is not sent, and so not acknowledged either before something after it is (tried: conformance, seeds 1 and 23).
      if (!stream.had.has(transaction)) this.#world.network.send(stream.down, () => stream.replica.replication.receive(stream, { transaction, index }), stream.replica.process);
    }
  }

  /** A replica has everything up to there. */
  acknowledge(stream: Stream, index: number): void {
    for (const hung of this.#mysqld.hung) if (hung.index <= index) hung.acks |= stream.replica.member.bit;
    if (this.#mysqld.hung.length > 0) this.#mysqld.release();
  }

  /** A transaction has arrived: into the relay log, then the acknowledgement. One that it has already by its GTID is skipped. */
  receive(stream: Stream, { transaction, index }: { readonly transaction: Transaction; readonly index: number }): void {
    if (this.#stream !== stream) return;
    const { member } = this.#mysqld;
    this.#dataAt = this.#world.timeline.now;
    member.whenDisk(() => {
      if (this.#stream !== stream) return;
      const { disk } = member;
      if (!disk.executed.has(transaction) && !disk.received.has(transaction)) {
        disk.relay.push(transaction);
        disk.received.add(transaction);
        transaction.holders |= member.bit;
        const place = index === stream.received + 1 ? 'next' : 'first';
        stream.received = index;
        this.applier.received(transaction, place);
      }
      this.#world.network.send(stream.up, () => stream.sending && stream.source.replication.acknowledge(stream, index), stream.source.process);
    });
  }

  // The end

  /**
   * Its binlogs are removed while it runs, as CLONE begins: who is sent one finds no next one, and stops (tried: conformance,
   * seeds 50 and 120). A new first one has the name of the old first one, and who is sent that waits on (tried: seed 15).
   */
  binlogsRemoved(): void {
    if (this.#mysqld.member.disk.binlog === 1) return;
    for (const stream of this.streams.values()) {
      stream.sending = false;
      const { replication } = stream.replica;
      this.#world.network.send(stream.down, () => replication.#stream === stream && replication.stopReceiver(noBinlog('could not find next log')), stream.replica.process);
    }
    this.streams.clear();
  }

  /** mysqld is gone; the other ends learn it unless the machine is gone too. */
  ended(how: 'process' | 'machine'): void {
    if (how === 'process') for (const stream of this.streams.values()) this.#close(stream);
    if (how === 'process') this.#leave();
  }

  #close(stream: Stream): void {
    stream.sending = false;
    this.#world.network.send(stream.down, () => stream.replica.replication.lost(stream), stream.replica.process);
  }

  /** The source has closed the connection. */
  lost(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.heardMs();
    this.#stream = undefined;
    if (this.receiver === 'off') return;
    this.receiver = 'connecting';
    this.#connect();
    this.#world.checks.changed(this.#mysqld.member);
  }
}
