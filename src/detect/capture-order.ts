import { say } from '../messages/message.ts';
import type { CaptureRecord } from '../model/record.ts';
import { LEAST_STEP } from '../verdict/clocks.ts';
import type { Account } from './account.ts';
import type { ClockJumps } from './clock-jump.ts';
import type { Collector } from './collector.ts';
import type { RaiseAt } from './detector.ts';
import { note } from './memory.ts';
import type { CaptureNature } from './nature.ts';
import type { Pauses } from './pauses.ts';

/** A clock that goes back by this much (ns) was set; packets are not that late in a file. */
const STEP = 1e9;
/** No packet stands in the wrong place by this much (ns): its time is of another clock. */
const ANOTHER_DAY = 86_400e9;
/**
 * A clock that goes back by less than `STEP`, and at least by `LEAST_STEP`, was set where so many packets follow one another from there on
 * until the old time is reached again.
 */
const LASTING = 8;
/** Unless it goes back again before this many times as much has gone by: buffers that were filled at the same time stand one after the other. */
const SOON = 4;
/** A clock that was set is right: so soon (ns) after a small step nobody sets it back once more. */
const AGAIN = 60e9;
/** Swaps by less than this (ns), a single one, or those of less than this share of the packets are the jitter of several receive queues. */
const JITTER = 50e3;
const RARE = 0.01;
/** Where so many of the packets stand in another place, the order of the file is not that of the packets. */
const SHUFFLED = 0.1;
/** Steps that are kept for whoever joins parts of the analysis. */
const MOST_STEPS = 1000;
/** Interfaces that are told apart (a power of two); more share places. */
const MOST_INTERFACES = 1024;

type TimedRecord = Pick<CaptureRecord, 'number' | 'time' | 'interfaceId' | 'hasImpossibleTime'>;

interface Swaps {
  count: number;
  furthest: number;
  frames: number[];
}

function isNotable({ count, furthest }: Swaps, records: number): boolean {
  return furthest >= JITTER && count > 1 && count >= RARE * records;
}

/** The time goes back at a packet, by so much, to this (ns), and stays there. */
interface Step {
  readonly frame: number;
  readonly time: number;
  readonly back: number;
  /** It is the last packet that shows it, or the input ended before anything told whether the time stays there. */
  readonly isLast: boolean;
}

/** What was so before the time went back: until the next packet tells, it may be one packet that stands in the wrong place. */
interface Turned {
  readonly step: Step;
  readonly place: number;
  readonly latest: number;
  readonly highest: number;
}

/** Packets since the time went back, each soon after the other: the clock was set, or the one before them has too late a time. */
interface Run {
  readonly step: Step;
  readonly place: number;
  /** The time of the latest of them (ns). */
  latest: number;
  count: number;
  frames: number[];
  /** The old time was reached again. */
  isOver: boolean;
  /** The time had gone back soon before. */
  readonly isAgain: boolean;
}

/** How many records had come when it was told, one more than all after the last. */
interface ToldAt {
  readonly at: number;
}

/** What the order of the records shows, as plain data. */
export interface OrderFacts {
  readonly records: number;
  readonly steps: readonly (Step & ToldAt)[];
  /** Beyond those. */
  readonly moreSteps: number;
  /** With the time of the first. */
  readonly swaps: FirstSwaps | null;
  /** How far back the batches stand that are out of order (ns); 0 without. */
  readonly batches: number;
}

type FirstSwaps = Swaps & ToldAt & { readonly time: number };

/** Watches the time stamps of all records, in the order of the capture. */
export class CaptureOrder {
  readonly ids = ['capture-misordered', 'clock-step'] as const;
  private readonly findings: Collector;
  private readonly jumps: ClockJumps;
  private readonly pauses: Pauses;
  private readonly nature: CaptureNature;
  private records = 0;
  private highest = Number.NEGATIVE_INFINITY;
  /** The latest of each interface: those of several may stand in the file one after the other. */
  private readonly latest: number[] = [];
  private swaps: FirstSwaps | null = null;
  private readonly steps: (Step & ToldAt)[] = [];
  private hasEnded = false;
  private moreSteps = 0;
  private batches = 0;
  /** The latest step by less than a second. */
  private latestSmall: Step | null = null;
  private turned: Turned | null = null;
  private run: Run | null = null;
  /** Between the latest record in order and the one before it (ns). */
  private gap = Number.POSITIVE_INFINITY;

