import { type CongestionState, Trigger, Vantage } from '../model/congestion.ts';
import { Ca, type OutboundView } from '../model/outbound.ts';
import { Option, type SegmentView, tsValOf } from '../model/segment.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, type Verdict } from '../model/verdict.ts';
import { Told } from './controller.ts';
import type { Episodes, Probe } from './episodes.ts';
import type { Heard } from './heard.ts';
import type { Identity } from './identity.ts';
import type { Replay } from './replay.ts';
import type { SenderView } from './sender-view.ts';
import { Undo } from './undo.ts';

const told = new Told();

/** The sender whose window is reduced. */
export interface Reducing extends CongestionState {
  /** The event that is taken: time (ns) and frame. */
  readonly now: number;
  readonly frame: number;
  /** Round trip as the sender sees it (ns), 0 unknown. */
  readonly srtt: number;
  /** It learns by SACK what has arrived: both ends permitted that, or a block has shown it. */
  readonly sack: boolean;
  readonly view: SenderView;
  readonly losses: Episodes;
  /** Made when it is first asked for. */
  readonly awake: Replay;
  /** Null until the sender has shown enough; `identified` makes it. */
  readonly identity: Identity | null;
  readonly identified: Identity;
}

/**
 * What makes a sender reduce its window, how it goes on from there, and what takes the reduction back: fast retransmissions, timeouts,
 * tail loss probes that repaired something, marks. Tells the models, and corrects them by what the sender does meanwhile.
 */
export class Reductions {
  private readonly sender: Reducing;
  private readonly outbound: OutboundView;
  /** Null before the first episode. */
  private undo: Undo | null = null;
  /** A tail loss probe that awaits its answer. */
  private probe: Probe | null = null;
  /** The latest ACK opened the window. */
  private hasGrown = false;

  constructor(sender: Reducing) {
    this.sender = sender;
    this.outbound = sender.endpoint.outbound!;
  }

  get awaitsProbe(): boolean {
    return this.probe !== null;
  }

  /** Something was sent again, and that it arrived has not been told yet. */
  get isRepairing(): boolean {
    const isProbing = this.probe !== null && this.probe.ackFrame === 0;
    return isProbing || this.sender.losses.isRepairing;
  }

  /** What the models are told of the present moment. One object, reused. */
  tell(): Told {
    const { view, now, srtt } = this.sender;
    told.now = now;
    told.delivered = view.delivered;
    told.pipe = this.pipe();
    told.rtt = Number.NaN;
    told.byAck = false;
    told.una = view.una;
    told.sndNxt = view.sndNxt;
    told.srtt = srtt;
    return told;
  }

  /** Segments (RFC 6675 section 4). */
  private pipe(): number {
    const { view, losses } = this.sender;
    return view.toSegments(view.pipe(losses.ca, losses.recover));
  }

