import type { Episode as EpisodeValues } from '../messages/en/findings/loss.ts';
import { say } from '../messages/message.ts';
import { answerTime, isAway, positionOf, roundTrip } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { NEVER } from '../model/packed.ts';
import type { SegmentView } from '../model/segment.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { State } from '../model/state.ts';
import { DELAYED_ACK, LONGEST_SYN_TIMER } from '../model/tcp-constants.ts';
import { Cause, type Verdict } from '../model/verdict.ts';
import { SHORTEST_SYN_TIMER } from '../verdict/duplicates.ts';
import type { Account } from './account.ts';
import type { Inspection } from './inspection.ts';
import { note } from './memory.ts';
import { rfc } from './rfc.ts';
import type { SynProbes } from './syn-probes.ts';

/** Verdicts of one episode that are followed until they are settled; later ones count as needed. */
const MOST_VERDICTS = 1024;
/** Waiting times that a text names. */
const MOST_WAITS = 16;
/** Less than this (ns) is no timer: a SYN,ACK is repeated at once when the SYN is. */
const AT_ONCE = 4e6;
/** Timeouts without any answer from which on the peer is called unresponsive. */
const GIVEN_UP = 3;

/** A handshake that takes no longer than so many of the shortest round trips takes as long as they do. */
const USUAL = 1.5;

/** Bytes of a last segment with the FIN that nobody misses: an alert of TLS. */
const LAST_WORDS = 64;
/** Octets of a SACK option of one block, padded (RFC 2018 section 3). */
const DSACK_LENGTH = 12;
/** Needless retransmissions in one episode that cost something. */
const MANY_NEEDLESS = 3;

/** What an episode of repair may turn out to be. */
export const EPISODE_IDS = [
  'packet-loss',
  'retransmission-timeout',
  'tail-loss',
  'spurious-retransmission',
  'path-mtu-retransmission',
  'retransmission',
  'peer-unresponsive',
  'syn-retransmission',
  'syn-ack-retransmission',
  'syn-unanswered',
  'half-open',
] as const;
type EpisodeId = (typeof EPISODE_IDS)[number];

/** The repair of one stretch of the stream: it lasts until all that had been sent when it began is acknowledged. */
export class Episode {
  readonly sender: Endpoint;
  readonly start: number;
  readonly frames: number[] = [];
  private latestFrame = 0;
  /** When the latest of them passed (ns). */
  private latestTime: number = NEVER;
  /** The capture is cut so short that no D-SACK can be read. */
  private isDeaf = false;
  readonly dsackFrames: number[] = [];
  /** Retransmissions by cause. */
  readonly causes = new Uint32Array(Cause.UNKNOWN + 1);
  /** How long (ns) the sender had waited before each timeout or repeated SYN, and before each probe. */
  readonly waits: number[] = [];
  readonly probeWaits: number[] = [];
  /** When it last sent its SYN or SYN,ACK (ns). */
  private synTime: number;
  segments = 0;
  /** The latest probe, as long as it is taken for one. */
  private probe: Verdict | null = null;
  /** Some of what was sent again holds more than one segment: how many bytes of it were lost, it does not tell. */
  private isRepacked = false;
  /** Duplicate ACKs were captured. */
  private hasReports = false;
  /** What it begins with was acknowledged already: no later ACK tells when it was repaired. */
  private hadArrived = false;
  /** An ACK had told of the loss. */
  private wasTold = false;
  /** Some data of the sender had been acknowledged before. */
  private wasAnswered = false;
  /** No ACK had told of what it begins with: whatever comes after it begins for that reason, too. */
  private isUntold = false;
  /** An earlier probe cannot have been a timeout. */
  private hadSureProbe = false;
  /** How long (ns) nothing of the sender had come when it began with a timeout for what had not passed here, `NEVER` else. */
  private silence: number = NEVER;
  /** Timeouts for what had passed here. */
  private passed = 0;
  /** Its SYNs are not in the order of their times. */
  private isDisordered = false;
  /** SYNs that came as late as a timer would send them. */
  private timed = 0;
  /** SYN,ACKs that answer a repeated SYN. */
  private answers = 0;
  bytes = 0;
  /** What it sent again lies between these offsets. */
  private from = Number.POSITIVE_INFINITY;
  private to = 0;
  /** Nanoseconds, `NEVER` while it is not. */
  repaired: number = NEVER;
  /** The input ended before it was repaired. */
  unfinished = false;
  private verdicts: Verdict[] = [];
  /** Offset where each of them begins. */
  private starts: number[] = [];
  private needless = 0;
  private lacked = 0;

