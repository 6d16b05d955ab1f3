import type { Connection, Endpoint } from '../model/connection.ts';
import { SecondChance } from '../model/second-chance.ts';
import { Outbound } from './outbound.ts';
import { load, PastMemory, PastOutbound, store } from './past-outbound.ts';
import { TransmissionPool } from './transmission.ts';

/** Senders whose numbers lie in one piece of memory. */
const PIECE = 1 << 8;
/** Objects that wait for the next sender. */
const MOST_SPARE = 256;
/** Senders that have an object of their own, beside those of which something is in question. */
const MOST_AWAKE = 1 << 12;
/** Objects that are looked at, in search of one that can rest, before one more is made. */
const LOOKS = 4;

/**
 * What all senders have sent, in few objects: the object of a sender that has closed or rests takes the next sender. A late packet of
 * the former one gives an object its contents again.
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
  private readonly awake = new SecondChance<Outbound>();

  constructor(mostAwake = MOST_AWAKE) {
    this.mostAwake = mostAwake;
    const first = new Outbound(this.pool);
    store(first, this.blank, 0);
    this.spare.push(first);
  }

  /** Gives the sender an object with what it has sent, where it has none. */
  wake(endpoint: Endpoint): void {
    const past = endpoint.outbound;
    // A segment concerns both ends.
    if (endpoint.peer.outbound instanceof Outbound) endpoint.peer.outbound.wasUsed = true;
    if (this.awake.size >= this.mostAwake) this.restOne();
    const outbound = this.spare.pop() ?? new Outbound(this.pool);
    if (past instanceof PastOutbound) {
      load(outbound, past.memory, past.sender);
      outbound.rtt.roundTrips = past.roundTrips;
      outbound.scoreboard.tally = past.tally;
      past.roundTrips = past.tally = null;
      if (this.free.length < MOST_SPARE) this.free.push(past);
    } else load(outbound, this.blank, 0);
    outbound.owner = endpoint;
    outbound.isCalm = false;
    endpoint.outbound = outbound;
    this.awake.add(outbound);
  }

  /** One that was not used lately makes room; where none can there is one more. */
  private restOne(): void {
    const outbound = this.awake.next(Math.min(LOOKS, this.awake.size));
    if (outbound !== null) this.rest(outbound);
  }

  /** Now and then: where too many have an object, as when many connections were opened at once, those that rest need none. */
  tidy(): void {
    if (this.awake.size > this.mostAwake) this.awake.all((outbound) => this.rest(outbound));
  }

  /** Both ends of `connection` have closed. */
  settle({ a, b }: Connection): void {
    for (const { outbound } of [a, b]) if (outbound instanceof Outbound && outbound.canRest) this.rest(outbound);
  }

  /** Connections have left the analysis (`hasLeft`): nothing is kept of them. */
  forget(): void {
    this.awake.forget(({ owner }) => owner!.connection.hasLeft);
  }

  /** Its sender has numbers from now on, and it may take the next one. */
  private rest(outbound: Outbound): void {
    const past = this.free.pop() ?? this.room();
    store(outbound, past.memory, past.sender);
    past.roundTrips = outbound.rtt.roundTrips;
    past.tally = outbound.scoreboard.tally;
    outbound.rtt.roundTrips = outbound.scoreboard.tally = null;
    outbound.owner!.outbound = past;
    outbound.owner = null;
    this.awake.remove(outbound);
    if (this.spare.length < MOST_SPARE) this.spare.push(outbound);
  }

  private room(): PastOutbound {
    if (this.used === PIECE) {
      this.memory = new PastMemory(PIECE);
      this.used = 0;
    }
    return new PastOutbound(this.memory, this.used++);
  }
}
