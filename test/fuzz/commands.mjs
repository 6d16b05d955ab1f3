/** The command line in this process: what it prints, how it ends, and whether its JSON is what its schema says. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { XMLValidator } from 'fast-xml-parser';

const SCHEMAS = new URL('../../schema/', import.meta.url);

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
for (const name of readdirSync(SCHEMAS)) ajv.addSchema(JSON.parse(readFileSync(new URL(name, SCHEMAS), 'utf8')), name);

const document = (schema) => (text) => validate(schema, JSON.parse(text));
const lines = (schema) => (text) => {
  for (const line of text.split('\n')) if (line !== '') validate(schema, JSON.parse(line));
};
const parsed = (text) => {
  for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
};
const csv = (text) => {
  if (text !== '' && !text.endsWith('\n')) throw new Error('CSV without an end of line');
};

const metrics = (text) => {
  if (text === '') return;
  if (!text.endsWith('\n# EOF\n')) throw new Error('metrics without an end');
  const odd = text.split('\n').find((line) => /(NaN|undefined|Infinity)$/.test(line));
  if (odd !== undefined) throw new Error(`no number: ${odd}`);
};

const parquet = (text) => {
  if (text !== '' && !(text.startsWith('PAR1') && text.endsWith('PAR1'))) throw new Error('no whole Parquet file');
};

const svg = (text) => {
  const verdict = text === '' || XMLValidator.validate(text);
  if (verdict !== true) throw new Error(`no XML: ${JSON.stringify(verdict)}`);
};

/** One document; whatever is in the capture, only the elements of the program are in it. */
const html = (text) => {
  if (text === '') return;
  if (!text.startsWith('<!doctype html>') || !text.endsWith('</html>\n')) throw new Error('no whole HTML document');
  const scripts = text.match(/<script[^>]*>/g);
  const executed = scripts.filter((tag) => tag === '<script>');
  if (executed.length !== 1) throw new Error(`scripts that are executed: ${executed.length}`);
};

function validate(schema, value) {
  const check = ajv.getSchema(schema);
  if (check(value)) return;
  const [{ instancePath, message }] = check.errors;
  throw new Error(`breaks ${schema}: ${instancePath} ${message}: ${JSON.stringify(value).slice(0, 300)}`);
}

/** Where shards of the capture before go. */
const SHARDS = join(tmpdir(), `tcpscope-fuzz-${process.pid}`);
/** The parts of a capture that is as it should be. */
const PARTS = [join(SHARDS, '0.part'), join(SHARDS, '1.part')];
process.once('exit', () => rmSync(SHARDS, { recursive: true, force: true }));

