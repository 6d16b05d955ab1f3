/** A timeout of which the capture shows one segment alone: the conditions of `unseen-timeout.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Ca } from '../../src/model/outbound.ts';
import type { SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Cause, Kind, Verdict } from '../../src/model/verdict.ts';
import type { Outbound } from '../../src/verdict/outbound.ts';
import { recogniseTimeout } from '../../src/verdict/unseen-timeout.ts';

const MS = 1e6;

interface Case {
  /** What the IP ID rose by since the lone segment, which was the packet before of its sender. */
  rise?: number;
  /** The ID of the lone segment. */
  from?: number;
  idRises?: number;
  idBreaks?: number;
  ipVersion?: number;
  /** Time since the lone segment (ns). A round trip takes 20 ms. */
  after?: number;
  previousSndNxt?: number;
  verdict?: Verdict | null;
}

function recognised(of: Case) {
  const { rise = 1, from = 7, after = 20 * MS, verdict = new Verdict() } = of;
  const repeats: number[] = [];
  const ca = { state: Ca.OPEN as number, recoveryPoint: -1, timeouts: 3 };
  const outbound = {
    lone: { end: 501, time: 100 * MS, payload: 100, ipId: from, order: 40, verdict },
    ca,
    scoreboard: { tallied: { repeats: (bytes: number) => repeats.push(bytes) } },
    clocks: { idRises: of.idRises ?? 100, idBreaks: of.idBreaks ?? 0 },
    order: 41,
  };
  const peer = { outbound: { rtt: { min: 0 } } };
  const sender = { peer, outbound: { rtt: { min: 20 * MS } } };
  Object.assign(peer, { peer: sender });
  const t = { sender, previousSndNxt: of.previousSndNxt ?? 501, seq: 2001 };
  const view = { time: 100 * MS + after, frame: 9, ipVersion: of.ipVersion ?? 4, ipId: (from + rise) & 0xffff };
  recogniseTimeout(t as unknown as TrackedSegment, view as SegmentView, outbound as unknown as Outbound);
  return { verdict, ca, repeats };
}
const isRecognised = (of: Case) => recognised(of).ca.state === Ca.LOSS;

describe('a lone segment before bytes far beyond it', () => {
  it('was a retransmission after a timeout, of which nothing else was captured', () => {
    const { verdict, ca, repeats } = recognised({});
    expect(verdict).toMatchObject({ kind: Kind.RETRANSMISSION, cause: Cause.RTO, confidence: 0.8, evidence: [9] });
    expect(ca).toEqual({ state: Ca.LOSS, recoveryPoint: 2001, timeouts: 0 });
    expect(repeats).toEqual([100]);
  });

  it('also where its row is not kept: its bytes are counted, and its sender recovers', () => {
    expect(recognised({ verdict: null })).toMatchObject({ ca: { state: Ca.LOSS }, repeats: [100] });
  });

  it('is one where half a round trip has passed, and nothing was sent in between', () => {
    expect([10 * MS - 1, 10 * MS].map((after) => isRecognised({ after }))).toEqual([false, true]);
    expect([500, 502].map((previousSndNxt) => isRecognised({ previousSndNxt }))).toEqual([false, false]);
  });

  it('is none where more than one packet was sent in between that did not pass, by IP IDs (RFC 5682 section 2.1)', () => {
    expect([1, 2, 3].map((rise) => isRecognised({ rise }))).toEqual([true, true, false]);
    // They wrap, and what falls does not count packets.
    expect([2, 3].map((rise) => isRecognised({ rise, from: 0xffff }))).toEqual([true, false]);
    expect(isRecognised({ rise: -3 })).toBe(true);
  });

  it('of a sender whose IP IDs do not count packets is not asked for them: eight rises for each break', () => {
    const counts = (idRises: number, idBreaks: number) => !isRecognised({ rise: 3, idRises, idBreaks });
    expect([counts(8, 1), counts(9, 1)]).toEqual([false, true]);
    expect([counts(0, 0), counts(1, 0)]).toEqual([false, true]);
    expect(isRecognised({ rise: 3, ipVersion: 6 })).toBe(true);
  });
});
