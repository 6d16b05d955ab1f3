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
import { existsSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CAPTURES, generated, PACKETS } from './captures.mjs';
import { hasTime, measure, median, spread } from './measure.mjs';

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

if (!existsSync(join(root, 'dist/bundle/main.cjs'))) {
  console.error('dist/ is missing. Run: npm run build');
  process.exit(2);
}
const wanted = values.only?.split(',') ?? DEFAULT_TOOLS;
const tools = Object.entries(TOOLS).filter(([name]) => wanted.includes(name));
if (!hasTime) console.log('/usr/bin/time is not installed: no processor time and no peak memory.');
console.log(
  `${values.runs} runs each in turns, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`,
);

const measured = new Map();
if (values.file !== undefined) measured.set(values.file, compare(values.file, values.file));
else {
  for (const name of values.captures.split(',')) {
    const made = generated(name, Number(values.packets));
    measured.set(name, compare(`${name}: ${made.connections} connections`, made.path));
  }
  reportCosts();
  if (values.file === undefined)
    spawnSync(process.execPath, [join(root, 'test/bench/growth.mjs')], { stdio: 'inherit' });
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
    if (hasTime)
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
  if (few === undefined || many === undefined || !hasTime) return;
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
