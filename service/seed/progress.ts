import { bar as plainBar } from '../../common/reports.ts';

/** Tells how far it is: a bar on a terminal, a line per tenth elsewhere. */
export interface Progress {
  /** @param done rows so far */
  readonly at: (done: number) => void;
  /** The last line, with the time that it took. */
  readonly end: (done: number) => void;
}

const WIDTH = 30;

const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');

/** `[######------] 20 %  20,000 of 100,000 rows, 15,000 per second, 5 s left`. */
export function bar(done: number, total: number, seconds: number): string {
  const share = total === 0 ? 1 : done / total;
  const rate = seconds > 0 ? done / seconds : 0;
  const left = rate > 0 ? `, ${Math.ceil((total - done) / rate)} s left` : '';
  return `${plainBar(share, WIDTH)} ${Math.floor(share * 100)} %  ${grouped(done)} of ${grouped(total)} rows, ${grouped(rate)} per second${left}`;
}

/**
 * @param out where to write
 * @param now monotonic milliseconds
 */
export function progress(total: number, out: { readonly isTTY?: boolean; write(text: string): unknown }, now: () => number): Progress {
  const startedAt = now();
  const seconds = (): number => (now() - startedAt) / 1000;
  let tenths = 0;
  return {
    at: (done) => {
      if (out.isTTY === true) {
        out.write(`\r\u001B[2K${bar(done, total, seconds())}`);
        return;
      }
      const reached = Math.floor((done / total) * 10);
      if (reached > tenths && reached < 10) out.write(`${grouped(done)} of ${grouped(total)} rows\n`);
      tenths = reached;
    },
    end: (done) => {
      out.write(`${out.isTTY === true ? '\r\u001B[2K' : ''}${grouped(done)} rows added in ${seconds().toFixed(1)} s\n`);
    },
  };
}
