import { OptionKind } from '../decode/tcp-option-kinds.ts';
import { listOptions } from '../decode/tcp-options.ts';
import type { SegmentView } from '../model/segment.ts';
import { readUnixTime, timestampText, type UnixTime } from '../model/timestamp.ts';
import type { Json, JsonOut } from './field.ts';
import { FixedText } from './text-bytes.ts';

/* Values of packets that nearly every packet has, and that would be made only to be written: their JSON, without them. */

const unixTime: UnixTime = { seconds: 0, nanos: 0 };
const QUOTE = new FixedText('"');
const POINT = new FixedText('.');

/** `timestampText` as JSON. */
export function writeTimestamp(origin: bigint, time: number, out: JsonOut): void {
  if (!readUnixTime(origin, time, unixTime)) {
    out.value(timestampText(origin, time));
    return;
  }
  out.fixed(QUOTE);
  out.number(unixTime.seconds);
  out.fixed(POINT);
  out.digits(unixTime.nanos, 9);
  out.fixed(QUOTE);
}

/** The TCP options of a segment, as far as they were captured. */
export function optionList(view: SegmentView): Json {
  const { bytes, data } = view;
  return listOptions(bytes, data, startOf(view), endOf(view), capturedOf(view)) as unknown as Json;
}

/** Members of the list, the first and any other. */
const NOP = ['[', ','].map((open) => new FixedText(`${open}{"kind":1,"name":"nop","length":1,"fields":{}}`));
const TIMESTAMPS = ['[', ','].map(
  (open) => new FixedText(`${open}{"kind":8,"name":"timestamps","length":10,"fields":{"tsVal":`),
);
const ECHO = new FixedText(',"tsEcr":');
const TIMESTAMPS_END = new FixedText('}}');
const END = new FixedText(']');
const EMPTY = new FixedText('[]');
const TIMESTAMPS_LENGTH = 10;

/** `optionList` as JSON: time stamps are what most segments have. */
export function writeOptions(view: SegmentView, out: JsonOut): void {
  const { bytes, data } = view;
  const start = startOf(view);
  const end = endOf(view);
  const before = out.length;
  const readable = Math.min(end, capturedOf(view));
  let at = start;
  while (at < readable) {
    const which = at === start ? 0 : 1;
    if (bytes[at] === OptionKind.NOP) {
      out.fixed(NOP[which]);
      at++;
    } else if (isTimestamps(bytes, at, readable)) {
      out.fixed(TIMESTAMPS[which]);
      out.number(data.getUint32(at + 2));
      out.fixed(ECHO);
      out.number(data.getUint32(at + 6));
      out.fixed(TIMESTAMPS_END);
      at += TIMESTAMPS_LENGTH;
    } else break;
  }
  out.fixed(at === start ? EMPTY : END);
  if (at === end) return;
  out.length = before;
  out.value(optionList(view));
}

function isTimestamps(bytes: Uint8Array, at: number, end: number): boolean {
  return bytes[at] === OptionKind.TIMESTAMPS && at + TIMESTAMPS_LENGTH <= end && bytes[at + 1] === TIMESTAMPS_LENGTH;
}

function startOf({ tcpOffset }: SegmentView): number {
  return tcpOffset + 20;
}

/** Where the header ends: before `startOf` where its length is impossible. */
function endOf({ tcpOffset, headerLength }: SegmentView): number {
  return Math.max(tcpOffset + headerLength, tcpOffset + 20);
}

function capturedOf(view: SegmentView): number {
  return view.reassembled ? endOf(view) : view.recordOffset + view.capturedLength;
}
