import { describe, expect, it } from 'vitest';
import { baselineDocument, parseBaseline } from '../../src/check/baseline.ts';
import { checkCaptures, gatherFacts } from '../../src/check/check.ts';
import type { CheckReport } from '../../src/check/outcome.ts';
import { compareWithBaseline, parseAllowances } from '../../src/check/regression.ts';
import { type LooseRules, looseRules } from '../../src/check/rules/expressions.ts';
import { parseRules } from '../../src/check/rules/rules-file.ts';
import { starterRules } from '../../src/check/starter.ts';
import { floodBlocks } from '../bench/flood.mjs';
import { sourceOf } from './support.ts';

/** Most attempts that are kept here. */
const KEPT = 1024;
const flood = (packets: number) => Buffer.concat([...floodBlocks({ kind: 'syn', packets })]);
const MANY = flood(2 * KEPT);

const reportOn = (bytes: Uint8Array, rules: LooseRules): Promise<CheckReport> =>
  checkCaptures([sourceOf(bytes)], looseRules(rules), () => sourceOf(bytes), false, KEPT);

describe('check of a flood', () => {
  it('is decided as long as every attempt is kept', async () => {
    const { outcome, connections, results } = await reportOn(flood(KEPT), { expect: ['retransmissions.count == 0'] });
    expect({ outcome, connections }).toEqual({ outcome: 'pass', connections: KEPT });
    expect(results[0]).toMatchObject({ checked: KEPT, passed: KEPT, cases: [] });
  });

  it.each([
    ['of every connection', { expect: ['retransmissions.count == 0'] }],
    ['of those that a selector chooses', { expect: ['retransmissions.count == 0'], select: 'server.port == 80' }],
    ['where the selector chooses none', { expect: ['retransmissions.count == 0'], select: 'server.port == 81' }],
    ['that there is none', { select: 'server.port == 81', expectFlows: '0' }],
    ['of findings', { failOn: ['checksum-offload'] }],
    ['of all connections together', { expect: ['flows.all(f, f.server.port == 80)'] }],
  ])('is inconclusive when attempts left: a rule %s', async (_, rules) => {
    const { outcome, connections, results } = await reportOn(MANY, rules);
    expect({ outcome, connections }).toEqual({ outcome: 'inconclusive', connections: 2 * KEPT });
    const reasons = results.flatMap(({ cases }) => cases.map(({ reason }) => reason));
    expect(reasons[0]).toMatch(/[\d,]+ connections that came to nothing left while the capture was read/);
  });

  it('passes no less for trusting captures that are incomplete', async () => {
    const rules = { ...looseRules({ expect: ['retransmissions.count == 0'] }), onIncomplete: 'ignore' } as const;
    const { outcome } = await checkCaptures([sourceOf(MANY)], rules, () => sourceOf(MANY), false, KEPT);
    expect(outcome).toBe('inconclusive');
  });

  it('fails where one that is kept does, and counts those that it was checked on', async () => {
    const { outcome, results } = await reportOn(MANY, { expect: ['handshake.complete'] });
    expect(outcome).toBe('fail');
    const [{ checked, passed }] = results;
    expect(checked).toBeGreaterThanOrEqual(KEPT / 2);
    expect(checked).toBeLessThan(2 * KEPT);
    expect(passed).toBe(0);
  });

  it('passes what is so with those that are kept, whatever the others are', async () => {
    const { outcome } = await reportOn(MANY, { select: 'server.port == 80', expectFlows: '>= 10' });
    expect(outcome).toBe('pass');
  });

  it('takes no control of which connections left', async () => {
    const rules = parseRules(
      `version: 1
flows:
  - name: none
    select: server.port == 81
    expect_flows: 0
    control: { capture: flood.pcap, expect_flows: ">= 1" }
`,
      'rules.yaml',
    );
    const small = flood(10);
    const { outcome, results } = await checkCaptures([sourceOf(small)], rules, () => sourceOf(MANY), false, KEPT);
    expect(outcome).toBe('inconclusive');
    expect(results.at(-1)!.cases[0].reason).toContain('left while the capture was read');
  });
});

describe('a baseline beside a flood', () => {
  const factsOf = (bytes: Uint8Array) => gatherFacts([sourceOf(bytes)], false, false, KEPT);

  it.each([
    // By hand: ten SYNs before, and at least half of those that are kept now.
    ['fails where those that are kept are too many already', 'connections=100', 'fail'],
    ['cannot tell whether all are too many', `connections=${2 * KEPT}`, 'inconclusive'],
    ['cannot tell what is no sum', 'duration.p95=1s', 'inconclusive'],
    ['cannot tell what those that are kept do not show', 'handshake.max=1s', 'inconclusive'],
  ])('%s', async (_, allowed, outcome) => {
    const baseline = parseBaseline(JSON.stringify(baselineDocument(await factsOf(flood(10)))), 'base.json');
    const [result] = compareWithBaseline(await factsOf(MANY), baseline, parseAllowances([allowed]), 'base.json');
    expect(result.outcome).toBe(outcome);
    if (outcome === 'inconclusive') expect(result.cases[0].reason).toContain('left while the capture was read');
  });

  it('is decided as long as every attempt is kept', async () => {
    const baseline = parseBaseline(JSON.stringify(baselineDocument(await factsOf(flood(10)))), 'base.json');
    const [result] = compareWithBaseline(
      await factsOf(flood(KEPT)),
      baseline,
      parseAllowances([`connections=${KEPT}`]),
      '',
    );
    expect(result.outcome).toBe('pass');
  });

  it('is told in rules to begin with', async () => {
    const told = /^# Not looked at: [\d,]+ connections that came to nothing left while the capture was read/m;
    expect(starterRules(await factsOf(MANY), ['flood.pcap'], '')).toMatch(told);
    expect(starterRules(await factsOf(flood(KEPT)), ['flood.pcap'], '')).not.toMatch(told);
  });
});
