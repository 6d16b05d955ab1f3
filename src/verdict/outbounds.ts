import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { SecondChance } from '../model/second-chance.ts';
import { Outbound } from './outbound.ts';
import { load, PAST_WORDS, PastMemory, PastOutbound, store } from './past-outbound.ts';
import { TransmissionPool } from './transmission.ts';

/** Senders whose numbers lie in one piece of memory. */
const PIECE = 1 << 8;
/** Objects that wait for the next sender. */
const MOST_SPARE = 256;
/** Numbers that wait for the next one. */
const MOST_FREE = 1 << 12;
/** Senders that have an object of their own, beside those of which something is in question. */
const MOST_AWAKE = 1 << 12;
/** Objects that are looked at, in search of one that can rest, before one more is made. */
const LOOKS = 4;

/** Words in which `write` tells what both ends have sent: of each whether there is anything to tell, and its numbers. */
export const OUTBOUND_WORDS = 2 * (1 + PAST_WORDS);

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
  /** Through which numbers pass on their way elsewhere. */
  private readonly passing = new PastOutbound(new PastMemory(1), 0);
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
      this.release(past);
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

  /** Copies the numbers of both ends into `words`, from `at` on. False: there is more of one of them than numbers. */
  write({ a, b }: Connection, words: Int32Array, at: number): boolean {
    return this.writeEnd(a, words, at) && this.writeEnd(b, words, at + 1 + PAST_WORDS);
  }

  private writeEnd(endpoint: Endpoint, words: Int32Array, at: number): boolean {
    const { outbound } = endpoint;
    words[at] = outbound === null ? 0 : 1;
    if (outbound === null) {
      words.fill(0, at + 1, at + 1 + PAST_WORDS);
      return true;
    }
    if (outbound instanceof PastOutbound) {
      if (outbound.roundTrips !== null || outbound.tally !== null) return false;
      outbound.write(words, at + 1);
      return true;
    }
    if (!(outbound instanceof Outbound) || !outbound.canRest) return false;
    if (outbound.rtt.roundTrips !== null || outbound.scoreboard.tally !== null) return false;
    store(outbound, this.passing.memory, this.passing.sender);
    this.passing.write(words, at + 1);
    return true;
  }

  /** Gives both ends the numbers that were written. */
  read({ a, b }: Connection, words: Int32Array, at: number): void {
    this.readEnd(a, words, at);
    this.readEnd(b, words, at + 1 + PAST_WORDS);
  }

  private readEnd(endpoint: Endpoint, words: Int32Array, at: number): void {
    if (words[at] === 0) {
      this.dropEnd(endpoint);
      return;
    }
    const past = endpoint.outbound instanceof PastOutbound ? endpoint.outbound : (this.free.pop() ?? this.room());
    past.read(words, at + 1);
    endpoint.outbound = past;
  }

  /** Nothing is known any more of what these ends have sent, which is numbers at most. */
  drop({ a, b }: Connection): void {
    this.dropEnd(a);
    this.dropEnd(b);
  }

  private dropEnd(endpoint: Endpoint): void {
    const { outbound } = endpoint;
    endpoint.outbound = null;
    if (outbound instanceof PastOutbound) this.release(outbound);
    else if (outbound instanceof Outbound) this.lay(outbound);
  }

  private release(past: PastOutbound): void {
    if (this.free.length < MOST_FREE) this.free.push(past);
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
    this.lay(outbound);
  }

  /** It is nobody's, and may take the next sender. */
  private lay(outbound: Outbound): void {
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
