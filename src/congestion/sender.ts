import { answerTime, roundTrip } from '../model/capture-position.ts';
import {
  Algorithm,
  append,
  type CongestionEpisode,
  CongestionState,
  Phase,
  Trigger,
  Vantage,
} from '../model/congestion.ts';
import type { Endpoint } from '../model/connection.ts';
import { ECE } from '../model/flags.ts';
import type { OutboundView } from '../model/outbound.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { INITIAL_WINDOW } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Kind, type Verdict } from '../model/verdict.ts';
import { Bottleneck } from './bottleneck.ts';
import { type Controller, Told, Usage } from './controller.ts';
import { Heard, HeardQueue } from './heard.ts';
import { Identity } from './identity.ts';
import { type Given, Models, NOTHING_GIVEN } from './models.ts';
import { Pauses, type Pausing } from './pauses.ts';
import { Undo } from './undo.ts';
import { WindowObserver } from './window-observer.ts';

/** An episode with the windows of every model: which of them is right is known in the end. */
interface Recorded extends CongestionEpisode {
  readonly byModel: { before: number; ssthreshBefore: number; ssthreshAfter: number }[];
}

/** A tail loss probe: what it repeats ends at `end`; when it was sent, and when that was acknowledged (frame 0 not yet). */
interface Probe {
  readonly end: number;
  readonly time: number;
  readonly frame: number;
  ackTime: number;
  ackFrame: number;
}

/** Where a sender is in its recovery. CWR: the window is being reduced for a congestion mark (RFC 3168). */
const Stage = { OPEN: 0, CWR: 1, RECOVERY: 2, LOSS: 3 } as const;

/** RFC 5681 section 3.2 and RFC 6675 section 2, DupThresh. */
const DUP_THRESH = 3;
/** RFC 9293 section 3.7.1, and the largest on Ethernet: without the MSS option, what is seen counts. */
const DEFAULT_MSS = 536;
const ETHERNET_MSS = 1460;
/** A point of capture this close to one end, as a share of the round trip, is taken to be at it. */
const AT_SENDER = 0.1;
const AT_RECEIVER = 0.1;
/** Confidence is multiplied by these where the sender's view has to be worked out. */
const ON_PATH_TRUST = 0.6;
const AT_RECEIVER_TRUST = 0.5;
/** A flight of this share of the window waits for the window: the rest is being sent, or kept for a larger burst. */
const NEARLY = 0.85;
/** Less in flight than this share of the window, with the application to blame. */
const UNUSED = 0.5;
/** A segment of this share of SMSS is a full one: options may take the rest. */
const FULL = 0.9;
/** An ACK that nothing has echoed for so long, beside two ways to the sender, has arrived without an answer (ns). */
const LONGEST_ECHO = 200e6;
/** A round of so many segments may show a clock of the sender's own. */
const TELLING_ROUND = 4;

const NOTHING: readonly never[] = [];

const told = new Told();
const usage = new Usage();
const immediate = new Heard();

/** What a sender is replayed with from when it has more than half its initial window under way: less changes nothing. */
class Replay {
  readonly models: Models;
  readonly observer = new WindowObserver();
  readonly bottleneck = new Bottleneck();

  constructor(models: Models) {
    this.models = models;
  }
}

/**
 * Replays one sender: turns what passed the capture into events for the models, in the order in which the sender met them, and
 * corrects the models by what it then sent.
 */
export class SenderReplay extends CongestionState implements Pausing {
  private readonly outbound: OutboundView;
  private replay: Replay | null = null;
  private readonly initialWindow: number;
  private readonly takenForGiven: Given;
  private readonly pauses: Pauses;
  /** Null until it has shown enough. */
  private identity: Identity | null = null;
  /** Null before the first episode. */
  private undo: Undo | null = null;

  /** No MSS option was seen: the largest payload counts. */
  private readonly isMssGuessed: boolean;

  private isConcluded = false;

