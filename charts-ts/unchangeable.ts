import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';

/** The parts of a manifest that this looks at. */
interface Seen {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: Spec;
}
interface Spec {
  readonly serviceName?: string;
  readonly podManagementPolicy?: string;
  readonly selector?: unknown;
  readonly volumeClaimTemplates?: readonly Claim[];
}
interface Claim {
  readonly spec?: { readonly resources?: { readonly requests?: { readonly storage?: string } }; readonly storageClassName?: string };
}

/** A part that Kubernetes lets nobody change, under the name by which a person knows it. */
interface Part {
  readonly name: (workload: string) => string;
  readonly of: (spec: Spec) => unknown;
}

const claimOf = ({ volumeClaimTemplates }: Spec): Claim['spec'] => volumeClaimTemplates?.[0]?.spec;

const PARTS: Readonly<Record<string, readonly Part[]>> = {
  StatefulSet: [
    { name: (workload) => `${workload}.storage.size`, of: (spec) => claimOf(spec)?.resources?.requests?.storage },
    { name: (workload) => `${workload}.storage.class`, of: (spec) => claimOf(spec)?.storageClassName ?? '' },
    { name: (workload) => `the Service of ${workload}`, of: ({ serviceName }) => serviceName },
    { name: (workload) => `the pod management of ${workload}`, of: ({ podManagementPolicy }) => podManagementPolicy },
    { name: (workload) => `the selector of ${workload}`, of: ({ selector }) => selector },
  ],
  Deployment: [{ name: (workload) => `the selector of ${workload}`, of: ({ selector }) => selector }],
};

/** Manifests that were written into a folder earlier; none where there is no such folder. */
export function manifestsIn(folder: string): readonly unknown[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names.flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((document) => document.toJS() as unknown));
}

/**
 * What new manifests change that Kubernetes forbids to change: an apply would be refused half-way.
 * @returns a line for each, by the setting's name
 */
export function forbiddenChanges(before: readonly unknown[], after: readonly unknown[]): readonly string[] {
  return after.flatMap((manifest) => {
    const now = manifest as Seen;
    const then = before.map((one) => one as Seen | null).find((one) => one?.kind === now.kind && one?.metadata?.name === now.metadata?.name && one?.metadata?.namespace === now.metadata?.namespace);
    const [old, spec] = [then?.spec, now.spec];
    if (old === undefined || spec === undefined) return [];
    return (PARTS[now.kind ?? ''] ?? [])
      .filter((part) => !isDeepStrictEqual(part.of(old), part.of(spec)))
      .map((part) => `${part.name(now.metadata?.name ?? '')}: Kubernetes does not let it change from ${JSON.stringify(part.of(old))} to ${JSON.stringify(part.of(spec))}`);
  });
}
