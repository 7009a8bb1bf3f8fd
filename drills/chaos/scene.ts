import { durationText } from '../report/axis.ts';
import type { Band, Mark } from '../report/sampler.ts';
import type { Scene } from '../report/scene.ts';
import { merged, seriesOf, type Slice } from '../report/series.ts';
import type { Run } from '../run.ts';
import type { Verdict } from '../verdict/judge.ts';

/** A round that is over: little enough that a thousand of them fit into memory. */
export type DoneRound =
  | { readonly kind: 'broken'; readonly number: number; readonly name: string; readonly reason: string }
  | {
    readonly kind: 'judged';
    readonly number: number;
    readonly name: string;
    readonly complaints: readonly string[];
    readonly figures: Verdict['figures'];
    readonly counts: Pick<Verdict, 'lost' | 'duplicated' | 'wrongReads' | 'comparedReads'>;
    readonly fromMs: number;
    readonly toMs: number;
    readonly faultMs: number;
    readonly slices: readonly Slice[];
    readonly bands: readonly Band[];
    readonly events: readonly Mark[];
  };

/** A whole chaos run. */
export interface Chaos {
  readonly seed: number;
  readonly minutes: number;
  readonly rounds: readonly DoneRound[];
  /** What has changed since its round was over, a sentence each. */
  readonly gone: readonly string[];
}

type Judged = DoneRound & { readonly kind: 'judged' };

const SLICE_MS = 500;

/** What is kept of a round. */
export function roundOf(number: number, name: string, { verdict, history, damage, watched }: Run): Judged {
  const { figures, complaints, lost, duplicated, wrongReads, comparedReads } = verdict;
  const { startedMs: fromMs, endedMs: toMs } = history;
  return {
    kind: 'judged', number, name, complaints, figures, counts: { lost, duplicated, wrongReads, comparedReads }, fromMs, toMs, faultMs: damage.firstMs,
    slices: seriesOf(history.operations, fromMs, toMs, SLICE_MS).slices, bands: watched.bands, events: watched.events,
  };
}

/** Whether nothing was wrong. */
export const isSound = ({ rounds, gone }: Chaos): boolean => gone.length === 0 && rounds.length > 0 && complaintsOf(rounds).length === 0;

const complaintsOf = (rounds: readonly DoneRound[]): readonly string[] =>
  rounds.flatMap((round) => (round.kind === 'broken' ? [round.reason] : round.complaints).map((text) => `Round ${round.number}, ${round.name}: ${text}`));

/** The sums over all rounds, for the verdict and for programs. */
export function sumsOf({ rounds }: Chaos) {
  const judged = rounds.filter((round): round is Judged => round.kind === 'judged');
  const sum = (of: (round: Judged) => number): number => judged.reduce((all, round) => all + of(round), 0);
  const most = (of: (round: Judged) => number): number => judged.reduce((all, round) => Math.max(all, of(round)), 0);
  return {
    rounds: rounds.length, requests: sum(({ figures }) => figures.requests), acknowledgedWrites: sum(({ figures }) => figures.acknowledgedWrites),
    failed: sum(({ figures }) => figures.failed), failedOnVictim: sum(({ figures }) => figures.failedOnVictim),
    lost: sum(({ counts }) => counts.lost), duplicated: sum(({ counts }) => counts.duplicated), wrongReads: sum(({ counts }) => counts.wrongReads),
    comparedReads: sum(({ counts }) => counts.comparedReads), longestWriteGapMs: most(({ figures }) => figures.longestWriteGapMs),
    slowestWriteMs: most(({ figures }) => figures.slowestWriteMs), slowestReadMs: most(({ figures }) => figures.slowestReadMs),
  };
}

/** The verdict in a sentence. */
export function chaosSentence(chaos: Chaos): string {
  const sums = sumsOf(chaos);
  return `${isSound(chaos) ? 'Passed' : 'FAILED'}: ${sums.rounds} faults, ${sums.requests} requests of which ${sums.failed} failed where none may (and ${sums.failedOnVictim} on connections of a broken edge), `
    + `${sums.acknowledgedWrites} acknowledged writes of which ${sums.lost} were lost and ${sums.duplicated} doubled, ${sums.wrongReads} wrong answers; the longest time without an acknowledged write was ${durationText(sums.longestWriteGapMs)}.`;
}

/** What it looked like. */
export function chaosScene(chaos: Chaos): Scene {
  const judged = chaos.rounds.filter((round): round is Judged => round.kind === 'judged');
  const fromMs = judged[0]?.fromMs ?? 0;
  const toMs = judged.at(-1)?.toMs ?? 1;
  const sums = sumsOf(chaos);
  return {
    title: `chaos, seed ${chaos.seed}`, subtitle: `${sums.rounds} single faults in ${chaos.minutes} minutes`, passed: isSound(chaos), verdict: chaosSentence(chaos),
    complaints: [...complaintsOf(chaos.rounds), ...chaos.gone], fromMs, toMs, zeroMs: fromMs,
    faults: judged.map(({ faultMs, name }) => ({ atMs: faultMs, text: name })), events: judged.flatMap(({ events }) => events),
    bands: joined(judged.map(({ bands }) => bands)), series: merged(judged.flatMap(({ slices }) => slices), fromMs, toMs), stretches: [],
    figures: Object.entries(sums).map(([name, value]) => [NAMES[name as keyof typeof sums], name.endsWith('Ms') ? durationText(value) : String(value)]),
    sentences: judged.map(({ number, name, figures }) => `Round ${number}, ${name}: ${figures.requests} requests, ${figures.failed} failed, longest time without an acknowledged write ${durationText(figures.longestWriteGapMs)}.`),
  };
}

const NAMES: Readonly<Record<keyof ReturnType<typeof sumsOf>, string>> = {
  rounds: 'faults', requests: 'requests', acknowledgedWrites: 'acknowledged writes', failed: 'failed', failedOnVictim: 'failed on connections of a broken edge', lost: 'lost',
  duplicated: 'doubled', wrongReads: 'wrong answers', comparedReads: 'answers compared with the writes before them', longestWriteGapMs: 'longest time without an acknowledged write',
  slowestWriteMs: 'slowest write', slowestReadMs: 'slowest read',
};

/** Bands of the same name, one after the other. */
function joined(rounds: readonly (readonly Band[])[]): readonly Band[] {
  const groups = Map.groupBy(rounds.flat(), ({ name }) => name);
  return [...groups].map(([name, bands]) => ({ name, kind: bands[0]?.kind ?? 'part', spans: bands.flatMap(({ spans }) => spans) }));
}
