/** What makes a sender reduce its window, and what it tells the models then: each condition of `reductions.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';
import type { Told } from '../../src/congestion/controller.ts';
import { Episodes } from '../../src/congestion/episodes.ts';
import { Heard } from '../../src/congestion/heard.ts';
import { type Reducing, Reductions } from '../../src/congestion/reductions.ts';
import { SenderView } from '../../src/congestion/sender-view.ts';
import { Trigger, Vantage } from '../../src/model/congestion.ts';
import { Ca } from '../../src/model/outbound.ts';
import { Option } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Cause, Kind, verdictOf } from '../../src/model/verdict.ts';
import { view } from '../support/segments.ts';

/** A sender of segments of 100 bytes, of which 1 to 1001 are outstanding, whose one model and identity write down what they are told. */
class Reduced {
  readonly log: string[] = [];
  readonly scoreboard = { highSacked: 0 };
  readonly outbound = { scoreboard: this.scoreboard, timeouts: 0 };
  readonly peer = {};
  readonly endpoint = {
    sndUna: 1,
    sndNxt: 1001,
    outbound: this.outbound,
    peer: this.peer,
    connection: { sawHandshake: true },
  };
  readonly sender: Reducing;
  readonly view: SenderView;
  readonly losses: Episodes;
  readonly reductions: Reductions;
  isAnswer = true;
  paced = false;
  isKnown = false;

  constructor() {
    const say = (...words: unknown[]) => this.log.push(words.join(' '));
    const model = {
      cwnd: 10,
      ssthresh: 99,
      lossDetected: ({ byAck }: Told) => say('loss', ...(byAck ? ['by the ACK'] : [])),
      acknowledgedInRecovery: (_: Told, partial: boolean) => say(partial ? 'partial' : 'repairs'),
      lossRepeated: () => say('repeated'),
      sentInRecovery: (segments: number) => say('sent', segments),
      recovered: () => say('recovered'),
      timedOut: ({ pipe }: Told, again: boolean) => say('timeout', pipe, ...(again ? ['again'] : [])),
      undone: () => say('undone'),
      marked: () => say('marked'),
    };
    const models = {
      ...{ all: [model], best: model, least: 10 },
      ...{ part: () => {}, grow: () => say('grows'), raiseInRecovery: (pipe: number) => say('raised', pipe) },
      reduceTo: (least: number, most: number) => say('shown', least, most),
    };
    const recovery = {
      ...{ least: 4, most: 5, begin: () => {}, sends: () => {} },
      hears: (_: number, isFree: boolean) => {
        say('hears', isFree);
        this.isKnown = isFree;
      },
    };
    Object.defineProperty(recovery, 'isKnown', { get: () => this.isKnown });
    const observer = { round: { free: true }, isAnswer: () => this.isAnswer, next: () => {} };
    const identity = {
      loses: (...flight: number[]) => say('told', ...flight),
      restarts: () => say('restarts'),
      ...{ recovers: (_: number, acked: number) => say('repaired by', acked), excuses: () => say('excused') },
      evidence: { holds: () => {} },
      rateBased: {},
    };
    Object.defineProperty(identity.rateBased, 'paced', { get: () => this.paced });
    const sender = {
      ...{ now: 5000, frame: 9, srtt: 0, smss: 100, sack: true, episodes: [], vantage: Vantage.SENDER },
      ...{ endpoint: this.endpoint, awake: { models, observer, recovery }, identity, identified: identity },
    };
    this.sender = sender as unknown as Reducing;
    this.view = new SenderView(this.sender, this.sender.endpoint);
    this.view.countFlight();
    this.losses = new Episodes(this.sender);
    Object.assign(this.sender, { view: this.view, losses: this.losses });
    this.reductions = new Reductions(this.sender);
  }

  repeats(cause: number, seq = 1, end = 101, tsVal = -1): this {
    const verdict = Object.assign(verdictOf(Kind.RETRANSMISSION), { cause });
    const segment = view({ options: tsVal < 0 ? 0 : Option.TIMESTAMPS, tsVal });
    this.reductions.repeats({ seq, end } as TrackedSegment, segment, verdict);
    return this;
  }

  /** An ACK takes effect; by default it moves the left edge to `ack` and delivers what lies below. */
  hears(ack: number, fields: Partial<Heard> = {}): this {
    const advances = ack > this.view.una;
    const heard = Object.assign(new Heard(), {
      ack,
      advances,
      delivered: advances ? ack - this.view.una : 0,
      ...fields,
    });
    this.view.settles(heard);
    this.view.countDelivered(heard, this.losses.ca);
    this.reductions.tell();
    this.reductions.proceed(heard);
    return this;
  }

