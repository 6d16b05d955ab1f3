/** The connection summary segment by segment: its two ways, its ranges, and its comparisons with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/model/connection.ts';
import { ACK, FIN, RST, SYN } from '../../src/model/flags.ts';
import { ChecksumStatus, SegmentView } from '../../src/model/segment.ts';
import { streamBytes } from '../../src/model/summary.ts';
import { TrackedSegment } from '../../src/model/tracked.ts';
import { noteHistory, noteLateHistory } from '../../src/tcp/history.ts';
import { randomNumbers } from '../support/random.ts';

type Side = 'client' | 'server';

interface Fields {
  seq?: number;
  ack?: number;
  length?: number;
  captured?: number;
  window?: number;
  /** The other stages found it unacceptable: in all, or as a SYN. */
  unacceptable?: boolean;
  unacceptableSyn?: boolean;
  badChecksum?: boolean;
}

/** A connection whose segments are given by hand. Numbers are those on the wire less the ISN of their end. */
class Summary {
  readonly connection: Connection;
  private readonly isn: Record<Side, number>;
  private readonly note: typeof noteHistory;

  constructor(isn: Record<Side, number> = { client: 0, server: 0 }, note = noteHistory) {
    this.isn = isn;
    this.note = note;
    this.connection = new Connection(0, Object.assign(new SegmentView(), { srcPort: 40000, dstPort: 80 }), null);
  }

  send(side: Side, flags: number, fields: Fields = {}): this {
    const { seq = 0, ack = 0, length = 0, captured = length, window = 1000 } = fields;
    const { connection, isn } = this;
    const t = new TrackedSegment();
    t.connection = connection;
    t.sender = connection[side];
    t.receiver = connection[side].peer;
    t.unacceptable = fields.unacceptable ?? false;
    t.unacceptableSyn = fields.unacceptableSyn ?? false;
    const view = Object.assign(new SegmentView(), {
      flags,
      seq: (isn[side] + seq) >>> 0,
      ack: flags & ACK ? (isn[side === 'client' ? 'server' : 'client'] + ack) >>> 0 : 0,
      payloadLength: length,
      payloadCaptured: captured,
      rawWindow: window,
      tcpChecksumStatus: fields.badChecksum ? ChecksumStatus.BAD : ChecksumStatus.GOOD,
    });
    this.note(t, view);
    return this;
  }

  handshake(): this {
    return this.send('client', SYN)
      .send('server', SYN | ACK, { ack: 1 })
      .send('client', ACK, { seq: 1, ack: 1 });
  }

  get text(): string {
    return this.connection.historyText;
  }

  get state(): string {
    return this.connection.connState;
  }

  /** By sequence numbers, of the client and of the server. */
  get bytes(): [number, number] {
    const { client, server } = this.connection;
    return [streamBytes(client, server), streamBytes(server, client)];
  }

  /** All that is kept of one end. */
  of(side: Side): Record<string, unknown> {
    const end = this.connection[side];
    const { phase, previousPhase, streamStart, streamEnd, streamAcked, streamFinEnd, letters } = end;
    const { gaps, retransmissions, zeroWindows, missedBytes, capturedTo } = end;
    return {
      ...{ phase, previousPhase, streamStart, streamEnd, streamAcked, streamFinEnd, letters },
      ...{ gaps, retransmissions, zeroWindows, missedBytes, capturedTo },
      // Whether there was ever a hole makes no difference.
      capturedBeyond: [...(end.capturedBeyond ?? [])],
    };
  }
}

const FAR = 1 << 20;

