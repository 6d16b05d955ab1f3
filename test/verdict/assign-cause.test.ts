/** Why a segment was sent again, by what its sender knew: each time and condition of `cause.ts` with an example on either side. */

import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { ACK, FIN, SYN } from '../../src/model/flags.ts';
import { Ca } from '../../src/model/outbound.ts';
import { NEVER } from '../../src/model/packed.ts';
import { Option, SegmentView } from '../../src/model/segment.ts';
import { Phase } from '../../src/model/summary.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { CAUSE_NAMES, Cause, Excuse, Verdict } from '../../src/model/verdict.ts';
import type { CaState } from '../../src/verdict/ca-state.ts';
import { assignCause } from '../../src/verdict/cause.ts';
import type { Feedback } from '../../src/verdict/feedback.ts';
import { Outbound } from '../../src/verdict/outbound.ts';
import type { RttEstimator } from '../../src/verdict/rtt-estimator.ts';
import { TransmissionPool } from '../../src/verdict/transmission.ts';

const MS = 1e6;
/** When the segment is sent again. */
const NOW = 100_000 * MS;
/** So many milliseconds before it. */
const ago = (ms: number) => NOW - ms * MS;

interface Case {
  /** The segment: bytes 1 to 101 of 1000. */
  seq?: number;
  end?: number;
  ack?: number;
  view?: Partial<SegmentView>;
  /** Milliseconds since the sender's latest data, and since its timer was started. */
  quiet?: number;
  timer?: number;
  /** Shortest answers (ms) of the peer, and of the sender itself: both together are a round trip. */
  peerAnswers?: number;
  ownAnswers?: number;
  rtt?: Partial<RttEstimator>;
  feedback?: Partial<Feedback>;
  ca?: Partial<CaState>;
  highSacked?: number;
  pathMtuTime?: number;
  clocks?: object;
  /** Clocks that the peer has shown, and when its latest segment passed. */
  peerClocks?: object;
  peerSent?: number;
  lastSentTime?: number;
  lastNewTime?: number;
  sender?: object;
  peer?: object;
}

/** Captured at the sender: the peer answers after 100 ms, the sender at once. */
function assigned(of: Case) {
  const { seq = 1, end = 101, ack = 1, view = {}, quiet = 150, timer = quiet } = of;
  const outbound = new Outbound(new TransmissionPool());
  Object.assign(outbound, { lastDataTime: ago(quiet), timerStart: timer < 0 ? NEVER : ago(timer) });
  Object.assign(outbound, { lastSentTime: of.lastSentTime ?? ago(quiet) });
  if (of.lastNewTime !== undefined) outbound.lastNewTime = of.lastNewTime;
  if (of.pathMtuTime !== undefined) outbound.pathMtuTime = of.pathMtuTime;
  Object.assign(outbound.rtt, { min: (of.peerAnswers ?? 100) * MS, ...of.rtt });
  Object.assign(outbound.feedback, of.feedback);
  Object.assign(outbound.clocks, of.clocks);
  Object.assign(outbound.ca, of.ca);
  outbound.scoreboard.highSacked = of.highSacked ?? 0;
  const peerOutbound = new Outbound(new TransmissionPool());
  peerOutbound.rtt.min = (of.ownAnswers ?? 0) * MS;
  peerOutbound.feedback.echoTime = NOW;
  Object.assign(peerOutbound.clocks, of.peerClocks);
  if (of.peerSent !== undefined) peerOutbound.lastSentTime = of.peerSent;
  const sender = { sndUna: 1, sndNxt: 1001, lastAck: 1, hasIss: true, sackPermitted: true, lastFrame: 4, outbound };
  const peer = {
    seen: true,
    mss: 100,
    finEnd: -1,
    hasIss: true,
    sackPermitted: true,
    lastFrame: 3,
    outbound: peerOutbound,
  };
  Object.assign(sender, { peer: Object.assign(peer, { peer: sender }, of.peer) }, of.sender);
  const verdict = new Verdict();
  const t = { seq, end, ack, previousSndNxt: 1001 } as unknown as TrackedSegment;
  const segment = Object.assign(new SegmentView(), { flags: ACK, time: NOW, frame: 9, ...view });
  assignCause(verdict, sender as unknown as Endpoint, outbound, t, segment);
  return { verdict, ca: outbound.ca };
}
const cause = (of: Case) => CAUSE_NAMES[assigned(of).verdict.cause];
const NS = 1e-6;

