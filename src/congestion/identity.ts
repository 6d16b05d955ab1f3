import { Algorithm } from '../model/congestion.ts';
import { RateBased } from './bbr.ts';
import { Evidence } from './evidence.ts';
import type { Fit } from './fit.ts';
import type { Models } from './models.ts';
import type { Round } from './round.ts';
import { isCommon, SIGNATURES } from './signatures.ts';
import type { Tally } from './tally.ts';

/** A signature fits when the mean squared distance from its predictions is at most this. Chance alone would bring 1. */
const FITS = 0.8;
/** The best has to be more likely than all others together by this factor (natural logarithm). */
const CLEARLY = 1;
/** A name needs this many observations that agree with it. A model that was hardly corrected counts as one. */
const SEVERAL = 2;
/**
 * An algorithm other than Reno and CUBIC has more to prove. Before anything was seen it is less likely by the factor `RARE` (natural
 * logarithm). It needs `RARE_REDUCTIONS` that it predicts, of which `RARE_TELLING` are not what Reno or CUBIC would do, and a mean squared
 * distance of at most `RARE_FITS`.
 */
const RARE = 3;
const RARE_REDUCTIONS = 3;
const RARE_TELLING = 2;
const RARE_FITS = 0.4;
/** The confidence by n observations is n / (n + `SINGLE`) of what it would be by any number of them. */
const SINGLE = 0.3;
/** A model explains the sender when it had to be corrected by at most this for each loss (sum of logarithms). */
const FAITHFUL = 0.15;
/** A flow of this many segments of data is not short. Reductions of fewer than `LEAST_WINDOW` segments in flight do not show. */
const LONG = 100;
const LEAST_WINDOW = 8;

/** Which algorithm a sender follows, as far as it has shown it. */
export class Identity {
  readonly rateBased = new RateBased();
  readonly evidence: Evidence;
  algorithm: number = Algorithm.UNKNOWN;
  runnerUp: number = Algorithm.UNKNOWN;
  /** 0..1 */
  confidence = 0;

  constructor(sack: boolean) {
    this.evidence = new Evidence(SIGNATURES, sack);
  }

  round(r: Round, shows: boolean, isLevel: boolean, now: number): void {
    this.rateBased.round(r);
    this.evidence.round(r, shows, isLevel, now);
  }

  /** The window is reduced, or begins again. As in `Evidence.loses`; `likely`: what the model that fits best holds the window to be. */
  loses(inFlight: number, outstanding: number, pipe: number, least: number, likely: number): void {
    this.rateBased.loses(inFlight, likely);
    this.evidence.loses(inFlight, outstanding, pipe, least);
  }

  /** As in `Evidence.recovers`. */
  recovers(now: number, acked: number): void {
    this.rateBased.recovers();
    this.evidence.recovers(now, acked);
  }

  /** The loss was spurious. */
  excuses(now: number): void {
    this.rateBased.excuses();
    this.evidence.excuses(now);
  }

  /** Everything begins again, with one segment. */
  restarts(): void {
    this.rateBased.excuses();
    this.evidence.restarts();
  }

  /**
   * Names the algorithm. Those who count ACKs have no more than that in common, so that the models say little about them.
   * `segments`: of data that it has sent, 0 where its beginning was not seen; `losses`: how many episodes of losses or marks.
   */
  judge({ fit, countsAcks }: Models, segments: number, losses: number, isAtSender: boolean): void {
    this.algorithm = this.runnerUp = Algorithm.UNKNOWN;
    this.confidence = 0;
    if (fit === null) return;
    const isFaithful = !countsAcks && fit.misfit <= FAITHFUL * Math.max(losses, 1);
    if (this.judgeByEvidence(fit, isFaithful)) return;
    if (isAtSender && this.rateBased.isRecognised) {
      this.algorithm = Algorithm.BBR;
      this.runnerUp = fit.algorithm;
      this.confidence = this.rateBased.confidence;
    } else if (isFaithful && this.needsFit(fit, isAtSender) && !(isAtSender && this.isContradicted(fit)))
      this.judgeByFit(fit, segments);
  }

