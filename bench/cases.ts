import type { Case } from './case.ts';
import { pageCached } from './cases/page-cached.ts';

/** Every case, in the order in which they are run. */
export const CASES: readonly Case[] = [pageCached];
