/** Why a segment was sent again: the times and counts of the rules, each with an example just on either side. */
import { describe, expect, it } from 'vitest';
import { Excuse } from '../../src/model/verdict.ts';
import { analyseScenario, fateText, verdictText } from '../support/analyze.ts';

/** Round trip 20.05 ms, captured at the client. Frames 1 to 3. */
const OPEN = `
  0.000000 > S  seq 0 win 64240 <mss 1000,sackOK>
  0.020000 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK>
  0.020050 > .  ack 1`;
/** The same without SACK: no tail loss probes (RFC 8985 section 7). */
const NO_SACK = OPEN.replaceAll(',sackOK', '');

const at = (seconds: number) => seconds.toFixed(6);
const last = (text: string) => verdictText(analyseScenario(text).rows.at(-1)!);
/** The verdict on frame `frame`. */
const of = (text: string, frame: number) => verdictText(analyseScenario(text).rows[frame - 1]);

describe('the timer', () => {
  // The first of two segments again: no probe, which would repeat the last.
  const again = (waited: number) => `${OPEN}
    1.000000 > .  1:1001(1000) ack 1
    1.000000 > P. 1001:2001(1000) ack 1
    ${at(1 + waited)} > . 1:1001(1000) ack 1`;

  it('expires after 180 ms at the soonest: 200 ms in common stacks, less a tick', () => {
    expect(last(again(0.18))).toBe('retransmission rto');
    expect(last(again(0.179999))).toBe('retransmission rto');
  });

  it('is not restarted by what tells of a loss (RFC 6298 section 5.3), and does not count before 180 ms', () => {
    const told = (waited: number) => `${OPEN}
      1.000000 > .  1:1001(1000) ack 1
      1.000000 > P. 1001:2001(1000) ack 1
      1.020000 < .  ack 1 <nop,nop,sack 1001:2001>
      ${at(1.02 + waited)} > . 1:1001(1000) ack 1`;
    expect(last(told(0.159999))).toBe('retransmission fast');
    expect(last(told(0.16))).toBe('retransmission rto');
  });

  it('of a sender that recovers expires for its left edge only', () => {
    const recovering = (waited: number, from: number) => `${OPEN}
      1.000000 > .  1:1001(1000) ack 1
      1.000000 > .  1001:2001(1000) ack 1
      1.000000 > P. 2001:3001(1000) ack 1
      1.020000 < .  ack 1 <nop,nop,sack 2001:3001>
      1.020100 > .  1:1001(1000) ack 1
      ${at(1.0201 + waited)} > . ${from}:${from + 1000}(1000) ack 1`;
    expect(last(recovering(0.179999, 1))).toBe('retransmission fast');
    expect(last(recovering(0.18, 1))).toBe('retransmission rto');
    expect(last(recovering(0.18, 1001))).toBe('retransmission fast');
  });
});

describe('a timeout that was not needed', () => {
  // The ACK of the first copy comes 10 ms after the repeat of it.
  const undone = (from: number, acked: number) => `
    0.000000 > S  seq 0 win 64240 <mss 1000,sackOK,TS val 100 ecr 0>
    0.020000 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK,TS val 900 ecr 100>
    0.020050 > .  ack 1 <TS val 120 ecr 900>
    1.000000 > .  1:1001(1000) ack 1 <TS val 1100 ecr 900>
    1.000000 > .  1001:2001(1000) ack 1 <TS val 1100 ecr 900>
    1.000000 > P. 2001:3001(1000) ack 1 <TS val 1100 ecr 900>
    1.220000 > .  1:1001(1000) ack 1 <TS val 1320 ecr 900>
    1.230000 < .  ack ${acked} <TS val 2110 ecr 1100>
    1.230100 > P. 3001:4001(1000) ack 1 <TS val 1330 ecr 2110>
    1.230200 > .  ${from}:${from + 1000}(1000) ack 1 <TS val 1330 ecr 2110>`;

  it('is not taken back by every sender: it goes on with what it had sent before', () => {
    expect(last(undone(1001, 1001))).toBe('retransmission rto-recovery');
    expect(last(undone(2001, 1001))).toBe('retransmission rto-recovery');
  });

  it('explains nothing that was sent after it, nor anything once all before it is acknowledged', () => {
    expect(last(undone(3001, 1001))).not.toBe('retransmission rto-recovery');
    expect(last(undone(3001, 3001))).not.toBe('retransmission rto-recovery');
  });
});