describe('a silence', () => {
  const short = { peerAnswers: 1 };

  it('is a timer after one and a half round trips, and after 4 ms', () => {
    expect([cause({ quiet: 150 }), cause({ quiet: 150 + NS })]).toEqual(['unknown', 'rto']);
    expect([cause({ ...short, quiet: 4 }), cause({ ...short, quiet: 4 + NS })]).toEqual(['unknown', 'rto']);
    // The way to the sender and back is part of the round trip.
    expect([cause({ ownAnswers: 20, quiet: 180 }), cause({ ownAnswers: 20, quiet: 180 + NS })]).toEqual([
      'unknown',
      'rto',
    ]);
  });

  it('begins with the latest data, and with the latest ACK that had an effect', () => {
    const lastEffect = (ms: number) => cause({ quiet: 151, feedback: { lastEffect: ago(ms) } });
    expect([lastEffect(150), lastEffect(152)]).toEqual(['unknown', 'rto']);
    expect(assigned({ quiet: 151, feedback: { lastEffect: ago(50) } }).verdict.waited).toBe(50 * MS);
  });

  it('is shown by the clock of the sender where the network held segments back, and no ACK came since', () => {
    const stamps = {
      view: { options: Option.TIMESTAMPS, tsVal: 1151 },
      clocks: { maxTsVal: 1000, firstTsVal: 0, firstTsTime: 0 },
    };
    const of = (feedback: Partial<Feedback>) =>
      cause({ ...stamps, quiet: 10, lastSentTime: ago(10), feedback: { lastHeard: ago(5), ...feedback } });
    expect([of({ lastEffect: ago(9) }), of({ lastEffect: ago(10) })]).toEqual(['fast', 'rto']);
  });

  it('without one, what was heard within a round trip and 4 ms is the reason, else there is none', () => {
    const heard = (ms: number) => cause({ quiet: 10, feedback: { lastHeard: ago(ms) } });
    expect([heard(104), heard(104 + NS)]).toEqual(['fast', 'unknown']);
  });

  it('is told from a round trip that was measured only; where none was, it lasts 180 ms', () => {
    const unmeasured = (quiet: number) => cause({ peerAnswers: -1, quiet, feedback: { lastHeard: ago(quiet) } });
    expect([unmeasured(180), unmeasured(180 + NS)]).toEqual(['unknown', 'rto']);
    expect(cause({ peerAnswers: 0, quiet: 5 })).toBe('rto');
  });

  it('is none while the sender had not heard the latest that passed: its echo tells, where its distance does not', () => {
    // The clock of the peer ticks once a millisecond, and shows 1000 where its latest segment passed.
    const peerClocks = { firstTsVal: 0, firstTsTime: ago(1005), maxTsVal: 1000 };
    const echo = (tsEcr: number, ownAnswers = -1) =>
      cause({
        peerAnswers: 1,
        ownAnswers,
        quiet: 10,
        view: { options: Option.TIMESTAMPS, tsEcr },
        peerClocks,
        peerSent: ago(5),
        feedback: { lastHeard: ago(50) },
      });
    // So old is what it echoes: 5 ms and the ticks since. Of 10 ms that leaves less than one and a half round trips.
    expect([echo(999), echo(1000), echo(998, 0)]).toEqual(['unknown', 'rto', 'rto']);
  });

  it('of a segment in the middle is a timeout, of the last one a probe (RFC 8985 section 7.2)', () => {
    expect([cause({ seq: 901, end: 1000, quiet: 151 }), cause({ seq: 901, end: 1001, quiet: 151 })]).toEqual([
      'rto',
      'tlp',
    ]);
  });
});

