import { APP, LABELS, SECRET } from '../../common/kubernetes.ts';
import { newSecret, SECRET_KEYS } from '../../common/secrets.ts';
import { hasStatus } from './api.ts';
import type { Api } from './api.ts';
import type { Meta } from './objects.ts';

const [NOT_FOUND, CONFLICT] = [404, 409];

/** Passwords by key; those that are not known are missing. */
export type Passwords = Readonly<Record<string, string>>;

/** What to do about the Secret. */
export type SecretPlan =
  | { readonly kind: 'complete'; readonly passwords: Passwords }
  /** These keys are missing and may be made, or are known from before. */
  | { readonly kind: 'fill'; readonly add: Passwords }
  | { readonly kind: 'refuse'; readonly reason: string };

/**
 * What may be done: new passwords beside existing data would fit nothing any more, so there they are only ever restored.
 * @param known what this operator was started with, or has read before
 * @param make makes one password
 */
export function planSecret({ stored, known, hasData }: { readonly stored: Passwords; readonly known: Passwords; readonly hasData: boolean }, make: () => string): SecretPlan {
  const missing = SECRET_KEYS.filter((key) => (stored[key] ?? '') === '');
  if (missing.length === 0) return { kind: 'complete', passwords: stored };
  const usable = new Map(Object.entries(known).filter(([, password]) => password !== ''));
  const unknown = missing.filter((key) => !usable.has(key));
  if (hasData && unknown.length > 0) {
    return { kind: 'refuse', reason: `Secret ${SECRET.name} lacks ${unknown.join(', ')}, and there is data that was made with it. Put the Secret back; new passwords would fit nothing.` };
  }
  return { kind: 'fill', add: Object.fromEntries(missing.map((key) => [key, usable.get(key) ?? make()])) };
}

interface SecretObject {
  readonly metadata: Meta;
  readonly data?: Readonly<Record<string, string>>;
}

/** What {@link ensureSecret} needs. */
export interface EnsureSecret {
  readonly api: Api;
  /** Of the namespace's Secrets. */
  readonly path: string;
  /** '' is none. */
  readonly known: Passwords;
  /** Whether the cluster has ever had data. */
  readonly hasData: () => Promise<boolean>;
}

/**
 * Reads the passwords; fills the Secret where it lacks some and that is allowed. Two that do it at once agree, since the
 * slower one fails and reads what the faster one wrote.
 * @returns the passwords, and whether something had to be written
 * @throws ApiError, or Error with what a person must do
 */
export async function ensureSecret({ api, path, known, hasData }: EnsureSecret): Promise<{ readonly passwords: Passwords; readonly filled: boolean }> {
  const found = await read(api, path);
  const stored = Object.fromEntries(Object.entries(found?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
  const plan = planSecret({ stored, known, hasData: isComplete(stored) || (await hasData()) }, newSecret);
  switch (plan.kind) {
    case 'complete': return { passwords: plan.passwords, filled: false };
    case 'refuse': throw new Error(plan.reason);
    case 'fill': {
      const data = Object.fromEntries(Object.entries({ ...stored, ...plan.add }).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
      await write(api, path, { found, data });
      return { passwords: { ...stored, ...plan.add }, filled: true };
    }
  }
  return plan satisfies never;
}

const isComplete = (stored: Passwords): boolean => SECRET_KEYS.every((key) => (stored[key] ?? '') !== '');

async function read(api: Api, path: string): Promise<SecretObject | undefined> {
  try {
    return await api.call<SecretObject>({ verb: 'get', path: `${path}/${SECRET.name}` });
  } catch (error) {
    if (hasStatus(error, NOT_FOUND)) return undefined;
    throw error;
  }
}

async function write(api: Api, path: string, { found, data }: { found: SecretObject | undefined; data: Readonly<Record<string, string>> }): Promise<void> {
  try {
    if (found === undefined) {
      await api.call({ verb: 'create', path, body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET.name, labels: { [LABELS.name]: APP } }, type: 'Opaque', data } });
    } else {
      await api.call({ verb: 'patch', path: `${path}/${SECRET.name}`, body: { metadata: { resourceVersion: found.metadata.resourceVersion }, data } });
    }
  } catch (error) {
    if (hasStatus(error, CONFLICT)) throw new Error('Another operator filled the Secret at the same time: it is read again.', { cause: error });
    throw error;
  }
}
