import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../src/analyze.ts';
import { readCaptures } from '../src/capture/merge.ts';
import { CaptureSession } from '../src/capture/session.ts';
import { PcapngWriter } from '../src/capture/write-pcapng.ts';
import { compileFilter } from '../src/filter/compile.ts';
import type { Connection } from '../src/model/connection.ts';
import { CaptureError } from '../src/model/errors.ts';
import type { CaptureRecord } from '../src/model/record.ts';
import { absoluteTime } from '../src/model/timestamp.ts';
import { inputSource } from '../src/node/capture-input.ts';
import { captureText } from '../src/render/capture-text.ts';
import { csvRow } from '../src/render/csv.ts';
import { packetFields } from '../src/render/packet-fields.ts';
import { objectFields, packetJson } from '../src/render/packet-json.ts';
import { fieldsInForm, PacketText } from '../src/render/packet-text.ts';
import { connectionLines, findingText } from '../src/render/report-text.ts';
import { StreamText } from '../src/render/stream-text.ts';
import { PLAIN } from '../src/render/style.ts';
import { TcpdumpPrinter } from '../src/render/tcpdump.ts';
import { buildReport } from '../src/report/report.ts';
import { FlightLog, SocketHistory } from '../src/sockets.ts';
import { Reassembler } from '../src/tcp/reassembler.ts';
import { rowText } from './render/row-text.ts';
import { FIXTURES } from './support/make-fixtures.ts';

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(name, FIXTURES)));

async function asPcapng(pcap: Uint8Array): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  const writer = new PcapngWriter('test', ['test'], (block) => blocks.push(block));
  const session = new CaptureSession();
  const record = (packet: CaptureRecord) => {
    const { bytes, offset, capturedLength, originalLength, linkType, direction, time } = packet;
    const written = { bytes, offset, capturedLength, originalLength, linkType, direction };
    const described = session.facts.interfaces[packet.interfaceId];
    writer.packet({ ...written, interface: described }, absoluteTime(session.origin.first!, time), []);
  };
  await readCaptures([inputSource(pcap)], { record }, session);
  return new Uint8Array(Buffer.concat(blocks));
}

const echo = fixture('linux-echo.pcap');
const INPUTS: Record<string, Uint8Array> = {
  pcap: echo,
  pcapng: await asPcapng(echo),
  'hex dump': fixture('seed-loopback-echo.txt'),
  gzip: new Uint8Array(gzipSync(echo)),
  loss: fixture('linux-single-loss-sack.pcap').subarray(0, 40_000),
};

const filter = compileFilter('tcp[13] & 2 != 0 or ether[0] = 1 or ip6 or tcp[20:4] = 7 or port 80 or vlan');

/** Everything that can be made of a capture; returns how many characters that is. Throws a CaptureError or nothing. */
async function everything(bytes: Uint8Array): Promise<number> {
  let size = 0;
  const count = (text: string | null) => {
    size += text?.length ?? 0;
  };
  const session = new CaptureSession();
  const origin = () => session.origin.first ?? 0n;
  const fields = fieldsInForm(packetFields(origin), { time: 'date', precision: 'nano', absolute: true }, origin);
  const text = new PacketText({
    fields,
    columns: null,
    width: 80,
    style: PLAIN,
    isBare: false,
    tellsMissing: true,
    hasVantage: false,
  });
  const json = rowText(packetJson(objectFields(origin)));
  const tcpdump = new TcpdumpPrinter({ verbose: 2, link: true, dump: 'XX' });
  const stream = new StreamText(count, { style: PLAIN, marksSides: true, marksGaps: true, marksUrgent: true });
  const flights = new FlightLog();
  const reassemblers = new Map<Connection, Reassembler>();
  const analyzer = new Analyzer({
    filter,
    keep: 'record',
    onRow: (row) => {
      flights.note(row, row.view);
      JSON.parse(json(row));
      count(text.row(row));
      count(csvRow(fields, row));
      count(tcpdump.print(row.view, absoluteTime(origin(), row.view.time)));
    },
    onOther: (view) => count(tcpdump.print(view, absoluteTime(origin(), view.time))),
    onSegment: (t, view) => {
      let reassembler = reassemblers.get(t.connection);
      reassembler ??= new Reassembler(t.connection, stream, { overlap: 'linux', urgent: 'oob' });
      reassemblers.set(t.connection, reassembler);
      reassembler.segment(t, view);
    },
  });
  await readCaptures([inputSource(bytes)], analyzer, session);
  analyzer.end(session.facts);
  for (const reassembler of reassemblers.values()) reassembler.end();
  const report = buildReport(analyzer, session.facts);
  for (const line of captureText(report.capture, 80, PLAIN)) count(line);
  for (const line of await connectionLines(analyzer.connections, 60, PLAIN)) count(line);
  for (const finding of report.findings) count(findingText(finding, 80, PLAIN));
  const history = new SocketHistory(analyzer.connections, flights, 30e9);
  for (const { sockets } of history.moments(analyzer.counts.lastTime)) size += sockets.length;
  return size;
}

/** Nothing but a CaptureError may come of bad bytes. */
async function survives(bytes: Uint8Array): Promise<void> {
  await everything(bytes).catch((error) => {
    if (!(error instanceof CaptureError)) throw error;
  });
}

/** Numbers from 0 to `below`, the same in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function damaged(bytes: Uint8Array, next: (below: number) => number): Uint8Array {
  const bad = new Uint8Array(bytes);
  for (let n = next(12); n >= 0; n--) {
    const at = next(next(3) === 0 ? 200 : bad.length);
    const sort = next(4);
    if (sort === 0) bad[at] ^= 1 << next(8);
    else if (sort === 1) bad[at] = next(256);
    else if (sort === 2) bad.fill(next(2) * 255, at, at + next(8));
    else bad.copyWithin(at, next(bad.length), next(bad.length));
  }
  return next(4) === 0 ? bad.subarray(0, next(bad.length)) : bad;
}

describe('bytes that are no sound capture break nothing', () => {
  const every = Object.entries(INPUTS);

  it.each(every.slice(0, 4))('%s, cut anywhere', async (_, bytes) => {
    // Some 200 places; records and lines are of many lengths, so that these are anywhere in them.
    const step = Math.max(7, Math.floor(bytes.length / 200));
    for (let end = 0; end < bytes.length; end += step) await survives(bytes.subarray(0, end));
  });

  it.each(every)('%s, damaged at random', async (_, bytes) => {
    expect(await everything(bytes)).toBeGreaterThan(10_000);
    const next = random(bytes.length);
    for (let i = 0; i < 60; i++) await survives(damaged(bytes, next));
  });
});