describe('what had been acknowledged when it passed between the ends', () => {
  /** Round trip 20 ms, the capture in its middle. After one duplicate ACK all is acknowledged, and the repeat comes `later`. */
  const crossed = (later: number, report = '') => `
    0.000000 > S  seq 0 win 64240 <mss 1000>
    0.010000 < S. seq 0 ack 1 win 65160 <mss 1000>
    0.020000 > .  ack 1
    1.000000 > .  1:1001(1000) ack 1
    1.000000 > .  1001:2001(1000) ack 1
    1.000000 > .  2001:3001(1000) ack 1
    1.000000 > P. 3001:4001(1000) ack 1
    1.010000 < .  ack 1 ${report}
    1.011000 < .  ack 4001
    1.011000 > P. 4001:5001(1000) ack 1
    ${at(1.011 + later)} > . 1:1001(1000) ack 1`;

  it('answers the report before that, if no timer is so short', () => {
    expect(last(crossed(0.05))).toBe('retransmission fast spurious');
    expect(last(crossed(0.178999))).toBe('retransmission fast spurious');
    expect(last(crossed(0.179))).toBe('retransmission unknown spurious');
    expect(last(crossed(0.168999, 'win 60000'))).toBe('retransmission unknown spurious');
    expect(last(crossed(0.18))).toBe('retransmission rto spurious');
  });
});

describe('what nothing explains', () => {
  it('has no cause: neither was the sender told of a loss nor had its timer run', () => {
    const again = (wait: number) => `${NO_SACK}\n1.0 > P. 1:27(26) ack 1\n${at(1 + wait)} > P. 1:27(26) ack 1`;
    expect(last(again(0.00009))).toBe('retransmission unknown');
    expect(fateText(analyseScenario(`${again(0.00009)}\n1.02 < . ack 27`).rows[3])).not.toBe('lost');
  });

  it('is a guess where an ACK came since it was sent', () => {
    const sent = '1.0 > P. 11:37(26) ack 11';
    const heard = (at: string) => `${at} < . seq 11 ack 11 win 65160`;
    const again = (...rows: string[]) =>
      last(`${NO_SACK}
        0.900000 > P. 1:11(10) ack 1
        0.920000 < P. 1:11(10) ack 11
        ${rows.join('\n')}
        1.001000 > P. 11:37(26) ack 11`);
    expect(again(heard('0.9999'), sent)).toBe('retransmission unknown');
    expect(again(sent, heard('1.0001'))).toBe('retransmission fast');
  });

  it('seen beside the receiver has none either, before the shortest timer', () => {
    const again = (wait: number) => `${NO_SACK}
      1.000000 > P. 1:101(100) ack 1
      1.020000 < .  ack 101
      1.030000 < P. 1:101(100) ack 101
      ${at(1.03 + wait)} < P. 1:101(100) ack 101`;
    expect(last(again(0.0299))).toBe('retransmission unknown');
    expect(last(again(0.179999))).toBe('retransmission unknown');
    expect(last(again(0.18))).toBe('retransmission rto');
  });
});

describe('the timer', () => {
  it('starts again when it expires (RFC 6298 section 5.6), also where the acknowledgments are not in the capture', () => {
    const { rows } = analyseScenario(`${OPEN}
      1.000000 > P. 1:101(100) ack 1
      1.100000 > P. 101:201(100) ack 1
      1.150000 > P. 201:301(100) ack 1
      1.200000 < P. 1:2(1) ack 1
      1.400000 > P. 101:201(100) ack 2
      1.800000 > P. 101:201(100) ack 2
      2.600000 > P. 101:201(100) ack 2`);
    const again = rows
      .slice(-2)
      .map((row) => [verdictText(row).split(' ')[1], row.verdict!.waited, row.verdict!.backoff]);
    expect(again).toEqual([
      ['rto', 400e6, 1],
      ['rto', 800e6, 2],
    ]);
  });
});

describe('the timer after a probe', () => {
  it('starts when the probe is sent (RFC 8985 section 7.3)', () => {
    const { rows } = analyseScenario(`${OPEN}
      1.000000 > P. 1:101(100) ack 1
      1.000100 > P. 101:201(100) ack 1
      1.000200 > P. 201:301(100) ack 1
      1.080000 < .  ack 101
      1.140000 > P. 201:301(100) ack 1
      1.440000 > P. 101:201(100) ack 1`);
    const verdicts = rows.slice(-2).map((row) => [verdictText(row).split(' ')[1], row.verdict!.waited]);
    expect(verdicts).toEqual([
      ['tlp', 60e6],
      ['rto', 300e6],
    ]);
  });
});

describe('the timer of what is sent again', () => {
  it('is no older than that, though acknowledgments of what lies before are not in the capture', () => {
    const waited = (first: string) =>
      analyseScenario(`${OPEN}
      1.000000 > P. 1:101(100) ack 1
      ${first} > P. 101:201(100) ack 1
      1.700000 > P. 201:301(100) ack 1
      1.800000 < P. 1:2(1) ack 1
      2.600000 > P. 101:201(100) ack 2`).rows.at(-1)!.verdict;
    expect(waited('1.500000')).toMatchObject({ backoff: 0, waited: 1100e6 });
    expect(waited('1.500001')).toMatchObject({ backoff: 0, waited: 1099.999e6 });
  });
});

