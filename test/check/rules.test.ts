import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RulesError } from '../../src/check/rules/error.ts';
import { looseRules } from '../../src/check/rules/expressions.ts';
import { parseRules, rulesSchema } from '../../src/check/rules/rules-file.ts';
import { checkRules, checkYaml, HANDSHAKE, PLAIN, pcapOf, RESENT } from './support.ts';

/** On port 80 as the others, but from another client. */
const CONTROL = pcapOf(HANDSHAKE, { client: '10.9.9.9:4000' });
const EMPTY = pcapOf('');
const NO_TCP = pcapOf('0.0 raw ffffffffffff0000000000010806000108000604000100000000000100000000000000000000000a000001');
const CUT = PLAIN.subarray(0, PLAIN.length - 3);

async function outcomes(
  capture: Uint8Array,
  yaml: string,
  controls: Record<string, Uint8Array> = {},
): Promise<string[]> {
  const { results } = await checkYaml(capture, yaml, controls);
  return results.map(({ assertion, outcome, cases }) => {
    const reason = cases[0]?.reason;
    return `${outcome} ${assertion}${reason ? `: ${reason}` : ''}`;
  });
}

function problems(yaml: string): string[] {
  try {
    parseRules(yaml, 'r.yaml');
  } catch (error) {
    if (error instanceof RulesError) return error.message.split('\n');
    throw error;
  }
  return [];
}

function rule(lines: string): string {
  return `version: 1\nflows:\n  - name: web\n${lines.replace(/^/gm, '    ')}\n`;
}

