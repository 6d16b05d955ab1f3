/** Which resets, FINs and ACKs move an end, and which are taken back: the comparisons of `states.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Reset } from '../../src/model/transition.ts';
import { analyse, analyseScenario, basisAfter, statesAfter } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

const ZERO = { clientIsn: 0, serverIsn: 0 };
const after = (text: string) => statesAfter(analyseScenario(text, ZERO).rows.at(-1)!);
const afterEach = (text: string) => analyseScenario(text, ZERO).rows.map(statesAfter);
const name = (outcome: number) => Object.keys(Reset).find((key) => Reset[key as keyof typeof Reset] === outcome);

/** What became of the reset that the text ends with. */
function reset(text: string): string | undefined {
  let outcome: number = Reset.NONE;
  analyse(scenario(ZERO, text).pcap, {
    onSegment: ({ transition }) => {
      outcome = transition.resetOutcome;
    },
  });
  return name(outcome);
}

const open = (clientWindow = 1000) => `
  0.000 > S  seq 0 win 1000
  0.010 < S. seq 0 ack 1 win 1000
  0.020 > .  ack 1 win ${clientWindow}`;
const OPEN = open();

describe('a reset (RFC 9293 section 3.10.7.4, RFC 5961 section 3.2)', () => {
  const at = (seq: number, before = OPEN) => reset(`${before}\n 0.5 < R seq ${seq}`);

  it('is accepted at RCV.NXT, challenged elsewhere in the window, and dropped outside of it', () => {
    expect([0, 1, 2, 1000, 1001].map((seq) => at(seq))).toEqual([
      'OUT_OF_WINDOW',
      'ACCEPTED',
      'CHALLENGED',
      'CHALLENGED',
      'OUT_OF_WINDOW',
    ]);
    expect(at(0xffffffff)).toBe('OUT_OF_WINDOW');
  });

  it('is accepted where all that was sent ends, though the other end has not acknowledged that', () => {
    const data = `${OPEN}\n 0.1 < P. 1:101(100) ack 1`;
    expect([1, 101, 100, 102].map((seq) => at(seq, data))).toEqual([
      'ACCEPTED',
      'ACCEPTED',
      'CHALLENGED',
      'CHALLENGED',
    ]);
  });

  it('where the window is closed fits at RCV.NXT alone', () => {
    const closed = `0 > S seq 0 win 0\n 0.01 < S. seq 0 ack 1 win 1000\n 0.02 > . ack 1 win 0\n 0.03 < . ack 1`;
    expect([0, 1, 2].map((seq) => at(seq, closed))).toEqual(['OUT_OF_WINDOW', 'ACCEPTED', 'OUT_OF_WINDOW']);
  });

  it('is accepted by an end that has acknowledged nothing yet', () => {
    expect(reset('0 > P 1:2(1)\n 0.1 < R seq 77')).toBe('ACCEPTED');
  });

  it('in SYN-SENT has to acknowledge the SYN (section 3.10.7.3)', () => {
    const refused = (line: string) => reset(`0 > S seq 0\n 0.1 < ${line}`);
    expect(['R. seq 0 ack 0', 'R. seq 0 ack 1', 'R. seq 0 ack 2'].map(refused)).toEqual([
      'OUT_OF_WINDOW',
      'ACCEPTED',
      'OUT_OF_WINDOW',
    ]);
    // With data in the SYN all of that may be acknowledged.
    expect(reset('0 > S 0:9(9)\n 0.1 < R. seq 0 ack 10')).toBe('ACCEPTED');
  });

  it('that changes nothing leaves both ends as they were', () => {
    expect([1, 2, 5000].map((seq) => after(`${OPEN}\n 0.5 < R seq ${seq}`))).toEqual([
      'CLOSED CLOSED',
      'ESTABLISHED ESTABLISHED',
      'ESTABLISHED ESTABLISHED',
    ]);
  });

  it('of an end in SYN-SENT that does not follow its SYN is an answer to something old', () => {
    expect([reset('0 > S seq 5\n 0.1 > R seq 6'), reset('0 > S seq 5\n 0.1 > R seq 7')]).toEqual(['ACCEPTED', 'OLD']);
  });
});

