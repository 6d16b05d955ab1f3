import { Trigger, Vantage } from '../model/congestion.ts';
import type { Endpoint } from '../model/connection.ts';
import { Ca, type OutboundView } from '../model/outbound.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { INITIAL_WINDOW } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Kind, type Verdict } from '../model/verdict.ts';
import { Arrivals } from './arrivals.ts';
import { Told, Usage } from './controller.ts';
import { Episodes, type Probe } from './episodes.ts';
import { SenderFigures } from './figures.ts';
import type { Heard } from './heard.ts';
import { Identity } from './identity.ts';
import { type Given, Models, NOTHING_GIVEN } from './models.ts';
import { Pauses, type Pausing } from './pauses.ts';
import type { RecoveryWindow } from './recovery-window.ts';
import { Replay } from './replay.ts';
import { SenderView } from './sender-view.ts';
import { largerMss, senderMss } from './smss.ts';
import { Undo } from './undo.ts';
import type { WindowObserver } from './window-observer.ts';

/** A flight of this share of the window waits for the window: the rest is being sent, or kept for a larger burst. */
const NEARLY = 0.85;
/** A segment of this share of SMSS is a full one: options may take the rest. */
const FULL = 0.9;
/** A round of so many segments may show a clock of the sender's own. */
const TELLING_ROUND = 4;

/** Where the data begins: after the SYN, or with the first byte that was captured. */
const FIRST_BYTE = 1;

const told = new Told();
const usage = new Usage();

/**
 * Replays one sender: turns what passed the capture into events for the models, in the order in which the sender met them, and
 * corrects the models by what it then sent.
 */
export class SenderReplay extends SenderFigures implements Pausing {
  private readonly outbound: OutboundView;
  protected readonly view: SenderView;
  protected readonly losses: Episodes;
  private readonly arrivals: Arrivals;
  private readonly pauses: Pauses;
  private readonly takenForGiven: Given;
  protected readonly initialWindow: number;
  protected replay: Replay | null = null;
  protected identity: Identity | null = null;
  /** Null before the first episode. */
  private undo: Undo | null = null;
  /** A tail loss probe that awaits its answer. */
  private probe: Probe | null = null;
  protected isConcluded = false;

