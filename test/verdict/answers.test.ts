/** What ACKs tell of what was sent, and what a segment below SND.NXT is: each condition of `acks.ts`, `departures.ts`, `feedback.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Option } from '../../src/model/segment.ts';
import { Feedback } from '../../src/verdict/feedback.ts';
import type { Outbound } from '../../src/verdict/outbound.ts';
import { analyseScenario, fateText, verdictText } from '../support/analyze.ts';
import { view } from '../support/segments.ts';

const at = (seconds: number) => seconds.toFixed(6);

/** Round trip 20.05 ms, captured at the client. Frames 1 to 3. */
const OPEN = `
  0.000000 > S  seq 0 win 64240 <mss 1000,sackOK>
  0.020000 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK>
  0.020050 > .  ack 1`;
const NO_SACK = OPEN.replaceAll(',sackOK', '');
const sentBy = (text: string) => analyseScenario(text).analyzer.connections[0].client.outbound as Outbound;
const verdicts = (text: string) => analyseScenario(text).rows.map(verdictText);

const THREE = `${OPEN}
  1.000000 > . 1:1001(1000) ack 1
  1.000000 > . 1001:2001(1000) ack 1
  1.000000 > . 2001:3001(1000) ack 1`;

describe('a SACK block (RFC 2018 section 3)', () => {
  const read = (ack: string) => {
    const { scoreboard, feedback } = sentBy(`${THREE}\n 1.020000 < . ${ack}`);
    return [scoreboard.highSacked, scoreboard.outstanding, feedback.sawDsack];
  };

  it('acknowledges what it holds, from the left edge on', () => {
    expect(read('ack 1 <nop,nop,sack 1001:2001>')).toEqual([2001, 2000, false]);
    expect(read('ack 1 <nop,nop,sack 1:1001>')).toEqual([1001, 2000, false]);
    expect(read('ack 1 <nop,nop,sack 1001:2001 2001:3001>')).toEqual([3001, 1000, false]);
  });

  it('is none where it begins below the ACK, or is empty', () => {
    expect(read('ack 1001 <nop,nop,sack 1000:2001>')).toEqual([0, 2000, false]);
    expect(read('ack 1 <nop,nop,sack 2001:2001>')).toEqual([0, 3000, false]);
    expect(read('ack 1 <nop,nop,sack 2001:1001>')).toEqual([0, 3000, false]);
  });

  it('is none where it ends farther ahead than the largest window, 2^30 (RFC 7323 section 2.3)', () => {
    const end = 3001 + 2 ** 30;
    expect(read(`ack 1 <nop,nop,sack 1001:${end}>`)[0]).toBe(end);
    expect(read(`ack 1 <nop,nop,sack 1001:${end + 1}>`)[0]).toBe(0);
  });

  it('reports a repeat where the first lies below the ACK, or inside the second (RFC 2883 section 4)', () => {
    expect([read('ack 1001 <nop,nop,sack 1:1001>')[2], read('ack 1001 <nop,nop,sack 1:1002>')[2]]).toEqual([
      true,
      false,
    ]);
    const two = (first: string, second = '1001:3001') => read(`ack 1 <nop,nop,sack ${first} ${second}>`)[2];
    expect([two('1001:2001'), two('2001:3001'), two('1001:3001'), two('1500:1600')]).toEqual([true, true, true, true]);
    expect([two('1000:2001'), two('2001:3002'), two('1001:2001', '2001:3001')]).toEqual([false, false, false]);
  });
});

describe('a duplicate ACK with SACK (RFC 6675 section 2)', () => {
  const count = (...acks: string[]) =>
    sentBy(`${THREE}\n${acks.map((ack, i) => `${at(1.02 + i / 1e4)} < . ${ack}`).join('\n')}`).dupAcks;

  it('tells of something new above, whatever its window', () => {
    const first = 'ack 1 <nop,nop,sack 1001:2001>';
    expect([count(first), count(first, 'ack 1 <nop,nop,sack 1001:3001>')]).toEqual([1, 2]);
    expect(count('ack 1 win 60000 <nop,nop,sack 1001:2001>')).toBe(1);
    expect([count(first, first), count('ack 1 win 65160'), count('ack 1 win 60000')]).toEqual([1, 1, 0]);
  });

  it('or reports a repeat, and is forgotten when the left edge moves', () => {
    expect(count('ack 1001', 'ack 1001 win 60000 <nop,nop,sack 1:1001>')).toBe(1);
    expect(count('ack 1 <nop,nop,sack 1001:2001>', 'ack 2001')).toBe(0);
  });
});

