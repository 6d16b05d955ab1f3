import type { Endpoint } from '../model/endpoint.ts';

/*
 * Whether data came through a token bucket with a queue (a shaper). While its queue stands, data leaves it at its rate, as it leaves
 * the queue of a slow link; but at first, when the bucket is full, as much as it holds passes faster, which no link lets pass.
 */

/** What one acknowledgment told of the data of a sender. Times in nanoseconds. */
export interface Sample {
  readonly time: number;
  readonly frame: number;
  /** Bytes that had arrived by then. */
  readonly delivered: number;
  /** How long the data waited in queues, as far as the capture shows it. */
  readonly queued: number;
  /** Bytes of the latest acknowledgment, and since when they may have arrived; `NEVER` unknown. */
  readonly bytes: number;
  readonly since: number;
  /** Since when the next bytes may arrive; `NEVER` unknown. */
  readonly next: number;
}

/** What the samples show. */
export interface TokenBucket {
  /** Bytes a nanosecond, while the queue stood. */
  readonly rate: number;
  /** Bytes that passed faster. */
  readonly burst: number;
  /** The first sample after those. */
  readonly since: Sample;
}

/**
 * A step from one sample to a later one agrees with a rate when its bytes differ by no more than this share of them, and by so many
 * segments: an ACK stands for two segments, or for more, and may come early or late at either end of the step.
 */
const NEAR = 0.03;
const LOOSE = 4;
/** Segments of a step at least: at 40 the tolerance of four segments is a tenth of it, and with fewer most rates would agree. */
const STEP = 40;
/** Data waited in a queue when it waited for so long, ns: two ticks of a timestamp clock of 1 ms, which may be one off at either end. */
const QUEUE = 2e6;
/** It waited for so many segments at the rate as well: two ACKs for two segments each wait as long without a queue. */
const QUEUED_SEGMENTS = 4;
/** Steps with a queue that have to agree with the rate: with fewer a rate that changes slowly agrees by chance. */
const MANY = 12;
/** Share of the bytes of all steps with a queue that lies in steps that agree: the rest may be slower, where the link is shared. */
const AGREEING = 0.75;
/** Share of these bytes that may lie in steps faster than the rate: a shaper lets nothing pass faster while its queue stands. */
const FASTER = 0.05;
/** Segments of a sender that is judged, at least: fewer make fewer steps than `MANY`. */
export const LEAST = MANY * STEP;
/** Segments of a burst at least. Fewer are what a card or a host hands over together. */
const BURST = 8;
/** A burst is so many times the most that comes above the rate later, while the queue stands: that is a bunch, and no bucket. */
const BUNCHES = 3;
/** While it lasted the data came so many times as fast as later: a bucket lets pass what the link behind it can carry. */
const FAST = 1.5;
/** Share of the time of all samples that the burst takes at most: a bucket is full at the beginning only. */
const LONGEST = 1 / 4;

/** The bucket that samples of one sender, with segments of so many bytes, show; null where they show none. */
export function tokenBucketOf(samples: readonly Sample[], segment: number): TokenBucket | null {
  const rate = rateOf(samples, segment);
  if (Number.isNaN(rate)) return null;
  const { size, from, to } = burstOf(samples, rate, segment);
  const since = samples[to];
  const later = samples.slice(to);
  const taken = since.time - from;
  const isFast = size + rate * taken >= FAST * rate * taken;
  const isFirst = taken <= LONGEST * (samples[samples.length - 1].time - from);
  const isLarge = size >= BURST * segment && size >= BUNCHES * bunchOf(later, rate, segment);
  return isFast && isFirst && isLarge && staysAt(rate, later, segment) ? { rate, burst: size, since } : null;
}

/** The rate (bytes a nanosecond) at which most of the data arrived while there was a queue; NaN where there was none. */
function rateOf(samples: readonly Sample[], segment: number): number {
  const steps = stepsOf(samples, STEP * segment);
  let rate = Number.NaN;
  let most = 0;
  for (const { bytes, time } of steps) {
    const { agreeing } = agreement(steps, bytes / time, segment);
    if (agreeing.bytes > most) {
      most = agreeing.bytes;
      rate = agreeing.bytes / agreeing.time;
    }
  }
  return rate;
}

/** Bytes of data in its segments on the path: cards may have handed several over as one. */
export function segmentOf({ payloadBytes, dataPackets, peer }: Endpoint): number {
  const mean = payloadBytes / dataPackets;
  return peer.mss > 0 ? Math.min(mean, peer.mss) : mean;
}

