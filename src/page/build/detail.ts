import { exchangeReport } from '../../budget/report.ts';
import { budgetOf } from '../../model/budget.ts';
import type { Connection } from '../../model/connection.ts';
import type { PacketRow } from '../../model/row.ts';
import type { SegmentView } from '../../model/segment.ts';
import type { TrackedSegment } from '../../model/tracked.ts';
import { FlowBuilder } from '../../picture/flow.ts';
import { stateFigure } from '../../picture/state-figure.ts';
import { flowSvg } from '../../render/picture/flow-svg.ts';
import { stateFigureSvg } from '../../render/picture/state-figure-svg.ts';
import { connectionReport } from '../../report/connection.ts';
import type { Detail } from '../model.ts';
import { GraphsBuilder } from './graphs.ts';
import { PacketTableBuilder } from './packets.ts';
import { StreamBuilder } from './streams.ts';
import { taleOf } from './tale.ts';

/** Arrows of a sequence diagram in a page; `flow` draws more. */
const MOST_ARROWS = 600;

export interface DetailOptions {
  /** Most packets that are listed. */
  readonly packets?: number;
  /** Whether the payload is to be in it. */
  readonly hasPayload: boolean;
}

/** Gathers all that a page shows of one connection while its packets come. */
export class DetailBuilder {
  private readonly connection: Connection;
  private readonly packets: PacketTableBuilder;
  private readonly graphs = new GraphsBuilder();
  private readonly flow = new FlowBuilder({ most: MOST_ARROWS });
  private readonly streams: StreamBuilder | null;

  constructor(connection: Connection, { packets, hasPayload }: DetailOptions) {
    this.connection = connection;
    this.packets = new PacketTableBuilder(packets);
    this.streams = hasPayload ? new StreamBuilder(connection) : null;
  }

  /** Every segment, when all stages have seen it. */
  segment(t: TrackedSegment, view: SegmentView): void {
    this.streams?.segment(t, view);
  }

  /** Every row, when its verdict is settled. */
  row(row: PacketRow): void {
    this.packets.take(row);
    this.graphs.take(row);
    this.flow.take(row);
  }

  /** The input has ended. `origin`: nanoseconds since 1970 of the first record; `isClocked`: a clock gave the times. */
  build(origin: bigint, isClocked: boolean): Detail {
    const { connection } = this;
    const budget = budgetOf(connection);
    const flow = this.flow.build();
    return {
      report: connectionReport(connection, origin),
      story: taleOf(connection, isClocked),
      packets: this.packets.build(),
      graphs: this.graphs.build(),
      exchanges: (budget?.exchanges ?? []).map((exchange) => exchangeReport(exchange, connection, origin, isClocked)),
      moreExchanges: budget?.moreExchanges ?? 0,
      flow: flow === null ? '' : flowSvg(flow, 'part'),
      states: stateFigureSvg(stateFigure(connection), 'part'),
      streams: this.streams?.build() ?? null,
    };
  }
}