  private stage: number = Stage.OPEN;
  /** Offset whose acknowledgement ends the episode. */
  private recover = 0;
  private episode: Recorded | null = null;
  /** A tail loss probe that awaits its answer. */
  private probe: Probe | null = null;

  // As the sender knows them: left edge, SND.NXT, right edge of the peer's window (-1 unknown), bytes outstanding.
  private una = 0;
  private sndNxt = 0;
  private edge = -1;
  private outstanding = 0;
  /** Segments in flight after the latest event. */
  private inFlight = 0;
  /** Retransmitted bytes of the episode that are still under way. */
  private retransOut = 0;
  /** Without SACK: segments that duplicate ACKs say have arrived above the left edge. */
  private sackedOut = 0;
  /** Segments that the latest ACK delivered, and whether it opened the window. */
  private delivered = 0;
  private hasGrown = false;

  /** `outbound.scoreboard.outstanding` after the latest segment, to see what the next one changes. */
  private seen = 0;
  /** ACKs that have passed the capture but not arrived; null while the capture is at the sender. */
  private queue: HeardQueue | null = null;
  /** The event that is taken: time (ns) and frame. */
  now = Number.NaN;
  private frame = 0;
  /** From the capture to the sender and back (ns), 0 at the sender; and the round trip as the sender sees it, 0 unknown. */
  private delay = Number.NaN;
  srtt = Number.NaN;
  /** NaN before the first segment. */
  private lastSent = Number.NaN;

  constructor(endpoint: Endpoint, view: SegmentView, initialWindow = INITIAL_WINDOW, given: Given = NOTHING_GIVEN) {
    super(endpoint);
    this.outbound = endpoint.outbound!;
    this.takenForGiven = given;
    this.given = given.algorithm;
    this.initialWindow = initialWindow;
    this.smss = senderMss(endpoint);
    this.isMssGuessed = endpoint.peer.mss <= 0;
    this.una = Math.max(endpoint.sndUna, 0);
    this.sndNxt = endpoint.sndNxt;
    this.seen = this.outbound.scoreboard.outstanding;
    this.outstanding = this.sndNxt - this.una;
    this.delay = 0;
    this.srtt = 0;
    this.now = view.time;
    this.frame = view.frame;
    this.locate();
    this.pauses = new Pauses(this, view.frame);
  }

  /** Whatever is out of the ordinary begins the replay. */
  private get awake(): Replay {
    if (this.replay === null) {
      const { endpoint } = this;
      const sack = endpoint.sackPermitted && endpoint.peer.sackPermitted;
      this.replay = new Replay(new Models(this.initialWindow, sack, this.takenForGiven));
    }
    return this.replay;
  }

  /** A segment of this sender that takes sequence space. */
  departs(t: TrackedSegment, view: SegmentView, verdict: Verdict | null): void {
    this.seen = this.outbound.scoreboard.outstanding;
    if (this.queue !== null) this.arrive(this.queue, view);
    this.now = view.time;
    this.passTime(view.frame, verdict === null ? Cause.NONE : verdict.cause);
    if (this.isMssGuessed && view.payloadLength > this.smss) this.smss = Math.min(view.payloadLength, ETHERNET_MSS);
    if (verdict !== null && verdict.kind === Kind.RETRANSMISSION && t.seq < this.sndNxt) this.repeats(t, view, verdict);
    else if (this.outstanding === 0) {
      const idle = view.time - this.lastSent;
      if (idle > 0) this.resumes(idle);
    }
    const isNew = t.end > this.sndNxt;
    if (isNew) {
      this.outstanding += t.end - this.sndNxt;
      this.sndNxt = t.end;
    }
    this.lastSent = view.time;
    this.countFlight();
    if (this.replay === null && 2 * this.inFlight <= this.initialWindow) return;
    const { models, observer } = this.awake;
    observer.sends(view, t.end - t.seq >= FULL * this.smss);
    if (this.stage === Stage.OPEN) {
      // More is in flight than a model allows: its window is larger than it knew.
      if (!(this.inFlight <= models.least)) models.raise(this.inFlight);
    } else if (this.stage !== Stage.LOSS) this.raiseInRecovery(isNew);
  }

