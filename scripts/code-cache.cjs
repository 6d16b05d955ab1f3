// Keeps the code that V8 compiles for the bundle beside it, for `bin/bundle.js`. Functions are compiled when they are first called, so
// what is kept is what the commands below have called. `node scripts/code-cache.cjs` runs each of them in a process of its own, which
// begins with what those before have kept.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { keepCode, loadKept } = require('../bin/bundle.js');

const ROOT = join(__dirname, '..');
const CAPTURES = ['linux-echo.pcap', 'linux-single-loss-sack.pcap', 'linux-slow-reader.pcap', 'linux-refused.pcap'].map(
  (name) => join(ROOT, 'fixtures', name),
);
const RUNS = [
  ['--version'],
  ...(CAPTURES.every(existsSync)
    ? [
        CAPTURES.slice(0, 1),
        CAPTURES,
        ['packets', ...CAPTURES],
        ['check', CAPTURES[0], '--expect', 'handshake.complete'],
      ]
    : []),
];
/** Flags of V8 that the program sets for itself (`src/cli/memory.ts`), as they are when it starts: code is good for the same flags only. */
const AS_AT_START = ['--semi-space-growth-factor=2', '--no-expose-gc'];

const args = process.argv.slice(2);
if (args.length === 0) {
  for (const run of RUNS) {
    const { status, stderr } = spawnSync(process.execPath, [__filename, ...run], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tcpscope ${run.join(' ')} ended with status ${status}:\n${stderr}`);
  }
} else {
  process.on('exit', () => {
    for (const flag of AS_AT_START) setFlagsFromString(flag);
    keepCode();
  });
  loadKept('main.cjs').main(args);
}
