import type { CaptureFacts } from '../../model/capture-facts.ts';
import type { Connection } from '../../model/connection.ts';
import type { Finding } from '../../model/finding.ts';
import type { PacketRow, RowPart } from '../../model/row.ts';
import { CaptureState, type CountedPackets, incompleteness } from './capture-state.ts';
import { anomalyFact, FlowFacts } from './flow-facts.ts';
import { capturingHost, placeOf } from './place.ts';

/** What is left to say when the analysis has ended. `Analyzer` is one. */
export interface Analysed {
  readonly counts: CountedPackets;
  readonly connections: readonly Connection[];
  readonly findings: readonly Finding[];
}

/** The parts of rows that packets are asked about. */
const READ_PARTS: ReadonlySet<RowPart> = new Set(['findings']);

/** Gathers, row by row, what assertions may ask. */
export class FactCollector {
  private readonly flows = new Map<number, FlowFacts>();
  /** Connections that left, of those that something is asked of. */
  private left = 0;
  private readonly keepsPackets: boolean;

  /** `keepsPackets`: an assertion asks for more than sums, so every packet must be kept. */
  constructor(keepsPackets: boolean) {
    this.keepsPackets = keepsPackets;
  }

  readonly take = (row: PacketRow): void => {
    // A row may wait for longer than its connection is kept.
    if (!row.connection.hasLeft) this.flowOf(row.connection).take(row);
  };

  /** What it wants of an analysis. It keeps none of the rows. */
  readonly rows = { onRow: this.take, lendsRows: true, rowsTell: READ_PARTS } as const;

  /** The connection leaves before the capture has ended. `isAsked`: something would have been asked of it. */
  leave(connection: Connection, isAsked: boolean): void {
    this.flows.delete(connection.id);
    if (isAsked) this.left++;
  }

  /** `trusts`: do not doubt what cut or dropping captures show. `asked`: the connections that something is asked of. */
  finish(
    { counts, connections, findings }: Analysed,
    facts: CaptureFacts,
    trusts: boolean,
    asked = connections,
  ): CaptureState {
    const missing = trusts ? null : incompleteness(counts, facts);
    const host = capturingHost(connections);
    const unlisted = findings.find(({ id }) => id === 'findings-limit')?.text ?? null;
    for (const connection of asked) {
      const flow = this.flowOf(connection);
      flow.end(counts.endTime, missing, placeOf(connection, host), trusts);
      flow.unlisted = unlisted;
    }
    const flows = [...this.flows.values()].sort((one, other) => one.connection.id - other.connection.id);
    const anomalies = [...findings.map(anomalyFact), ...flows.flatMap((flow) => flow.anomalies)];
    return new CaptureState(counts, facts, flows, missing, anomalies, unlisted, this.left);
  }

  private flowOf(connection: Connection): FlowFacts {
    let flow = this.flows.get(connection.id);
    if (flow === undefined) {
      flow = new FlowFacts(connection, this.keepsPackets);
      this.flows.set(connection.id, flow);
    }
    return flow;
  }
}