describe('a rules file', () => {
  test('in full', async () => {
    const yaml = `
version: 1
input: { on_incomplete: inconclusive, require: [both-directions, handshake] }
capture:
  assert:
    - capture.packets < 100
fail_on: [error, zero-window]
flows:
  - name: upload
    select: "server.port == 80 and client.ip in 10.0.0.0/8"
    expect_flows: ">= 1"
    assert:
      - handshake.complete
      - close in [fin, open]
      - client.options.wscale >= 7 && server.options.sack_permitted
      - retransmissions.rto.count == 0
      - p(95, rtt) < 50ms                               # a comment
      - zero_window.total_time < 100ms
      - anomalies.none(severity >= warning, except: [keep-alive, capture-duplicate])
      - eventually(client.state == TIME_WAIT, within: 2s)
      - { name: no reset, expr: "never(flags.rst)" }
      - script: |
          +0 > S  ... <mss 1460,sackOK,...>
          +0~+50ms < S. ... ack 1
`;
    const report = await checkYaml(PLAIN, yaml);
    expect(report.results.map(({ outcome, assertion }) => `${outcome} ${assertion}`)).toEqual([
      'pass capture.packets < 100',
      'pass fail on error',
      'pass fail on zero-window',
      'pass expect_flows >= 1 of: server.port == 80 and client.ip in 10.0.0.0/8',
      'pass handshake.complete',
      'pass close in [fin, open]',
      'pass client.options.wscale >= 7 && server.options.sack_permitted',
      'pass retransmissions.rto.count == 0',
      'pass p(95, rtt) < 50ms',
      'pass zero_window.total_time < 100ms',
      'pass anomalies.none(severity >= warning, except: [keep-alive, capture-duplicate])',
      'pass eventually(client.state == TIME_WAIT, within: 2s)',
      'pass no reset',
      'pass script',
    ]);
    expect(report).toMatchObject({ outcome: 'pass', incomplete: null, connections: 1 });
  });

  test('a result knows its place in the file', async () => {
    const { results } = await checkYaml(
      RESENT,
      rule('assert:\n  - handshake.complete\n  -   retransmissions.count == 0'),
    );
    expect(results[1]).toMatchObject({
      rule: 'web',
      outcome: 'fail',
      location: { file: 'rules.yaml', line: 6, column: 11 },
      checked: 1,
      passed: 0,
    });
  });

  test('the published schema is that of the reader', () => {
    const file = new URL('../../schema/rules.schema.json', import.meta.url);
    if (process.env.UPDATE_SCHEMA) writeFileSync(file, `${JSON.stringify(rulesSchema(), null, 2)}\n`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(rulesSchema());
  });

  test('the schema accepts and refuses as the reader does', () => {
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(rulesSchema());
    const cases = [
      rule('assert:\n  - handshake.complete'),
      rule('expect_flows: 0\ncontrol: { capture: a.pcap, expect_flows: 1, expect: fail }'),
      rule('assert:\n  - { expr: "true", name: x }'),
      rule('asert:\n  - handshake.complete'),
      rule('assert: handshake.complete'),
      rule('assert:\n  - { expression: "true" }'),
      'version: 2\nfail_on: [error]',
      'flows: []',
    ];
    for (const yaml of cases) {
      const isShapely = !problems(yaml).some((problem) => /unknown key|expected|missing/.test(problem));
      expect(validate(parse(yaml)), yaml).toBe(isShapely);
    }
  });
});

describe('what is wrong is told with line and column', () => {
  test.each<[string, string, string | RegExp]>([
    ['an empty file', '', 'r.yaml:1:1: the file is empty'],
    ['no YAML', 'version: 1\nflows: [', /^r\.yaml:\d+:\d+: not YAML: /],
    ['an unknown key', 'version: 1\nflow: []', 'r.yaml:2:1: unknown key flow (did you mean flows?)'],
    ['an unknown key below', rule('asert: []'), 'r.yaml:4:5: unknown key asert (did you mean assert?)'],
    ['no version', 'fail_on: [error]', 'r.yaml:1:1: version is missing'],
    ['another version', 'version: 3\nfail_on: [error]', 'r.yaml:1:10: expected 1, found 3'],
    ['nothing asserted', 'version: 1', 'r.yaml:1:10: the file asserts nothing'],
    ['nothing asserted of a group', rule('select: server.port == 1'), 'r.yaml:3:5: web asserts nothing'],
    [
      'a list in place of a text',
      rule('select: [1]\nassert: [handshake.complete]'),
      'r.yaml:4:13: expected a text, found a list',
    ],
    ['no value', rule('assert:'), 'r.yaml:4:5: assert has no value'],
    [
      'an unknown name',
      rule('assert:\n  - handshake.complete\n  - rtt.p95 < 5ms && retrans == 0'),
      'r.yaml:6:26: unknown name retrans',
    ],
    [
      'an unknown name in quotes',
      rule('select: "server.prt == 1"\nassert: [handshake.complete]'),
      'r.yaml:4:14: server has no prt (did you mean port?)',
    ],
    [
      'a wrong unit after named arguments',
      rule('assert:\n  - eventually(flags.fin, within: 2sec)'),
      'r.yaml:5:40: unknown unit sec',
    ],
    [
      'an error in a block',
      rule('assert:\n  - expr: |\n      handshake.complete &&\n      rtt.p95 < 5\n'),
      'r.yaml:7:11: rtt.p95 is a time',
    ],
    ['a bad count', rule('expect_flows: many'), 'r.yaml:4:19: expected a count such as 2 or ">= 1", found many'],
    [
      'assertions on nothing',
      rule('expect_flows: 0\nassert:\n  - handshake.complete'),
      'r.yaml:6:7: expect_flows is 0',
    ],
    [
      'both',
      rule('assert:\n  - { expr: "true", script: "+0 > S" }'),
      'r.yaml:5:9: an assertion has either expr or script',
    ],
    [
      'a bad script',
      rule('assert:\n  - script: |\n      +0 > S\n      +0 <> S.\n'),
      'r.yaml:7:11: line 2 of the script: expected > (from the client) or <',
    ],
    [
      'a bad tolerance',
      rule('assert:\n  - script: "+0 > S"\n    tolerance: 5 apples'),
      'r.yaml:6:20: expected a time or a share',
    ],
    [
      'a finding that is none',
      'version: 1\nfail_on: [zero-windw]',
      'r.yaml:2:11: zero-windw is neither a severity (info, warning, error) nor a finding (did you mean zero-window?)',
    ],
    [
      'two groups of a name',
      `${rule('expect_flows: 1')}  - name: web\n    expect_flows: 2\n`,
      'r.yaml:5:11: two groups are called web',
    ],
    [
      'an alias',
      'version: 1\nfail_on: &a [error]\nflows: *a',
      'r.yaml:3:8: expected a list, found an alias (* and & are not supported here)',
    ],
    ['a key that is there twice', 'version: 1\nversion: 1', 'r.yaml:2:1: version is given twice'],
  ])('%s', (_, yaml, message) => {
    const [first] = problems(yaml);
    if (typeof message === 'string') expect(first).toContain(message);
    else expect(first).toMatch(message);
  });

  test('all problems at once, in the order of the file', () => {
    expect(problems(rule('select: server.prt == 1\nassert:\n  - foo\n  - bar'))).toHaveLength(3);
  });

  test('a large file is refused', () => {
    expect(problems(`version: 1\n#${' '.repeat(1 << 20)}`)[0]).toContain('longer than 1 MiB');
  });
});

describe('nothing passes by matching nothing', () => {
  const NONE = rule('select: server.port == 9999\nassert:\n  - handshake.complete');

  test('a selector that chooses no connection is a mistake in the rules', async () => {
    const { outcome, results } = await checkYaml(PLAIN, NONE);
    expect(outcome).toBe('error');
    expect(results).toHaveLength(1);
    expect(results[0].location).toEqual({ file: 'rules.yaml', line: 4, column: 13 });
    expect(results[0].cases[0].reason).toMatch(
      /matches none of the 1 connections \(10\.0\.0\.1:\d+ -> 10\.0\.0\.2:80\); write expect_flows: 0/,
    );
  });

  test('unless their number is written', async () => {
    expect(await outcomes(PLAIN, rule('select: server.port == 9999\nexpect_flows: 0'))).toEqual([
      'pass expect_flows 0 of: server.port == 9999',
    ]);
    expect(await outcomes(PLAIN, rule('select: server.port == 9999\nexpect_flows: ">= 1"'))).toEqual([
      'fail expect_flows >= 1 of: server.port == 9999',
    ]);
    expect(await outcomes(PLAIN, rule('expect_flows: 0'))).toEqual(['fail expect_flows 0 of: all connections']);
    expect(await outcomes(PLAIN, rule('expect_flows: < 2'))).toEqual(['pass expect_flows < 2 of: all connections']);
  });

  test.each([
    ['no packets', EMPTY, 'the capture holds no packets: there is nothing to check'],
    ['no TCP', NO_TCP, 'the capture holds 1 packets but no TCP: there is nothing to check'],
  ])('%s', async (_, capture, reason) => {
    for (const expected of ['expect_flows: 0', 'expect_flows: 1', 'assert: [handshake.complete]']) {
      const report = await checkYaml(capture, rule(expected));
      expect(report.outcome).toBe('inconclusive');
      expect(report.results[0].cases[0].reason).toBe(reason);
    }
  });

  test('no packets: nothing is said of the capture either', async () => {
    const report = await checkYaml(EMPTY, 'version: 1\nfail_on: [error]');
    expect(report.outcome).toBe('inconclusive');
  });

  test('a cut capture could have held the connection', async () => {
    expect((await checkYaml(CUT, NONE)).outcome).toBe('inconclusive');
    expect((await checkYaml(CUT, rule('select: server.port == 9999\nexpect_flows: 0'))).outcome).toBe('inconclusive');
    expect((await checkYaml(CUT, rule('expect_flows: ">= 1"'))).outcome).toBe('pass');
    expect((await checkYaml(CUT, rule('expect_flows: 0'))).outcome).toBe('fail');
  });

  test('a selector that cannot be decided does not pass', async () => {
    const midstream = pcapOf('0.0 > P. 1:101(100) ack 1\n0.1 < . ack 101');
    const report = await checkYaml(midstream, rule('select: client.options.wscale >= 7\nexpect_flows: 0'));
    expect(report.outcome).toBe('inconclusive');
    expect(report.results[0].cases[0].reason).toContain('it cannot be told whether the selector chooses it');
  });

  test('on the command line too', async () => {
    const rules = looseRules({ select: 'server.port == 9999', expect: ['handshake.complete'] });
    expect((await checkRules(PLAIN, rules)).outcome).toBe('error');
  });
});

describe('positive controls', () => {
  const NO_PLAINTEXT = rule(
    'select: server.port == 80 && client.ip in 10.9.0.0/16\nexpect_flows: 0\ncontrol: { capture: control.pcap, expect_flows: ">= 1" }',
  );

  test('the selector is shown to choose something', async () => {
    expect(await outcomes(PLAIN, NO_PLAINTEXT, { 'control.pcap': CONTROL })).toEqual([
      'pass expect_flows 0 of: server.port == 80 && client.ip in 10.9.0.0/16',
      'pass control control.pcap: expect_flows >= 1',
    ]);
  });

  test('a control without such a connection makes the rule inconclusive', async () => {
    const { outcome, results } = await checkYaml(PLAIN, NO_PLAINTEXT, { 'control.pcap': PLAIN });
    expect(outcome).toBe('inconclusive');
    expect(results[1].cases[0].reason).toBe(
      "the selector chooses 0 of the control's 1 connections, not >= 1: that this rule says anything is not shown",
    );
  });

  test('an empty control proves nothing', async () => {
    expect((await checkYaml(PLAIN, NO_PLAINTEXT, { 'control.pcap': EMPTY })).outcome).toBe('inconclusive');
  });

  const NEVER_RESENT = rule('assert:\n  - retransmissions.count == 0\ncontrol: { capture: lossy.pcap, expect: fail }');

  test('the assertions are shown to fail where they should', async () => {
    expect((await checkYaml(PLAIN, NEVER_RESENT, { 'lossy.pcap': RESENT })).outcome).toBe('pass');
    const { outcome, results } = await checkYaml(PLAIN, NEVER_RESENT, { 'lossy.pcap': PLAIN });
    expect(outcome).toBe('inconclusive');
    expect(results[1].cases[0].reason).toContain('on the control, "retransmissions.count == 0" does not fail');
  });

  test('a control that is no capture is an error', async () => {
    const { outcome, results } = await checkYaml(PLAIN, NEVER_RESENT, {
      'lossy.pcap': Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    });
    expect(outcome).toBe('error');
    expect(results.at(-1)?.cases[0].reason).toContain('the control capture cannot be read');
  });
});

describe('incomplete captures', () => {
  const RULE = rule('assert:\n  - retransmissions.count == 0\n  - handshake.complete');

  test('inconclusive, fail or ignore', async () => {
    expect((await checkYaml(CUT, RULE)).outcome).toBe('inconclusive');
    expect((await checkYaml(CUT, `${RULE}input: { on_incomplete: ignore }\n`)).outcome).toBe('pass');
    const strict = await checkYaml(CUT, `${RULE}input: { on_incomplete: fail }\n`);
    expect(strict.outcome).toBe('fail');
    expect(strict.results[0].assertion).toBe('the capture is complete');
  });

  test('what is shown by the packets that are there stands', async () => {
    const { results } = await checkYaml(CUT, RULE);
    expect(results.map(({ outcome }) => outcome)).toEqual(['inconclusive', 'pass']);
  });

  test('drops that the capturing system counted', async () => {
    const report = await checkYaml(withDrops(PLAIN, 3), RULE);
    expect(report.outcome).toBe('inconclusive');
    expect(report.incomplete).toBe('the capturing system dropped 3 packets, by its own count');
    expect((await checkYaml(withDrops(PLAIN, 0), RULE)).outcome).toBe('pass');
  });

  test('require: handshake', async () => {
    const midstream = pcapOf('0.0 > P. 1:101(100) ack 1\n0.1 < . ack 101');
    const yaml = rule('assert:\n  - client.port > 0');
    expect((await checkYaml(midstream, yaml)).outcome).toBe('pass');
    const strict = await checkYaml(midstream, `${yaml}input: { require: [handshake] }\n`);
    expect(strict.outcome).toBe('inconclusive');
    expect(strict.results[0].cases[0].reason).toContain('the handshake was not captured, which the rules require');
  });
});

/** The same packets as pcapng, with an interface statistics block (draft-ietf-opsawg-pcapng, section 4.6). */
function withDrops(pcap: Uint8Array, dropped: number): Uint8Array {
  const view = new DataView(pcap.buffer, pcap.byteOffset);
  const blocks: Uint8Array[] = [];
  const block = (type: number, words: number[], bytes: Uint8Array = new Uint8Array(0)) => {
    const padded = (bytes.length + 3) & ~3;
    const out = new DataView(new ArrayBuffer(12 + 4 * words.length + padded));
    out.setUint32(0, type, true);
    out.setUint32(4, out.byteLength, true);
    for (const [i, word] of words.entries()) out.setUint32(8 + 4 * i, word, true);
    new Uint8Array(out.buffer).set(bytes, 8 + 4 * words.length);
    out.setUint32(out.byteLength - 4, out.byteLength, true);
    blocks.push(new Uint8Array(out.buffer));
  };
  block(0x0a0d0d0a, [0x1a2b3c4d, 0x00000001, 0xffffffff, 0xffffffff]);
  block(1, [1, 0]);
  for (let at = 24; at < pcap.length; at += 16 + view.getUint32(at + 8, true)) {
    const micros = BigInt(view.getUint32(at, true)) * 1_000_000n + BigInt(view.getUint32(at + 4, true));
    const [kept, whole] = [view.getUint32(at + 8, true), view.getUint32(at + 12, true)];
    block(
      6,
      [0, Number(micros >> 32n), Number(micros & 0xffffffffn), kept, whole],
      pcap.subarray(at + 16, at + 16 + kept),
    );
  }
  // isb_ifdrop: option 5, eight bytes.
  block(5, [0, 0, 0, 0x00080005, dropped, 0, 0]);
  return Buffer.concat(blocks);
}
