/** What became of the copies of a range that was sent more than once: each condition of `fates.ts` with an example on either side. */

import { describe, expect, it } from 'vitest';
import { Ca } from '../../src/model/outbound.ts';
import { NEVER } from '../../src/model/packed.ts';
import { Option } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Cause, FATE_NAMES, Fate, Kind, verdictOf } from '../../src/model/verdict.ts';
import { awaitRepeat, concludeOutbound, settle } from '../../src/verdict/fates.ts';
import { Outbound } from '../../src/verdict/outbound.ts';
import { Transmission, TransmissionPool } from '../../src/verdict/transmission.ts';
import { view } from '../support/segments.ts';

const MS = 1e6;

interface Case {
  /** Milliseconds of each sending, and their timestamps. */
  times?: number[];
  tsVals?: number[];
  /** Where each of them lies. */
  ranges?: [number, number][];
  causes?: number[];
  sackedAt?: number;
  /** When the ACK comes, and what it echoes. */
  ms?: number;
  tsEcr?: number;
  sndUna?: number;
  finEnd?: number;
  lastEcho?: number;
  highSacked?: number;
  emptyReportTo?: number;
  needed?: number;
  state?: number;
  /** The latest frame that is known to have arrived before this ACK; the sendings are frames 1 to 3. */
  latestArrived?: number;
}

/** A range was sent at 0, 100 and 200 ms, and is acknowledged; the shortest round trip was 40 ms. */
function settled(of: Case) {
  const outbound = new Outbound(new TransmissionPool());
  outbound.rtt.take(40 * MS, false);
  // One may have been longer than the shortest.
  outbound.rtt.take(40 * MS, false);
  const { times = [0, 100, 200], tsVals = [], ranges = [] } = of;
  const all = times.map((time, i): Transmission => {
    const [start, end] = ranges[i] ?? ranges[0] ?? [1, 101];
    const verdict = Object.assign(verdictOf(Kind.RETRANSMISSION), { cause: of.causes?.[i] ?? Cause.FAST });
    const fields = {
      start,
      end,
      time: time * MS,
      frame: 1 + i,
      tsVal: tsVals[i] ?? -1,
      verdict,
      needed: of.needed === i,
    };
    return Object.assign(new Transmission(), fields);
  });
  const [original, ...copies] = all;
  original.copies = copies;
  original.sackedAt = of.sackedAt === undefined ? NEVER : of.sackedAt * MS;
  outbound.ca.latestArrived = of.latestArrived ?? 0;
  if (of.state !== undefined) outbound.ca.state = of.state;
  outbound.scoreboard.highSacked = of.highSacked ?? 1000;
  outbound.feedback.lastEcho = of.lastEcho ?? -1;
  outbound.feedback.emptyReportTo = of.emptyReportTo ?? 0;
  const t = { receiver: { sndUna: of.sndUna ?? 1, finEnd: of.finEnd ?? -1 } } as unknown as TrackedSegment;
  const options = of.tsEcr === undefined ? 0 : Option.TIMESTAMPS;
  settle(outbound, original, t, view({ time: (of.ms ?? 300) * MS, options, tsEcr: of.tsEcr ?? 0 }));
  return { outbound, all };
}

/** Of each sending `D`elivered, `L`ost or `?`, and `s` where it was not needed. */
const fates = (of: Case) =>
  settled(of)
    .all.map(({ verdict }) => `${['?', 'D', 'L'][verdict!.fate]}${verdict!.spurious ? 's' : ''}`)
    .join(' ');