  constructor(findings: Collector, jumps: ClockJumps, pauses: Pauses, nature: CaptureNature) {
    this.findings = findings;
    this.jumps = jumps;
    this.pauses = pauses;
    this.nature = nature;
  }

  /** Every record comes here: its time (ns), and the interface that it was captured on. */
  see({ number: frame, time, interfaceId, hasImpossibleTime }: TimedRecord): void {
    this.records++;
    // It says nothing of the clock, and the next one does not go back from it.
    if (hasImpossibleTime) return;
    const place = interfaceId & (MOST_INTERFACES - 1);
    while (this.latest.length <= place) this.latest.push(Number.NEGATIVE_INFINITY);
    if (this.turned !== null) this.settle(this.turned, time, place);
    if (time < this.latest[place]) {
      this.wentBack(frame, time, place);
      return;
    }
    if (time - this.highest >= STEP && this.records > 1) {
      this.jumps.begin(frame, this.highest, time);
      this.pauses.see(frame, this.highest, time);
    }
    if (this.run !== null) this.endRun(place, time);
    this.gap = time - this.latest[place];
    this.latest[place] = time;
    if (time > this.highest) this.highest = time;
  }

  private wentBack(frame: number, time: number, place: number): void {
    const back = this.latest[place] - time;
    const { run } = this;
    if (back >= STEP) {
      if (run?.isOver) this.decide(run);
      const step = { frame, time, back, isLast: false };
      this.turned = { step, place, latest: this.latest[place], highest: this.highest };
      // From here on the new time counts.
      this.highest = this.latest[place] = time;
      return;
    }
    if (run !== null && !run.isOver && place === run.place && goesOn(run, time)) {
      run.latest = time;
      run.count++;
      note(run.frames, frame);
      return;
    }
    // Whoever comes late after a pause may be the one that stands in the wrong place.
    const isAlone = back < LEAST_STEP || 2 * this.gap > back;
    const isAgain = !isAlone && run !== null && run.isOver && place === run.place;
    if (run !== null && !run.isOver) this.giveUp(run);
    else if (run !== null && !isAlone) this.decide(run, isAgain);
    if (isAlone) {
      this.swap(frame, time, back);
      return;
    }
    const step = { frame, time, back, isLast: false };
    this.run = { step, place, latest: time, count: 1, frames: [frame], isOver: false, isAgain };
  }

  /** The old time is reached again, or the input has ended (`place` -1). */
  private endRun(place: number, time: number): void {
    const run = this.run!;
    if (place >= 0 && place !== run.place) return;
    if (!run.isOver && (run.count < LASTING || !goesOn(run, time))) {
      this.giveUp(run);
      return;
    }
    run.isOver = true;
    const { step } = run;
    if (place < 0) this.decide(run, false, true);
    else if (time > step.time + (1 + SOON) * step.back) this.decide(run);
  }

  /** It is over. `goesBack`: the time goes back again; `isLast`: nothing comes that tells whether it does. */
  private decide(run: Run, goesBack = false, isLast = false): void {
    const { latestSmall } = this;
    const { step } = run;
    if (goesBack || run.isAgain) {
      this.giveUp(run);
      return;
    }
    this.latestSmall = step;
    if (latestSmall !== null && Math.abs(step.time - latestSmall.time) < AGAIN) {
      this.batches = Math.max(this.batches, latestSmall.back);
      this.giveUp(run);
      return;
    }
    this.run = null;
    this.step(isLast ? { ...step, isLast } : step);
  }

  /** They do stand in the wrong place. */
  private giveUp({ step, count, frames }: Run): void {
    this.run = null;
    if (count >= LASTING) this.batches = Math.max(this.batches, step.back);
    this.swap(step.frame, step.time, step.back);
    this.swaps!.count += count - 1;
    for (const frame of frames.slice(1)) note(this.swaps!.frames, frame);
  }

