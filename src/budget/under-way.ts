import { Kind } from '../model/verdict.ts';
import type { Departure } from './arrival.ts';
import {
  BEFORE,
  type Copies,
  END,
  EXCHANGE,
  FIRST,
  isByTimer,
  LATE,
  LATEST,
  NOTES,
  noteCopy,
  START,
  TOLD,
  WIDTH,
} from './copies.ts';
import { Reason } from './reason.ts';
import { Ring } from './ring.ts';

/** Segments under way that are remembered; beyond them the oldest is taken to have arrived. */
const MOST = 1 << 15;
/** Segments that one copy is compared with, and rows that make room for one: more are not followed. */
const MOST_PARTS = 256;
const MOST_MOVED = 2048;

/**
 * The segments of one direction that have left and are not known to have arrived, in the order of their offsets. Functions, since
 * with a class of its own beside `Ring` the engine would have two kinds of ring to tell apart at every access.
 */
export type UnderWay = Ring<Copies>;

export function makeUnderWay(): UnderWay {
  return new Ring<Copies>(WIDTH, MOST);
}

/** New data leaves; the caller has seen that there is room. Returns where its row is. */
export function add(underWay: UnderWay, start: number, end: number, now: number, exchange: number): number {
  const at = underWay.push();
  fill(underWay.memory, at, start, end, now, exchange);
  return at;
}

/** Data leaves once more, or late: what of it lies below `high`, of which `una` and more has arrived. */
export function repeat(underWay: UnderWay, departure: Departure, high: number, una: number): void {
  const { start, now, verdict, packet } = departure;
  const end = Math.min(departure.end, high);
  const resends = isSentAgain(departure);
  let i = firstAfter(underWay, start);
  if (resends && i < underWay.length && divide(underWay, i, start)) i++;
  const last = Math.min(i + MOST_PARTS, underWay.length);
  let covered = start;
  for (; i < last && underWay.memory[underWay.at(i) + START] < end; i++) {
    const begin = underWay.memory[underWay.at(i) + START];
    if (begin > covered && begin > una && fillGap(underWay, i, covered, begin, departure)) i++;
    if (resends) divide(underWay, i, end);
    const at = underWay.at(i);
    covered = Math.max(covered, underWay.memory[at + END]);
    if (!resends) continue;
    noteCopy(underWay.memory, at, now, isByTimer(verdict));
    underWay.setLabel(at, { first: underWay.labelAt(at)?.first ?? null, latest: packet, verdict });
  }
  const isSeenWhole = i >= underWay.length || underWay.memory[underWay.at(i) + START] >= end;
  if (isSeenWhole && covered < end && covered >= una && end > una) fillGap(underWay, i, covered, end, departure);
}

/**
 * A copy of a part of row `i` leaves, as of a large segment that the network card divided: at `offset` the row becomes two, each with copies of its
 * own. False: it has no bytes on both sides, or there is no place.
 */
function divide(underWay: UnderWay, i: number, offset: number): boolean {
  const at = underWay.at(i);
  if (offset <= underWay.memory[at + START] || offset >= underWay.memory[at + END]) return false;
  if (underWay.isFull || underWay.length - i > MOST_MOVED) return false;
  const rest = underWay.insert(i + 1);
  const { memory } = underWay;
  const first = underWay.at(i);
  for (let k = 0; k < WIDTH; k++) memory[rest + k] = memory[first + k];
  memory[first + END] = memory[rest + START] = offset;
  const label = underWay.labelAt(first);
  if (label !== null) underWay.setLabel(rest, { ...label });
  return true;
}

/** Data whose first copy was not seen, or comes late, as row `i`. False when there is no place for it. */
function fillGap(underWay: UnderWay, i: number, start: number, end: number, departure: Departure): boolean {
  if (underWay.isFull || underWay.length - i > MOST_MOVED) return false;
  const { now, exchange, verdict, packet } = departure;
  const at = underWay.insert(i);
  const { memory } = underWay;
  fill(memory, at, start, end, now, exchange);
  if (isSentAgain(departure)) {
    memory[at + FIRST] = Number.NaN;
    noteCopy(memory, at, now, isByTimer(verdict));
  }
  underWay.setLabel(at, { first: packet, latest: packet, verdict });
  return true;
}

/** The first row that ends beyond `offset`. Most ACKs reach one or two: from the first row on in steps that double. */
export function firstAfter(underWay: UnderWay, offset: number): number {
  const { memory } = underWay;
  let low = 0;
  let high = underWay.length;
  for (let step = 1; step <= high; step *= 2) {
    if (memory[underWay.at(step - 1) + END] > offset) high = step - 1;
    else low = step;
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (memory[underWay.at(middle) + END] <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the highest data ends that a SACK block told of and no ACK has reached yet, -1 none. */
export function toldEnd(underWay: UnderWay): number {
  for (let i = underWay.length - 1; i >= 0; i--) {
    const at = underWay.at(i);
    if (underWay.memory[at + NOTES] & TOLD) return underWay.memory[at + END];
  }
  return -1;
}

/** It was sent before, and is not merely late. */
export function isSentAgain({ verdict }: Departure): boolean {
  return verdict === null || verdict.kind === Kind.RETRANSMISSION;
}

function fill(memory: number[], at: number, start: number, end: number, now: number, exchange: number): void {
  memory[at + START] = start;
  memory[at + END] = end;
  memory[at + FIRST] = now;
  memory[at + LATE] = 0;
  memory[at + LATEST] = Number.NaN;
  memory[at + BEFORE] = Number.NaN;
  memory[at + EXCHANGE] = exchange;
  memory[at + NOTES] = Reason.BURST;
}