describe('a tail loss probe', () => {
  const tail = { seq: 901, end: 1001 };
  const probe = (quiet: number, of: Case = {}) => cause({ ...tail, quiet, ...of });

  it('comes within three round trips and 350 ms, or one and a half timeouts', () => {
    expect([probe(650), probe(650 + NS)]).toEqual(['tlp', 'rto']);
    const measured = { rtt: { srtt: 100 * MS, rto: 300 * MS } };
    expect([probe(450, measured), probe(450 + NS, measured)]).toEqual(['tlp', 'rto']);
    // The way to the sender and back counts for both.
    expect([probe(465, { ...measured, ownAnswers: 10 }), probe(465 + NS, { ...measured, ownAnswers: 10 })]).toEqual([
      'tlp',
      'rto',
    ]);
    expect([probe(680, { ownAnswers: 10 }), probe(680 + NS, { ownAnswers: 10 })]).toEqual(['tlp', 'rto']);
    const slow = { rtt: { srtt: 100 * MS, rto: 900 * MS } };
    expect([probe(650, slow), probe(650 + NS, slow)]).toEqual(['tlp', 'rto']);
  });

  it('comes once, not after a timeout, and where SACK may be on', () => {
    expect(probe(200, { ca: { tlpEnd: 1001 } })).toBe('rto');
    expect(probe(200, { ca: { tlpEnd: 0 } })).toBe('rto');
    expect(probe(200, { ca: { timeouts: 1 } })).toBe('rto');
    expect(probe(200, { sender: { sackPermitted: false } })).toBe('rto');
    expect(probe(200, { peer: { sackPermitted: false } })).toBe('rto');
    expect(probe(200, { peer: { sackPermitted: false, synOptions: Option.CUT } })).toBe('tlp');
    expect(probe(200, { sender: { sackPermitted: false, hasIss: false } })).toBe('tlp');
    expect(probe(200, { peer: { sackPermitted: false, hasIss: false } })).toBe('tlp');
  });

  it('of the oldest that is outstanding may have been a timeout, but no timer is shorter than 180 ms', () => {
    const isOpen = (seq: number, quiet: number) => assigned({ seq, end: 1001, quiet }).verdict.mayBeTimeout;
    expect([isOpen(1, 180), isOpen(1, 180 - NS), isOpen(2, 180)]).toEqual([true, false, false]);
  });

  it('is remembered by its end', () => {
    expect(assigned({ ...tail, quiet: 200 }).ca.tlpEnd).toBe(1001);
  });

  it('was a timeout where the next wait is 1.6 times as long, or longer', () => {
    const second = (waited: number, end = 1001) => {
      const tlpVerdict = Object.assign(new Verdict(), {
        cause: Cause.TLP,
        waited: 100 * MS,
        confidence: 0.6,
        mayBeTimeout: true,
      });
      const { ca, verdict } = assigned({
        seq: 1,
        end,
        quiet: waited,
        peerAnswers: 1,
        ca: { tlpEnd: 1001, tlpVerdict },
      });
      // A shorter wait leaves the question to the next one.
      const isOpen = waited < 160 && end >= 1001;
      expect([CAUSE_NAMES[verdict.cause], ca.tlpVerdict]).toEqual(['rto', isOpen ? tlpVerdict : null]);
      expect(tlpVerdict.mayBeTimeout).toBe(tlpVerdict.confidence < 0.9);
      return [CAUSE_NAMES[tlpVerdict.cause], tlpVerdict.confidence, ca.timeouts, verdict.backoff];
    };
    expect(second(160)).toEqual(['rto', 0.9, 2, 1]);
    expect(second(160 - NS)).toEqual(['tlp', 0.6, 1, 0]);
    // What is sent again holds all of the probe, and may hold more.
    expect(second(160, 1000)).toEqual(['tlp', 0.6, 1, 0]);
    expect(second(160, 1002)).toEqual(['rto', 0.9, 2, 1]);
    // A second wait that is hardly longer shows that no timer was doubled.
    expect(second(110)).toEqual(['tlp', 0.9, 1, 0]);
    expect(second(110 + NS)).toEqual(['tlp', 0.6, 1, 0]);
  });
});

describe('the wait before a repeat of what was acknowledged', () => {
  it('is counted from the latest sending: its sender has not heard that ACK', () => {
    const waited = (sndUna: number, end = 1001) => {
      const feedback = { lastEffect: ago(250) };
      const { verdict } = assigned({
        seq: 901,
        end,
        quiet: 400,
        timer: 250,
        feedback,
        sender: { sndUna, sackPermitted: false },
      });
      expect(CAUSE_NAMES[verdict.cause]).toBe('rto');
      return verdict.waited / MS;
    };
    expect([waited(1001), waited(1000)]).toEqual([400, 250]);
    // Something was sent after it: when this left, nobody knows.
    expect(waited(1001, 1000)).toBe(250);
  });
});

describe('a probe before waits that grow by less than twice', () => {
  let sureness: number;
  /** Waits in ms: that of the probe, and two that follow. */
  const probe = (first: number, second: number, third: number) => {
    const tlpVerdict = Object.assign(new Verdict(), { cause: Cause.TLP, waited: first * MS, confidence: 0.6 });
    const { ca } = assigned({
      seq: 1,
      end: 1001,
      quiet: third,
      peerAnswers: 1,
      ca: { tlpEnd: 1001, tlpVerdict, tlpNext: second * MS },
    });
    expect([ca.tlpVerdict, ca.tlpNext]).toEqual([null, -1]);
    sureness = tlpVerdict.confidence;
    return CAUSE_NAMES[tlpVerdict.cause];
  };

  it('was a timeout where what they grow by doubles, but for a tenth', () => {
    // 200 ms and a timer of 200 ms, of 400 ms, of 800 ms.
    expect(probe(400, 600, 1000)).toBe('rto');
    // They grow by 180 ms and 400 ms.
    expect([probe(420, 600, 1000), probe(420 + NS, 600, 1000)]).toEqual(['rto', 'tlp']);
    expect([probe(380, 600, 1000), probe(380 - NS, 600, 1000)]).toEqual(['rto', 'tlp']);
  });

  it('was one where the timer itself doubles: at 1.9 times it does not yet', () => {
    // They grow by 450 and 900 ms after a first wait of 1000 ms, and by a little more.
    expect([probe(550, 1000, 1900), probe(550, 1000, 1900 + NS)]).toEqual(['rto', 'tlp']);
  });

  it('is a sure one where the second timer is doubled, and an open one where neither fits', () => {
    probe(900, 1000, 1900 + NS);
    expect(sureness).toBe(0.9);
    probe(900, 1000, 1900);
    expect(sureness).toBe(0.6);
  });
});