/** Data waits for so long (ns) where there is a queue. */
export function leastQueue(rate: number, segment: number): number {
  return Math.max(QUEUE, (QUEUED_SEGMENTS * segment) / rate);
}

/** While there was a queue of some segments, the data arrived at this rate. */
function staysAt(rate: number, samples: readonly Sample[], segment: number): boolean {
  const waiting = stepsOf(samples, STEP * segment).filter(({ queued }) => queued >= leastQueue(rate, segment));
  const { agreeing, all, faster } = agreement(waiting, rate, segment);
  return agreeing.count >= MANY && agreeing.bytes >= AGREEING * all && faster <= FASTER * all;
}

/** From one sample to a later one. */
interface Step {
  readonly bytes: number;
  readonly time: number;
  /** The least that something waited. */
  readonly queued: number;
}

/** Steps of so many bytes at least, in which there was a queue. */
function stepsOf(samples: readonly Sample[], least: number): Step[] {
  const steps: Step[] = [];
  let before = samples[0];
  let queued = before.queued;
  for (const sample of samples) {
    const bytes = sample.delivered - before.delivered;
    const time = sample.time - before.time;
    queued = Math.min(queued, sample.queued);
    if (bytes < least) continue;
    if (time > 0 && queued >= QUEUE) steps.push({ bytes, time, queued });
    before = sample;
    queued = sample.queued;
  }
  return steps;
}

/** How far steps agree with a rate. */
function agreement(steps: readonly Step[], rate: number, segment: number) {
  const agreeing = { count: 0, bytes: 0, time: 0 };
  let all = 0;
  let faster = 0;
  for (const { bytes, time } of steps) {
    const more = bytes - rate * time;
    const tolerance = NEAR * bytes + LOOSE * segment;
    all += bytes;
    if (more > tolerance) faster += bytes;
    else if (more >= -tolerance) {
      agreeing.count++;
      agreeing.bytes += bytes;
      agreeing.time += time;
    }
  }
  return { agreeing, all, faster };
}

/**
 * Of a queue that is emptied at the rate and held `level` bytes at the one sample: what it holds at the next. What was acknowledged
 * since then arrived evenly from when the first and the last of it may have come.
 */
function levelAfter(level: number, before: Sample, sample: Sample, rate: number): number {
  const bytes = sample.delivered - before.delivered;
  const last = Math.min(sample.bytes, bytes);
  const since = Math.max(sample.since, before.time);
  const first = Math.min(Math.max(before.next, before.time), since);
  const start = last < bytes ? drained(level, 0, first - before.time, rate) : level;
  const middle =
    last < bytes ? drained(start, bytes - last, since - first, rate) : drained(start, 0, since - before.time, rate);
  return drained(middle, last, sample.time - since, rate);
}

function drained(level: number, bytes: number, time: number, rate: number): number {
  return Math.max(level + bytes - rate * time, 0);
}

/** The most that came above the rate after there had been no queue: how much, since when (ns), and up to which sample. */
function burstOf(samples: readonly Sample[], rate: number, segment: number) {
  const steady = rate * (1 + NEAR);
  const least = leastQueue(rate, segment);
  let level = 0;
  let since = samples[0].time;
  const burst = { size: 0, from: since, to: 0 };
  for (let i = 1; i < samples.length; i++) {
    if (level === 0) {
      // While a queue stands the bucket is empty.
      if (samples[i - 1].queued >= least) continue;
      since = Math.max(samples[i].since, samples[i - 1].time);
    }
    level = levelAfter(level, samples[i - 1], samples[i], steady);
    if (level <= burst.size) continue;
    burst.size = level;
    burst.from = since;
    burst.to = i;
  }
  return burst;
}

/** The most that came above the rate while the queue stood, and so the bucket was empty: what cards and hosts hand over together. */
function bunchOf(samples: readonly Sample[], rate: number, segment: number): number {
  const least = leastQueue(rate, segment);
  let level = 0;
  let most = 0;
  for (let i = 1; i < samples.length; i++) {
    const isQueued = samples[i - 1].queued >= least && samples[i].queued >= least;
    level = isQueued ? levelAfter(level, samples[i - 1], samples[i], rate * (1 + NEAR)) : 0;
    most = Math.max(most, level);
  }
  return most;
}