describe('an ACK that nothing in flight has caused', () => {
  /** The copy was not needed: the ACK came 2 ms after it, on a path of 20 ms. Then `after`. */
  const copy = (after: string, open = NO_SACK) =>
    fateText(
      analyseScenario(`${open}
        1.000000 > P. 1:1001(1000) ack 1
        1.300000 > P. 1:1001(1000) ack 1
        1.302000 < .  ack 1001 win 65160
        ${after}`).rows[4],
    );

  it('answers a copy that was not needed', () => {
    expect([copy(''), copy('1.320000 < . ack 1001 win 65160')]).toEqual(['unknown', 'delivered']);
  });

  it('not where the first answer may be that of the copy: some hosts answer twice what fills a hole', () => {
    const twice = (second: string) =>
      fateText(
        analyseScenario(`${NO_SACK}
          1.000000 > P. 1:1001(1000) ack 1
          1.300000 > P. 1:1001(1000) ack 1
          1.320000 < .  ack 1001 win 65160
          ${second} < . ack 1001 win 65160`).rows[3],
      );
    expect([twice('1.320100'), twice('1.470000')]).toEqual(['lost', 'delivered']);
  });

  it('not where it tells something else', () => {
    for (const ack of ['ack 1001 win 60000', 'ack 1000 win 65160', 'ack 1001 win 65160 <nop,nop,sack 5001:6001>'])
      expect(copy(`1.320000 < . ${ack}`)).toBe('unknown');
    expect(copy('1.320000 < P. 1:2(1) ack 1001 win 65160')).toBe('unknown');
  });

  it('not where data has been under way for 85 % of the shortest round trip', () => {
    const data = (time: number) => copy(`1.303000 > P. 1001:2001(1000) ack 1\n ${at(time)} < . ack 1001 win 65160`);
    expect([data(1.319999), data(1.32)]).toEqual(['delivered', 'unknown']);
    // Sent twice, or beyond a hole, it may have caused any.
    expect(copy('1.303000 > P. 2001:3001(1000) ack 1\n 1.310000 < . ack 1001 win 65160')).toBe('unknown');
    const twice = '1.303000 > P. 1001:2001(1000) ack 1\n 1.303500 > P. 1001:2001(1000) ack 1 id 9';
    expect(copy(`${twice}\n 1.310000 < . ack 1001 win 65160`)).toBe('unknown');
  });

  it('not after its own FIN: then it acknowledges what the other says to that', () => {
    expect(copy('1.310000 < F. seq 1 ack 1001 win 65160\n 1.320000 < . seq 2 ack 1001 win 65160')).toBe('unknown');
  });

  it('not where the receiver reports repeats by D-SACK', () => {
    const reported = `${OPEN}
      0.500000 > P. 1:1001(1000) ack 1
      0.520000 < .  ack 1001
      0.800000 > P. 1:1001(1000) ack 1
      0.820000 < .  ack 1001 <nop,nop,sack 1:1001>
      1.100000 > P. 1001:2001(1000) ack 1
      1.400000 > P. 1001:2001(1000) ack 1
      1.402000 < .  ack 2001
      1.420000 < .  ack 2001`;
    expect(fateText(analyseScenario(reported).rows[8])).not.toBe('delivered');
  });
});

describe('round trips', () => {
  const rtt = (text: string) => {
    const { samples, sample } = sentBy(`${THREE}\n${text}`).rtt;
    return [samples, Math.round(sample / 1e3)];
  };

  it('are taken from the cumulative ACK where it has one, else from SACK', () => {
    const late = '1.010000 > . 3001:4001(1000) ack 1\n 1.025000';
    expect(rtt(`${late} < . ack 1 <nop,nop,sack 3001:4001>`)).toEqual([2, 15_000]);
    expect(rtt(`${late} < . ack 1001 <nop,nop,sack 3001:4001>`)).toEqual([2, 25_000]);
    // The oldest that is newly covered, in the first block that has one.
    expect(rtt(`${late} < . ack 1 <nop,nop,sack 2001:4001>`)).toEqual([2, 25_000]);
    expect(rtt(`${late} < . ack 1 <nop,nop,sack 3001:4001 2001:3001>`)).toEqual([2, 15_000]);
  });

  it('are not taken again from what SACK had covered', () => {
    expect(rtt('1.020000 < . ack 1 <nop,nop,sack 1001:3001>\n 1.040000 < . ack 3001')).toEqual([3, 40_000]);
    expect(
      rtt('1.020000 < . ack 1001 <nop,nop,sack 2001:3001>\n 1.030000 < . ack 1001 <nop,nop,sack 2001:3001>'),
    ).toEqual([2, 20_000]);
  });
});

