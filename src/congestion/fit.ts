import { Algorithm } from '../model/congestion.ts';
import type { Controller } from './controller.ts';

/** Below this difference (sum of logarithms of corrections) two models explain the sender equally well. */
const TELLING = 0.08;
/** From this difference on the worse one is ruled out. */
const CERTAIN = 0.3;
/** Difference at which the better one is taken for right with confidence one half. */
const HALF = 0.15;
/** CUBIC is what most systems use: the others have to explain a sender better by this much. */
const HANDICAP = 0.05;
const ROUNDING = 1e-9;

/** How far each model had to be corrected: the less, the better it explains the sender. */
export class Fit {
  private readonly models: readonly Controller[];
  /** With SACK, RFC 6582 has nothing to say: what follows it is RFC 5681 with RFC 6675, called Reno. */
  private sack: boolean;
  /** Sum of the absolute logarithms of all corrections, by model. */
  readonly cost: number[] = [];
  /** Index of the model that was corrected least; the first in order wins a tie. */
  best = 0;

  constructor(models: readonly Controller[], sack: boolean) {
    this.models = models;
    this.sack = sack;
    for (const { algorithm } of models) this.cost.push(algorithm === Algorithm.CUBIC ? 0 : HANDICAP);
  }

  /** The wire showed `cwnd` where model `i` has another: it is brought there, at its cost; `level` as in `Controller`. */
  correct(i: number, cwnd: number, level: boolean): void {
    const model = this.models[i];
    this.cost[i] += Math.abs(Math.log(cwnd / model.cwnd));
    model.corrected(cwnd, level);
    this.compare();
  }

  /** A loss left `window` where model `i` has another: its ssthresh is brought there, at its cost. */
  reduceTo(i: number, window: number): void {
    const model = this.models[i];
    this.cost[i] += Math.abs(Math.log(window / model.ssthresh));
    model.ssthresh = window;
    this.compare();
  }

  /** The sender has turned out to have SACK, and models that do without may have left. */
  learnsSack(): void {
    this.sack = true;
    this.cost.length = this.models.length;
    this.compare();
  }

  private compare(): void {
    const { cost } = this;
    let best = 0;
    for (let i = 1; i < cost.length; i++) if (cost[i] < cost[best]) best = i;
    this.best = best;
  }

  /** The best of another family than the best of all, -1 without. */
  private get second(): number {
    const { cost, best } = this;
    let second = -1;
    for (let i = 0; i < cost.length; i++) {
      if (this.familyOf(i) !== this.familyOf(best) && (second < 0 || cost[i] < cost[second])) second = i;
    }
    return second;
  }

  /** How much better the best explains the sender than any other. */
  private get margin(): number {
    const { second } = this;
    return second < 0 ? 0 : this.cost[second] - this.cost[this.best];
  }

  get algorithm(): number {
    return this.nameOf(this.best);
  }

  get runnerUp(): number {
    const { second } = this;
    return second < 0 ? Algorithm.UNKNOWN : this.nameOf(second);
  }

  /** The best explains the sender better than the next by more than chance, or beyond doubt. */
  get isTelling(): boolean {
    return this.margin >= TELLING;
  }

  /** No correction speaks against CUBIC: it is likely only because most systems use it. */
  get isLikely(): boolean {
    return this.margin >= HANDICAP - ROUNDING;
  }

  get isCertain(): boolean {
    return this.margin >= CERTAIN;
  }

  /** How far the best had to be corrected. */
  get misfit(): number {
    return this.cost[this.best];
  }

  /** 0..1 */
  get confidence(): number {
    return this.margin / (this.margin + HALF);
  }

  /** Reno or NewReno, whichever explains the sender better. */
  get renoName(): number {
    return this.nameOf(this.models.findIndex(({ algorithm }) => algorithm === Algorithm.NEWRENO));
  }

  /** Reno and NewReno differ only when one window loses several segments. */
  private familyOf(i: number): number {
    const { algorithm } = this.models[i];
    return algorithm === Algorithm.NEWRENO ? Algorithm.RENO : algorithm;
  }

  private nameOf(i: number): number {
    const { algorithm } = this.models[i];
    if (algorithm !== Algorithm.NEWRENO || this.sack) return this.familyOf(i);
    const reno = this.models.findIndex((model) => model.algorithm === Algorithm.RENO);
    return this.cost[reno] - this.cost[i] < TELLING ? Algorithm.RENO : Algorithm.NEWRENO;
  }
}
