/** Senders that break RFC 5681: `congestion.ts`, with an example on either side of each bound. */
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/detect/account.ts';
import { CongestionRules } from '../../src/detect/congestion.ts';
import { Fact } from '../../src/detect/facts.ts';
import { Ca } from '../../src/model/outbound.ts';
import { Cause, Verdict } from '../../src/model/verdict.ts';
import { ends, listener, shown, valuesOf } from '../support/detector.ts';

const MS = 1e6;
const MSS = 1000;

interface Step {
  /** ms */
  at?: number;
  /** The client sends up to here; else the server acknowledges `ack`. */
  end?: number;
  ack?: number;
  dsack?: boolean;
  cause?: number;
  bytes?: number;
  /** Of the sender, from then on. */
  outstanding?: number;
  oldest?: number;
  sndNxt?: number;
  sndUna?: number;
  srtt?: number;
  edge?: number;
  caState?: number;
  /** Segments with data that it has sent, and those that await an ACK. */
  dataPackets?: number;
  unanswered?: number;
}

/** The client has an MSS of 1,000 for its peer, a shortest round trip of 20 ms, and an RTO of 300 ms; the capture was made beside it. */
function story(steps: readonly Step[], { mss = MSS, near = true, handshakeTime = 1 } = {}) {
  const heard = listener();
  const findings = Object.assign(heard.findings, {
    add: (_where: unknown, _sort: string, account: () => Account) => {
      heard.added.push(account);
      return {};
    },
  });
  const rules = new CongestionRules(findings);
  const scoreboard = { isEmpty: false, unanswered: 0, outstanding: 0, oldestTime: 0 };
  const rtt = { min: 20 * MS, srtt: 20 * MS, rto: 300 * MS };
  const both = ends(
    { w3: 1, watched: false, violations: null, outbound: { rtt, scoreboard, caState: Ca.OPEN }, handshakeTime },
    { w3: 2, watched: false, mss, windowEdge: 1e9, outbound: { rtt: { min: near ? 0 : 40 * MS } } },
    { handshakeTime },
  );
  const client = both.client as typeof both.client & { watched: boolean; violations: unknown[] | null };
  const watched: boolean[] = [];
  for (const [i, step] of steps.entries()) {
    const {
      at = 0,
      end,
      ack,
      dsack = false,
      cause,
      bytes = MSS,
      outstanding,
      oldest,
      sndNxt,
      sndUna,
      srtt,
      edge,
      caState,
      dataPackets,
      unanswered,
    } = step;
    if (outstanding !== undefined) scoreboard.outstanding = outstanding;
    if (unanswered !== undefined) scoreboard.unanswered = unanswered;
    if (dataPackets !== undefined) Object.assign(client, { dataPackets });
    if (oldest !== undefined) scoreboard.oldestTime = oldest * MS;
    if (srtt !== undefined) rtt.srtt = srtt * MS;
    if (sndNxt !== undefined) client.sndNxt = sndNxt;
    if (sndUna !== undefined) client.sndUna = sndUna;
    if (edge !== undefined) both.server.windowEdge = edge;
    if (caState !== undefined) Object.assign(client.outbound!, { caState });
    const common = { time: at * MS, frame: 20 + i };
    if (end !== undefined)
      rules.inspect(
        shown(client, {
          facts: cause === undefined ? [Fact.CONGESTION] : [Fact.RETRANSMISSION],
          verdict: Object.assign(new Verdict(), { cause: cause ?? Cause.NONE }),
          ...common,
          t: { seq: end - bytes, end, ack: 1 },
        }),
      );
    else rules.inspect(shown(both.server, { facts: [Fact.CONGESTION], ...common, effect: { dsack }, t: { ack } }));
    watched.push(client.watched);
  }
  return { told: heard.added.map((account) => account()!), client, watched };
}
const ids = (...of: Parameters<typeof story>) => story(...of).told.map(({ id }) => id);

