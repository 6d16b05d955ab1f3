/**
 * Runs tcpscope and the other tools on one large capture, in turns, and prints their times and the ratios.
 *
 *     node test/bench/run.mjs [--runs 5] [--only tcpscope,tcptrace] [--packets N] [--bytes N] [--connections N] [--seed N]
 *     node test/bench/run.mjs --file CAPTURE
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEFAULTS, generate } from './generate.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    file: { type: 'string' },
    ...Object.fromEntries(Object.entries(DEFAULTS).map(([name, n]) => [name, { type: 'string', default: String(n) }])),
  },
});

const TOOLS = {
  tcpscope: (file) => [process.execPath, join(root, 'bin/tcpscope.js'), file],
  tcptrace: (file) => ['tcptrace', '-n', '-l', '-r', file],
  tcpdump: (file) => ['tcpdump', '-n', '-v', '-r', file],
  tshark: (file) => ['tshark', '-n', '-q', '-z', 'expert', '-r', file],
  'pcap-parser': (file) => [process.execPath, join(root, 'test/bench/pcap-parser.mjs'), file],
};

if (!existsSync(join(root, 'dist/bundle/main.js'))) {
  console.error('dist/ is missing. Run: npm run build');
  process.exit(2);
}
const file = values.file ?? generated();
const { size } = statSync(file);
const tools = Object.entries(TOOLS).filter(([name]) => !values.only || values.only.split(',').includes(name));
const timeTool = existsSync('/usr/bin/time');
if (!timeTool) console.log('/usr/bin/time is not installed: no peak memory.');

/** Every tool once to warm up (the page cache too), then round by round, so that a slow minute hits all alike. */
const results = new Map();
for (const [name, command] of tools) {
  const warmUp = measure(command(file));
  if (warmUp.failure) console.log(`${name} is left out: ${warmUp.failure}`);
  else results.set(name, []);
}
for (let round = 0; round < Number(values.runs); round++) {
  for (const [name, runs] of results) runs.push(measure(TOOLS[name](file)));
}
report();

function generated() {
  const options = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, Number(values[name])]));
  const source = readFileSync(new URL('./generate.mjs', import.meta.url));
  const key = createHash('sha256').update(source).update(JSON.stringify(options)).digest('hex').slice(0, 12);
  const path = join(tmpdir(), `tcpscope-bench-${key}.pcap`);
  if (!existsSync(path)) {
    const made = generate({ ...options, out: `${path}.part` });
    renameSync(`${path}.part`, path);
    console.log(`${path}: ${made.packets} packets, ${made.bytes} bytes, ${made.connections} connections`);
  }
  return path;
}

/** Wall clock, processor seconds and peak memory of one run; its output goes nowhere. */
function measure([tool, ...args]) {
  const notes = join(tmpdir(), `tcpscope-bench-${process.pid}.time`);
  const command = timeTool ? ['/usr/bin/time', '-o', notes, '-f', '%U %S %M', tool, ...args] : [tool, ...args];
  const begin = process.hrtime.bigint();
  const { error, status, signal } = spawnSync(command[0], command.slice(1), { stdio: 'ignore' });
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const [user, system, kibibytes] = timeTool
    ? readFileSync(notes, 'utf8').trim().split('\n').at(-1).split(' ').map(Number)
    : [];
  rmSync(notes, { force: true });
  if (error?.code === 'ENOENT' || status === 127) return { failure: 'it is not installed' };
  if (status !== 0) return { failure: `it ended with ${signal ?? `status ${status}`}` };
  return { seconds, processor: user + system, mebibytes: kibibytes / 1024 };
}

function report() {
  const processor = `${cpus().length} x ${cpus()[0]?.model.trim()}`;
  console.log(
    `\n${(size / 1e6).toFixed(0)} MB, ${values.runs} runs each in turns, Node ${process.version}, ${processor}\n`,
  );
  console.log(
    '| tool | wall clock s, median (min to max) | times tcpscope, median (min to max) | CPU s | peak memory MiB |',
  );
  console.log('|---|---|---|---|---|');
  const own = results.get('tcpscope');
  for (const [name, runs] of results) {
    const failed = runs.find((run) => run.failure);
    if (failed) {
      console.log(`| ${name} | ${failed.failure} | | | |`);
      continue;
    }
    const ratios = own?.map((run, round) => runs[round].seconds / run.seconds);
    console.log(
      `| ${[
        name,
        spread(runs.map((run) => run.seconds)),
        ratios ? spread(ratios) : '',
        timeTool ? median(runs.map((run) => run.processor)).toFixed(2) : '',
        timeTool ? median(runs.map((run) => run.mebibytes)).toFixed(0) : '',
      ].join(' | ')} |`,
    );
  }
}

function spread(numbers) {
  return `${median(numbers).toFixed(2)} (${Math.min(...numbers).toFixed(2)} to ${Math.max(...numbers).toFixed(2)})`;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