describe('a probe that may have been a timeout', () => {
  it('is not that of an earlier flight', () => {
    const { rows } = analyseScenario(`${OPEN}
      1.000000 > P. 1:101(100) ack 1
      1.060000 > P. 1:101(100) ack 1
      1.080000 < .  ack 101
      2.000000 > .  101:201(100) ack 1
      2.000000 > P. 201:301(100) ack 1
      2.060000 > P. 201:301(100) ack 1
      2.400000 > P. 101:301(200) ack 1`);
    const verdicts = [5, 9, 10].map((frame) => verdictText(rows[frame - 1]).split(' ')[1]);
    expect(verdicts).toEqual(['tlp', 'tlp', 'rto']);
    expect(rows[9].verdict?.backoff).toBe(0);
  });
});

describe('a repeat that was sent later and has arrived (RACK, RFC 8985 section 6.2)', () => {
  // 1:1001 is lost; its repeat leaves before or after 3001:4001, which nothing else reports missing.
  const lost = (repeat: string, sent: string, acked: number) => `${OPEN}
    1.000000 > .  1:1001(1000) ack 1
    1.000000 > .  1001:2001(1000) ack 1
    1.000000 > .  2001:3001(1000) ack 1
    1.020000 < .  ack 1 <nop,nop,sack 1001:3001>
    ${repeat} > .  1:1001(1000) ack 1
    ${sent} > .  3001:4001(1000) ack 1
    1.041000 < .  ack ${acked}
    1.042000 > .  3001:4001(1000) ack 1`;

  it('tells of the loss of what was sent before it, not of what was sent after it', () => {
    const sorted = (text: string) =>
      text
        .split('\n')
        .toSorted((one, other) => Number.parseFloat(one) - Number.parseFloat(other))
        .join('\n');
    const sure = (text: string) => analyseScenario(sorted(text)).rows.at(-1)!.verdict!.confidence;
    expect(sure(lost('1.020200', '1.020100', 3001))).toBe(0.97);
    // An ACK came since, which is a guess at best.
    expect(sure(lost('1.020100', '1.020200', 3001))).toBe(0.6);
  });
});

