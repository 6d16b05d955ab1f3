import { describe, expect, it } from 'vitest';
import { disagreement } from '../../src/compat/disagreement.ts';
import type { PacketRow } from '../../src/model/row.ts';
import { Cause, Kind, Verdict } from '../../src/model/verdict.ts';
import { WiresharkFlag, WiresharkView } from '../../src/model/wireshark.ts';
import { analyseScenario } from '../support/analyze.ts';

const { RETRANSMISSION, FAST_RETRANSMISSION, SPURIOUS_RETRANSMISSION, OUT_OF_ORDER } = WiresharkFlag;
const PLAIN = RETRANSMISSION;
const FAST = RETRANSMISSION | FAST_RETRANSMISSION;
const SPURIOUS = RETRANSMISSION | SPURIOUS_RETRANSMISSION;

function between(verdict: Partial<Verdict>, flags: number, isGapWrong = false): string | null {
  const wireshark = Object.assign(new WiresharkView(), { flags, isGapWrong });
  return disagreement({ verdict: Object.assign(new Verdict(), verdict), wireshark } as PacketRow);
}

describe('no disagreement', () => {
  it.each([
    ['new data', { kind: Kind.NEW }, 0],
    ['new data that fills the window', { kind: Kind.NEW }, WiresharkFlag.WINDOW_FULL],
    ['an ACK', { kind: Kind.ACK }, 0],
    ['a duplicate ACK', { kind: Kind.ACK }, WiresharkFlag.DUPLICATE_ACK],
    ['a window update', { kind: Kind.ACK }, WiresharkFlag.WINDOW_UPDATE],
    ['fast', { kind: Kind.RETRANSMISSION, cause: Cause.FAST }, FAST],
    ['a timeout, for which there is no flag', { kind: Kind.RETRANSMISSION, cause: Cause.RTO }, PLAIN],
    ['a probe of the tail, for which there is none either', { kind: Kind.RETRANSMISSION, cause: Cause.TLP }, PLAIN],
    ['needless', { kind: Kind.RETRANSMISSION, cause: Cause.RTO, spurious: true }, SPURIOUS],
    ['of a cause that is not known', { kind: Kind.RETRANSMISSION, cause: Cause.UNKNOWN }, FAST],
    ['reordered', { kind: Kind.REORDERED, depth: 1 }, OUT_OF_ORDER],
    ['a keep-alive', { kind: Kind.KEEP_ALIVE }, WiresharkFlag.KEEP_ALIVE],
    ['a window probe', { kind: Kind.WINDOW_PROBE }, WiresharkFlag.ZERO_WINDOW_PROBE],
    ['a segment after a real gap', { kind: Kind.NEW }, WiresharkFlag.LOST_SEGMENT],
  ])('%s', (_, verdict, flags) => {
    expect(between(verdict, flags)).toBeNull();
  });
});

describe('a disagreement', () => {
  it.each<[Partial<Verdict>, number, string]>([
    [
      { kind: Kind.RETRANSMISSION, cause: Cause.FAST, original: 6 },
      OUT_OF_ORDER,
      'Wireshark says "out of order"; it is a fast retransmission of #6.',
    ],
    [
      { kind: Kind.RETRANSMISSION, cause: Cause.FAST },
      PLAIN,
      'Wireshark says "retransmission"; it is a fast retransmission.',
    ],
    [
      { kind: Kind.RETRANSMISSION, cause: Cause.RTO, original: 4 },
      FAST,
      'Wireshark says "fast retransmission"; it is a retransmission of #4 after a timeout.',
    ],
    [
      { kind: Kind.RETRANSMISSION, cause: Cause.FAST, spurious: true, original: 4 },
      FAST,
      'Wireshark says "fast retransmission"; it is a fast retransmission of #4 that was not needed.',
    ],
    [
      { kind: Kind.RETRANSMISSION, cause: Cause.TLP, original: 4 },
      SPURIOUS,
      'Wireshark says "spurious retransmission"; it is a retransmission of #4 as a tail loss probe.',
    ],
    [
      { kind: Kind.RETRANSMISSION, cause: Cause.RTO, original: 7 },
      WiresharkFlag.KEEP_ALIVE,
      'Wireshark says "keep-alive"; it is a retransmission of #7 after a timeout.',
    ],
    [
      { kind: Kind.RETRANSMISSION, cause: Cause.RTO, original: 4 },
      0,
      'Wireshark says nothing of it; it is a retransmission of #4 after a timeout.',
    ],
    [
      { kind: Kind.REORDERED, depth: 3 },
      PLAIN,
      'Wireshark says "retransmission"; it is no repetition: 3 later segments overtook it.',
    ],
    [
      { kind: Kind.DUPLICATE, byCapture: true, original: 6 },
      WiresharkFlag.DUPLICATE_ACK,
      'Wireshark says "duplicate ACK"; it is #6 once more, captured twice.',
    ],
    [{ kind: Kind.NEW }, SPURIOUS, 'Wireshark says "spurious retransmission"; it is sent for the first time.'],
    [
      { kind: Kind.WINDOW_PROBE },
      WiresharkFlag.KEEP_ALIVE | WiresharkFlag.ZERO_WINDOW,
      'Wireshark says "keep-alive"; it is a window probe.',
    ],
    [
      { kind: Kind.RETRANSMISSION, cause: Cause.UNKNOWN, original: 5, differs: true },
      PLAIN,
      'Wireshark does not say that the payload is not that of #5.',
    ],
  ])('%o', (verdict, flags, sentence) => {
    expect(between(verdict, flags)).toBe(sentence);
  });

  it('of a gap that is none', () => {
    expect(between({ kind: Kind.NEW }, WiresharkFlag.LOST_SEGMENT, true)).toContain('the capture holds all');
    expect(between({ kind: Kind.ACK }, WiresharkFlag.ACK_LOST_SEGMENT, true)).toContain('the capture holds all');
  });
});

describe('which gaps are none', () => {
  const opened = `
    0.00 > S  seq 0 win 10000 <mss 1460>
    0.02 < S. seq 0 ack 1 win 10000 <mss 1460>
    0.02 > .  ack 1`;
  const sentences = (text: string) => analyseScenario(`${opened} ${text}`).rows.map(disagreement).slice(3);

  it('an ACK of what a retransmission brought along', () => {
    expect(
      sentences(`
        0.1 > . 1:101(100) ack 1
        0.4 > . 1:201(200) ack 1
        0.5 < . ack 201`)[2],
    ).toBe('Wireshark says that it acknowledges what was not captured; the capture holds all of it.');
  });

  it('not an ACK of what was never seen', () => {
    expect(
      sentences(`
        0.1 > . 1:101(100) ack 1
        0.2 > . 101:201(100) ack 1 missed
        0.3 > . 201:301(100) ack 1
        0.4 < . ack 201
        0.5 < . ack 301`),
    ).toEqual([null, null, null, null]);
  });
});
