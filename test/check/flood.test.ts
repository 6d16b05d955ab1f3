import { describe, expect, it } from 'vitest';
import { checkCaptures } from '../../src/check/check.ts';
import type { CheckReport } from '../../src/check/outcome.ts';
import { type LooseRules, looseRules } from '../../src/check/rules/expressions.ts';
import { parseRules } from '../../src/check/rules/rules-file.ts';
import { floodBlocks } from '../bench/flood.mjs';
import { sourceOf } from './support.ts';

/** Most attempts that are kept here. */
const KEPT = 4096;
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