  private resumes(idle: number): void {
    if (this.replay === null) return;
    const { models } = this.replay;
    for (const m of models.all) m.resumed(idle, this.outbound.rtt.rto);
    models.noteLeast();
  }

  private raiseInRecovery(isNew: boolean): void {
    const { models } = this.awake;
    for (const m of models.all) m.sentInRecovery(1);
    if (this.stage === Stage.RECOVERY && isNew) models.raiseInRecovery(this.toSegments(this.pipe()));
  }

  private repeats(t: TrackedSegment, view: SegmentView, verdict: Verdict): void {
    switch (verdict.cause) {
      case Cause.FAST:
        this.repeatsFast(t, view);
        break;
      case Cause.RTO:
        this.timesOut();
        break;
      case Cause.TLP:
        this.probe = { end: this.sndNxt, time: this.now, frame: this.frame, ackTime: this.now, ackFrame: 0 };
        break;
    }
    if (this.stage === Stage.OPEN || this.episode === null) return;
    this.retransOut += t.end - t.seq;
    this.undo?.repeats(t.end, view.options & Option.TIMESTAMPS ? view.tsVal : -1);
    this.episode.retransmissions++;
  }

  private repeatsFast(t: TrackedSegment, view: SegmentView): void {
    if (this.stage === Stage.LOSS) return;
    if (this.stage === Stage.RECOVERY) {
      this.tell();
      for (const m of this.awake.models.all) m.lossRepeated(told);
      return;
    }
    this.begin(Trigger.FAST, Stage.RECOVERY, this.sndNxt);
    this.tell();
    told.byAck = this.hasGrown && this.awake.observer.isAnswer(view);
    for (const m of this.awake.models.all) m.lossDetected(told);
    this.noteReduction();
    // The ACK of the original crosses the retransmission.
    if (t.end <= this.una && view.options & Option.TIMESTAMPS) this.takeBack();
  }

  private timesOut(): void {
    // RFC 5681 section 3.1: ssthresh is left alone when the retransmission of what was sent again is lost.
    const lasts = this.stage !== Stage.OPEN && this.una < this.recover;
    const again = lasts && !(this.stage === Stage.LOSS && this.outbound.timeouts <= 1);
    if (this.stage === Stage.LOSS && lasts) this.episode!.timeouts++;
    else {
      this.begin(Trigger.TIMEOUT, Stage.LOSS, this.sndNxt);
      this.episode!.timeouts = 1;
    }
    this.recover = this.sndNxt;
    this.retransOut = 0;
    this.tell();
    told.pipe = 0;
    for (const m of this.awake.models.all) m.timedOut(told, again);
    this.noteReduction();
  }

  private begin(trigger: number, stage: number, recover: number): void {
    const { frame, now: time } = this;
    const { models, observer } = this.awake;
    models.part();
    const model = models.best;
    const wasReducing = this.stage === Stage.CWR;
    this.endEpisode();
    this.identity ??= new Identity(this.endpoint.peer.sackPermitted);
    const outstanding = this.toSegments(this.sndNxt - this.una);
    // RFC 3168 section 6.1.2: what is lost of a window that is being reduced for a mark reduces it no further.
    if (!wasReducing) this.identity.loses(this.inFlight, outstanding, this.pipeOfLoss(), models.least, model.cwnd);
    if (stage === Stage.LOSS) this.identity.restarts();
    this.undo ??= new Undo();
    this.undo.begin(this.una, this.toSegments(this.retransOut));
    observer.round.free = false;
    this.stage = stage;
    this.recover = recover;
    this.retransOut = 0;
    this.episode = {
      trigger,
      startFrame: frame,
      startTime: time,
      endFrame: 0,
      endTime: time,
      retransmissions: 0,
      timeouts: 0,
      needless: 0,
      cwndBefore: model.cwnd,
      ssthreshBefore: model.ssthresh,
      ssthreshAfter: model.ssthresh,
      undone: false,
      byModel: models.all.map((m) => ({ before: m.cwnd, ssthreshBefore: m.ssthresh, ssthreshAfter: m.ssthresh })),
    };
    this.episodes = append(this.episodes, this.episode);
  }

