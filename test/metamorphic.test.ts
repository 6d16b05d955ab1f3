/**
 * A part of a capture, or a copy that was changed, may show less than the whole. It must not accuse anybody of what the whole does not
 * show, nor contradict what that says of a packet.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../src/analyze.ts';
import { congestionOf } from '../src/congestion/stage.ts';
import { CAPTURE_KINDS } from '../src/detect/catalogue/capture.ts';
import { EPISODE_IDS } from '../src/detect/episode-kind.ts';
import { FIN, RST, SYN } from '../src/model/flags.ts';
import { CaptureRecord } from '../src/model/record.ts';
import type { PacketRow } from '../src/model/row.ts';
import { KIND_NAMES, Kind } from '../src/model/verdict.ts';
import { randomNumbers } from './support/random.ts';
import { recordsOf } from './support/records.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** Captures so short that a part of them shows something else: each would say the same if somebody had made it so. */
const TOO_SHORT: Readonly<Record<string, string>> = {
  'tshark-03-ack-before-its-data.pcap': 'from its ACK on the data is one that had been acknowledged',
  'tshark-15b-scale-unknown.pcap': 'it begins with its data: what the clock moves after another packet may be a repeat',
  'tshark-09-window-probe-accepted.pcap': 'without the closed window its probe is a byte that comes again',
  'tshark-10-port-and-isn-reused.pcap': 'two connections with the same numbers: without the SYN between they are one',
  'tshark-11-simultaneous-open.pcap': 'four packets open it, and every other form of opening lacks one of them',
  'linux-simultaneous-open.pcap': 'the same',
  'tshark-12-blind-reset.pcap': 'what shows that a reset was not believed lies before or after it',
  'tshark-13-other-bytes-in-the-same-place.pcap': 'two contents of one place: each alone is a plain segment',
};

/** A packet of the view: a record of the capture, as it is or changed. */
interface Seen {
  readonly record: CaptureRecord;
  readonly time: number;
  readonly keep: number;
}

interface Whole {
  readonly records: readonly CaptureRecord[];
  readonly rows: ReadonlyMap<number, PacketRow>;
  readonly told: ReadonlySet<string>;
}

type View = (whole: Whole, random: (below: number) => number) => Seen[];

const as = (record: CaptureRecord): Seen => ({ record, time: record.time, keep: record.capturedLength });
const only = (keeps: (row: PacketRow) => boolean): View => {
  return ({ records, rows }) => records.filter(({ number }) => rows.has(number) && keeps(rows.get(number)!)).map(as);
};
const shifted = (shift: (time: number, random: (below: number) => number) => number): View => {
  return ({ records }, random) =>
    records.map((record) => ({ ...as(record), time: shift(record.time, random) })).sort((a, b) => a.time - b.time);
};
const leftOut = (percent: number): View => {
  return ({ records }, random) => records.filter(() => random(100) >= percent).map(as);
};
/** From such a share of the packets on. */
const begun = (share: number): View => {
  return ({ records }) => records.slice(Math.floor(share * records.length)).map(as);
};

const VIEWS: Readonly<Record<string, View>> = {
  'begun after a quarter': begun(0.25),
  'begun in the middle': begun(0.5),
  'begun after three quarters': begun(0.75),
  'ended in the middle': ({ records }) => records.slice(0, records.length >> 1).map(as),
  'one direction': only(({ sender }) => sender.isClient),
  'the other direction': only(({ sender }) => !sender.isClient),
  'SYN, FIN and RST alone': only(({ view }) => (view.flags & (SYN | FIN | RST)) !== 0),
  'without the handshake': only(({ view }) => !(view.flags & SYN)),
  'one in a hundred left out': leftOut(1),
  'one in twenty left out': leftOut(5),
  'the headers to the 60th byte': ({ records }) =>
    records.map((record) => ({ ...as(record), keep: Math.min(record.capturedLength, 60) })),
  'times in milliseconds': shifted((time) => Math.floor(time / 1e6) * 1e6),
  'each up to 20 µs later, in the order of their times': shifted((time, random) => time + random(20_000)),
  'every packet twice': ({ records }) =>
    records.flatMap((record) => [as(record), { ...as(record), time: record.time + 3000 }]),
};

