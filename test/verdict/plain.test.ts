import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import type { SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { buildReport } from '../../src/report.ts';

/** An analysis, and where it stands after each segment. */
class Followed {
  t: TrackedSegment | null = null;
  readonly analyzer: Analyzer;
  /** Frames of the segments that went the short way. */
  readonly plain: number[] = [];

  constructor(takesShortWay: boolean) {
    this.analyzer = new Analyzer({
      onSegment: (t) => {
        this.t = t;
      },
    });
    interface Taking {
      takesPlain(t: TrackedSegment, view: SegmentView): boolean;
    }
    const { classifier } = this.analyzer as unknown as { classifier: Taking };
    const takes = classifier.takesPlain.bind(classifier);
    classifier.takesPlain = (t, view) => {
      if (!takesShortWay || !takes(t, view)) return false;
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

/** Analyses a capture both ways at once; where each stands is compared after every `step`th packet. */
function compare(name: string, bytes: Uint8Array, step: number): Compared {
  const short = new Followed(true);
  const general = new Followed(false);
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

  it.skipIf(capturesIn(corpus).length === 0)(
    'and of recorded connections',
    () => {
      const shortOnes = capturesIn(corpus).filter((name) => statSync(corpus + name).size < FEW_BYTES);
      let plain = 0;
      for (const name of shortOnes.filter((_, i) => i % SHARE === 0))
        plain += compare(name, read(corpus + name), 499).plain.length;
      expect(plain).toBeGreaterThan(1000);
    },
    120_000,
  );
});