  constructor(sender: Endpoint, start: number) {
    this.sender = sender;
    this.start = start;
    const { connection } = sender;
    this.synTime = sender.isClient ? connection.synTime : connection.synAckTime;
  }

  take(segment: Inspection): void {
    const verdict = segment.verdict!;
    if (this.probe?.cause === Cause.RTO) this.wasTimeout();
    if (verdict.cause === Cause.TLP) {
      this.hadSureProbe = this.isSureProbe;
      this.probe = verdict;
    }
    if (verdict.parts > 1) this.isRepacked = true;
    if (this.segments === 0) this.hadArrived = segment.t.end <= this.sender.sndUna;
    this.segments++;
    if (verdict.evidence.length > 0) this.wasTold = true;
    if ((this.sender.outbound?.dupAcks ?? 0) > 0) this.hasReports = true;
    if (this.segments === 1 && verdict.evidence.length === 0) this.isUntold = true;
    if (verdict.cause === Cause.RTO) {
      if (verdict.original > 0) this.passed++;
      else if (this.segments === 1) this.silence = verdict.waited;
    }
    if (this.segments === 1) this.wasAnswered = this.sender.sndUna > FIRST_BYTE;
    // The other end had just repeated its SYN, in the capture or, where no timer is that short, before it: this is the answer to it.
    const isAnswer =
      segment.receiver.lastFrame > segment.sender.lastFrame || segment.time - this.synTime < SHORTEST_SYN_TIMER;
    if (verdict.cause === Cause.SYN_ACK && isAnswer) this.answers++;
    this.bytes += repeated(segment);
    this.from = Math.min(this.from, segment.t.seq);
    this.to = Math.max(this.to, segment.t.end);
    this.causes[verdict.cause]++;
    note(this.frames, segment.frame);
    this.latestFrame = segment.frame;
    this.latestTime = segment.time;
    if (isTooShort(segment.view)) this.isDeaf = true;
    if (this.verdicts.length < MOST_VERDICTS) {
      this.verdicts.push(verdict);
      this.starts.push(segment.t.seq);
    }
    this.noteWait(verdict, segment.time);
  }

  /** The waits of the timeouts that followed have shown that the latest probe was the first of them. */
  private wasTimeout(): void {
    this.probe = null;
    this.causes[Cause.TLP]--;
    this.causes[Cause.RTO]++;
    const waited = this.probeWaits.pop();
    if (waited !== undefined) this.waits.unshift(waited);
  }

  private noteWait(verdict: Verdict, time: number): void {
    let { waited } = verdict;
    let { waits } = this;
    switch (verdict.cause) {
      case Cause.SYN:
      case Cause.SYN_ACK:
        waited = time - this.synTime;
        // Where the capture has them in another order than they were sent in, the times between them mean nothing.
        if (waited < 0) this.isDisordered = true;
        if (verdict.cause === Cause.SYN && !(waited < SHORTEST_SYN_TIMER)) this.timed++;
        this.synTime = time;
        break;
      case Cause.RTO:
        // Data that are sent again before anything was acknowledged are no SYN.
        if (this.isOfSyn) return;
        // When the first copy left is known only where the capture was made beside its sender.
        if (verdict.original === 0 && !isBeside(this.sender)) return;
        break;
      case Cause.TLP:
        // Where the first copy was not captured, nobody knows when it left.
        if (verdict.original === 0) return;
        waits = this.probeWaits;
        break;
      default:
        return;
    }
    if (waited > AT_ONCE && waits.length < MOST_WAITS) waits.push(waited);
  }

  /** Its verdicts will not change any more: what is needed of them is kept. */
  settle(): void {
    this.needless = this.countNeedless();
    this.lacked = this.countLacked();
    this.verdicts = [];
    this.starts = [];
  }

  /** The first copy of what begins at `start` came after its repeat, which was not needed. False where this episode has no such repeat. */
  firstCopyCame(start: number): boolean {
    if (start < this.from || start >= this.to) return false;
    const verdict = this.verdicts.find((each, i) => this.starts[i] === start && each.original === 0 && !each.spurious);
    if (verdict === undefined) return false;
    verdict.spurious = true;
    return true;
  }

  countNeedless(): number {
    let n = this.needless;
    for (const verdict of this.verdicts) if (verdict.spurious) n++;
    return n;
  }

