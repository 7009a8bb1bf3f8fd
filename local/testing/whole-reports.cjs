// Loaded before the test files that are run with --test-force-exit: that option ends a file's process before its report is
// written whole to the pipe, and the tests at its end vanish without a word, failed ones too
// (https://github.com/nodejs/node/issues/64833). Written synchronously, nothing is left to lose.
'use strict';

if (process.env.NODE_TEST_CONTEXT !== undefined) process.stdout._handle?.setBlocking?.(true);
