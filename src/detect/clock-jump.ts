import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/connection.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Collector } from './collector.ts';

/** A clock's rate is told by so many ticks in so much time (ns) at least. */
const TICKS = 10;
const TIME = 10e6;
/** So many packets after a jump are asked, and so many ends have their say. */
const PACKETS = 1000;
const ENDS = 16;
/** A clock that missed so much of the jump did not see it. */
const MISSED = 0.8;

/** What the clock of one end shows: its first timestamp after the jump, and how much went by until then. */
interface Witness {
  tsVal: number;
  time: number;
  ticks: number;
  /** Nanoseconds, by the capture's clock. */
  elapsed: number;
  heard: boolean;
}

/** A time in which the capture holds no packet: silence, or a clock that was set forward. */
class Jump {
  readonly frame: number;
  readonly from: number;
  readonly time: number;
  private readonly witnesses = new Map<Endpoint, Witness>();
  private packets = 0;
  private heard = 0;
  /** Ends whose own clocks did not see the time go by. */
  readonly missedBy: Endpoint[] = [];

  constructor(frame: number, from: number, time: number) {
    this.frame = frame;
    this.from = from;
    this.time = time;
  }

  get isOpen(): boolean {
    return this.packets < PACKETS && this.heard < ENDS;
  }

  get wasStep(): boolean {
    return this.missedBy.length > 0 && this.missedBy.length === this.heard;
  }

  hear(sender: Endpoint, view: SegmentView): void {
    this.packets++;
    const { clocks } = sender.outbound!;
    if (!(view.options & Option.TIMESTAMPS) || clocks.firstTsVal < 0 || clocks.firstTsTime > this.from) return;
    const witness = this.witnesses.get(sender);
    if (witness === undefined) {
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
    witness.heard = true;
    this.heard++;
    const missed = witness.elapsed - (witness.ticks * time) / ticks;
    if (missed >= MISSED * (this.time - this.from)) this.missedBy.push(sender);
  }
}

/** Tells a clock that was set forward from silence: the timestamps of the hosts (RFC 7323) do not see the step. */
export class ClockJumps {
  private readonly findings: Collector;
  private jump: Jump | null = null;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  /** Between `from` and `time` there is no packet. */
  begin(frame: number, from: number, time: number): void {
    this.conclude();
    this.jump = new Jump(frame, from, time);
  }

  inspect({ sender }: TrackedSegment, view: SegmentView): void {
    const { jump } = this;
    if (jump?.isOpen) jump.hear(sender, view);
  }

  conclude(): void {
    const { jump } = this;
    this.jump = null;
    if (jump === null || !jump.wasStep) return;
    const { frame, from, time, missedBy } = jump;
    const [first] = missedBy;
    this.findings.raise(
      { connection: null, row: null, frame, time },
      {
        id: 'clock-step',
        evidence: [frame],
        confidence: missedBy.length > 1 ? 0.9 : 0.75,
        message: say('clock-step.forward', {
          gap: time - from,
          frame,
          address: missedBy.length === 1 ? first.address : null,
        }),
      },
    );
  }
}
