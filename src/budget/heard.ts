import { NEVER } from '../model/packed.ts';
import type { Telling } from './arrival.ts';
import { Ring } from './ring.ts';
import type { Tape } from './tape.ts';

/** ACKs on their way to the sender that are remembered. */
const MOST = 4096;
const TIME = 0;
const ACK = 1;
const EDGE = 2;
const STAMP = 3;
/** An ACK brings about what leaves within this time after it (ns): the sender's own work. */
export const PROMPT = 1.5e6;
/** Times of the capture are as exact as this (ns). */
const SLACK = 0.2e6;

/** Right edges of a window whose scale is not known: open, by how much nobody knows, or closed, which it is by any scale. */
export const UNKNOWN_EDGE = -1;
export const SHUT = -2;

/**
 * What a sender had been told by the moment at which it sent: the ACKs that passed the point of capture reach it half a round
 * trip later. Times are those of the capture at which what it sends then passes.
 */
export class Heard {
  private readonly underWay = new Ring(4, MOST);

  /** SND.UNA and the right edge of the window (or `UNKNOWN_EDGE`, `SHUT`) as the sender knows them. */
  declare una: number;
  declare edge: number;
  /** The same before the ACKs that came just before the present moment; the same again where none did. */
  declare unaBefore: number;
  declare edgeBefore: number;
  /** When the latest that reached it had passed (ns). */
  declare time: number;
  /** From the first ACK that the latest segment echoes to that segment (ns), NaN when it echoes none for the first time. */
  declare round: number;
  declare private echoed: number;
  /** Some did. */
  prompted = false;
  /** The echo shows that an ACK which had time enough has not come: the ACKs are held up on their way. */
  isHeldUp = false;
  /** When the window opened for what is sent (ns): NaN it did not, `NEVER` it was open when the segment before it left. */
  declare openedAt: number;

  constructor() {
    this.begin(-1, -1);
  }

  /** It knows `una` and `edge`, and no ACK is under way. */
  begin(una: number, edge: number): void {
    this.underWay.clear();
    this.una = una;
    this.edge = edge;
    this.unaBefore = this.edgeBefore = -1;
    this.time = NEVER;
    this.round = Number.NaN;
    this.echoed = Number.NaN;
    this.prompted = this.isHeldUp = false;
    this.openedAt = NEVER;
  }

  /** ACKs on their way to the sender. */
  get size(): number {
    return this.underWay.length;
  }

  /** All but what `upTo` finds out for the segment that is sent. */
  write(tape: Tape): void {
    tape.put(this.una);
    tape.put(this.edge);
    tape.put(this.time);
    tape.put(this.echoed);
    this.underWay.write(tape);
  }

  read(tape: Tape): void {
    this.begin(tape.next(), tape.next());
    this.time = tape.next();
    this.echoed = tape.next();
    this.underWay.read(tape);
  }

  /** An ACK passes. */
  told({ now, ack, edge, stamp }: Readonly<Telling>): void {
    const { underWay } = this;
    if (underWay.isFull) this.apply();
    const at = underWay.push();
    const { memory } = underWay;
    memory[at + TIME] = now;
    memory[at + ACK] = ack;
    memory[at + EDGE] = edge;
    memory[at + STAMP] = stamp;
  }

  /**
   * The sender sends something that passes at `time`, known to `blur` (ns), and `round` (ns) after the ACK that may have
   * brought it about; `echo` is the TSecr in it, -1 without. It needs the window to be open up to `need`.
   */
  upTo(time: number, blur: number, round: number, echo: number, need: number): void {
    const { underWay } = this;
    this.prompted = this.isHeldUp = false;
    this.round = Number.NaN;
    this.openedAt = this.hasRoom(need) ? NEVER : Number.NaN;
    while (underWay.length > 0) {
      const at = underWay.at(0);
      const { memory } = underWay;
      const late = time - (memory[at + TIME] + round);
      const stamp = memory[at + STAMP];
      const isStamped = echo >= 0 && stamp >= 0;
      const order = isStamped ? (stamp - echo) | 0 : 0;
      // The echo shows which ACKs the sender had received (RFC 7323 section 4); of those within a tick the time tells.
      const isEchoed = isStamped && order === 0 && stamp !== this.echoed;
      if (order > 0) {
        this.isHeldUp = late > PROMPT + blur;
        // The one that is echoed for the first time has only just come, too.
        if (this.isHeldUp && this.round > 0) this.prompted = true;
        break;
      }
      if (order === 0 && !isEchoed && late < -SLACK - blur) break;
      if (isEchoed) {
        this.echoed = stamp;
        this.round = time - memory[at + TIME];
      }
      if (!this.prompted) {
        this.unaBefore = this.una;
        this.edgeBefore = this.edge;
        this.prompted = late <= PROMPT + blur;
      }
      const passed = memory[at + TIME];
      this.apply();
      if (this.edge === SHUT) this.openedAt = Number.NaN;
      else if (Number.isNaN(this.openedAt) && this.hasRoom(need)) this.openedAt = passed + round;
    }
    if (!this.prompted) {
      this.unaBefore = this.una;
      this.edgeBefore = this.edge;
    }
  }

  /** The window is open up to `need`, as far as is known. */
  private hasRoom(need: number): boolean {
    return this.edge === UNKNOWN_EDGE || this.edge >= need;
  }

  private apply(): void {
    const { underWay } = this;
    const at = underWay.at(0);
    const { memory } = underWay;
    this.time = memory[at + TIME];
    if (memory[at + ACK] > this.una) this.una = memory[at + ACK];
    if (memory[at + EDGE] > this.edge || memory[at + EDGE] === SHUT) this.edge = memory[at + EDGE];
    underWay.shift();
  }
}