describe('before anything is acknowledged', () => {
  /** So much is outstanding, of all that was sent. */
  const sent = (outstanding: number, more: Partial<Step> = {}, of: Parameters<typeof story>[1] = {}) =>
    ids([{ end: 1 + outstanding, sndNxt: 1, outstanding, ...more }], of);

  it('ten segments are allowed (RFC 6928), and the SYN', () => {
    expect([sent(10_001), sent(10_002)]).toEqual([[], ['initial-window-exceeded']]);
    const [account] = story([{ end: 12_001, outstanding: 12_000 }]).told;
    expect(account).toMatchObject({ confidence: 0.9, evidence: [20] });
    expect(valuesOf(account)).toMatchObject({ segments: 12, allowed: 10 });
  });

  it('within a round trip: later an ACK may have been missed', () => {
    expect([sent(10_002, { at: 20 }), sent(10_002, { at: 20.001 })]).toEqual([['initial-window-exceeded'], []]);
    expect([sent(10_002, { at: 25, oldest: 5 }), sent(10_002, { at: 25.001, oldest: 5 })]).toEqual([
      ['initial-window-exceeded'],
      [],
    ]);
  });

  it('where the handshake was seen and the MSS is known, no loss is being repaired, and the capture was made there', () => {
    expect([
      sent(10_002, {}, { handshakeTime: Number.NaN }),
      sent(10_002, {}, { mss: 0 }),
      sent(10_002, {}, { mss: -1 }),
    ]).toEqual([[], [], []]);
    expect([
      sent(10_002, { caState: Ca.RECOVERY }),
      sent(10_002, {}, { near: false }),
      sent(10_002, { bytes: 0 }),
    ]).toEqual([[], [], []]);
    expect([sent(2, {}, { mss: 1 }), sent(12, {}, { mss: 1 })]).toEqual([[], ['initial-window-exceeded']]);
  });

  it('is told once, with the most, and noted at the sender', () => {
    const { told, client } = story([
      { end: 12_001, outstanding: 12_000 },
      { end: 14_001, outstanding: 14_000 },
      { end: 13_001, outstanding: 13_000 },
    ]);
    expect(told).toHaveLength(1);
    expect(valuesOf(told[0]).segments).toBe(14);
    expect(client.violations).toHaveLength(1);
  });
});

describe('slow start', () => {
  /** So much is outstanding when 5,000 bytes were acknowledged. */
  const grown = (outstanding: number, more: Partial<Step> = {}) =>
    ids([{ end: outstanding + 5000, outstanding, ...more }]);

  it('allows what was acknowledged beside the initial window (RFC 5681 section 3.1), with four segments of slack', () => {
    expect([grown(19_000), grown(19_001)]).toEqual([[], ['window-growth-too-fast']]);
    // Of what is sent again, all that was sent before counts.
    expect([grown(19_001, { sndNxt: 24_002 }), grown(19_001, { sndNxt: 24_001 })]).toEqual([
      [],
      ['window-growth-too-fast'],
    ]);
    expect(valuesOf(story([{ end: 24_501, outstanding: 19_501 }]).told[0]).segments).toBe(20);
  });

  it('or as many full segments as were acknowledged, however small they were', () => {
    const counted = (outstanding: number) => grown(outstanding, { dataPackets: 30, unanswered: 24 });
    expect([counted(20_000), counted(20_001)]).toEqual([[], ['window-growth-too-fast']]);
  });

  it('within a round trip', () => {
    const after = (at: number) => grown(19_001, { at, oldest: 3, srtt: 30 });
    expect([after(33), after(33.001)]).toEqual([['window-growth-too-fast'], []]);
  });

  it('begins at one byte that was acknowledged', () => {
    // The first is the SYN.
    expect([ids([{ end: 12_001, outstanding: 12_000 }]), ids([{ end: 12_002, outstanding: 12_000 }])]).toEqual([
      ['initial-window-exceeded'],
      [],
    ]);
  });

  it('goes on from a larger initial window, which is told by itself', () => {
    const after = (outstanding: number) =>
      ids([
        { end: 12_001, outstanding: 12_000 },
        { end: outstanding + 5000, outstanding },
      ]);
    expect([after(21_000), after(21_001)]).toEqual([
      ['initial-window-exceeded'],
      ['initial-window-exceeded', 'window-growth-too-fast'],
    ]);
  });
});

