import type { Finding } from '../../src/model/finding.ts';
import { analyseScenario } from './analyze.ts';
import type { ScenarioOptions } from './scenario.ts';

/** All findings of a capture that is written as text: those of the capture itself, then those of its connections. */
export function findingsIn(text: string, options: ScenarioOptions = {}): Finding[] {
  const { analyzer } = analyseScenario(text, options);
  return [...analyzer.findings, ...analyzer.connections.flatMap(({ findings }) => findings)];
}
