import type { ProcessView } from '../stack/status.ts';

/** A process that runs, and what is special about it. */
export const processView = (name: string, special: Partial<ProcessView> = {}): ProcessView => ({
  name, kind: 'mysql', pid: 100, port: 18_000, state: 'running', restarts: 0, startedAt: null, health: 'unknown', role: null, lagSeconds: null, ...special,
});
