import type { StateEvent } from '../messages/en/findings/protocol.ts';
import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, SYN } from '../model/flags.ts';
import { Basis, STATE_NAMES, State } from '../model/state.ts';
import { Event } from '../tcp/transitions.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { type Citation, rfc } from './rfc.ts';

/** What an end may have sent, and the section that rules it. Whether something reached an end, and when, no capture shows. */
const EVENTS: Readonly<Record<number, { did: StateEvent; cite: Citation }>> = {
  [Event.SENDS_SYN]: { did: 'sent-syn', cite: rfc(9293, '3.10.1') },
  [Event.SENDS_SYN_ACK]: { did: 'sent-syn-ack', cite: rfc(9293, '3.3.2') },
  [Event.SENDS_FIN]: { did: 'sent-fin', cite: rfc(9293, '3.10.4') },
  [Event.SENDS_RST]: { did: 'sent-rst', cite: rfc(9293, '3.10.5') },
};

/** What the state machine does not know. */
export class IllegalTransition implements Detector {
  readonly ids = ['illegal-transition'] as const;
  readonly when = [Fact.ILLEGAL];
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { transition, connection } = segment;
    const event = EVENTS[transition.illegalEvent];
    const endpoint = transition.illegalEndpoint;
    if (event === undefined || endpoint === null || isHarmless(transition.illegalEvent, transition.illegalState))
      return;
    // Flags that no segment has are a finding of their own, and what is sent again moves nobody.
    if (
      isGuess(endpoint) ||
      answersUnseen(transition.illegalEvent, segment) ||
      isFirst(endpoint, segment) ||
      segment.has(Fact.ODD_HEADER) ||
      segment.has(Fact.RETRANSMISSION) ||
      repeatsSyn(segment)
    )
      return;
    // Picked up in its middle, the state is a guess.
    const sure = connection.sawHandshake;
    const { frame } = segment;
    const { illegalState: state } = transition;
    const account: Account = {
      id: 'illegal-transition',
      severity: sure ? 'warning' : 'info',
      evidence: [frame],
      confidence: sure ? 0.8 : 0.4,
      cite: event.cite,
      message: say('illegal-transition', {
        end: endpoint,
        event: event.did,
        state: STATE_NAMES[state],
      }),
    };
    // Later packets may show that the end was in another state, or that the reset which took it there was not its own.
    const holds = () => endpoint.timeline.stateAt(frame - 1) === state && endpoint.resetDisowned === 0;
    this.findings.defer(segment, 'illegal-transition', () => (holds() ? account : null));
  }
}

/** What other findings tell better. A SYN or SYN,ACK that was sent again is answered with an ACK where it had arrived (RFC 9293 section 3.10.7.4, fourth). */
function isHarmless(event: number, state: number): boolean {
  switch (event) {
    case Event.SENDS_SYN:
      // A split-handshake, which has a finding of its own.
      return state === State.SYN_RECEIVED;
    default:
      return false;
  }
}

/** A SYN,ACK acknowledges a SYN that is not in the capture (RFC 9293 section 3.5, Figure 8): it came to an end in any state. */
function answersUnseen(event: number, { receiver }: Inspection): boolean {
  return event === Event.SENDS_SYN_ACK && !receiver.hasIss;
}

/** All that is known of the state before was concluded from the other end's packets: the capture has swapped them with this one. */
function isFirst(endpoint: Endpoint, { sender }: Inspection): boolean {
  return endpoint === sender && sender.packets === 1;
}

/** What took the end to its state was seen on its way, and may not have arrived when the end sent this. */
function isGuess({ timeline }: Endpoint): boolean {
  return timeline.length > 0 && timeline.basis === Basis.INFERRED;
}

/** It is the SYN that its sender had sent before, as late copies are. */
function repeatsSyn({ t, view }: Inspection): boolean {
  return (view.flags & (SYN | ACK)) === SYN && t.seq === 0 && t.previousSndNxt >= 1;
}
