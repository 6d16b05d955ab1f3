import { type CaptureSource, readCaptures } from './capture/merge.ts';
import { CaptureSession } from './capture/session.ts';
import type { CaptureSink } from './capture/source.ts';
import { Decoder } from './decode/decoder.ts';
import { UsageError } from './model/errors.ts';
import type { CaptureRecord } from './model/record.ts';
import { DecodeStatus, SegmentView } from './model/segment.ts';

/** Segments that are remembered; a power of two. */
const REMEMBERED = 0x10000;
/** So many of the same segments in two files are enough, where they are one in `SHARE`. */
const ENOUGH = 20;
const SHARE = 10;
/** Of whole captures that are shorter: so many, where they are one in `SHARE_OF_ALL`. */
const ENOUGH_OF_ALL = 3;
const SHARE_OF_ALL = 4;

/** Reads captures as one, as `readCaptures` does. Throws UsageError where they were made at two places. */
export async function readAsOne(
  sources: readonly CaptureSource[],
  sink: CaptureSink,
  session: CaptureSession = new CaptureSession(),
): Promise<void> {
  if (sources.length === 1) {
    await readCaptures(sources, sink, session);
    return;
  }
  const views = new TwoViews(
    sink,
    session,
    sources.map(({ name }) => name),
  );
  await readCaptures(sources, views, session);
  views.finish();
}

/**
 * Refuses captures that hold the same segments at other times: they were made at two places, such as at the client and at the
 * server, and read as one each segment would count twice and look like a retransmission.
 *
 * The same segment is one with the same ports, numbers, flags, length and IP ID in two sources. Copies with the same time are
 * none: they come of files that overlap. Stands between the merge and what follows; costs one decoding and one look into a
 * table of fixed size for each record.
 */
export class TwoViews implements CaptureSink {
  private readonly sink: CaptureSink;
  private readonly session: CaptureSession;
  private readonly names: readonly string[];
  private readonly decoder = new Decoder({ verifyChecksums: false });
  private readonly view = new SegmentView();
  private readonly signatures = new Int32Array(REMEMBERED);
  private readonly sources = new Int16Array(REMEMBERED).fill(-1);
  private readonly times = new Float64Array(REMEMBERED);
  private firstSource = -1;
  /** Segments since there was a second source, and those of them that another source had at another time. */
  private segments = 0;
  private same = 0;

  constructor(sink: CaptureSink, session: CaptureSession, names: readonly string[]) {
    this.sink = sink;
    this.session = session;
    this.names = names;
  }

  /** Throws UsageError when it is clear that the captures were made at two places. */
  record(record: CaptureRecord): void {
    if (this.decoder.decode(record, this.view) === DecodeStatus.TCP) this.segment(record.time);
    this.sink.record(record);
  }

  interfaceSeen(...args: Parameters<NonNullable<CaptureSink['interfaceSeen']>>): void {
    this.sink.interfaceSeen?.(...args);
  }

  damage(...args: Parameters<NonNullable<CaptureSink['damage']>>): void {
    this.sink.damage?.(...args);
  }

  /** All was read: judges short captures too. Throws UsageError. */
  finish(): void {
    if (this.same >= ENOUGH_OF_ALL && this.same * SHARE_OF_ALL >= this.segments) throw this.refusal();
  }

  private segment(time: number): void {
    const { source } = this.session;
    if (this.firstSource < 0) this.firstSource = source;
    if (source !== this.firstSource || this.segments > 0) this.segments++;
    const signature = signatureOf(this.view);
    const slot = signature & (REMEMBERED - 1);
    const other = this.sources[slot];
    if (other >= 0 && other !== source && this.signatures[slot] === signature && this.times[slot] !== time) {
      this.same++;
      if (this.same >= ENOUGH && this.same * SHARE >= this.segments) throw this.refusal();
    }
    this.signatures[slot] = signature;
    this.sources[slot] = source;
    this.times[slot] = time;
  }

  private refusal(): UsageError {
    const { names } = this;
    const all = names.length === 2 ? names.join(' and ') : 'the captures';
    return new UsageError(
      `${all} hold the same packets at different times: they were captured at two places, and read as one every packet would count twice`,
      `read them one by one: ${names
        .slice(0, 2)
        .map((name) => `tcpscope ${name}`)
        .join(', then ')}`,
    );
  }
}

/** FNV-1a over what is the same wherever a segment is captured. */
function signatureOf({ srcPort, dstPort, seq, ack, ipId, flags, payloadLength }: SegmentView): number {
  let hash = 0x811c9dc5 | 0;
  hash = Math.imul(hash ^ srcPort, 0x01000193);
  hash = Math.imul(hash ^ dstPort, 0x01000193);
  hash = Math.imul(hash ^ seq, 0x01000193);
  hash = Math.imul(hash ^ (seq >>> 16), 0x01000193);
  hash = Math.imul(hash ^ ack, 0x01000193);
  hash = Math.imul(hash ^ (ack >>> 16), 0x01000193);
  hash = Math.imul(hash ^ ipId, 0x01000193);
  hash = Math.imul(hash ^ ((flags << 16) | payloadLength), 0x01000193);
  // The low bits choose the slot: let all others bear on them.
  return hash ^ (hash >>> 15);
}
