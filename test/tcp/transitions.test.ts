import { describe, expect, it } from 'vitest';
import { STATE_NAMES, State } from '../../src/model/state.ts';
import { Event, NOT_ALLOWED, TRANSITIONS, transition } from '../../src/tcp/transitions.ts';

describe('RFC 9293 Figure 5', () => {
  it('has one outcome for a state and an event', () => {
    const seen = new Map<string, number>();
    for (const t of TRANSITIONS) {
      const key = `${STATE_NAMES[t.from]} ${t.event}`;
      expect(seen.has(key), key).toBe(false);
      seen.set(key, t.to);
      expect(transition(t.from, t.event)).toBe(t.to);
    }
  });

  it('knows no other transition', () => {
    let allowed = 0;
    for (let s = 0; s < STATE_NAMES.length; s++)
      for (const e of Object.values(Event)) if (transition(s, e) !== NOT_ALLOWED) allowed++;
    expect(allowed).toBe(TRANSITIONS.length);
    expect(transition(State.LISTEN, Event.SENDS_FIN)).toBe(NOT_ALLOWED);
    expect(transition(State.SYN_SENT, Event.FIN_ARRIVES)).toBe(NOT_ALLOWED);
  });

  // The arrows of the figure, copied from it by hand: state, state, and the label on the arrow.
  it.each([
    ['LISTEN', 'SYN_ARRIVES', 'SYN-RECEIVED'],
    ['LISTEN', 'SENDS_SYN', 'SYN-SENT'],
    ['CLOSED', 'SENDS_SYN', 'SYN-SENT'],
    ['SYN-SENT', 'SYN_ARRIVES', 'SYN-RECEIVED'],
    ['SYN-SENT', 'SYN_ACK_ARRIVES', 'ESTABLISHED'],
    ['SYN-RECEIVED', 'ACK_OF_SYN_ARRIVES', 'ESTABLISHED'],
    ['SYN-RECEIVED', 'SENDS_FIN', 'FIN-WAIT-1'],
    ['ESTABLISHED', 'SENDS_FIN', 'FIN-WAIT-1'],
    ['ESTABLISHED', 'FIN_ARRIVES', 'CLOSE-WAIT'],
    ['FIN-WAIT-1', 'ACK_OF_FIN_ARRIVES', 'FIN-WAIT-2'],
    ['FIN-WAIT-1', 'FIN_ARRIVES', 'CLOSING'],
    ['CLOSE-WAIT', 'SENDS_FIN', 'LAST-ACK'],
    ['FIN-WAIT-2', 'FIN_ARRIVES', 'TIME-WAIT'],
    ['CLOSING', 'ACK_OF_FIN_ARRIVES', 'TIME-WAIT'],
    ['LAST-ACK', 'ACK_OF_FIN_ARRIVES', 'CLOSED'],
    ['TIME-WAIT', 'TIMEOUT_2MSL', 'CLOSED'],
  ] as const)('%s, %s: %s', (from, event, to) => {
    expect(STATE_NAMES[transition(STATE_NAMES.indexOf(from), Event[event])]).toBe(to);
  });
});
