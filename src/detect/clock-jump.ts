import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { SYN } from '../model/flags.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Collector } from './collector.ts';
import type { Gatherer, RaiseAt } from './detector.ts';
import { remember } from './memory.ts';

/** A clock's rate is told by so many ticks in so much time (ns) at least. */
const TICKS = 10;
const TIME = 10e6;
/** So many packets after a jump are asked, and so many ends have their say. */
const PACKETS = 1000;
const ENDS = 16;
/** A clock that missed so much of the jump did not see it. */
const MISSED = 0.8;
/** Packets come later than they were sent, some of them by this much (ns): by so much the time that tells a rate may be too short. */
const DELAY = 1e9;

/** What the clock of one end shows: its first timestamp after the jump, and how much went by until then. */
interface Witness {
  tsVal: number;
  time: number;
  ticks: number;
  /** Nanoseconds, by the capture's clock. */
  elapsed: number;
  heard: boolean;
}

/** What one end said of a jump: when that was known, and the address of an end whose clock did not see the time go by. */
interface Testimony {
  readonly frame: number;
  readonly missedBy: string | null;
}

/** A jump of the clock, or a silence, as plain data. */
export interface JumpFacts {
  readonly frame: number;
  readonly from: number;
  readonly time: number;
  /** The last packet that was asked about it; 0 while too few have come. */
  readonly until: number;
  readonly heard: readonly Testimony[];
}

/** The first jumps of the capture, which a shard remembers: of later ones nothing is said. */
const MOST_JUMPS = 1 << 16;

/** A time in which the capture holds no packet: silence, or a clock that was set forward. */
class Jump implements JumpFacts {
  readonly frame: number;
  readonly from: number;
  readonly time: number;
  until = 0;
  readonly heard: Testimony[] = [];
  private readonly witnesses = new Map<Endpoint, Witness>();
  private packets = 0;
  /** The last packet that is asked, where that is known beforehand. */
  private readonly last: number;

  constructor(frame: number, from: number, time: number, last = Number.POSITIVE_INFINITY) {
    this.frame = frame;
    this.from = from;
    this.time = time;
    this.last = last;
  }

  asks(frame: number): boolean {
    return this.until === 0 && this.heard.length < ENDS && frame <= this.last;
  }

  /** A segment came, of this shard or of another. */
  pass(frame: number): void {
    if (++this.packets === PACKETS) this.until = frame;
  }

  hear(sender: Endpoint, view: SegmentView): void {
    const { clocks } = sender.outbound!;
    // Some stacks keep the timestamp of a SYN when they send it again.
    if (view.flags & SYN) return;
    if (!(view.options & Option.TIMESTAMPS) || clocks.firstTsVal < 0 || clocks.firstTsTime > this.from) return;
    const witness = this.witnesses.get(sender);
    if (witness === undefined) {
      remember(sender);
      this.witnesses.set(sender, {
        tsVal: view.tsVal,
        time: view.time,
        ticks: (view.tsVal - clocks.firstTsVal) >>> 0,
        elapsed: view.time - clocks.firstTsTime,
        heard: false,
      });
      return;
    }
    const ticks = (view.tsVal - witness.tsVal) | 0;
    const time = view.time - witness.time;
    if (witness.heard || ticks < TICKS || time < TIME) return;
    // Its rate is known to a tick and to the delay of a packet: what that comes to over all the time before must not decide.
    const gap = this.time - this.from;
    const enough = MISSED * gap;
    const missedAtLeast = witness.elapsed - (witness.ticks * (time + DELAY)) / (ticks - 1);
    const missedAtMost = witness.elapsed - (witness.ticks * time) / (ticks + 1);
    const hasMissed = missedAtLeast >= enough;
    if (!hasMissed && missedAtMost >= enough) return;
    // Nobody misses more than there was: packets that were held back had shown a rate that is too high.
    if (missedAtLeast > gap + DELAY) return;
    witness.heard = true;
    this.heard.push({ frame: view.frame, missedBy: hasMissed ? sender.address : null });
  }

  get facts(): JumpFacts {
    const { frame, from, time, until, heard } = this;
    return { frame, from, time, until, heard };
  }
}