describe('beside the receiver', () => {
  /** Round trip 40.1 ms, captured at the server. 1001:2001 is missing; what follows comes every 10 ms until `last`, one ACK for each. */
  const lost = (latest: number, stamp: (ms: number, echo: number) => string, isSack = ',sackOK') => {
    const rows = [
      `0.000000 > S  seq 0 win 64240 <mss 1000${isSack}${stamp(0, -900)}>`,
      `0.000100 < S. seq 0 ack 1 win 65160 <mss 1000${isSack}${stamp(900, 0)}>`,
      `0.040100 > .  ack 1 <nop${stamp(40, 0)}>`,
      `1.000000 > .  1:1001(1000) ack 1 <nop${stamp(1000, 0)}>`,
      `1.000100 < .  ack 1001 <nop${stamp(1900, 1000)}>`,
    ];
    for (let ms = 1010, seq = 2001; ms <= latest; ms += 10, seq += 1000)
      rows.push(
        `${at(ms / 1000)} > . ${seq}:${seq + 1000}(1000) ack 1 <nop${stamp(ms, ms - 40)}>`,
        `${at(ms / 1000 + 0.0001)} < . ack 1001 <nop${stamp(ms + 900, 1000)},sack 2001:${seq + 1000}>`,
      );
    return rows.join('\n');
  };
  const unstamped = () => '';
  const stamped = (value: number, echo: number) => `,TS val ${value} ecr ${echo + 900}`;
  const repaired = (time: number, options = '') => `\n${at(time)} > . 1001:2001(1000) ack 1 ${options}`;

  it('the timer had run for 180 ms after a silence, with a round trip on the way', () => {
    const after = (time: number) => last(lost(1160, unstamped) + repaired(time));
    expect(after(1.01 + 0.0401 + 0.18)).toBe('retransmission rto');
    expect(after(1.01 + 0.0401 + 0.179999)).toBe('retransmission fast');
  });

  it('a silence is longer than one and a half round trips', () => {
    expect(last(lost(1170, unstamped) + repaired(1.17 + 0.060151))).toBe('retransmission rto');
    expect(last(lost(1170, unstamped) + repaired(1.17 + 0.06015))).toBe('retransmission fast');
  });

  describe('what was sent again in answer to the ACK that told of the hole is no timeout, however long the silence', () => {
    /** 1001:2001 is missing; two ACKs tell of it, `gap` seconds apart. 300 ms later it comes again and echoes what the first says, or more. */
    const burst = (gap: number, later = 0) => `0.000000 > S  seq 0 win 64240 <mss 1000,sackOK,TS val 0 ecr 0>
      0.000100 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK,TS val 900 ecr 0>
      0.040100 > .  ack 1 <nop,nop,TS val 40 ecr 900>
      1.000000 > .  1:1001(1000) ack 1 <nop,nop,TS val 1000 ecr 900>
      1.000100 < .  ack 1001 <nop,nop,TS val 1900 ecr 1000>
      1.010000 > .  2001:3001(1000) ack 1 <nop,nop,TS val 1010 ecr 900>
      1.010100 < .  ack 1001 <nop,nop,TS val 1910 ecr 1000,nop,nop,sack 2001:3001>
      ${at(1.01 + gap)} > .  4001:5001(1000) ack 1 <nop,nop,TS val 1010 ecr 900>
      ${at(1.0101 + gap)} < .  ack 1001 <nop,nop,TS val 1913 ecr 1000,nop,nop,sack 4001:5001 2001:3001>
      1.310000 > .  1001:2001(1000) ack 1 <nop,nop,TS val 1310 ecr ${1910 + later}>`;

    it('where the next one came at once: within 4 ms', () => {
      expect(last(burst(0.003999))).toBe('retransmission fast');
      expect(last(burst(0.004))).toBe('retransmission rto');
    });

    it('and not where it echoes a later one', () => {
      expect(last(burst(0.003, 1))).toBe('retransmission rto');
    });

    it('nor where it had been sent again since', () => {
      const again = `${burst(0.003)}
        1.900000 > .  1001:2001(1000) ack 1 <nop,nop,TS val 1900 ecr 1910>`;
      expect(last(again)).toBe('retransmission rto');
    });

    it('so does the ACK that stops at the next hole', () => {
      const partial = (echo: number) => `${burst(0.003)}
        1.310100 < .  ack 3001 <nop,nop,TS val 2210 ecr 1310,nop,nop,sack 4001:5001>
        1.311000 > .  5001:6001(1000) ack 1 <nop,nop,TS val 1311 ecr 1913>
        1.311100 < .  ack 3001 <nop,nop,TS val 2211 ecr 1310,nop,nop,sack 4001:6001>
        1.611000 > .  3001:4001(1000) ack 1 <nop,nop,TS val 1611 ecr ${echo}>`;
      expect(last(partial(2210))).toBe('retransmission fast');
      expect(last(partial(2211))).toBe('retransmission rto');
    });
  });

  it('what a slow link brings one by one comes after no silence', () => {
    const slow = (gap: number) => {
      const rows = [
        `0.000000 > S  seq 0 win 64240 <mss 1000,sackOK>`,
        `0.000100 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK>`,
        `0.002100 > .  ack 1`,
        `0.003000 > .  1:1001(1000) ack 1`,
        `0.003100 < .  ack 1001`,
      ];
      for (let i = 1; i <= 6; i++)
        rows.push(
          `${at(0.003 + i * gap)} > . ${1001 + i * 1000}:${2001 + i * 1000}(1000) ack 1`,
          `${at(0.0031 + i * gap)} < . ack 1001 <nop,nop,sack 2001:${2001 + i * 1000}>`,
        );
      return last(`${rows.join('\n')}\n${at(0.003 + 7 * gap)} > . 1001:2001(1000) ack 1`);
    };
    expect([slow(0.045), slow(0.044999)]).toEqual(['retransmission rto', 'retransmission fast']);
  });

  it('without a silence what it echoes tells that it had been told long ago', () => {
    /** 221 ms after the timer was started, in answer to what was sent `age` ms before. */
    const answers = (age: number) => last(lost(1230, stamped) + repaired(1.2311, `<nop${stamped(1231, 1231 - age)}>`));
    expect(answers(41)).toBe('retransmission rto');
    expect(answers(42)).toBe('retransmission fast');
  });

  it('and that is four times as long as it takes to answer', () => {
    const answers = (age: number) => last(lost(1260, stamped) + repaired(1.2601, `<nop${stamped(1260, 1260 - age)}>`));
    expect(answers(50)).toBe('retransmission rto');
    expect(answers(51)).toBe('retransmission fast');
  });

  it('and as any repair of this recovery took, for the way may have been longer before', () => {
    // 240 ms after the timer was started; 60 ms is a quarter.
    const row = (time: number, bytes: string, age: number) =>
      `\n${at(time)} > . ${bytes}(1000) ack 1 <nop${stamped(time * 1000, Math.floor(time * 1000 - age))}>`;
    const answers = (age: number) => {
      const later = lost(1250, stamped).replace(/.* > . 4001:5001.*\n/, '');
      return last(later + row(1.255, '4001:5001', age) + row(1.261, '1001:2001', 40));
    };
    expect([answers(40), answers(120)]).toEqual(['retransmission rto', 'retransmission fast']);
  });

  it('a clock that has hardly ticked tells nothing', () => {
    const slow = (value: number, echo: number) =>
      `,TS val ${Math.floor(value / 200)} ecr ${Math.floor((echo + 900) / 200)}`;
    const tenth = (value: number, echo: number) =>
      `,TS val ${Math.floor(value / 100)} ecr ${Math.floor((echo + 900) / 100)}`;
    const after = (stamp: typeof slow) => last(lost(1260, stamp) + repaired(1.2611, `<nop${stamp(1260, 1261)}>`));
    expect(after(tenth)).toBe('retransmission rto');
    expect(after(slow)).toBe('retransmission fast');
  });
});