describe('which copy arrived first', () => {
  it('is the latest that could have been answered: after 0.85 of the shortest round trip', () => {
    expect([20, 133.9, 134, 233.9, 234].map((ms) => fates({ ms }))).toEqual([
      ...['D ?s ?s', 'D ?s ?s', 'L D ?s', 'L D ?s', 'L L D'],
    ]);
    // By then it was selectively acknowledged.
    expect([fates({ sackedAt: 133.9 }), fates({ sackedAt: 134 }), fates({ sackedAt: 0 })]).toEqual([
      ...['D ?s ?s', 'L D ?s', 'D ?s ?s'],
    ]);
  });

  it('is a repeat after half of that where something that was sent later came without the original', () => {
    const missed = (ms: number, latestArrived: number) => fates({ ms, latestArrived });
    expect([missed(116.9, 2), missed(117, 2), missed(133.9, 1), missed(134, 1)]).toEqual([
      ...['D ?s ?s', 'L D ?s', 'D ?s ?s', 'L D ?s'],
    ]);
  });

  const tsVals = [10, 20, 30];

  it('is the one that TSecr names (Eifel, RFC 3522), however soon the answer comes', () => {
    expect([10, 20, 30].map((tsEcr) => fates({ tsVals, tsEcr }))).toEqual(['D ?s ?s', 'L D ?s', 'L L D']);
    expect([10, 20, 30].map((tsEcr) => fates({ tsVals, tsEcr, ms: 201 }))).toEqual(['D ?s ?s', 'L D ?s', 'L L D']);
    expect(fates({ tsVals: [0xfffffffe, 0xffffffff, 0], tsEcr: 0xffffffff })).toBe('L D ?s');
  });

  it('is no later than what TSecr names, and no earlier than what was sent until then', () => {
    expect([9, 15, 25, 35].map((tsEcr) => fates({ tsVals, tsEcr }))).toEqual(['D ?s ?s', 'D ?s ?s', 'L D ?s', 'L L D']);
    expect([15, 25, 35].map((tsEcr) => fates({ tsVals, tsEcr, ms: 201 }))).toEqual(
      ['L D ?s', 'L D ?s', 'L L D'].map((text, i) => (i === 0 ? 'D ?s ?s' : text)),
    );
    // An echo that two may have brought names neither: then their times tell.
    const coarse = (ms: number) => fates({ tsVals: [10, 10, 10], tsEcr: 10, ms });
    expect([coarse(133.9), coarse(134), coarse(234)]).toEqual(['D ?s ?s', 'L D ?s', 'L L D']);
    expect(fates({ tsVals: [10, 10, 30], tsEcr: 10 })).toBe('L D ?s');
    // What has no timestamp is not ordered by it.
    expect(fates({ tsVals: [10, -1, -1], tsEcr: 5, ms: 300 })).toBe('L L D');
  });

  it('is not told by the echo of a segment that is not the next one (RFC 7323 section 4.3)', () => {
    const ranges: [number, number][] = [[51, 101]];
    expect([50, 51].map((sndUna) => fates({ tsVals, tsEcr: 10, ranges, sndUna }))).toEqual(['L L D', 'D ?s ?s']);
    expect(fates({ tsVals, tsEcr: 10, sndUna: 0 })).toBe('D ?s ?s');
    expect(fates({ tsVals, tsEcr: 10, sackedAt: 250 })).toBe('L L D');
  });

  it('is not told of a FIN by an echo that an earlier ACK bore', () => {
    const fin = { tsVals, tsEcr: 10 };
    expect([fates({ ...fin, finEnd: 101, lastEcho: 10 }), fates({ ...fin, finEnd: 101, lastEcho: 9 })]).toEqual([
      ...['L L D', 'D ?s ?s'],
    ]);
    expect(fates({ ...fin, finEnd: 102, lastEcho: 10 })).toBe('D ?s ?s');
  });

  it('shows the shortest way where it is named, and undoes a timeout where it was the first', () => {
    const after = (tsEcr: number, ms: number) => {
      const { outbound } = settled({ tsVals, tsEcr, ms, state: Ca.LOSS });
      return [outbound.rtt.min / MS, outbound.ca.state];
    };
    expect([after(10, 30), after(20, 130), after(20, 150), after(15, 105)]).toEqual([
      [30, Ca.OPEN],
      [30, Ca.LOSS],
      [40, Ca.LOSS],
      [40, Ca.LOSS],
    ]);
  });
});

describe('a copy before the one that arrived', () => {
  it('was lost, unless ACKs that told nothing came and no SACK block lay above it', () => {
    const first = (of: Case) => fates(of).split(' ')[0];
    expect([0, 1, 2].map((highSacked) => first({ highSacked, emptyReportTo: 101 }))).toEqual(['?', '?', 'L']);
    expect([100, 101, 102].map((emptyReportTo) => first({ highSacked: 0, emptyReportTo }))).toEqual(['L', '?', '?']);
    expect(first({ causes: [Cause.FAST, Cause.FAST, Cause.UNKNOWN] })).toBe('?');
    expect(fates({ needed: 0 })).toBe('? L D');
  });

  it('was needed where it holds a part that no later one does', () => {
    const parts = (...ranges: [number, number][]) => fates({ ranges });
    expect(parts([1, 201], [1, 101], [101, 201])).toBe('L D D');
    expect(parts([1, 201], [1, 102], [101, 201])).toBe('L L D');
    expect(parts([1, 201], [101, 201], [1, 101])).toBe('L D D');
    expect(parts([1, 201], [100, 201], [1, 101])).toBe('L L D');
  });

  it('needs no later one, but what another range needed', () => {
    expect(fates({ ms: 20, needed: 1 })).toBe('D ? ?s');
  });
});

