import type { CaptureInterface } from '../model/capture-facts.ts';
import type { CaptureRecord } from '../model/record.ts';
import { Feed } from './feed.ts';
import { HeldRecords } from './held-records.ts';
import { CaptureReader } from './reader.ts';
import { CaptureSession } from './session.ts';
import type { CaptureSink, CaptureSource, OpenCapture } from './source.ts';

/** Records may be so much older than those before them (ns), or so many in a row be older at all: a window puts those in order. */
const ORDERLY_TIME = 250e6;
const ORDERLY_RECORDS = 1 << 14;
/** A file is read side by side at most as many times as it has interfaces. */
const MAX_LANES = 64;
const LANE_BUFFER = 0x20000;

/**
 * The interfaces of a capture whose records are in order of time on each of them and not as a whole: first all of one
 * interface and then all of the next. Null for all other captures. One with a single interface costs the reading of its
 * beginning, one with several a look at every record.
 */
export async function interfacesInTurn(source: CaptureSource): Promise<readonly CaptureInterface[] | null> {
  if (!source.rewinds) return null;
  const session = new CaptureSession();
  const order = new OrderCheck(session);
  const capture = await source.open();
  const feed = new Feed(new CaptureReader(order, session, 0x8000), order, source.name, capture);
  try {
    while (!session.stopped && (await feed.step()));
  } catch {
    // Whoever reads it will meet the same, and say so.
    return null;
  } finally {
    feed.abandon();
    await capture.close();
  }
  return order.isInTurn ? session.facts.interfaces : null;
}

/** Looks whether records are far from the order of time; stops where that is known. */
class OrderCheck implements CaptureSink {
  isInTurn = false;
  private readonly session: CaptureSession;
  private latest = Number.NEGATIVE_INFINITY;
  private late = 0;
  /** The latest time of each interface. */
  private readonly latestAt: number[] = [];

  constructor(session: CaptureSession) {
    this.session = session;
  }

  record({ time, interfaceId }: CaptureRecord): void {
    const { session, latestAt } = this;
    const interfaces = session.facts.interfaces.length;
    if (interfaces < 2 || interfaces > MAX_LANES) {
      session.stop();
      return;
    }
    const own = latestAt[interfaceId] ?? Number.NEGATIVE_INFINITY;
    this.late = time < this.latest ? this.late + 1 : 0;
    // A clock that was set back takes the order from an interface as well.
    const isOwnOrder = time > own - ORDERLY_TIME;
    if (isOwnOrder && (this.latest - time >= ORDERLY_TIME || this.late >= ORDERLY_RECORDS)) this.isInTurn = true;
    if (time > this.latest) this.latest = time;
    if (time > own) latestAt[interfaceId] = time;
  }
}

/** Reads a capture as many times side by side as it has interfaces, and delivers the earliest record of all. */
export async function readByInterface(
  source: CaptureSource,
  interfaces: readonly CaptureInterface[],
  sink: CaptureSink,
  session: CaptureSession,
): Promise<void> {
  // They are the same in each reading, and known before the first record of any.
  for (const described of interfaces) session.interfaces.add({ ...described, received: null, dropped: null }, sink);
  const lanes: Lane[] = [];
  try {
    for (let i = 0; i < interfaces.length; i++) lanes.push(await Lane.open(source, sink, i, i === 0 ? session : null));
    for (;;) {
      let least: Lane | null = null;
      for (const lane of lanes) {
        await lane.fill();
        if (!lane.held.isEmpty && (least === null || lane.held.nextTime < least.held.nextTime)) least = lane;
      }
      if (least === null || session.stopped) break;
      // Without a look at the others as long as none of them can be earlier.
      deliver(lanes, least, sink, session);
    }
  } finally {
    for (const lane of lanes) await lane.close();
  }
}

/** Delivers in order of time until one has no record left to compare. */
function deliver(lanes: readonly Lane[], first: Lane, sink: CaptureSink, session: CaptureSession): void {
  let least = first;
  while (!session.stopped) {
    sink.record(least.held.take());
    if (least.held.isEmpty) return;
    for (const lane of lanes) if (!lane.held.isEmpty && lane.held.nextTime < least.held.nextTime) least = lane;
  }
}

/** One reading of the capture, which keeps the records of one interface. */
class Lane implements CaptureSink {
  readonly held = new HeldRecords();
  private readonly target: CaptureSink | null;
  private readonly only: number;
  private readonly capture: OpenCapture;
  private readonly feed: Feed;
  private hasEnded = false;

  /** The first one has the session of the whole, and tells of damage. */
  static async open(
    source: CaptureSource,
    sink: CaptureSink,
    only: number,
    session: CaptureSession | null,
  ): Promise<Lane> {
    return new Lane(await source.open(), source.name, session === null ? null : sink, only, session);
  }

  private constructor(
    capture: OpenCapture,
    name: string,
    target: CaptureSink | null,
    only: number,
    session: CaptureSession | null,
  ) {
    this.capture = capture;
    this.target = target;
    this.only = only;
    const reader = new CaptureReader(this, session ?? new CaptureSession(), LANE_BUFFER);
    this.feed = new Feed(reader, this, name, capture);
  }

  record(record: CaptureRecord): void {
    if (record.interfaceId === this.only) this.held.push(record);
  }

  damage(...args: Parameters<NonNullable<CaptureSink['damage']>>): void {
    this.target?.damage?.(...args);
  }

  /** Reads on until there is a record, or none any more. */
  async fill(): Promise<void> {
    while (this.held.isEmpty && !this.hasEnded) if (!(await this.feed.step())) this.hasEnded = true;
  }

  async close(): Promise<void> {
    this.feed.abandon();
    await this.capture.close();
  }
}
