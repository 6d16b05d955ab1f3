import { type DoubleFields, defineDoubles } from '../model/doubles.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Ca, type OutboundView } from '../model/outbound.ts';
import { NEVER } from '../model/packed.ts';
import type { Lendable } from '../model/second-chance.ts';
import type { Verdict } from '../model/verdict.ts';
import { Acceptance } from './acceptable.ts';
import { CaState } from './ca-state.ts';
import { SenderClocks } from './clocks.ts';
import { DsackWaits } from './dsack-waits.ts';
import { Feedback } from './feedback.ts';
import { Holes } from './holes.ts';
import { isPlain } from './past-outbound.ts';
import { RttEstimator } from './rtt-estimator.ts';
import { Scoreboard } from './scoreboard.ts';
import type { SentTally } from './sent-tally.ts';
import type { SetAside } from './set-aside.ts';
import type { TransmissionPool } from './transmission.ts';

/** A segment that was sent alone after a silence as long as a timeout. */
export interface LoneSegment {
  readonly end: number;
  readonly time: number;
  /** Bytes of data. */
  readonly payload: number;
  readonly ipId: number;
  /** Its ordinal among its sender's segments. */
  readonly order: number;
  readonly verdict: Verdict | null;
}

/** What one endpoint has sent, and what it was told of it. What few senders need is made when it is needed. */
export class Outbound implements OutboundView, DoubleFields, Lendable {
  place = -1;
  wasUsed = true;
  /** Nothing is in question of what its owner sent (`plain.ts`); false where that has to be asked again. */
  isCalm = false;
  /** Whose it is; null while it waits for the next sender (`Outbounds`). */
  owner: Endpoint | null = null;
  readonly row = DOUBLES.take();
  readonly slab = DOUBLES.current;
  readonly scoreboard: Scoreboard;
  readonly rtt = new RttEstimator();
  readonly clocks = new SenderClocks();
  readonly feedback = new Feedback();
  readonly acceptance = new Acceptance();
  private recovery: CaState | null = null;
  private missing: Holes | null = null;
  private waits: DsackWaits | null = null;

  /** Ordinal of the latest segment. */
  order = 0;
  /** Segments of data that had not been sent before. */
  entered = 0;
  declare lastSentTime: number;
  /** Time of the latest segment that took sequence space, and of the latest that was not sent before. */
  declare lastDataTime: number;
  declare lastNewTime: number;
  /** Since when its retransmission timer runs (RFC 6298 section 5.1 to 5.3), as far as seen here. */
  declare timerStart: number;
  synSent = false;
  synAckSent = false;
  /** A byte that was sent into a zero window (offset), -1 none. */
  probeByte = -1;
  lone: LoneSegment | null = null;
  /** Segments that were damaged, or that it cannot have sent, until an ACK shows whether the receiver took them. */
  aside: SetAside | null = null;
  /** Where nothing above offset 0 was acknowledged yet: the highest ACK of what was sent before the capture began; 0 without. */
  earlyUna = 0;
  /** When a router told it that a packet was too big (ns). */
  declare pathMtuTime: number;

  constructor(pool: TransmissionPool) {
    this.scoreboard = new Scoreboard(pool);
  }

  /** Where it is in its recovery. */
  get ca(): CaState {
    this.recovery ??= new CaState();
    return this.recovery;
  }

  /** The peer acknowledges `ack`. */
  acknowledged(ack: number, now: number): void {
    this.timerStart = now;
    this.recovery?.acknowledged(ack, now);
  }

  /** The packet of this frame reached the peer. */
  arrived(frame: number): void {
    this.recovery?.arrived(frame);
  }

  get isRecovering(): boolean {
    return this.recovery?.isRecovering ?? false;
  }

  get holes(): Holes {
    this.missing ??= new Holes();
    return this.missing;
  }

  get hasHoles(): boolean {
    return this.missing !== null;
  }

  get dsackWaits(): DsackWaits {
    this.waits ??= new DsackWaits();
    return this.waits;
  }

  get hasSentTwice(): boolean {
    return this.waits !== null;
  }

  get awaitsDsack(): boolean {
    return this.waits !== null && this.waits.length > 0;
  }

  /** No recovery, no hole of the capture, no range that was sent twice. */
  get hasMetNothing(): boolean {
    return this.recovery === null && this.missing === null && this.waits === null;
  }

  /** Its numbers tell all, and no congestion control goes on looking at the object. */
  get canRest(): boolean {
    if (this.owner === null || !isPlain(this)) return false;
    const { congestion } = this.owner;
    return congestion === null || congestion.isSettled;
  }

  /** Left edge of what is outstanding: `sndUna` of the endpoint, or below what was seen of it first. */
  una(sndUna: number): number {
    if (sndUna >= 0) return sndUna;
    return this.earlyUna;
  }

  get tally(): SentTally | null {
    return this.scoreboard.tally;
  }

  get caState(): number {
    const state = this.recovery?.state ?? Ca.OPEN;
    return state === Ca.OPEN && this.feedback.dupAcks > 0 ? Ca.DISORDER : state;
  }

  /** Frame of the latest packet that is known to have reached the peer since it first repaired something, 0 none. */
  get latestArrived(): number {
    return this.recovery?.latestArrived ?? 0;
  }

  get episodeStart(): number {
    return this.recovery?.episodeStart ?? NEVER;
  }

  get timeouts(): number {
    return this.recovery?.timeouts ?? 0;
  }

  get sendsUnstamped(): boolean {
    return this.acceptance.sendsUnstamped;
  }

  get dupAcks(): number {
    return this.feedback.dupAcks;
  }
}

const DOUBLES = defineDoubles(
  Outbound.prototype,
  {
    lastSentTime: NEVER,
    lastDataTime: NEVER,
    lastNewTime: NEVER,
    timerStart: NEVER,
    pathMtuTime: NEVER,
  },
  (place) => ({
    get(): number {
      return this.slab[this.row + place];
    },
    set(value: number): void {
      this.slab[this.row + place] = value;
    },
  }),
);

/** That of an endpoint whose connection the verdict stage has seen. */
export function outboundOf(endpoint: Endpoint): Outbound {
  return endpoint.outbound as Outbound;
}
