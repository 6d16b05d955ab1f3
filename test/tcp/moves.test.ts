/**
 * Every change of state of both ends: the frame that caused it, and whether it is known or inferred; and events that the state machine
 * does not know in the state they met. RFC 9293 section 3.10.7.
 */
import { expect, it } from 'vitest';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { Basis, STATE_NAMES } from '../../src/model/state.ts';
import { Event } from '../../src/tcp/transitions.ts';
import { analyse, statesAfter } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

const ZERO = { clientIsn: 0, serverIsn: 0 };
const EVENTS = Object.keys(Event);

/** The state before the first change, then `STATE@frame` for each change, with a question mark where it is inferred. */
function movesOf({ timeline }: Endpoint): string {
  const moves = Array.from({ length: timeline.length }, (_, i) => {
    const mark = timeline.basisOf(i) === Basis.CONFIRMED ? '' : '?';
    return `${STATE_NAMES[timeline.stateOf(i)]}@${timeline.frameOf(i)}${mark}`;
  });
  return [STATE_NAMES[timeline.initial], ...moves].join(' ');
}

/** Of the client and of the server, and what was not allowed, `EVENT in STATE@frame`. */
function told(text: string): string[] {
  const notAllowed: string[] = [];
  const { analyzer } = analyse(scenario(ZERO, text).pcap, {
    onSegment: ({ transition: { illegalEvent, illegalState } }, { frame }) => {
      if (illegalEvent >= 0) notAllowed.push(`${EVENTS[illegalEvent]} in ${STATE_NAMES[illegalState]}@${frame}`);
    },
  });
  expect(analyzer.connections).toHaveLength(1);
  const { client, server } = analyzer.connections[0];
  return [movesOf(client), movesOf(server), ...notAllowed];
}

const OPEN = `
  0.000 > S  seq 0 win 1000
  0.010 < S. seq 0 ack 1 win 1000
  0.020 > .  ack 1 win 1000`;
const CLIENT_OPEN = 'CLOSED SYN-SENT@1 ESTABLISHED@2';
/** A FIN acknowledges the SYN,ACK too: that the ACK before it arrived is shown by none who answers the FIN. */
const SERVER_OPEN = 'LISTEN SYN-RECEIVED@1 ESTABLISHED@3';