  /** Those that brought what their receiver had lacked, and whose first copies were not seen. */
  private countLacked(): number {
    let n = this.lacked;
    for (const verdict of this.verdicts) if (verdict.wasLacked) n++;
    return n;
  }

  get id(): EpisodeId {
    const { causes } = this;
    const { peer, lastAck, sndNxt } = this.sender;
    const unanswered = this.unfinished && this.repaired === NEVER;
    const isSilent = peer.lastFrame < this.frames[0];
    // With one direction nobody knows what the sender was told, or whether it waited.
    if (!this.isHeard && !this.isOfSyn) return 'retransmission';
    if (causes[Cause.SYN] > 0)
      return unanswered && !peer.seen && lastAck < 1 && !this.sender.connection.icmpError
        ? 'syn-unanswered'
        : 'syn-retransmission';
    if (causes[Cause.SYN_ACK] > 0)
      return unanswered && sndNxt <= 1 && !this.isReset ? 'half-open' : 'syn-ack-retransmission';
    if (unanswered && peer.seen && isSilent && causes[Cause.RTO] >= GIVEN_UP) return 'peer-unresponsive';
    if (this.countNeedless() === this.segments) return 'spurious-retransmission';
    if (causes[Cause.PMTU] > 0) return 'path-mtu-retransmission';
    if (causes[Cause.RTO] > 0) return 'retransmission-timeout';
    // No ACK can report a lost FIN, or a loss at the end of a flight: its retransmission has another reason.
    if (causes[Cause.FAST] > 0) return this.isFinOnly ? 'retransmission' : 'packet-loss';
    // Duplicate ACKs report other losses. That this segment was lost rests on the missing D-SACK alone.
    if (causes[Cause.TLP] > 0) return this.isDeaf ? 'retransmission' : 'tail-loss';
    if (causes[Cause.RTO_RECOVERY] > 0) return 'retransmission-timeout';
    return this.countLacked() === this.segments ? 'packet-loss' : 'retransmission';
  }

  /** The other end's answers are in the capture. Where none came to any data, and what they told was repaired, they were left out. */
  private get isHeard(): boolean {
    return this.sender.peer.seen && (this.wasAnswered || this.causes[Cause.FAST] === 0 || this.wasTold);
  }

  /** It began with a SYN or SYN,ACK that came again. */
  get isOfSyn(): boolean {
    return this.causes[Cause.SYN] + this.causes[Cause.SYN_ACK] > 0;
  }

  /** Nothing but a FIN was sent again. */
  private get isFinOnly(): boolean {
    return this.bytes === 0 && !this.isOfSyn;
  }

  /** Both ends had closed, and only a FIN, or a last few bytes with it, is repeated: nobody waits for it. */
  private get isTailOfClose(): boolean {
    const { sender, segments } = this;
    return sender.finEnd >= 0 && sender.peer.finEnd >= 0 && this.bytes <= LAST_WORDS * segments;
  }

  /** The other end has not closed: what it was sending may have stopped in the middle, and nobody is there any more. */
  private get isDeserted(): boolean {
    return this.sender.peer.finEnd < 0 && this.sender.peer.dataPackets > 0;
  }

  /** Info where it is nothing that somebody has to do something about. */
  private isHarmless(id: EpisodeId): boolean {
    const { causes, segments } = this;
    // No timer sent its SYN again: a program wrote them, or they stand out of their order.
    if (causes[Cause.SYN] > 0 && this.timed === 0) return true;
    const isIdle = this.isFinOnly && !(id === 'peer-unresponsive' && this.isDeserted);
    if (isIdle || !this.isHeard) return id !== 'syn-unanswered' && id !== 'syn-retransmission';
    switch (id) {
      case 'peer-unresponsive':
        return this.isTailOfClose;
      case 'spurious-retransmission':
        // A probe is cheap, and so are one or two segments; a timeout makes the sender start again.
        return causes[Cause.TLP] === segments || (causes[Cause.RTO] === 0 && segments < MANY_NEEDLESS);
      case 'tail-loss':
        // A probe that nobody acknowledges does not show that anything was lost.
        return this.repaired === NEVER;
      case 'packet-loss':
        return this.repaired === NEVER && !this.wasTold;
      case 'retransmission':
        return this.isDeaf;
      case 'syn-retransmission':
        return this.wasOnItsWay;
      case 'half-open':
        return this.isAnswers;
      case 'syn-ack-retransmission':
        return this.wasOnItsWay || this.isAnswers;
      default:
        return false;
    }
  }