describe('what fills a hole of the capture', () => {
  const open = (rtt: number) => `0.000 > S seq 0 id 0 <mss 1460>
    ${at(rtt)} < S. seq 0 ack 1 id 0 <mss 1460>
    ${at(rtt)} > . ack 1 id 0`;
  const filled = (after: number, begin: string) =>
    verdicts(`${begin}\n 0.500000 > P. 101:201(100) ack 1 id 0\n ${at(0.5 + after)} > P. 1:101(100) ack 1 id 0`).at(-1);

  it('without clocks is late before nine tenths of half a round trip, and sent again from then on', () => {
    expect([filled(0.017999, open(0.04)), filled(0.018, open(0.04))]).toEqual([
      'reordered',
      expect.stringMatching(/^retransmission/),
    ]);
    // Half as far, half as long.
    expect([filled(0.008999, open(0.02)), filled(0.009, open(0.02))]).toEqual([
      'reordered',
      expect.stringMatching(/^retransmission/),
    ]);
  });

  it('of an end that answers late, before nine tenths of the time of its answer', () => {
    const far = `0.000 > S seq 0 id 0 <mss 1460>
      0.000 < S. seq 0 ack 1 id 0 <mss 1460>
      0.040 > . ack 1 id 0`;
    expect([filled(0.035999, far), filled(0.036, far)]).toEqual([
      'reordered',
      expect.stringMatching(/^retransmission/),
    ]);
  });

  it('where no round trip is known, before 2.7 ms', () => {
    const middle = '0.100000 > P. seq 1 ack 1 id 0';
    expect([filled(0.002699, middle), filled(0.0027, middle)]).toEqual([
      'reordered',
      expect.stringMatching(/^retransmission/),
    ]);
  });

  it('says by how many it was overtaken, and by how much time', () => {
    const { rows } = analyseScenario(`${open(0.04)}
      0.500 > P. 101:201(100) ack 1 id 0
      0.501 > P. 201:301(100) ack 1 id 0
      0.502 > P. 1:101(100) ack 1 id 0`);
    expect(rows[5].verdict).toMatchObject({ depth: 2, lateness: 2e6, original: 4 });
    const { rows: byAck } = analyseScenario(
      `${open(0.04)}\n 0.500 > . seq 101 ack 1 id 0\n 0.501 > P. 1:101(100) ack 1 id 0`,
    );
    expect(byAck[4].verdict).toMatchObject({ depth: 1, lateness: 1e6, original: 4 });
  });
});