  private noteReduction(): void {
    const { byModel } = this.episode!;
    const { all } = this.awake.models;
    for (let i = 0; i < byModel.length; i++) byModel[i].ssthreshAfter = all[i].ssthresh;
  }

  private endEpisode(): void {
    this.stage = Stage.OPEN;
    if (this.episode === null) return;
    this.episode.endFrame = this.frame;
    this.episode.endTime = this.now;
    this.episode = null;
  }

  /** The peer's segment `t` acknowledges something, or repeats what it had acknowledged. */
  hears(t: TrackedSegment, view: SegmentView): void {
    const { effect } = t;
    const { scoreboard } = this.outbound;
    this.locate();
    const heard = this.queue === null ? immediate : this.queue.add();
    heard.time = view.time;
    heard.frame = view.frame;
    heard.ack = t.ack;
    heard.delivered = Math.max(this.seen - scoreboard.outstanding, 0);
    heard.newlySacked = effect.newlySacked;
    heard.advances = effect.advanced > 0;
    heard.duplicate = effect.duplicate;
    heard.dsack = effect.dsack;
    heard.dsackEnd = effect.dsackEnd;
    heard.ece = (view.flags & ECE) !== 0;
    const stamped = (view.options & Option.TIMESTAMPS) !== 0;
    heard.tsVal = stamped ? view.tsVal : -1;
    heard.tsEcr = stamped ? view.tsEcr : -1;
    heard.rtt = effect.frame > 0 ? view.time - effect.time + this.delay : Number.NaN;
    heard.edge = this.endpoint.peer.windowEdge;
    this.seen = scoreboard.outstanding;
    if (this.queue !== null) return;
    this.now = view.time;
    this.take(heard);
  }

  /** Where the capture was made: how long an ACK takes from there to the sender, and its answer back. */
  private locate(): void {
    const { min: minRtt, srtt } = this.outbound.rtt;
    const back = answerTime(this.endpoint);
    this.srtt = srtt < 0 ? 0 : srtt + this.delay;
    if (minRtt < 0 || back < 0) return;
    const all = minRtt + back;
    if (back <= AT_SENDER * all) {
      this.vantage = Vantage.SENDER;
      return;
    }
    this.vantage = minRtt <= AT_RECEIVER * all ? Vantage.RECEIVER : Vantage.PATH;
    this.queue ??= new HeardQueue();
    this.delay = back;
  }

  /**
   * ACKs that had arrived at the sender before it sent `view` take effect: those that its timestamp echoes (RFC 7323), or without
   * one those that passed here long enough before.
   */
  private arrive(queue: HeardQueue, view: SegmentView): void {
    const stamped = (view.options & Option.TIMESTAMPS) !== 0;
    for (let heard = queue.oldest; heard !== null; heard = queue.oldest) {
      const age = view.time - heard.time;
      const isEchoed = stamped && heard.tsVal >= 0 && age <= LONGEST_ECHO + 2 * this.delay;
      if (isEchoed ? ((heard.tsVal - view.tsEcr) | 0) > 0 : age < this.delay) return;
      // After an ACK of everything the sender was free to wait.
      const isAnswer = isEchoed && heard.ack < this.sndNxt;
      this.now = isAnswer ? view.time : Math.max(heard.time + this.delay, this.pauses.lastTime);
      this.take(heard);
      queue.drop();
    }
  }

  /** A segment of this sender without data tells what had arrived by then. */
  echoes(view: SegmentView): void {
    if (this.queue !== null) this.arrive(this.queue, view);
  }

