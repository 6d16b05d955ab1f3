import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection } from '../model/connection.ts';
import type { PacketRow } from '../model/row.ts';
import { chooseFlows } from './conditions.ts';
import { type Analysed, FactCollector } from './facts/collect.ts';
import { PacketFact } from './facts/packet-fact.ts';
import { SELECTED_PACKET } from './facts/selected-packet.ts';
import { Budget } from './language/budget.ts';
import type { Expression } from './language/node.ts';
import { record } from './language/type.ts';
import { Unknown } from './language/value.ts';
import { compileLoose } from './rules/expressions.ts';

const PACKET_SCOPE = { name: null, type: record(SELECTED_PACKET), parent: null };

/** A condition on single packets. */
export class PacketSelector {
  /** Packets of which it cannot be told, and why of the first. */
  unknown = 0;
  reason = '';
  private readonly condition: Expression;

  /** @throws RulesError for what is no condition on a packet */
  constructor(source: string) {
    this.condition = compileLoose(source, PACKET_SCOPE);
  }

  /** Whether the condition is true of a packet; not where it cannot be told. */
  selects(row: PacketRow): boolean {
    const { v } = this.condition.run({
      value: new PacketFact(row.connection, row),
      parent: null,
      budget: Budget.ofRun(1),
      noClock: null,
    });
    if (v instanceof Unknown) {
      if (this.unknown++ === 0) this.reason = v.reason;
      return false;
    }
    return v === true;
  }
}

/** A condition on connections, as those of `check --select`. */
export class ConnectionSelector {
  /** Connections of which it cannot be told, and why of the first. */
  unknown = 0;
  reason = '';
  private readonly condition: Expression;
  private readonly collector: FactCollector;

  /** @throws RulesError for what is no condition on a connection */
  constructor(source: string) {
    this.condition = compileLoose(source, 'flow');
    this.collector = new FactCollector(this.condition.needsPackets);
  }

  /** Each row of the capture. */
  take(row: PacketRow): void {
    this.collector.take(row);
  }

  /** Those of which the condition is true, when all was analysed. */
  chosen(analysed: Analysed, facts: CaptureFacts): ReadonlySet<Connection> {
    const state = this.collector.finish(analysed, facts, false);
    const { chosen, doubts } = chooseFlows(this.condition, state, Budget.ofRun(state.counts.total));
    this.unknown = doubts.length;
    this.reason = doubts[0]?.reason ?? '';
    return new Set(chosen.map(({ connection }) => connection));
  }
}
