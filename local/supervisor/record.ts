import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { diskProblem, Problem } from '../programs/problem.ts';
import { isAlive } from './identity.ts';
import type { Identity } from './identity.ts';
import type { ProcessKind } from './spec.ts';

/** A process as it is found again after its supervisor was killed. */
export interface RecordedProcess extends Identity {
  readonly name: string;
  readonly kind: ProcessKind;
  /** Its program, to know its workers by when it is gone itself. */
  readonly program: string;
}

/** `supervisor.json`: who supervises a data folder, and what it has started. */
export interface SupervisorRecord {
  readonly supervisor: Identity;
  /** The port of the supervisor's status. */
  readonly statusPort: number;
  readonly processes: readonly RecordedProcess[];
}

/**
 * Reads what the last supervisor of a data folder left.
 * @returns nothing when it stopped in order, or when there never was one
 * @throws Problem when the file cannot be understood
 */
export function readRecord(path: string): SupervisorRecord | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskProblem(error, 'Reading what runs', path);
  }
  const record = parsed(text);
  if (!isRecord(record)) throw new Problem(`${path} cannot be read: end by hand what still runs of the stack, then delete this file.`);
  return record;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no record either.
    return undefined;
  }
}

type Loose = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null;
const isIdentity = (value: unknown): value is Loose => isObject(value) && Number.isInteger(value['pid']) && Number(value['pid']) > 0 && typeof value['born'] === 'string';
const isProcess = (value: unknown): boolean => isIdentity(value) && ['name', 'kind', 'program'].every((key) => typeof value[key] === 'string');

/** By this file processes are ended: nothing of it is guessed. */
const isRecord = (value: unknown): value is SupervisorRecord =>
  isObject(value) && isIdentity(value['supervisor']) && Number.isInteger(value['statusPort']) && Array.isArray(value['processes']) && value['processes'].every(isProcess);

/** Writes the record so that a kill at any moment leaves the old one or the new one, whole. */
export function writeRecord(path: string, record: SupervisorRecord): void {
  const next = `${path}.next`;
  try {
    writeFileSync(next, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(next, path);
  } catch (error) {
    throw diskProblem(error, 'Writing down what runs', path);
  }
}

/** Removes the record: all has stopped in order. */
export const removeRecord = (path: string): void => rmSync(path, { force: true });

/** The record of a supervisor that runs at this moment. */
export function runningRecord(path: string): SupervisorRecord | undefined {
  const record = readRecord(path);
  return record !== undefined && isAlive(record.supervisor) ? record : undefined;
}
