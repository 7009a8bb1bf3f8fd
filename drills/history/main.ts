import { readFileSync } from 'node:fs';
import { USAGE_EXIT } from '../../common/arguments.ts';
import { checkHistory } from './check.ts';

const HELP = `Checks histories that drills have written down: npm run history -- FILE.jsonl…

Acknowledged and lost, doubled, ghosts, stale answers, own writes that were not seen, pages in disorder, replays that were
answered otherwise, and whether each row's operations can be put in an order. Exit code 0: nothing is wrong.
`;

/** @returns the exit code */
function main(files: readonly string[]): number {
  const option = files.find((file) => file.startsWith('-') && file !== '--help');
  if (option !== undefined) {
    process.stderr.write(`There is no option ${option}: npm run history -- FILE.jsonl… takes files alone.\n`);
    return USAGE_EXIT;
  }
  if (files.length === 0 || files.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  return Math.max(...files.map(checked));
}

function checked(file: string): number {
  try {
    const { writes, reads, rows, undecided, wrong } = checkHistory(readFileSync(file, 'utf8'));
    const given = undecided === 0 ? '' : `; the search for an order was given up for ${undecided} of them`;
    process.stdout.write(`${file}: ${writes} writes and ${reads} answers over ${rows} rows${given}: ${wrong.length === 0 ? 'nothing is wrong' : `${wrong.length} things are wrong`}.\n`);
    for (const { kind, text } of wrong) process.stdout.write(`  ${kind}: ${text}\n`);
    return wrong.length === 0 ? 0 : 1;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    process.stderr.write(`${file}: ${isMissing ? 'there is no such file; drills leave theirs in drill-reports/' : (error as Error).message}\n`);
    return isMissing ? USAGE_EXIT : 1;
  }
}

process.exitCode = main(process.argv.slice(2));