describe('any order of segments', () => {
  it('is told the same by the short way of the usual segment and by the long one', () => {
    const random = randomNumbers(7);
    const flagsOf = [ACK, ACK, ACK, ACK, ACK, ACK, ACK, ACK, ACK, FIN | ACK, RST | ACK, SYN | ACK, 0];
    for (let round = 0; round < 400; round++) {
      // Some ACKs have the number 0 on the wire.
      const isn = { client: 2 ** 32 - 6, server: 2 ** 32 - 3 };
      const both = [noteHistory, noteLateHistory].map((note) => new Summary(isn, note));
      const next = { client: 1, server: 1 };
      if (random(8) > 0) for (const one of both) one.handshake();
      for (let step = 0; step < 12; step++) {
        const side: Side = random(2) === 0 ? 'client' : 'server';
        const other: Side = side === 'client' ? 'server' : 'client';
        const isUsual = random(3) > 0;
        const seq = isUsual ? next[side] : Math.max(0, next[side] + random(5) - 2);
        const ack = isUsual ? next[other] : Math.max(0, next[other] + random(5) - 2);
        const length = random(2) === 0 ? 0 : 1 + random(3);
        const fields = {
          ...{ seq, ack, length },
          captured: random(6) === 0 ? random(length + 1) : length,
          window: random(10) === 0 ? 0 : 1000,
        };
        const flags = isUsual ? ACK : flagsOf[random(flagsOf.length)];
        for (const one of both) one.send(side, flags, fields);
        if (flags !== (RST | ACK)) next[side] = Math.max(next[side], seq + length);
        const [short, long] = both.map(({ text }) => text);
        expect(short).toBe(long);
      }
      const [short, long] = both.map((one) => [one.state, one.of('client'), one.of('server')]);
      expect(short).toEqual(long);
    }
  });

  it('misses what was acknowledged before the capture held it, a gap for each hole', () => {
    const random = randomNumbers(11);
    for (let round = 0; round < 300; round++) {
      const one = new Summary().handshake();
      const held = new Uint8Array(200);
      let [acked, missed, gaps] = [1, 0, 0];
      for (let step = 0; step < 30; step++) {
        if (random(4) > 0) {
          const seq = 1 + random(90);
          const length = random(6);
          one.send('client', ACK, { seq, ack: 1, length });
          held.fill(1, seq, seq + length);
          continue;
        }
        const ack = Math.min(100, acked + random(12));
        one.send('server', ACK, { seq: 1, ack });
        for (let at = acked; at < ack; at++) {
          if (held[at] === 1) continue;
          missed++;
          if (at === acked || held[at - 1] === 1) gaps++;
        }
        acked = Math.max(acked, ack);
      }
      expect(one.of('client')).toMatchObject({ missedBytes: missed, gaps });
    }
  });

  it('of more than 1024 ranges after a hole the first hole is given up unreported', () => {
    const missing = (ranges: number) => {
      const one = new Summary().handshake();
      // Bytes 11 to 15, 21 to 25, ...: ten are missing before the first, five before each other.
      for (let i = 1; i <= ranges; i++) one.send('client', ACK, { seq: 10 * i + 1, ack: 1, length: 5 });
      return one.send('server', ACK, { seq: 1, ack: 10 * ranges + 6 }).of('client').missedBytes;
    };
    expect([missing(1024), missing(1025)]).toEqual([10 + 1023 * 5, 1024 * 5]);
  });
});

describe('how much was sent', () => {
  const established = () => new Summary().handshake().send('client', ACK, { seq: 1, ack: 1, length: 5 });

  it('is told by data in any case, and never by the number of a RST', () => {
    const reset = (seq: number) => established().send('client', RST, { seq }).bytes[0];
    expect([reset(6), reset(7), reset(6 + FAR)]).toEqual([5, 5, 5]);
    const data = (seq: number) => established().send('client', ACK, { seq, ack: 1, length: 1 }).bytes[0];
    expect([data(5 + FAR), data(7 + FAR)]).toEqual([5 + FAR, 7 + FAR]);
    // Nor is a far one a repeat.
    expect(established().send('client', RST, { seq: 7 + FAR, length: 3 }).text).toBe('ShADR');
  });

  it('is told by an ACK of the other end, but for one of 0 that is far off: it was never filled in', () => {
    const acked = (isn: number) =>
      new Summary({ client: isn, server: 0 }).handshake().send('server', ACK, { seq: 1, ack: 2 ** 32 - isn }).bytes[0];
    expect([acked(2 ** 32 - FAR - 1), acked(2 ** 32 - FAR - 2)]).toEqual([FAR, 0]);
    const other = new Summary({ client: 2 ** 32 - 2 * FAR, server: 0 }).handshake();
    expect(other.send('server', ACK, { seq: 1, ack: 2 * FAR - 1 }).bytes[0]).toBe(2 * FAR - 2);
  });

  it('is nothing where an end was met by a pure ACK, and what its first segment holds where that has data', () => {
    expect(new Summary().send('client', ACK, { seq: 77, ack: 5 }).bytes).toEqual([0, 0]);
    expect(new Summary().send('client', ACK, { seq: 77, ack: 5, length: 3 }).bytes).toEqual([3, 0]);
  });

  it('counts from another SYN only while nothing speaks for the first', () => {
    const again = (one: Summary, fields: Fields = {}) =>
      one.send('client', SYN, { seq: 50_000, ...fields }).of('client').streamStart;
    expect(again(new Summary().send('client', SYN))).toBe(50_000);
    expect(again(established())).toBe(50_000);
    expect(again(established(), { unacceptableSyn: true })).toBe(0);
    expect(again(established().send('client', FIN | ACK, { seq: 6, ack: 1 }))).toBe(0);
    expect(again(established().send('client', RST, { seq: 6 }))).toBe(0);
    expect(again(new Summary().send('client', RST, { seq: 6 }))).toBe(50_000);
    expect(established().send('client', ACK, { seq: 9, ack: 1 }).of('client').streamStart).toBe(0);
  });
});