  /** No timer repeated its SYN,ACK: all of them answer a repeated SYN. */
  private get isAnswers(): boolean {
    return this.answers === this.causes[Cause.SYN_ACK];
  }

  /** The first SYN was answered as soon as everything else is: nothing was lost. */
  private get wasOnItsWay(): boolean {
    const { handshakeTime, synTime } = this.sender.connection;
    return handshakeTime - synTime <= USUAL * roundTrip(this.sender);
  }

  /** `probes` knows whether its SYNs were to be answered at all. */
  account(probes: SynProbes | null = null): Account {
    const { id, frames, sender } = this;
    const traced = probes?.of(sender) ?? null;
    if (traced !== null && (id === 'syn-unanswered' || id === 'syn-retransmission')) {
      return {
        id,
        severity: 'info',
        message: say(`${id}.traced` as const, {
          sender,
          segments: this.causes[Cause.SYN] + 1,
          from: traced.first,
          to: traced.latest,
        }),
        evidence: frames,
        confidence: 0.9,
      };
    }
    const key = this.messageKey(id);
    // Without the other direction nobody says what arrived. A receiver that reports no repeats and was only late with its ACK looks
    // as if it had lacked what a probe brought.
    const usual = id === 'tail-loss' ? 0.8 : 0.9;
    const confidence = this.isHeard || id === 'syn-unanswered' ? usual : 0.5;
    const account: Account = {
      id,
      message: say(key, this.values),
      evidence: [...frames, ...this.dsackFrames],
      confidence,
    };
    if ((id === 'retransmission-timeout' || id === 'peer-unresponsive') && this.hadPassed) account.who = 'unknown';
    const isTraced = id === 'half-open' && (probes?.of(sender.peer) ?? null) !== null;
    if (isTraced || this.isHarmless(id)) account.severity = 'info';
    if (id === 'spurious-retransmission') {
      if (this.dsackFrames.length > 0) account.cite = rfc(2883, '4');
    }
    return account;
  }

  private messageKey(id: EpisodeId) {
    if (id === 'syn-unanswered' || id === 'half-open') return `${id}.repeated` as const;
    if (id === 'syn-ack-retransmission' && this.isAnswers) return 'syn-ack-retransmission.answers' as const;
    if (id === 'retransmission-timeout' && this.hadPassed) return 'retransmission-timeout.passed' as const;
    return id === 'peer-unresponsive' && this.isTailOfClose ? ('peer-unresponsive.closing' as const) : id;
  }

  /** All that a timer sent again had passed beside its receiver, which showed nothing of it: the way to the capture lost nothing. */
  private get hadPassed(): boolean {
    const { sender, causes, passed } = this;
    const isBesideReceiver = positionOf(sender.connection) === sender.peer.role;
    return isBesideReceiver && passed > 0 && passed === causes[Cause.RTO] && this.countNeedless() === 0;
  }

  /** Its sender may have sent it before, in vain: nothing of that passed here, and nobody knows when the repair began. */
  private get mayHaveBegunBefore(): boolean {
    return this.silence !== NEVER && isAway(this.sender);
  }

  /** The other end has refused what was sent again. One that never listened has no state that a RST would end. */
  private get isReset(): boolean {
    const { peer, state } = this.sender;
    const isOver = peer.rstFrame > 0 || state === State.CLOSED || state === State.LISTEN;
    return isOver && peer.lastFrame > this.frames[0];
  }

  /** Whoever sends anything but its SYN has heard an answer, also where it sends a RST (RFC 9293 section 3.10.7.3). */
  private get hasGoneOn(): boolean {
    return this.causes[Cause.SYN] > 0 && this.sender.lastFrame > this.latestFrame;
  }

  /** Some of its probes cannot have been timeouts, as far as the waits that followed have shown it. */
  private get isSureProbe(): boolean {
    return this.hadSureProbe || (this.probe !== null && !this.probe.mayBeTimeout);
  }

