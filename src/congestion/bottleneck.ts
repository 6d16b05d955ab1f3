import type { Told } from './controller.ts';

/** Rates are counted in classes that are this factor apart, from one byte in a second on. */
const STEP = 1.05;
const LOG_STEP = Math.log(STEP);
/** Packets within this time (ns) are one: receivers, cards and captures hand them over in bunches. */
export const BUNCH = 200e3;
/** A pause longer than this share of the RTT is one of the sender's. */
const PAUSE = 1 / 4;
/** The path has a queue when the RTT is longer than the shortest by this share, or when ACKs come so much farther apart than the data. */
const QUEUED = 1.1;
const SPREAD = 1.25;
/** Segments that have to be counted before the most frequent rate means anything, and the share that has to agree. */
const LEAST = 20;
/** So many segments of one bunch count: what fills a hole acknowledges a whole window, and tells of no rate. */
const HEAVIEST = 5;
const AGREEING = 0.2;

/**
 * Estimates the rate of the bottleneck from the ACKs: while its queue is not empty, segments leave it, and their ACKs arrive,
 * at its rate. The rate at which most bytes were acknowledged between two ACKs is taken for it. Where nothing queues the ACKs come
 * as the data was sent, and tell nothing.
 */
export class Bottleneck {
  /** Segments by class of rate. */
  private counts: Map<number, number> | null = null;
  private total = 0;
  /** When the latest bunch, and the one before, began; NaN before there is one. */
  private start = Number.NaN;
  private lastStart = Number.NaN;
  private bytes = 0;
  private segments = 0;
  /** Round trip of the latest bunch, when the data that it answers was sent, the same of the one before, and the shortest (ns). */
  private rtt = Number.NaN;
  private sentAt = Number.NaN;
  private lastSentAt = Number.NaN;
  private shortest = Number.POSITIVE_INFINITY;
  /** Most bytes outstanding. */
  private most = 0;

  note(told: Told): void {
    if (told.delivered === 0) return;
    this.most = Math.max(this.most, told.sndNxt - told.una + told.bytes);
    if (!(told.now - this.start < BUNCH)) {
      this.count(told);
      this.lastStart = this.start;
      this.start = told.now;
      this.bytes = this.segments = 0;
      this.rtt = told.rtt;
      this.lastSentAt = this.sentAt;
      this.sentAt = told.now - told.rtt;
      if (told.rtt < this.shortest) this.shortest = told.rtt;
    }
    this.bytes += told.bytes;
    this.segments += told.delivered;
  }

  private count(told: Told): void {
    const gap = this.start - this.lastStart;
    if (!(gap <= told.srtt * PAUSE)) return;
    const weight = Math.min(this.segments, HEAVIEST);
    this.total += weight;
    if (!this.isQueued(gap)) return;
    const key = Math.round(Math.log((this.bytes * 1e9) / gap) / LOG_STEP);
    this.counts ??= new Map();
    this.counts.set(key, (this.counts.get(key) ?? 0) + weight);
  }

  private isQueued(gap: number): boolean {
    return this.rtt > QUEUED * this.shortest || gap > SPREAD * (this.sentAt - this.lastSentAt);
  }

  /** Bytes per second, NaN unknown. */
  get rate(): number {
    const { counts } = this;
    if (this.total < LEAST || counts === null) return Number.NaN;
    let best = 0;
    let most = 0;
    for (const key of counts.keys()) {
      const near = (counts.get(key - 1) ?? 0) + (counts.get(key) ?? 0) + (counts.get(key + 1) ?? 0);
      if (near > most) {
        most = near;
        best = key;
      }
    }
    const rate = STEP ** best;
    // A queue forms only when more is in flight than the bandwidth-delay product. ACKs at a higher rate were bunched on their way.
    const isFilled = (rate * this.shortest) / 1e9 <= this.most * STEP;
    return isFilled && most >= this.total * AGREEING ? rate : Number.NaN;
  }
}