it.each<[string, string, string[]]>([
  [
    'a SYN in the window of a live connection changes nothing (RFC 5961 section 4)',
    `${OPEN}\n 0.1 > S seq 200\n 0.2 < . ack 1`,
    [CLIENT_OPEN, SERVER_OPEN],
  ],
  [
    'an ACK that does not cover the SYN,ACK does not show that it arrived',
    '0 > S seq 0\n 0.1 < S. seq 0 ack 1\n 0.2 > . seq 1 ack 0',
    ['CLOSED SYN-SENT@1', 'LISTEN SYN-RECEIVED@1'],
  ],
  [
    'SYNs that crossed: neither shows that the other has arrived (section 3.5, Figure 7)',
    '0 > S seq 0\n 0.001 < S seq 0',
    ['CLOSED SYN-SENT@1', 'CLOSED SYN-SENT@2'],
  ],
  [
    'SYN,ACKs that crossed: neither shows that the other has arrived',
    '0 > S seq 0\n 0.001 < S seq 0\n 0.1 > S. seq 0 ack 1\n 0.101 < S. seq 0 ack 1',
    ['CLOSED SYN-SENT@1 SYN-RECEIVED@2 ESTABLISHED@4?', 'CLOSED SYN-SENT@2 SYN-RECEIVED@2? ESTABLISHED@3?'],
  ],
  [
    'a refusal that was forged: the server answers, and the client goes on',
    '0 > S seq 0\n 0.001 < R. seq 0 ack 1\n 0.02 < S. seq 0 ack 1\n 0.03 > . ack 1\n 0.04 < . ack 1',
    ['CLOSED SYN-SENT@1 ESTABLISHED@3', 'LISTEN SYN-RECEIVED@3 ESTABLISHED@4'],
  ],
  [
    'a SYN,ACK that was not captured, of an end that is heard later',
    '0 > S seq 0\n 0.01 < S. seq 0 ack 1 missed\n 0.02 > . ack 1\n 0.03 < . ack 1',
    ['CLOSED SYN-SENT@1 ESTABLISHED@2', 'LISTEN SYN-RECEIVED@1 ESTABLISHED@2'],
  ],
  [
    'an ACK after its FIN does not show that the FIN was acknowledged',
    `${OPEN}\n 0.1 > F. seq 1 ack 1\n 0.11 < . ack 2\n 0.2 > . seq 2 ack 1`,
    [`${CLIENT_OPEN} FIN-WAIT-1@4 FIN-WAIT-2@5?`, `${SERVER_OPEN}? CLOSE-WAIT@4`],
  ],
  [
    'an ACK after both FINs were acknowledged changes nothing',
    `${OPEN}\n 0.1 > F. seq 1 ack 1\n 0.11 < F. seq 1 ack 2\n 0.12 > . seq 2 ack 2\n 0.13 < . seq 2 ack 2`,
    [`${CLIENT_OPEN} FIN-WAIT-1@4 FIN-WAIT-2@5? TIME-WAIT@5`, `${SERVER_OPEN}? CLOSE-WAIT@4 LAST-ACK@5 CLOSED@6?`],
  ],
  [
    'an ACK that a closed end sends again changes nothing',
    `${OPEN}\n 0.1 < F. seq 1 ack 1\n 0.11 > F. seq 1 ack 2\n 0.12 < . seq 2 ack 2\n 0.13 > . seq 2 ack 2`,
    [`${CLIENT_OPEN} CLOSE-WAIT@4 LAST-ACK@5 CLOSED@6?`, `${SERVER_OPEN} FIN-WAIT-1@4 FIN-WAIT-2@5? TIME-WAIT@5`],
  ],
  [
    'a FIN that nobody acknowledged is sent again by an end that remains where it is',
    `${OPEN}\n 0.1 > F. seq 1 ack 1\n 0.5 > F. seq 1 ack 1\n 1.5 > F. seq 1 ack 1`,
    [`${CLIENT_OPEN} FIN-WAIT-1@4`, `${SERVER_OPEN}?`],
  ],
  [
    'a FIN that was acknowledged is sent again: the ACK did not arrive',
    `${OPEN}\n 0.1 > F. seq 1 ack 1\n 0.11 < . ack 2\n 0.5 > F. seq 1 ack 1`,
    [`${CLIENT_OPEN} FIN-WAIT-1@4`, `${SERVER_OPEN}? CLOSE-WAIT@4`],
  ],
  [
    'a last FIN is sent again by an end that remains in LAST-ACK',
    `${OPEN}\n 0.1 < F. seq 1 ack 1\n 0.11 > F. seq 1 ack 2\n 0.5 > F. seq 1 ack 2`,
    [`${CLIENT_OPEN} CLOSE-WAIT@4 LAST-ACK@5`, `${SERVER_OPEN} FIN-WAIT-1@4 FIN-WAIT-2@5?`],
  ],
  ['a reset alone', '0 > R. seq 1 ack 1', ['CLOSED', 'UNKNOWN']],
  ['a SYN, and a reset of its sender', '0 > S seq 0\n 0.1 > R seq 1', ['CLOSED SYN-SENT@1 CLOSED@2', 'LISTEN']],
  [
    'resets of both ends',
    `${OPEN}\n 0.1 > R. seq 1 ack 1\n 0.11 < R seq 1`,
    [`${CLIENT_OPEN} CLOSED@4`, `${SERVER_OPEN}? CLOSED@4?`],
  ],
  [
    'an end that opened actively is closed by a reset in SYN-RECEIVED (section 3.10.7.4, second)',
    '0 > S seq 0\n 0.001 < S seq 0\n 0.1 > S. seq 0 ack 1\n 0.2 < R seq 1',
    ['CLOSED SYN-SENT@1 SYN-RECEIVED@2 CLOSED@4?', 'CLOSED SYN-SENT@2 SYN-RECEIVED@2? ESTABLISHED@3? CLOSED@4'],
  ],
])('%s', (_, text, moves) => {
  expect(told(text)).toEqual(moves);
});