  private take(heard: Heard): void {
    this.passTime(heard.frame, Cause.NONE);
    this.edge = heard.edge;
    if (this.replay === null && this.probe === null && isPlain(heard)) {
      this.settles(heard);
      this.countFlight();
      return;
    }
    const { models, observer, bottleneck } = this.awake;
    usage.now = this.now;
    usage.inFlight = this.inFlight;
    usage.una = this.una;
    usage.sndNxt = this.sndNxt;
    usage.rto = this.outbound.rtt.rto;
    usage.isFree = this.stage === Stage.OPEN && !this.reachesEdge();
    if (observer.hasSent && this.stage !== Stage.RECOVERY) {
      usage.outstanding = this.toSegments(this.sndNxt - this.una);
      models.used(usage);
    }
    observer.hears(usage);
    if (observer.shown > 0) models.lower(observer.shown, observer.isLevel);
    if (observer.isRoundOver) this.endRound(observer);

    this.settles(heard);
    if (this.retransOut > 0)
      this.retransOut -= Math.min(this.retransOut, Math.max(heard.delivered - heard.newlySacked, 0));
    this.delivered = this.toSegments(heard.delivered);
    if (this.outbound.scoreboard.highSacked === 0) this.countArrived(heard);
    this.tell();
    told.bytes = heard.delivered;
    told.rtt = heard.rtt;
    observer.round.hears(this.delivered, heard.advances, heard.ece, heard.rtt);
    bottleneck.note(told);
    this.proceed(heard, models);
    this.countFlight();
    models.noteLeast();
  }

  /** What an ACK takes out of the flight. */
  private settles(heard: Heard): void {
    if (heard.ack > this.una) this.una = Math.min(heard.ack, this.sndNxt);
    this.outstanding = Math.min(Math.max(this.outstanding - heard.delivered, 0), this.sndNxt - this.una);
  }

  /** The peer's window lets no more than a segment go. */
  private reachesEdge(): boolean {
    return this.edge >= 0 && this.edge - this.sndNxt < 2 * this.smss;
  }

  private endRound(observer: WindowObserver): void {
    if (this.identity === null && observer.round.sent >= TELLING_ROUND)
      this.identity = new Identity(this.endpoint.peer.sackPermitted);
    this.identity?.round(observer.round, observer.showsRound, observer.isLevelRound, this.now);
    const { models } = this.awake;
    models.count(observer.gain, observer.round);
    if (this.identity !== null) this.identity.evidence.counting = models.counting;
    observer.next(usage);
  }

  private proceed(heard: Heard, models: Models): void {
    const { stage, episodes } = this;
    this.hasGrown = false;
    if (heard.dsack && episodes.length > 0) episodes[episodes.length - 1].needless++;
    const repairing = stage === Stage.RECOVERY || stage === Stage.LOSS;
    if (
      this.undo?.isNeedless(heard, repairing, stage === Stage.LOSS, this.recover, this.outbound.scoreboard.highSacked)
    )
      this.takeBack();
    if (this.probe !== null) this.answersProbe(heard, this.probe);
    if (this.stage === Stage.RECOVERY || this.stage === Stage.CWR) {
      if (this.isRepaired()) this.recovers();
      else if (this.delivered > 0)
        for (const m of models.all) m.acknowledgedInRecovery(told, heard.advances && stage === Stage.RECOVERY);
    } else if (this.stage === Stage.LOSS) {
      if (this.una >= this.recover) this.endEpisode();
      if (this.delivered > 0) models.grow(told);
    } else if (heard.advances && !heard.ece && !this.tellsOfLoss()) {
      models.grow(told);
      this.hasGrown = true;
    }
    if (heard.ece && this.stage === Stage.OPEN) this.answersMark();
  }

