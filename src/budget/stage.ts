import type { TimeBudget } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import type { PacketRow } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { conclusionOf } from './conclusion.ts';
import { Life } from './life.ts';

/** Divides the life of every connection among those who spent it. Runs after the verdict stage, before the tracker moves on. */
export class BudgetStage {
  /** A connection begins. */
  open(connection: Connection): void {
    connection.life = new Life(connection);
  }

  /** `t` has an effect of its own; `packet` is its row, where rows are kept. */
  segment(t: TrackedSegment, view: SegmentView, packet: PacketRow | null): void {
    (t.connection.life as Life).segment(t, view, packet);
  }
}

/** Where the time of a connection went, when the input has ended; null where nobody asked for it. */
export function budgetOf(connection: Connection): TimeBudget | null {
  return connection.life === null ? null : conclusionOf(connection.life as Life);
}
