/**
 * A pod that has not answered for so long is silent, ms: at least one question of more than 900 ms ago is unanswered then,
 * and it is withdrawn within two seconds.
 */
export const SILENT_MS = 1500;
/** A new pod that has never answered is not missed before this age, ms. */
export const STARTING_MS = 10_000;

/** One pod of a layer, as the operator's own probes found it. */
export interface ProbedPod {
  readonly name: string;
  /** Since it answered last, ms; undefined when it never did. */
  readonly silentMs: number | undefined;
  /** Since it was first seen here, ms. */
  readonly knownMs: number;
  /** Kubernetes calls it ready. */
  readonly ready: boolean;
  /** It is being deleted. */
  readonly leaving: boolean;
}

/**
 * Which pods of a layer should get no traffic. Never more than half of those that belong to it: when more seem silent, it
 * is rather the operator that cannot reach them, and all are kept. Pods that are on their way out do not count; those of
 * them that are silent, such as on a dead node, get nothing.
 */
export function withdrawn(layer: readonly ProbedPod[]): ReadonlySet<string> {
  const staying = layer.filter(({ leaving }) => !leaving).filter((pod) => !isStarting(pod));
  const silent = staying.filter(isSilent);
  const kept = silent.length * 2 > staying.length ? [] : silent;
  const gone = layer.filter((pod) => pod.leaving && isSilent(pod));
  return new Set([...kept, ...gone].map(({ name }) => name));
}

/** It has not been there long enough to be missed. */
const isStarting = ({ silentMs, knownMs, ready }: ProbedPod): boolean => silentMs === undefined && !ready && knownMs < STARTING_MS;

const isSilent = ({ silentMs, knownMs }: ProbedPod): boolean => (silentMs ?? knownMs) >= SILENT_MS;
