// How long `tcpscope check` takes on a tiny capture, Node's own start included: node test/bench/check-startup.mjs [RUNS]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const runs = Number(process.argv[2] ?? 20);
const capture = path('fixtures/linux-echo.pcap');
const bin = path('bin/tcpscope.js');

const CASES = {
  'node alone': ['-e', '0'],
  'one condition': [bin, 'check', capture, '--expect', 'handshake.complete'],
  'a rules file': [bin, 'check', capture, path('examples/tcpscope.yaml')],
};

function run(args) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

for (const [name, args] of Object.entries(CASES)) {
  const times = Array.from({ length: runs }, () => run(args)).sort((a, b) => a - b);
  const median = times[Math.floor(runs / 2)];
  console.log(`${name.padEnd(14)} median ${median.toFixed(0)} ms, least ${times[0].toFixed(0)} ms of ${runs} runs`);
}
