import { CongestionState } from '../model/congestion.ts';

/** What is known of a sender that sends no more: of the models that it was replayed through only the figures are left. */
export class ConcludedCongestion extends CongestionState {
  /** `state` has been concluded. */
  static of(state: CongestionState): ConcludedCongestion {
    const concluded = new ConcludedCongestion(state.endpoint);
    concluded.smss = state.smss;
    concluded.vantage = state.vantage;
    concluded.episodes = state.episodes;
    concluded.stalls = state.stalls;
    concluded.unlistedEpisodes = state.unlistedEpisodes;
    concluded.unlistedStalls = state.unlistedStalls;
    concluded.algorithm = state.algorithm;
    concluded.given = state.given;
    concluded.runnerUp = state.runnerUp;
    concluded.confidence = state.confidence;
    concluded.cwnd = state.cwnd;
    concluded.ssthresh = state.ssthresh;
    concluded.phase = state.phase;
    concluded.flightSize = state.flightSize;
    concluded.bottleneckRate = state.bottleneckRate;
    concluded.minRtt = state.minRtt;
    return concluded;
  }

  refresh(): void {}

  get isSettled(): boolean {
    return true;
  }
}
