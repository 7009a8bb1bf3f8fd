/** A time of day of this machine. */
export function timeOfDay(iso: string): string {
  const at = new Date(iso);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** A length of time for people, such as an age. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long a step took, for people. */
export const took = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/**
 * Breaks a text at its spaces so that each line fits; a word that is longer than a line is broken as well.
 * @param columns of the whole line, at least 20 more than the indent; Infinity for one line
 * @param indent spaces before each line but the first
 */
export function wrapped(text: string, columns: number, indent: number): readonly string[] {
  const lines: string[] = [];
  let left = text;
  while (left.length > columns) {
    const space = left.lastIndexOf(' ', columns);
    const at = space > indent + 10 ? space : columns;
    lines.push(left.slice(0, at));
    left = `${' '.repeat(indent)}${left.slice(at).trimStart()}`;
  }
  return [...lines, left];
}
