import { CaptureError, InputError } from '../model/errors.ts';
import type { CaptureRecord } from '../model/record.ts';
import { interfacesInTurn, readByInterface } from './by-interface.ts';
import { Feed } from './feed.ts';
import { HeldRecords } from './held-records.ts';
import { CaptureReader } from './reader.ts';
import { CaptureSession, DamageLog } from './session.ts';
import type { CaptureSink, CaptureSource, OpenCapture } from './source.ts';
import { TimeOrigin } from './time.ts';

/**
 * Reads the captures as one, in the order of time.
 *
 * A capture that has the packets of one interface after those of another is read once for each of them, side by side.
 *
 * Files of a rotation, which follow one another, are read one after the other, in the order of their first records and
 * straight from the reader's buffer. Only where files overlap in time are records copied and merged: each such file then
 * holds the records of one buffer. Records of the same time keep the order of the sources; inside of a file the order is
 * never changed. Frame numbers run over the whole.
 *
 * Throws the CaptureError or InputError of a single source. Of several, those that are no captures or cannot be read become
 * fatal damage and are listed in `CaptureFacts.leftOut`, as long as one of them is a capture.
 */
export async function readCaptures(
  sources: readonly CaptureSource[],
  sink: CaptureSink,
  session: CaptureSession = new CaptureSession(),
): Promise<void> {
  if (sources.length > 1) {
    await new Merge(sink, session).run(sources);
    return;
  }
  const [source] = sources;
  const interfaces = await interfacesInTurn(source);
  if (interfaces === null) await readAlone(source, sink, session);
  else await readByInterface(source, interfaces, sink, session);
}

async function readAlone(source: CaptureSource, sink: CaptureSink, session: CaptureSession): Promise<void> {
  const capture = await source.open();
  const feed = new Feed(new CaptureReader(sink, session), sink, source.name, capture);
  try {
    while (await feed.step());
  } finally {
    feed.abandon();
    await capture.close();
  }
}

/** First the earliest record of every source is looked up, then each source is opened when its time has come. */
class Merge {
  private readonly sink: CaptureSink;
  private readonly session: CaptureSession;
  private waiting: Input[] = [];
  private active: Input[] = [];
  private readonly errors: (CaptureError | InputError)[] = [];
  private captures = 0;

  constructor(sink: CaptureSink, session: CaptureSession) {
    this.sink = sink;
    this.session = session;
  }

  async run(sources: readonly CaptureSource[]): Promise<void> {
    const inputs = sources.map((source, order) => new Input(source, order, this.sink, this.session));
    try {
      for (const input of inputs) await this.guard(input, () => input.probe());
      const sound = inputs.filter((input) => !input.failed);
      await this.merge(sound);
      if (this.session.records > 0 && !this.session.origin.started) this.session.origin.untimed();
    } finally {
      for (const input of inputs) await input.close();
    }
    if (this.captures === 0) this.fail();
  }

  /** There was no capture among the sources. */
  private fail(): void {
    const { errors } = this;
    if (errors.length <= 1) {
      for (const error of errors) throw error;
      return;
    }
    const others = errors.slice(1).map((error) => `${error.file}: ${reasonOf(error)}`);
    throw new InputError(errors[0].file!, reasonOf(errors[0]), others);
  }

  private async merge(inputs: Input[]): Promise<void> {
    const first = inputs.reduce<bigint | null>(
      (least, { first: own }) => (own !== null && (least === null || own < least) ? own : least),
      null,
    );
    for (const input of inputs) input.place(first);
    if (first !== null) startAt(this.session.origin, first);
    // Sources without records have nothing to wait for, but their headers are facts too.
    this.waiting = inputs.sort((a, b) => a.begins - b.begins || a.order - b.order);
    while (!this.session.stopped) {
      if (this.active.length === 0) {
        if (this.waiting.length === 0) return;
        await this.activate();
      }
      await this.fill();
      this.drain();
      while (this.waiting.length > 0 && this.waiting[0].begins <= this.earliest()) await this.activate();
    }
  }

  private async activate(): Promise<void> {
    const input = this.waiting.shift()!;
    // Captures that overlap were made at different points: equal descriptions are not the same interface there.
    await this.guard(input, () => input.start(this.active.length === 0));
    if (!input.failed) {
      this.captures++;
      this.active.push(input);
    }
  }

  /** Reads until every active source has a record to compare, or has ended. */
  private async fill(): Promise<void> {
    for (const input of [...this.active]) {
      while (input.isEmpty && !input.ended && !this.session.stopped) {
        // Alone before the next source begins: no record needs to wait.
        input.straightUntil =
          this.active.length === 1 ? (this.waiting[0]?.begins ?? Number.POSITIVE_INFINITY) : Number.NEGATIVE_INFINITY;
        await this.guard(input, () => input.step());
        if (input.failed) break;
      }
    }
    const over = this.active.filter((input) => input.isEmpty && (input.ended || input.failed));
    for (const input of over) await input.close();
    this.active = this.active.filter((input) => !over.includes(input));
  }

