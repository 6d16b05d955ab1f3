import { answerTime } from '../model/capture-position.ts';
import { type CongestionState, Vantage } from '../model/congestion.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ECE } from '../model/flags.ts';
import type { OutboundView } from '../model/outbound.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Echoes } from './echoes.ts';
import { Heard, HeardQueue } from './heard.ts';

/** A point of capture this close to one end, as a share of the round trip, is taken to be at it. */
const AT_SENDER = 0.1;
const AT_RECEIVER = 0.1;
/** An ACK that nothing has echoed for so long, beside two ways to the sender, has arrived without an answer (ns). */
const LONGEST_ECHO = 200e6;

const immediate = new Heard();

/**
 * When the ACKs that passed the capture arrived at the sender: at once where the capture was made there, else after the way to
 * it, on which they wait here.
 */
export class Arrivals {
  private readonly sender: CongestionState;
  private readonly endpoint: Endpoint;
  private readonly outbound: OutboundView;
  /** ACKs that have passed the capture but not arrived; null while the capture is at the sender. */
  private queue: HeardQueue | null = null;
  /** `outbound.scoreboard.outstanding` after the latest segment, to see what the next one changes. */
  private seen: number;
  /** Null as soon as the place of the capture is known. */
  private echoes: Echoes | null = null;
  /** From the capture to the sender and back (ns), 0 at the sender. */
  delay = 0;
  /** Round trip as the sender sees it (ns), 0 unknown. */
  srtt = 0;

  constructor(sender: CongestionState, endpoint: Endpoint) {
    this.sender = sender;
    this.endpoint = endpoint;
    this.outbound = endpoint.outbound!;
    this.seen = this.outbound.scoreboard.outstanding;
    this.locate();
    if (sender.vantage === Vantage.UNKNOWN) this.echoes = new Echoes();
  }

  /** Where the capture was made: how long an ACK takes from there to the sender, and its answer back. */
  private locate(): void {
    const { min: minRtt, srtt } = this.outbound.rtt;
    const back = answerTime(this.endpoint);
    this.srtt = srtt < 0 ? 0 : srtt + this.delay;
    if (minRtt < 0 || back < 0) return;
    this.echoes = null;
    const all = minRtt + back;
    if (back <= AT_SENDER * all) {
      this.sender.vantage = Vantage.SENDER;
      return;
    }
    this.sender.vantage = minRtt <= AT_RECEIVER * all ? Vantage.RECEIVER : Vantage.PATH;
    this.queue ??= new HeardQueue();
    this.delay = back;
  }

  /** A segment of the sender passed. */
  passes(view: SegmentView): void {
    this.seen = this.outbound.scoreboard.outstanding;
    if (this.echoes !== null && view.options & Option.TIMESTAMPS) this.compareEcho(this.echoes, view);
  }

  /** In a capture that begins in the middle the other end may send nothing that is acknowledged: then echoes of its timestamps give the round trip. */
  private compareEcho(echoes: Echoes, { tsEcr, time }: SegmentView): void {
    const { min } = this.outbound.rtt;
    // As in `locate`, with the echo for `back`.
    echoes.sends(tsEcr, time, (min * AT_SENDER) / (1 - AT_SENDER));
    if (!echoes.areNear) return;
    this.echoes = null;
    this.sender.vantage = Vantage.SENDER;
  }

  /** The peer's segment `t` passed, which acknowledges something: what it tells, where that takes effect at once, else null. */
  hears(t: TrackedSegment, view: SegmentView): Heard | null {
    const { effect } = t;
    const { scoreboard } = this.outbound;
    this.locate();
    const heard = this.queue === null ? immediate : this.queue.add();
    heard.time = view.time;
    heard.arrival = view.time;
    heard.frame = view.frame;
    heard.ack = t.ack;
    heard.delivered = Math.max(this.seen - scoreboard.outstanding, 0);
    heard.newlySacked = effect.newlySacked;
    heard.advances = effect.advanced > 0;
    heard.duplicate = effect.duplicate;
    heard.dsack = effect.dsack;
    heard.dsackEnd = effect.dsackEnd;
    heard.ece = (view.flags & ECE) !== 0;
    const stamped = (view.options & Option.TIMESTAMPS) !== 0;
    if (stamped) this.echoes?.hears(view.tsVal, view.time);
    heard.tsVal = stamped ? view.tsVal : -1;
    heard.tsEcr = stamped ? view.tsEcr : -1;
    heard.rtt = effect.frame > 0 ? view.time - effect.time + this.delay : Number.NaN;
    heard.edge = this.endpoint.peer.windowEdge;
    this.seen = scoreboard.outstanding;
    return this.queue === null ? heard : null;
  }

  /** ACKs wait here for their arrival. */
  get isWaiting(): boolean {
    return this.queue !== null && this.queue.oldest !== null;
  }

  /**
   * The oldest ACK that had arrived at the sender before it sent `view`, null when there is none: those that its timestamp
   * echoes (RFC 7323), or without one those that passed here long enough before. What the sender had sent by then ends at
   * `sndNxt`, and nothing has happened since `last` (ns). `drop` takes it out.
   */
  due(view: SegmentView, sndNxt: number, last: number): Heard | null {
    const heard = this.queue!.oldest;
    if (heard === null) return null;
    const stamped = (view.options & Option.TIMESTAMPS) !== 0;
    const age = view.time - heard.time;
    const isEchoed = stamped && heard.tsVal >= 0 && age <= LONGEST_ECHO + 2 * this.delay;
    if (isEchoed ? ((heard.tsVal - view.tsEcr) | 0) > 0 : age < this.delay) return null;
    // After an ACK of everything the sender was free to wait.
    const isAnswer = isEchoed && heard.ack < sndNxt;
    heard.arrival = isAnswer ? view.time : Math.max(heard.time + this.delay, last);
    return heard;
  }

  /** The oldest ACK that waits, null when none does: the input has ended, and nothing has happened since `last` (ns). */
  remaining(last: number): Heard | null {
    const heard = this.queue?.oldest ?? null;
    if (heard !== null) heard.arrival = Math.max(heard.time + this.delay, last);
    return heard;
  }

  drop(): void {
    this.queue!.drop();
  }
}