  /** What the wire showed against what each algorithm would have done: the best has to fit, not only to be the best. */
  private judgeByEvidence(fit: Fit, isFaithful: boolean): boolean {
    let best: Tally | null = null;
    let next: Tally | null = null;
    for (const tally of this.evidence.tallies) {
      if (!isCandidate(tally)) continue;
      if (best === null || cost(tally) < cost(best)) {
        next = best;
        best = tally;
      } else if (next === null || cost(tally) < cost(next)) next = tally;
    }
    if (best === null || best.mean > (isCommon(best.signature) ? FITS : RARE_FITS)) return false;
    const lead = this.leadOf(best);
    const isModelRight = isFaithful && fit.algorithm === nameOf(best, fit);
    const count = best.observations + (isModelRight ? 1 : 0);
    if (lead < CLEARLY || count < SEVERAL) return false;
    this.algorithm = nameOf(best, fit);
    this.runnerUp = next === null ? Algorithm.UNKNOWN : nameOf(next, fit);
    this.confidence = ((1 / (1 + Math.exp(-lead))) * Math.exp(-best.mean / 2) * count) / (count + SINGLE);
    return true;
  }

  /** By which factor (natural logarithm) the best is more likely than all others together. */
  private leadOf(best: Tally): number {
    // An algorithm without a signature predicts nothing.
    let others = Math.exp(-RARE - best.observations / 2);
    for (const tally of this.evidence.tallies) {
      if (tally === best || !tally.hasReduced) continue;
      // An observation that a signature does not predict counts as far from it as chance would bring.
      const unpredicted = Math.max(best.observations - tally.observations, 0) / 2;
      others += Math.exp(-cost(tally) - unpredicted);
    }
    return -cost(best) - Math.log(others);
  }

  /**
   * The models have to name the sender: nothing was measured, or the capture was not made beside the sender, or one model is certain and
   * fewer than `SEVERAL` observations could be held against its signature. Tahoe has no signature.
   */
  private needsFit(fit: Fit, isAtSender: boolean): boolean {
    const { evidence } = this;
    if (evidence.largest < LEAST_WINDOW) return false;
    if (!evidence.isMeasured || !isAtSender || fit.algorithm === Algorithm.TAHOE) return true;
    return fit.isCertain && (evidence.of(signatureOf(fit))?.observations ?? 0) < SEVERAL;
  }

  /** The measurements contradict the model. That the model was not corrected proves nothing: it is not while the window is not used. */
  private isContradicted(fit: Fit): boolean {
    const tally = this.evidence.of(signatureOf(fit));
    return tally !== null && tally.mean > FITS;
  }

  /**
   * The model that was corrected least, where it was hardly corrected at all. Where all explain a long flow equally well it is CUBIC,
   * which most systems use, with little confidence.
   */
  private judgeByFit(fit: Fit, segments: number): void {
    const isTold = fit.isTelling || (segments >= LONG && fit.isLikely);
    if (!isTold || (this.rateBased.paced && !fit.isCertain)) return;
    this.algorithm = fit.algorithm;
    this.runnerUp = fit.runnerUp;
    this.confidence = fit.confidence;
  }
}

/** Reno and NewReno differ in how they repair only. */
function signatureOf({ algorithm }: Fit): number {
  return algorithm === Algorithm.NEWRENO ? Algorithm.RENO : algorithm;
}

function isCandidate({ signature, hasReduced, reductions, growths, telling }: Tally): boolean {
  if (isCommon(signature)) return hasReduced;
  if (signature.algorithm === Algorithm.VEGAS && growths < SEVERAL) return false;
  return reductions >= RARE_REDUCTIONS && telling >= RARE_TELLING;
}

/** How unlikely it is that a sender with this algorithm showed what was seen: a logarithm. */
function cost({ signature, distance }: Tally): number {
  return distance / 2 + (isCommon(signature) ? 0 : RARE);
}

/** Without SACK the models tell Reno and NewReno apart. */
function nameOf({ signature }: Tally, fit: Fit): number {
  return signature.algorithm === Algorithm.RENO ? fit.renoName : signature.algorithm;
}