  /** Delivers in order while every active source has a record and no waiting one comes first. */
  private drain(): void {
    const limit = this.waiting[0]?.begins ?? Number.POSITIVE_INFINITY;
    while (!this.session.stopped && this.active.length > 0) {
      let least = this.active[0];
      for (const input of this.active) {
        if (input.isEmpty) return;
        const before = input.nextTime - least.nextTime;
        if (before < 0 || (before === 0 && input.order < least.order)) least = input;
      }
      if (least.nextTime >= limit) return;
      least.deliverNext();
      if (least.isEmpty) return;
    }
  }

  private earliest(): number {
    let least = this.active.length === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    for (const input of this.active) if (!input.isEmpty) least = Math.min(least, input.nextTime);
    // An empty source may still have an earlier record.
    return this.active.some((input) => input.isEmpty) ? Number.NEGATIVE_INFINITY : least;
  }

  private async guard(input: Input, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof CaptureError || error instanceof InputError)) throw error;
      input.failed = true;
      if (error instanceof CaptureError) error.file ??= input.name;
      this.errors.push(error);
      this.session.facts.leftOut.push(input.name);
      const log = new DamageLog(this.session, this.sink, input.name);
      const reason = reasonOf(error);
      log.report(null, `the file was left out: ${reason}`, reason, 'a capture', { fatal: true });
    }
  }
}

function reasonOf(error: CaptureError | InputError): string {
  return error instanceof CaptureError ? error.message : error.reason;
}

function startAt(origin: TimeOrigin, first: bigint): void {
  if (origin.started) return;
  let seconds = first / 1_000_000_000n;
  if (seconds * 1_000_000_000n > first) seconds -= 1n;
  origin.start(Number(seconds), Number(first - seconds * 1_000_000_000n));
}

/** One source of a merge, with the records it has read ahead. */
class Input implements CaptureSink {
  readonly name: string;
  readonly order: number;
  failed = false;
  ended = false;
  /** Time of the first record (nanoseconds since 1970), null for a source without. */
  first: bigint | null = null;
  /** The same, in nanoseconds since the first record of all. */
  begins = Number.NEGATIVE_INFINITY;
  /** Records up to this time need not wait. */
  straightUntil = Number.NEGATIVE_INFINITY;

  private readonly source: CaptureSource;
  private readonly target: CaptureSink;
  private readonly shared: CaptureSession;
  /** Counts from its own first record; `shift` leads to the common zero. */
  private own: CaptureSession;
  private shift = 0;
  private capture: OpenCapture | null = null;
  private feed: Feed | null = null;

  private readonly held = new HeldRecords();

  constructor(source: CaptureSource, order: number, target: CaptureSink, shared: CaptureSession) {
    this.source = source;
    this.name = source.name;
    this.order = order;
    this.target = target;
    this.shared = shared;
    this.own = new CaptureSession(shared.facts, new TimeOrigin(null), shared.interfaces);
  }

  /** Reads up to the first record to learn its time. A file is closed again: there may be more of them than descriptors. */
  async probe(): Promise<void> {
    if (this.source.rewinds) {
      const scratch = new CaptureSession();
      const capture = await this.source.open();
      const sink: CaptureSink = { record: () => scratch.stop() };
      const feed = new Feed(new CaptureReader(sink, scratch, 0x8000), sink, this.name, capture);
      try {
        while (!scratch.stopped && (await feed.step()));
      } finally {
        feed.abandon();
        await capture.close();
      }
      this.first = scratch.facts.firstTimestamp;
      return;
    }
    await this.start(false);
    while (this.isEmpty && !this.ended) await this.step();
    this.first = this.own.origin.first;
  }

  /** `first` is the time of the first record of all sources. */
  place(first: bigint | null): void {
    if (this.first === null || first === null) return;
    this.begins = Number(this.first - first);
    this.shift = this.begins;
    this.held.shift(this.shift);
  }

  async start(alone: boolean): Promise<void> {
    if (this.feed !== null) return;
    this.own.shareInterfaces = alone;
    this.capture = await this.source.open();
    this.feed = new Feed(new CaptureReader(this, this.own), this.target, this.name, this.capture);
  }

  async step(): Promise<void> {
    if (!(await this.feed!.step())) this.ended = true;
  }

  async close(): Promise<void> {
    this.feed?.abandon();
    const { capture } = this;
    this.capture = null;
    await capture?.close();
  }

  // What the reader delivers.

  record(record: CaptureRecord): void {
    record.time += this.shift;
    if (this.isEmpty && record.time <= this.straightUntil) this.deliver(record);
    else this.held.push(record);
  }

  interfaceSeen(...args: Parameters<NonNullable<CaptureSink['interfaceSeen']>>): void {
    this.target.interfaceSeen?.(...args);
  }

  damage(...args: Parameters<NonNullable<CaptureSink['damage']>>): void {
    this.target.damage?.(...args);
  }

  // What the merge takes.

  get isEmpty(): boolean {
    return this.held.isEmpty;
  }

  get nextTime(): number {
    return this.held.nextTime;
  }

  deliverNext(): void {
    this.deliver(this.held.take());
  }

  private deliver(record: CaptureRecord): void {
    record.number = ++this.shared.records;
    this.shared.source = this.order;
    this.target.record(record);
    if (this.shared.stopped) this.own.stop();
  }
}