  /** What was told since the last time. */
  said(): string[] {
    return this.log.splice(0);
  }

  get episodes() {
    return this.sender.episodes.map(({ trigger, retransmissions, timeouts, needless, undone }) => ({
      ...{ trigger, retransmissions, timeouts, needless, undone },
    }));
  }
}

const after = (...steps: ((one: Reduced) => unknown)[]) => {
  const one = new Reduced();
  for (const step of steps) step(one);
  return one;
};

describe('a fast retransmission', () => {
  it('reduces the window once, and counts what is sent again', () => {
    const one = after((it) => it.repeats(Cause.FAST));
    expect(one.said()).toEqual(['told 10 10 10 10 10', 'loss']);
    expect([one.losses.ca, one.losses.recover, one.view.retransOut]).toEqual([Ca.RECOVERY, 1001, 100]);
    one.repeats(Cause.FAST, 101, 301);
    expect([one.said(), one.view.retransOut, one.episodes]).toEqual([
      ['repeated'],
      300,
      [{ trigger: Trigger.FAST, retransmissions: 2, timeouts: 0, needless: 0, undone: false }],
    ]);
  });

  it('of what was sent before the capture began tells nothing', () => {
    expect(after((it) => it.repeats(Cause.FAST, 0, 1)).said()).toEqual([]);
    expect(after((it) => it.repeats(Cause.FAST, 0, 2)).said()).not.toEqual([]);
  });

  it('of no known cause belongs to the episode that lasts, and begins none', () => {
    const one = after((it) => it.repeats(Cause.UNKNOWN));
    expect([one.said(), one.view.retransOut, one.episodes]).toEqual([[], 0, []]);
    one.repeats(Cause.FAST).repeats(Cause.UNKNOWN, 101, 201);
    expect([one.view.retransOut, one.episodes[0].retransmissions]).toEqual([200, 2]);
  });

  it('after a timeout is part of its repair', () => {
    const one = after((it) => it.repeats(Cause.RTO));
    one.said();
    one.repeats(Cause.FAST, 101, 201);
    expect([one.said(), one.losses.ca, one.view.retransOut]).toEqual([[], Ca.LOSS, 200]);
  });

  it('answers the ACK that opened the window, where it follows at once', () => {
    const loss = (isAnswer: boolean, grows: (one: Reduced) => unknown) => {
      const one = after(grows);
      one.isAnswer = isAnswer;
      return one.repeats(Cause.FAST, 101, 201).said().at(-1);
    };
    expect(loss(true, (it) => it.hears(101))).toBe('loss by the ACK');
    expect(loss(false, (it) => it.hears(101))).toBe('loss');
    expect(loss(true, (it) => it.hears(101).hears(101))).toBe('loss');
  });

  it('is needless where the original was acknowledged before it, by timestamps', () => {
    const taken = (end: number, tsVal: number) =>
      after((it) => it.hears(101).repeats(Cause.FAST, 1, end, tsVal)).said();
    expect([
      taken(101, 7).includes('undone'),
      taken(102, 7).includes('undone'),
      taken(101, -1).includes('undone'),
    ]).toEqual([...[true, false, false]]);
  });

  it('tells what is known of the flight: not of a sender that was met in its middle, before it was answered', () => {
    const told = (sawHandshake: boolean, una: number) => {
      const one = new Reduced();
      one.endpoint.connection.sawHandshake = sawHandshake;
      one.view.una = una;
      return one.repeats(Cause.FAST, una, una + 100).said().length === 2;
    };
    expect([told(true, 1), told(false, 1), told(false, 2)]).toEqual([true, false, true]);
  });
});

