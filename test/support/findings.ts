import type { Account, Collector, Where } from '../../src/detect/collector.ts';
import type { Finding } from '../../src/model/finding.ts';
import { analyseScenario } from './analyze.ts';
import type { ScenarioOptions } from './scenario.ts';

/** All findings of a capture that is written as text: those of the capture itself, then those of its connections. */
export function findingsIn(text: string, options: ScenarioOptions = {}): Finding[] {
  const { analyzer } = analyseScenario(text, options);
  return [...analyzer.findings, ...analyzer.connections.flatMap(({ findings }) => findings)];
}

/** What a detector says where nothing else is there: what it raises, and what it adds or defers, which it may tell later. */
export interface Said {
  readonly findings: Collector;
  readonly raised: (Account & { where: Where })[];
  readonly added: (() => Account | null)[];
}

/** Takes what detectors say. */
export function listener(): Said {
  const raised: Said['raised'] = [];
  const added: Said['added'] = [];
  const later = (_where: Where, _sort: string, account: () => Account | null) => added.push(account);
  const findings = {
    raise: (where: Where, account: Account) => raised.push({ ...account, where }),
    add: later,
    defer: later,
  };
  return { findings: findings as unknown as Collector, raised, added };
}
