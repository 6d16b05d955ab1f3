import { TIME_USES, TimeUse } from '../model/budget.ts';
import { DOUBLE_ZERO } from '../model/packed.ts';
import type { Tape } from './tape.ts';

/** Spans of one connection that are kept. Beyond them the shortest are joined to those before them. */
export const MAX_SPANS = 4096;
/** Beside the uses, what data of the end 0 or 1 (added) spent in a queue. Whether that is a bottleneck's shows later. */
export const QUEUE = TIME_USES.length;
/** And a pause of the server's program after which it may have begun a message of its own. Whether somebody waited for it shows later. */
export const ANEW = QUEUE + 2;
/** Memory for so many numbers waits for the next line of time. */
const KEPT = 1024;
/** Exchanges fit into the double beside the use. */
const USES = 32;

/**
 * The line of time of one connection: one span after the other, from 0 on. It only grows at its end, so what is told late of a
 * time that has been given already changes nothing.
 */
export class Ledger {
  /** End of each span (ns since the first packet) and what it is: `use + USES * (exchange + 1)`. */
  private spans: number[] = [Number.NaN];
  /** How many of its numbers count. What else is there keeps it an array of doubles. */
  private used = 0;
  /** By use: what spans that were joined to others gave to these (ns); null while none was. */
  joined: number[] | null = null;
  /** Up to where the time has been given (ns), and what the latest was given to. */
  now = DOUBLE_ZERO;
  lastUse: number = TimeUse.UNKNOWN;

  /** No time has been given. */
  begin(): void {
    if (this.spans.length > KEPT) this.spans = [Number.NaN];
    this.used = 0;
    this.joined = null;
    this.now = DOUBLE_ZERO;
    this.lastUse = TimeUse.UNKNOWN;
  }

  /** The time up to `time` went to `use`. Returns how much that is (ns). */
  until(time: number, use: number, exchange: number): number {
    const taken = time - this.now;
    if (!(taken > 0)) return 0;
    const code = use + USES * (exchange + 1);
    const last = this.used - 2;
    if (last >= 0 && this.spans[last + 1] === code) this.spans[last] = time;
    else {
      if (this.used >= 2 * MAX_SPANS) this.coarsen();
      const { spans, used } = this;
      spans[used] = time;
      spans[used + 1] = code;
      this.used += 2;
    }
    this.now = time;
    this.lastUse = use;
    return taken;
  }

  /** The time since `from`, up to now, turns out to have gone to `use`, all of it. */
  retell(from: number, use: number): void {
    const { spans, now } = this;
    const last = this.used - 2;
    if (last < 0 || from >= now) return;
    const exchange = this.exchangeOf(last / 2);
    let i = last;
    while (i >= 2 && spans[i - 2] > from) i -= 2;
    const start = i >= 2 ? spans[i - 2] : 0;
    this.used = from > start ? i + 2 : i;
    if (from > start) spans[i] = from;
    this.now = Math.max(from, start);
    this.until(now, use, exchange);
  }

  /** Joins the shorter half of the spans to those before them. */
  private coarsen(): void {
    const { spans } = this;
    this.joined ??= new Array<number>(ANEW + 1).fill(0);
    const lengths = new Float64Array(this.used / 2);
    for (let i = 0; i < lengths.length; i++) lengths[i] = spans[2 * i] - (i === 0 ? 0 : spans[2 * i - 2]);
    const limit = lengths.slice().sort()[lengths.length >> 1];
    const kept: number[] = [];
    let wasKept = false;
    for (let i = 0; i < lengths.length; i++) {
      const last = kept.length - 2;
      // Of those that are just as long every second one goes.
      const isShort: boolean = lengths[i] < limit || (lengths[i] === limit && wasKept);
      wasKept = !(last >= 0 && (isShort || kept[last + 1] === spans[2 * i + 1]));
      if (!wasKept) {
        kept[last] = spans[2 * i];
        this.joined[this.useOf(i)] += lengths[i];
        this.joined[kept[last + 1] % USES] -= lengths[i];
      } else kept.push(spans[2 * i], spans[2 * i + 1]);
    }
    this.spans = kept;
    this.used = kept.length;
  }

  get length(): number {
    return this.used / 2;
  }

  /** Numbers of spans that are kept. */
  get size(): number {
    return this.used;
  }

  write(tape: Tape): void {
    const { spans, used, joined } = this;
    tape.put(this.now);
    tape.put(this.lastUse);
    tape.put(used);
    for (let i = 0; i < used; i++) tape.put(spans[i]);
    tape.put(joined?.length ?? 0);
    if (joined !== null) for (const time of joined) tape.put(time);
  }

  read(tape: Tape): void {
    this.begin();
    this.now = tape.next();
    this.lastUse = tape.next();
    this.used = tape.next();
    for (let i = 0; i < this.used; i++) this.spans[i] = tape.next();
    const joined = tape.next();
    if (joined > 0) this.joined = Array.from({ length: joined }, () => tape.next());
  }

  endOf(i: number): number {
    return this.spans[2 * i];
  }

  useOf(i: number): number {
    return this.spans[2 * i + 1] % USES;
  }

  exchangeOf(i: number): number {
    return Math.floor(this.spans[2 * i + 1] / USES) - 1;
  }
}
