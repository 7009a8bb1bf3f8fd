// Loaded before each of package.json's programs, by whatever Node there is: one that is too old, or lacks the packages,
// would end with an error that names neither the cause nor the remedy. It must itself run on old ones.
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const NEEDED = 24;

function problem() {
  if (!existsSync(join(__dirname, '../node_modules/mysql2'))) return 'The packages are missing: run npm ci first.';
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) return undefined;
  return `This needs Node ${NEEDED} or newer and found Node ${process.versions.node}: run npm ci without --omit=optional, which brings Node ${NEEDED} for Linux with glibc and for macOS; elsewhere install it.`;
}

const text = problem();
if (text !== undefined) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
