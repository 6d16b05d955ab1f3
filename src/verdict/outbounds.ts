import type { Connection, Endpoint } from '../model/connection.ts';
import { Outbound } from './outbound.ts';
import { isPlain, load, PastMemory, PastOutbound, store } from './past-outbound.ts';
import { TransmissionPool } from './transmission.ts';

/** Senders whose numbers lie in one piece of memory. */
const PIECE = 1 << 8;
/** Objects that wait for the next sender. */
const MOST_SPARE = 256;
/** Senders that have an object of their own, beside those of which something is in question. */
export const MOST_AWAKE = 1 << 12;
/** Of so many it is asked whether they rest before there is one more. */
const LOOKS = 4;

/**
 * What all senders have sent, in few objects: those of connections that have closed, and of senders that rest, take the next ones.
 * Their packets make one of them what it was.
 */
export class Outbounds {
  readonly pool = new TransmissionPool();
  private readonly mostAwake: number;
  private readonly spare: Outbound[] = [];
  /** The numbers of one that has sent nothing yet. */
  private readonly blank = new PastMemory(1);
  private memory = new PastMemory(0);
  private used = PIECE;
  /** Those whose senders went on after all. */
  private readonly free: PastOutbound[] = [];
  /** Senders with an object, some of whom have closed; and how many segments they had sent when the hand came by. */
  private awake: Endpoint[] = [];
  private orders: number[] = [];
  private hand = 0;

  constructor(mostAwake = MOST_AWAKE) {
    this.mostAwake = mostAwake;
    const first = new Outbound(this.pool);
    store(first, this.blank, 0);
    this.spare.push(first);
  }

  /** Gives the sender an object with what it has sent, where it has none. */
  wake(endpoint: Endpoint): void {
    const past = endpoint.outbound;
    this.enlist(endpoint);
    const outbound = this.spare.pop() ?? new Outbound(this.pool);
    if (past instanceof PastOutbound) {
      load(outbound, past.memory, past.sender);
      outbound.rtt.roundTrips = past.roundTrips;
      outbound.scoreboard.tally = past.tally;
      past.roundTrips = past.tally = null;
      this.free.push(past);
    } else load(outbound, this.blank, 0);
    endpoint.outbound = outbound;
  }

  /** It takes the place of one that has closed or rests; else there is one more. */
  private enlist(endpoint: Endpoint): void {
    const { awake } = this;
    for (let looks = awake.length < this.mostAwake ? 0 : Math.min(LOOKS, awake.length); looks > 0; looks--) {
      const i = this.hand;
      this.hand = i + 1 === awake.length ? 0 : i + 1;
      // A segment concerns both ends.
      if (awake[i] === endpoint.peer || !this.yields(i)) continue;
      awake[i] = endpoint;
      this.orders[i] = 0;
      return;
    }
    awake.push(endpoint);
    this.orders.push(0);
  }

  /** The place is free: its sender has closed, or has sent nothing since it was looked at before and nothing is in question. */
  private yields(i: number): boolean {
    const { outbound } = this.awake[i];
    if (!(outbound instanceof Outbound)) return true;
    if (this.orders[i] === outbound.order) return this.rests(this.awake[i]);
    this.orders[i] = outbound.order;
    return false;
  }

  /** Now and then: where too many have an object, as when many connections were opened at once, those that rest need none. */
  tidy(): void {
    const { awake, orders } = this;
    if (awake.length <= this.mostAwake) return;
    let kept = 0;
    for (let i = 0; i < awake.length; i++) {
      if (this.yields(i)) continue;
      awake[kept] = awake[i];
      orders[kept++] = orders[i];
    }
    awake.length = orders.length = kept;
    this.hand = 0;
  }

  /** Both ends of `connection` have closed. */
  settle({ a, b }: Connection): void {
    this.rests(a);
    this.rests(b);
  }

  /** Connections have left the analysis (`hasLeft`): nothing is kept of them. */
  forget(): void {
    const kept = this.awake.map(({ connection }) => !connection.hasLeft);
    this.awake = this.awake.filter((_, i) => kept[i]);
    this.orders = this.orders.filter((_, i) => kept[i]);
    this.hand = 0;
  }

  /** Nothing comes of the sender at present. False where its numbers do not tell all. */
  private rests(endpoint: Endpoint): boolean {
    const { outbound } = endpoint;
    // Its congestion control goes on looking at the object.
    if (!(outbound instanceof Outbound) || endpoint.congestion !== null || !isPlain(outbound)) return false;
    const past = this.free.pop() ?? this.room();
    store(outbound, past.memory, past.sender);
    past.roundTrips = outbound.rtt.roundTrips;
    past.tally = outbound.scoreboard.tally;
    outbound.rtt.roundTrips = outbound.scoreboard.tally = null;
    endpoint.outbound = past;
    if (this.spare.length < MOST_SPARE) this.spare.push(outbound);
    return true;
  }

  private room(): PastOutbound {
    if (this.used === PIECE) {
      this.memory = new PastMemory(PIECE);
      this.used = 0;
    }
    return new PastOutbound(this.memory, this.used++);
  }
}
