import { SYN } from '../model/flags.ts';
import { seqAdd, seqDiff } from '../model/seq.ts';
import { areOfOneSending } from './offload.ts';
import type { PacketTable } from './packet-table.ts';
import { Ranges } from './ranges.ts';
import type { Pair } from './several.ts';
import { Known, type Vantage } from './sightings.ts';
import type { Stream, StreamFlow } from './streams.ts';

/** Frames at one vantage that are tried for a frame at the other. */
const MAX_TRIED = 512;

/** A frame with data that the other vantage does not have as it is. */
interface Left {
  readonly row: number;
  /** Its packet in the sightings. */
  readonly index: number;
  /** In the numbers of the stream. */
  readonly seq: number;
  readonly length: number;
  /** It is a part already, by what another vantage shows. */
  readonly isPart: boolean;
  readonly time: number;
  readonly ack: number;
  /** What was found at the other vantage, as offsets into it. */
  readonly found: Ranges;
  readonly parts: { other: Left; from: number; length: number }[];
}

/**
 * Finds frames that offload merged or split between two neighbours: bytes of one frame here are bytes of several there. They
 * carry the same timestamps and acknowledge the same; each byte is paired with that which took the most usual time. The
 * smallest units become rows; what is left of a frame becomes a row of its own.
 */
export function matchParts(
  table: PacketTable,
  vantages: readonly Vantage[],
  streams: readonly Stream[],
  first: number,
  second: number,
  pair: Pair,
): void {
  const left = new Map<number, [Left[], Left[]]>();
  const end = table.length;
  for (let row = 0; row < end; row++) {
    if (table.stream[row] < 0) continue;
    const i = table.at[first][row];
    const j = table.at[second][row];
    if (i < 0 === j < 0) continue;
    const vantage = i >= 0 ? first : second;
    const item = leftOf(table, vantages[vantage], streams, row, vantage, i >= 0 ? i : j);
    if (item === null) continue;
    const key = 2 * table.stream[row] + table.direction[row];
    let lists = left.get(key);
    if (lists === undefined) {
      lists = [[], []];
      left.set(key, lists);
    }
    lists[i >= 0 ? 0 : 1].push(item);
  }
  for (const [key, [here, there]] of left) {
    if (here.length === 0 || there.length === 0) continue;
    pairParts(vantages, first, second, here, there, pair, key % 2);
    for (const item of here) split(table, item);
    for (const item of there) splitRest(table, item);
  }
}

function leftOf(
  table: PacketTable,
  { sightings: s }: Vantage,
  streams: readonly Stream[],
  row: number,
  vantage: number,
  index: number,
): Left | null {
  if (s.payload[index] === 0) return null;
  const flow = flowOf(streams[table.stream[row]], vantage, s.flow[index]);
  const direction = table.direction[row];
  const isPart = table.partLength[row] >= 0;
  const start = seqAdd(s.seq[index], flow.shift[direction] + (s.flags[index] & SYN ? 1 : 0));
  return {
    row,
    index,
    seq: isPart ? table.partSeq[row] : start,
    length: isPart ? table.partLength[row] : s.payload[index],
    isPart,
    time: s.time[index],
    ack: seqAdd(s.ack[index], flow.shift[1 - direction]),
    found: new Ranges(),
    parts: [],
  };
}

/** The flow by which a vantage saw the stream. */
export function flowOf(stream: Stream, vantage: number, flow: number): StreamFlow {
  return stream.flows.find((one) => one.vantage === vantage && one.flow === flow)!;
}

function pairParts(
  vantages: readonly Vantage[],
  first: number,
  second: number,
  here: Left[],
  there: Left[],
  pair: Pair,
  direction: number,
): void {
  const isForward = pair.a === first;
  const sa = vantages[first].sightings;
  const sb = vantages[second].sightings;
  const usual = pair.usual[direction];
  const base = there[0].seq;
  there.sort((x, y) => seqDiff(x.seq, base) - seqDiff(y.seq, base));
  const longest = there.reduce((most, { length }) => Math.max(most, length), 0);
  for (const item of here) {
    const from = seqDiff(item.seq, base);
    const near: { other: Left; deviation: number }[] = [];
    let place = firstFrom(there, base, from - longest);
    for (let tried = 0; place < there.length && tried < MAX_TRIED; place++, tried++) {
      const other = there[place];
      if (seqDiff(other.seq, base) >= from + item.length) break;
      // Two frames of one size would have been found to be one packet, if they were.
      if (!item.isPart && !other.isPart && other.seq === item.seq && other.length === item.length) continue;
      if (!mayBeOne(sa, item, sb, other, pair)) continue;
      const deviation = isForward ? usual.deviation(item.time, other.time) : usual.deviation(other.time, item.time);
      if (deviation < usual.limit) near.push({ other, deviation });
    }
    near.sort((x, y) => x.deviation - y.deviation);
    for (const { other } of near) {
      const apart = seqDiff(other.seq, item.seq);
      for (const [start, stop] of item.found.missing(Math.max(0, apart), Math.min(item.length, apart + other.length)))
        for (const [partStart, partStop] of other.found.missing(start - apart, stop - apart)) {
          item.found.add(partStart + apart, partStop + apart);
          other.found.add(partStart, partStop);
          item.parts.push({ other, from: partStart + apart, length: partStop - partStart });
        }
    }
  }
}

function firstFrom(list: readonly Left[], base: number, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (seqDiff(list[middle].seq, base) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of what the way leaves as it is, the two have the same. */
function mayBeOne(
  sa: Vantage['sightings'],
  { ack: ackA, index: i }: Left,
  sb: Vantage['sightings'],
  { ack: ackB, index: j }: Left,
  { traits }: Pair,
): boolean {
  const stamped = traits.timestamps ? sa.known[i] & sb.known[j] & Known.TIMESTAMPS : 0;
  if (stamped && sa.tsEcr[i] !== sb.tsEcr[j]) return false;
  return areOfOneSending(
    { ack: traits.ack ? ackA : 0, tsVal: stamped ? sa.tsVal[i] : -1 },
    { ack: traits.ack ? ackB : 0, tsVal: stamped ? sb.tsVal[j] : -1 },
  );
}

/** A row for each part that has a partner, and what is left of the frame. */
function split(table: PacketTable, item: Left): void {
  if (item.parts.length === 0) return;
  for (const { other, from, length } of item.parts) {
    const row = copyOf(table, item.row, seqAdd(item.seq, from), length);
    for (const column of table.at) if (column[other.row] >= 0) column[row] = column[other.row];
  }
  splitRest(table, item);
}

/** What is left of a frame of which parts have partners becomes a row, and the row of the whole goes. */
function splitRest(table: PacketTable, item: Left): void {
  const rest = item.found.missing(0, item.length);
  if (rest.length === 1 && rest[0][0] === 0 && rest[0][1] === item.length) return;
  for (const [from, to] of rest) copyOf(table, item.row, seqAdd(item.seq, from), to - from);
  table.stream[item.row] = -1;
}

function copyOf(table: PacketTable, row: number, seq: number, length: number): number {
  const copy = table.add(table.stream[row], table.direction[row]);
  for (const column of table.at) column[copy] = column[row];
  table.partSeq[copy] = seq;
  table.partLength[copy] = length;
  return copy;
}
