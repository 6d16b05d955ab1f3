import { expect, test } from 'vitest';
import { evaluateRules } from '../../src/check/evaluate.ts';
import { FactCollector } from '../../src/check/facts/collect.ts';
import { capturingHost, placeOf } from '../../src/check/facts/place.ts';
import { looseRules } from '../../src/check/rules/expressions.ts';
import { emptyCaptureFacts } from '../../src/model/capture-facts.ts';
import type { Connection } from '../../src/model/connection.ts';
import type { Finding } from '../../src/model/finding.ts';
import { analyseScenario } from '../support/analyze.ts';
import { HANDSHAKE } from './support.ts';

/** What the analysis says when its bound on findings was met. */
const LIMIT: Finding = {
  id: 'findings-limit',
  severity: 'info',
  cause: 'limit of memory',
  who: 'capture',
  confidence: 1,
  evidence: [],
  text: '50,000 findings are listed; 7 further kinds of findings on other connections are not.',
  cite: null,
  stream: -1,
  frame: 0,
  time: 0,
  more: 0,
};

test('where not all findings are listed, none can be said to be absent', () => {
  const { analyzer, rows } = analyseScenario(HANDSHAKE);
  const outcomes = (findings: readonly Finding[]) => {
    const collector = new FactCollector(false);
    rows.forEach(collector.take);
    const { counts, connections } = analyzer;
    const state = collector.finish({ counts, connections, findings }, emptyCaptureFacts(), false);
    const rules = looseRules({ expect: ['anomalies.none(severity >= error)'], failOn: ['error'] });
    return evaluateRules(rules, state, new Map()).map(({ outcome, cases }) => [outcome, cases[0]?.reason]);
  };
  expect(outcomes([])).toEqual([
    ['pass', undefined],
    ['pass', undefined],
  ]);
  expect(outcomes([LIMIT])).toEqual([
    ['inconclusive', LIMIT.text],
    ['inconclusive', LIMIT.text],
  ]);
});

test('a connection both of whose ends answer within 100 us may have been captured in the nearer host, and is told as that', () => {
  const connection = (nearer: number) => {
    const { analyzer } = analyseScenario(`
      0.000000 > S  seq 0 win 64240 <mss 1460>
      0.000300 < S. seq 0 ack 1 win 65160 <mss 1460>
      0.${String(300 + nearer).padStart(6, '0')} > .  ack 1`);
    return analyzer.connections[0];
  };
  const [unknown, between] = [connection(99), connection(100)];
  const places = (host: string | null) => [placeOf(unknown, host), placeOf(between, host)];
  expect(places(null)).toEqual([null, 'middle']);
  expect(places('10.0.0.1')).toEqual(['client', 'middle']);
  const hosts = (...connections: Connection[]) => capturingHost(connections);
  const beside = connection(10);
  expect([hosts(beside, unknown), hosts(beside, between)]).toEqual(['10.0.0.1', null]);
});
