import type { Run } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { Verdict } from '../verdict/judge.ts';
import { durationText } from './axis.ts';
import type { Mark } from './sampler.ts';
import type { Scene } from './scene.ts';
import { seriesOf } from './series.ts';

/** What a drill's run looked like. */
export function sceneOf({ name, says }: Pick<Scenario, 'name' | 'says'>, run: number, { verdict, history, damage, watched }: Run): Scene {
  const ends = [history.endedMs, ...history.operations.slice(-1).map((one) => one.endedMs)];
  const [fromMs, toMs] = [history.startedMs, Math.max(...ends)];
  const { figures } = verdict;
  const gapToMs = figures.longestWriteGapFromMs + figures.longestWriteGapMs;
  return {
    title: name, subtitle: `${says}; run ${run}`,
    passed: verdict.complaints.length === 0, verdict: verdictSentence(verdict), complaints: verdict.complaints,
    fromMs, toMs, zeroMs: damage.firstMs,
    faults: damage.marks ?? marksOf(damage), events: watched.events.filter(({ atMs }) => atMs <= toMs), bands: watched.bands,
    series: seriesOf(history.operations, fromMs, toMs),
    stretches: [{ fromMs: figures.longestWriteGapFromMs, toMs: gapToMs, text: `no acknowledged write for ${durationText(figures.longestWriteGapMs)}` }],
    figures: figuresIn(verdict), sentences: verdict.evidence,
  };
}

/** A fault that did not note each step: its beginning, and its end if it had one. */
function marksOf({ evidence, firstMs, lastMs }: Run['damage']): readonly Mark[] {
  const first = { atMs: firstMs, text: evidence[0] ?? 'The fault.' };
  return lastMs > firstMs ? [first, { atMs: lastMs, text: evidence.at(-1) ?? 'Its end.' }] : [first];
}

/** The verdict in a sentence. */
export function verdictSentence({ figures, lost, duplicated, wrongReads, healMs, complaints }: Verdict): string {
  const heal = healMs === null ? 'it did not become healthy again' : `it was healthy again after ${durationText(healMs)}`;
  const requests = `Of ${figures.requests} requests ${figures.failed === 0 ? 'none' : figures.failed} failed${figures.failedOnVictim === 0 ? '' : ` (and ${figures.failedOnVictim} on connections of the broken edge)`}`;
  const writes = `of ${figures.acknowledgedWrites} acknowledged writes ${lost === 0 ? 'none was' : `${lost} were`} lost and ${duplicated === 0 ? 'none' : duplicated} doubled`;
  const reads = wrongReads === 0 ? 'no answer was wrong' : `${wrongReads} answers were wrong`;
  return `${complaints.length === 0 ? 'Passed' : 'FAILED'}: ${requests}, ${writes}, ${reads}; ${heal}.`;
}

function figuresIn({ figures, lost, duplicated, wrongReads, comparedReads, healMs }: Verdict): Scene['figures'] {
  return [
    ['requests', String(figures.requests)], ['failed', String(figures.failed)], ['failed on connections of the broken edge', String(figures.failedOnVictim)],
    ['acknowledged writes', String(figures.acknowledgedWrites)], ['lost', String(lost)], ['doubled', String(duplicated)],
    ['wrong answers', String(wrongReads)], ['answers compared with the writes before them', String(comparedReads)],
    ['longest time without an acknowledged write', durationText(figures.longestWriteGapMs)],
    ['slowest write', durationText(figures.slowestWriteMs)], ['slowest read', durationText(figures.slowestReadMs)],
    ['full health', healMs === null ? 'never' : durationText(healMs)],
  ];
}