function analyse(seen: readonly Seen[]) {
  const rows: PacketRow[] = [];
  const analyzer = new Analyzer({ onRow: (row) => rows.push(row) });
  for (const [i, { record, time, keep }] of seen.entries())
    analyzer.record(Object.assign(new CaptureRecord(), record, { number: i + 1, time, capturedLength: keep }));
  analyzer.end();
  return { analyzer, rows };
}

const isRepair = (id: string) => (EPISODE_IDS as readonly string[]).includes(id);
/** Of a repair a part of the capture may not show why it was made. */
const named = (id: string) => (isRepair(id) ? 'repair' : id);

function wholeOf(name: string): Whole {
  const records = recordsOf(fixtures + name);
  const { analyzer, rows } = analyse(records.map(as));
  const told = analyzer.connections.flatMap(({ findings }) => findings.map(({ id }) => named(id)));
  return { records, rows: new Map(rows.map((row) => [row.view.frame, row])), told: new Set(told) };
}

/** What the view says of hosts and of the network that the whole does not say. */
function accusations(whole: Whole, seen: readonly Seen[]): string[] {
  const { analyzer } = analyse(seen);
  return analyzer.connections
    .flatMap(({ findings }) => [...findings])
    .filter(({ id, severity }) => severity !== 'info' && !(id in CAPTURE_KINDS) && !whole.told.has(named(id)))
    .map(({ text }) => text);
}

/** New in the whole and sent again in the view, or the other way round with both copies there; needed in the one and not in the other. */
function contradictions(whole: Whole, seen: readonly Seen[]): string[] {
  const { rows } = analyse(seen);
  const found: string[] = [];
  const numbers = new Set(seen.map(({ record }) => record.number));
  const met = new Set<number>();
  for (const row of rows) {
    const { number } = seen[row.view.frame - 1].record;
    const [before, now] = [whole.rows.get(number)?.verdict, row.verdict];
    if (!before || !now || met.has(number)) continue;
    met.add(number);
    const isSeen = before.original === 0 || numbers.has(before.original);
    const isAgain = now.kind === Kind.RETRANSMISSION && before.kind !== Kind.RETRANSMISSION;
    const isMissed = before.kind === Kind.RETRANSMISSION && now.kind === Kind.NEW && before.original > 0 && isSeen;
    const isInvented = now.kind === before.kind && now.spurious && !before.spurious;
    if (isAgain || isMissed || isInvented)
      found.push(
        `${number}: ${KIND_NAMES[before.kind]} is ${KIND_NAMES[now.kind]}${now.spurious ? ', not needed' : ''}`,
      );
  }
  return found;
}

const wholes = readdirSync(fixtures)
  .filter((name) => name.endsWith('.pcap') && !(name in TOO_SHORT))
  .map((name) => ({ name, whole: wholeOf(name) }));

describe.each(Object.entries(VIEWS))('%s', (_, view) => {
  const seenOf = (whole: Whole) => view(whole, randomNumbers(1));

  it('accuses nobody of what the whole does not show', () => {
    for (const { name, whole } of wholes) expect(accusations(whole, seenOf(whole)), name).toEqual([]);
  });

  it('contradicts nothing that the whole says of a packet', () => {
    for (const { name, whole } of wholes) expect(contradictions(whole, seenOf(whole)), name).toEqual([]);
  });
});

/** What is told of packets and connections, and what their senders' algorithms are taken for. */
function storyOf(seen: readonly Seen[]) {
  const { analyzer, rows } = analyse(seen);
  return {
    packets: rows.map(
      ({ verdict }) => verdict && [verdict.kind, verdict.cause, verdict.fate, verdict.spurious, verdict.waited],
    ),
    findings: analyzer.findings.map(({ id, severity, confidence, text }) => [id, severity, confidence, text]),
    senders: analyzer.connections.map(({ a, b }) =>
      [a, b].map((end) => {
        const state = congestionOf(end);
        return state && [state.algorithm, state.confidence, state.cwnd, state.phase, state.episodes.length];
      }),
    ),
  };
}

describe('times before that of the first record', () => {
  it('are times like others', () => {
    for (const { name, whole } of wholes) {
      const { records } = whole;
      const before = records.map((record) => ({ ...as(record), time: record.time - 1e13 }));
      expect(storyOf(before), name).toEqual(storyOf(records.map(as)));
    }
  });
});