describe('one direction only', () => {
  /** A segment of 1,000 bytes, so many bytes more after it, and `wait` seconds later the first again. */
  const again = (more: number, wait: number) => `
    0.000000 > . 1:1001(1000) ack 1
    0.000100 > . 1001:${1001 + more}(${more}) ack 1
    ${at(0.0001 + wait)} > . 1:1001(1000) ack 1`;

  it('a fast retransmission needs three segments after the lost one (RFC 6675 section 4)', () => {
    expect(last(again(2001, 0.04))).toBe('retransmission fast');
    expect(last(again(2000, 0.04))).toBe('retransmission unknown');
  });

  it('a silence of 180 ms is a timer', () => {
    expect(last(again(2001, 0.179999))).toBe('retransmission fast');
    expect(last(again(2001, 0.18))).toBe('retransmission rto');
    expect(last(`${again(2001, 0.04)}\n 0.3 > . 1001:2001(1000) ack 1`)).toBe('retransmission rto');
  });

  it('after a timeout the rest is repaired for it', () => {
    expect(last(`${again(2001, 0.2)}\n 0.25 > . 1001:2001(1000) ack 1`)).toBe('retransmission rto-recovery');
  });
});

describe('a tail loss probe (RFC 8985 section 7.2)', () => {
  const probe = (waited: number, open = OPEN) => `${open}
    1.000000 > P. 1:1001(1000) ack 1
    ${at(1 + waited)} > P. 1:1001(1000) ack 1`;

  it('comes no later than the timeout (20 + 200 ms by RFC 6298, 0.05 ms to the sender), or one and a half times that', () => {
    expect(last(probe(0.330075))).toBe('retransmission tlp');
    expect(last(probe(0.330076))).toBe('retransmission rto');
  });

  it('comes within 350 ms where no round trip was measured', () => {
    const unknown = '  0.000000 < . seq 1 ack 1\n  0.020000 > . ack 1';
    expect(last(probe(0.35, unknown))).toBe('retransmission tlp');
    expect(last(probe(0.350001, unknown))).toBe('retransmission rto');
  });

  it('comes on connections with SACK only', () => {
    expect(last(probe(0.3))).toBe('retransmission tlp');
    expect(last(probe(0.3, NO_SACK))).toBe('retransmission rto');
    expect(
      last(probe(0.3, OPEN.replace('S. seq 0 ack 1 win 65160 <mss 1000,sackOK>', 'S. seq 0 ack 1 <mss 1000>'))),
    ).toBe('retransmission rto');
  });

  it('repeats the last segment', () => {
    const of = (from: number) => `${OPEN}
      1.000000 > .  1:1001(1000) ack 1
      1.000000 > P. 1001:2001(1000) ack 1
      1.100000 > P. ${from}:${from + 1000}(1000) ack 1`;
    expect(last(of(1001))).toBe('retransmission tlp');
    expect(last(of(1))).not.toContain('tlp');
  });

  it('is not sent twice', () => {
    expect(last(`${probe(0.3)}\n 1.600000 > P. 1:1001(1000) ack 1`)).toBe('retransmission rto');
  });

  it('was a timeout where the next wait is 1.6 times as long or more (RFC 6298 section 5.5)', () => {
    const twice = (second: number) => `${probe(0.3)}\n ${at(1.3 + second)} > P. 1:1001(1000) ack 1`;
    expect(of(twice(0.479999), 5)).toBe('retransmission tlp');
    expect(of(twice(0.48), 5)).toBe('retransmission rto');
  });

  it('was a timeout where the waits grow on, though the application closes meanwhile and the FIN goes along', () => {
    // 200 ms and a timer that doubles: 230, 260, 320 ms. The FIN, 10 ms after the second repeat, starts no timer (RFC 6298 section 5.1).
    const closing = (third: number) => `${OPEN}
      1.000000 > P.  1:1001(1000) ack 1
      1.230000 > P.  1:1001(1000) ack 1
      1.490000 > P.  1:1001(1000) ack 1
      1.500000 > F.  1001:1001(0) ack 1
      ${at(1.49 + third)} > FP. 1:1001(1000) ack 1`;
    expect(of(closing(0.32), 5)).toBe('retransmission rto');
    expect(of(closing(0.33), 5)).toBe('retransmission tlp');
  });

  it('is sure where more than one segment was outstanding', () => {
    const { rows } = analyseScenario(`${OPEN}
      1.000000 > .  1:1001(1000) ack 1
      1.000000 > P. 1001:2001(1000) ack 1
      1.300000 > P. 1001:2001(1000) ack 1
      1.900000 > P. 1001:2001(1000) ack 1
      1.920000 < .  ack 2001`);
    expect(rows[5].verdict!.confidence).toBe(0.9);
    expect(verdictText(rows[5])).toBe('retransmission tlp');
  });
});