/** Tells a clock that was set forward from silence: the timestamps of the hosts (RFC 7323) do not see the step. */
export class ClockJumps implements Gatherer<readonly JumpFacts[]> {
  private readonly findings: Collector;
  private jump: Jump | null = null;
  /** Those that are over, where other shards have more to say of them. */
  private over: JumpFacts[] | null = null;
  /** Those that begin later, where they were found beforehand. */
  private coming: readonly JumpFacts[] = [];
  private next = 0;
  /** The last one of several shards: it is judged when the input has ended. */
  private last: JumpFacts | null = null;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  /** They are kept for a merge instead of judged; `coming`: where the packets between are not seen, those that there are. */
  keep(coming: readonly JumpFacts[] = []): void {
    this.over = [];
    this.coming = coming;
  }

  /** Between `from` and `time` there is no packet. */
  begin(frame: number, from: number, time: number): void {
    this.conclude();
    this.jump = new Jump(frame, from, time);
  }

  /** A segment that another shard looks at. */
  pass(frame: number): void {
    const { jump } = this;
    if (jump?.asks(frame)) jump.pass(frame);
  }

  inspect({ sender }: TrackedSegment, view: SegmentView): void {
    this.reaches(view.frame);
    const { jump } = this;
    if (!jump?.asks(view.frame)) return;
    jump.hear(sender, view);
    jump.pass(view.frame);
  }

  /** Segments are asked what their clocks say. */
  asks(frame: number): boolean {
    this.reaches(frame);
    return this.jump?.asks(frame) ?? false;
  }

  private reaches(frame: number): void {
    if (this.next < this.coming.length && this.coming[this.next].frame <= frame) this.arrive(frame);
  }

  /** Takes up the latest of those that began before `frame`; its packets were counted. */
  private arrive(frame: number): void {
    const { coming } = this;
    while (this.next + 1 < coming.length && coming[this.next + 1].frame <= frame) this.next++;
    const { frame: first, from, time, until } = coming[this.next++];
    this.conclude();
    this.jump = new Jump(first, from, time, until === 0 ? Number.POSITIVE_INFINITY : until);
  }

  conclude(): void {
    const { jump, over, last } = this;
    this.jump = null;
    this.last = null;
    if (last !== null) this.judge(last);
    if (jump === null) return;
    if (over === null) this.judge(jump);
    else if (over.length < MOST_JUMPS) over.push(jump.facts);
  }

  /** Of a shard: all jumps of the capture, with what its own ends said. */
  gathered(): readonly JumpFacts[] {
    this.conclude();
    return this.over ?? [];
  }

  /** A jump is judged when the next begins. */
  join(shards: readonly (readonly JumpFacts[])[], raiseAt: RaiseAt): void {
    const jumps = joinJumps(shards);
    this.last = jumps.pop() ?? null;
    for (const [i, jump] of jumps.entries()) raiseAt((jumps[i + 1] ?? this.last).frame, () => this.judge(jump));
  }

  /** What the ends say of it. */
  private judge({ frame, from, time, heard }: JumpFacts): void {
    const missedBy = heard.filter((one) => one.missedBy !== null);
    if (missedBy.length === 0 || missedBy.length < heard.length) return;
    this.findings.raise(
      { connection: null, row: null, frame, time },
      {
        id: 'clock-step',
        evidence: [frame],
        confidence: missedBy.length > 1 ? 0.9 : 0.75,
        message: say('clock-step.forward', {
          gap: time - from,
          frame,
          address: missedBy.length === 1 ? missedBy[0].missedBy : null,
        }),
      },
    );
  }
}

/** The same jumps as several shards saw them: the first ends that said something, in the order of their packets. */
function joinJumps(shards: readonly (readonly JumpFacts[])[]): JumpFacts[] {
  const byFrame = new Map<number, JumpFacts>();
  for (const jump of shards.flat()) {
    const known = byFrame.get(jump.frame);
    const heard = known === undefined ? jump.heard : [...known.heard, ...jump.heard];
    byFrame.set(jump.frame, { ...jump, heard });
  }
  return [...byFrame.values()]
    .sort((one, other) => one.frame - other.frame)
    .map((jump) => ({ ...jump, heard: [...jump.heard].sort((one, other) => one.frame - other.frame).slice(0, ENDS) }));
}