/** Every command in every format; `FILE` is the capture. What the third says reads the output. */
export const CASES = [
  ['analyze', 'text', ['analyze', 'FILE']],
  ['analyze', 'json', ['--json', 'FILE'], document('report.schema.json')],
  ['analyze', 'ndjson', ['--ndjson', 'FILE'], lines('report-line.schema.json')],
  ['analyze', 'ndjson', ['--ndjson', '--every', '1s', 'FILE'], lines('interval-line.schema.json')],
  ['analyze', 'csv', ['--csv', 'FILE'], csv],
  ['analyze', 'openmetrics', ['--format', 'openmetrics', 'FILE'], metrics],
  ['analyze', 'parquet', ['analyze', '--format', 'parquet', '-o', '-', 'FILE'], parquet],
  ['analyze', 'text', ['--stream', '0', '-c', '20', 'FILE']],
  ['analyze', 'text', ['FILE', '-f', 'tcp[13] & 2 != 0 or ether[0] = 1 or ip6 or tcp[20:4] = 7 or port 80 or vlan']],
  ['explain', 'text', ['explain', '--stream', '0', 'FILE']],
  ['explain', 'text', ['explain', '--stream', '0', '--full', 'FILE']],
  ['explain', 'text', ['explain', '--stream', '0', '--full', '--lang', 'zh', 'FILE']],
  ['explain', 'text', ['explain', '--packet', '3', '--lang', 'zh', 'FILE']],
  ['connections', 'text', ['connections', 'FILE']],
  ['connections', 'ndjson', ['connections', '--ndjson', 'FILE'], lines('connection-line.schema.json')],
  [
    'connections',
    'ndjson',
    ['connections', '--ndjson', '--evict', 'attempt=0s,closed=0s,half-closed=0s,idle=0s', 'FILE'],
    lines('connection-line.schema.json'),
  ],
  ['connections', 'csv', ['connections', '--csv', 'FILE'], csv],
  ['connections', 'parquet', ['connections', '--format', 'parquet', '-o', '-', 'FILE'], parquet],
  ['live', 'text', ['live', 'FILE']],
  ['packets', 'text', ['packets', 'FILE']],
  ['packets', 'text', ['packets', '-vv', '-XX', '-e', '-tttt', '-S', 'FILE']],
  ['packets', 'text', ['packets', '-A', '--nano', '-ttt', '--horizon', '0', 'FILE']],
  ['packets', 'text', ['packets', '--fields', 'number,comment,mark,findings,stateChange', '--color', 'always', 'FILE']],
  ['packets', 'text', ['packets', '--problems', '--context', '2', 'FILE']],
  ['packets', 'ndjson', ['packets', '--ndjson', '--problems', 'FILE'], lines('packet.schema.json')],
  ['packets', 'text', ['packets', '--select', 'lost || verdict == reordered || client.state == CLOSED', 'FILE']],
  ['packets', 'text', ['packets', '--min-severity', 'error', '--since', '10ms', '--until', '+2s', 'FILE']],
  ['packets', 'pcapng', ['packets', '-w', '-', '--comments', 'FILE']],
  [
    'analyze',
    'json',
    ['--json', '--select', 'retransmissions.count > 0 || rtt.p95 > 1ms', '--min-severity', 'warning', 'FILE'],
    document('report.schema.json'),
  ],
  ['states', 'text', ['states', '--since', '00:00', '--until', '2100-01-01', 'FILE']],
  ['packets', 'ndjson', ['packets', '--ndjson', 'FILE'], lines('packet.schema.json')],
  ['packets', 'csv', ['packets', '--csv', 'FILE'], csv],
  [
    'packets',
    'ndjson',
    ['packets', '--ndjson', '--fields', 'timestamp,options,verdict,wireshark,waits', 'FILE'],
    parsed,
  ],
  ['packets', 'csv', ['packets', '--csv', '--fields', 'timestamp,options,verdict,src,comment', 'FILE'], csv],
  ['packets', 'parquet', ['packets', '--format', 'parquet', '-o', '-', 'FILE'], parquet],
  ['packets', 'tcpdump', ['packets', '--format', 'tcpdump', '-vv', '-e', '-XX', '-tttt', 'FILE']],
  ['packets', 'tcpdump', ['packets', '--format', 'tcpdump', '-ttt', '-A', 'FILE']],
  ['flow', 'text', ['flow', '--all', 'FILE']],
  ['flow', 'mermaid', ['flow', '--format', 'mermaid', '--stream', '0', 'FILE']],
  ['flow', 'svg', ['flow', '--format', 'svg', '--stream', '0', 'FILE'], svg],
  ['diagram', 'text', ['diagram', '--stream', '0', 'FILE']],
  ['diagram', 'svg', ['diagram', '--format', 'svg', '--stream', '0', 'FILE'], svg],
  ...['sequence', 'rtt', 'throughput', 'window', 'congestion', 'time'].flatMap((type) => [
    ['graph', 'text', ['graph', '--stream', '0', '--type', type, 'FILE']],
    ['graph', 'svg', ['graph', '--stream', '0', '--type', type, '--format', 'svg', '--side', 'client', 'FILE'], svg],
    ['graph', 'csv', ['graph', '--stream', '0', '--type', type, '--csv', '--side', 'server', 'FILE'], csv],
  ]),
  ['report', 'html', ['report', 'FILE'], html],
  ['report', 'html', ['report', '--streams', '2', '--max-size', '300K', '--no-payload', 'FILE'], html],
  ['states', 'text', ['states', 'FILE']],
  ['states', 'json', ['states', '--json', '--packet', '3', 'FILE'], document('states.schema.json')],
  ['states', 'json', ['states', '--json', '-c', '50', 'FILE'], document('states.schema.json')],
  ['states', 'ndjson', ['states', '--ndjson', '-c', '50', 'FILE'], lines('states.schema.json#/$defs/moment')],
  ['follow', 'text', ['follow', '--stream', '0', 'FILE']],
  ['follow', 'hex', ['follow', '--stream', '0', '--as', 'hex', '--gap', 'skip', 'FILE']],
  ['follow', 'raw', ['follow', '--stream', '0', '--as', 'raw', '--gap', 'zero', 'FILE']],
  [
    'follow',
    'ndjson',
    ['follow', '--stream', '0', '--as', 'ndjson', '--urgent', 'oob', 'FILE'],
    lines('follow-line.schema.json'),
  ],
  ['exchanges', 'text', ['exchanges', 'FILE']],
  ['exchanges', 'ndjson', ['exchanges', '--ndjson', 'FILE'], lines('exchange.schema.json')],
  ['exchanges', 'csv', ['exchanges', '--csv', 'FILE'], csv],
  ['exchanges', 'parquet', ['exchanges', '--format', 'parquet', '-o', '-', 'FILE'], parquet],
  ['compare', 'text', ['compare', '--all', 'FILE', 'fixtures/linux-echo.pcap']],
  ['compare', 'json', ['compare', '--json', 'FILE', 'fixtures/linux-echo.pcap'], document('compare.schema.json')],
  [
    'compare',
    'ndjson',
    ['compare', '--ndjson', 'fixtures/linux-echo.pcap', 'FILE', 'fixtures/linux-answer-tail-loss.pcap'],
    lines('compare-packet.schema.json'),
  ],
  ['compare', 'text', ['compare', '--runs', 'FILE', 'fixtures/linux-echo.pcap']],
  [
    'compare',
    'json',
    ['compare', '--runs', '--json', 'fixtures/linux-echo.pcap', 'FILE'],
    document('compare-runs.schema.json'),
  ],
  ['congestion', 'text', ['congestion', 'FILE']],
  ['congestion', 'json', ['congestion', '--json', 'FILE'], document('congestion.schema.json')],
  ['congestion', 'qlog', ['congestion', '--format', 'qlog', 'FILE'], JSON.parse],
  [
    'check',
    'text',
    ['check', '--expect', 'retransmissions.count == 0 && rtt.p95 < 1s', '--fail-on', 'warning', 'FILE'],
  ],
  [
    'check',
    'json',
    ['check', '--expect', 'handshake.complete', '--report', 'json=-', 'FILE'],
    document('check-report.schema.json'),
  ],
  ['check', 'junit', ['check', '--fail-on', 'info', '--report', 'junit=-', 'FILE']],
  [
    'check',
    'sarif',
    ['check', '--fail-on', 'info', '--report', 'sarif=-', 'FILE'],
    (text) => text === '' || JSON.parse(text),
  ],
  ['check', 'tap', ['check', '--fail-on', 'info', '--report', 'tap=-', 'FILE']],
  ['check', 'github', ['check', '--fail-on', 'info', '--report', 'github=-', 'FILE']],
  ['check', 'markdown', ['check', '--fail-on', 'info', '--report', 'markdown=-', 'FILE']],
  ['init', 'text', ['init', '-o', '-', 'FILE']],
  ['baseline', 'json', ['baseline', 'save', 'FILE'], document('baseline.schema.json')],
  ['script', 'text', ['script', '--stream', '0', 'FILE']],
  ['split', 'pcapng', ['split', 'FILE', '--shards', '2', '-o', SHARDS]],
  ['part', 'ndjson', ['part', `${SHARDS}/shard-0.pcapng`], lines('part-line.schema.json')],
  ['merge', 'text', ['merge', ...PARTS]],
  ['merge', 'text', ['merge', '--all', '--by', 'client', ...PARTS]],
  ['merge', 'json', ['merge', '--json', ...PARTS], document('report.schema.json')],
  ['merge', 'ndjson', ['merge', '--ndjson', ...PARTS], lines('report-line.schema.json')],
  ['merge', 'csv', ['merge', '--csv', ...PARTS], csv],
  ['merge', 'openmetrics', ['merge', '--format', 'openmetrics', ...PARTS], metrics],
  ['merge', 'parquet', ['merge', '--format', 'parquet', '-o', '-', ...PARTS], parquet],
];