describe('a fast retransmission (RFC 5681 section 3.2)', () => {
  it('needs to be told: by one duplicate ACK at the least', () => {
    const after = (duplicates: number) => `${NO_SACK}
      1.000000 > .  1:1001(1000) ack 1
      1.000000 > .  1001:2001(1000) ack 1
      1.000000 > P. 2001:3001(1000) ack 1
      ${'1.020000 < . ack 1 win 65160\n'.repeat(duplicates)}
      1.021000 > . 1:1001(1000) ack 1`;
    const confidence = (n: number) => analyseScenario(after(n)).rows.at(-1)!.verdict!.confidence;
    expect(last(after(1))).toBe('retransmission fast');
    expect(confidence(1)).toBe(0.97);
    expect(confidence(0)).toBeLessThan(0.9);
  });

  it('names the ACK that told of the hole', () => {
    const { rows } = analyseScenario(`${OPEN}
      1.000000 > .  1:1001(1000) ack 1
      1.000000 > .  1001:2001(1000) ack 1
      1.000000 > P. 2001:3001(1000) ack 1
      1.020000 < .  ack 1 <nop,nop,sack 1001:2001>
      1.020000 < .  ack 1 <nop,nop,sack 1001:3001>
      1.020100 > .  1:1001(1000) ack 1`);
    expect(rows.at(-1)!.verdict!.evidence).toEqual([7]);
  });

  it('is none before the sender could have heard: its TSecr is older than the report (RFC 7323)', () => {
    const heard = (ecr: number) => `
      0.000000 > S  seq 0 win 64240 <mss 1000,TS val 100 ecr 0>
      0.020000 < S. seq 0 ack 1 win 65160 <mss 1000,TS val 900 ecr 100>
      0.020050 > .  ack 1 <nop,nop,TS val 120 ecr 900>
      1.000000 > .  1:1001(1000) ack 1 <nop,nop,TS val 1100 ecr 900>
      1.000000 > P. 1001:2001(1000) ack 1 <nop,nop,TS val 1100 ecr 900>
      1.020000 < .  ack 1 win 65160 <nop,nop,TS val 1920 ecr 120>
      1.021000 > .  1:1001(1000) ack 1 <nop,nop,TS val 1121 ecr ${ecr}>`;
    const confidence = (ecr: number) => analyseScenario(heard(ecr)).rows.at(-1)!.verdict!.confidence;
    expect(confidence(1920)).toBe(0.97);
    expect(confidence(1921)).toBe(0.97);
    expect(confidence(1919)).toBeLessThan(0.9);
  });
});

describe('a packet that was too big (RFC 1191)', () => {
  it('is the reason for what is sent again within a second', () => {
    const after = (waited: number) => `${OPEN}
      1.000000 > .  1:1001(1000) ack 1
      1.000000 > P. 1001:2001(1000) ack 1
      1.010000 icmp frag-needed quotes 4 from 10.9.9.9 mtu 900
      ${at(1.01 + waited)} > . 1:1001(1000) ack 1`;
    expect(last(after(0.999999))).toBe('retransmission pmtu');
    expect(last(after(1))).toBe('retransmission rto');
  });
});

describe('a FIN with the ACK of the crossing FIN', () => {
  const crossing = (waited: number, ack: number) => `${OPEN}
    1.000000 > F. seq 1 ack 1
    1.000040 < F. seq 1 ack 1
    ${at(1 + waited)} > F. seq 1 ack ${ack}`;

  it('goes out at once, not when the timer expires', () => {
    expect(last(crossing(0.179999, 2))).toBe('retransmission unknown spurious');
    expect(last(crossing(0.18, 2))).not.toContain('unknown');
  });

  it('acknowledges that FIN', () => {
    expect(last(crossing(0.1, 1))).not.toContain('unknown');
  });
});

describe('what was never acknowledged', () => {
  it('was lost where SACK reports more than two segments above it (RFC 6675 section 4, IsLost)', () => {
    const fate = (edge: number) =>
      fateText(
        analyseScenario(`${OPEN}
          1.000000 > .  1:1001(1000) ack 1
          1.000000 > .  1001:2001(1000) ack 1
          1.000000 > .  2001:3001(1000) ack 1
          1.000000 > P. 3001:4001(1000) ack 1
          1.020000 < .  ack 1 <nop,nop,sack 1001:${edge}>`).rows[3],
      );
    expect(fate(3002)).toBe('lost');
    expect(fate(3001)).toBe('unknown');
  });
});

