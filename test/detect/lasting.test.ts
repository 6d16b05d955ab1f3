/** What lasts over several segments: closed and full windows, gaps, damage, missing packets. Of each condition an example on either side. */

import { describe, expect, it } from 'vitest';
import type { CaptureEnd } from '../../src/detect/detector.ts';
import { Fact } from '../../src/detect/facts.ts';
import { HandshakeOrder } from '../../src/detect/handshake-order.ts';
import { MissingPackets } from '../../src/detect/missing.ts';
import { CaptureNature } from '../../src/detect/nature.ts';
import { Offload } from '../../src/detect/offload.ts';
import { Pauses } from '../../src/detect/pauses.ts';
import { PortReuse } from '../../src/detect/port-reuse.ts';
import { ReceiveWindow } from '../../src/detect/receive-window.ts';
import { Recovery } from '../../src/detect/recovery.ts';
import { SynProbes } from '../../src/detect/syn-probes.ts';
import { UnfilledGaps } from '../../src/detect/unfilled.ts';
import { ZeroWindow } from '../../src/detect/zero-window.ts';
import { ACK, FIN, SYN } from '../../src/model/flags.ts';
import { NEVER } from '../../src/model/packed.ts';
import { ChecksumStatus, Option } from '../../src/model/segment.ts';
import { State } from '../../src/model/state.ts';
import { Cause, Excuse, Fate, Verdict } from '../../src/model/verdict.ts';
import { ends, listener, shown, valuesOf } from '../support/detector.ts';

const MS = 1e6;
const SECOND = 1e9;
const rtt = (min: number) => ({ outbound: { rtt: { min } } });
const toldBy = ({ raised, added }: ReturnType<typeof listener>) =>
  [...added.map((account) => account()), ...raised].filter((account) => account !== null);

