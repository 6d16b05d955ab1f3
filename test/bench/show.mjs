/**
 * One table of what users compare: capture, tool, median wall clock, processor time, peak memory, and how many times as long as
 * tcpscope. All tools of a capture run in turns.
 *
 *     node test/bench/show.mjs [--runs 3] [--only A,B,C,fields,snaplen,flood,flat,start] [--packets 1000000]
 *
 * `--packets` makes smaller captures of the same sort. Needs `npm run build`, and /usr/bin/time for processor time and memory.
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cut, flooded, generated, head, PACKETS } from './captures.mjs';
import { hasTime, measure, median } from './measure.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('../../bin/tcpscope.js', import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    only: { type: 'string' },
    packets: { type: 'string', default: String(PACKETS) },
  },
});
const packets = Number(values.packets);

/** Twenty fields that both print, as tshark calls them. */
const FIELDS = [
  ...['frame.number', 'frame.time_epoch', 'ip.src', 'ip.dst', 'tcp.srcport', 'tcp.dstport', 'tcp.stream'],
  ...['tcp.flags', 'tcp.seq', 'tcp.ack', 'tcp.len', 'tcp.window_size', 'tcp.options.timestamp.tsval'],
  ...['tcp.options.timestamp.tsecr', 'tcp.options.sack_le', 'ip.ttl', 'ip.id', 'tcp.analysis.ack_rtt'],
  ...['tcp.analysis.retransmission', 'tcp.time_delta'],
];

/** The same for tcpscope: `options` holds time stamps and SACK blocks. */
const OWN_FIELDS = [
  ...[
    'number',
    'timestamp',
    'src',
    'dst',
    'srcPort',
    'dstPort',
    'stream',
    'flags',
    'seq',
    'ack',
    'payloadLength',
    'window',
  ],
  ...['options', 'ttl', 'ipId', 'wireshark.ackRttMs', 'verdict.kind', 'sincePreviousMs'],
];

const tcpscope = (...args) => [process.execPath, program, ...args];
const expert = (file) => ['tshark', '-n', '-q', '-z', 'expert', '-r', file];

/** Rows of the table: the first of each is what the ratios are of. */
const CASES = {
  ...Object.fromEntries(
    ['A', 'B', 'C'].map((name) => [
      name,
      () => {
        const { path, connections } = generated(name, packets);
        return {
          capture: `${name}: ${packets.toLocaleString('en')} packets, ${connections.toLocaleString('en')} connections`,
          tools: {
            tcpscope: tcpscope(path),
            'tcptrace -n -l -r': ['tcptrace', '-n', '-l', '-r', path],
            'tshark -q -z expert': expert(path),
          },
        };
      },
    ]),
  ),
  fields: () => {
    const { path } = generated('B', packets);
    return {
      capture: 'B, twenty fields of each packet',
      tools: {
        'packets --ndjson --fields': tcpscope('packets', '--ndjson', '--fields', OWN_FIELDS.join(','), path),
        'tshark -T fields': ['tshark', '-n', '-r', path, '-T', 'fields', ...FIELDS.flatMap((field) => ['-e', field])],
      },
    };
  },
  snaplen: () => {
    const { path } = generated('B', packets);
    return {
      capture: 'B, headers only (snaplen 96) and whole',
      tools: { 'tcpscope, 96 bytes': tcpscope(cut(path, 96)), 'tcpscope, whole': tcpscope(path) },
    };
  },
  flood: () => {
    const path = flooded({ kind: 'syn', packets: 2 * packets });
    return {
      capture: `flood of ${(2 * packets).toLocaleString('en')} SYNs`,
      tools: { tcpscope: tcpscope(path), 'tshark -q -z expert': expert(path) },
    };
  },
  flat: () => ({
    capture: 'short connections, a line each (connections --csv)',
    perPacket: true,
    tools: Object.fromEntries(
      [1, 5, 20].map((millions) => {
        const count = millions * packets;
        const path = flooded({ kind: 'short', packets: count, gap: 100 });
        return [
          `tcpscope, ${count.toLocaleString('en')} packets`,
          Object.assign(tcpscope('connections', '--csv', path), { count }),
        ];
      }),
    ),
  }),
  start: () => ({
    capture: 'a capture of 10 packets',
    runs: 20,
    tools: {
      tcpscope: tcpscope(head(`${root}fixtures/linux-echo.pcap`, 10)),
      'node -e 0': [process.execPath, '-e', '0'],
    },
  }),
};

if (!existsSync(`${root}dist/bundle/main.cjs`)) {
  console.error('dist/ is missing. Run: npm run build');
  process.exit(2);
}
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`);
if (!hasTime) console.log('/usr/bin/time is not installed: no processor time and no peak memory.');
console.log('\n| capture | tool | wall clock s | CPU s | peak MiB | times as long | µs of CPU per packet |');
console.log('|---|---|---|---|---|---|---|');
const unknown = (values.only?.split(',') ?? []).find((name) => !Object.hasOwn(CASES, name));
if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${Object.keys(CASES).join(', ')}`);
for (const name of values.only?.split(',') ?? Object.keys(CASES)) show(CASES[name]());

/** Every tool once to warm up, then all in turns, so that a slow minute of the machine hits all alike. */
function show({ capture, tools, runs = Number(values.runs), perPacket = false }) {
  const results = new Map();
  for (const [tool, command] of Object.entries(tools)) {
    const { failure } = measure(command);
    if (failure) console.log(`| ${capture} | ${tool} | ${failure} | | | | |`);
    else results.set(tool, []);
  }
  for (let round = 0; round < runs; round++) for (const [tool, all] of results) all.push(measure(tools[tool]));
  const [own = []] = results.values();
  for (const [tool, all] of results) {
    const of = (key) => median(all.map((run) => run[key]));
    const count = perPacket ? tools[tool].count : null;
    const columns = [
      capture,
      tool,
      of('seconds').toFixed(2),
      hasTime ? of('processor').toFixed(2) : '',
      hasTime ? of('mebibytes').toFixed(0) : '',
      median(all.map((run, round) => run.seconds / own[round].seconds)).toFixed(2),
      count === null || !hasTime ? '' : ((of('processor') * 1e6) / count).toFixed(2),
    ];
    console.log(`| ${columns.join(' | ')} |`);
  }
}
