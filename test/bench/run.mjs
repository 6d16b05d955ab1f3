/**
 * Runs tcpscope and the other tools on large generated captures, in turns, and prints their times, their peak memory and
 * the ratios; then what a packet and what a connection cost, and how the work grows (`growth.mjs`).
 *
 *     node test/bench/run.mjs [--captures A,B,C] [--runs 5] [--only tcpscope,tcptrace] [--base CHECKOUT] [--packets N]
 *     node test/bench/run.mjs --file CAPTURE
 *
 * `--base` names another built checkout of tcpscope, which runs in the same turns. `--packets` makes smaller captures of the
 * same sort.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generate } from './generate.mjs';

/** Of a million packets each: many short connections, a few long ones, and more connections than packets are good for. */
const CAPTURES = {
  A: { connections: 19_000, bytes: 813_000_000 },
  B: { connections: 33, bytes: 985_000_000 },
  C: { connections: 65_000, bytes: 539_000_000 },
};
const PACKETS = 1_000_000;
const SEED = 1;

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    captures: { type: 'string', default: Object.keys(CAPTURES).join(',') },
    packets: { type: 'string', default: String(PACKETS) },
    only: { type: 'string' },
    base: { type: 'string' },
    file: { type: 'string' },
  },
});

const tcpscope =
  (directory, ...options) =>
  (file) => [process.execPath, join(directory, 'bin/tcpscope.js'), ...options, file];
const TOOLS = {
  tcpscope: tcpscope(root),
  'tcpscope --csv': tcpscope(root, '--csv'),
  ...(values.base === undefined ? {} : { base: tcpscope(resolve(values.base)) }),
  tcptrace: (file) => ['tcptrace', '-n', '-l', '-r', file],
  tshark: (file) => ['tshark', '-n', '-q', '-z', 'expert', '-r', file],
  tcpdump: (file) => ['tcpdump', '-n', '-v', '-r', file],
  'pcap-parser': (file) => [process.execPath, join(root, 'test/bench/pcap-parser.mjs'), file],
};
const DEFAULT_TOOLS = ['tcpscope', 'tcpscope --csv', 'base', 'tcptrace', 'tshark'];

if (!existsSync(join(root, 'dist/bundle/main.js'))) {
  console.error('dist/ is missing. Run: npm run build');
  process.exit(2);
}
const wanted = values.only?.split(',') ?? DEFAULT_TOOLS;
const tools = Object.entries(TOOLS).filter(([name]) => wanted.includes(name));
const timeTool = existsSync('/usr/bin/time');
if (!timeTool) console.log('/usr/bin/time is not installed: no processor time and no peak memory.');
console.log(
  `${values.runs} runs each in turns, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`,
);

const measured = new Map();
if (values.file !== undefined) measured.set(values.file, compare(values.file, values.file));
else {
  for (const name of values.captures.split(',')) {
    const made = generated(name);
    measured.set(name, compare(`${name}: ${made.connections} connections`, made.path));
  }
  reportCosts();
  if (values.file === undefined)
    spawnSync(process.execPath, [join(root, 'test/bench/growth.mjs')], { stdio: 'inherit' });
}

/** The capture in the temporary folder, made once for each generator and set of options. */
function generated(name) {
  const share = Number(values.packets) / PACKETS;
  const { connections, bytes } = CAPTURES[name];
  const options = {
    packets: Number(values.packets),
    bytes: Math.round(bytes * share),
    connections: Math.max(1, Math.round(connections * share)),
    seed: SEED,
  };
  const source = readFileSync(new URL('./generate.mjs', import.meta.url));
  const key = createHash('sha256').update(source).update(JSON.stringify(options)).digest('hex').slice(0, 12);
  const path = join(tmpdir(), `tcpscope-bench-${name}-${key}.pcap`);
  if (!existsSync(path)) {
    generate({ ...options, out: `${path}.part` });
    renameSync(`${path}.part`, path);
  }
  return { ...options, path };
}

/** Every tool once to warm up (the page cache too), then round by round, so that a slow minute hits all alike. */
function compare(title, file) {
  const results = new Map();
  for (const [name, command] of tools) {
    const warmUp = measure(command(file));
    if (warmUp.failure) console.log(`${name} is left out: ${warmUp.failure}`);
    else results.set(name, []);
  }
  for (let round = 0; round < Number(values.runs); round++) {
    for (const [name, runs] of results) runs.push(measure(TOOLS[name](file)));
  }
  report(`${title}, ${(statSync(file).size / 1e6).toFixed(0)} MB`, results);
  return results;
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
  return { seconds, user, processor: user + system, mebibytes: kibibytes / 1024 };
}

function report(title, results) {
  console.log(`\n### ${title}\n`);
  console.log('| tool | wall clock s | times tcpscope | user s | CPU s | times tcpscope | peak memory MiB |');
  console.log('|---|---|---|---|---|---|---|');
  const own = results.get('tcpscope');
  for (const [name, runs] of results) {
    const failed = runs.find((run) => run.failure);
    if (failed) {
      console.log(`| ${name} | ${failed.failure} | | | | | |`);
      continue;
    }
    const of = (key) => runs.map((run) => run[key]);
    const ratios = (key) => (own ? spread(runs.map((run, round) => run[key] / own[round][key])) : '');
    const columns = [spread(of('seconds')), ratios('seconds')];
    if (timeTool)
      columns.push(
        median(of('user')).toFixed(2),
        spread(of('processor')),
        ratios('processor'),
        median(of('mebibytes')).toFixed(0),
      );
    else columns.push('', '', '', '');
    console.log(`| ${[name, ...columns].join(' | ')} |`);
  }
}

/** By processor time: that of a packet on B, and what the many connections of C add to as many packets. */
function reportCosts() {
  const [few, many] = [measured.get('B'), measured.get('C')];
  if (few === undefined || many === undefined || !timeTool) return;
  console.log('\n| tool | µs per packet (B) | µs per connection (C less B) |');
  console.log('|---|---|---|');
  const share = Number(values.packets) / PACKETS;
  for (const [name, runs] of few) {
    const b = median(runs.map((run) => run.processor));
    const c = median((many.get(name) ?? []).map((run) => run.processor));
    const connections = (CAPTURES.C.connections - CAPTURES.B.connections) * share;
    console.log(
      `| ${name} | ${((b * 1e6) / Number(values.packets)).toFixed(2)} | ${(((c - b) * 1e6) / connections).toFixed(1)} |`,
    );
  }
}

/** Median, least and greatest. */
function spread(numbers) {
  return `${median(numbers).toFixed(2)} (${Math.min(...numbers).toFixed(2)} to ${Math.max(...numbers).toFixed(2)})`;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