describe('new data between what was lost and its timeout', () => {
  /** Timer 300 ms by the round trips; 100 ms is one of them. */
  const waited = (timer: number, quiet: number, of: Case = {}) => {
    const rtt = { srtt: 100 * MS, rto: 300 * MS };
    const { verdict } = assigned({ rtt, timer, quiet, lastNewTime: ago(quiet), ...of });
    expect(CAUSE_NAMES[verdict.cause]).toBe('rto');
    return verdict.waited / MS;
  };

  it('was a probe that armed the timer anew (RFC 8985 section 7.3), or of an application (RFC 6298 section 5.1)', () => {
    expect([waited(501, 299), waited(395, 190), waited(401, 199)]).toEqual([299, 395, 401]);
    // As near as the other.
    expect([waited(400, 200), waited(401, 200)]).toEqual([400, 200]);
  });

  it('was none where the timer would have been more than one and a half times as long as by the round trips', () => {
    expect([waited(700, 450), waited(700, 450 + NS)]).toEqual([450, 700]);
  });

  it('was no probe sooner than after two round trips, after a timeout, or where it was sent again', () => {
    expect([waited(500, 300), waited(499, 300)]).toEqual([300, 499]);
    expect(waited(500, 300, { ca: { timeouts: 1 } })).toBe(500);
    expect(waited(500, 300, { lastNewTime: ago(301) })).toBe(500);
    expect(waited(500, 300, { rtt: {} })).toBe(500);
  });
});

describe('a sender that was told', () => {
  const told = (of: Case) => cause({ quiet: 10, ...of }) === 'fast';

  it('by SACK above it, by a duplicate ACK, or by two that stood there', () => {
    expect(told({})).toBe(false);
    expect([told({ highSacked: 2 }), told({ highSacked: 1 })]).toEqual([true, false]);
    expect(told({ feedback: { dupAcks: 1 } })).toBe(true);
    const stood = (duplicateUna: number, duplicatesThere: number) =>
      told({ feedback: { duplicateUna, duplicatesThere } });
    expect([stood(1, 2), stood(1, 1), stood(2, 2)]).toEqual([true, false, false]);
  });

  it('shows by its echo how long the answer took, and a timer does not', () => {
    // The clock of the peer ticks once a millisecond, and shows 1000 where its latest segment passed.
    const peerClocks = { firstTsVal: 0, firstTsTime: ago(1005), maxTsVal: 1000 };
    const age = (of: Case, options: number = Option.TIMESTAMPS) =>
      assigned({ view: { options, tsEcr: 970 }, peerClocks, peerSent: ago(5), ...of }).verdict.echoAge / MS;
    expect(age({ quiet: 10, highSacked: 2 })).toBeCloseTo(35);
    expect([age({ quiet: 10, highSacked: 2 }, 0) * MS, age({ quiet: 250 }) * MS]).toEqual([-1, -1]);
  });

  it('could have heard of it: its TSecr is no older than the report', () => {
    const echo = (tsEcr: number, of: Case = {}) =>
      told({ view: { options: Option.TIMESTAMPS, tsEcr }, feedback: { dupAcks: 1, reportTsVal: 500 }, ...of });
    expect([echo(499), echo(500), echo(501)]).toEqual([false, true, true]);
    expect(echo(0, { feedback: { dupAcks: 1, reportTsVal: 0xffffffff } })).toBe(true);
    expect(echo(499, { feedback: { dupAcks: 1, reportTsVal: -1 } })).toBe(true);
    expect(echo(0xffffffff, { feedback: { dupAcks: 1, reportTsVal: 0 } })).toBe(false);
    // Without timestamps, and where it reports holes itself, its echo says nothing.
    expect(echo(499, { view: { tsEcr: 499 } })).toBe(true);
    expect(echo(499, { view: { tsEcr: 499, options: Option.TIMESTAMPS | Option.SACK } })).toBe(true);
  });

  it('may have heard of it by an ACK that the capture lacks: of before its first one, or just before the report', () => {
    const reports = { dupAcks: 1, reportTsVal: 500, reportFrame: 7 };
    const echo = (tsEcr: number, firstTsVal: number, beforeReport: number, soundFrom = 0) =>
      assigned({
        quiet: 10,
        view: { options: Option.TIMESTAMPS, tsEcr },
        rtt: { soundFrom },
        peerClocks: { firstTsVal, maxTsVal: 500 },
        feedback: { ...reports, beforeReport },
      }).verdict;
    const told = (...of: Parameters<typeof echo>) => CAUSE_NAMES[echo(...of).cause] === 'fast';
    expect([told(399, 400, 450), told(400, 400, 450)]).toEqual([true, false]);
    // The first one since the capture's clock was set back is not the first one of the capture.
    expect([told(399, 400, 450, 5), told(451, 400, 450, 5)]).toEqual([false, true]);
    expect([told(450, 400, 450), told(451, 400, 450), told(450, 400, -1)]).toEqual([false, true, false]);
    // The report that was seen is not what it heard.
    expect(echo(451, 400, 450)).toMatchObject({ confidence: 0.6, evidence: [] });
    expect(echo(500, 400, 450)).toMatchObject({ confidence: 0.97, evidence: [7] });
  });

  it('names the frame that told', () => {
    const evidence = (reportFrame: number, dupAcks = 1) =>
      assigned({ quiet: 10, feedback: { dupAcks, reportFrame, lastHeard: ago(1) } }).verdict.evidence;
    expect([evidence(7), evidence(1), evidence(0), evidence(7, 0)]).toEqual([[7], [1], [], []]);
  });

  it('has a timeout after 180 ms at its left edge, not above it', () => {
    const of = (quiet: number, seq = 1) => cause({ quiet, seq, feedback: { dupAcks: 1 } });
    expect([of(180), of(180 - NS), of(180, 2)]).toEqual(['rto', 'fast', 'fast']);
    // The SYN's place counts as acknowledged.
    expect(cause({ quiet: 180, seq: 1, feedback: { dupAcks: 1 }, sender: { sndUna: 0 } })).toBe('rto');
  });
});

