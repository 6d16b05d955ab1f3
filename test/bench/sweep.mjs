/**
 * Every command in every format on captures made to exhaust the program: processor time and peak memory, beside those of `tcpscope FILE`.
 * Lists what takes more than ten times as much of either.
 *
 *     node test/bench/sweep.mjs [--share 0.05] [--only 'BOMB;BOMB'] [--command check] [--seconds 120]
 *
 * `--share` is of the sizes of bombs.mjs; what takes longer than `--seconds` is ended, and is too much. Needs `npm run build` and /usr/bin/time; an hour or more.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CASES } from '../fuzz/commands.mjs';
import { BOMBS } from './bombs.mjs';

const program = fileURLToPath(new URL('../../bin/tcpscope.js', import.meta.url));
/** So many times what `tcpscope FILE` takes is too much. */
const TOO_MUCH = 10;
/** Starting takes as much, whatever the capture: less than this is no cost of it. Seconds, MiB. */
const LEAST = { seconds: 0.5, mebibytes: 80 };

const { values } = parseArgs({
  options: {
    share: { type: 'string', default: '0.05' },
    only: { type: 'string' },
    command: { type: 'string' },
    seconds: { type: 'string', default: '120' },
  },
});

/** `timeout` says with this status that it ended the program. */
const ENDED = 124;

function measure(args, notes) {
  const command = ['timeout', values.seconds, process.execPath, program, ...args];
  spawnSync('/usr/bin/time', ['-q', '-o', notes, '-f', '%U %S %M %x', ...command], { stdio: 'ignore' });
  const [user, system, kibibytes, status] = readFileSync(notes, 'utf8').trim().split(' ').map(Number);
  return { seconds: user + system, mebibytes: kibibytes / 1024, status };
}

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-sweep-'));
const [path, notes] = [join(folder, 'capture'), join(folder, 'time')];
const commands = CASES.filter(([name, , args]) => args.includes('FILE') && [undefined, name].includes(values.command));
console.log('| capture | packets | command | CPU s | times | peak MiB | times | status | |');
console.log('|---|---|---|---|---|---|---|---|---|');
try {
  for (const name of values.only?.split(';') ?? Object.keys(BOMBS)) {
    const [make, most] = BOMBS[name];
    const size = Math.round(most * Number(values.share));
    const file = openSync(path, 'w');
    for (const bytes of make(size)) writeSync(file, bytes);
    closeSync(file);
    const usual = measure([path], notes);
    for (const [, , args] of [[null, null, ['FILE']], ...commands]) {
      const own = args.map((word) => (word === 'FILE' ? path : word));
      const found = measure(own, notes);
      const head = `| ${name} | ${size.toLocaleString('en')} | ${args.join(' ').replaceAll('|', '\\|')}`;
      const times = (key) => Math.max(found[key], LEAST[key]) / Math.max(usual[key], LEAST[key]);
      const isTooMuch = found.status === ENDED || times('seconds') > TOO_MUCH || times('mebibytes') > TOO_MUCH;
      const columns = [
        found.seconds.toFixed(2),
        times('seconds').toFixed(1),
        found.mebibytes.toFixed(0),
        times('mebibytes').toFixed(1),
        found.status,
        isTooMuch ? 'TOO MUCH' : '',
      ];
      console.log(`${head} | ${columns.join(' | ')} |`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
