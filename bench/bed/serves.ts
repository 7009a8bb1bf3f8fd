import { until } from '../../drills/stack/wait.ts';
import type { ServerProcess } from '../../local/testing/process.ts';

/** Milliseconds in which a server must answer. */
const START_BOUND_MS = 30_000;

/** Waits until a server that was just started answers. @throws Error that says which one did not */
export async function serves({ what, url, server, signal }: { readonly what: string; readonly url: string; readonly server: ServerProcess; readonly signal: AbortSignal }): Promise<void> {
  await until({ what: `An answer of ${what}`, boundMs: START_BOUND_MS, signal }, async () => {
    if (!server.running) return new Error(`${what} ended instead of serving: its log is in the temporary folder.`);
    return (await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(1000)]) })).ok ? undefined : null;
  }).then((seen) => {
    if (seen instanceof Error) throw seen;
  });
}