it.each([
  ['before it', 10, `${SERVER_OPEN} CLOSED@7?`],
  ['at it', 11, `${SERVER_OPEN} CLOSE-WAIT@5? CLOSED@7?`],
])('a FIN has arrived before a reset %s or not', (_, seq, server) => {
  // The reset is at RCV.NXT, which its receiver has just said.
  const text = `${OPEN}\n 0.1 > P. 1:11(10) ack 1\n 0.11 > F. seq 11 ack 1\n 0.12 < . ack ${seq}\n 0.13 > R. seq ${seq} ack 1`;
  expect(told(text)).toEqual([`${CLIENT_OPEN} FIN-WAIT-1@5 CLOSED@7`, server]);
});

it('a FIN that arrived before a reset does not arrive again by an ACK of it that was sent before the reset came', () => {
  const text = `${OPEN}\n 0.1 > F. seq 1 ack 1\n 0.13 > R. seq 2 ack 1\n 0.14 < . ack 2`;
  expect(told(text)).toEqual([`${CLIENT_OPEN} FIN-WAIT-1@4 CLOSED@5`, `${SERVER_OPEN}? CLOSE-WAIT@4? CLOSED@5?`]);
});

it('a reset without ACK does not refuse a SYN (section 3.10.7.3, second): its number may be any', () => {
  expect(told('0 > S seq 0\n 0.1 < R seq 700')).toEqual(['CLOSED SYN-SENT@1', 'LISTEN']);
});

it('a client that sends after a reset of the server which the server disowns has not been closed', () => {
  const forged = `${OPEN}\n 0.1 < R seq 1\n 0.2 < . seq 1 ack 1\n`;
  const lives = [CLIENT_OPEN, SERVER_OPEN];
  expect(told(`${forged} 0.3 > P. 1:11(10) ack 1`)).toEqual(lives);
  expect(told(`${forged} 0.3 > P 1:11(10)`)).toEqual([`${CLIENT_OPEN} CLOSED@4?`, SERVER_OPEN]);
});

it('a reset that was disowned stays disowned', () => {
  const { analyzer } = analyse(
    scenario(ZERO, `${OPEN}\n 0.1 > R seq 1\n 0.2 > P. 1:11(10) ack 1\n 0.3 > P. 11:21(10) ack 1`).pcap,
  );
  expect(analyzer.connections[0].client).toMatchObject({ resetDisowned: 4, rstFrame: 0 });
});

it('the row of a SYN leaves when it is known whose it was (Figure 8)', () => {
  const states: string[] = [];
  const text = '0 > S seq 90\n 0.01 < S. seq 300 ack 91\n 0.02 > R seq 91\n 0.03 > S seq 100';
  analyse(scenario(ZERO, text).pcap, { onRow: (row) => states.push(statesAfter(row)) });
  expect(states.slice(0, 3)).toEqual(['CLOSED SYN-RECEIVED', 'CLOSED SYN-RECEIVED', 'CLOSED LISTEN']);
});

/** SYN and SYN,ACK were sent twice: their answers tell no round trip (Karn), and the first of each that the server is 1.1 s away at the most. */
const SLOW = '0 > S seq 0\n 1 > S seq 0\n 1.1 < S. seq 0 ack 1\n 1.105 < S. seq 0 ack 1\n 1.11 > . ack 1';

it.each([
  ['2.14', 'stays: it was sent less than 0.9 of that time after the ACK', 'FIN-WAIT-1@6 FIN-WAIT-2@7?'],
  ['2.16', 'is taken back: the ACK had not arrived after more than that', 'FIN-WAIT-1@6'],
])('the ACK of the FIN of a server that is heard again at %s %s', (again, _, moves) => {
  const text = `${SLOW}\n 1.15 < F. seq 1 ack 1\n 1.16 > . ack 2\n ${again} < F. seq 1 ack 1`;
  expect(told(text)[1]).toBe(`LISTEN SYN-RECEIVED@2 ESTABLISHED@5 ${moves}`);
});

it('the handshake does not tell how far the client is: a copy of its FIN takes the ACK back at once', () => {
  const text = `${SLOW}\n 1.15 > F. seq 1 ack 1\n 1.16 < . ack 2\n 1.161 > F. seq 1 ack 1`;
  expect(told(text)[0]).toBe('CLOSED SYN-SENT@1 ESTABLISHED@4 FIN-WAIT-1@6');
});