/** Statuses that a capture may lead to, whatever is in it: none of them stands for an error of the program. */
const STATUSES = [0, 1, 2, 3, 4];

const DIST = new URL('../../dist/cli/main.js', import.meta.url).href;
const { main } = await import(DIST);

/**
 * Runs one command; returns its output. Throws what it throws, and an Error for what it should not print or end with.
 *
 * @param {readonly string[]} argv
 * @param {((text: string) => unknown) | undefined} read
 */
export async function run(argv, read) {
  const out = [];
  const messages = [];
  const { stdout, stderr, exitCode } = process;
  const { write: writeOut } = stdout;
  const { write: writeError } = stderr;
  stdout.write = (chunk) => out.push(Buffer.from(chunk)) > 0;
  stderr.write = (chunk) => messages.push(String(chunk)) > 0;
  const before = new Map(process.eventNames().map((name) => [name, process.listeners(name)]));
  let status;
  try {
    process.exitCode = undefined;
    await main(argv);
    status = process.exitCode;
  } finally {
    stdout.write = writeOut;
    stderr.write = writeError;
    process.exitCode = exitCode;
    for (const stream of [stdout, stderr]) stream.removeAllListeners('error');
    // Each holds on to all of its command line's memory.
    for (const name of process.eventNames())
      for (const listener of process.listeners(name))
        if (!before.get(name)?.includes(listener)) process.removeListener(name, listener);
  }
  const said = messages.join('');
  if (!STATUSES.includes(status) || /^ {4}at .*:\d+:\d+\)?$/m.test(said))
    throw new Error(`exit status ${status}: ${said}`);
  const text = Buffer.concat(out).toString('utf8');
  // Nothing was read, or the command line named what the capture does not hold: there is no document.
  if (read !== undefined && !(text === '' && status > 0)) read(text);
  return text;
}

await run(['split', 'fixtures/linux-single-loss-sack.pcap', '--shards', '2', '-o', SHARDS]);
for (const [index, name] of PARTS.entries()) await run(['part', `${SHARDS}/shard-${index}.pcapng`, '-o', name]);
