import type { CopyTally } from '../model/outbound.ts';
import { Kind, type LossTally, Verdict } from '../model/verdict.ts';

/** What one end sent again, and which of its packets did not arrive: both change as later packets tell more. */
export class SentTally implements CopyTally, LossTally {
  retransmittedPackets = 0;
  retransmittedBytes = 0;
  lostPackets = 0;
  lostBytes = 0;

  /** A packet with `payload` bytes of data is a retransmission. */
  repeats(payload: number): void {
    this.retransmittedPackets++;
    this.retransmittedBytes += payload;
  }

  /** The verdict on a packet with `payload` bytes of data, which takes sequence space or not. */
  note(verdict: Verdict, payload: number, takesSpace: boolean): void {
    const { kind } = verdict;
    if (kind === Kind.RETRANSMISSION) this.repeats(payload);
    // Whether a probe or a second sight of a packet arrives means nothing to the stream.
    if (takesSpace && kind !== Kind.DUPLICATE && kind !== Kind.KEEP_ALIVE && kind !== Kind.WINDOW_PROBE)
      verdict.countIn(this, payload);
  }

  /** A verdict on new data that had none, because nothing was to be said of it. */
  verdictOn(payload: number): Verdict {
    const verdict = new Verdict();
    verdict.countIn(this, payload);
    return verdict;
  }
}