  /** No MSS option was seen: the largest payload counts. */
  private readonly isMssGuessed: boolean;
  /** The latest ACK opened the window. */
  private hasGrown = false;
  /** The event that is taken: time (ns) and frame. */
  now: number;
  frame: number;
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
    this.view = new SenderView(this, endpoint);
    this.losses = new Episodes(this);
    this.arrivals = new Arrivals(this, endpoint);
    this.now = view.time;
    this.frame = view.frame;
    this.pauses = new Pauses(this, view.frame);
  }

  get isSettled(): boolean {
    return false;
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
  departs(t: TrackedSegment, segment: SegmentView, verdict: Verdict | null): void {
    const { view, losses } = this;
    this.arrivals.passes();
    if (this.arrivals.isWaiting) this.arrive(segment);
    this.now = segment.time;
    this.passTime(segment.frame, verdict === null ? Cause.NONE : verdict.cause);
    if (this.isMssGuessed) this.smss = largerMss(this.smss, segment.payloadLength);
    if (verdict !== null && verdict.kind === Kind.RETRANSMISSION && t.seq < view.sndNxt)
      this.repeats(t, segment, verdict);
    else if (view.outstanding === 0) {
      const idle = segment.time - this.lastSent;
      if (idle > 0) this.resumes(idle);
    }
    const isNew = t.end > view.sndNxt;
    if (isNew) view.sends(t.end);
    this.lastSent = segment.time;
    view.countFlight();
    if (this.replay === null && 2 * view.inFlight <= this.initialWindow) return;
    const { models, observer, recovery } = this.awake;
    observer.sends(segment, t.end - t.seq >= FULL * this.smss);
    if (losses.isOpen) {
      // More is in flight than a model allows: its window is larger than it knew.
      if (!(view.inFlight <= models.least)) models.raise(view.inFlight);
    } else if (losses.ca !== Ca.LOSS) this.raiseInRecovery(isNew, recovery);
  }

  private resumes(idle: number): void {
    if (this.replay === null) return;
    const { models } = this.replay;
    for (const m of models.all) m.resumed(idle, this.outbound.rtt.rto);
    models.noteLeast();
  }

  private raiseInRecovery(isNew: boolean, recovery: RecoveryWindow): void {
    const { models } = this.awake;
    for (const m of models.all) m.sentInRecovery(1);
    if (this.losses.ca !== Ca.RECOVERY) return;
    const pipe = this.pipe();
    recovery.sends(pipe);
    if (isNew) models.raiseInRecovery(pipe);
  }

  private repeats(t: TrackedSegment, segment: SegmentView, verdict: Verdict): void {
    const { view, losses } = this;
    // It was sent before the capture began: nothing tells of the window from which it was lost.
    if (t.end <= FIRST_BYTE) return;
    switch (verdict.cause) {
      case Cause.FAST:
        this.repeatsFast(t, segment);
        break;
      case Cause.RTO:
        this.timesOut();
        break;
      case Cause.TLP:
        this.probe = { end: view.sndNxt, time: this.now, frame: this.frame, ackTime: this.now, ackFrame: 0 };
        break;
    }
    if (losses.isOpen || losses.current === null) return;
    view.retransOut += t.end - t.seq;
    this.undo?.repeats(t.seq, t.end, segment.options & Option.TIMESTAMPS ? segment.tsVal : -1);
    losses.current.retransmissions++;
  }

  private repeatsFast(t: TrackedSegment, segment: SegmentView): void {
    const { view, losses } = this;
    if (losses.ca === Ca.LOSS) return;
    if (losses.ca === Ca.RECOVERY) {
      this.tell();
      for (const m of this.awake.models.all) m.lossRepeated(told);
      return;
    }
    this.begin(Trigger.FAST, Ca.RECOVERY, view.sndNxt);
    this.tell();
    told.byAck = this.hasGrown && this.awake.observer.isAnswer(segment);
    for (const m of this.awake.models.all) m.lossDetected(told);
    losses.noteReduction(this.awake.models);
    // The ACK of the original crosses the retransmission.
    if (t.end <= view.una && segment.options & Option.TIMESTAMPS) this.takeBack();
  }

  /** Of a sender that was met in its middle more may be outstanding than was seen, until something of that is acknowledged. */
  private get isFlightKnown(): boolean {
    return this.endpoint.connection.sawHandshake || this.view.una > FIRST_BYTE;
  }

  private timesOut(): void {
    const { view, losses } = this;
    // RFC 5681 section 3.1: ssthresh is left alone when the retransmission of what was sent again is lost.
    const lasts = !losses.isOpen && view.una < losses.recover;
    const again = lasts && !(losses.ca === Ca.LOSS && this.outbound.timeouts <= 1);
    if (losses.ca === Ca.LOSS && lasts) losses.current!.timeouts++;
    else {
      this.begin(Trigger.TIMEOUT, Ca.LOSS, view.sndNxt);
      losses.current!.timeouts = 1;
    }
    losses.recover = view.sndNxt;
    view.retransOut = 0;
    this.tell();
    told.pipe = 0;
    for (const m of this.awake.models.all) m.timedOut(told, again);
    losses.noteReduction(this.awake.models);
  }

  private begin(trigger: number, ca: number, recover: number): void {
    const { view, losses } = this;
    const { models, observer, recovery } = this.awake;
    models.part();
    recovery.begin();
    const wasReducing = losses.ca === Ca.CWR;
    losses.end(this);
    this.identity ??= new Identity(this.endpoint.peer.sackPermitted);
    // RFC 3168 section 6.1.2: what is lost of a window that is being reduced for a mark reduces it no further.
    if (!wasReducing && this.isFlightKnown)
      this.identity.loses(view.flightOfLoss, view.unacknowledged, view.pipeOfLoss, models.least, models.best.cwnd);
    if (ca === Ca.LOSS) this.identity.restarts();
    this.undo ??= new Undo();
    this.undo.begin(view.una, view.toSegments(view.retransOut));
    observer.round.free = false;
    view.retransOut = 0;
    view.forgetLoss();
    losses.begin(trigger, ca, recover, this, models);
  }

  /** The peer's segment `t` acknowledges something, or repeats what it had acknowledged. */
  hears(t: TrackedSegment, segment: SegmentView): void {
    const heard = this.arrivals.hears(t, segment);
    if (heard !== null) this.take(heard);
  }

  /** A segment of this sender without data tells what had arrived by then. */
  echoes(segment: SegmentView): void {
    if (this.arrivals.isWaiting) this.arrive(segment);
  }

  /** ACKs that had arrived at the sender before it sent `segment` take effect. */
  private arrive(segment: SegmentView): void {
    const { arrivals, pauses, view } = this;
    let heard = arrivals.due(segment, view.sndNxt, pauses.lastTime);
    while (heard !== null) {
      this.take(heard);
      arrivals.drop();
      heard = arrivals.due(segment, view.sndNxt, pauses.lastTime);
    }
  }

  private take(heard: Heard): void {
    const { view, losses } = this;
    this.now = heard.arrival;
    this.passTime(heard.frame, Cause.NONE);
    view.edge = heard.edge;
    if (this.replay === null && this.probe === null && isPlain(heard)) {
      view.settles(heard);
      view.countFlight();
      return;
    }
    const { models, observer, bottleneck, recovery } = this.awake;
    usage.now = this.now;
    usage.inFlight = view.inFlight;
    usage.una = view.una;
    usage.sndNxt = view.sndNxt;
    usage.rto = this.outbound.rtt.rto;
    usage.isFree = losses.isOpen && !view.reachesEdge();
    if (losses.ca === Ca.RECOVERY) this.noteRecovery(recovery);
    else if (observer.hasSent) {
      usage.outstanding = view.unacknowledged;
      models.used(usage);
    }
    observer.hears(usage);
    if (observer.shown > 0) models.lower(observer.shown, observer.isLevel);
    if (observer.isRoundOver) this.endRound(observer);

    view.settles(heard);
    view.countDelivered(heard, losses.ca);
    this.tell();
    if (losses.ca === Ca.RECOVERY) recovery.settles(told.delivered, told.pipe);
    told.bytes = heard.delivered;
    told.rtt = heard.rtt;
    observer.round.hears(view.delivered, heard.advances, heard.ece, heard.rtt);
    bottleneck.note(told);
    this.proceed(heard, models);
    view.countFlight();
    if (losses.isOpen) view.noteLoss();
    models.noteLeast();
  }

  /** What the sender does not answer while it repairs losses shows its window. */
  private noteRecovery(recovery: RecoveryWindow): void {
    const { view } = this;
    const wasKnown = recovery.isKnown;
    recovery.hears(this.now, !view.reachesEdge() && !view.repeatsUnlost());
    const identity = this.identity!;
    if (wasKnown || !recovery.isKnown || identity.rateBased.paced) return;
    // Without SACK what is in flight is a guess, and elsewhere than at the sender which ACK it answers is one.
    if (!this.endpoint.peer.sackPermitted || this.vantage !== Vantage.SENDER) return;
    const { least, most } = recovery;
    identity.evidence.holds(least, most);
    this.awake.models.reduceTo(least, most);
    this.losses.noteReduction(this.awake.models);
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
    const { view, losses, undo } = this;
    const { ca, latest } = losses;
    const { highSacked } = this.outbound.scoreboard;
    this.hasGrown = false;
    if (heard.dsack && latest !== null) latest.needless++;
    if (undo?.isNeedless(heard, losses.isRepairing, ca === Ca.LOSS, losses.recover, highSacked)) this.takeBack();
    if (this.probe !== null) this.answersProbe(heard, this.probe);
    if (losses.ca === Ca.RECOVERY || losses.ca === Ca.CWR) {
      if (this.isRepaired()) this.recovers();
      else if (view.delivered > 0)
        for (const m of models.all) m.acknowledgedInRecovery(told, heard.advances && ca === Ca.RECOVERY);
    } else if (losses.ca === Ca.LOSS) {
      if (view.una >= losses.recover) losses.end(this);
      if (view.delivered > 0) models.grow(told);
    } else if (heard.advances && !heard.ece && !view.tellsOfLoss()) {
      models.grow(told);
      this.hasGrown = true;
    }
    if (heard.ece && losses.isOpen) this.answersMark();
  }

  /** With SACK the ACK of all that was outstanding is enough; without, and for marks, something after it (RFC 6582 section 6). */
  private isRepaired(): boolean {
    const { view, losses } = this;
    const strict = losses.ca === Ca.CWR || !this.endpoint.peer.sackPermitted;
    return strict ? view.una > losses.recover : view.una >= losses.recover;
  }

  private recovers(): void {
    for (const m of this.awake.models.all) m.recovered(told);
    this.view.sackedOut = 0;
    this.losses.end(this);
    this.identity?.recovers(this.now);
    this.awake.observer.next(told);
  }

  private answersMark(): void {
    this.begin(Trigger.ECN, Ca.CWR, this.view.sndNxt);
    for (const m of this.awake.models.all) m.marked(told);
    this.losses.noteReduction(this.awake.models);
    this.undo?.forbid();
  }

  /** The latest reduction was needless. */
  private takeBack(): void {
    const { losses } = this;
    for (const m of this.awake.models.all) m.undone();
    this.identity?.excuses(this.now);
    this.undo?.forbid();
    if (losses.latest !== null) losses.latest.undone = true;
    losses.end(this);
  }

  /** RFC 8985 section 7.4: an ACK beyond the probe without a D-SACK shows that the probe repaired a loss. */
  private answersProbe(heard: Heard, probe: Probe): void {
    const { losses } = this;
    if (!losses.isOpen || heard.dsack) {
      this.probe = null;
      return;
    }
    if (heard.ack >= probe.end && probe.ackFrame === 0) {
      probe.ackTime = this.now;
      probe.ackFrame = this.frame;
    }
    if (heard.ack <= probe.end) return;
    this.probe = null;
    this.begin(Trigger.TAIL_LOSS_PROBE, Ca.CWR, heard.ack);
    const episode = losses.current!;
    for (const m of this.awake.models.all) m.lossDetected(told);
    losses.noteReduction(this.awake.models);
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

  get srtt(): number {
    return this.arrivals.srtt;
  }

  get isWaiting(): boolean {
    return this.view.outstanding > 0;
  }

  get timeout(): number {
    return this.outbound.rtt.rto + this.arrivals.delay;
  }

  private get isRepairing(): boolean {
    const isProbing = this.probe !== null && this.probe.ackFrame === 0;
    return isProbing || this.losses.isRepairing;
  }

  get isHeldByReceiver(): boolean {
    return !this.isRepairing && this.view.reachesEdge();
  }

  get isHeldByApplication(): boolean {
    if (this.isRepairing || this.view.reachesEdge()) return false;
    if (this.replay === null) return true;
    return !this.identity?.rateBased.paces && this.view.inFlight < NEARLY * this.replay.models.best.cwnd - 1;
  }

  /** Segments (RFC 6675 section 4). */
  private pipe(): number {
    const { view, losses } = this;
    return view.toSegments(view.pipe(losses.ca, losses.recover));
  }

  private tell(): void {
    const { view } = this;
    told.now = this.now;
    told.delivered = view.delivered;
    told.pipe = this.pipe();
    told.rtt = Number.NaN;
    told.byAck = false;
    told.una = view.una;
    told.sndNxt = view.sndNxt;
    told.srtt = this.srtt;
  }

  /** The input has ended; the connection's last packet was at `end` (ns since the first record). Only the first call counts. */
  conclude(end: number): void {
    if (this.isConcluded) return;
    this.isConcluded = true;
    this.takeAll();
    if (this.view.outstanding > 0 && end > this.pauses.lastTime) {
      this.now = end;
      this.passTime(this.frame, Cause.NONE);
    }
    this.identity?.evidence.endGrowth();
    if (this.replay !== null) this.bottleneckRate = this.replay.bottleneck.rate;
    this.refresh();
    if (this.episodes.length > 0) this.losses.settle(this.awake.models);
  }

  private takeAll(): void {
    const { arrivals, pauses } = this;
    let heard = arrivals.remaining(pauses.lastTime);
    while (heard !== null) {
      this.take(heard);
      arrivals.drop();
      heard = arrivals.remaining(pauses.lastTime);
    }
  }
}

/** It acknowledges what is new or nothing at all, and tells nothing else. */
function isPlain(heard: Heard): boolean {
  return !heard.duplicate && heard.newlySacked === 0 && !heard.dsack && !heard.ece;
}