describe('gaps', () => {
  const missed = (one: Summary) => one.of('client').missedBytes;
  const acked = (one: Summary, ack: number) => missed(one.send('server', ACK, { seq: 1, ack }));

  it('are none between what was given up and what was captured from there on', () => {
    const one = new Summary().handshake().send('client', ACK, { seq: 6, ack: 1, length: 5 });
    expect([acked(one, 6), acked(one, 8), acked(one, 11)]).toEqual([5, 5, 5]);
    expect([one.text, one.of('client').gaps]).toEqual(['ShADaG', 1]);
  });

  it('do not hold a FIN', () => {
    const finished = () => new Summary().handshake().send('client', FIN | ACK, { seq: 6, ack: 1 });
    expect([acked(finished(), 5), acked(finished(), 6), acked(finished(), 7), acked(finished(), 8)]).toEqual([
      4, 5, 5, 5,
    ]);
  });

  it('do not hold the data of a SYN, and hold what a reset says', () => {
    const opened = new Summary().send('client', SYN, { length: 5 }).send('server', SYN | ACK, { ack: 6 });
    expect(acked(opened.send('client', ACK, { seq: 6, ack: 1 }), 6)).toBe(0);
    const reset = new Summary().handshake().send('client', RST | ACK, { seq: 1, ack: 1, length: 4 });
    expect(reset.of('client').capturedTo).toBe(1);
  });

  it('hold what was cut off, be it one byte', () => {
    const cut = (captured: number) =>
      acked(new Summary().handshake().send('client', ACK, { seq: 1, ack: 1, length: 9, captured }), 10);
    expect([cut(9), cut(8)]).toEqual([0, 9]);
  });

  it('are told where both ends are established, or closed from there', () => {
    const whole = new Summary().handshake().send('client', FIN | ACK, { seq: 6, ack: 1 });
    expect(acked(whole, 7)).toBe(5);
    const picked = new Summary().send('client', ACK, { seq: 1, ack: 1 }).send('server', ACK, { seq: 1, ack: 1 });
    expect(acked(picked.send('client', FIN | ACK, { seq: 6, ack: 1 }), 7)).toBe(0);
  });

  it('are told of an end whose SYN was not captured', () => {
    const late = new Summary().send('server', SYN | ACK, { ack: 1 });
    // The roles are turned by the tracker.
    const text = late.send('client', ACK, { seq: 1, ack: 1 }).send('client', ACK, { seq: 2, ack: 1, length: 4 });
    expect(acked(text, 6)).toBe(1);
  });
});