  /** How long (ns) the repair took its sender, -1 unknown. */
  private get repairTime(): number {
    const { sender, repaired, start } = this;
    const { handshakeTime, synAckTime } = sender.connection;
    // From the SYN to the ACK of the SYN,ACK, both as they pass here. Both took the same way from their sender. So the time between them
    // is the same here as at the sender.
    // Not of an ACK so late that the SYN would have come again before: the first one is not in the capture.
    const isFirst = handshakeTime - synAckTime < LONGEST_SYN_TIMER;
    if (this.causes[Cause.SYN] > 0 && handshakeTime >= start && isFirst) return handshakeTime - start;
    // Its sender was told of the loss, and nothing in the capture tells of it: those ACKs are missing, and with them that of the repair.
    const isUnheard = this.causes[Cause.FAST] > 0 && !this.wasTold && !this.hasReports;
    if (repaired === NEVER || this.hadArrived || isUnheard || this.mayHaveBegunBefore) return -1;
    const isMeasured = this.causes[Cause.SYN] === 0 || Number.isNaN(handshakeTime) || isFirst;
    return repaired - start + (isMeasured ? wayToSender(sender) : 0);
  }

  /** How much (ns) of the repair passed between its sender and the capture, by what such a way takes at the least. */
  private get repairAway(): number {
    return this.isOfSyn ? 0 : wayToSender(this.sender);
  }

  /** It was acknowledged so late that an earlier acknowledgment must have been: the capture lacks it. */
  private get lacksAnswer(): boolean {
    const { sender, repaired, latestTime } = this;
    return !this.isOfSyn && repaired - latestTime > roundTrip(sender) + DELAYED_ACK;
  }

  /** How much of what was sent again is acknowledged. */
  private get acknowledged(): EpisodeValues['acknowledged'] {
    const { sndUna } = this.sender;
    return sndUna >= this.to ? 'all' : sndUna > this.from ? 'part' : 'none';
  }

  private get values(): EpisodeValues {
    const { sender, causes } = this;
    return {
      sender,
      receiver: sender.peer,
      segments: causes[Cause.SYN] || causes[Cause.SYN_ACK] || this.segments,
      bytes: this.bytes,
      // A SYN that brings the answer once more, where that was lost, is needed.
      needless: causes[Cause.SYN] > 0 && !this.wasOnItsWay ? 0 : this.countNeedless(),
      // That nothing else fits is no reason to name it.
      fast: this.wasTold && !this.isUntold ? causes[Cause.FAST] : 0,
      told: causes[Cause.FAST],
      timeouts: causes[Cause.RTO],
      afterTimeout: causes[Cause.RTO_RECOVERY],
      probes: causes[Cause.TLP],
      isSureProbe: this.isSureProbe,
      waits: this.isDisordered ? [] : this.waits,
      probeWaits: this.probeWaits,
      mayMiss: isAway(sender),
      silence: this.mayHaveBegunBefore ? this.silence : 0,
      isRepacked: this.isRepacked,
      dsackFrame: this.dsackFrames[0] ?? 0,
      dsacks: this.dsackFrames.length,
      places: placesOf(sender),
      repaired: this.repairTime,
      repairAway: this.repairAway,
      isUpperBound: this.lacksAnswer,
      // A RST is the answer that there will be.
      isOpen: this.unfinished && sender.peer.seen && !this.isReset && !this.hasGoneOn,
      acknowledged: this.acknowledged,
      isAnswered: sender.peer.lastAck >= 1 && sender.lastAck < 1,
    };
  }
}

/** Bytes of the segment that had been sent before: a repeat may bring new ones with them. */
function repeated({ t: { seq, previousSndNxt }, view: { payloadLength } }: Inspection): number {
  const before = previousSndNxt - seq;
  return before > 0 ? Math.min(payloadLength, before) : payloadLength;
}

/** Between which points of view packets of this end were lost. */
function placesOf({ connection: { views }, isClient }: Endpoint): EpisodeValues['places'] {
  if (views === null) return [];
  const path = views.path();
  return views.losses.flatMap(({ from, to, packets }) => {
    const [first, next] = [path.indexOf(from), path.indexOf(to)];
    if (first < 0 || next < 0 || first < next !== isClient) return [];
    return [{ from: from.name, to: to.name, packets }];
  });
}

/** The packet is cut (snaplen) where one with the same header and a D-SACK more would be. */
function isTooShort({ payloadOffset, recordOffset, capturedLength, originalLength }: SegmentView): boolean {
  return capturedLength < originalLength && payloadOffset - recordOffset + DSACK_LENGTH > capturedLength;
}

/** The capture was made where the sender is. */
function isBeside(sender: Endpoint): boolean {
  return positionOf(sender.connection) !== null && !isAway(sender);
}

/** How much longer (ns) a repair takes for the sender than it seems here: from here to it and back. */
function wayToSender({ connection, role, peer }: Endpoint): number {
  if (positionOf(connection) === role) return 0;
  return Math.max(answerTime(peer.peer), 0);
}
