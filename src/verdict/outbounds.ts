import type { Connection, Endpoint } from '../model/connection.ts';
import type { OutboundView } from '../model/outbound.ts';
import { Outbound } from './outbound.ts';
import { isPlain, load, PAST_SIZE, PastOutbound, store } from './past-outbound.ts';
import { TransmissionPool } from './transmission.ts';

/** Senders whose numbers lie in one piece of memory. */
const PIECE = 1 << 8;
/** Objects that wait for the next sender. */
const MOST_SPARE = 256;

/** What all senders have sent, in few objects: those of connections that have closed take the next ones. */
export class Outbounds {
  readonly pool = new TransmissionPool();
  private readonly spare: Outbound[] = [];
  /** The numbers of one that has sent nothing yet. */
  private readonly blank = new Float64Array(PAST_SIZE);
  private memory = new Float64Array(0);
  private used = 0;
  /** Those whose senders went on after all. */
  private readonly free: PastOutbound[] = [];

  constructor() {
    const first = new Outbound(this.pool);
    store(first, this.blank, 0);
    this.spare.push(first);
  }

  /** What a sender goes on with: `past` is what it left, null where it begins. */
  take(past: OutboundView | null): Outbound {
    const outbound = this.spare.pop() ?? new Outbound(this.pool);
    if (past instanceof PastOutbound) {
      load(outbound, past.memory, past.at);
      outbound.rtt.roundTrips = past.roundTrips;
      outbound.scoreboard.tally = past.tally;
      past.roundTrips = past.tally = null;
      this.free.push(past);
    } else load(outbound, this.blank, 0);
    return outbound;
  }

  /** Both ends of `connection` have closed. */
  settle({ a, b }: Connection): void {
    this.settleOne(a);
    this.settleOne(b);
  }

  private settleOne(endpoint: Endpoint): void {
    const { outbound } = endpoint;
    // Its congestion control goes on looking at the object.
    if (!(outbound instanceof Outbound) || endpoint.congestion !== null || !isPlain(outbound)) return;
    const past = this.free.pop() ?? this.room();
    store(outbound, past.memory, past.at);
    past.roundTrips = outbound.rtt.roundTrips;
    past.tally = outbound.scoreboard.tally;
    outbound.rtt.roundTrips = outbound.scoreboard.tally = null;
    endpoint.outbound = past;
    if (this.spare.length < MOST_SPARE) this.spare.push(outbound);
  }

  private room(): PastOutbound {
    if (this.used === this.memory.length) {
      this.memory = new Float64Array(PIECE * PAST_SIZE);
      this.used = 0;
    }
    const past = new PastOutbound(this.memory, this.used);
    this.used += PAST_SIZE;
    return past;
  }
}
