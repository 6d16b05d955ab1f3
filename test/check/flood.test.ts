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

/** The same capture, of a clock: each packet comes a few microseconds later than at even intervals. */
function unevenly(bytes: Buffer): Buffer {
  for (let at = 24, i = 0; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8), i++)
    bytes.writeUInt32LE(bytes.readUInt32LE(at + 4) + 1000 * ((i * i) % 7), at + 4);
  return bytes;
}

const reportOn = (bytes: Uint8Array, rules: LooseRules): Promise<CheckReport> =>
  checkCaptures([sourceOf(bytes)], looseRules(rules), () => sourceOf(bytes), false, KEPT);

describe('check of a flood', () => {
  it('is decided as long as every attempt is kept', async () => {
    const { outcome, connections, results } = await reportOn(flood(KEPT), { expect: ['retransmissions.count == 0'] });
    expect({ outcome, connections }).toEqual({ outcome: 'pass', connections: KEPT });
    expect(results[0]).toMatchObject({ checked: KEPT, passed: KEPT, cases: [] });
  });

  it.each([
    ['passes', 'pass', { expect: ['retransmissions.count == 0'] }],
    ['fails', 'fail', { expect: ['handshake.complete'] }],
    ['cannot be told', 'inconclusive', { expect: ['p(99, rtt) < 50ms'] }],
    ['is of those that a selector chooses', 'pass', { expect: ['client.packets == 1'], select: 'server.port == 80' }],
    ['has the right number of them', 'pass', { select: 'server.port == 80', expectFlows: `${2 * KEPT}` }],
    ['has too many', 'fail', { select: 'server.port == 80', expectFlows: `< ${2 * KEPT}` }],
    ['has none, as is written', 'pass', { select: 'server.port == 81', expectFlows: '0' }],
    ['has none, which is a mistake in it', 'error', { expect: ['handshake.complete'], select: 'server.port == 81' }],
    ['is of findings that there are not', 'pass', { failOn: ['checksum-offload'] }],
    ['is of the flood', 'fail', { failOn: ['error'] }],
  ])('is judged by attempts that leave: a rule that %s', async (_, expected, rules) => {
    const { outcome, connections, results } = await reportOn(MANY, rules);
    expect({ outcome, connections }).toEqual({ outcome: expected, connections: 2 * KEPT });
    if ('expect' in rules && expected !== 'error') {
      expect(results[0].checked).toBe(2 * KEPT);
      expect(results[0].passed).toBe(expected === 'pass' ? 2 * KEPT : 0);
    }
  });

  const CONDITIONS = [
    'handshake.complete',
    'retransmissions.count == 0',
    'close == "unanswered"',
    'resets.count == 0',
    'server.packets >= 1',
    'client.syns.count == 1 && client.options.mss == 1460',
    'anomalies.none(severity >= warning)',
    'p(95, rtt) < 1s',
    'packets.all(p, p.ttl > 10)',
    'never(payload > 0)',
    'duration < 1s && stream % 2 == 0',
  ];

  it.each(['syn', 'syn-ack', 'scan', 'half-open', 'fin', 'answered'] as const)(
    'says the same of each attempt whether it leaves or stays: %s',
    async (kind) => {
      const bytes = unevenly(Buffer.concat([...floodBlocks({ kind, packets: 3000, gap: 20 })]));
      const [few, all] = await Promise.all(
        [256, 1 << 20].map((attempts) =>
          checkCaptures([sourceOf(bytes)], looseRules({ expect: CONDITIONS }), () => sourceOf(bytes), false, attempts),
        ),
      );
      for (const [i, result] of few.results.entries()) expect(result).toEqual(all.results[i]);
      expect(few.connections).toBe(all.connections);
    },
  );

  // Each attempt of the scan is refused, which is a finding; 128 to 256 attempts stay.
  it.each([
    [10_000, 'pass'],
    [10_300, 'inconclusive'],
  ])(
    'is decided while no more than 10,000 findings are on those that left: %d attempts',
    async (attempts, expected) => {
      const bytes = Buffer.concat([...floodBlocks({ kind: 'scan', packets: 2 * attempts })]);
      const open = () => sourceOf(bytes);
      const { outcome } = await checkCaptures([open()], looseRules({ failOn: ['error'] }), open, false, 256);
      expect(outcome).toBe(expected);
    },
  );

  it('is inconclusive where a rule asks for all connections together', async () => {
    const { outcome, results } = await reportOn(MANY, { expect: ['flows.all(f, f.server.port == 80)'] });
    expect(outcome).toBe('inconclusive');
    expect(results[0].cases[0].reason).toMatch(
      /^[\d,]+ connections that came to nothing left while the capture was read/,
    );
  });

  it('is inconclusive where a rule on each connection asks for the others too', async () => {
    const { outcome, results } = await reportOn(MANY, { expect: ['client.port > 0 && flows.count > 0'] });
    expect(outcome).toBe('inconclusive');
    expect(results[0].cases[0].reason).toMatch(/left while the capture was read/);
  });

  it('is inconclusive where the sockets of one that left are used again', async () => {
    // The first packet once more, 24 bytes after the start of the file.
    const first = MANY.subarray(24, 24 + 16 + MANY.readUInt32LE(24 + 8));
    const { outcome, results } = await reportOn(Buffer.concat([MANY, first]), {
      expect: ['retransmissions.count == 0'],
    });
    expect(outcome).toBe('inconclusive');
    expect(results[0].cases[0].reason).toMatch(/^1 connection had the sockets of connections that left/);
  });

  it('is inconclusive where the capture turns out to be cut', async () => {
    const { outcome, results } = await reportOn(MANY.subarray(0, MANY.length - 1), { expect: ['handshake.complete'] });
    expect(outcome).toBe('inconclusive');
    expect(results[0].checked).toBeLessThan(2 * KEPT);
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
  const factsOf = (bytes: Uint8Array) => gatherFacts([sourceOf(bytes)], false, false, () => {}, KEPT);

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
