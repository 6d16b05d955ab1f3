import { TIME_USES, type TimeBudget, type TimeKeeper } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import {
  type ClocksView,
  type CopyTally,
  type OutboundView,
  QuietOutbound,
  type RttView,
  type ScoreboardView,
} from '../model/outbound.ts';
import { NEVER } from '../model/packed.ts';
import { RoundTrips, type RoundTripsFacts } from '../model/round-trips.ts';

/* What stands in a connection that was concluded elsewhere for the objects that had followed it there. */

/** Spans and exchanges of a connection. */
export type StoredSpans = Omit<TimeBudget, 'totals'>;

/** Where the time of a connection went. */
export class StoredBudget implements TimeKeeper {
  private readonly memory: ArrayLike<number>;
  private readonly at: number;
  private readonly spansOf: ((connection: Connection) => StoredSpans) | null;

  /** The totals lie in `memory` from `at` on. `spansOf`: null where nobody asks for more. */
  constructor(memory: ArrayLike<number>, at: number, spansOf: ((connection: Connection) => StoredSpans) | null) {
    this.memory = memory;
    this.at = at;
    this.spansOf = spansOf;
  }

  budgetOf(connection: Connection): TimeBudget {
    if (this.spansOf === null) throw new Error('the spans of this connection were left out');
    return { totals: Array.from(this.totalsOf()), ...this.spansOf(connection) };
  }

  totalsOf(): ArrayLike<number> {
    const { memory, at } = this;
    for (let k = 0; k < totals.length; k++) totals[k] = memory[at + k];
    return totals;
  }

  soFar(): ArrayLike<number> {
    return this.totalsOf();
  }
}

const totals = new Float64Array(TIME_USES.length);

/** The numbers of a round-trip estimate. */
export const RTT_FIELDS = ['sample', 'srtt', 'rttvar', 'rto', 'min', 'samples'] as const;

/*
 * What is told of the data that an end has sent, as numbers: whether there is any, the estimate by `RTT_FIELDS`, the segments whose
 * fate was given up, and where there is something to count that it is so, and the tally.
 */
const RTT = 1;
const FORGOTTEN = 7;
const TALLY = 8;
export const OUTBOUND_SIZE = 13;

/** What is stored of it. */
export interface StorableOutbound {
  readonly rtt: Omit<RttView, 'roundTrips'>;
  readonly scoreboard: Pick<ScoreboardView, 'forgotten'>;
  readonly tally: CopyTally | null;
}

/** Stores it at `place` of `memory`, of which each takes `OUTBOUND_SIZE` numbers; zeros for null. */
export function storeOutbound(memory: Float64Array, place: number, outbound: StorableOutbound | null): void {
  if (outbound === null) return;
  const at = place * OUTBOUND_SIZE;
  const { rtt, tally, scoreboard } = outbound;
  memory[at] = 1;
  memory[at + RTT] = rtt.sample;
  memory[at + RTT + 1] = rtt.srtt;
  memory[at + RTT + 2] = rtt.rttvar;
  memory[at + RTT + 3] = rtt.rto;
  memory[at + RTT + 4] = rtt.min;
  memory[at + RTT + 5] = rtt.samples;
  memory[at + FORGOTTEN] = scoreboard.forgotten;
  if (tally === null) return;
  memory[at + TALLY] = 1;
  memory[at + TALLY + 1] = tally.retransmittedPackets;
  memory[at + TALLY + 2] = tally.retransmittedBytes;
  memory[at + TALLY + 3] = tally.lostPackets;
  memory[at + TALLY + 4] = tally.lostBytes;
}

/** What was stored there. */
export function storedOutbound(
  memory: Float64Array,
  place: number,
  roundTrips: RoundTripsFacts | null,
): OutboundView | null {
  const at = place * OUTBOUND_SIZE;
  return memory[at] === 0 ? null : new StoredOutbound(memory, at, roundTrips);
}

/** Only what reports ask for when the input has ended. Made of the numbers when it is asked for: of most ends nobody does. */
class StoredOutbound extends QuietOutbound implements OutboundView {
  private readonly memory: Float64Array;
  private readonly at: number;
  private readonly facts: RoundTripsFacts | null;

  constructor(memory: Float64Array, at: number, facts: RoundTripsFacts | null) {
    super();
    this.memory = memory;
    this.at = at;
    this.facts = facts;
  }

  get rtt(): RttView {
    const { memory, facts } = this;
    const at = this.at + RTT;
    return {
      sample: memory[at],
      srtt: memory[at + 1],
      rttvar: memory[at + 2],
      rto: memory[at + 3],
      min: memory[at + 4],
      samples: memory[at + 5],
      roundTrips: facts === null ? null : RoundTrips.of(facts),
    };
  }

  get scoreboard(): ScoreboardView {
    const forgotten = this.memory[this.at + FORGOTTEN];
    return {
      isEmpty: true,
      unanswered: 0,
      oldestTime: NEVER,
      oldestFrame: 0,
      outstanding: 0,
      highSacked: 0,
      forgotten,
    };
  }

  get tally(): CopyTally | null {
    const { memory } = this;
    const at = this.at + TALLY;
    if (memory[at] === 0) return null;
    return {
      retransmittedPackets: memory[at + 1],
      retransmittedBytes: memory[at + 2],
      lostPackets: memory[at + 3],
      lostBytes: memory[at + 4],
    };
  }

  get clocks(): ClocksView {
    return { maxTsVal: -1, firstTsVal: -1, firstTsTime: NEVER, maxIpId: -1, idRises: 0, idBreaks: 0 };
  }

  get synAckSent(): boolean {
    return false;
  }

  get sendsUnstamped(): boolean {
    return false;
  }
}