  /** The sender sends `t` again. */
  repeats(t: TrackedSegment, segment: SegmentView, verdict: Verdict): void {
    const { view, losses, now, frame } = this.sender;
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
        this.probe = { end: view.sndNxt, time: now, frame, ackTime: now, ackFrame: 0 };
        break;
    }
    if (losses.isOpen || losses.current === null) return;
    view.retransOut += t.end - t.seq;
    this.undo?.repeats(t.seq, t.end, tsValOf(segment));
    losses.current.retransmissions++;
  }

  private repeatsFast(t: TrackedSegment, segment: SegmentView): void {
    const { sender } = this;
    const { view, losses } = sender;
    if (losses.ca === Ca.LOSS) return;
    if (losses.ca === Ca.RECOVERY) {
      this.tell();
      for (const m of sender.awake.models.all) m.lossRepeated(told);
      return;
    }
    this.begin(Trigger.FAST, Ca.RECOVERY, view.sndNxt);
    this.tell();
    told.byAck = this.hasGrown && sender.awake.observer.isAnswer(segment);
    for (const m of sender.awake.models.all) m.lossDetected(told);
    losses.noteReduction(sender.awake.models);
    // The ACK of the original crosses the retransmission.
    if (t.end <= view.una && segment.options & Option.TIMESTAMPS) this.takeBack();
  }

  private timesOut(): void {
    const { view, losses, awake } = this.sender;
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
    for (const m of awake.models.all) m.timedOut(told, again);
    losses.noteReduction(awake.models);
  }

  private begin(trigger: number, ca: number, recover: number): void {
    const { sender } = this;
    const { view, losses } = sender;
    const { models, observer, recovery } = sender.awake;
    models.part();
    recovery.begin();
    const wasReducing = losses.ca === Ca.CWR;
    losses.end(sender);
    const { identified } = sender;
    // RFC 3168 section 6.1.2: what is lost of a window that is being reduced for a mark reduces it no further.
    if (!wasReducing && this.isFlightKnown)
      identified.loses(view.flightOfLoss, view.unacknowledged, view.pipeOfLoss, models.least, models.best.cwnd);
    if (ca === Ca.LOSS) identified.restarts();
    this.undo ??= new Undo();
    this.undo.begin(view.una, view.toSegments(view.retransOut));
    observer.round.free = false;
    view.retransOut = 0;
    view.forgetLoss();
    losses.begin(trigger, ca, recover, sender, models);
  }

  /** Of a sender that was met in its middle more may be outstanding than was seen, until something of that is acknowledged. */
  private get isFlightKnown(): boolean {
    const { endpoint, view } = this.sender;
    return endpoint.connection.sawHandshake || view.una > FIRST_BYTE;
  }

  /** A segment leaves while something is repaired, or the window is being reduced for a mark. */
  sends(isNew: boolean): void {
    const { losses, awake } = this.sender;
    const { models, recovery } = awake;
    for (const m of models.all) m.sentInRecovery(1);
    if (losses.ca !== Ca.RECOVERY) return;
    const pipe = this.pipe();
    recovery.sends(pipe);
    if (isNew) models.raiseInRecovery(pipe);
  }

  /** In fast recovery, before an ACK takes effect: what the sender does not answer shows its window. */
  noteRecovery(): void {
    const { sender } = this;
    const { view } = sender;
    const { recovery, models } = sender.awake;
    const wasKnown = recovery.isKnown;
    recovery.hears(sender.now, !view.reachesEdge() && !view.repeatsUnlost());
    const identity = sender.identity!;
    if (wasKnown || !recovery.isKnown || identity.rateBased.paced) return;
    // Without SACK what is in flight is a guess, and elsewhere than at the sender which ACK it answers is one.
    if (!sender.sack || sender.vantage !== Vantage.SENDER) return;
    const { least, most } = recovery;
    identity.evidence.holds(least, most);
    models.reduceTo(least, most);
    sender.losses.noteReduction(models);
  }

  /** An ACK has taken effect, of which `tell` has told: an episode ends, goes on or begins, or the window grows. */
  proceed(heard: Heard): void {
    const { view, losses, awake } = this.sender;
    const { models } = awake;
    const { ca, latest } = losses;
    const { highSacked } = this.outbound.scoreboard;
    this.hasGrown = false;
    if (heard.dsack && latest !== null) latest.needless++;
    if (this.undo?.isNeedless(heard, losses.isRepairing, ca === Ca.LOSS, losses.recover, highSacked)) this.takeBack();
    if (this.probe !== null) this.answersProbe(heard, this.probe);
    if (losses.ca === Ca.RECOVERY || losses.ca === Ca.CWR) {
      if (this.isRepaired()) this.recovers();
      else if (view.delivered > 0)
        for (const m of models.all) m.acknowledgedInRecovery(told, heard.advances && ca === Ca.RECOVERY);
    } else if (losses.ca === Ca.LOSS) {
      if (view.una >= losses.recover) losses.end(this.sender);
      if (view.delivered > 0) models.grow(told);
    } else if (heard.advances && !heard.ece && !view.tellsOfLoss()) {
      models.grow(told);
      this.hasGrown = true;
    }
    if (heard.ece && losses.isOpen) this.answersMark();
  }

  /** With SACK the ACK of all that was outstanding is enough; without, and for marks, something after it (RFC 6582 section 6). */
  private isRepaired(): boolean {
    const { view, losses, sack } = this.sender;
    const strict = losses.ca === Ca.CWR || !sack;
    return strict ? view.una > losses.recover : view.una >= losses.recover;
  }

  private recovers(): void {
    const { sender } = this;
    for (const m of sender.awake.models.all) m.recovered(told);
    sender.view.sackedOut = 0;
    sender.losses.end(sender);
    sender.identity?.recovers(sender.now, sender.view.toSegments(sender.view.advanced));
    sender.awake.observer.next(told);
  }

  private answersMark(): void {
    const { view, losses, awake } = this.sender;
    this.begin(Trigger.ECN, Ca.CWR, view.sndNxt);
    for (const m of awake.models.all) m.marked(told);
    losses.noteReduction(awake.models);
    this.undo?.forbid();
  }

  /** The latest reduction was needless. */
  private takeBack(): void {
    const { sender } = this;
    const { losses } = sender;
    for (const m of sender.awake.models.all) m.undone();
    sender.identity?.excuses(sender.now);
    this.undo?.forbid();
    if (losses.latest !== null) losses.latest.undone = true;
    losses.end(sender);
  }

  /** RFC 8985 section 7.4: an ACK beyond the probe without a D-SACK shows that the probe repaired a loss. */
  private answersProbe(heard: Heard, probe: Probe): void {
    const { losses, awake, now, frame } = this.sender;
    if (!losses.isOpen || heard.dsack) {
      this.probe = null;
      return;
    }
    if (heard.ack >= probe.end && probe.ackFrame === 0) {
      probe.ackTime = now;
      probe.ackFrame = frame;
    }
    if (heard.ack <= probe.end) return;
    this.probe = null;
    this.begin(Trigger.TAIL_LOSS_PROBE, Ca.CWR, heard.ack);
    const episode = losses.current!;
    for (const m of awake.models.all) m.lossDetected(told);
    losses.noteReduction(awake.models);
    this.recovers();
    // It is known only now, but was repaired before.
    episode.startFrame = probe.frame;
    episode.startTime = probe.time;
    episode.endFrame = probe.ackFrame;
    episode.endTime = probe.ackTime;
    episode.retransmissions = 1;
  }
}
