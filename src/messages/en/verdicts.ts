import { Cause, Excuse, Fate, Kind, type Verdict } from '../../model/verdict.ts';
import { duration, plural } from './grammar.ts';

/** The segment that a verdict is about, as far as the sentence says something of it. */
export interface Judged {
  readonly seq: number;
  readonly end: number;
  readonly payloadLength: number;
}

/** The verdict on a packet in one plain sentence; empty for new data and ACKs of which there is nothing to tell. */
export function explainVerdict(verdict: Verdict, segment: Judged): string {
  switch (verdict.kind) {
    case Kind.RETRANSMISSION:
      return retransmission(verdict, segment);
    case Kind.REORDERED:
      return reordered(verdict);
    case Kind.DUPLICATE:
      return `The same packet as #${verdict.original}, ${
        verdict.byCapture ? 'captured twice' : 'which the network delivered twice'
      }.`;
    case Kind.KEEP_ALIVE:
      return 'A keep-alive: it repeats a byte that was acknowledged, to hear whether the peer is still there.';
    case Kind.WINDOW_PROBE:
      return 'A probe of the closed window, to hear whether it has opened.';
    default:
      return verdict.fate === Fate.LOST ? `This copy did not arrive${sure(verdict)}.` : '';
  }
}

function retransmission(verdict: Verdict, { seq, end, payloadLength }: Judged): string {
  const what = payloadLength > 0 ? plural(end - seq, 'byte') : 'it';
  const sentences = [`Sent ${what} again${firstCopy(verdict)}: ${why(verdict)}.`];
  if (verdict.differs) sentences.push('The bytes are not those of the first copy.');
  if (verdict.spurious) sentences.push('It was not needed: the receiver had the data already, or was about to.');
  if (verdict.fate === Fate.LOST) sentences.push('This copy was lost as well.');
  return sentences.join(' ');
}

function firstCopy({ original, wasAcknowledged, wasLacked }: Verdict): string {
  if (original > 0) return `, first sent in #${original}`;
  if (wasAcknowledged) return ', which had been acknowledged';
  return `, whose first copy was not seen here${wasLacked ? ' and did not arrive' : ''}`;
}

function why(verdict: Verdict): string {
  if (verdict.excuse === Excuse.REFUSED_BEFORE) return 'it tries once more where it was refused';
  if (verdict.excuse === Excuse.FIN_WITH_ACK) return "the FIN goes along with the ACK of the other end's FIN";
  if (verdict.excuse === Excuse.SYN_DATA_REFUSED)
    return `the SYN,ACK in #${verdict.evidence[0]} did not take the data of the SYN`;
  // Less than nothing where the clock was set back meanwhile.
  const waited = verdict.waited < 0 ? 'an unknown time' : duration(verdict.waited);
  switch (verdict.cause) {
    case Cause.SYN:
      return `no answer to the SYN for ${waited}`;
    case Cause.SYN_ACK:
      return 'the SYN,ACK was not acknowledged';
    case Cause.FAST:
      return verdict.toldBy === 0
        ? 'the receiver reported that later data arrived without it'
        : `the receiver reported from #${verdict.toldBy} on that later data arrived without it`;
    case Cause.RTO:
      return verdict.backoff > 0
        ? `the retransmission timer expired once more after ${waited} (backoff ${verdict.backoff})`
        : `the retransmission timer expired after ${waited} of silence`;
    case Cause.RTO_RECOVERY:
      return 'the sender repairs what was outstanding at the timeout';
    case Cause.TLP:
      return `a tail loss probe${verdict.mayBeTimeout ? ' or the retransmission timer,' : ''} after ${waited} of silence`;
    case Cause.PMTU:
      return 'an ICMP message said that the packet was too big for the path';
    default:
      return verdict.wasLacked ? 'what told its sender is not in this capture' : 'cause not visible in this capture';
  }
}

function reordered(verdict: Verdict): string {
  const late = verdict.lateness < 0 ? 'late' : `${duration(verdict.lateness)} late`;
  if (verdict.byCapture)
    return `The capture has it too late, after #${verdict.original}: no packet overtook it on the way.`;
  if (verdict.depth === 0 && verdict.original === 0) return 'Seen after segments that its sender had sent later.';
  if (verdict.depth === 0) return `Sent first and seen ${late}, after its own retransmission in #${verdict.original}.`;
  const segments = verdict.depth === 1 ? 'One later segment' : `${verdict.depth} later segments`;
  return `${segments} overtook it, first #${verdict.original}; it is ${late}.`;
}

function sure(verdict: Verdict): string {
  return verdict.confidence < 0.9 ? ', as far as can be told' : '';
}
