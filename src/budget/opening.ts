import { TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { ACK } from '../model/flags.ts';
import { DOUBLE_NONE } from '../model/packed.ts';
import { type SegmentView, tsValOf } from '../model/segment.ts';
import { LONGEST_SYN_TIMER } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Distances } from './distances.ts';
import type { Ledger } from './ledger.ts';
import type { Tape } from './tape.ts';

/** Answers to two SYNs are as far apart as those, give or take this share: paths and timers are not always the same. */
const SAME_GAP = 1 / 8;

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
  declare private secondSyn: number;
  declare private lastSyn: number;
  /** TSval of the first SYN, -1 without. */
  declare private firstStamp: number;
  declare private firstSynAck: number;
  declare private lastSynAck: number;
  /** The SYN that arrived, -1 unknown. */
  declare private answeredSyn: number;
  /** The SYN,ACK came when a SYN had been sent again although the first had arrived: one was lost. */
  declare private isLate: boolean;
  /** The SYN of the server that answers none (RFC 9293 section 3.5, figure 7), and the client's SYN,ACK that answers it. */
  declare private serverSyn: number;
  declare private clientSynAck: number;
  /** The client acknowledged a SYN,ACK that is not in the capture. */
  declare private unseenAck: number;
  /** The client completed it, with data or without, while nothing told which of its SYNs was answered. */
  declare private completed: number;
  declare private hadData: boolean;

  /** Takes note of the first SYN and SYN,ACK, as far as they were seen. What they show of the way goes to `distances`. */
  begin(connection: Connection, distances: Distances): void {
    this.connection = connection;
    this.distances = distances;
    this.syns = this.synAcks = 0;
    this.firstSyn = this.secondSyn = this.lastSyn = this.firstStamp = DOUBLE_NONE;
    this.firstSynAck = this.lastSynAck = this.answeredSyn = DOUBLE_NONE;
    this.isLate = this.hadData = false;
    this.serverSyn = this.clientSynAck = this.unseenAck = this.completed = DOUBLE_NONE;
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
    distances.proven(server.index, this.firstSynAck - this.firstSyn);
  }

  write(tape: Tape): void {
    tape.put(this.syns);
    tape.put(this.synAcks);
    tape.put(this.firstSyn);
    tape.put(this.secondSyn);
    tape.put(this.lastSyn);
    tape.put(this.firstStamp);
    tape.put(this.firstSynAck);
    tape.put(this.lastSynAck);
    tape.put(this.answeredSyn);
    tape.put(Number(this.isLate));
    tape.put(this.serverSyn);
    tape.put(this.clientSynAck);
    tape.put(this.unseenAck);
    tape.put(this.completed);
    tape.put(Number(this.hadData));
  }

  read(connection: Connection, distances: Distances, tape: Tape): void {
    this.connection = connection;
    this.distances = distances;
    this.syns = tape.next();
    this.synAcks = tape.next();
    this.firstSyn = tape.next();
    this.secondSyn = tape.next();
    this.lastSyn = tape.next();
    this.firstStamp = tape.next();
    this.firstSynAck = tape.next();
    this.lastSynAck = tape.next();
    this.answeredSyn = tape.next();
    this.isLate = tape.next() !== 0;
    this.serverSyn = tape.next();
    this.clientSynAck = tape.next();
    this.unseenAck = tape.next();
    this.completed = tape.next();
    this.hadData = tape.next() !== 0;
  }

  /** A SYN or SYN,ACK other than those that `begin` has read. */
  syn(isClient: boolean, view: SegmentView, now: number): void {
    const isAnswer = (view.flags & ACK) !== 0;
    if (isAnswer && isClient) this.clientAnswers(now);
    else if (isAnswer) this.serverAnswers(view, now);
    else if (isClient) this.clientAsks(view, now);
    else if (this.serverSyn < 0) this.serverSyn = now;
  }

  private clientAsks(view: SegmentView, now: number): void {
    if (this.syns++ === 0) {
      this.firstSyn = now;
      this.firstStamp = tsValOf(view);
    } else if (this.syns === 2) this.secondSyn = now;
    this.lastSyn = now;
  }

  private clientAnswers(now: number): void {
    if (this.clientSynAck >= 0) return;
    this.clientSynAck = now;
    if (this.serverSyn >= 0) this.distances.proven(this.connection.client.index, now - this.serverSyn);
  }

  private serverAnswers(view: SegmentView, now: number): void {
    // `begin` has read it.
    if (this.synAcks === 1 && now === this.firstSynAck) return;
    if (this.completed >= 0) {
      this.answersAnother(now);
      return;
    }
    this.lastSynAck = now;
    if (this.synAcks++ > 0) return;
    this.firstSynAck = now;
    if (this.syns === 0) return;
    const stamp = tsValOf(view);
    const answersFirst = stamp >= 0 && this.firstStamp >= 0 && view.tsEcr === this.firstStamp;
    this.answeredSyn = answersFirst || this.syns === 1 ? this.firstSyn : this.lastSyn;
    this.isLate = this.answeredSyn !== this.lastSyn;
    this.distances.proven(this.connection.server.index, now - this.lastSyn, this.isLate);
  }

  /**
   * The server answers once more, though the client has acknowledged its SYN,ACK. As far after that as the second SYN was after the
   * first it answers the second SYN, and the SYN,ACK before it was the answer to the first.
   */
  private answersAnother(now: number): void {
    const gap = this.secondSyn - this.firstSyn;
    if (Math.abs(now - this.firstSynAck - gap) > SAME_GAP * gap) return;
    const { index } = this.connection.server;
    this.answeredSyn = this.firstSyn;
    this.distances.forget(index);
    this.distances.proven(index, this.firstSynAck - this.firstSyn);
  }

  /** No SYN,ACK was seen. */
  get isUnanswered(): boolean {
    return this.synAcks === 0;
  }

  /** Several SYNs were sent before the only SYN,ACK, and no echo tells which of them it answers. */
  private get isOpen(): boolean {
    return this.syns > 1 && this.synAcks === 1 && this.firstStamp < 0 && this.answeredSyn === this.lastSyn;
  }

  /** Something else than a SYN passes at `now`. True when the handshake is complete, and written down. */
  goesOn({ sender, receiver, seq, ack }: TrackedSegment, hasData: boolean, now: number, ledger: Ledger): boolean {
    if (ack < 1) return false;
    if (sender.isClient) {
      if (this.synAcks > 0) {
        // The ACK of the SYN,ACK is not in the capture where more follows it than it may carry.
        if (this.completed >= 0) return false;
        // Nor is it where what follows is so late that its sender would have sent its SYN again before.
        const isLater = now - this.lastSynAck >= LONGEST_SYN_TIMER;
        if (seq > receiver.lastAck || ack > 1 || isLater) this.completeUnseen(this.lastSynAck, ledger);
        else if (this.isOpen) {
          this.completed = now;
          this.hadData = hasData;
          return false;
        } else this.complete(now, hasData, ledger);
        return true;
      }
      if (this.unseenAck < 0) {
        this.unseenAck = now;
        // The SYN,ACK that it answers has come in that time.
        if (this.syns > 0) this.distances.bounded(receiver.index, now - this.lastSyn);
        if (this.syns > 0 && !hasData) this.distances.proves(receiver.index);
      }
      return false;
    }
    if (this.completed >= 0) {
      this.complete(this.completed, this.hadData, ledger);
      return true;
    }
    if (this.synAcks > 0) return false;
    if (this.clientSynAck >= 0) {
      this.distances.proven(sender.index, now - this.clientSynAck, hasData);
      this.completeUnseen(now, ledger);
      return true;
    }
    // An ACK of the SYN alone, the first part of a split handshake.
    if (ack === 1 && !hasData && this.syns === 1 && receiver.packets === 1)
      this.distances.proven(sender.index, now - this.firstSyn);
    if (this.unseenAck < 0) return false;
    this.completeUnseen(this.unseenAck, ledger);
    return true;
  }

  /** The client's ACK completes it at `now`; one with data may follow another that was lost. */
  private complete(now: number, hasData: boolean, ledger: Ledger): void {
    const { distances, answeredSyn } = this;
    const { client, server } = this.connection;
    distances.proven(client.index, now - this.lastSynAck, hasData);
    this.writeSyn(answeredSyn, ledger);
    if (this.synAcks > 1 || this.isLate) {
      const way = distances.wayTo(server.index);
      ledger.until(answeredSyn >= 0 ? answeredSyn + way : this.firstSynAck - way, TimeUse.HANDSHAKE, -1);
      ledger.until(this.lastSynAck - way, TimeUse.TIMEOUT, -1);
    }
    ledger.until(now - distances.wayTo(client.index), TimeUse.HANDSHAKE, -1);
  }

  /** Without a SYN,ACK of the server: nothing tells which of several SYNs arrived. */
  private completeUnseen(now: number, ledger: Ledger): void {
    this.writeSyn(this.lastSyn, ledger);
    ledger.until(now, TimeUse.HANDSHAKE, -1);
  }

  /** The wait until the SYN leaves that arrives. */
  private writeSyn(arrived: number, ledger: Ledger): void {
    if (arrived > this.firstSyn) {
      ledger.until(arrived - this.distances.wayTo(this.connection.client.index), TimeUse.TIMEOUT, -1);
    }
  }

  /** It never was complete: `now` is the end. */
  abandon(now: number, ledger: Ledger): void {
    if (this.completed >= 0) {
      this.complete(this.completed, this.hadData, ledger);
      return;
    }
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
