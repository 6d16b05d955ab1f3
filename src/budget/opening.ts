import { TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { type DoubleFields, defineDoubles } from '../model/doubles.ts';
import { ACK, RST } from '../model/flags.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Ledger } from './ledger.ts';

/** The handshake of one connection: which SYN arrived, which SYN,ACK, and how far away the two ends are. */
export class Opening implements DoubleFields {
  readonly row = DOUBLES.take();
  readonly slab = DOUBLES.current;

  private readonly connection: Connection;
  isOver = false;
  /** The round trip to the server was measured with what a timer sent: another one counts more. */
  isDoubtful = false;
  private syns = 0;
  private synAcks = 0;

  /** Times of the first and the latest SYN and SYN,ACK, and of the ACK; -1 none. TSvals of the first and the latest SYN. */
  declare private firstSyn: number;
  declare private lastSyn: number;
  declare private firstStamp: number;
  declare private lastStamp: number;
  declare private firstSynAck: number;
  declare private lastSynAck: number;
  declare private completed: number;
  /** The SYN that arrived (-1 unknown). */
  declare private answeredSyn: number;
  /** Round trips from here (ns), -1 unknown. */
  declare private toClient: number;
  declare private toServer: number;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  roundTo(index: number): number {
    return index === this.connection.client.index ? this.toClient : this.toServer;
  }

  syn(t: TrackedSegment, view: SegmentView, now: number): void {
    if (this.isOver || t.unacceptableSyn) return;
    const hasStamp = (view.options & Option.TIMESTAMPS) !== 0;
    if (!(view.flags & ACK)) {
      if (this.syns++ === 0) {
        this.firstSyn = now;
        this.firstStamp = hasStamp ? view.tsVal : -1;
      }
      this.lastSyn = now;
      this.lastStamp = hasStamp ? view.tsVal : -1;
      return;
    }
    this.lastSynAck = now;
    if (this.synAcks++ > 0) return;
    this.firstSynAck = now;
    if (this.syns === 0) return;
    const answersFirst = hasStamp && this.firstStamp >= 0 && view.tsEcr === this.firstStamp;
    this.answeredSyn = answersFirst || this.syns === 1 ? this.firstSyn : this.lastSyn;
    this.isDoubtful = this.answeredSyn !== this.lastSyn;
    this.toServer = now - this.lastSyn;
  }

  /** A segment other than a SYN. True when the handshake is complete, or there is none to see. */
  segment(t: TrackedSegment, view: SegmentView, now: number): boolean {
    if (!this.connection.sawHandshake) {
      this.isOver = true;
      return false;
    }
    if (view.flags & RST || !t.sender.isClient || t.ack < 1 || this.synAcks === 0) return false;
    this.isOver = true;
    this.completed = now;
    this.toClient = now - this.lastSynAck;
    return true;
  }

  write(ledger: Ledger, toClient: number, toServer: number): void {
    const { answeredSyn, lastSynAck } = this;
    if (answeredSyn >= 0) this.writeSyn(ledger, answeredSyn, toClient);
    const isSentAgain = this.synAcks > 1 || this.isDoubtful;
    if (isSentAgain) {
      const begin = answeredSyn >= 0 ? answeredSyn + toServer : this.firstSynAck - toServer;
      ledger.until(begin, TimeUse.HANDSHAKE, -1);
      ledger.until(lastSynAck - toServer, TimeUse.TIMEOUT, -1);
    }
    ledger.until(this.completed - toClient, TimeUse.HANDSHAKE, -1);
  }

  /** The wait until the SYN leaves that arrives. */
  private writeSyn(ledger: Ledger, arrived: number, toClient: number): void {
    if (arrived > this.firstSyn) ledger.until(arrived - toClient, TimeUse.TIMEOUT, -1);
  }

  /** It never was complete. */
  conclude(ledger: Ledger, toClient: number, toServer: number, now: number): void {
    this.isOver = true;
    if (this.syns > 0) this.writeSyn(ledger, this.answeredSyn >= 0 ? this.answeredSyn : this.lastSyn, toClient);
    if (this.synAcks > 1) {
      ledger.until(this.firstSynAck - toServer, TimeUse.HANDSHAKE, -1);
      ledger.until(this.lastSynAck - toServer, TimeUse.TIMEOUT, -1);
    }
    if (this.syns + this.synAcks > 0) ledger.until(now, TimeUse.HANDSHAKE, -1);
  }
}

const DOUBLES = defineDoubles(Opening.prototype, {
  firstSyn: -1,
  lastSyn: -1,
  firstStamp: -1,
  lastStamp: -1,
  firstSynAck: -1,
  lastSynAck: -1,
  completed: -1,
  answeredSyn: -1,
  toClient: -1,
  toServer: -1,
});
