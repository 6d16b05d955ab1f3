import type { CaptureFacts } from '../../model/capture-facts.ts';
import type { Connection } from '../../model/connection.ts';
import type { Finding } from '../../model/finding.ts';
import type { PacketRow } from '../../model/row.ts';
import { CaptureState, type CountedPackets, incompleteness } from './capture-state.ts';
import { anomalyFact, FlowFacts } from './flow-facts.ts';
import { capturingHost, placeOf } from './place.ts';

/** What is left to say when the analysis has ended. `Analyzer` is one. */
export interface Analysed {
  readonly counts: CountedPackets;
  readonly connections: readonly Connection[];
  readonly findings: readonly Finding[];
}

/** Gathers, row by row, what assertions may ask. */
export class FactCollector {
  private readonly flows: FlowFacts[] = [];
  private readonly keepsPackets: boolean;

  /** `keepsPackets`: an assertion asks for more than sums, so every packet must be kept. */
  constructor(keepsPackets: boolean) {
    this.keepsPackets = keepsPackets;
  }

  readonly take = (row: PacketRow): void => {
    this.flowOf(row.connection).take(row);
  };

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
    const anomalies = [...findings.map(anomalyFact), ...this.flows.flatMap((flow) => flow.anomalies)];
    return new CaptureState(counts, facts, this.flows, missing, anomalies, unlisted);
  }

  private flowOf(connection: Connection): FlowFacts {
    this.flows[connection.id] ??= new FlowFacts(connection, this.keepsPackets);
    return this.flows[connection.id];
  }
}
