import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import type { PacketRow } from '../../src/model/row.ts';
import type { SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { packetFields } from '../../src/render/packet-fields.ts';
import { packetObject } from '../../src/render/packet-json.ts';
import { buildReport } from '../../src/report/report.ts';
import { scenario } from '../support/scenario.ts';

/** An analysis, and where it stands after each segment. */
class Followed {
  t: TrackedSegment | null = null;
  readonly analyzer: Analyzer;
  /** Frames of the segments that went the short way. */
  readonly plain: number[] = [];

  /** Where rows are kept: what each said when it left. */
  readonly rows: string[] = [];

  constructor(takesShortWay: boolean, keepsRows: boolean) {
    const toObject = packetObject(packetFields(() => 0n));
    this.analyzer = new Analyzer({
      onSegment: (t) => {
        this.t = t;
      },
      ...(keepsRows ? { onRow: (row: PacketRow) => this.rows.push(JSON.stringify(toObject(row))) } : {}),
    });
    interface Taking {
      takesPlain(t: TrackedSegment, view: SegmentView, row: PacketRow | null): boolean;
    }
    const { classifier } = (this.analyzer as unknown as { stages: { classifier: Taking } }).stages;
    const takes = classifier.takesPlain.bind(classifier);
    classifier.takesPlain = (t, view, row) => {
      if (!takesShortWay || !takes(t, view, row)) return false;
      this.plain.push(view.frame);
      return true;
    };
  }
}

/** Who knows the short way from the general one, and nobody else. */
const OF_THE_WAY = new Set(['isCalm']);

/** Every number and flag that `object` holds, itself and in what is only its own. */
function numbersOf(object: object, path = '', seen = new Set<unknown>()): [string, unknown][] {
  seen.add(object);
  const own = Object.keys(object);
  const prototype = Object.getPrototypeOf(object) as object;
  const accessors = Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { get }]) =>
    get === undefined ? [] : [name],
  );
  return [...own, ...accessors].flatMap((name): [string, unknown][] => {
    if (OF_THE_WAY.has(name) || NOT_FOLLOWED.has(name)) return [];
    const value = (object as Record<string, unknown>)[name];
    if (typeof value === 'number' || typeof value === 'boolean') return [[path + name, value]];
    if (value === null || !UNITS.has(name) || seen.has(value)) return [];
    return numbersOf(value as object, `${path}${name}.`, seen);
  });
}

/** Where something lies in shared memory, and what is made when it is asked for. */
const NOT_FOLLOWED = new Set([
  ...['row', 'place', 'changesAt', 'doubles', 'slab'],
  ...['ca', 'holes', 'dsackWaits', 'timeline', 'tallied', 'awake', 'identified'],
]);
const UNITS = new Set([
  ...['sender', 'receiver', 'effect', 'transition', 'outbound', 'congestion', 'tally'],
  ...['scoreboard', 'rtt', 'clocks', 'feedback', 'acceptance', 'recovery', 'view', 'arrivals'],
]);

const stateOf = ({ t }: Followed) =>
  t === null ? [] : [...numbersOf(t), ['verdict', t.verdict?.kind ?? null], ['history', t.connection.historyText]];

/** Comparing texts takes a tenth of the time. */
function expectSame(one: unknown, other: unknown, where: string): void {
  if (JSON.stringify(one) !== JSON.stringify(other)) expect(one, where).toEqual(other);
}

interface Compared {
  segments: number;
  plain: number[];
}

/** Analyses a capture both ways at once, with rows or without; where each stands is compared after every `step`th packet. */
function compare(name: string, bytes: Uint8Array, step: number, keepsRows = false): Compared {
  const short = new Followed(true, keepsRows);
  const general = new Followed(false, keepsRows);
  let packets = 0;
  const sink = {
    record: (record: Parameters<Analyzer['record']>[0]) => {
      short.analyzer.record(record);
      general.analyzer.record(record);
      if (packets++ % step !== 0) return;
      expectSame(stateOf(short), stateOf(general), `${name} packet ${record.number}`);
    },
    interfaceSeen: () => {},
  };
  const session = new CaptureSession();
  const reader = new CaptureReader(sink, session);
  reader.open(name);
  reader.write(bytes);
  reader.end();
  short.analyzer.end(session.facts);
  general.analyzer.end(session.facts);
  expectSame(short.rows, general.rows, name);
  expectSame(buildReport(short.analyzer, session.facts), buildReport(general.analyzer, session.facts), name);
  expect(general.plain).toEqual([]);
  return { segments: short.analyzer.counts.tcp, plain: short.plain };
}

const read = (path: string) => {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};
const capturesIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
    : [];

/** Of many short captures more is to be learnt than of a long one. */
const FEW_BYTES = 100_000;
/** All of them have been compared; one of so many is now. */
const SHARE = 6;

describe('the short way of plain segments', () => {
  const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
  const corpus = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));

  it('ends where the general way does, after each packet of all fixtures', () => {
    const all = capturesIn(fixtures).map((name) => compare(name, read(fixtures + name), 1));
    const plain = all.reduce((sum, one) => sum + one.plain.length, 0);
    const segments = all.reduce((sum, one) => sum + one.segments, 0);
    expect(segments).toBeGreaterThan(900);
    expect(plain).toBeGreaterThan(segments / 4);
  });

  it('with rows too, which say the same', () => {
    const all = capturesIn(fixtures).map((name) => compare(name, read(fixtures + name), 1, true));
    expect(all.reduce((sum, one) => sum + one.plain.length, 0)).toBeGreaterThan(225);
  });

  it.skipIf(capturesIn(corpus).length === 0)(
    'and of recorded connections',
    () => {
      const shortOnes = capturesIn(corpus).filter((name) => statSync(corpus + name).size < FEW_BYTES);
      let plain = 0;
      for (const name of shortOnes.filter((_, i) => i % SHARE === 0))
        plain += compare(name, read(corpus + name), 499, plain % 2 === 0).plain.length;
      expect(plain).toBeGreaterThan(1000);
    },
    120_000,
  );
});

