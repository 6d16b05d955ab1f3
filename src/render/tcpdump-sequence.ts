import { ACK, SYN } from '../model/flags.ts';

/** Where the numbers of a conversation start: `low` sends from the lower port (or, ports equal, the lower address). */
interface Base {
  low: number;
  high: number;
}

/**
 * tcpdump's relative sequence numbers, with its ways (print-tcp.c, "Find (or record) the initial sequence numbers").
 *
 * The bases belong to the pair of endpoints and are learnt from the first segment with ACK and from every SYN with ACK
 * after it, both at once: the sender's from SEG.SEQ, the other's from SEG.ACK - 1. The segment that teaches them is
 * printed with absolute numbers. So a bare SYN never sets a base, and a trace without its SYN,ACK counts from whatever
 * came first. Bases are never forgotten, as in tcpdump.
 */
export class SequenceBases {
  readonly #bases = new Map<string, Base>();

  /** The numbers to print for the segment that was last looked at. */
  seq = 0;
  ack = 0;
  /** What SACK edges are measured from: the other side's base, 0 when the segment has no ACK. */
  sackBase = 0;

  /**
   * @param source the endpoints as they are printed
   * @param order positive when the source has the higher port or, ports being equal, the higher address
   */
  look(source: string, destination: string, order: number, seq: number, ack: number, flags: number): void {
    this.seq = seq;
    this.ack = ack;
    this.sackBase = 0;
    if ((flags & ACK) === 0) return;

    const fromHigh = order > 0;
    const key = fromHigh ? `${destination} ${source}` : `${source} ${destination}`;
    let base = this.#bases.get(key);
    if (base === undefined || (flags & SYN) !== 0) {
      if (base === undefined) {
        base = { low: 0, high: 0 };
        this.#bases.set(key, base);
      }
      const other = (ack - 1) >>> 0;
      base.low = fromHigh ? other : seq;
      base.high = fromHigh ? seq : other;
      this.sackBase = other;
      return;
    }
    const own = fromHigh ? base.high : base.low;
    this.sackBase = fromHigh ? base.low : base.high;
    this.seq = (seq - own) >>> 0;
    this.ack = (ack - this.sackBase) >>> 0;
  }
}