describe('a segment alone after a silence, and bytes far beyond it a while later (F-RTO, RFC 5682 section 2.1)', () => {
  const lone = (silence: number, after: number, more = '') => {
    const sent = 1 + silence;
    return analyseScenario(`${NO_SACK}
      1.000000 > . 1:1001(1000) ack 1
      1.020000 < . ack 1001
      ${at(sent)} > . 1001:2001(1000) ack 1
      ${more}
      ${at(sent + after)} > . 5001:6001(1000) ack 1`).rows;
  };

  it('was sent again after a timeout, where half a round trip lies between them', () => {
    expect(verdictText(lone(0.5, 0.010025)[5])).toBe('retransmission rto');
    expect(verdictText(lone(0.5, 0.010024)[5])).toBe('new');
    expect(lone(0.5, 0.5)[5].verdict).toMatchObject({ confidence: 0.8, evidence: [7] });
  });

  it('where the silence was longer than 180 ms', () => {
    expect([verdictText(lone(0.180001, 0.05)[5]), verdictText(lone(0.18, 0.05)[5])]).toEqual([
      'retransmission rto',
      'new',
    ]);
  });

  it('not where its IP IDs show that more than one packet between them did not pass the capture', () => {
    const counted = (id: number, more = '') => {
      const { rows } = analyseScenario(`${NO_SACK}
        1.000000 > . 1:1001(1000) ack 1 id 1002
        1.020000 < . ack 1001
        1.500000 > . 1001:2001(1000) ack 1 id 1003
        ${more}
        1.550000 > . 5001:6001(1000) ack 1 id ${id}`);
      return verdictText(rows[5]);
    };
    // RFC 5682 section 2.1: two segments of new data are tried, of which the first may be lost on its way here.
    expect([counted(1005), counted(1006)]).toEqual(['retransmission rto', 'new']);
    // However many it were; an ID of 16 bits that rises by more than half of them falls, and tells nothing.
    expect([counted(1003 + 32767), counted(1003 + 32768)]).toEqual(['new', 'retransmission rto']);
    // What was seen of them does not count.
    expect(counted(1006, '1.510000 > . ack 1 id 1004')).toBe('retransmission rto');
    // IDs that fall as often as they rise count nothing.
    const mixed = (id: number) =>
      counted(id, '1.510000 > . seq 2001 ack 1 id 700\n 1.520000 > . seq 2001 ack 1 id 300');
    expect(mixed(330)).toBe('retransmission rto');
  });

  it('not where more was sent with it', () => {
    expect(verdictText(lone(0.5, 0.05, `${at(1.500001)} > . 2001:3001(1000) ack 1`)[5])).toBe('new');
  });
});

describe('what is sent again', () => {
  const again = (line: string) =>
    analyseScenario(`${NO_SACK}
    1.000000 > P. 1:1001(1000) ack 1
    1.000100 > P. 1001:2001(1000) ack 1
    ${line}`);

  it('names the first sending of its first byte', () => {
    const original = (range: string) => again(`1.400000 > P. ${range} ack 1`).rows.at(-1)!.verdict!.original;
    expect([original('1:1001(1000)'), original('1000:1100(100)'), original('1001:2001(1000)')]).toEqual([4, 4, 5]);
  });

  it('differs where the same range has other bytes', () => {
    const differs = (first: string, second: string) => {
      const { rows } = analyseScenario(`${NO_SACK}
        1.000000 > P. 1:6(5) ack 1 ${first}
        1.400000 > P. ${second}`);
      const { verdict } = rows[4];
      return [verdict!.differs, verdictText(rows[4])];
    };
    expect(differs('"hello"', '1:6(5) ack 1 "hello"')[0]).toBe(false);
    expect(differs('"hello"', '1:6(5) ack 1 "jello"')).toEqual([true, 'retransmission unknown']);
  });

  it('is needless where all of it was acknowledged', () => {
    const spurious = (ack: number) =>
      again(`1.020000 < . ack ${ack}\n 1.400000 > P. 1:1001(1000) ack 1`).rows.at(-1)!.verdict!.spurious;
    expect([spurious(1001), spurious(1000)]).toEqual([true, false]);
  });

  it('brings new bytes where it goes beyond what was sent', () => {
    const { client } = again('1.400000 > P. 1001:3001(2000) ack 1').analyzer.connections[0];
    expect([client.sndNxt, client.outbound!.scoreboard.outstanding]).toEqual([3001, 3000]);
  });
});

describe('what a sender was told', () => {
  const stamped = (tsVal: number, tsEcr: number) => view({ options: Option.TIMESTAMPS, tsVal, tsEcr, frame: 4 });

  it('is known by the echo of new data: how far it had sent by then', () => {
    const told = (tsEcr: number, options: number = Option.TIMESTAMPS) => {
      const feedback = new Feedback();
      feedback.reports(stamped(500, 0), 100, -1);
      feedback.hears(view({ options, tsEcr }), 700);
      return [feedback.toldFrom, feedback.toldTo];
    };
    expect([told(499), told(500), told(501), told(500, 0)]).toEqual([
      [100, Number.POSITIVE_INFINITY],
      [100, 700],
      [100, 700],
      [100, Number.POSITIVE_INFINITY],
    ]);
  });

  it.each([
    ['reportFrame', 1],
    ['reportTsVal', 0],
    ['toldTsVal', 0],
    ['toldFrom', 1],
    ['toldTo', 1],
    ['dupAcks', 1],
    ['duplicateUna', 0],
    ['duplicatesThere', 1],
    ['emptyReportTo', 1],
    ['sawDsack', true],
  ])('is nothing until %s is %s', (field, value) => {
    const feedback = new Feedback();
    expect(feedback.hasMetNothing).toBe(true);
    Object.assign(feedback, { [field]: value });
    expect(feedback.hasMetNothing).toBe(false);
  });
});

