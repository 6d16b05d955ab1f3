/**
 * Fuzzes the command line for a while: node test/fuzz/run.mjs --minutes 20 --seed 1
 *
 * Needs `npm run build`. A file that makes a command throw, print what breaks its schema, end with another status than a
 * capture may lead to, or work for more than 30 seconds is kept, and the exit status is 1.
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string', default: 'fuzz-findings' },
    worker: { type: 'boolean', default: false },
  },
});
const TOO_LONG = 30_000;

if (values.worker) await work(Number(values.seed), values.keep);
else process.exitCode = await supervise();

/** Runs in a process of its own: one file after the other, with a word to the other process before each command. */
async function work(first, path) {
  const { fuzz } = await import('./fuzz.mjs');
  for (let seed = first; ; seed++) {
    const { failures, runs } = await fuzz(seed, path, { report: (args) => process.send({ seed, args }) });
    process.send({ seed, failures, runs });
    // What was sent has to leave.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function supervise() {
  const { fileOf } = await import('./fuzz.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'tcpscope-fuzz-'));
  const path = join(folder, 'capture');
  const end = performance.now() + Number(values.minutes) * 60_000;
  const failed = [];
  const tally = { files: 0, runs: 0, slowest: 0, slowestRun: '' };
  const keep = (seed, what, error) => {
    mkdirSync(values.keep, { recursive: true });
    // The worker may have gone on to the next one already.
    writeFileSync(join(values.keep, `seed-${seed}`), fileOf(seed));
    failed.push(seed);
    process.stdout.write(`seed ${seed}: ${what}\n${error}\n\n`);
  };
  for (let seed = Number(values.seed); performance.now() < end; ) seed = await watch(seed, path, end, tally, keep);
  rmSync(folder, { recursive: true });
  process.stdout.write(
    `${tally.files} files, ${tally.runs} commands, ${failed.length} failures in ${values.minutes} minutes from seed ${values.seed}; ` +
      `the slowest took ${(tally.slowest / 1000).toFixed(1)} s (${tally.slowestRun})\n`,
  );
  return failed.length === 0 ? 0 : 1;
}

/** Watches one worker until the time is over or it hangs; returns the seed to go on with. */
function watch(first, path, end, tally, keep) {
  const worker = fork(fileURLToPath(import.meta.url), ['--worker', '--seed', String(first), '--keep', path]);
  let seed = first;
  let args = [];
  let since = performance.now();
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const isHanging = performance.now() - since > TOO_LONG;
      if (!isHanging && performance.now() < end) return;
      if (isHanging) keep(seed, args.join(' '), `still at work after ${TOO_LONG / 1000} s`);
      worker.removeAllListeners('exit').kill('SIGKILL');
      clearInterval(timer);
      resolve(seed + 1);
    }, 500);
    worker.on('message', (message) => {
      const taken = performance.now() - since;
      if (taken > tally.slowest)
        Object.assign(tally, { slowest: taken, slowestRun: `seed ${seed}: ${args.join(' ')}` });
      since = performance.now();
      ({ seed } = message);
      if (message.failures === undefined) {
        ({ args } = message);
        return;
      }
      tally.files++;
      tally.runs += message.runs;
      args = [];
      for (const failure of message.failures) keep(seed, failure.args.join(' '), failure.error);
    });
    worker.on('exit', (status) => {
      clearInterval(timer);
      keep(seed, args.join(' '), `the process ended with status ${status}`);
      resolve(seed + 1);
    });
  });
}