describe('a timeout', () => {
  it('reduces the window, and again only where there was progress', () => {
    const one = after((it) => it.repeats(Cause.RTO));
    expect(one.said()).toEqual(['told 10 10 10 10 10', 'restarts', 'timeout 0']);
    one.outbound.timeouts = 2;
    expect([one.repeats(Cause.RTO).said(), one.episodes.map(({ timeouts }) => timeouts)]).toEqual([
      ['timeout 0 again'],
      [2],
    ]);
    // Its first one since the latest progress.
    one.outbound.timeouts = 1;
    expect([one.repeats(Cause.RTO).said(), one.episodes.map(({ timeouts }) => timeouts)]).toEqual([['timeout 0'], [3]]);
    one.hears(1001);
    expect(one.losses.ca).toBe(Ca.OPEN);
    one.view.sends(1101);
    one.said();
    one.repeats(Cause.RTO, 1001, 1101);
    expect([one.said().at(-1), one.episodes.map(({ timeouts }) => timeouts)]).toEqual(['timeout 0', [3, 1]]);
  });

  it('in a recovery leaves ssthresh alone (RFC 5681 section 3.1), and is an episode of its own', () => {
    const one = after((it) => it.repeats(Cause.FAST));
    one.said();
    one.repeats(Cause.RTO);
    expect([one.said().at(-1), one.losses.ca, one.episodes.length, one.view.retransOut]).toEqual([
      'timeout 0 again',
      Ca.LOSS,
      2,
      100,
    ]);
  });

  it('is repaired when all that had been sent is acknowledged; until then the window grows as in slow start', () => {
    const one = after((it) => it.repeats(Cause.RTO, 1, 1001));
    one.said();
    one.hears(1000);
    expect([one.said(), one.losses.ca]).toEqual([['grows'], Ca.LOSS]);
    one.hears(1000);
    expect(one.said()).toEqual([]);
    one.hears(1001);
    expect([one.said(), one.losses.ca]).toEqual([['grows'], Ca.OPEN]);
  });
});

describe('a recovery ends', () => {
  const ends = (ack: number, sack: boolean) => {
    const one = after((it) => it.repeats(Cause.FAST));
    Object.assign(one.sender, { sack });
    one.view.sends(1101);
    one.said();
    one.hears(ack);
    return [one.said(), one.losses.ca];
  };

  it('with SACK by the ACK of all that was outstanding, without by more (RFC 6582 section 6)', () => {
    expect([ends(1000, true), ends(1001, true)]).toEqual([
      [['partial'], Ca.RECOVERY],
      [['recovered', 'repaired by 10'], Ca.OPEN],
    ]);
    // One byte more is one segment more.
    expect([ends(1001, false), ends(1002, false)]).toEqual([
      [['partial'], Ca.RECOVERY],
      [['recovered', 'repaired by 11'], Ca.OPEN],
    ]);
  });

  it('and goes on by what is delivered until then', () => {
    const one = after((it) => it.repeats(Cause.FAST));
    one.scoreboard.highSacked = 400;
    one.said();
    expect(one.hears(1, { delivered: 100, newlySacked: 100 }).said()).toEqual(['repairs']);
    expect(one.hears(1).said()).toEqual([]);
  });
});

describe('a mark (RFC 3168 section 6.1.2)', () => {
  it('reduces the window once for all that is outstanding, and nothing more', () => {
    const one = after((it) => it.hears(101, { ece: true }));
    expect([one.said(), one.losses.ca, one.losses.recover]).toEqual([['told 10 9 10 10 10', 'marked'], Ca.CWR, 1001]);
    one.view.sends(1101);
    expect(one.hears(1001, { ece: true }).said()).toEqual(['repairs']);
    expect([one.hears(1002).said(), one.losses.ca]).toEqual([['recovered', 'repaired by 1'], Ca.OPEN]);
    // The ACK that ends it may bear the next one.
    const again = after((it) => it.hears(101, { ece: true }));
    again.view.sends(1101);
    again.said();
    expect(again.hears(1002, { ece: true }).said().at(-1)).toBe('marked');
  });

  it('what is lost of a window that is being reduced for one tells nothing of how far it is reduced', () => {
    const one = after((it) => it.hears(101, { ece: true }));
    one.said();
    expect(one.repeats(Cause.FAST, 101, 201).said()).toEqual(['loss']);
  });
});

describe('the window grows', () => {
  it('by an ACK of new data without a mark, while nothing is told to be missing', () => {
    expect(after((it) => it.hears(101)).said()).toEqual(['grows']);
    expect(after((it) => it.hears(1)).said()).toEqual([]);
    const missing = (outstanding: number) =>
      after(
        (it) => Object.assign(it.view, { outstanding }),
        (it) => it.hears(101),
      ).said();
    // More than two segments above the left edge have arrived.
    expect([missing(800), missing(799)]).toEqual([['grows'], []]);
  });
});

