import type { Endpoint } from '../model/endpoint.ts';
import { Ca, type OutboundView } from '../model/outbound.ts';
import type { SegmentView } from '../model/segment.ts';
import { INITIAL_WINDOW } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Kind, type Verdict } from '../model/verdict.ts';
import { Arrivals } from './arrivals.ts';
import { Usage } from './controller.ts';
import { Episodes } from './episodes.ts';
import { SenderFigures } from './figures.ts';
import type { Heard } from './heard.ts';
import { Identity } from './identity.ts';
import { type Given, Models, NOTHING_GIVEN } from './models.ts';
import { Pauses, type Pausing } from './pauses.ts';
import { type Reducing, Reductions } from './reductions.ts';
import { Replay } from './replay.ts';
import { SenderView } from './sender-view.ts';
import { largerMss, senderMss } from './smss.ts';
import type { WindowObserver } from './window-observer.ts';

/** A flight of this share of the window waits for the window: the rest is being sent, or kept for a larger burst. */
const NEARLY = 0.85;
/** A segment of this share of SMSS is a full one: options may take the rest. */
const FULL = 0.9;
/** A round of so many segments may show a clock of the sender's own. */
const TELLING_ROUND = 4;

const usage = new Usage();

/**
 * Replays one sender: turns what passed the capture into events for the models, in the order in which the sender met them, and
 * corrects the models by what it then sent.
 */
export class SenderReplay extends SenderFigures implements Pausing, Reducing {
  private readonly outbound: OutboundView;
  readonly view: SenderView;
  readonly losses: Episodes;
  private readonly reductions: Reductions;
  private readonly arrivals: Arrivals;
  private readonly pauses: Pauses;
  private readonly takenForGiven: Given;
  protected readonly initialWindow: number;
  protected replay: Replay | null = null;
  identity: Identity | null = null;
  protected isConcluded = false;

  /** No MSS option was seen: the largest payload counts. */
  private readonly isMssGuessed: boolean;
  sack: boolean;
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
    this.sack = endpoint.sackPermitted && endpoint.peer.sackPermitted;
    this.view = new SenderView(this, endpoint);
    this.losses = new Episodes(this);
    this.reductions = new Reductions(this);
    this.arrivals = new Arrivals(this, endpoint);
    this.now = view.time;
    this.frame = view.frame;
    this.pauses = new Pauses(this, view.frame);
  }

  get isSettled(): boolean {
    return false;
  }

  /** Whatever is out of the ordinary begins the replay. */
  get awake(): Replay {
    if (this.replay === null) {
      this.replay = new Replay(new Models(this.initialWindow, this.sack, this.takenForGiven));
    }
    return this.replay;
  }

  get identified(): Identity {
    this.identity ??= new Identity(this.sack);
    return this.identity;
  }

  /** A segment of this sender that takes sequence space. */
  departs(t: TrackedSegment, segment: SegmentView, verdict: Verdict | null): void {
    const { view, losses } = this;
    this.arrivals.passes(segment);
    if (this.arrivals.isWaiting) this.arrive(segment);
    this.now = segment.time;
    this.passTime(segment.frame, verdict === null ? Cause.NONE : verdict.cause);
    if (this.isMssGuessed) this.smss = largerMss(this.smss, segment.payloadLength);
    if (verdict !== null && verdict.kind === Kind.RETRANSMISSION && t.seq < view.sndNxt)
      this.reductions.repeats(t, segment, verdict);
    else if (view.outstanding === 0) {
      const idle = segment.time - this.lastSent;
      if (idle > 0) this.resumes(idle);
    }
    const isNew = t.end > view.sndNxt;
    if (isNew) view.sends(t.end);
    this.lastSent = segment.time;
    view.countFlight();
    if (this.replay === null && 2 * view.inFlight <= this.initialWindow) return;
    const { models, observer } = this.awake;
    observer.sends(segment, t.end - t.seq >= FULL * this.smss);
    if (losses.isOpen) {
      // More is in flight than a model allows: its window is larger than it knew.
      if (!(view.inFlight <= models.least)) models.raise(view.inFlight);
    } else if (losses.ca !== Ca.LOSS) this.reductions.sends(isNew);
  }

  private resumes(idle: number): void {
    if (this.replay === null) return;
    const { models } = this.replay;
    for (const m of models.all) m.resumed(idle, this.outbound.rtt.rto);
    models.noteLeast();
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
    const { view, losses, reductions } = this;
    this.now = heard.arrival;
    this.passTime(heard.frame, Cause.NONE);
    view.edge = heard.edge;
    if (this.replay === null && !reductions.awaitsProbe && isPlain(heard)) {
      view.settles(heard);
      view.countFlight();
      return;
    }
    if (heard.newlySacked > 0 && !this.sack) this.learnsSack();
    const { models, observer, bottleneck, recovery } = this.awake;
    usage.now = this.now;
    usage.inFlight = view.inFlight;
    usage.una = view.una;
    usage.sndNxt = view.sndNxt;
    usage.rto = this.outbound.rtt.rto;
    usage.isFree = losses.isOpen && !view.reachesEdge();
    if (losses.ca === Ca.RECOVERY) reductions.noteRecovery();
    else if (observer.hasSent) {
      usage.outstanding = view.unacknowledged;
      models.used(usage);
    }
    observer.hears(usage);
    if (observer.shown > 0) models.lower(observer.shown, observer.isLevel);
    if (observer.isRoundOver) this.endRound(observer);

    view.settles(heard);
    view.countDelivered(heard, losses.ca);
    const told = reductions.tell();
    if (losses.ca === Ca.RECOVERY) recovery.settles(told.delivered, told.pipe);
    told.bytes = heard.delivered;
    told.rtt = heard.rtt;
    observer.round.hears(view.delivered, heard.advances, heard.ece, heard.rtt);
    bottleneck.note(told);
    reductions.proceed(heard);
    view.countFlight();
    if (losses.isOpen) view.noteLoss();
    models.noteLeast();
  }

  /** A receiver sends blocks only to a sender that permitted them (RFC 2018 section 4): the capture has not seen the options. */
  private learnsSack(): void {
    this.sack = true;
    this.identity?.evidence.learnsSack();
    this.awake.models.learnsSack();
  }

  private endRound(observer: WindowObserver): void {
    const identity = observer.round.sent >= TELLING_ROUND ? this.identified : this.identity;
    identity?.round(observer.round, observer.showsRound, observer.isLevelRound, this.now);
    const { models } = this.awake;
    models.count(observer.gain, observer.round);
    if (identity !== null) identity.evidence.counting = models.counting;
    observer.next(usage);
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

  get isHeldByReceiver(): boolean {
    return !this.reductions.isRepairing && this.view.reachesEdge();
  }

  get isHeldByApplication(): boolean {
    if (this.reductions.isRepairing || this.view.reachesEdge()) return false;
    if (this.replay === null) return true;
    return !this.identity?.rateBased.paces && this.view.inFlight < NEARLY * this.replay.models.best.cwnd - 1;
  }

  /** No packet comes any more; the connection's last one was at `end` (ns since the first record). Only the first call counts. */
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
