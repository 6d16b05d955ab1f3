/**
 * Does the memory stay flat on a pipe without end? A generator (`flood.mjs`) writes to a command through a pipe, and the
 * memory of the command is looked at every ten seconds, to standard output as a table. At the end: the memory from the tenth minute on.
 *
 *     node test/bench/endless.mjs --packets 50000000 -- connections --ndjson -
 *
 *     --kind mixed       what `flood.mjs` knows
 *     --packets N        0: until --minutes are over
 *     --minutes N        no longer than this
 *     --settled 10       minutes from which on the memory is to be flat
 *     --program FILE     tcpscope.js of another checkout
 *
 * What the command prints is thrown away. Needs Linux (/proc) and `npm run build`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { floodBlocks, KINDS } from './flood.mjs';

const EVERY = 10_000;
const MIB = 2 ** 10;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kind: { type: 'string', default: 'mixed' },
    packets: { type: 'string', default: '50000000' },
    minutes: { type: 'string', default: '0' },
    settled: { type: 'string', default: '10' },
    program: { type: 'string', default: fileURLToPath(new URL('../../bin/tcpscope.js', import.meta.url)) },
  },
});
if (!KINDS.includes(values.kind)) throw new Error(`--kind is one of ${KINDS.join(', ')}`);
const command = positionals.length > 0 ? positionals : ['connections', '--ndjson', '-'];

const child = spawn(process.execPath, [values.program, ...command], { stdio: ['pipe', 'ignore', 'inherit'] });
const ended = once(child, 'exit');
child.stdin.on('error', () => {});
const tally = { packets: 0 };
const begun = performance.now();
const minutes = () => (performance.now() - begun) / 60_000;
const samples = [];

/** `VmRSS` and `VmHWM` in MiB. */
function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / MIB;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

let peak = Number.NaN;
function sample() {
  const memory = memoryOf(child.pid);
  if (Number.isNaN(memory.now)) return;
  ({ peak } = memory);
  samples.push({ minute: minutes(), packets: tally.packets, memory: memory.now });
  console.log([minutes().toFixed(1), tally.packets, memory.now.toFixed(0)].join('\t'));
}

console.log(['minute', 'packets', 'MiB'].join('\t'));
const timer = setInterval(sample, EVERY);
const most = Number(values.minutes) || Number.POSITIVE_INFINITY;
for (const block of floodBlocks({ kind: values.kind, packets: Number(values.packets), tally })) {
  if (minutes() > most || child.exitCode !== null) break;
  if (!child.stdin.write(block)) await Promise.race([once(child.stdin, 'drain'), ended]);
}
sample();
child.stdin.end();
const [status] = await ended;
clearInterval(timer);

const settled = samples.filter(({ minute }) => minute >= Number(values.settled));
console.log(
  `${tally.packets} packets through tcpscope ${command.join(' ')} in ${minutes().toFixed(1)} minutes, exit status ${status}, peak ${peak.toFixed(0)} MiB`,
);
if (settled.length < 2) console.log(`not ${values.settled} minutes: nothing can be said of what follows`);
else {
  const sorted = settled.map(({ memory }) => memory).sort((a, b) => a - b);
  const [least, median] = [sorted[0], sorted[sorted.length >> 1]];
  const half = settled.length >> 1;
  const mean = (some) => some.reduce((sum, { memory }) => sum + memory, 0) / some.length;
  const growth = mean(settled.slice(half)) - mean(settled.slice(0, half));
  console.log(
    `from minute ${values.settled} on: ${least.toFixed(0)} to ${sorted.at(-1).toFixed(0)} MiB, median ${median.toFixed(0)}; ` +
      `the second half has ${growth >= 0 ? '+' : ''}${growth.toFixed(1)} MiB over the first (${((100 * growth) / median).toFixed(1)} %)`,
  );
}