describe('a sender that recovers', () => {
  const recovering = (of: Case, state: number = Ca.RECOVERY) => cause({ quiet: 10, ...of, ca: { state } });
  const times = (srtt: number, rttvar: number) => ({ rtt: { srtt: srtt * MS, rttvar: rttvar * MS } });

  it('goes on with what began it', () => {
    expect([recovering({}), recovering({}, Ca.LOSS)]).toEqual(['fast', 'rto-recovery']);
  });

  it.each([
    // SRTT + 4 RTTVAR (RFC 6298 section 2), SRTT and half of it at the least, and 180 ms.
    [220, times(100, 30)],
    [180, times(100, 10)],
    [300, times(200, 20)],
    [231, { ...times(100, 30), ownAnswers: 11 }],
    [180, times(0, 0)],
  ])('has a timeout %i ms after the timer was started', (timer, of) => {
    expect([recovering({ ...of, timer }), recovering({ ...of, timer: timer - NS })]).toEqual(['rto', 'fast']);
    expect(recovering({ ...of, timer, seq: 2 })).toBe('fast');
    // Outside of recovery, and without a silence, the timer says nothing.
    expect(cause({ ...of, quiet: 10, timer, feedback: { dupAcks: 1 } })).toBe('fast');
  });

  it('has none where no timer, or no round trip, is known', () => {
    expect(recovering({ ...times(100, 30), timer: -1 })).toBe('fast');
    expect(recovering({ timer: 5000 })).toBe('fast');
  });

  it('whose timer had expired is seen as such after a silence that is shorter than 180 ms', () => {
    const after = (timer: number) => cause({ quiet: 151, timer, ...times(100, 10), feedback: { dupAcks: 1 } });
    expect([after(180), after(180 - NS)]).toEqual(['rto', 'fast']);
  });

  describe('where the capture lacks packets', () => {
    // It sends in the middle of what is outstanding, after a silence, and echoes what the peer was not seen to send.
    const silent = (quiet: number, of: Case = {}) =>
      assigned({
        seq: 2,
        quiet,
        highSacked: 500,
        rtt: { srtt: 100 * MS, rto: 300 * MS },
        lastSentTime: ago(quiet),
        view: { options: Option.TIMESTAMPS, tsVal: 90_000, tsEcr: 701 },
        clocks: { maxTsVal: 1, firstTsVal: 1, firstTsTime: ago(quiet) },
        peerClocks: { firstTsVal: 1, maxTsVal: 700 },
        ...of,
      });
    const is = (...of: Parameters<typeof silent>) => CAUSE_NAMES[silent(...of).verdict.cause];

    it('may have had a timeout there, after a silence as long as that', () => {
      expect([is(300), is(300 - NS)]).toEqual(['unknown', 'fast']);
      expect([is(180, { rtt: {} }), is(180 - NS, { rtt: {} })]).toEqual(['unknown', 'fast']);
    });

    it('which its echo shows, or an echo of what it was not seen to send', () => {
      const heard = (maxTsVal: number, lastEcho = -1) =>
        is(300, { peerClocks: { firstTsVal: 1, maxTsVal }, feedback: { lastEcho } });
      expect([heard(700), heard(701), heard(-1)]).toEqual(['unknown', 'fast', 'fast']);
      expect([heard(701, 2), heard(701, 1)]).toEqual(['unknown', 'fast']);
      expect(is(300, { view: { tsEcr: 701 } })).toBe('fast');
      expect(is(300, { clocks: {} })).toBe('fast');
    });

    it('and repairs for that or for what it was told, up to what it had sent by then', () => {
      expect(silent(300).ca.unseenTimeoutTo).toBe(1001);
      const later = (unseenTimeoutTo: number) => cause({ quiet: 10, highSacked: 500, ca: { unseenTimeoutTo } });
      expect([later(2), later(1)]).toEqual(['unknown', 'fast']);
    });

    it('but goes on after a timeout that was seen, and has one where its timer expired', () => {
      expect(is(300, { ca: { state: Ca.LOSS } })).toBe('rto-recovery');
      expect(is(300, { ca: { state: Ca.RECOVERY } })).toBe('unknown');
      expect(is(300, { seq: 1 })).toBe('rto');
    });
  });

  it('counts its timeouts and its retransmissions', () => {
    expect(assigned({ quiet: 200, ca: { state: Ca.LOSS, timeouts: 2, undoRetrans: 1 } })).toMatchObject({
      ca: { timeouts: 3, undoRetrans: 2, state: Ca.LOSS, timeoutStart: 1, recoveryPoint: 1001 },
      verdict: { backoff: 2, waited: 200 * MS },
    });
    expect(assigned({ quiet: 10, highSacked: 500 }).ca).toMatchObject({
      state: Ca.RECOVERY,
      undoRetrans: 1,
      recoveryPoint: 1001,
      timeouts: 0,
    });
    expect(assigned({ quiet: 10 }).ca).toMatchObject({ state: Ca.OPEN, undoRetrans: 0 });
    expect(assigned({ quiet: 10, ca: { state: Ca.RECOVERY, recoveryPoint: 500 } }).ca.recoveryPoint).toBe(500);
  });
});

