import type { CongestionState } from '../model/congestion.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Ca, type ScoreboardView } from '../model/outbound.ts';
import { DUP_THRESH } from '../model/tcp-constants.ts';
import type { Heard } from './heard.ts';

/**
 * What a sender knows of its own data, at the moment that is replayed: an ACK counts once it has arrived at the sender. Offsets
 * and bytes, except where segments are named.
 */
export class SenderView {
  private readonly sender: CongestionState;
  private readonly scoreboard: ScoreboardView;
  /** SND.UNA, SND.NXT, and the right edge of the peer's window (-1 unknown). */
  una: number;
  sndNxt: number;
  edge = -1;
  /** Neither acknowledged nor selectively acknowledged. */
  outstanding: number;
  /** Segments in flight after the latest event. */
  inFlight = 0;
  /** Retransmitted bytes of the episode that are still under way (as Linux's `retrans_out`). */
  retransOut = 0;
  /** Without SACK: segments that duplicate ACKs say have arrived above the left edge (as Linux's `sacked_out`). */
  sackedOut = 0;
  /** Segments that the latest ACK delivered; and bytes by which it moved the left edge. */
  delivered = 0;
  advanced = 0;
  /** As in `flightOfLoss` and `pipeOfLoss`, NaN before a loss is told. */
  private toldFlight = Number.NaN;
  private toldPipe = Number.NaN;

  constructor(sender: CongestionState, endpoint: Endpoint) {
    this.sender = sender;
    this.scoreboard = endpoint.outbound!.scoreboard;
    this.una = Math.max(endpoint.sndUna, 0);
    this.sndNxt = endpoint.sndNxt;
    this.outstanding = this.sndNxt - this.una;
  }

  toSegments(bytes: number): number {
    return Math.ceil(bytes / this.sender.smss - 1e-6);
  }

  /** Segments between SND.UNA and SND.NXT. */
  get unacknowledged(): number {
    return this.toSegments(this.sndNxt - this.una);
  }

  /** New data leaves, up to `end`. */
  sends(end: number): void {
    this.outstanding += end - this.sndNxt;
    this.sndNxt = end;
  }

  /** What an ACK takes out of the flight. */
  settles(heard: Heard): void {
    const { una } = this;
    if (heard.ack > una) this.una = Math.min(heard.ack, this.sndNxt);
    this.advanced = this.una - una;
    this.outstanding = Math.min(Math.max(this.outstanding - heard.delivered, 0), this.sndNxt - this.una);
  }

  /** What an ACK delivered, in one of `Ca`: retransmissions first, segments by the bytes or, without SACK, by duplicate ACKs. */
  countDelivered(heard: Heard, ca: number): void {
    this.retransOut -= Math.min(this.retransOut, Math.max(heard.delivered - heard.newlySacked, 0));
    this.delivered = this.toSegments(heard.delivered);
    if (this.scoreboard.highSacked === 0) this.countDuplicate(heard, ca);
  }

  /** Each duplicate ACK stands for one segment; the ACK that fills the hole eats them up, but for the hole itself. */
  private countDuplicate(heard: Heard, ca: number): void {
    if (heard.duplicate) {
      this.sackedOut++;
      this.delivered = 1;
    } else if (this.sackedOut > 0 && this.delivered > 0) {
      const known = Math.min(this.delivered - 1, this.sackedOut);
      this.sackedOut = ca === Ca.OPEN ? 0 : this.sackedOut - known;
      this.delivered -= known;
    }
  }

  countFlight(): void {
    const left = this.toSegments(this.outstanding) - this.sackedOut;
    this.inFlight = left > 0 ? left : 0;
  }

  /** The peer's window lets no more than a segment go. */
  reachesEdge(): boolean {
    return this.edge >= 0 && this.edge - this.sndNxt < 2 * this.sender.smss;
  }

  /** RFC 6675 section 4, DupThresh: enough lies above the left edge to take what is missing for lost. */
  tellsOfLoss(): boolean {
    return this.sndNxt - this.una - this.outstanding > (DUP_THRESH - 1) * this.sender.smss;
  }

  /**
   * RFC 6675 section 4: bytes that are neither delivered nor lost, and what was sent again. In one of `Ca`; `recover` as in
   * `Episodes`.
   */
  pipe(ca: number, recover: number): number {
    const { outstanding } = this;
    const { highSacked } = this.scoreboard;
    if (ca === Ca.LOSS) return Math.max(this.sndNxt - recover, 0) + Math.min(this.retransOut, outstanding);
    if (ca !== Ca.RECOVERY || highSacked === 0) return Math.max(outstanding - this.sackedOut * this.sender.smss, 0);
    const above = this.above();
    return above + Math.min(outstanding - above, this.retransOut);
  }

  /** Bytes above all that has arrived. */
  private above(): number {
    const { highSacked } = this.scoreboard;
    return Math.min(Math.max(this.sndNxt - Math.max(highSacked, this.una), 0), this.outstanding);
  }

  /**
   * In recovery: more is sent again than is taken for lost, as a sender without new data may do (RFC 6675 section 4, NextSeg rules 3
   * and 4). How it counts that is not known.
   */
  repeatsUnlost(): boolean {
    return this.retransOut > this.outstanding - this.above();
  }

  /** Segments under way above all that has arrived: what is missing below is taken for lost. */
  private pipeAbove(): number {
    const { highSacked } = this.scoreboard;
    if (highSacked <= this.una) return this.inFlight;
    return Math.min(this.toSegments(Math.max(this.sndNxt - highSacked, 0)), this.inFlight);
  }

  /** The latest ACK may have told of a loss. More ACKs may come with it, before the sender can answer. */
  noteLoss(): void {
    if (!this.tellsOfLoss()) this.forgetLoss();
    else if (Number.isNaN(this.toldFlight)) {
      this.toldFlight = this.inFlight;
      this.toldPipe = this.pipeAbove();
    }
  }

  forgetLoss(): void {
    this.toldFlight = this.toldPipe = Number.NaN;
  }

  /** Segments in flight when the loss was told, or now where nothing told of it; and those of them that are not taken for lost. */
  get flightOfLoss(): number {
    return Number.isNaN(this.toldFlight) ? this.inFlight : this.toldFlight;
  }

  get pipeOfLoss(): number {
    return Number.isNaN(this.toldPipe) ? this.pipeAbove() : this.toldPipe;
  }
}
