import { roundTrip } from '../model/capture-position.ts';
import { Algorithm, CongestionState, Phase, Vantage } from '../model/congestion.ts';
import { Ca } from '../model/outbound.ts';
import type { Controller } from './controller.ts';
import type { Episodes } from './episodes.ts';
import type { Identity } from './identity.ts';
import type { Replay } from './replay.ts';
import type { SenderView } from './sender-view.ts';

/** Confidence is multiplied by these where the sender's view has to be worked out. */
const ON_PATH_TRUST = 0.6;
const AT_RECEIVER_TRUST = 0.5;
/** Less in flight than this share of the window, with the application to blame. */
const UNUSED = 0.5;

const NOTHING: readonly never[] = [];

/** Where a sender stands: its window, what it is doing, by which algorithm, and how sure that is. */
export abstract class SenderFigures extends CongestionState {
  protected abstract readonly view: SenderView;
  protected abstract readonly losses: Episodes;
  /** Segments. */
  protected abstract readonly initialWindow: number;
  /** Null before it had half its initial window under way. */
  protected abstract readonly replay: Replay | null;
  /** Null until it has shown enough. */
  protected abstract readonly identity: Identity | null;
  /** No packet comes any more: the input has ended, or both ends have closed. */
  protected abstract readonly isConcluded: boolean;

  refresh(): void {
    const { view, losses, replay, endpoint } = this;
    this.minRtt = endpoint.outbound!.rtt.min < 0 ? Number.NaN : roundTrip(endpoint);
    this.flightSize = Math.max(view.pipe(losses.ca, losses.recover), 0);
    if (replay === null) {
      this.cwnd = this.initialWindow;
      this.phase = view.reachesEdge() ? Phase.SLOW_START : Phase.APP_LIMITED;
      this.confidence = 0;
    } else this.refreshFrom(replay);
    if (!endpoint.peer.seen) this.knowNothing();
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

  private refreshFrom(replay: Replay): void {
    const { given } = this;
    const { models, observer } = replay;
    const byName = given !== Algorithm.UNKNOWN && given !== Algorithm.BBR;
    const model = (byName && models.all.find((m) => m.algorithm === given)) || models.best;
    this.cwnd = model.cwnd;
    this.ssthresh = model.ssthresh;
    this.phase = this.phaseOf(model, observer.round.peak);
    this.choose(replay);
    if (byName) this.algorithm = given;
    if (given === Algorithm.BBR || this.algorithm === Algorithm.BBR) this.takeForRateBased();
    this.confidence *= this.trust();
  }

  /** The algorithm, by what the sender has shown. */
  private choose({ models, observer }: Replay): void {
    const { identity } = this;
    // Begun in the middle, or with rounded times: what the sender answers tells where the capture was made.
    if (this.vantage === Vantage.UNKNOWN && (identity?.rateBased.answersAtOnce || observer.silences.areAnswered))
      this.vantage = Vantage.SENDER;
    const isAtSender = this.vantage === Vantage.SENDER;
    const { connection, dataPackets } = this.endpoint;
    if (identity !== null && this.vantage !== Vantage.UNKNOWN)
      // Begun in the middle, what was seen is too little for all models to have explained it.
      identity.judge(models, connection.sawHandshake ? dataPackets : 0, this.episodes.length, isAtSender);
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
    const { view, losses } = this;
    if (losses.ca === Ca.RECOVERY && model.algorithm !== Algorithm.TAHOE) return Phase.FAST_RECOVERY;
    if (losses.ca === Ca.LOSS) return Phase.LOSS_RECOVERY;
    if (peak > 0 && peak < UNUSED * model.cwnd && view.inFlight < UNUSED * model.cwnd && !view.reachesEdge())
      return Phase.APP_LIMITED;
    return model.cwnd < model.ssthresh ? Phase.SLOW_START : Phase.CONGESTION_AVOIDANCE;
  }
}