describe('letters', () => {
  const letters = (one: Summary) => one.text;

  it('T is for a repeat of one byte too', () => {
    const byte = { seq: 1, ack: 1, length: 1 };
    expect(letters(new Summary().handshake().send('client', ACK, byte).send('client', ACK, byte))).toBe('ShADT');
  });

  it('C, T and W are for the 1st, 10th, 100th and no other', () => {
    const one = new Summary().handshake().send('client', ACK, { seq: 1, ack: 1, length: 1 });
    const told = [];
    for (let i = 1; i <= 1001; i++) {
      const before = one.text.length;
      one.send('client', ACK, { seq: 1, ack: 1, length: 1 });
      if (one.text.length > before) told.push(i);
    }
    expect(told).toEqual([1, 10, 100, 1000]);
  });

  it('F again is for another number', () => {
    const one = () => new Summary().handshake().send('client', FIN | ACK, { seq: 1, ack: 1, length: 4 });
    expect(letters(one().send('client', FIN | ACK, { seq: 5, ack: 1 }))).toBe('ShAF');
    expect(letters(one().send('client', FIN | ACK, { seq: 6, ack: 1 }))).toBe('ShAFF');
  });

  it('I and Q are told of the same end, in either order', () => {
    const both = (...flags: number[]) => letters(flags.reduce((one, each) => one.send('client', each), new Summary()));
    expect([both(FIN | RST, SYN | FIN), both(SYN | FIN, FIN | RST)]).toEqual(['IQ', 'QI']);
  });

  it('A is for an ACK of an earlier connection that answers a SYN, without data', () => {
    // Without the state machine nobody is in SYN-SENT.
    const stray = (fields: Fields) =>
      letters(new Summary().send('client', SYN).send('server', ACK, { seq: 700, unacceptable: true, ...fields }));
    expect([stray({}), stray({ badChecksum: true })]).toEqual(['S', 'Sc']);
  });
});

describe('the phases', () => {
  const state = (...segments: [Side, number, Fields?][]) =>
    segments.reduce((one, [side, flags, fields]) => one.send(side, flags, fields), new Summary().handshake()).state;
  const bare = (...segments: [Side, number, Fields?][]) =>
    segments.reduce((one, [side, flags, fields]) => one.send(side, flags, fields), new Summary()).state;
  const data = { seq: 1, ack: 1, length: 3 };

  it('FIN, then RST, and the FIN of the other end are a normal end; without the first FIN they are none', () => {
    const sent: [Side, number, Fields] = ['client', ACK, data];
    expect(
      state(
        sent,
        ['client', FIN | ACK, { seq: 4, ack: 1 }],
        ['client', RST, { seq: 5 }],
        ['server', FIN | ACK, { seq: 1, ack: 5 }],
      ),
    ).toBe('SF');
    expect(state(sent, ['client', RST, { seq: 4 }], ['server', FIN | ACK, { seq: 1, ack: 4 }])).toBe('RSTO');
    expect(state(sent, ['client', FIN | ACK, { seq: 4, ack: 1 }], ['server', FIN | ACK, { seq: 1, ack: 5 }])).toBe(
      'SF',
    );
  });

  it('a RST after both FINs is no end of its own', () => {
    const fins: [Side, number, Fields][] = [
      ['client', FIN | ACK, { seq: 1, ack: 1 }],
      ['server', FIN | ACK, { seq: 1, ack: 2 }],
    ];
    expect(state(...fins, ['client', RST, { seq: 2 }])).toBe('SF');
    expect(state(fins[0], ['client', RST, { seq: 2 }])).toBe('RSTO');
  });

  it('a SYN after what was picked up begins a connection while nothing was seen of the other end', () => {
    const picked: [Side, number, Fields] = ['client', ACK, { seq: 900, ack: 70 }];
    expect(bare(picked, ['client', SYN])).toBe('S0');
    expect(bare(picked, ['client', SYN | ACK, { ack: 1 }])).toBe('OTH');
    expect(bare(picked, ['server', ACK, { seq: 70, ack: 900 }], ['client', SYN])).toBe('OTH');
    expect(bare(picked, ['client', ACK, { seq: 900, ack: 70 }])).toBe('OTH');
  });

  it('an ACK ahead of the SYN,ACK makes no partial connection, and data does', () => {
    const syn: [Side, number] = ['client', SYN];
    const synAck: [Side, number, Fields] = ['server', SYN | ACK, { ack: 1 }];
    expect(bare(syn, ['server', ACK, { seq: 700 }])).toBe('S0');
    expect(bare(syn, ['server', ACK, { seq: 700, length: 1 }])).toBe('OTH');
    expect(bare(syn, ['server', ACK, { seq: 700 }], synAck)).toBe('S1');
    // The other end is not in SYN-SENT, or this is the client.
    expect(bare(['client', ACK, { seq: 1, ack: 1 }], ['server', ACK, { seq: 1, ack: 1 }])).toBe('OTH');
    expect(bare(['server', SYN], ['client', ACK, { seq: 1, ack: 1 }])).toBe('S1');
  });
});
