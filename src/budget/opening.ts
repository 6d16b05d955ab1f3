import { TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { ACK } from '../model/flags.ts';
import { DOUBLE_NONE } from '../model/packed.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { Distances } from './distances.ts';
import type { Ledger } from './ledger.ts';
import type { Tape } from './tape.ts';

/**
 * The handshake of one connection: which SYN arrived, and which SYN,ACK. Kept until it is complete. Times are nanoseconds since
 * the first packet, -1 where there is none.
 */
export class Opening {
  private connection!: Connection;
  private distances!: Distances;
  declare private syns: number;
  declare private synAcks: number;
  declare private firstSyn: number;
  declare private lastSyn: number;
  /** TSval of the first SYN, -1 without. */
  declare private firstStamp: number;
  declare private firstSynAck: number;
  declare private lastSynAck: number;
  /** The SYN that arrived, -1 unknown. */
  declare private answeredSyn: number;
  /** The SYN,ACK came when a SYN had been sent again although the first had arrived: one was lost. */
  declare private isLate: boolean;

  /** Takes note of the first SYN and SYN,ACK, as far as they were seen. What they show of the way goes to `distances`. */
  begin(connection: Connection, distances: Distances): void {
    this.connection = connection;
    this.distances = distances;
    this.syns = this.synAcks = 0;
    this.firstSyn = this.lastSyn = this.firstStamp = DOUBLE_NONE;
    this.firstSynAck = this.lastSynAck = this.answeredSyn = DOUBLE_NONE;
    this.isLate = false;
    const { synTime, synAckTime, firstTime, client, server } = connection;
    if (!Number.isNaN(synTime)) {
      this.syns = 1;
      this.firstSyn = this.lastSyn = synTime - firstTime;
      this.firstStamp = client.outbound?.clocks.firstTsVal ?? -1;
    }
    if (Number.isNaN(synAckTime)) return;
    this.synAcks = 1;
    this.firstSynAck = this.lastSynAck = synAckTime - firstTime;
    if (this.syns === 0) return;
    this.answeredSyn = this.firstSyn;
    distances.measured(server.index, this.firstSynAck - this.firstSyn);
  }

  write(tape: Tape): void {
    tape.put(this.syns);
    tape.put(this.synAcks);
    tape.put(this.firstSyn);
    tape.put(this.lastSyn);
    tape.put(this.firstStamp);
    tape.put(this.firstSynAck);
    tape.put(this.lastSynAck);
    tape.put(this.answeredSyn);
    tape.put(Number(this.isLate));
  }

  read(connection: Connection, distances: Distances, tape: Tape): void {
    this.connection = connection;
    this.distances = distances;
    this.syns = tape.next();
    this.synAcks = tape.next();
    this.firstSyn = tape.next();
    this.lastSyn = tape.next();
    this.firstStamp = tape.next();
    this.firstSynAck = tape.next();
    this.lastSynAck = tape.next();
    this.answeredSyn = tape.next();
    this.isLate = tape.next() !== 0;
  }

  /** A SYN or SYN,ACK other than the first of each. */
  syn(view: SegmentView, now: number): void {
    const stamp = view.options & Option.TIMESTAMPS ? view.tsVal : -1;
    if (!(view.flags & ACK)) {
      if (this.syns++ === 0) {
        this.firstSyn = now;
        this.firstStamp = stamp;
      }
      this.lastSyn = now;
      return;
    }
    this.lastSynAck = now;
    if (this.synAcks++ > 0) return;
    this.firstSynAck = now;
    if (this.syns === 0) return;
    const answersFirst = stamp >= 0 && this.firstStamp >= 0 && view.tsEcr === this.firstStamp;
    this.answeredSyn = answersFirst || this.syns === 1 ? this.firstSyn : this.lastSyn;
    this.isLate = this.answeredSyn !== this.lastSyn;
    this.distances.measured(this.connection.server.index, now - this.lastSyn, this.isLate);
  }

  get isAnswered(): boolean {
    return this.synAcks > 0;
  }

  /** The client's ACK completes it at `now`; one with data may follow another that was lost. */
  complete(now: number, hasData: boolean, ledger: Ledger): void {
    const { distances, answeredSyn } = this;
    const { client, server } = this.connection;
    distances.measured(client.index, now - this.lastSynAck, hasData);
    this.writeSyn(answeredSyn, ledger);
    if (this.synAcks > 1 || this.isLate) {
      const way = distances.wayTo(server.index);
      ledger.until(answeredSyn >= 0 ? answeredSyn + way : this.firstSynAck - way, TimeUse.HANDSHAKE, -1);
      ledger.until(this.lastSynAck - way, TimeUse.TIMEOUT, -1);
    }
    ledger.until(now - distances.wayTo(client.index), TimeUse.HANDSHAKE, -1);
  }

  /** The wait until the SYN leaves that arrives. */
  private writeSyn(arrived: number, ledger: Ledger): void {
    if (arrived > this.firstSyn) {
      ledger.until(arrived - this.distances.wayTo(this.connection.client.index), TimeUse.TIMEOUT, -1);
    }
  }

  /** It never was complete: `now` is the end. */
  abandon(now: number, ledger: Ledger): void {
    this.writeSyn(this.answeredSyn >= 0 ? this.answeredSyn : this.lastSyn, ledger);
    if (this.synAcks > 1) {
      const way = this.distances.wayTo(this.connection.server.index);
      ledger.until(this.firstSynAck - way, TimeUse.HANDSHAKE, -1);
      ledger.until(this.lastSynAck - way, TimeUse.TIMEOUT, -1);
    }
    ledger.until(now, TimeUse.HANDSHAKE, -1);
  }
}

/** Those of handshakes that are complete wait for the next one. */
const MOST_SPARE = 256;
const spare: Opening[] = [];

/** A handshake to follow: a spare one, or a new one. `begin` resets it. */
export function takeOpening(): Opening {
  return spare.pop() ?? new Opening();
}

/** The handshake is over: the object may follow another one. */
export function giveOpening(opening: Opening): void {
  if (spare.length < MOST_SPARE) spare.push(opening);
}
