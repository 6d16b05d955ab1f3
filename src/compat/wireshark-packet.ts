import { FIN, SYN } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import { seqAdd } from '../model/seq.ts';

/** What the rules look at. */
export class WiresharkPacket {
  frame = 0;
  time = 0;
  flags = 0;
  seq = 0;
  ack = 0;
  window = 0;
  /** Octets of payload that the frame had room for; negative when not even for the header. */
  length = 0;
  /** SEG.SEQ plus the payload and one for SYN and FIN together. */
  end = 0;

  read(view: SegmentView): void {
    this.frame = view.frame;
    this.time = view.time;
    this.flags = view.flags;
    this.seq = view.seq;
    this.ack = view.ack;
    this.window = view.rawWindow;
    // Of a frame that ends within the header Wireshark makes a length below zero.
    const inFrame = view.recordOffset + view.originalLength - view.payloadOffset;
    this.length = view.ipMissing > 0 ? Math.min(view.payloadLength, inFrame) : view.payloadLength;
    this.end = seqAdd(view.seq, view.flags & (SYN | FIN) ? this.length + 1 : this.length);
  }
}