describe('a last segment that came once, beside the receiver', () => {
  it('was sent again by a probe or a timeout: nobody knows when it was sent first', () => {
    const tail = (of: Case, at: Partial<Case> = { peerAnswers: 1, ownAnswers: 99 }) =>
      cause({
        seq: 901,
        end: 1001,
        quiet: 700,
        view: { payloadLength: 100 },
        sender: { sndUna: 901 },
        ...at,
        ...of,
      });
    expect([tail({}), tail({}, { peerAnswers: 99, ownAnswers: 1 })]).toEqual(['tlp', 'rto']);
    // What is acknowledged had come before, and what is not the last, or was sent again before, is no probe.
    expect([tail({ sender: { sndUna: 902 } }), tail({ end: 1000 })]).toEqual(['rto', 'rto']);
    expect([tail({ ca: { timeouts: 1 } }), tail({ view: { flags: FIN | ACK } })]).toEqual(['rto', 'rto']);
  });
});

describe('a sender whose distance only its echoes tell', () => {
  /** It echoes what the other end had sent 210 ms before, and has done so for `since` ms: so the way there and back takes 210 ms less. */
  const distant = (of: Case, since = 0, tsEcr = 800) => {
    const outbound = new Outbound(new TransmissionPool());
    outbound.rtt.min = -1;
    outbound.lastSentTime = ago(10);
    Object.assign(outbound.clocks, { maxTsVal: 1000, firstTsVal: 0, firstTsTime: ago(1010) });
    outbound.feedback.echoTime = ago(since);
    return cause({
      peerAnswers: 1,
      view: { options: Option.TIMESTAMPS, tsVal: 500, tsEcr },
      peer: { outbound },
      ...of,
    });
  };

  it('waits for its timer only after one and a half such round trips', () => {
    const after = (quiet: number, since?: number, echo?: number) => distant({ quiet }, since, echo);
    expect([after(1.5 * 211), after(1.5 * 211 + NS)]).toEqual(['unknown', 'rto']);
    expect([after(1.5 * 111, 100), after(1.5 * 111 + NS, 100)]).toEqual(['unknown', 'rto']);
    // What it echoes is the latest: nothing is on its way.
    expect([after(4, 0, 1000), after(4 + NS, 0, 1000)]).toEqual(['unknown', 'rto']);
  });

  it('has a timer that is 180 ms longer than that, at the least', () => {
    const ran = (timer: number, rttvar = 0) =>
      distant({ quiet: 10, timer, rtt: { srtt: 10 * MS, rttvar: rttvar * MS }, ca: { state: Ca.RECOVERY } });
    expect([ran(210 + 220 + 180), ran(210 + 220 + 180 - NS)]).toEqual(['rto', 'fast']);
    expect([ran(210 + 220 + 184, 46), ran(210 + 220 + 184 - NS, 46)]).toEqual(['rto', 'fast']);
  });
});