describe('who is closed by a reset', () => {
  it('not an end whose answers are missing: twice sent again, and nothing heard', () => {
    const again = (times: number) =>
      after(`${OPEN}\n 0.1 > P. 1:11(10) ack 1\n ${Array.from({ length: times }, (_, i) => `${1 + i} > P. 1:11(10) ack 1`).join('\n')}
        90 > R. seq 11 ack 1`);
    expect([again(1), again(2)]).toEqual(['CLOSED CLOSED', 'CLOSED ESTABLISHED']);
  });

  it('a passive end in SYN-RECEIVED returns to LISTEN, an active one is closed (section 3.10.7.4)', () => {
    expect(after('0 > S seq 0\n 0.1 < S. seq 0 ack 1\n 0.2 > R seq 1')).toBe('CLOSED LISTEN');
    expect(
      after('0 > S seq 0\n 0.001 < S seq 0\n 0.1 > S. seq 0 ack 1\n 0.1 < S. seq 0 ack 1\n 0.2 > R seq 1'),
    ).toMatch(/^CLOSED CLOSED$/);
  });

  it('a FIN before it has arrived, unless it was sent more than once', () => {
    expect(after(`${OPEN}\n 0.1 > F. seq 1 ack 1\n 0.2 > R. seq 2 ack 1`)).toBe('CLOSED CLOSED');
    const { rows } = analyseScenario(`${OPEN}\n 0.1 > F. seq 1 ack 1\n 0.2 > R. seq 2 ack 1`, ZERO);
    expect(statesAfter(rows[3])).toBe('FIN-WAIT-1 CLOSE-WAIT');
    const twice = analyseScenario(
      `${OPEN}\n 0.1 > F. seq 1 ack 1\n 1 > F. seq 1 ack 1\n 1.2 > R. seq 2 ack 1`,
      ZERO,
    ).rows;
    expect(statesAfter(twice[4])).toBe('FIN-WAIT-1 ESTABLISHED');
    // One before the FIN tells nothing of it.
    const before = analyseScenario(
      `${OPEN}\n 0.1 > P. 1:11(10) ack 1\n 0.2 > F. seq 11 ack 1\n 0.3 > R. seq 1 ack 1`,
      ZERO,
    ).rows;
    expect(statesAfter(before[4])).toBe('FIN-WAIT-1 ESTABLISHED');
  });

  it('an end that goes on was not closed by a reset of the other that was forged', () => {
    const forged = `${OPEN}\n 0.1 > P. 1:11(10) ack 1\n 0.2 < R seq 1\n`;
    expect(afterEach(`${forged} 0.3 > . 11:21(10) ack 1`).slice(-2)).toEqual(['CLOSED CLOSED', 'CLOSED CLOSED']);
    const goesOn = `${forged} 0.3 < P. 1:11(10) ack 11`;
    expect([after(goesOn), after(`${goesOn}\n 0.4 > . seq 11 ack 11`)]).toEqual([
      'CLOSED ESTABLISHED',
      'ESTABLISHED ESTABLISHED',
    ]);
  });
});

describe('an ACK', () => {
  it('of the SYN,ACK moves the server, one number less does not', () => {
    const ack = (number: number) => after(`0 > S seq 0\n 0.01 < S. seq 0 ack 1\n 0.02 > . ack ${number}`);
    expect([ack(0), ack(1)]).toEqual([expect.stringMatching(/SYN-RECEIVED$/), 'ESTABLISHED ESTABLISHED']);
    // What was never sent cannot be acknowledged.
    expect(ack(2)).toMatch(/SYN-RECEIVED$/);
  });

  it('of the SYN without SYN,ACK shows that one was missed', () => {
    expect(after('0 > S seq 0\n 0.02 > . ack 1')).toBe('ESTABLISHED ESTABLISHED');
  });

  it('of the FIN, one number less is of the data before it', () => {
    const fin = (ack: number) => after(`${OPEN}\n 0.1 > FP. 1:11(10) ack 1\n 0.2 < . ack ${ack}`);
    expect([fin(11), fin(12), fin(13)]).toEqual([
      'FIN-WAIT-1 ESTABLISHED',
      'FIN-WAIT-2 CLOSE-WAIT',
      expect.stringMatching(/^FIN-WAIT-1/),
    ]);
  });

  it('after a FIN of its sender shows that FIN to have come first, if it was sent once', () => {
    const closing = (more: string) =>
      after(`${OPEN}\n 0.1 > F. seq 1 ack 1\n 0.11 < F. seq 1 ack 1\n${more} 0.2 < . seq 2 ack 2`);
    expect(closing('')).toMatch(/^TIME-WAIT /);
  });
});

describe('what was believed is taken back', () => {
  /** The path to the server and back takes 100 ms. */
  const begin = '0.000 > S seq 0\n 0.100 < S. seq 0 ack 1\n 0.101 > . ack 1';

  it('where the SYN,ACK is sent again after 0.9 round trips or more: the ACK had not arrived', () => {
    const again = (time: number) => after(`${begin}\n ${time.toFixed(6)} < S. seq 0 ack 1`);
    expect([again(0.191), again(0.190999)]).toEqual(['ESTABLISHED SYN-RECEIVED', 'ESTABLISHED ESTABLISHED']);
  });

  it('not where data has shown that it had', () => {
    expect(after(`${begin}\n 0.2 < P. 1:11(10) ack 1\n 0.5 < S. seq 0 ack 1`)).toBe('ESTABLISHED ESTABLISHED');
  });

  it('where a FIN is sent again: its ACK had not arrived', () => {
    const fin = `${begin}\n 1.000 > F. seq 1 ack 1\n 1.100 < F. seq 1 ack 2\n 1.101 > . seq 2 ack 2`;
    const again = (time: number, line = 'F. seq 1 ack 2') => after(`${fin}\n ${time.toFixed(6)} < ${line}`);
    expect([again(1.5), again(1.191), again(1.190999)]).toEqual([
      'TIME-WAIT LAST-ACK',
      'TIME-WAIT LAST-ACK',
      'TIME-WAIT CLOSED',
    ]);
  });

  it('says of each end what it has shown', () => {
    const basis = (text: string) => basisAfter(analyseScenario(text, ZERO).rows.at(-1)!);
    expect([basis(begin), basis(`${begin}\n 0.2 < . ack 1`)]).toEqual(['confirmed inferred', 'confirmed confirmed']);
  });
});

describe('a connection that is met in its middle', () => {
  it('is synchronised by ACK or RST, not by a segment without either (section 3.10.7.4, fifth)', () => {
    expect(['. 1:2(1) ack 1', 'P 1:2(1)', 'F. seq 1 ack 1'].map((line) => after(`0 > ${line}`))).toEqual([
      'ESTABLISHED ESTABLISHED',
      'UNKNOWN UNKNOWN',
      expect.stringMatching(/^FIN-WAIT-1 /),
    ]);
  });
});