  /** With SACK the ACK of all that was outstanding is enough; without, and for marks, something after it (RFC 6582 section 6). */
  private isRepaired(): boolean {
    const strict = this.stage === Stage.CWR || !this.endpoint.peer.sackPermitted;
    return strict ? this.una > this.recover : this.una >= this.recover;
  }

  private recovers(): void {
    for (const m of this.awake.models.all) m.recovered(told);
    this.sackedOut = 0;
    this.endEpisode();
    this.identity?.recovers(this.now);
    this.awake.observer.next(told);
  }

  private answersMark(): void {
    this.begin(Trigger.ECN, Stage.CWR, this.sndNxt);
    for (const m of this.awake.models.all) m.marked(told);
    this.noteReduction();
    this.undo?.forbid();
  }

  /** The latest reduction was needless. */
  private takeBack(): void {
    for (const m of this.awake.models.all) m.undone();
    this.identity?.excuses(this.now);
    this.undo?.forbid();
    if (this.episodes.length > 0) this.episodes[this.episodes.length - 1].undone = true;
    this.endEpisode();
  }

  /** RFC 6675 section 4, DupThresh: enough lies above the left edge to take what is missing for lost. */
  private tellsOfLoss(): boolean {
    return this.sndNxt - this.una - this.outstanding > (DUP_THRESH - 1) * this.smss;
  }

  /** RFC 8985 section 7.4: an ACK beyond the probe without a D-SACK shows that the probe repaired a loss. */
  private answersProbe(heard: Heard, probe: Probe): void {
    if (this.stage !== Stage.OPEN || heard.dsack) {
      this.probe = null;
      return;
    }
    if (heard.ack >= probe.end && probe.ackFrame === 0) {
      probe.ackTime = this.now;
      probe.ackFrame = this.frame;
    }
    if (heard.ack <= probe.end) return;
    this.probe = null;
    this.begin(Trigger.TAIL_LOSS_PROBE, Stage.CWR, heard.ack);
    const episode = this.episode!;
    for (const m of this.awake.models.all) m.lossDetected(told);
    this.noteReduction();
    this.recovers();
    // It is known only now, but was repaired before.
    episode.startFrame = probe.frame;
    episode.startTime = probe.time;
    episode.endFrame = probe.ackFrame;
    episode.endTime = probe.ackTime;
    episode.retransmissions = 1;
  }

  /** Time passes until the event `now`, which is at `frame`. */
  private passTime(frame: number, cause: number): void {
    this.pauses.pass(frame, cause);
    this.frame = frame;
  }

  get isWaiting(): boolean {
    return this.outstanding > 0;
  }

  get timeout(): number {
    return this.outbound.rtt.rto + this.delay;
  }

  private get isRepairing(): boolean {
    const isProbing = this.probe !== null && this.probe.ackFrame === 0;
    return isProbing || this.stage === Stage.RECOVERY || this.stage === Stage.LOSS;
  }

  get isHeldByReceiver(): boolean {
    return !this.isRepairing && this.reachesEdge();
  }

  get isHeldByApplication(): boolean {
    if (this.isRepairing || this.reachesEdge()) return false;
    if (this.replay === null) return true;
    return !this.identity?.rateBased.paces && this.inFlight < NEARLY * this.replay.models.best.cwnd - 1;
  }

  private toSegments(bytes: number): number {
    return Math.ceil(bytes / this.smss - 1e-6);
  }

  /** Each duplicate ACK stands for one segment; the ACK that fills the hole eats them up, but for the hole itself. */
  private countArrived(heard: Heard): void {
    if (heard.duplicate) {
      this.sackedOut++;
      this.delivered = 1;
    } else if (this.sackedOut > 0 && this.delivered > 0) {
      const known = Math.min(this.delivered - 1, this.sackedOut);
      this.sackedOut = this.stage === Stage.OPEN ? 0 : this.sackedOut - known;
      this.delivered -= known;
    }
  }

  private countFlight(): void {
    const left = this.toSegments(this.outstanding) - this.sackedOut;
    this.inFlight = left > 0 ? left : 0;
  }

