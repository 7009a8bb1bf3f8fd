import type { Change, Extent, SoldTime, Version } from '../ports.ts';
import type { KeptPage, LoggedChange } from './ports.ts';

const timeText = (time: SoldTime | undefined): string => (time === undefined ? '-' : String(time));
const readTime = (text: string): SoldTime | undefined => (text === '-' ? undefined : Number(text));

/** `ID:FROM:TO`, `-` for absent. */
export const writeChange = ({ id, from, to }: Change): string => `${id}:${timeText(from)}:${timeText(to)}`;

/** Reads an entry of the change log, `EPOCH:N:CHANGE`. */
export function readEntry(text: string): LoggedChange {
  const [epoch, n, id = '*', from = '-', to = '-'] = text.split(':');
  const position = { epoch: Number(epoch), n: Number(n) };
  if (id === '*') return { ...position, change: undefined };
  const [before, after] = [readTime(from), readTime(to)];
  return { ...position, change: { id: Number(id), ...(before !== undefined && { from: before }), ...(after !== undefined && { to: after }) } };
}

/** What a page's text begins with. */
interface Head {
  readonly nonce: string;
  readonly version: Version;
  readonly seq: number;
  readonly extent: Extent;
}

/** JSON has no Infinity: that is `null`, which only the end of the list is. */
export const writePage = ({ page, version, seq, extent }: KeptPage, nonce: string): string => `${JSON.stringify({ nonce, version, seq, extent } satisfies Head)}\n${page}`;

/**
 * Reads what {@link writePage} wrote.
 * @returns undefined when it is of another turn-on, or was written by something else
 */
export function readPage(text: string, nonce: string): KeptPage | undefined {
  const end = text.indexOf('\n');
  const head = readHead(text.slice(0, end));
  if (head === undefined || head.nonce !== nonce) return undefined;
  return { page: text.slice(end + 1), version: head.version, seq: head.seq, extent: head.extent };
}

function readHead(text: string): Head | undefined {
  try {
    return (JSON.parse(text, (key, value: unknown) => (key === 'time' && value === null ? Infinity : value)) as Head | null) ?? undefined;
  } catch {
    return undefined;
  }
}