describe('one byte below what is next (RFC 9293 sections 3.8.4 and 3.8.6.1)', () => {
  const ask = (acknowledged: boolean, what: string, window = 65160) => `${NO_SACK}
    1.000000 > P. 1:101(100) ack 1
    ${acknowledged ? `1.020000 < . ack 101 win ${window}` : ''}
    2.000000 > . ${what}`;

  it('is a keep-alive where the data before it is acknowledged', () => {
    expect(last(ask(true, '100:101(1) ack 1'))).toBe('keep-alive');
    expect(last(ask(false, '100:101(1) ack 1'))).toBe('retransmission rto');
  });

  it('with nothing in it asks in either case', () => {
    expect(last(ask(true, 'seq 100 ack 1'))).toBe('keep-alive');
    expect(last(ask(false, 'seq 100 ack 1'))).toBe('keep-alive');
  });

  it('asks whether the window has opened where it is closed', () => {
    expect(last(ask(true, '100:101(1) ack 1', 0))).toBe('window-probe');
    expect(last(ask(true, '100:101(1) ack 1', 1))).toBe('keep-alive');
  });

  it('two bytes are data, and so is what lies two below', () => {
    expect(last(ask(true, '99:101(2) ack 1'))).toMatch(/^retransmission/);
    expect(last(ask(true, 'seq 99 ack 1'))).toBe('ack');
  });
});

describe('round trips', () => {
  const samples = (text: string) => analyseScenario(text).analyzer.connections[0].client.outbound!.rtt.samples;
  const minimum = (text: string) => analyseScenario(text).analyzer.connections[0].client.outbound!.rtt.min / 1e6;

  it('are not taken from what was sent twice (Karn; RFC 6298 section 3)', () => {
    const data = `${OPEN}\n 1.000000 > P. 1:1001(1000) ack 1`;
    expect(samples(`${data}\n 1.020000 < . ack 1001`)).toBe(2);
    expect(samples(`${data}\n 1.300000 > P. 1:1001(1000) ack 1\n 1.320000 < . ack 1001`)).toBe(1);
  });

  it('are taken of the oldest segment that an ACK covers', () => {
    const two = `${OPEN}\n 1.000000 > . 1:1001(1000) ack 1\n 1.004000 > P. 1001:2001(1000) ack 1`;
    expect(minimum(`${two}\n 1.019000 < . ack 2001`)).toBe(19);
    expect(minimum(`${two}\n 1.019000 < . ack 1 <nop,nop,sack 1001:2001>`)).toBe(15);
  });

  it('an old ACK shows none, nor a duplicate', () => {
    const text = `${OPEN}
      1.000000 > .  1:1001(1000) ack 1
      1.000000 > P. 1001:2001(1000) ack 1
      1.020000 < .  ack 2001
      1.030000 < .  ack 1001`;
    const { client } = analyseScenario(text).analyzer.connections[0];
    expect(client.outbound).toMatchObject({ dupAcks: 0, rtt: { samples: 2 } });
  });
});

describe('a duplicate ACK (RFC 5681 section 2)', () => {
  const ack = (line: string, data = true) => {
    const text = `${NO_SACK}
      ${data ? '1.000000 > . 1:1001(1000) ack 1' : ''}
      1.020000 ${line}`;
    return analyseScenario(text).analyzer.connections[0].client.outbound!.dupAcks;
  };

  it('(a) comes while data is outstanding', () => {
    expect([ack('< . ack 1 win 65160'), ack('< . ack 1 win 65160', false)]).toEqual([1, 0]);
  });

  it('(b) carries no data, (c) neither SYN nor FIN', () => {
    expect([ack('< P. 1:2(1) ack 1 win 65160'), ack('< F. ack 1 win 65160')]).toEqual([0, 0]);
  });

  it('(d) has the greatest ACK number so far, (e) the same window', () => {
    expect([ack('< . ack 0 win 65160'), ack('< . ack 1 win 65161'), ack('< . ack 1 win 65159')]).toEqual([0, 0, 0]);
    expect(ack('< . ack 1001 win 65160')).toBe(0);
  });
});

describe("a segment that is not its sender's own", () => {
  const STAMPED = `
    0.000000 > S  seq 0 win 1000 <mss 1000,TS val 100 ecr 0,nop,wscale 0>
    0.020000 < S. seq 0 ack 1 win 1000 <mss 1000,TS val 900 ecr 100,nop,wscale 0>
    0.020050 > .  ack 1 <nop,nop,TS val 120 ecr 900>`;
  const unacceptable = (text: string) => {
    const { rows, analyzer } = analyseScenario(text);
    return { rows: rows.length, next: analyzer.connections[0].client.sndNxt };
  };

  it('has no timestamp though they were agreed (RFC 7323 section 3.2)', () => {
    const more = (options: string) => unacceptable(`${STAMPED}\n 1.000000 > P. 1:101(100) ack 1 ${options}`).next;
    expect(more('<nop,nop,TS val 1100 ecr 900>')).toBe(101);
    expect(more('')).toBe(1);
  });

  it('lies more than 65,535 bytes beyond the window, unless another follows it', () => {
    const plain = STAMPED.replace(/,TS val \d+ ecr \d+/g, '').replace(/<nop,nop,TS.*>/g, '');
    const beyond = (bytes: number, more = '') =>
      unacceptable(`${plain}\n 1.000000 > P. ${1001 + bytes}:${1002 + bytes}(1) ack 1${more}`).next;
    expect(beyond(65535)).toBe(1002 + 65535);
    expect(beyond(65536)).toBe(1);
    const follows = `\n 1.000010 > P. ${1002 + 65536}:${1003 + 65536}(1) ack 1`;
    expect(beyond(65536, follows)).toBe(1003 + 65536);
  });
});