  /** RFC 6675 section 4: bytes that are neither delivered nor lost, and what was sent again. */
  private pipe(): number {
    const { outstanding } = this;
    const { highSacked } = this.outbound.scoreboard;
    if (this.stage === Stage.OPEN || this.stage === Stage.CWR)
      return Math.max(outstanding - this.sackedOut * this.smss, 0);
    if (this.stage === Stage.LOSS)
      return Math.max(this.sndNxt - this.recover, 0) + Math.min(this.retransOut, outstanding);
    if (highSacked === 0) return Math.max(outstanding - this.sackedOut * this.smss, 0);
    const above = Math.min(Math.max(this.sndNxt - Math.max(highSacked, this.una), 0), outstanding);
    return above + Math.min(outstanding - above, this.retransOut);
  }

  /** Segments under way above all that has arrived: what is missing below is taken for lost. */
  private pipeOfLoss(): number {
    const { highSacked } = this.outbound.scoreboard;
    if (highSacked <= this.una) return this.inFlight;
    return Math.min(this.toSegments(Math.max(this.sndNxt - highSacked, 0)), this.inFlight);
  }

  private tell(): void {
    told.now = this.now;
    told.delivered = this.delivered;
    told.pipe = this.toSegments(this.pipe());
    told.rtt = Number.NaN;
    told.byAck = false;
    told.una = this.una;
    told.sndNxt = this.sndNxt;
    told.srtt = this.srtt;
  }

  refresh(): void {
    const { replay } = this;
    this.minRtt = this.outbound.rtt.min < 0 ? Number.NaN : roundTrip(this.endpoint);
    this.flightSize = Math.max(this.pipe(), 0);
    if (replay === null) {
      this.cwnd = this.initialWindow;
      this.phase = this.reachesEdge() ? Phase.SLOW_START : Phase.APP_LIMITED;
      this.confidence = 0;
    } else this.refreshFrom(replay);
    if (!this.endpoint.peer.seen) this.knowNothing();
  }

  /** One direction only: without a single ACK nobody can tell what the sender was allowed, nor what held it back. */
  private knowNothing(): void {
    this.algorithm = this.runnerUp = Algorithm.UNKNOWN;
    this.confidence = 0;
    this.cwnd = Number.NaN;
    this.ssthresh = Number.POSITIVE_INFINITY;
    this.phase = Phase.UNKNOWN;
    this.flightSize = Number.NaN;
    if (!this.isConcluded) return;
    this.bottleneckRate = Number.NaN;
    this.episodes = this.stalls = NOTHING;
  }

  private refreshFrom({ models, observer }: Replay): void {
    const { given } = this;
    const byName = given !== Algorithm.UNKNOWN && given !== Algorithm.BBR;
    const model = (byName && models.all.find((m) => m.algorithm === given)) || models.best;
    this.cwnd = model.cwnd;
    this.ssthresh = model.ssthresh;
    this.phase = this.phaseOf(model, observer.round.peak);
    this.name(models, observer);
    if (byName) this.algorithm = given;
    if (given === Algorithm.BBR || this.algorithm === Algorithm.BBR) this.takeForRateBased();
    this.confidence *= this.trust();
  }

  private name(models: Models, observer: WindowObserver): void {
    const { identity } = this;
    // Begun in the middle, or with rounded times: what the sender answers tells where the capture was made.
    if (this.vantage === Vantage.UNKNOWN && (identity?.rateBased.answersAtOnce || observer.silences.areAnswered))
      this.vantage = Vantage.SENDER;
    const isAtSender = this.vantage === Vantage.SENDER;
    if (identity !== null && this.vantage !== Vantage.UNKNOWN)
      identity.judge(models, this.endpoint.dataPackets, this.episodes.length, isAtSender);
    this.algorithm = identity?.algorithm ?? Algorithm.UNKNOWN;
    this.runnerUp = identity?.runnerUp ?? Algorithm.UNKNOWN;
    this.confidence = identity?.confidence ?? 0;
  }

