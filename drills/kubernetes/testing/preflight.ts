import { Problem } from '../../../local/programs/problem.ts';
import { runProgram } from '../cluster/kubectl.ts';

/** Says what a person lacks to run the tests on a cluster, before any of them runs. */
async function preflight(): Promise<void> {
  const options = { signal: new AbortController().signal, limitMs: 15_000 };
  const context = await runProgram(['kubectl', 'config', 'current-context'], options).catch((error: unknown) => {
    if (error instanceof Problem) throw error;
    throw new Problem('kubectl has no current context: make a cluster first (kind create cluster --config kind-config.yaml), or set KUBECONFIG.', { cause: error });
  });
  await runProgram(['kubectl', 'get', '--raw', '/readyz'], options).catch((error: unknown) => {
    throw new Problem(`The cluster of the context ${context.trim()} does not answer: ${(error as Error).message}`, { cause: error });
  });
}

try {
  await preflight();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