  /** The next packet of that interface: does it go on from the time that was gone back to? */
  private settle({ step, place, latest, highest }: Turned, time: number, at: number): void {
    if (at !== place) return;
    this.turned = null;
    if (time < latest) {
      this.nature.times.seam(step.frame);
      this.step(step);
      return;
    }
    this.latest[place] = latest;
    this.highest = highest;
    this.swap(step.frame, step.time, step.back);
  }

  private swap(frame: number, time: number, back: number): void {
    if (this.swaps === null) this.swapped({ count: 0, furthest: 0, frames: [], time, at: this.now }, frame);
    const swaps = this.swaps!;
    swaps.count++;
    if (back > swaps.furthest) swaps.furthest = back;
    note(swaps.frames, frame);
  }

  /** Which packet came first, the file does not show. */
  get isShuffled(): boolean {
    return this.swaps !== null && isNotable(this.swaps, this.records) && this.swaps.count >= SHUFFLED * this.records;
  }

  /** The input has ended. Where the last packet of an interface stands back, nothing tells whether the time has stayed there. */
  conclude(): void {
    this.hasEnded = true;
    if (this.run !== null) this.endRun(-1, this.run.latest);
    if (this.turned === null) return;
    const { step } = this.turned;
    this.turned = null;
    if (step.back >= ANOTHER_DAY) this.step({ ...step, isLast: true });
    else this.swap(step.frame, step.time, step.back);
  }

  get gathered(): OrderFacts {
    const { records, steps, moreSteps, swaps, batches } = this;
    return { records, steps, moreSteps, swaps, batches };
  }

  /** Takes up what was gathered elsewhere of all records. */
  joinRecords({ records, steps, moreSteps, swaps, batches }: OrderFacts, raiseAt: RaiseAt): void {
    this.records = records;
    this.batches = batches;
    for (const step of steps) raiseAt(step.at, () => this.tellStep(step));
    if (moreSteps > 0) this.findings.countFurther('clock-step', moreSteps);
    if (swaps !== null) raiseAt(swaps.at, () => this.swapped(swaps, swaps.frames[0]));
  }

  private get now(): number {
    return this.records + Number(this.hasEnded);
  }

  private step(step: Step): void {
    if (this.steps.length < MOST_STEPS) this.steps.push({ ...step, at: this.now });
    else this.moreSteps++;
    this.tellStep(step);
  }

  private tellStep({ frame, time, back, isLast }: Step): void {
    const account: Account = {
      id: 'clock-step',
      evidence: [frame],
      // One packet alone may bear a time that means nothing, and the last batch of all may stand in the wrong place.
      ...(isLast && { severity: 'info' }),
      confidence: isLast ? 0.5 : 0.8,
      message: say('clock-step.back', { back, frame }),
    };
    // Where captures were joined that is told instead; and where batches are out of order, one that goes back about as far is one more.
    const where = { connection: null, row: null, frame, time };
    const isTold = () => !this.nature.isJoined && back > SOON * this.batches;
    this.findings.defer(where, 'clock-step', () => (isTold() ? account : null));
  }

  private swapped(swaps: FirstSwaps, frame: number): void {
    this.swaps = swaps;
    const where = { connection: null, row: null, frame, time: swaps.time };
    this.findings.add(where, 'capture-misordered', () => ({
      id: 'capture-misordered',
      // Without TCP nothing here depends on the order.
      severity: isNotable(swaps, this.records) && this.nature.hasSegments ? 'warning' : 'info',
      evidence: swaps.frames,
      confidence: 0.95,
      message: say('capture-misordered', {
        packets: swaps.count,
        furthest: swaps.furthest,
        frame: swaps.frames[0],
      }),
    }));
  }
}

/** The time goes on from where it went back to, and does not come back at once. */
function goesOn({ latest, step }: Run, time: number): boolean {
  return time >= latest && 2 * (time - latest) <= step.back;
}
