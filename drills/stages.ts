import { Problem } from '../local/programs/problem.ts';
import type { Ground, Stage } from './faults/fault.ts';
import type { Scenario } from './scenario.ts';
import { OwnStack, type Wishes } from './stack/own.ts';
import { Stack } from './stack/stack.ts';

/** What every stage shares. */
export type Common = Pick<Ground, 'now' | 'signal' | 'note'>;

/** Where drills take place, one after the other. */
export interface Stages<S extends Ground = Stage> {
  /**
   * A healthy stack for a drill.
   * @throws Problem when this drill cannot take place there
   */
  readonly stageFor: (scenario: Scenario<S>) => Promise<S>;
  /** Says how the drill on the last stage went. */
  readonly went: (verdict: 'well' | 'badly') => void;
  /** Ends what was started. To be called on every way out. */
  readonly end: () => Promise<void>;
}

/** The stack that runs already, which is left running. */
export function runningStages(dataDir: string, common: Common): Stages {
  return {
    stageFor: async ({ name, needs }) => {
      if (needs !== 'any stack') throw new Problem(`${name} takes place on a stack of its own only: leave out --here.`);
      return { ...common, own: null, stack: await Stack.find(dataDir, common.signal) };
    },
    went: () => undefined,
    end: () => Promise.resolve(),
  };
}

/**
 * Stacks that are started for the drills: one serves for all that ask the same of it, until a drill went badly on it. Then
 * its folder is kept, for whoever wants to know why.
 */
export class OwnStages implements Stages {
  readonly #common: Common;
  #current: { readonly wishes: Wishes; readonly stage: Stage } | undefined;
  #own: OwnStack | undefined;
  #bad = false;

  constructor(common: Common) {
    this.#common = common;
  }

  readonly stageFor = async (scenario: Scenario): Promise<Stage> => {
    const wishes = wishesOf(scenario);
    if (this.#current !== undefined && !this.#bad && isSame(this.#current.wishes, wishes)) return this.#current.stage;
    await this.end();
    const { note, signal } = this.#common;
    this.#own = await OwnStack.create(wishes, (line) => note(`  | ${line}`));
    this.#bad = true;
    note(`Starting a stack in ${this.#own.dataDir} …`);
    const stage = { ...this.#common, own: this.#own, stack: await this.#own.start(signal) };
    this.#current = { wishes, stage };
    this.#bad = false;
    return stage;
  };

  readonly went = (verdict: 'well' | 'badly'): void => {
    this.#bad ||= verdict === 'badly';
  };

  readonly end = async (): Promise<void> => {
    const own = this.#own;
    this.#own = undefined;
    this.#current = undefined;
    await own?.end();
    if (own !== undefined && this.#bad) this.#common.note(`What the stack has left, its logs too, is in ${own.dataDir}.`);
    else own?.remove();
  };
}

const wishesOf = ({ needs }: Scenario): Wishes => ({ links: needs === 'links' ? 'with links' : 'without links', disks: needs === 'disks' ? 'with disks' : 'without disks', clocks: needs === 'clocks' ? 'with clocks' : 'without clocks' });

const isSame = (a: Wishes, b: Wishes): boolean => a.links === b.links && a.disks === b.disks && a.clocks === b.clocks;