describe('a closed window', () => {
  type Event = { at: number; what: number; by?: 'client' | 'server'; flags?: number; frame?: number; heard?: number };
  /** The client closes its window, the server probes; the shortest answers of the client take `answer` ms, of the server 1 ms. */
  const story = (
    events: readonly Event[],
    { client = {}, server = {}, end = 0, hasLeft = false, pausedAt = -1 } = {},
  ) => {
    const heard = listener();
    const pauses = new Pauses();
    if (pausedAt >= 0) pauses.see(1001, pausedAt * MS, pausedAt * MS + 3600 * SECOND);
    const zero = new ZeroWindow(heard.findings, pauses);
    const both = ends({ ...rtt(1 * MS), ...client }, { ...rtt(100 * MS), ...server }, { hasLeft });
    const segments = events.map(({ at, what, by, flags = ACK, frame = 10 + at, heard: lastFrame = 0 }) => {
      const sender = (by ?? (what === Fact.PROBE ? 'server' : 'client')) === 'client' ? both.client : both.server;
      sender.lastFrame = lastFrame;
      const segment = shown(sender, { facts: [what], view: { flags }, time: at * MS, frame });
      zero.inspect(segment);
      return segment;
    });
    zero.concludeConnection(both.connection, { time: end * MS } as CaptureEnd);
    const told = toldBy(heard);
    return {
      segments,
      closed: told.filter(({ id }) => id === 'zero-window'),
      lost: told.filter(({ id }) => id === 'window-update-lost'),
    };
  };
  const CLOSED = { at: 0, what: Fact.ZERO_WINDOW };
  const opened = (at: number) => ({ at, what: Fact.REOPENED });
  const probe = (at: number, heard = 0) => ({ at, what: Fact.PROBE, heard });

  it('lasts no longer than the capture went on', () => {
    const lasted = (pausedAt: number) => {
      const { closed } = story([CLOSED, probe(40), probe(90)], { end: 4e6, pausedAt });
      return (valuesOf(closed[0]).lasted as number) / MS;
    };
    expect([lasted(-1), lasted(89), lasted(90), lasted(200)]).toEqual([4e6, 4e6, 90, 200]);
  });

  it('is told with how long it lasted, and when it was probed', () => {
    const { closed } = story([CLOSED, probe(40), probe(90), opened(400)]);
    expect(closed).toMatchObject([{ severity: 'warning', evidence: [10, 50, 100, 410] }]);
    expect(valuesOf(closed[0])).toMatchObject({
      lasted: 400 * MS,
      opened: true,
      probes: 2,
      intervals: [40 * MS, 50 * MS],
    });
    const late = story([{ ...CLOSED, at: 30 }, probe(40), opened(400)]).closed;
    expect(valuesOf(late[0])).toMatchObject({ lasted: 370 * MS, intervals: [10 * MS] });
  });

  it('lasts to the end of the input, or to what is known of a connection that left', () => {
    const lasted = (events: readonly Event[], of: object) => valuesOf(story(events, of).closed[0]);
    expect(lasted([CLOSED], { end: 70 })).toMatchObject({ lasted: 70 * MS, opened: false });
    expect(lasted([CLOSED], { end: 70, hasLeft: true })).toMatchObject({ lasted: 0 });
    expect(lasted([CLOSED, probe(40)], { end: 70, hasLeft: true })).toMatchObject({ lasted: 40 * MS });
    expect(lasted([CLOSED, opened(50)], { end: 70 })).toMatchObject({ lasted: 50 * MS, opened: true });
    expect(lasted([CLOSED, opened(0)], { end: 70 })).toMatchObject({ lasted: 0, opened: true });
  });

  it('deserves a warning from 100 ms on, or with a probe', () => {
    const severity = (...events: Event[]) => story([CLOSED, ...events]).closed[0].severity;
    expect([severity(opened(99.999)), severity(opened(100)), severity(probe(1), opened(2))]).toEqual([
      'info',
      'warning',
      'warning',
    ]);
  });

  it('names the intervals of sixteen probes', () => {
    const intervals = (count: number) =>
      valuesOf(story([CLOSED, ...Array.from({ length: count }, (_, i) => probe(i + 1))]).closed[0]).intervals;
    expect([16, 17].map((count) => (intervals(count) as number[]).length)).toEqual([16, 16]);
  });

  it('closes once until it opens', () => {
    const times = (...events: Event[]) => story(events).closed.length;
    expect([times(CLOSED, { ...CLOSED, at: 5 }), times(CLOSED, opened(5), { ...CLOSED, at: 6 })]).toEqual([1, 2]);
    expect(times(CLOSED, opened(0), { ...CLOSED, at: 6 })).toBe(2);
  });

  it('stops nobody who has finished, and a closing end may say anything', () => {
    const isTold = (flags: number, server: object = {}) => story([{ ...CLOSED, flags }], { server }).closed.length > 0;
    expect([isTold(ACK), isTold(ACK | FIN), isTold(ACK, { finEnd: 0 }), isTold(ACK, { finEnd: 5 })]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('that opens twice opened at the first time; without a closed one nothing opens', () => {
    expect(valuesOf(story([CLOSED, opened(7), opened(9)]).closed[0])).toMatchObject({ lasted: 7 * MS });
    expect(story([CLOSED, opened(0), opened(9)]).closed.map((account) => valuesOf(account).lasted)).toEqual([0]);
    const none = story([opened(7), probe(9)]);
    expect([none.closed, none.lost]).toEqual([[], []]);
  });

  describe('whose update did not arrive', () => {
    it('is still probed a round trip after it opened', () => {
      // 101 ms there and back.
      const lost = (at: number, heard = 0) => story([CLOSED, opened(10), probe(at, heard)]).lost;
      expect([lost(110.999).length, lost(111).length]).toEqual([0, 1]);
      expect(lost(111)[0]).toMatchObject({ confidence: 0.9, evidence: [121, 20] });
      expect(valuesOf(lost(111)[0]).evidence).toEqual({ shown: 'probe-after', updateFrame: 20, since: 101 * MS });
      // Whoever has sent something since has heard of it.
      expect([lost(200, 20).length, lost(200, 21).length]).toEqual([1, 0]);
      expect(story([CLOSED, opened(0), probe(200)]).lost).toHaveLength(1);
    });

    it('is told once, and explains that probe', () => {
      const { lost, segments } = story([CLOSED, opened(10), probe(50), probe(200), probe(400)]);
      expect(lost).toHaveLength(1);
      expect(segments.map(({ explained }) => explained)).toEqual([false, false, false, true, false]);
    });

    it('opens just when the answer to a probe is due: after once to 1.2 times the shortest answer', () => {
      const lost = (at: number, answer = 100) =>
        story([CLOSED, probe(1000), opened(1000 + at)], { server: rtt(answer * MS), client: rtt(0) }).lost;
      expect([lost(99.999).length, lost(100).length, lost(120).length, lost(120.001).length]).toEqual([0, 1, 1, 0]);
      expect(lost(100)[0]).toMatchObject({ confidence: 0.6, evidence: [1110, 1010] });
      expect(valuesOf(lost(100)[0]).evidence).toEqual({ shown: 'answer', probeFrame: 1010 });
      // An answer that comes within a millisecond is made next to the capture.
      expect([lost(1, 1).length, lost(0.999999, 0.999999).length]).toEqual([1, 0]);
      expect(story([CLOSED, opened(100)], { client: rtt(0) }).lost).toEqual([]);
    });

    it('but not next to the receiver, where the update would have been seen', () => {
      const lost = (prober: number) =>
        story([CLOSED, probe(1000), opened(1100)], { client: rtt(prober * MS) }).lost.length;
      expect([lost(25), lost(25.001), lost(-1)]).toEqual([1, 0, 1]);
    });

    it('and is not told of twice', () => {
      expect(story([CLOSED, probe(1000), opened(1100), probe(3000)]).lost).toHaveLength(1);
    });
  });
});

describe('a full window', () => {
  interface Step {
    at: number;
    /** Room: the window moves. Otherwise the client sends up to `end`. */
    end?: number;
    edge?: number;
    facts?: readonly number[];
    bytes?: number;
    before?: number;
    episodeStart?: number;
  }
  /** The client sends into a window of the server that ends at 1001; the client answers within 10 ms. */
  const story = (steps: readonly Step[], { duration = 0, server = {} } = {}) => {
    const heard = listener();
    const windows = new ReceiveWindow(heard.findings);
    const both = ends({}, { windowEdge: 1001, window: 1000, ...server }, { duration });
    Object.assign(both.server.outbound!, { rtt: { min: 10 * MS } });
    for (const { at, end, edge, facts, bytes = 100, before = 1, episodeStart = NEVER } of steps) {
      if (edge !== undefined) both.server.windowEdge = edge;
      both.client.outbound!.episodeStart = episodeStart;
      const common = { time: at * MS, frame: 10 + at };
      windows.inspect(
        end === undefined
          ? shown(both.server, { facts: facts ?? [Fact.ROOM], ...common })
          : shown(both.client, {
              facts: [Fact.WINDOW_FULL, ...(facts ?? [])],
              view: { payloadLength: bytes },
              t: { seq: end - bytes, end, previousSndNxt: before },
              ...common,
            }),
      );
    }
    return { told: toldBy(heard), ...both };
  };
  const FULL = { at: 0, end: 1001 };

  it('is told of from 50 ms on, with the way of the news to the sender and back', () => {
    const told = (at: number) => story([FULL, { at }]).told;
    expect([told(39.999).length, told(40).length]).toEqual([0, 1]);
    expect(told(40)[0]).toMatchObject({ id: 'window-full', evidence: [50, 10] });
    expect(valuesOf(told(40)[0])).toMatchObject({ stops: 1, stopped: 50 * MS, largest: 1000 });
  });

  it('is told of once, with all that comes later', () => {
    const { told } = story([
      FULL,
      { at: 40 },
      { at: 50, end: 1001, before: 900 },
      { at: 100 },
      { at: 150, end: 1001, before: 950 },
      { at: 200 },
    ]);
    expect(told).toHaveLength(1);
    expect(valuesOf(told[0])).toMatchObject({ stops: 3, stopped: 170 * MS });
  });

  it('is a warning from 200 ms and a tenth of the connection on', () => {
    const severity = (at: number, duration: number) =>
      story([FULL, { at }], { duration: duration * MS }).told[0].severity;
    expect([severity(190, 2000), severity(189.999, 100), severity(190, 2000.001)]).toEqual(['warning', 'info', 'info']);
    expect(valuesOf(story([FULL, { at: 190 }], { duration: 400 * MS }).told[0]).share).toBe(0.5);
  });

  it('stops nobody who goes on sending, and nobody sends what it has sent', () => {
    const stopped = (steps: readonly Step[]) => valuesOf(story(steps).told[0])?.stopped;
    expect(stopped([{ at: 0, end: 951 }, { at: 30, end: 1001, before: 951 }, { at: 100 }])).toBe(80 * MS);
    expect([
      stopped([{ ...FULL, before: 1000 }, { at: 100 }]),
      stopped([FULL, { at: 30, end: 1001, before: 1001 }, { at: 100 }]),
    ]).toEqual([110 * MS, 110 * MS]);
    expect(valuesOf(story([{ at: 0, end: 951 }, { at: 30, end: 1001, before: 951 }, { at: 100 }]).told[0]).stops).toBe(
      1,
    );
    // What goes beyond shows that the capture missed an update: it was not stopped.
    const { client, told } = story([FULL, { at: 30, end: 1101, before: 1001 }]);
    expect([client.windowFullSince, told.map(({ id }) => id)]).toEqual([NEVER, ['data-beyond-window']]);
  });

  it('is told of from 50 ms on where nobody knows how far the sender is away', () => {
    const told = (at: number) => {
      const heard = listener();
      const windows = new ReceiveWindow(heard.findings);
      const { client, server } = ends({ windowFullSince: 0 }, { windowEdge: 1001 });
      windows.inspect(shown(server, { facts: [Fact.ROOM], time: at }));
      expect(client.windowFullSince).toBe(NEVER);
      return toldBy(heard).length;
    };
    expect([told(50 * MS - 1), told(50 * MS)]).toEqual([0, 1]);
  });

  it('that the repair of a loss fills is none', () => {
    const told = (episodeStart: number) =>
      story([
        { ...FULL, at: 5 },
        { at: 100, episodeStart },
      ]).told.length;
    expect([told(5 * MS), told(5 * MS - 1)]).toEqual([0, 1]);
    const twice = story([FULL, { at: 30, episodeStart: 10 * MS }, { at: 50, end: 1001, before: 900 }, { at: 150 }]);
    expect(valuesOf(twice.told[0])).toMatchObject({ stops: 1, stopped: 110 * MS });
  });

  it('is forgotten when the connection is over: what nobody answered, the window did not stop', () => {
    const { client, connection } = story([FULL]);
    expect(client.windowFullSince).toBe(0);
    new ReceiveWindow(listener().findings).concludeConnection(connection, {} as CaptureEnd);
    expect(client.windowFullSince).toBe(NEVER);
  });

  describe('that is exceeded', () => {
    const told = (steps: readonly Step[], server: object = {}) => story(steps, { server }).told;
    const beyond = (end: number, more: Partial<Step> = {}, server: object = {}) =>
      told([{ at: 0, end, ...more }], server).map((account) => valuesOf(account).most);

    it('by data, not by a FIN, a probe, a SYN, or one byte', () => {
      expect([beyond(1001), beyond(1002)]).toEqual([[], [1]]);
      expect([beyond(1002, { bytes: 1 }), beyond(1003, { bytes: 2 })]).toEqual([[], [2]]);
      expect([beyond(1101, { facts: [Fact.PROBE] }), beyond(1101, { facts: [Fact.SYN] })]).toEqual([[], []]);
      expect([beyond(1101, {}, { windowShift: -1 }), beyond(1101, {}, { windowShift: 0 })]).toEqual([[], [100]]);
    });

    it('is told with the most, and taken for missed updates where all of it was acknowledged', () => {
      const steps = [
        { at: 0, end: 1101 },
        { at: 1, end: 1301, before: 1101, bytes: 200 },
      ];
      expect(told(steps)).toHaveLength(1);
      const account = (lastAck: number, lastFrame = 10) => told(steps, { lastAck, lastFrame })[0];
      expect(account(1300)).toMatchObject({ confidence: 0.85, evidence: [10, 11] });
      expect(account(1300).severity).toBeUndefined();
      expect(valuesOf(account(1300))).toMatchObject({ segments: 2, most: 300 });
      // Without any answer nobody knows how far the window was.
      expect(account(1300, 9)).toMatchObject({ confidence: 0.5, severity: 'info' });
      expect(account(1301)).toMatchObject({ confidence: 0.7, severity: 'info', who: 'capture' });
    });
  });

  describe('that moves back', () => {
    /** The client takes back so many bytes; the server has sent up to `sent`. */
    const shrunk = (bytes: readonly number[], { windowShift = 0, sent = 1 } = {}) => {
      const heard = listener();
      const windows = new ReceiveWindow(heard.findings);
      const { client } = ends({ windowEdge: 5000, windowShift }, { sndNxt: sent });
      for (const [i, taken] of bytes.entries())
        windows.inspect(shown(client, { facts: [Fact.SHRUNK], frame: 20 + i, t: { ack: 1000, window: 4000 - taken } }));
      return toldBy(heard);
    };

    it('by a unit of its scale at least (RFC 7323 section 2.4)', () => {
      const isTold = (bytes: number, windowShift: number) => shrunk([bytes], { windowShift }).length > 0;
      expect([isTold(1, 0), isTold(0, 0), isTold(128, 7), isTold(127, 7), isTold(1, -2), isTold(0, -2)]).toEqual([
        true,
        false,
        true,
        false,
        true,
        false,
      ]);
    });

    it('harms what was sent into it', () => {
      const severity = (sent: number) => shrunk([100], { sent })[0].severity;
      expect([severity(4900), severity(4901)]).toEqual(['info', 'warning']);
      expect(shrunk([100, 300, 200])).toHaveLength(1);
      const [account] = shrunk([100, 300, 200]);
      expect(account.evidence).toEqual([20, 21, 22]);
      expect(valuesOf(account)).toMatchObject({ retreats: 3, most: 300 });
    });
  });

  describe('that opens in small steps', () => {
    const opened = (steps: readonly number[], { mss = 1460, window = 100, before = 4000 } = {}) => {
      const heard = listener();
      const windows = new ReceiveWindow(heard.findings);
      const { client } = ends({ windowEdge: 5000, mss, window: before, timestamps: false });
      for (const [i, by] of steps.entries())
        windows.inspect(
          shown(client, { facts: [Fact.SMALL_WINDOW], frame: 20 + i, t: { ack: 5000 + by - window, window } }),
        );
      return toldBy(heard);
    };
    const five = (by: number) => [by, by, by, by, by];

    it('of less than a segment, five times (RFC 1122 section 4.2.3.3)', () => {
      expect([opened(five(10)).length, opened([10, 10, 10, 10]).length]).toEqual([1, 0]);
      expect([opened(five(0)).length, opened(five(1)).length]).toEqual([0, 1]);
      expect([opened(five(1459)).length, opened(five(1460)).length]).toEqual([1, 0]);
      expect([opened(five(10), { window: 1459 }).length, opened(five(10), { window: 1460 }).length]).toEqual([1, 0]);
      expect([opened(five(499), { mss: 500 }).length, opened(five(500), { mss: 500 }).length]).toEqual([1, 0]);
    });

    it('where a segment of a loopback interface counts as 1,460 bytes', () => {
      expect([opened(five(1459), { mss: 65495 }).length, opened(five(1460), { mss: 65495 }).length]).toEqual([1, 0]);
    });

    it('of less than half of the largest window: a small buffer is emptied as it should be (RFC 9293 section 3.8.6.2.2)', () => {
      const halves = (before: number, window = 100) => opened(five(576), { before, window }).length;
      expect([halves(1152), halves(1153), halves(1000, 1153), halves(-1, 576)]).toEqual([0, 1, 1, 0]);
    });

    it('and says the smallest of all', () => {
      const [account] = opened([30, 20, 40, 50, 60, 10]);
      expect(account.evidence).toEqual([24, 20, 21, 22, 23, 25]);
      expect(valuesOf(account)).toMatchObject({ openings: 6, smallest: 10, segment: 1460 });
      expect(valuesOf(opened([20, 30, 40, 50, 60])[0]).smallest).toBe(20);
    });
  });
});

describe('bytes that a receiver shows to lack', () => {
  interface Sack {
    blocks: readonly (readonly [number, number])[];
    ack?: number;
    at?: number;
  }
  type Repeat = { seq: number; end: number };
  /** The client lacks bytes of the server from 101 on; round trip 400 ms. */
  const story = (
    told: readonly (Sack | Repeat)[],
    { time = 5 * SECOND, mss = 1000, lastAck = 101, round = 400 } = {},
  ) => {
    const heard = listener();
    const findings = Object.assign(heard.findings, { withdraw: () => undefined });
    const gaps = new UnfilledGaps(findings, new Pauses());
    const { client, server, connection } = ends(
      { ...rtt(round * MS), mss, lastAck },
      { ...rtt(0), base: 0, sndNxt: 2000 },
    );
    for (const [i, one] of told.entries()) {
      if ('blocks' in one)
        gaps.inspect(
          shown(client, {
            facts: [Fact.SACK],
            frame: 20 + i,
            time: (one.at ?? 0) * MS,
            t: { ack: one.ack ?? 101 },
            view: { sackCount: one.blocks.length, sack: one.blocks.flat() },
          }),
        );
      else
        gaps.inspect(
          shown(server, {
            facts: [Fact.RETRANSMISSION],
            frame: 20 + i,
            t: one,
            view: { payloadLength: one.end - one.seq },
          }),
        );
    }
    gaps.concludeConnection(connection, { time } as CaptureEnd);
    return heard.raised;
  };
  const SACK: Sack = { blocks: [[301, 401]] };
  const repeat = (size: number, seq = 101) => ({ seq, end: seq + size });
  const values = (...of: Parameters<typeof story>) => valuesOf(story(...of)[0]);

  it('are told after a second, and three round trips', () => {
    const isTold = (time: number, round: number) => story([SACK], { time: time * MS, round }).length > 0;
    expect([isTold(1000, 300), isTold(999.999, 300), isTold(1200, 400), isTold(1199.999, 400)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(values([{ ...SACK, at: 500 }], { time: 2000 * MS })).toMatchObject({ waited: 1500 * MS });
  });

  it('reach from the ACK to the first block above it', () => {
    expect(
      values([
        {
          blocks: [
            [501, 601],
            [301, 401],
            [701, 801],
          ],
        },
      ]),
    ).toMatchObject({ start: 101, bytes: 200 });
    expect(
      values([
        {
          blocks: [
            [1, 101],
            [301, 401],
          ],
        },
      ]),
    ).toMatchObject({ bytes: 200 });
    expect(values([{ blocks: [[101, 401]] }])).toBeUndefined();
    expect(values([{ blocks: [[102, 401]] }])).toMatchObject({ bytes: 1 });
    expect(values([{ blocks: [[301, 301]] }])).toBeUndefined();
    expect(
      values([
        {
          blocks: [
            [301, 301],
            [401, 501],
          ],
        },
      ]),
    ).toMatchObject({ bytes: 300 });
    expect(values([{ blocks: [[301, 302]] }])).toMatchObject({ bytes: 200 });
    expect(values([SACK, { blocks: [[251, 281]] }])).toMatchObject({ bytes: 150 });
    expect(values([{ blocks: [[251, 281]] }, SACK])).toMatchObject({ bytes: 150 });
  });

  it('are filled where the ACK moves on', () => {
    expect(story([SACK], { lastAck: 401 })).toEqual([]);
    expect(values([SACK, { blocks: [[501, 601]], ack: 401 }], { lastAck: 401 })).toMatchObject({
      start: 401,
      bytes: 100,
    });
    expect(
      values(
        [
          { ...SACK, at: 100 },
          { ...SACK, at: 900 },
        ],
        { time: 2000 * MS },
      ),
    ).toMatchObject({ waited: 1900 * MS });
  });

  it('are surer where they were sent again, however that was cut', () => {
    const repeats = (one: Repeat) => values([SACK, one]).repeats;
    expect([
      repeats({ seq: 101, end: 102 }),
      repeats({ seq: 102, end: 202 }),
      repeats({ seq: 100, end: 101 }),
      repeats({ seq: 51, end: 102 }),
    ]).toEqual([1, 0, 0, 1]);
    expect([story([SACK])[0].confidence, story([SACK, repeat(200)])[0].confidence]).toEqual([0.7, 0.9]);
    expect(story([SACK, repeat(200)])[0].evidence).toEqual([20, 21]);
  });

  it('show a black hole where the same was sent three times, larger than all that arrived', () => {
    const id = (size: number, times: number, block = 100, ack = 101) =>
      story([{ blocks: [[301, 301 + block]], ack }, ...Array.from({ length: times }, () => repeat(size, ack))], {
        lastAck: ack,
      })[0].id;
    expect([id(200, 3), id(200, 2)]).toEqual(['path-mtu-black-hole', 'gap-not-filled']);
    // In one block, or below the gap: 100 bytes.
    expect([id(101, 3), id(100, 3), id(151, 3, 150), id(150, 3, 150)]).toEqual([
      'path-mtu-black-hole',
      'gap-not-filled',
      'path-mtu-black-hole',
      'gap-not-filled',
    ]);
    expect([id(51, 3, 20, 51), id(50, 3, 20, 51)]).toEqual(['path-mtu-black-hole', 'gap-not-filled']);
    // The smallest of the repeats.
    expect(story([SACK, repeat(200), repeat(100), repeat(200)])[0].id).toBe('gap-not-filled');
    expect(values([SACK, repeat(200), repeat(150), repeat(200)])).toMatchObject({
      size: 150,
      largest: 100,
      repeats: 3,
    });
    const blocks: [number, number][] = [
      [301, 401],
      [501, 701],
    ];
    expect(values([{ blocks }, repeat(300), repeat(300), repeat(300)])).toMatchObject({ largest: 200 });
    // Blocks grow while it lasts.
    expect(story([SACK, { blocks: [[301, 501]] }, repeat(200), repeat(200), repeat(200)])[0].id).toBe('gap-not-filled');
  });

  it('name the largest that arrived where it is four fifths of the MSS at the most, and less than the gap', () => {
    const largest = (mss: number, block: [number, number] = [301, 401]) =>
      values([{ blocks: [block] }], { mss }).largest;
    expect([largest(125), largest(124), largest(0), largest(-1)]).toEqual([100, null, null, null]);
    expect([largest(1000, [201, 301]), largest(1000, [202, 302])]).toEqual([null, 100]);
  });
});

describe('segments that arrive damaged', () => {
  type Segment = {
    frame: number;
    bytes?: number;
    end?: number;
    fate?: number;
    status?: number;
    facts?: readonly number[];
  };
  const story = (segments: readonly Segment[], client: object = {}) => {
    const heard = listener();
    const offload = new Offload(heard.findings);
    const both = ends({ sndNxt: 1001, ...client });
    for (const {
      frame,
      bytes = 100,
      end = 101,
      fate = Fate.UNKNOWN,
      status = ChecksumStatus.BAD,
      facts = [Fact.UNACCEPTABLE, Fact.CHECKSUM],
    } of segments)
      offload.inspect(
        shown(both.client, {
          facts,
          frame,
          verdict: Object.assign(new Verdict(), { fate }),
          t: { end },
          view: { payloadLength: bytes, tcpChecksumStatus: status, tcpChecksumFound: frame, tcpChecksumExpected: 7 },
        }),
      );
    offload.concludeCapture({ time: 0 } as CaptureEnd);
    return { told: toldBy(heard), hosts: offload.gathered() };
  };

  it('are those that their receiver drops', () => {
    const { told, hosts } = story([{ frame: 5 }, { frame: 6, bytes: 40 }]);
    expect(told).toMatchObject([{ id: 'corrupted-segment', severity: 'warning', evidence: [5, 6] }]);
    expect(valuesOf(told[0])).toMatchObject({ segments: 2, bytes: 140, frame: 5, found: 5, expected: 7 });
    expect(hosts[0].wrong).toBe(0);
    expect(story([{ frame: 5, facts: [Fact.CHECKSUM] }]).hosts[0].wrong).toBe(1);
    expect(
      story([{ frame: 5, facts: [Fact.UNACCEPTABLE, Fact.OVERSIZE], status: ChecksumStatus.GOOD }]).told.map(
        ({ id }) => id,
      ),
    ).toEqual(['offload-segments']);
  });

  it('are not those that it took, and not of a card that fills the sums in', () => {
    expect(story([{ frame: 5, fate: Fate.DELIVERED }]).told).toEqual([]);
    const one = { frame: 5, fate: Fate.DELIVERED };
    expect(story([one, { frame: 6 }, { frame: 7 }]).told).toMatchObject([{ evidence: [6, 7] }]);
    // Half of them: the capture has damaged them. What carries no data does not count.
    expect(story([one, { frame: 6 }]).told).toEqual([]);
    expect(story([one, { frame: 6 }, { frame: 7, bytes: 0 }]).told).toEqual([]);
    const partial = { frame: 4, facts: [Fact.CHECKSUM], status: ChecksumStatus.OFFLOAD };
    expect(story([partial, { frame: 5 }]).told.map(({ id }) => id)).toEqual(['checksum-offload']);
  });

  it('are information where the same was not sent again', () => {
    const severity = (end: number) => story([{ frame: 5, end }]).told[0].severity;
    expect([severity(1001), severity(1002)]).toEqual(['warning', 'info']);
  });

  it('are followed one by one up to sixteen, and counted beyond', () => {
    const many = (count: number) => story(Array.from({ length: count }, (_, i) => ({ frame: 5 + i }))).told[0];
    expect([many(16).evidence.length, many(17).evidence.length]).toEqual([16, 16]);
    expect(valuesOf(many(18))).toMatchObject({ segments: 18, bytes: 1800 });
  });

  it('hosts of shards are taken up in the order of their first segments', () => {
    const host = (address: string, checksumFrames: number[], oversizeFrames: number[]) => ({
      address,
      partial: checksumFrames.length,
      wrong: 0,
      wrongIp: 0,
      checksumFrames,
      oversize: oversizeFrames.length,
      largest: 0,
      oversizeFrames,
    });
    const all = new Offload(listener().findings);
    all.join([
      [host('fourth', [10, 1], []), host('second', [], [5, 6])],
      [host('first', [8, 9], [2, 12]), host('third', [9], [])],
    ]);
    expect(all.gathered().map(({ address }) => address)).toEqual(['first', 'second', 'third', 'fourth']);
  });
});

describe('bytes that were acknowledged and never seen', () => {
  interface Step {
    /** The server acknowledges so much of the client, */
    ack?: number;
    /** or the client sends these. */
    seq?: number;
    end?: number;
    at?: number;
    facts?: readonly number[];
    holes?: readonly { start: number; end: number; frame: number }[];
    view?: object;
  }
  /** The client was seen to send up to 101; the window of the server ends at 1001; round trip 20 ms. */
  const story = (steps: readonly Step[], { client = {}, server = {}, endTime = 0 } = {}) => {
    const heard = listener();
    const missing = new MissingPackets(heard.findings, new HandshakeOrder());
    const both = ends({ sndNxt: 101, ...rtt(10 * MS), ...client }, { windowEdge: 1001, ...rtt(10 * MS), ...server });
    for (const [i, { ack, seq = 101, end = 101, at = 0, facts, holes = [], view = {} }] of steps.entries()) {
      const common = { frame: 20 + i, view, time: at * MS, effect: { shownHoles: holes } };
      if (ack !== undefined)
        missing.inspect(shown(both.server, { facts: facts ?? [Fact.UNSEEN], ...common, t: { ack } }));
      else
        missing.inspect(
          shown(both.client, {
            facts: facts ?? (both.client.questionedTo < 0 ? [] : [Fact.QUESTIONED]),
            ...common,
            t: { seq, end },
          }),
        );
    }
    missing.concludeConnection(both.connection, { time: endTime } as CaptureEnd);
    const told = toldBy(heard).map((account) => {
      const { bytes, gaps, segments, longest, frame } = valuesOf(account);
      return {
        id: account.id,
        bytes,
        gaps,
        segments,
        longest,
        frame,
        evidence: account.evidence,
        confidence: account.confidence,
      };
    });
    return { told, missing, ...both };
  };
  const ids = (...of: Parameters<typeof story>) => story(...of).told.map(({ id }) => id);
  const ASKED = { ack: 201 };

  it('were missed by the capture where their sender goes on after them', () => {
    const { told, missing, client } = story([ASKED, { seq: 201, end: 301, at: 500 }]);
    expect(told).toMatchObject([
      { id: 'missing-in-capture', bytes: 100, gaps: 1, frame: 20, evidence: [21, 20], confidence: 0.95 },
    ]);
    expect([missing.has(0), missing.has(1), client.questionedTo]).toEqual([true, false, -1]);
    // One byte before, long after: it had not sent them.
    expect(story([ASKED, { seq: 101, end: 201, at: 500 }]).told).toMatchObject([
      { id: 'ack-of-unsent-data', bytes: 100 },
    ]);
  });

  it('or where the same is acknowledged again: a forged one would stand alone', () => {
    expect(ids([ASKED, { ack: 201 }, { seq: 101, end: 201, at: 500 }])).toEqual(['missing-in-capture']);
    expect(ids([ASKED, { ack: 151 }, { seq: 101, end: 201, at: 500 }])).toEqual(['ack-of-unsent-data']);
    // Another acknowledgment is another question.
    expect(ids([ASKED, { ack: 201 }, { ack: 301 }, { seq: 101, end: 301, at: 500 }])).toEqual(['ack-of-unsent-data']);
  });

  it('were captured late: within 5 ms, or half a round trip', () => {
    const late = (at: number, min: number) =>
      ids(
        [
          { ...ASKED, at: 0 },
          { seq: 101, end: 201, at },
        ],
        { client: rtt(min * MS), server: rtt(0) },
      );
    expect([late(5, 8), late(5.001, 8)]).toEqual([['ack-before-data'], ['ack-of-unsent-data']]);
    expect([late(10, 20), late(10.001, 20)]).toEqual([['ack-before-data'], ['ack-of-unsent-data']]);
    const { told } = story([
      { ...ASKED, at: 1 },
      { seq: 101, end: 151, at: 2 },
      { seq: 151, end: 201, at: 4 },
    ]);
    expect(told).toMatchObject([
      { id: 'ack-before-data', segments: 2, longest: 3 * MS, evidence: [21, 20, 22], confidence: 0.9 },
    ]);
  });

  it('or with a timestamp that the ACK had echoed already, however late', () => {
    const late = (tsEcr: number, tsVal: number, options = Option.TIMESTAMPS) =>
      ids([
        { ...ASKED, at: 0, view: { options, tsEcr } },
        { seq: 101, end: 201, at: 500, view: { options: Option.TIMESTAMPS, tsVal } },
      ]);
    expect([late(7000, 7000), late(7000, 7001)]).toEqual([['ack-before-data'], ['ack-of-unsent-data']]);
    // The clock of the timestamps wraps.
    expect([late(0, 2 ** 32 - 1), late(2 ** 32 - 1, 0)]).toEqual([['ack-before-data'], ['ack-of-unsent-data']]);
    expect(late(7000, 7000, 0)).toEqual(['ack-of-unsent-data']);
  });

  it('are in question until all of them have come', () => {
    const question = (end: number) => {
      const { told } = story([ASKED, { seq: 101, end }], {});
      return told.map(({ id }) => id);
    };
    expect([question(200), question(201)]).toEqual([['ack-before-data', 'missing-in-capture'], ['ack-before-data']]);
    // An ACK of their sender answers nothing, but one from after them.
    expect([ids([ASKED, { seq: 200, end: 200 }], {}), ids([ASKED, { seq: 201, end: 201 }])]).toEqual([
      ['missing-in-capture'],
      ['missing-in-capture'],
    ]);
    expect(story([ASKED, { seq: 201, end: 201 }]).told[0].evidence).toEqual([21, 20]);
    expect(story([ASKED, { seq: 200, end: 200 }]).told[0].evidence).toEqual([20]);
  });

  it('from the first question on', () => {
    expect(story([ASKED, { ack: 301 }, { seq: 301, end: 311 }]).told).toMatchObject([{ bytes: 200 }]);
    // The first of them does not come.
    const { told } = story([ASKED, { seq: 102, end: 201, at: 2 }]);
    expect(told).toMatchObject([{ id: 'ack-before-data' }, { id: 'missing-in-capture', bytes: 1 }]);
    expect(ids([ASKED, { seq: 101, end: 201, at: 2 }])).toEqual(['ack-before-data']);
  });

  it('were never sent where no window allows so much (RFC 7323 section 2.3: 2^30 bytes)', () => {
    const at = (beyond: number) => story([{ ack: 101 + beyond }]).told;
    expect(at(2 ** 30 + 1)).toMatchObject([
      { id: 'ack-of-unsent-data', bytes: 2 ** 30 + 1, confidence: 0.9, evidence: [20] },
    ]);
    expect(at(2 ** 30)).toMatchObject([{ confidence: 0.6 }]);
  });

  it('were more surely not sent beyond the window, and a FIN', () => {
    const confidence = (ack: number, windowEdge = 1001) =>
      story([{ ack }, { seq: 101, end: ack, at: 500 }], { server: { windowEdge, ...rtt(10 * MS) } }).told[0].confidence;
    expect([confidence(1002), confidence(1003), confidence(1003, -1), confidence(201, 0)]).toEqual([
      0.8, 0.9, 0.8, 0.9,
    ]);
  });

  it('stay open where nothing comes after them: missed, unless no window allowed them and nothing else is missing', () => {
    expect([ids([{ ack: 1002 }]), ids([{ ack: 1003 }]), ids([{ ack: 1003 }, { ack: 1003 }])]).toEqual([
      ['missing-in-capture'],
      ['ack-of-unsent-data'],
      ['missing-in-capture'],
    ]);
    expect(story([{ ack: 1003 }]).told).toMatchObject([{ bytes: 902 }]);
    const hole = { ack: 101, facts: [Fact.HOLES], holes: [{ start: 51, end: 61, frame: 7 }] };
    expect(story([hole, { ack: 1003 }]).told).toMatchObject([
      { id: 'missing-in-capture', bytes: 10 + 902, gaps: 2, evidence: [20, 7, 21] },
    ]);
    expect(story([ASKED]).client.questionedTo).toBe(-1);
    expect(ids([ASKED], { client: { seen: false } })).toEqual([]);
  });

  it('are asked for where both ends are seen and the ACK is acceptable', () => {
    expect(ids([ASKED], { client: { seen: false } })).toEqual([]);
    const hole = { ack: 101, facts: [Fact.HOLES], holes: [{ start: 51, end: 61, frame: 7 }] };
    expect([ids([hole]), ids([hole], { client: { seen: false } })]).toEqual([['missing-in-capture'], []]);
    expect(ids([{ ...ASKED, facts: [Fact.UNSEEN, Fact.UNACCEPTABLE] }])).toEqual([]);
  });

  it.each([
    ['101-201', true],
    ['102-201', false],
    ['101-200', false],
    ['101-151 151-201', true],
    ['101-151 152-201', false],
    ['151-201 101-151', true],
    ['151-201 101-150', false],
    ['101-201 150-150', true],
    ['101-201 300-300', true],
    ['101-201 1-50', false],
    ['101-201 120-130', true],
  ])(
    'are there with a wrong checksum, where the capture was changed and they come in one piece: %s',
    (pieces, isThere) => {
      const came = pieces.split(' ').map((piece) => {
        const [seq, end] = piece.split('-').map(Number);
        return { seq, end, facts: [Fact.UNACCEPTABLE, Fact.CHECKSUM] };
      });
      expect(ids([...came, ASKED, { seq: 201, end: 301 }])).toEqual(isThere ? [] : ['missing-in-capture']);
      const unharmed = came.map((piece) => ({ ...piece, facts: [Fact.UNACCEPTABLE] }));
      expect(ids([...unharmed, ASKED, { seq: 201, end: 301 }])).toEqual(['missing-in-capture']);
    },
  );
});

describe('a connection between sockets that had one before', () => {
  /** The client's SYN, 1 s after the end of a connection in TIME-WAIT at the client whose numbers went up to 1000. */
  const told = ({
    before = {},
    peer = {},
    previous = {},
    view = {},
    facts = [Fact.OPENED, Fact.SYN],
    time = 1,
    swapped = false,
  }: {
    before?: object;
    peer?: object;
    previous?: object | null;
    view?: object;
    facts?: readonly number[];
    time?: number;
    swapped?: boolean;
  } = {}) => {
    const heard = listener();
    const one = {
      port: 40000,
      hasBase: true,
      base: 0,
      sndNxt: 1000,
      state: State.TIME_WAIT,
      outbound: { clocks: { maxTsVal: 500 } },
      ...before,
    };
    const old = swapped
      ? ends({ port: 80, ...peer }, { address: '10.0.0.1', ...one })
      : ends(one, { port: 80, sndNxt: 50, ...peer });
    if (swapped) Object.assign(old.client, { address: '10.0.0.2' });
    const earlier = previous && {
      ...old.connection,
      id: 7,
      lastTime: 10 * SECOND,
      lastFrame: 5,
      isOver: true,
      ...previous,
    };
    const { client } = ends({ port: 40000 }, { port: 80 }, { previous: earlier });
    const header = { flags: SYN, seq: 900, tsVal: 500, options: Option.TIMESTAMPS, ...view };
    new PortReuse(heard.findings, new CaptureNature(heard.findings)).inspect(
      shown(client, { facts, view: header, time: (10 + time) * SECOND }),
    );
    return heard.raised.map((account) => {
      const { open, reason } = valuesOf(account);
      return open === undefined ? [account.id, reason] : [account.id, open, account.severity];
    });
  };
  const EARLY = [['port-reused-early', false, 'warning']];
  const OPEN = [['port-reused-early', true, 'info']];
  const reused = (reason: string) => [['port-reused', reason]];

  it('is none where the SYN has the number and the timestamp of the earlier: the capture holds it twice', () => {
    const again = (of: {
      base?: number;
      tsVal?: number;
      sent?: number;
      heard?: number;
      opened?: boolean;
      after?: number;
      options?: number;
    }) => {
      const {
        base = 900,
        tsVal = 400,
        sent = 2,
        heard = 2,
        opened = true,
        after = 5,
        options = Option.TIMESTAMPS,
      } = of;
      const heardOf = listener();
      const nature = new CaptureNature(heardOf.findings);
      const clocks = { maxTsVal: 450, firstTsVal: 400 };
      const one = { port: 40000, hasBase: true, base, sndNxt: sent, state: State.TIME_WAIT, outbound: { clocks } };
      const known = { synTime: 10 * SECOND, lastTime: 11 * SECOND, id: 7, lastFrame: 5, isOver: true };
      const old = ends(one, { port: 80, sndNxt: heard }, known);
      const { client } = opened ? ends({ port: 40000 }, { port: 80 }, { previous: { ...old.connection } }) : old;
      const facts = opened ? [Fact.OPENED, Fact.SYN] : [Fact.SYN];
      const view = { flags: SYN, seq: 900, tsVal, options };
      new PortReuse(heardOf.findings, nature).inspect(
        shown(client, { facts, view, time: (10 + after) * SECOND, frame: 33 }),
      );
      return [nature.gathered().again.length, heardOf.raised.length + heardOf.added.length];
    };
    expect([again({}), again({ base: 901 }), again({ tsVal: 401 })]).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
    ]);
    expect([again({ sent: 1 })[0], again({ heard: 1 })[0], again({ options: 0 })[0]]).toEqual([0, 0, 0]);
    // While the connection lasts it may have been held up, for less than a second.
    const living = (after: number) => again({ opened: false, after })[0];
    expect([living(1), living(0.999), living(0), living(-1)]).toEqual([1, 0, 1, 1]);
  });

  it('is none where the time went back since and it has the number of the earlier: the capture holds it twice', () => {
    const early = (base: number, seam: number) => {
      const heard = listener();
      const nature = new CaptureNature(heard.findings);
      nature.times.seam(seam);
      const one = { port: 40000, hasBase: true, base, sndNxt: 1000, state: State.TIME_WAIT };
      const known = { firstFrame: 3, lastTime: 10 * SECOND, id: 7, lastFrame: 5, isOver: true };
      const old = ends(one, { port: 80, sndNxt: 50, base: 70 }, known);
      const { client } = ends({ port: 40000 }, { port: 80, base: 71 }, { previous: { ...old.connection } });
      const view = { flags: SYN, seq: 900, options: 0 };
      new PortReuse(heard.findings, nature).inspect(
        shown(client, { facts: [Fact.OPENED, Fact.SYN], view, time: 11 * SECOND, frame: 33 }),
      );
      return [...heard.raised, ...heard.added.map((word) => word())].flatMap((account) => account?.id ?? []);
    };
    expect([early(900, 3), early(900, 4), early(900, 33), early(900, 34), early(899, 4)]).toEqual([
      ['port-reused-early'],
      [],
      [],
      ['port-reused-early'],
      ['port-reused-early'],
    ]);
  });

  it('is none where both ends repeat their numbers: the capture holds it twice', () => {
    const early = (base: number, other: { base?: number; hasIss?: boolean }) => {
      const heard = listener();
      const one = { port: 40000, hasBase: true, base, sndNxt: 1000, state: State.TIME_WAIT };
      const known = { firstFrame: 3, lastTime: 10 * SECOND, id: 7, lastFrame: 5, isOver: true };
      const old = ends(one, { port: 80, sndNxt: 50, base: 70 }, known);
      const { client } = ends({ port: 40000 }, { port: 80, base: 70, ...other }, { previous: { ...old.connection } });
      const view = { flags: SYN, seq: 900, options: 0 };
      new PortReuse(heard.findings, new CaptureNature(heard.findings)).inspect(
        shown(client, { facts: [Fact.OPENED, Fact.SYN], view, time: 11 * SECOND, frame: 33 }),
      );
      return [...heard.raised, ...heard.added.map((word) => word())].some((account) => account !== null);
    };
    expect([early(900, {}), early(899, {}), early(900, { base: 71 }), early(900, { hasIss: false })]).toEqual([
      ...[false, true, true, true],
    ]);
  });

  it('is early in TIME-WAIT with neither a later number nor a later timestamp (RFC 9293 section 3.6.1, RFC 6191)', () => {
    expect(told()).toEqual(EARLY);
    expect([told({ view: { seq: 1000 } }), told({ view: { seq: 1001 } })]).toEqual([EARLY, reused('number')]);
    expect([told({ view: { tsVal: 501 } }), told({ view: { tsVal: 501, options: 0 } })]).toEqual([
      reused('timestamp'),
      EARLY,
    ]);
    expect(told({ view: { tsVal: 499 } })).toEqual(EARLY);
    const stamped = (maxTsVal: number, tsVal: number) =>
      told({ before: { outbound: { clocks: { maxTsVal } } }, view: { tsVal } });
    expect([stamped(-1, 5), stamped(0, 5), stamped(0, 0)]).toEqual([EARLY, reused('timestamp'), EARLY]);
    expect(told({ before: { hasBase: false }, view: { seq: 1001 } })).toEqual(EARLY);
    expect(told({ before: { outbound: null }, view: { tsVal: 501 } })).toEqual(EARLY);
  });

  it('which lasts four minutes at the most, of either end', () => {
    expect([told({ time: 239.999 }), told({ time: 240 })]).toEqual([EARLY, reused('over')]);
    const both = { before: { state: State.CLOSED }, peer: { state: State.TIME_WAIT } };
    expect([told(both), told({ before: { state: State.CLOSED } })]).toEqual([EARLY, reused('over')]);
  });

  it('or where the one before was not over, and nobody had reset it', () => {
    const open = { isOver: false };
    const before = { state: State.ESTABLISHED };
    expect(told({ before, previous: open })).toEqual(OPEN);
    expect([
      told({ before: { ...before, rstFrame: 3 }, previous: open }),
      told({ before, peer: { rstFrame: 3 }, previous: open }),
    ]).toEqual([reused('over'), reused('over')]);
  });

  it('and where there was one: both ends had sent something', () => {
    expect(told({ peer: { seen: false } })).toEqual(reused('timestamp'));
    expect([told({ peer: { sndNxt: 0 } }), told({ peer: { sndNxt: 1 } })]).toEqual([reused('timestamp'), EARLY]);
    expect(told({ before: { sndNxt: 0 }, view: { seq: 0xffffff00 } })).toEqual(reused('timestamp'));
    expect([told({ before: { sndNxt: 0 } }), told({ before: { sndNxt: 1 }, view: { seq: 1 } })]).toEqual([
      reused('number'),
      EARLY,
    ]);
  });

  it('is told by a SYN after it', () => {
    expect([told({ facts: [] }), told({ view: { flags: SYN | ACK } }), told({ previous: null })]).toEqual([[], [], []]);
    expect([told({ time: 0 }), told({ time: -1e-8 })]).toEqual([EARLY, []]);
  });

  it('in whatever roles', () => {
    expect([told({ swapped: true }), told({ swapped: true, view: { seq: 1001 } })]).toEqual([EARLY, reused('number')]);
    // Both ends have the same port.
    expect(told({ swapped: true, peer: { port: 40000 }, view: { seq: 1001 } })).toEqual(reused('number'));
  });
});

describe('an episode of repair', () => {
  const again = (cause: number, of: Partial<Verdict> = {}) =>
    Object.assign(new Verdict(), { cause, waited: 300 * MS, ...of });
  type Step = {
    what: 'again' | 'repaired' | 'dsack';
    at?: number;
    cause?: number;
    verdict?: Partial<Verdict>;
    end?: number;
    facts?: readonly number[];
    ack?: number;
  };
  const story = (steps: readonly Step[]) => {
    const heard = listener();
    const recovery = new Recovery(heard.findings, new SynProbes());
    const both = ends({ sndNxt: 1001, repairEnd: -1 }, { repairEnd: -1, outbound: { rtt: { min: 0 } } });
    const client = both.client as typeof both.client & { repairEnd: number };
    const reaches: number[] = [];
    for (const [
      i,
      { what, at = 0, cause = Cause.FAST, verdict = {}, end = 101, facts = [], ack = 1 },
    ] of steps.entries()) {
      const common = { frame: 20 + i, time: at * MS };
      if (what === 'again')
        recovery.inspect(
          shown(client, {
            facts: [Fact.RETRANSMISSION, ...facts],
            ...common,
            verdict: again(cause, verdict),
            t: { end, ack },
            view: { payloadLength: 100 },
          }),
        );
      else recovery.inspect(shown(both.server, { facts: [what === 'dsack' ? Fact.DSACK : Fact.REPAIRED], ...common }));
      reaches.push(client.repairEnd);
    }
    recovery.concludeConnection(both.connection, {} as CaptureEnd);
    return { told: toldBy(heard), reaches };
  };
  const AGAIN: Step = { what: 'again' };

  it('lasts until all is acknowledged that had been sent when it began', () => {
    const first = { ...AGAIN, verdict: { evidence: [19] } };
    const { told, reaches } = story([first, { ...AGAIN, at: 5 }, { what: 'repaired', at: 40 }, { ...AGAIN, at: 90 }]);
    expect(reaches).toEqual([1001, 1001, -1, 1001]);
    expect(told.map(({ evidence }) => evidence)).toEqual([[20, 21], [23]]);
    expect(valuesOf(told[0])).toMatchObject({ repaired: 40 * MS, isOpen: false });
    expect(valuesOf(told[1])).toMatchObject({ repaired: -1, isOpen: true });
  });

  it('begins with what is sent again beyond all that was, and a timeout widens it', () => {
    expect(story([{ ...AGAIN, end: 1002 }]).reaches).toEqual([1002]);
    expect(story([AGAIN, { ...AGAIN, end: 1050 }]).reaches).toEqual([1001, 1001]);
    expect(story([AGAIN, { ...AGAIN, end: 1050, cause: Cause.RTO }]).reaches).toEqual([1001, 1050]);
  });

  it('is of what repairs something', () => {
    const isTold = (step: Partial<Step>) => story([{ ...AGAIN, ...step }]).told.length > 0;
    expect([isTold({}), isTold({ verdict: { differs: true } }), isTold({ facts: [Fact.ODD_HEADER] })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(isTold({ verdict: { excuse: Excuse.NONE + 1 } })).toBe(false);
    // More than a window of 2^30 ahead of what the other end has sent (RFC 7323 section 2.3).
    expect([isTold({ ack: 1 + 2 ** 30 }), isTold({ ack: 2 + 2 ** 30 })]).toEqual([true, false]);
  });

  it('names the D-SACKs that speak of it', () => {
    expect(story([AGAIN, { what: 'dsack' }]).told[0].evidence).toEqual([20, 21]);
    expect(story([{ what: 'dsack' }, { what: 'repaired' }]).told).toEqual([]);
    expect(valuesOf(story([AGAIN, { what: 'repaired' }]).told[0]).isOpen).toBe(false);
  });

  it('changes for two seconds after the repair, and no more when the next begins', () => {
    const needless = (at: number) => {
      const verdict = again(Cause.FAST);
      const heard = listener();
      const recovery = new Recovery(heard.findings, new SynProbes());
      const { client, server } = ends({ sndNxt: 1001, repairEnd: -1 });
      const retransmission = (time: number, one: Verdict) =>
        recovery.inspect(
          shown(client, { facts: [Fact.RETRANSMISSION], time: time * MS, verdict: one, t: { end: 101 } }),
        );
      retransmission(0, verdict);
      recovery.inspect(shown(server, { facts: [Fact.REPAIRED], time: 100 * MS }));
      retransmission(at, again(Cause.FAST));
      verdict.spurious = true;
      return valuesOf(heard.added[0]()).needless;
    };
    expect([needless(2100), needless(2100.001)]).toEqual([1, 0]);
  });
});
