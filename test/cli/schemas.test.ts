import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { concat, Pcapng } from '../capture/build.ts';
import { scenario } from '../support/scenario.ts';
import { warm } from '../support/warm.ts';
import { fixture, tcpscope } from './tcpscope.ts';

const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false });
for (const name of [
  'findings',
  'congestion',
  'packet',
  'follow-line',
  'states',
  'report',
  'report-line',
  'exchange',
  'connection-line',
  'interval-line',
  'baseline',
  'check-report',
])
  ajv.addSchema(JSON.parse(readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8')), name);
const schema = (name: string) => ajv.getSchema(name) as ValidateFunction;

/** Every command that prints JSON: its words, its schema, and whether it is one document. */
const COMMANDS: [words: string[], name: string, isDocument: boolean][] = [
  [['--json'], 'report', true],
  [['--ndjson'], 'report-line', false],
  [['packets', '--ndjson'], 'packet', false],
  [['states', '--json'], 'states', true],
  [['congestion', '--json'], 'congestion', true],
  [['follow', '--stream', '0', '--as', 'ndjson'], 'follow-line', false],
  [['exchanges', '--ndjson'], 'exchange', false],
  [['connections', '--ndjson'], 'connection-line', false],
  [['--ndjson', '--every', '1s'], 'interval-line', false],
  [['baseline', 'save'], 'baseline', true],
  [['check', '--expect', 'rtt.p95 < 1s', '--fail-on', 'info', '--report', 'json=-'], 'check-report', true],
];

const records = (pcap: Uint8Array): number[] => {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  const places: number[] = [];
  for (let at = 24; at + 16 <= pcap.length; at += 16 + view.getUint32(at + 8, true)) places.push(at);
  return places;
};

/** The capture with the clock moved by whole seconds from some packets on, or for one of them. */
function stepped(name: string, seconds: number, at: number, isStray = false): Uint8Array {
  const bytes = new Uint8Array(readFileSync(fixture(name)));
  const view = new DataView(bytes.buffer);
  const places = records(bytes);
  const from = Math.floor(places.length * at);
  for (const [i, place] of places.entries())
    if (isStray ? i === from : i >= from) view.setUint32(place, (view.getUint32(place, true) + seconds) >>> 0, true);
  return bytes;
}

/** In a pcapng of seconds, 64 bits reach far beyond what Date knows. */
function beyondDate(): Uint8Array {
  const builder = new Pcapng();
  const { packets } = scenario({}, '0.0 > S seq 0\n0.1 < S. seq 0 ack 1\n0.2 > P. 1:6(5) ack 1 "hello"\n0.3 < . ack 6');
  const seconds = { code: 9, value: Uint8Array.of(0) };
  return concat(
    builder.section(),
    builder.interface(1, 0, [seconds]),
    ...packets.map((packet, i) => builder.enhanced(9_000_000_000_000n + BigInt(i), packet)),
  );
}

const echo = readFileSync(fixture('linux-echo.pcap'));
const INPUTS: [string, Uint8Array][] = [
  ['a plain capture', readFileSync(fixture('linux-single-loss-sack.pcap'))],
  ['a cut capture', echo.subarray(0, -3)],
  ['a capture of no packets', echo.subarray(0, 24)],
  ['a clock that was set back', stepped('linux-single-loss-sack.pcap', -1000, 0.3)],
  ['a clock that was set back between a packet and its copy', stepped('linux-syn-lost-backoff.pcap', -1000, 0.5)],
  ['a clock that was set back in a reordered flight', stepped('tshark-18a-reordered-late.pcap', -1000, 0.7)],
  ['a clock that was set forward', stepped('tshark-08-tail-loss.pcap', 1000, 0.5)],
  ['one packet of another time', stepped('linux-single-loss-sack.pcap', -1000, 0.5, true)],
  ['packets before 1970', stepped('linux-echo.pcap', -0x6a000000, 0.5)],
  ['times beyond Date', beyondDate()],
];

/** Lengths of time and counts are never below 0; places in time may be. */
const NEVER_NEGATIVE =
  /^(durationMs|waitedMs|latenessMs|ackRttMs|initialRttMs|rtoMs|handshakeMs|flightSize|\w*RttMs|packets?|bytes|samples)$/;

function visit(value: unknown, key: string, path: string): void {
  if (typeof value === 'number') {
    if (NEVER_NEGATIVE.test(key)) expect(value, path).toBeGreaterThanOrEqual(0);
    if (key === 'packet' || key === 'evidence' || key === 'frames') expect(value, path).toBeGreaterThan(0);
  } else if (typeof value === 'string') expect(value, path).not.toMatch(/NaN|Infinity|undefined|\bpacket 0\b/);
  else if (Array.isArray(value)) for (const item of value) visit(item, key, path);
  else if (value !== null && typeof value === 'object')
    for (const [name, member] of Object.entries(value)) visit(member, name, `${path}.${name}`);
}

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-schemas-'));
afterAll(() => rmSync(folder, { recursive: true }));
let serial = 0;

describe.each(INPUTS)('JSON of %s', (_, input) => {
  const file = join(folder, `${serial++}.pcap`);
  writeFileSync(file, input);

  it.each(COMMANDS)('%j is what its schema says', async (words, name, isDocument) => {
    const { status, stdout, stderr } = await warm([...words, file]);
    expect(status, stderr).not.toBe(70);
    if (stdout === '') return;
    const validate = schema(name);
    for (const text of isDocument ? [stdout] : stdout.trimEnd().split('\n')) {
      const value = JSON.parse(text);
      expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
      visit(value, '', words.join(' '));
    }
  });

  it('and text has no numbers that are none', async () => {
    for (const words of [
      ['packets', '-tttt'],
      ['packets', '-v'],
      ['states'],
      [],
      ['congestion'],
      ['packets', '--format', 'tcpdump', '-tttt'],
    ]) {
      const { status, stdout, stderr } = await warm([...words, file]);
      expect(status, stderr).not.toBe(70);
      expect(stdout, words.join(' ')).not.toMatch(/NaN|Infinity|undefined|\(packet (\d+)\) \(packet \1\)/);
    }
  });
});

describe('times beyond Date', () => {
  it('are dates all the same', () => {
    // The calendar repeats itself after 400 years of 146,097 days: 12,622,780,800 s.
    const { stdout } = tcpscope(['packets', '--format', 'tcpdump', '-tttt', '-c', '1', '-'], { input: beyondDate() });
    const cycles = Math.floor(9e12 / 12_622_780_800);
    const date = new Date((9e12 - cycles * 12_622_780_800) * 1000);
    expect(stdout.startsWith(`${date.getUTCFullYear() + 400 * cycles}-${date.toISOString().slice(5, 10)} `)).toBe(true);
  });
});

describe('packets that are cut', () => {
  /** Each cut to so many bytes by somebody after the capture, whose header still has the snapshot length of tcpdump. */
  const cut = (lengthOf: (number: number) => number) => {
    const places = records(echo);
    const parts = [Buffer.from(echo.subarray(0, 24))];
    for (const [i, place] of places.entries()) {
      const length = Math.min(echo.readUInt32LE(place + 8), lengthOf(i));
      const record = Buffer.from(echo.subarray(place, place + 16 + length));
      record.writeUInt32LE(length, 8);
      parts.push(record);
    }
    return Buffer.concat(parts);
  };
  const said = (input: Uint8Array) =>
    tcpscope(['--all', '-'], { input, env: { COLUMNS: '200' } }).stdout.match(/are cut[^:]*/)?.[0];

  it('are said to be cut where they are, not where the header says', () => {
    expect(echo.readUInt32LE(16)).toBeGreaterThan(1000);
    expect(said(cut(() => 60))).toBe('are cut at 60 bytes');
    expect(said(cut((i) => (i === 2 ? 61 : 60)))).toBe('are cut');
  });
});