describe('a tail loss probe', () => {
  const probed = () => after((it) => it.repeats(Cause.TLP, 901, 1001));

  it('that repaired a loss is shown by an ACK beyond it without a D-SACK (RFC 8985 section 7.4)', () => {
    const one = probed();
    expect([one.reductions.awaitsProbe, one.reductions.isRepairing, one.said()]).toEqual([true, true, []]);
    one.view.sends(1101);
    one.hears(1000);
    expect([one.reductions.isRepairing, one.said()]).toEqual([true, ['grows']]);
    one.hears(1001);
    expect([one.reductions.awaitsProbe, one.reductions.isRepairing, one.episodes]).toEqual([true, false, []]);
    one.said();
    one.hears(1002);
    expect(one.said().filter((word) => !word.startsWith('told'))).toEqual([
      ...['loss', 'recovered', 'repaired by 1', 'grows'],
    ]);
    expect([one.reductions.awaitsProbe, one.losses.ca]).toEqual([false, Ca.OPEN]);
    expect(one.episodes).toEqual([
      { trigger: Trigger.TAIL_LOSS_PROBE, retransmissions: 1, timeouts: 0, needless: 0, undone: false },
    ]);
  });

  it('that was needless is shown by a D-SACK', () => {
    const one = probed();
    one.view.sends(1101);
    one.hears(1001, { dsack: true, dsackEnd: 1001 }).hears(1002);
    expect([one.reductions.awaitsProbe, one.episodes]).toEqual([false, []]);
  });

  it('tells nothing once something else is repaired', () => {
    const one = probed();
    one.repeats(Cause.FAST);
    one.view.sends(1101);
    one.hears(1050);
    expect([one.reductions.awaitsProbe, one.episodes.map(({ trigger }) => trigger)]).toEqual([false, [Trigger.FAST]]);
  });
});

describe('a needless reduction', () => {
  it('is taken back when a D-SACK names each retransmission; all are counted', () => {
    const one = after((it) => it.repeats(Cause.FAST).repeats(Cause.FAST, 101, 201));
    one.said();
    one.hears(1, { dsack: true, dsackEnd: 101 });
    expect([one.said().includes('undone'), one.episodes[0]]).toMatchObject([false, { needless: 1, undone: false }]);
    one.hears(1, { dsack: true, dsackEnd: 201 });
    expect(one.said()).toEqual(['undone', 'excused']);
    expect([one.episodes[0], one.losses.ca]).toMatchObject([{ needless: 2, undone: true }, Ca.OPEN]);
  });

  it('for a mark is none', () => {
    const one = after(
      (it) => it.repeats(Cause.FAST),
      (it) => it.hears(1001),
      (it) => it.view.sends(1101),
      (it) => it.hears(1002, { ece: true }),
    );
    one.said();
    one.hears(1002, { dsack: true, dsackEnd: 1050 });
    expect(one.said()).not.toContain('undone');
  });
});

describe('what is sent in recovery', () => {
  it('is told to the models, and shows the pipe where it is new', () => {
    const sent = (isNew: boolean, begin: (one: Reduced) => unknown) => {
      const one = after(begin);
      one.said();
      one.reductions.sends(isNew);
      return one.said();
    };
    expect(sent(true, (it) => it.repeats(Cause.FAST))).toEqual(['sent 1', 'raised 10']);
    expect(sent(false, (it) => it.repeats(Cause.FAST))).toEqual(['sent 1']);
    expect(sent(true, (it) => it.hears(101, { ece: true }))).toEqual(['sent 1']);
  });

  it('and what the sender does not answer shows its window, where that can be seen', () => {
    /** Bytes 1 to 101 are taken for lost and were sent again: the next 100 arrived. */
    const shown = (change: (one: Reduced) => unknown) => {
      const one = after((it) => it.repeats(Cause.FAST));
      one.scoreboard.highSacked = 201;
      one.view.outstanding = 900;
      one.said();
      change(one);
      one.reductions.noteRecovery();
      return one.said();
    };
    expect(shown(() => {})).toEqual(['hears true', 'shown 4 5']);
    expect(shown((it) => Object.assign(it.view, { edge: 1200 }))).toEqual(['hears false']);
    expect(shown((it) => Object.assign(it.view, { edge: 1201 }))).toEqual(['hears true', 'shown 4 5']);
    // A byte more is sent again than is taken for lost.
    expect(shown((it) => Object.assign(it.view, { retransOut: 101 }))).toEqual(['hears false']);
    expect(shown((it) => Object.assign(it, { isKnown: true }))).toEqual(['hears true']);
    expect(shown((it) => Object.assign(it, { paced: true }))).toEqual(['hears true']);
    expect(shown((it) => Object.assign(it.sender, { sack: false }))).toEqual(['hears true']);
    expect(shown((it) => Object.assign(it.sender, { vantage: Vantage.RECEIVER }))).toEqual(['hears true']);
  });
});