describe('the wait for a D-SACK', () => {
  it('begins with the ACK, or two round trips after the latest copy', () => {
    const deadline = (of: Case) => settled(of).outbound.dsackWaits.at(0).deadline / MS;
    // The latest copy went out at 200 ms, the round trip is 40 ms; 200 ms of grace.
    expect([deadline({ ms: 235 }), deadline({ ms: 240 })]).toEqual([480, 480]);
    // Where the ACK answers that copy after more than that, the round trip has become longer: Karn's rule takes no sample of it.
    expect(deadline({ ms: 241 })).toBe(200 + 2 * 41 + 200);
    // The echo names the first copy.
    expect(deadline({ ms: 250, tsVals: [1, 2, 3], tsEcr: 1 })).toBe(200 + 2 * 250 + 200);
    // Selectively acknowledged long ago, acknowledged now.
    expect(deadline({ ms: 900, sackedAt: 230, times: [0, 100, 800] })).toBe(800 + 2 * 800 + 200);
    const { start, end, wasSacked, sendings } = settled({ sackedAt: 0 }).outbound.dsackWaits.at(0);
    expect([start, end, wasSacked, sendings.map(({ frame }) => frame)]).toEqual([1, 101, true, [1, 2, 3]]);
    expect(settled({}).outbound.dsackWaits.at(0).wasSacked).toBe(false);
  });

  it('is for the first copy that the capture has not seen, too', () => {
    const outbound = new Outbound(new TransmissionPool());
    outbound.rtt.take(40 * MS, false);
    const fields = { start: 1, end: 101, time: 500 * MS, frame: 9, tsVal: 7, verdict: verdictOf(Kind.RETRANSMISSION) };
    for (const sackedAt of [NEVER, 0]) {
      awaitRepeat(outbound, Object.assign(new Transmission(), { ...fields, sackedAt }), 600 * MS);
      const { start, end, deadline, sendings, wasSacked } = outbound.dsackWaits.latest!;
      expect([start, end, deadline / MS, wasSacked]).toEqual([1, 101, 600 + 80 + 200, sackedAt === 0]);
      expect(sendings.map(({ frame, time, tsVal }) => [frame, time, tsVal])).toEqual([
        [0, NEVER, -1],
        [9, 500 * MS, 7],
      ]);
    }
  });
});

describe('at the end of the input', () => {
  const concluded = (of: {
    start?: number;
    sackedAt?: number;
    copies?: number;
    highSacked?: number;
    fate?: number;
  }) => {
    const outbound = new Outbound(new TransmissionPool());
    const { start = 1 } = of;
    const sendingOf = (fate: number) => {
      const verdict = Object.assign(verdictOf(Kind.NEW), { fate });
      return Object.assign(new Transmission(), { start, end: 101, verdict });
    };
    const original = sendingOf(of.fate ?? Fate.UNKNOWN);
    outbound.scoreboard.add(original);
    const all = [original];
    for (let i = 0; i < (of.copies ?? 0); i++) {
      const copy = sendingOf(Fate.UNKNOWN);
      outbound.scoreboard.addCopy(copy);
      all.push(copy);
    }
    if (of.highSacked) outbound.scoreboard.sack(101, of.highSacked, 0, { sacks: () => {} });
    original.sackedAt = of.sackedAt ?? NEVER;
    concludeOutbound(outbound, 100);
    return all.map(({ verdict }) => [FATE_NAMES[verdict!.fate], verdict!.confidence]);
  };
  const [, unsure] = ['', verdictOf(Kind.NEW).confidence];

  it('all but the latest copy of what was never acknowledged were lost', () => {
    expect(concluded({ copies: 2 })).toEqual([
      ['lost', 0.7],
      ['lost', 0.7],
      ['unknown', unsure],
    ]);
    expect(concluded({ copies: 1, fate: Fate.DELIVERED })[0]).toEqual(['delivered', unsure]);
    expect([concluded({ copies: 1, sackedAt: 0 })[0], concluded({ copies: 1, start: 0 })[0]]).toEqual([
      ['unknown', unsure],
      ['unknown', unsure],
    ]);
  });

  it('what was sent once was lost where more than two segments above it arrived (RFC 6675 section 4)', () => {
    expect([concluded({ highSacked: 301 }), concluded({ highSacked: 302 })]).toEqual([
      [['unknown', unsure]],
      [['lost', 0.8]],
    ]);
    expect([concluded({ highSacked: 302, sackedAt: 0 }), concluded({ highSacked: 302, start: 0 })]).toEqual([
      [['unknown', unsure]],
      [['unknown', unsure]],
    ]);
  });
});