  /** Its window is twice the bandwidth-delay product, and it has no ssthresh. */
  private takeForRateBased(): void {
    this.algorithm = Algorithm.BBR;
    if (this.identity !== null) this.cwnd = this.identity.rateBased.window(this.minRtt);
    this.ssthresh = Number.POSITIVE_INFINITY;
  }

  private trust(): number {
    // Without a round trip of either end nothing tells where the capture was made.
    if (this.vantage === Vantage.PATH || this.vantage === Vantage.UNKNOWN) return ON_PATH_TRUST;
    return this.vantage === Vantage.RECEIVER ? AT_RECEIVER_TRUST : 1;
  }

  private phaseOf(model: Controller, peak: number): number {
    if (this.stage === Stage.RECOVERY && model.algorithm !== Algorithm.TAHOE) return Phase.FAST_RECOVERY;
    if (this.stage === Stage.LOSS) return Phase.LOSS_RECOVERY;
    if (peak > 0 && peak < UNUSED * model.cwnd && this.inFlight < UNUSED * model.cwnd && !this.reachesEdge())
      return Phase.APP_LIMITED;
    return model.cwnd < model.ssthresh ? Phase.SLOW_START : Phase.CONGESTION_AVOIDANCE;
  }

  /** The input has ended; the connection's last packet was at `end` (ns since the first record). Only the first call counts. */
  conclude(end: number): void {
    if (this.isConcluded) return;
    this.isConcluded = true;
    this.takeAll();
    if (this.outstanding > 0 && end > this.pauses.lastTime) {
      this.now = end;
      this.passTime(this.frame, Cause.NONE);
    }
    this.identity?.evidence.judgeGrowth();
    if (this.replay !== null) this.bottleneckRate = this.replay.bottleneck.rate;
    this.refresh();
    this.settleEpisodes();
  }

  /** Gives the episodes the windows of the model that turned out to fit best. */
  private settleEpisodes(): void {
    if (this.episodes.length === 0) return;
    const { all, fit } = this.awake.models;
    const named = all.findIndex((m) => m.algorithm === this.algorithm);
    const best = named >= 0 ? named : (fit?.best ?? 0);
    for (const episode of this.episodes as readonly Recorded[]) {
      const figures = episode.byModel[best];
      episode.cwndBefore = figures.before;
      episode.ssthreshBefore = figures.ssthreshBefore;
      episode.ssthreshAfter = figures.ssthreshAfter;
      if (this.algorithm === Algorithm.BBR) forgetWindows(episode);
    }
  }

  private takeAll(): void {
    const { queue } = this;
    if (queue === null) return;
    for (let heard = queue.oldest; heard !== null; heard = queue.oldest) {
      this.now = Math.max(heard.time + this.delay, this.pauses.lastTime);
      this.take(heard);
      queue.drop();
    }
  }
}

/** A sender that keeps to a rate has no such windows. */
function forgetWindows(episode: CongestionEpisode): void {
  episode.cwndBefore = Number.NaN;
  episode.ssthreshBefore = episode.ssthreshAfter = Number.POSITIVE_INFINITY;
}

/** It acknowledges what is new or nothing at all, and tells nothing else. */
function isPlain(heard: Heard): boolean {
  return !heard.duplicate && heard.newlySacked === 0 && !heard.dsack && !heard.ece;
}

/** Data bytes of a full segment: the peer's MSS less the options that every segment carries (RFC 9293 section 3.7.1). */
function senderMss(endpoint: Endpoint): number {
  const { peer } = endpoint;
  if (peer.mss <= 0) return DEFAULT_MSS;
  const own = endpoint.mss > 0 ? Math.min(endpoint.mss, peer.mss) : peer.mss;
  return Math.max(own - (endpoint.timestamps && peer.timestamps ? 12 : 0), 64);
}
