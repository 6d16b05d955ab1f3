import { readCaptures } from './capture/merge.ts';
import { CaptureSession } from './capture/session.ts';
import { type CaptureSink, type CaptureSource, STANDARD_INPUT } from './capture/source.ts';
import { Decoder } from './decode/decoder.ts';
import { TwoPlacesError } from './model/errors.ts';
import type { CaptureRecord } from './model/record.ts';
import { DecodeStatus, Option, SegmentView } from './model/segment.ts';
import { shellWord } from './model/shell-word.ts';

/** Segments that are remembered of each sort; a power of two. */
const REMEMBERED = 0x10000;
/** So many of the same segments in two files are enough, where they are one in `SHARE`. */
const ENOUGH = 20;
const SHARE = 10;
/** Of whole captures that are shorter: so many, where they are one in `SHARE_OF_ALL`. */
const ENOUGH_OF_ALL = 3;
const SHARE_OF_ALL = 4;

/** Reads captures as one, as `readCaptures` does. Throws TwoPlacesError where they were made at two places. */
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
 * The same segment is one with the same flags, length and IP ID in two sources, with the same timestamps (or ports, where it has
 * none), and with the same numbers, or an IP ID: addresses and sequence numbers may be changed on the way. Copies with the same time are
 * none: they come of files that overlap. Stands between the merge and what follows; costs one decoding and two looks into
 * tables of fixed size for each record.
 */
class TwoViews implements CaptureSink {
  private readonly sink: CaptureSink;
  private readonly session: CaptureSession;
  private readonly names: readonly string[];
  private readonly decoder = new Decoder({ verifyChecksums: false });
  private readonly view = new SegmentView();
  private readonly numbered = new Remembered();
  private readonly unnumbered = new Remembered();
  private firstSource = -1;
  /** Segments since there was a second source, and those of them that another source had at another time. */
  private segments = 0;
  private same = 0;

  constructor(sink: CaptureSink, session: CaptureSession, names: readonly string[]) {
    this.sink = sink;
    this.session = session;
    this.names = names;
  }

  /** Throws TwoPlacesError when it is clear that the captures were made at two places. */
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

  /** All was read: judges short captures too. Throws TwoPlacesError. */
  finish(): void {
    if (this.same >= ENOUGH_OF_ALL && this.same * SHARE_OF_ALL >= this.segments) throw this.refusal();
  }

  private segment(time: number): void {
    const { source } = this.session;
    if (this.firstSource < 0) this.firstSource = source;
    if (source !== this.firstSource || this.segments > 0) this.segments++;
    const { view } = this;
    const isSame = this.numbered.meets(numberedOf(view), source, time);
    // A middlebox may shift sequence numbers, and an IP ID of 0 tells nothing.
    const isAlike = view.ipId > 0 && this.unnumbered.meets(unnumberedOf(view), source, time);
    if (!isSame && !isAlike) return;
    this.same++;
    if (this.same >= ENOUGH && this.same * SHARE >= this.segments) throw this.refusal();
  }

  private refusal(): TwoPlacesError {
    const { names } = this;
    const all = names.length === 2 ? names.join(' and ') : 'the captures';
    // What came that way cannot be read once more.
    const save = names.includes(STANDARD_INPUT) ? 'save standard input as a file (FILE) and ' : '';
    const files = names.map((name) => (name === STANDARD_INPUT ? 'FILE' : shellWord(name)));
    return new TwoPlacesError(
      `${all} hold the same packets at different times: they were captured at two places, and read as one every packet would count twice`,
      `${save}compare them: tcpscope compare ${files.join(' ')}`,
    );
  }
}

/** The latest segments, by what they have in common wherever they are seen. */
class Remembered {
  private readonly signatures = new Int32Array(REMEMBERED);
  private readonly sources = new Int16Array(REMEMBERED).fill(-1);
  private readonly times = new Float64Array(REMEMBERED);

  /** Another source had it at another time. */
  meets(signature: number, source: number, time: number): boolean {
    const slot = signature & (REMEMBERED - 1);
    const other = this.sources[slot];
    const isMet = other >= 0 && other !== source && this.signatures[slot] === signature && this.times[slot] !== time;
    this.signatures[slot] = signature;
    this.sources[slot] = source;
    this.times[slot] = time;
    return isMet;
  }
}

const PRIME = 0x01000193;

/** FNV-1a over its numbers and timestamps: with these no ports are needed, which stay where addresses are translated. */
function numberedOf(view: SegmentView): number {
  return finished(withNumber(withNumber(withIdentity(view), view.seq), view.ack));
}

/** The same without numbers, which a middlebox may shift. */
function unnumberedOf(view: SegmentView): number {
  return finished(withNumber(withIdentity(view), view.rawWindow));
}

function withIdentity({ srcPort, dstPort, ipId, flags, payloadLength, options, tsVal, tsEcr }: SegmentView): number {
  const hash = withNumber(Math.imul(0x811c9dc5 ^ ipId, PRIME), (flags << 16) | payloadLength);
  return options & Option.TIMESTAMPS
    ? withNumber(withNumber(hash, tsVal), tsEcr)
    : withNumber(withNumber(hash, srcPort), dstPort);
}

function withNumber(hash: number, value: number): number {
  return Math.imul(Math.imul(hash ^ value, PRIME) ^ (value >>> 16), PRIME);
}

/** The low bits choose the slot: all others bear on them. */
function finished(hash: number): number {
  return hash ^ (hash >>> 15);
}