describe('the round trip of a SYN', () => {
  const samples = (text: string) => {
    const { client, server } = analyseScenario(text).analyzer.connections[0];
    return [client, server].map(({ outbound }) => outbound!.rtt.min / 1e6);
  };
  const SYN = '0.000 > S seq 0 win 64240';
  const SYN_ACK = '0.020 < S. seq 0 ack 1 win 65160';

  it('ends with the SYN,ACK, and not with what acknowledges it where that is not in the capture', () => {
    expect(samples(`${SYN}\n${SYN_ACK}`)[0]).toBe(20);
    expect(samples(`${SYN}\n0.500 > . ack 1\n0.900 < . seq 1 ack 1`)[0]).toBe(-1e-6);
    // The next segment gives one.
    expect(samples(`${SYN}\n0.500 > P. 1:11(10) ack 1\n0.530 < . seq 1 ack 11`)[0]).toBe(30);
    // With data on the SYN both are acknowledged at once (RFC 7413).
    expect(samples(`0.000 > S 0:10(10) win 64240\n0.020 < S. seq 0 ack 11 win 65160`)[0]).toBe(20);
  });

  it('that of a SYN,ACK ends with an ACK of no more than it', () => {
    expect(samples(`${SYN}\n${SYN_ACK}\n0.050 > P. 1:11(10) ack 1`)[1]).toBe(30);
    expect(samples(`${SYN}\n${SYN_ACK}\n0.100 < P. 1:11(10) ack 1\n0.140 > . seq 1 ack 11`)[1]).toBe(40);
  });
});

describe('bytes below the first that a capture holds, which began in the middle', () => {
  const repeated = (before: string, after = '') => {
    const { rows } = analyseScenario(`
      0.000 > P. 5001:6001(1000) ack 1${before}
      0.010 > .  2001:3001(1000) ack 1${after}`);
    const row = rows.find(({ view: { frame } }) => frame === rows.length - (after === '' ? 0 : 1))!;
    return [verdictText(row), fateText(row)].join(', ');
  };

  it('were not acknowledged as long as no acknowledgment came', () => {
    expect(repeated('')).toMatch(/^retransmission \w+, unknown$/);
    expect(repeated('\n0.005 < . seq 1 ack 2001')).toMatch(/^retransmission \w+, unknown$/);
    expect(repeated('\n0.005 < . seq 1 ack 5001')).toMatch(/^retransmission \w+ spurious/);
  });

  it('arrived when they are acknowledged later', () => {
    expect(repeated('', '\n0.040 < . seq 1 ack 6001')).toMatch(/^retransmission \w+, delivered$/);
  });
});

describe('bytes that were acknowledged long ago and come again', () => {
  const again = (line: string) => {
    const stamped = (value: number) => `<nop,nop,TS val ${value} ecr 7000>`;
    const { rows } = analyseScenario(`
      0.000 > S  seq 0 win 64240 <mss 1460,nop,nop,TS val 1000 ecr 0> id 1
      0.020 < S. seq 0 ack 1 win 65160 <mss 1460,nop,nop,TS val 7000 ecr 1000>
      0.020 > .  ack 1 ${stamped(1020)} id 2
      0.030 > P. 1:101(100) ack 1 ${stamped(1030)} id 3
      0.050 < .  ack 101 <nop,nop,TS val 7050 ecr 1030>
      5.000 > P. 101:201(100) ack 1 ${stamped(6000)} id 4
      5.000 > P. 201:301(100) ack 1 ${stamped(6000)} id 6
      5.001 > P. 1:101(100) ack 1 ${line}`);
    return verdictText(rows.at(-1)!);
  };
  const stamp = (value: number) => `<nop,nop,TS val ${value} ecr 7000>`;

  it('are sent again, also where the capture has swapped that with the segment after it', () => {
    expect(again(`${stamp(6000)} id 7`)).toMatch(/^retransmission/);
    expect(again(`${stamp(6000)} id 5`)).toMatch(/^retransmission/);
    expect(again(`${stamp(5999)} id 5`)).toBe('reordered');
  });
});