describe('after a timeout', () => {
  const TIMEOUT: Step = { at: 1000, end: 1001, cause: Cause.RTO };
  const after = (count: number, more: Partial<Step> = {}): Step[] =>
    Array.from({ length: count }, (_, i) => ({ at: 1001, end: 2001 + i * MSS, cause: Cause.RTO_RECOVERY, ...more }));

  it('one segment is sent, and six are no rounding and no probe (RFC 5681 section 3.1)', () => {
    expect([ids([TIMEOUT, ...after(4)]), ids([TIMEOUT, ...after(5)])]).toEqual([[], ['burst-after-timeout']]);
    const { told, watched } = story([TIMEOUT, ...after(7)]);
    expect(told).toMatchObject([{ confidence: 0.8, evidence: [25] }]);
    expect(valuesOf(told[0]).segments).toBe(8);
    expect(watched[0]).toBe(true);
  });

  it('until an ACK comes', () => {
    expect(ids([TIMEOUT, ...after(3), { at: 1001, ack: 1001 }, ...after(5)])).toEqual([]);
    expect(ids([{ ...TIMEOUT, at: 0 }, ...after(5, { at: 1 })])).toEqual(['burst-after-timeout']);
    expect(ids([TIMEOUT, ...after(3), TIMEOUT, ...after(4)])).toEqual([]);
    expect(ids(after(9))).toEqual([]);
  });

  it('within half a timeout', () => {
    expect([ids([TIMEOUT, ...after(5, { at: 1149.999 })]), ids([TIMEOUT, ...after(5, { at: 1150 })])]).toEqual([
      ['burst-after-timeout'],
      [],
    ]);
  });
});