describe('beside the receiver', () => {
  /** Round trip 100 ms, 99 of them to the sender. */
  const far = (of: Case) => cause({ peerAnswers: 1, ownAnswers: 99, quiet: 10, ...of });

  it('the ACK, and its answer, take a round trip: so much less had the timer run', () => {
    const told = { feedback: { dupAcks: 1 } };
    expect([far({ ...told, quiet: 151, timer: 280 }), far({ ...told, quiet: 151, timer: 280 - NS })]).toEqual([
      'rto',
      'fast',
    ]);
    expect(assigned({ peerAnswers: 1, ownAnswers: 99, quiet: 200, timer: 290 }).verdict.waited).toBe(200 * MS);
    expect(assigned({ peerAnswers: 1, ownAnswers: 99, quiet: 185, timer: 290 }).verdict.waited).toBe(190 * MS);
  });

  it('a silence has to leave room for one and a half round trips of the timer', () => {
    // Round trip 200 ms: 300 ms of the timer, and a silence of more than 300 ms would be one by itself.
    const of = (timer: number) =>
      cause({
        peerAnswers: 2,
        ownAnswers: 198,
        quiet: 170,
        timer,
        feedback: { dupAcks: 1 },
        ca: { state: Ca.RECOVERY },
      });
    expect(of(5000)).toBe('fast');
  });

  it('who was told within two round trips repairs, unless its own clock shows a silence of 180 ms', () => {
    const reported = (ms: number) => far({ feedback: { lastReport: ago(ms) } });
    expect([reported(200 - NS), reported(200), far({})]).toEqual(['fast', 'unknown', 'unknown']);
    const silent = (ticks: number) =>
      far({
        quiet: 150,
        feedback: { lastReport: ago(160) },
        view: { options: Option.TIMESTAMPS, tsVal: 1000 + ticks },
        clocks: { maxTsVal: 1000, firstTsVal: 1000, firstTsTime: 0 },
      });
    expect(silent(149)).toBe('fast');
  });

  it('repairs go on for 1.2 round trips after the ACK that ended them', () => {
    const ended = (ms: number, endedState: number) => far({ ca: { episodeEnd: ago(ms), endedState } });
    expect([ended(120 - NS, Ca.LOSS), ended(120 - NS, Ca.RECOVERY)]).toEqual(['rto-recovery', 'fast']);
    expect([ended(120, Ca.LOSS), far({ ca: { episodeEnd: NEVER, endedState: Ca.LOSS } })]).toEqual([
      'unknown',
      'unknown',
    ]);
    // Elsewhere the ACK ends it, and after a silence the timer has.
    expect(cause({ quiet: 10, ca: { episodeEnd: ago(5), endedState: Ca.LOSS } })).toBe('unknown');
    expect(
      cause({ quiet: 10, ca: { episodeEnd: ago(5), endedState: Ca.LOSS }, peerAnswers: 25, ownAnswers: 100 }),
    ).toBe('unknown');
    expect(far({ quiet: 151, ca: { episodeEnd: ago(110), endedState: Ca.RECOVERY } })).toBe('unknown');
  });

  it('a silence in the middle is a timeout from 180 ms on', () => {
    expect([far({ quiet: 180 }), far({ quiet: 180 - NS })]).toEqual(['rto', 'unknown']);
  });
});

describe('where the other end was never seen', () => {
  const unheard = (of: Case) => cause({ quiet: 10, ...of, peer: { seen: false, ...of.peer } });

  it('a silence of 180 ms is a timeout', () => {
    expect([unheard({ quiet: 180 }), unheard({ quiet: 180 - NS, end: 1001 })]).toEqual(['rto', 'unknown']);
  });

  it('more than two segments after it tell of a loss (RFC 6675 section 4)', () => {
    const after = (bytes: number, mss = 100, length = 100) =>
      unheard({ end: 1 + length, sender: { sndNxt: 1 + length + bytes }, peer: { mss } });
    expect([after(200), after(201)]).toEqual(['unknown', 'fast']);
    // The smaller of the MSS and the segment, which alone counts where there is no MSS.
    expect([after(100, 50), after(101, 50)]).toEqual(['unknown', 'fast']);
    expect([after(120, 100, 60), after(121, 100, 60)]).toEqual(['unknown', 'fast']);
    expect([after(200, -1), after(201, -1)]).toEqual(['unknown', 'fast']);
  });

  it('a recovery goes on', () => {
    const recoveryPoint = 1001;
    expect(unheard({ end: 1001, ca: { state: Ca.LOSS, recoveryPoint } })).toBe('rto-recovery');
    expect(unheard({ end: 1001, ca: { state: Ca.RECOVERY, recoveryPoint } })).toBe('fast');
  });

  it('a recovery ends with what had been sent when it began', () => {
    const at = (seq: number) => unheard({ seq, end: 1001, ca: { state: Ca.LOSS, recoveryPoint: 501 } });
    expect([at(500), at(501)]).toEqual(['rto-recovery', 'unknown']);
  });

  it('nor is its data acknowledged, though it goes on: it was not heard either', () => {
    // Three segments follow; nothing was reported.
    const heard = (of: Case) => cause({ quiet: 10, end: 101, ...of });
    const past = (windowEdge: number, of: Case = {}) => heard({ peer: { windowShift: 0, windowEdge }, ...of });
    expect([past(1000), past(1001), past(0), past(-1)]).toEqual(['fast', 'unknown', 'fast', 'unknown']);
    expect(heard({ peer: { windowShift: -1, windowEdge: 0 } })).toBe('unknown');
    expect([past(0, { sender: { sndUna: 1 } }), past(0, { sender: { sndUna: 2 } })]).toEqual(['fast', 'unknown']);
    const echo = (tsEcr: number, options: number = Option.TIMESTAMPS) =>
      heard({ view: { options, tsEcr }, peerClocks: { firstTsVal: 1, maxTsVal: 700 } });
    expect([echo(701), echo(700), echo(701, 0)]).toEqual(['fast', 'unknown', 'unknown']);
    // What was told counts before.
    expect(past(0, { end: 1001, highSacked: 500 })).toBe('fast');
  });
});