/** The client's latest data left at 0.030, its latest segment has the timestamp 160, and the server has sent and acknowledged 100 bytes. */
const EXCHANGE = `0.000 > S  seq 0 <mss 1460,sackOK,TS val 100 ecr 0>
  0.020 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 500 ecr 100>
  0.020 > .  ack 1 <nop,nop,TS val 120 ecr 500>
  0.030 > P. 1:101(100) ack 1 <nop,nop,TS val 130 ecr 500>
  0.050 < .  ack 101 <nop,nop,TS val 530 ecr 130>
  0.060 < P. 1:101(100) ack 101 <nop,nop,TS val 540 ecr 130>
  0.061 > .  ack 101 <nop,nop,TS val 160 ecr 540>`;
const NEXT = 8;

describe('a segment is plain', () => {
  const isPlain = (...lines: string[]) => {
    const { pcap } = scenario({}, [EXCHANGE, ...lines].join('\n'));
    return compare(lines.join(), pcap, 1).plain.includes(NEXT + lines.length - 1);
  };
  const data = (what: string, time = '0.070') => isPlain(`${time} > ${what}`);
  const TS = '<nop,nop,TS val 170 ecr 540>';

  it('when it is the next data, pushed or not', () => {
    expect(data(`P. 101:201(100) ack 101 ${TS}`)).toBe(true);
    expect(data(`. 101:201(100) ack 101 ${TS}`)).toBe(true);
  });

  it('without any other control bit, urgent pointer or option', () => {
    expect(data(`PE. 101:201(100) ack 101 ${TS}`)).toBe(false);
    expect(data(`PU. 101:201(100) ack 101 urg 0 ${TS}`)).toBe(false);
    expect(data(`F. 101:201(100) ack 101 ${TS}`)).toBe(false);
    expect(data(`P. 101:201(100) ack 101 urg 1 ${TS}`)).toBe(false);
    expect(data(`P. 101:201(100) ack 101 <nop,nop,TS val 170 ecr 540,nop,nop,sack 102:103>`)).toBe(false);
  });

  it('with the next number', () => {
    expect(data(`P. 100:200(100) ack 101 ${TS}`)).toBe(false);
    expect(data(`P. 102:202(100) ack 101 ${TS}`)).toBe(false);
  });

  it('with an ACK of nothing less than before, and of nothing that was not seen', () => {
    expect(data(`P. 101:201(100) ack 100 ${TS}`)).toBe(false);
    expect(data(`P. 101:201(100) ack 102 ${TS}`)).toBe(false);
  });

  it('when it acknowledges something, or brings data', () => {
    expect(isPlain('0.065 < P. 101:111(10) ack 101 <nop,nop,TS val 541 ecr 130>', `0.070 > . ack 111 ${TS}`)).toBe(
      true,
    );
    expect(data(`. ack 101 ${TS}`)).toBe(false);
  });

  it('when the window is and was open', () => {
    expect(data(`P. 101:201(100) ack 101 win 1 ${TS}`)).toBe(true);
    expect(data(`P. 101:201(100) ack 101 win 0 ${TS}`)).toBe(false);
    const closes = `0.070 > P. 101:201(100) ack 101 win 0 ${TS}`;
    expect(isPlain(closes, '0.080 > P. 201:301(100) ack 101 win 9 <nop,nop,TS val 171 ecr 540>')).toBe(false);
  });

  it('with a timestamp that does not go back', () => {
    expect(data('P. 101:201(100) ack 101 <nop,nop,TS val 160 ecr 540>')).toBe(true);
    expect(data('P. 101:201(100) ack 101 <nop,nop,TS val 159 ecr 540>')).toBe(false);
    expect(data('P. 101:201(100) ack 101')).toBe(false);
  });

  it('with a checksum that is not wrong', () => {
    expect(data(`P. 101:201(100) ack 101 ${TS} offload`)).toBe(true);
    expect(data(`P. 101:201(100) ack 101 ${TS} badcksum`)).toBe(false);
  });

  it('when its data does not follow a silence as long as a timeout', () => {
    expect(data(`P. 101:201(100) ack 101 ${TS}`, '0.210')).toBe(true);
    expect(data(`P. 101:201(100) ack 101 ${TS}`, '0.210001')).toBe(false);
  });

  it('when nothing is in question: not while something is repaired', () => {
    const lost = [
      `0.070 > P. 201:301(100) ack 101 ${TS}`,
      '0.090 < .  ack 101 <nop,nop,TS val 570 ecr 130,nop,nop,sack 201:301>',
      '0.091 > P. 101:201(100) ack 101 <nop,nop,TS val 191 ecr 570>',
    ];
    const next = '0.092 > P. 301:401(100) ack 101 <nop,nop,TS val 192 ecr 570>';
    expect(isPlain(...lost, next)).toBe(false);
  });
});