describe('after a loss', () => {
  /** Round `i`: 20 segments in flight, the first is lost; the repair is acknowledged 20 ms later, and `after` segments of the next round follow. */
  interface Round {
    flight?: number;
    after?: number;
    /** Those of them that follow an ACK within 0.3 ms. */
    prompt?: number;
    /** In each segment, and in flight beside those of this round. */
    bytes?: number;
    held?: number;
    /** Most bytes in flight. */
    peak?: number;
    pause?: number;
    srtt?: number;
    dsack?: boolean;
    cause?: number;
  }
  const round = (i: number, of: Round = {}): Step[] => {
    const {
      flight = 20,
      after = 20,
      prompt = after,
      bytes = MSS,
      held = 0,
      pause = 20,
      srtt = 20,
      dsack = false,
      cause = Cause.FAST,
    } = of;
    const { peak = held + after * bytes } = of;
    const begin = 1000 + 200 * i;
    const una = 1 + 100_000 * i;
    const top = una + flight * MSS;
    const next: Step[] = Array.from({ length: after }, (_, k) => ({
      at: begin + 20 + (k < prompt ? 0.3 : 0.300001),
      end: top + (k + 1) * bytes,
      bytes,
      // What is in flight at the end of the segment is what was not acknowledged.
      sndUna: top + (k + 1) * bytes - Math.min(held + (k + 1) * bytes, peak),
      sndNxt: top + k * bytes,
    }));
    return [
      { at: begin, end: una + MSS, cause, sndUna: una, sndNxt: top, srtt },
      { at: begin + 20, ack: top, dsack },
      ...next,
      { at: begin + 20 + pause, ack: top + 1, sndNxt: top + after * bytes, sndUna: top },
    ];
  };
  const rounds = (count: number, of: Round = {}) => Array.from({ length: count }, (_, i) => round(i, of)).flat();
  const told = (count: number, of: Round = {}) =>
    ids(rounds(count, of)).filter((id) => id === 'loss-without-reduction').length;

  it('the window is reduced (RFC 5681 section 3.2): three times it was not', () => {
    expect([told(2), told(3)]).toEqual([0, 1]);
    const account = story(rounds(3)).told.at(-1)!;
    expect(account).toMatchObject({ confidence: 0.8, evidence: [20 + 3 * 23 - 1, 20, 43, 66] });
    expect(valuesOf(account)).toMatchObject({ losses: 3, before: 20, after: 20 });
    expect(ids([...rounds(2), ...round(2, { peak: 17_999 }), ...round(3)])).toEqual([]);
    expect(told(4)).toBe(1);
  });

  it('which nine tenths of the flight are not', () => {
    expect([told(3, { peak: 18_000 }), told(3, { peak: 17_999 })]).toEqual([1, 0]);
  });

  it('by senders that follow their ACKs: six tenths of the segments within 0.3 ms', () => {
    expect([told(3, { prompt: 12 }), told(3, { prompt: 11 })]).toEqual([1, 0]);
  });

  it('from ten segments in flight on, with room for two more in the window', () => {
    expect([told(3, { flight: 10, after: 10 }), told(3, { flight: 9, after: 9 })]).toEqual([1, 0]);
    const edge = (room: number) =>
      story([{ end: 1001, cause: Cause.FAST, sndUna: 1, sndNxt: 20_001, edge: 20_001 + room }]).watched[0];
    expect([edge(2000), edge(1999)]).toEqual([true, false]);
    expect(story([{ end: 1001, cause: Cause.FAST, sndUna: 1, sndNxt: 20_001 }], { mss: 0 }).watched[0]).toBe(false);
    expect(story([{ end: 1001, cause: Cause.TLP, sndUna: 1, sndNxt: 20_001 }]).watched[0]).toBe(false);
  });

  it('where the sender goes on to send: seven tenths of the flight', () => {
    const few = (after: number) => told(3, { after, held: 6000 });
    expect([few(14), few(13)]).toEqual([1, 0]);
  });

  it('before CUBIC is back: within a fifth of its K (RFC 8312 section 4.1), with a round trip', () => {
    // K of 20 segments is the cube root of 0.3 * 20 / 0.4 = 15, 2.466 s; a fifth of that 493.2 ms.
    expect(Math.cbrt(15) / 5).toBeCloseTo(0.49324, 5);
    const within = (srtt: number) => told(3, { pause: 20, srtt });
    expect([within(473.24), within(473.25)]).toEqual([1, 0]);
    expect([told(3, { pause: 100, srtt: 393.24 }), told(3, { pause: 100, srtt: 393.25 })]).toEqual([1, 0]);
  });

  it('a timeout, or a D-SACK, takes the question back', () => {
    expect(told(3, { dsack: true })).toBe(0);
    expect(told(3, { cause: Cause.RTO })).toBe(0);
    const { watched } = story([
      { end: 1001, cause: Cause.FAST, sndUna: 1, sndNxt: 20_001 },
      { ack: 500, dsack: true },
    ]);
    expect(watched).toEqual([true, false]);
    const timedOut = [
      { end: 1001, cause: Cause.FAST, sndUna: 1, sndNxt: 20_001 },
      { end: 1001, cause: Cause.RTO },
      { ack: 20_001 },
    ];
    expect(story(timedOut).watched).toEqual([true, true, false]);
  });

  it('is followed to the end of the round after the repair', () => {
    const { watched } = story(rounds(1));
    expect([watched[0], watched[1], watched.at(-2), watched.at(-1)]).toEqual([true, true, true, true]);
    expect(story([...rounds(1), { at: 1300, ack: 40_002 }]).watched.at(-1)).toBe(false);
    // Not all that was lost is acknowledged yet, or just that.
    const parts = (ack: number, then: number) =>
      story([{ end: 1001, cause: Cause.FAST, sndUna: 1, sndNxt: 20_001 }, { ack }, { ack: then }, { ack: 30_000 }])
        .watched;
    expect(parts(20_000, 20_000)).toEqual([true, true, true, true]);
    expect(parts(20_001, 20_001)).toEqual([true, true, true, true]);
    expect(parts(20_001, 20_002)).toEqual([true, true, true, false]);
  });
});