describe('a SYN once more', () => {
  const excuse = (text: string) => analyseScenario(text).rows.at(-1)!.verdict!.excuse;
  const SYN = '0.000 > S seq 0 win 8192 <mss 1460>';

  it('is excused where the one before was refused, and that alone', () => {
    expect(excuse(`${SYN}\n 0.020 < R. seq 0 ack 1 win 0\n 1.000 > S seq 0 win 8192 <mss 1460>`)).toBe(
      Excuse.REFUSED_BEFORE,
    );
    expect(excuse(`${SYN}\n 1.000 > S seq 0 win 8192 <mss 1460>`)).toBe(Excuse.NONE);
    expect(excuse(`${SYN}\n 0.020 < S. seq 0 ack 1 win 8192\n 1.000 > S seq 0 win 8192 <mss 1460>`)).toBe(Excuse.NONE);
    expect(
      excuse(
        `${SYN}\n 0.02 < R. seq 0 ack 1 win 0\n 1 > S seq 0 win 8192 <mss 1460>\n 3 > S seq 0 win 8192 <mss 1460>`,
      ),
    ).toBe(Excuse.NONE);
  });
});

describe('how sure a verdict is', () => {
  const confidence = (text: string, frame: number) => analyseScenario(text).rows[frame - 1].verdict!.confidence;

  it('a probe that the second wait shows to have been a timeout is a sure one', () => {
    const text = `${OPEN}
      1.000000 > P. 1:1001(1000) ack 1
      1.300000 > P. 1:1001(1000) ack 1
      1.900000 > P. 1:1001(1000) ack 1
      1.920000 < .  ack 1001`;
    expect(of(text, 5)).toBe('retransmission rto');
    expect(confidence(text, 5)).toBe(0.9);
  });

  it('what was sent again and never acknowledged is likely lost, never more than certain', () => {
    const text = `${OPEN}\n 1.0 > P. 1:1001(1000) ack 1\n 1.3 > P. 1:1001(1000) ack 1`;
    const [first] = analyseScenario(text).rows.slice(3);
    expect([fateText(first), first.verdict!.confidence]).toEqual(['lost', 0.7]);
  });
});

describe('a D-SACK and a SACK block in one ACK (RFC 2883 section 4.1)', () => {
  it('are both read', () => {
    const { rows, analyzer } = analyseScenario(`${OPEN}
      1.000000 > .  1:1001(1000) ack 1
      1.000000 > .  1001:2001(1000) ack 1
      1.000000 > P. 2001:3001(1000) ack 1
      1.020000 < .  ack 1001
      1.300000 > .  1:1001(1000) ack 1
      1.320000 < .  ack 1001 <nop,nop,sack 1:1001 2001:3001>`);
    expect(verdictText(rows[7])).toMatch(/spurious$/);
    expect(analyzer.connections[0].client.outbound!.scoreboard).toMatchObject({ highSacked: 3001, outstanding: 1000 });
  });
});

describe('a repeat in a capture that began in the middle, and that only one end answers', () => {
  const repeated = (echo: number, seconds = '0.560100') => {
    const stamps = (value: number, of: number, sack = 0) =>
      `<nop,nop,TS val ${value} ecr ${of}${sack === 0 ? '' : `,nop,nop,sack 1449:${sack}`}>`;
    const { rows } = analyseScenario(`
      0.270040 < .  seq 1 ack 1 ${stamps(7270, 1210)}
      0.300000 > .  1449:2897(1448) ack 1 ${stamps(1300, 7000)}
      0.300040 < .  seq 1 ack 1 ${stamps(7300, 1210, 2897)}
      0.330000 > .  2897:4345(1448) ack 1 ${stamps(1330, 7000)}
      0.330040 < .  seq 1 ack 1 ${stamps(7330, 1210, 4345)}
      0.530000 > .  4345:5793(1448) ack 1 ${stamps(1500, 7000)}
      0.530040 < .  seq 1 ack 1 ${stamps(7530, 1210, 5793)}
      ${seconds} > .  1:1449(1448) ack 1 ${stamps(1560, echo)}`);
    return verdictText(rows.at(-1)!);
  };

  it('was told by what it echoes: the way to its sender is no silence of the timer', () => {
    expect(repeated(7330)).toBe('retransmission fast');
    expect(repeated(7530)).toBe('retransmission rto');
  });
});
