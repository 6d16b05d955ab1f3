import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import { COSTLY_KINDS } from '../../src/messages/answer.ts';
import { ANSWER } from '../../src/messages/en/answer.ts';
import { listOf } from '../../src/model/connection-list.ts';
import { STATE_NAMES } from '../../src/model/state.ts';
import { openInput } from '../../src/node/capture-input.ts';
import { DetailBuilder } from '../../src/page/build/detail.ts';
import { pageData } from '../../src/page/build/page.ts';
import type { Detail, PageData } from '../../src/page/model.ts';
import { pack, unpack } from '../../src/page/pack.ts';
import { firstScreen } from '../../src/render/first-screen.ts';
import { PLAIN } from '../../src/render/style.ts';
import { sortedFindings } from '../../src/report/finding.ts';
import { buildReport } from '../../src/report/report.ts';
import { summarize } from '../../src/summary/summary.ts';
import { readCapture } from '../support/read-capture.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const corpus = fileURLToPath(new URL('../../../shared/corpus/budget/', import.meta.url));

const captures = [
  ...readdirSync(fixtures)
    .filter((name) => /\.(pcap|txt)$/.test(name))
    .map((name) => join(fixtures, name)),
  ...(existsSync(corpus)
    ? readdirSync(corpus, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
        .slice(0, 40)
        .map((name) => join(corpus, name))
    : []),
];

interface Analysed {
  readonly analyzer: Analyzer;
  readonly session: CaptureSession;
  readonly details: ReadonlyMap<number, DetailBuilder>;
}

async function analysed(path: string, bytes?: number): Promise<Analysed> {
  const session = new CaptureSession();
  const details = new Map<number, DetailBuilder>();
  const analyzer = new Analyzer({
    roundTrips: true,
    onSegment: (t, view) => {
      const { id } = t.connection;
      if (!details.has(id)) details.set(id, new DetailBuilder(t.connection, { hasPayload: true }));
      details.get(id)!.segment(t, view);
    },
    onRow: (row) => details.get(row.connection.id)!.row(row),
  });
  const capture = openInput(new Uint8Array(readFileSync(path)).subarray(0, bytes));
  await readCapture(capture, new CaptureReader(analyzer, session), analyzer, path);
  analyzer.end(session.facts);
  return { analyzer, session, details };
}

describe('the documents of a page', () => {
  it('say where a file is cut, since nobody reads its warnings beside a page', async () => {
    const { analyzer, session } = await analysed(join(fixtures, 'linux-single-loss-sack.pcap'), 30_000);
    const { captureLines, summary } = pageData(analyzer, session.facts, { version: '0', names: 'x' });
    expect(captureLines.at(-1)).toMatch(
      /linux-single-loss-sack\.pcap: the file ends in the data of record 27 at byte \d+: found \d+ bytes, expected 1514 bytes$/,
    );
    expect(summary.trust.damaged).toBe(true);
  });

  it.each(captures)('say what the JSON and the terminal say of %s', async (path) => {
    const { analyzer, session, details } = await analysed(path);
    const { facts } = session;
    const report = JSON.parse(JSON.stringify(buildReport(analyzer, facts)));
    const page = unpack<PageData>(pack(pageData(analyzer, facts, { version: '0', names: path })));
    expect(page.capture).toEqual(report.capture);
    expect(page.summary).toEqual(report.summary);

    const screen = firstScreen(summarize(listOf(analyzer.connections), sortedFindings(analyzer), report.capture), {
      width: 400,
      style: PLAIN,
      hasBars: false,
      capture: path,
      origin: facts.firstTimestamp,
      groups: 1000,
      worst: 1000,
    }).join('\n');
    for (const { text } of page.summary.statements) expect(screen).toContain(text);
    expect(screen).toContain(ANSWER.trust(page.summary.trust));
    for (const { kind, kindMs } of page.summary.worst)
      if (kind !== null) expect(screen).toContain(ANSWER.because[kind](Math.round(kindMs * 1e6)));

    const { connections: table } = page;
    expect(Array.from(table.stream)).toEqual(report.connections.map(({ stream }: { stream: number }) => stream));
    for (const [row, connection] of report.connections.entries()) {
      const { client, server } = connection;
      expect({
        client: `${table.addresses[table.client[row]]} ${table.clientPort[row]}`,
        server: `${table.addresses[table.server[row]]} ${table.serverPort[row]}`,
        duration: table.duration[row],
        packets: table.packets[row],
        bytes: [table.clientBytes[row], table.serverBytes[row]],
        ending: table.endings[table.ending[row]],
        findings: table.findings[row],
      }).toEqual({
        client: `${client.address} ${client.port}`,
        server: `${server.address} ${server.port}`,
        duration: Math.round(connection.durationMs * 1e6),
        packets: connection.packets,
        bytes: [client.streamBytes, server.streamBytes],
        ending: connection.ending,
        findings: connection.findings.length,
      });
      const worst = report.summary.worst.find((one: { stream: number }) => one.stream === connection.stream);
      expect(table.lost[row]).toBe(Math.round((worst?.lostMs ?? 0) * 1e6));
      expect(table.kind[row]).toBe(worst?.kind == null ? -1 : COSTLY_KINDS.indexOf(worst.kind));

      const detail = unpack<Detail>(pack(details.get(connection.stream)!.build(facts.firstTimestamp ?? 0n, true)));
      expect(detail.report).toEqual(connection);
      expect(detail.packets.number.length).toBe(connection.packets);
      expect(detail.packets.number[0]).toBe(connection.firstPacket);
      const last = connection.packets - 1;
      expect(STATE_NAMES[detail.packets.client[last]]).toBe(client.state);
      expect(STATE_NAMES[detail.packets.server[last]]).toBe(server.state);
      const sent = (of: number) =>
        Array.from(detail.packets.length)
          .filter((_, i) => detail.packets.fromClient[i] === of)
          .reduce((sum, n) => sum + n, 0);
      expect([sent(1), sent(0)]).toEqual([client.payloadBytes, server.payloadBytes]);
    }
  });
});
