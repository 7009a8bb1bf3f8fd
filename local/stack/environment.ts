/** The environment for what is started: the supervisor's own, without what npm adds to it. */
export const inherited = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined || /^npm_/i.test(name) ? [] : [[name, value]])));
