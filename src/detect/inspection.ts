import type { AckEffect } from '../model/ack-effect.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { PacketRow } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Transition } from '../model/transition.ts';
import type { Verdict } from '../model/verdict.ts';
import type { Where } from './account.ts';
import { FactSet } from './facts.ts';

/** One segment as detectors see it; the same object for every segment. */
export class Inspection implements Where {
  t!: TrackedSegment;
  view!: SegmentView;
  row: PacketRow | null = null;
  readonly facts = new FactSet();
  /** A detector has said what this probe is: the others need not. */
  explained = false;

  has(fact: number): boolean {
    return this.facts.has(fact);
  }

  /** Null for plain segments where no rows are kept. */
  get verdict(): Verdict | null {
    return this.t.verdict;
  }

  get effect(): AckEffect {
    return this.t.effect;
  }

  get transition(): Transition {
    return this.t.transition;
  }

  get connection(): Connection {
    return this.t.connection;
  }

  get sender(): Endpoint {
    return this.t.sender;
  }

  get receiver(): Endpoint {
    return this.t.receiver;
  }

  get frame(): number {
    return this.view.frame;
  }

  /** Nanoseconds since the first record. */
  get time(): number {
    return this.view.time;
  }
}
