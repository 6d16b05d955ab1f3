import { Algorithm, append, type CongestionEpisode, type CongestionState } from '../model/congestion.ts';
import { Ca } from '../model/outbound.ts';
import type { Models } from './models.ts';

/** Episodes of one sender that are listed; further ones are counted. */
export const MAX_EPISODES = 4096;

/** An episode with the windows of every model: which of them is right is known in the end. */
interface Recorded extends CongestionEpisode {
  readonly byModel: { before: number; ssthreshBefore: number; ssthreshAfter: number }[];
}

/** A tail loss probe: what it repeats ends at `end`; when it was sent, and when that was acknowledged (frame 0 not yet). */
export interface Probe {
  readonly end: number;
  readonly time: number;
  readonly frame: number;
  ackTime: number;
  ackFrame: number;
}

/**
 * The episodes of one sender (losses, timeouts, marks), and in which it is. What begins one is what the verdicts say
 * (`Cause`), and a mark; it ends when its ACK has arrived at the sender, which may be later than the capture saw it and
 * `OutboundView.caState` has it.
 */
export class Episodes {
  private readonly sender: CongestionState;
  /** One of `Ca`, but for DISORDER, in which the window is not reduced. CWR: it is being reduced for a mark (RFC 3168). */
  ca: number = Ca.OPEN;
  /** Offset whose acknowledgement ends the episode (RFC 6582, "recover"). */
  recover = 0;
  /** The one that lasts. */
  current: Recorded | null = null;
  /** The latest one, also where it has ended; null before the first. */
  latest: CongestionEpisode | null = null;

  constructor(sender: CongestionState) {
    this.sender = sender;
  }

  get isOpen(): boolean {
    return this.ca === Ca.OPEN;
  }

  /** Something is sent again because it was lost. */
  get isRepairing(): boolean {
    return this.ca === Ca.RECOVERY || this.ca === Ca.LOSS;
  }

  /** Another one begins: `recover` ends it, and the models have not yet reduced their windows. */
  begin(trigger: number, ca: number, recover: number, at: { now: number; frame: number }, { all, best }: Models): void {
    this.ca = ca;
    this.recover = recover;
    this.current = {
      trigger,
      startFrame: at.frame,
      startTime: at.now,
      endFrame: 0,
      endTime: at.now,
      retransmissions: 0,
      timeouts: 0,
      needless: 0,
      cwndBefore: best.cwnd,
      ssthreshBefore: best.ssthresh,
      ssthreshAfter: best.ssthresh,
      undone: false,
      byModel: all.map((m) => ({ before: m.cwnd, ssthreshBefore: m.ssthresh, ssthreshAfter: m.ssthresh })),
    };
    this.latest = this.current;
    const { sender } = this;
    if (sender.episodes.length < MAX_EPISODES) sender.episodes = append(sender.episodes, this.current);
    else sender.unlistedEpisodes++;
  }

  /** The models have reduced their windows. */
  noteReduction({ all }: Models): void {
    const { byModel } = this.current!;
    for (let i = 0; i < all.length; i++) byModel[i].ssthreshAfter = all[i].ssthresh;
  }

  end({ now, frame }: { now: number; frame: number }): void {
    this.ca = Ca.OPEN;
    if (this.current === null) return;
    this.current.endFrame = frame;
    this.current.endTime = now;
    this.current = null;
  }

  /** Gives the episodes the windows of the model that turned out to fit best. */
  settle({ all, fit }: Models): void {
    const { algorithm, episodes } = this.sender;
    const named = all.findIndex((m) => m.algorithm === algorithm);
    const best = named >= 0 ? named : (fit?.best ?? 0);
    for (const episode of episodes as readonly Recorded[]) {
      const figures = episode.byModel[best];
      episode.cwndBefore = figures.before;
      episode.ssthreshBefore = figures.ssthreshBefore;
      episode.ssthreshAfter = figures.ssthreshAfter;
      if (algorithm === Algorithm.BBR) forgetWindows(episode);
    }
  }
}

/** A sender that keeps to a rate has no such windows. */
function forgetWindows(episode: CongestionEpisode): void {
  episode.cwndBefore = Number.NaN;
  episode.ssthreshBefore = episode.ssthreshAfter = Number.POSITIVE_INFINITY;
}