describe('what a timeout has sent again', () => {
  const again = (timeoutStart: number, quiet = 180, state: number = Ca.LOSS) =>
    cause({ seq: 501, end: 601, quiet, ca: { state, timeoutStart } });

  it('is the left edge, where the acknowledgments of what lies before are not in the capture', () => {
    expect([again(501), again(500), again(502)]).toEqual(['rto', 'rto-recovery', 'rto-recovery']);
    expect([again(501, 180 - NS), again(501, 180, Ca.RECOVERY)]).toEqual(['rto-recovery', 'fast']);
  });
});

describe('a router that said that the packet was too big', () => {
  it('is the reason for a second, or for two timeouts', () => {
    const after = (ms: number, rto: number) => cause({ pathMtuTime: ago(ms), rtt: { rto: rto * MS } });
    expect([after(1000 - NS, 500), after(1000, 500)]).toEqual(['pmtu', 'unknown']);
    expect([after(1200 - NS, 600), after(1200, 600)]).toEqual(['pmtu', 'unknown']);
    expect(assigned({ pathMtuTime: ago(1) }).verdict.confidence).toBe(0.95);
  });
});

describe('a SYN', () => {
  it('is sent again by its timer, with or without ACK', () => {
    expect([cause({ view: { flags: SYN } }), cause({ view: { flags: SYN | ACK } })]).toEqual(['syn', 'syn-ack']);
    const { verdict, ca } = assigned({ view: { flags: SYN }, ca: { timeouts: 1 } });
    expect([verdict.confidence, ca.state, ca.timeouts, verdict.backoff]).toEqual([0.95, Ca.LOSS, 2, 1]);
  });

  it('is excused by a reset that is the latest of an end that has sent nothing else', () => {
    const excuse = (peer: object, flags = SYN) =>
      assigned({ view: { flags }, peer: { phase: Phase.RESET, hasIss: false, lastFrame: 5, ...peer } }).verdict.excuse;
    expect(excuse({})).toBe(Excuse.REFUSED_BEFORE);
    for (const peer of [{ lastFrame: 4 }, { phase: Phase.CLOSED }, { hasIss: true }])
      expect(excuse(peer)).toBe(Excuse.NONE);
    expect(excuse({}, SYN | ACK)).toBe(Excuse.NONE);
  });
});

describe('a FIN that takes the ACK of the crossing FIN with it', () => {
  const crossing = (of: Case) => {
    const { verdict } = assigned({
      seq: 1000,
      end: 1001,
      ack: 50,
      quiet: 179,
      view: { flags: FIN | ACK },
      ...of,
      peer: { finEnd: 50, ...of.peer },
      sender: { lastAck: 49, ...of.sender },
    });
    return verdict.excuse === Excuse.FIN_WITH_ACK;
  };

  it('is excused', () => {
    expect(crossing({})).toBe(true);
    expect(
      assigned({ seq: 1000, end: 1001, ack: 50, view: { flags: FIN | ACK }, peer: { finEnd: 50 } }).verdict,
    ).toMatchObject({ cause: Cause.UNKNOWN, confidence: 0.7 });
  });

  it('not after a silence, told of a loss, with data, or without news of the other FIN', () => {
    expect([crossing({ quiet: 180 }), crossing({ quiet: 180 - NS })]).toEqual([false, true]);
    expect(crossing({ feedback: { dupAcks: 1 } })).toBe(false);
    expect(crossing({ view: { flags: ACK } })).toBe(false);
    expect(crossing({ seq: 999 })).toBe(false);
    expect([crossing({ ack: 49 }), crossing({ sender: { lastAck: 50 } })]).toEqual([false, false]);
    expect([
      crossing({ peer: { finEnd: -1 }, sender: { lastAck: -2 } }),
      crossing({ peer: { finEnd: 0 }, sender: { lastAck: -1 } }),
    ]).toEqual([false, true]);
  });
});

describe('how sure a cause is', () => {
  const confidence = (of: Case) => assigned(of).verdict.confidence;

  it.each<[string, Case, number]>([
    ['a fast retransmission that was told', { quiet: 10, feedback: { dupAcks: 1 } }, 0.97],
    ['one that follows what was heard', { quiet: 10, feedback: { lastHeard: ago(1) } }, 0.6],
    ['a probe of the only segment', { seq: 1, end: 1001, quiet: 200 }, 0.6],
    ['a probe of the last of several', { seq: 901, end: 1001, quiet: 200 }, 0.9],
    ['a timeout', { quiet: 200 }, 0.9],
    ['none that is known', { quiet: 10 }, 0.3],
    ['the rest after a timeout', { quiet: 10, ca: { state: Ca.LOSS } }, 0.95],
  ])('%s', (_, of, expected) => {
    expect(confidence(of)).toBe(expected);
  });

  it('a probe that may have been a timeout is kept for the next wait', () => {
    expect(assigned({ seq: 1, end: 1001, quiet: 200 }).ca.tlpVerdict).not.toBeNull();
    expect(assigned({ seq: 901, end: 1001, quiet: 200 }).ca.tlpVerdict).toBeNull();
  });
});
