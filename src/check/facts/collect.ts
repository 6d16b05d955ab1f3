import type { CaptureFacts } from '../../model/capture-facts.ts';
import type { Connection } from '../../model/connection.ts';
import type { Finding } from '../../model/finding.ts';
import type { PacketRow, RowPart } from '../../model/row.ts';
import { isClocked } from '../../summary/trust.ts';
import { CaptureState, type CountedPackets, incompleteness, type LeftFlows } from './capture-state.ts';
import { type AnomalyFact, anomalyFact, FlowFacts } from './flow-facts.ts';
import { capturingHost, placeOf } from './place.ts';

/** What is left to say when the analysis has ended. `Analyzer` is one. */
export interface Analysed {
  readonly counts: CountedPackets;
  readonly connections: readonly Connection[];
  readonly findings: readonly Finding[];
}

/** The parts of rows that packets are asked about. */
const READ_PARTS: ReadonlySet<RowPart> = new Set(['findings']);

/** Most findings that are kept of connections that left: some 2 kB each. */
const MOST_OF_LEFT = 10_000;

/** What is kept of connections that leave. */
class Left implements LeftFlows {
  count = 0;
  readonly anomalies: AnomalyFact[] = [];
  unlisted = 0;

  take({ anomalies }: FlowFacts): void {
    this.count++;
    for (const anomaly of anomalies) {
      if (this.anomalies.length < MOST_OF_LEFT) this.anomalies.push(anomaly);
      else this.unlisted++;
    }
  }
}

/** Gathers, row by row, what assertions may ask. */
export class FactCollector {
  private readonly flows = new Map<number, FlowFacts>();
  private readonly left = new Left();
  private readonly keepsPackets: boolean;

  /** `keepsPackets`: an assertion asks for more than sums, so every packet must be kept. */
  constructor(keepsPackets: boolean) {
    this.keepsPackets = keepsPackets;
  }

  readonly take = (row: PacketRow): void => {
    this.flowOf(row.connection).take(row);
  };

  /** What it wants of an analysis. It keeps none of the rows. */
  readonly rows = { onRow: this.take, lendsRows: true, rowsTell: READ_PARTS } as const;

  /**
   * The connection leaves at `time`, before the capture has ended, and all its rows were taken. What the capture shows as a whole is
   * not known yet: nothing is taken to be missing, and where it was made only as far as the connection itself shows it.
   */
  leave(connection: Connection, time: number, trusts: boolean): FlowFacts {
    const flow = this.flowOf(connection);
    flow.end(time, null, placeOf(connection, null), trusts);
    this.left.take(flow);
    this.drop(connection);
    return flow;
  }

  /** Nothing is asked of a connection that leaves. */
  drop({ id }: Connection): void {
    this.flows.delete(id);
  }

  /** `trusts`: do not doubt what cut or dropping captures show. `asked`: the connections that something is asked of. */
  finish(
    { counts, connections, findings }: Analysed,
    facts: CaptureFacts,
    trusts: boolean,
    asked = connections,
  ): CaptureState {
    const missing = trusts ? null : incompleteness(counts, facts);
    const noClock = trusts || isClocked(findings) ? null : 'no one clock gave the times of the capture';
    const host = capturingHost(connections);
    const unlisted = findings.find(({ id }) => id === 'findings-limit')?.text ?? null;
    for (const connection of asked) {
      const flow = this.flowOf(connection);
      flow.end(counts.endTime, missing, placeOf(connection, host), trusts);
      flow.unlisted = unlisted;
    }
    const flows = [...this.flows.values()].sort((one, other) => one.connection.id - other.connection.id);
    const ofFlows = flows.flatMap((flow) => flow.anomalies);
    const anomalies = [...findings.map(anomalyFact), ...this.left.anomalies, ...ofFlows];
    return new CaptureState(counts, facts, flows, missing, noClock, anomalies, unlisted, this.left);
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
