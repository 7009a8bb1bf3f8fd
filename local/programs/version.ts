/** A program that the stack needs, or wrk for `npm run bench`, by the project that makes it. */
export type Product = 'mysql' | 'redis' | 'nginx' | 'wrk';

/** The oldest version of each that has what the stack relies on, as [major, minor]. */
export const MINIMUM: Readonly<Record<Product, readonly [number, number]>> = {
  mysql: [8, 4],
  redis: [7, 0],
  nginx: [1, 22],
  wrk: [4, 0],
};

/** How each is called in messages. */
export const TITLE: Readonly<Record<Product, string>> = { mysql: 'MySQL', redis: 'Redis', nginx: 'nginx', wrk: 'wrk' };

const ANSWERS: Readonly<Record<Product, RegExp>> = {
  mysql: /\bVer (\d+\.\d+\.\d+)/,
  redis: /^Redis server v=(\d+\.\d+\.\d+)/,
  nginx: /^nginx version: nginx\/(\d+\.\d+\.\d+)/,
  wrk: /^wrk (?:\w+\/)?(\d+\.\d+\.\d+)/,
};

/**
 * Reads the answer to `--version` (nginx and wrk: `-v`).
 * @returns such as `9.7.4`, or undefined when it is another product: MariaDB answers to MySQL's name
 */
export function versionOf(product: Product, answer: string): string | undefined {
  if (/mariadb/i.test(answer)) return undefined;
  return ANSWERS[product].exec(answer.trim())?.[1];
}

/**
 * The upstream part of a Debian version: `5:7.0.15-1~deb12u10` is `7.0.15`.
 * @param version without blanks
 */
export const upstreamVersion = (version: string): string => version.replace(/^\d+:/, '').replace(/-[^-]*$/, '').replace(/[+~].*$/, '');

/**
 * Whether a version, such as `8.4.2`, is at least the product's {@link MINIMUM}.
 * @param version starts with two numbers
 */
export function isNewEnough(product: Product, version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = MINIMUM[product];
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
