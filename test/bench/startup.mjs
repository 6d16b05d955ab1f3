// How long tcpscope takes to start, on a capture of ten packets, Node's own start included:
//
//     node test/bench/startup.mjs [RUNS] [EXECUTABLE]
//
// EXECUTABLE is what `npm run sea` makes. The cases run in turn, so that what else the machine does meets all of them alike. On
// Linux the processor time is told too, which a busy machine changes less.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const runs = Number(process.argv[2] ?? 20);
const executable = process.argv[3];
const bin = path('bin/tcpscope.js');
const folder = mkdtempSync(join(tmpdir(), 'tcpscope-startup-'));
const capture = join(folder, 'ten.pcap');
writeFileSync(capture, firstPackets(readFileSync(path('fixtures/linux-echo.pcap')), 10));

const node = process.execPath;
const CASES = [
  ['node -e 0', node, ['-e', '0']],
  ['analyze', node, [bin, capture]],
  ['packets', node, [bin, 'packets', capture]],
  ['check --expect', node, [bin, 'check', capture, '--expect', 'handshake.complete']],
  ...(executable === undefined ? [] : [['executable: analyze', executable, [capture]]]),
  ...(executable === undefined ? [] : [['executable: --version', executable, ['--version']]]),
].map(([name, command, args]) => ({ name, command, args, times: [], used: 0 }));

/** A classic little-endian capture cut after its first packets. */
function firstPackets(bytes, count) {
  let at = 24;
  for (let i = 0; i < count; i++) at += 16 + bytes.readUInt32LE(at + 8);
  return bytes.subarray(0, at);
}

/** Processor time (ms) of all children that have ended; 0 where the system does not say. A tick is 10 ms. */
function timeOfChildren() {
  if (!existsSync('/proc/self/stat')) return 0;
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return 10 * (Number(fields[13]) + Number(fields[14]));
}

function run(one) {
  const used = timeOfChildren();
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(one.command, one.args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
  one.times.push(Number(process.hrtime.bigint() - start) / 1e6);
  one.used += timeOfChildren() - used;
}

try {
  // The first round fills caches.
  for (const one of CASES) run(one);
  for (const one of CASES) {
    one.times.length = 0;
    one.used = 0;
  }
  for (let i = 0; i < runs; i++) for (const one of CASES) run(one);
  const least = (times) => Math.min(...times);
  const median = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
  const [alone] = CASES;
  console.log(`Node ${process.version}, ${runs} runs of each in turn; milliseconds`);
  const cost = ({ used }) => used / runs;
  const figures = [
    ['least', ({ times }) => least(times)],
    ['median', ({ times }) => median(times)],
    ...(alone.used > 0 ? [['processor', cost]] : []),
  ];
  for (const one of CASES) {
    const more = (of) => (one === alone ? '' : ` (${(of(one) - of(alone)).toFixed(0)} more)`);
    console.log(
      `${one.name.padEnd(22)} ${figures.map(([what, of]) => `${what} ${of(one).toFixed(0)}${more(of)}`).join(', ')}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
