import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Budget } from '../../src/check/language/budget.ts';
import { BudgetError } from '../../src/check/language/error.ts';
import { RulesError } from '../../src/check/rules/error.ts';
import { parseRules } from '../../src/check/rules/rules-file.ts';
import { controlFile } from '../../src/node/control-files.ts';
import { tcpscope } from '../cli/tcpscope.ts';
import { scratch } from '../support/scratch.ts';
import { expectOn, fixture, say } from './support.ts';

const { file, folder } = scratch();

const ECHO = 'fixtures/linux-echo.pcap';
const ROUND_TRIPS = 'tshark-16-round-trips.pcap';

/** Rules whose control is `capture`. */
function withControl(capture: string): string {
  const text = `version: 1\nflows:\n  - name: none\n    select: server.port == 80\n    expect_flows: 0\n    control: {capture: ${JSON.stringify(capture)}}\n`;
  return file('rules.yaml', text);
}

function outcome(args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = tcpscope(['check', ECHO, ...args]);
  return { status, text: stdout + stderr };
}

describe('controls', () => {
  const outside = mkdtempSync(join(tmpdir(), 'tcpscope-outside-'));
  afterAll(() => rmSync(outside, { recursive: true }));
  writeFileSync(join(outside, 'secret.txt'), 'secret words\n');
  writeFileSync(join(outside, 'other.pcap'), fixture(ROUND_TRIPS));

  test('are read beside the rules and in the current folder', () => {
    file('beside.pcap', fixture(ROUND_TRIPS));
    expect(outcome([withControl('beside.pcap')])).toMatchObject({ status: 0 });
    expect(outcome([withControl(join(process.cwd(), 'fixtures', ROUND_TRIPS))])).toMatchObject({ status: 0 });
  });

  test('are not read elsewhere, unless the user allows it', () => {
    const rules = withControl(join(outside, 'other.pcap'));
    const refused = outcome([rules]);
    expect(refused.status).toBe(2);
    expect(refused.text).toContain('--controls');
    expect(outcome([rules, '--controls', outside]).status).toBe(0);
    expect(outcome([rules, '--controls', join(outside, 'other.pcap')]).status).toBe(0);
    expect(outcome([rules, '--controls', `${outside}-not`]).status).toBe(2);
  });

  test('do not tell whether a file elsewhere is there', () => {
    const messages = ['secret.txt', 'missing.txt'].map((name) => outcome([withControl(join(outside, name))]).text);
    expect(messages[0].replaceAll('secret.txt', 'X')).toBe(messages[1].replaceAll('missing.txt', 'X'));
  });

  test('are not reached through a symbolic link', () => {
    symlinkSync(join(outside, 'other.pcap'), join(folder, 'link.pcap'));
    expect(outcome([withControl('link.pcap')]).status).toBe(2);
  });

  test('do not show what is in a file that is no capture', () => {
    file('notes.txt', 'root:x:0:0: secret words\n');
    file('noise.txt', Uint8Array.from([1, 2, 0x53, 0x45, 0x43, 0x52, 0x45, 0x54, 9, 9, 9, 9, 9, 9]));
    for (const name of ['notes.txt', 'noise.txt']) {
      const { status, text } = outcome([withControl(name)]);
      expect(status).toBe(2);
      expect(text).toContain('it is not a capture in a known format');
      expect(text).not.toMatch(/secret|5345|root/i);
    }
  });

  test.skipIf(spawnSync('mkfifo', ['--version']).status !== 0)(
    'are no pipes, which would keep the reader waiting',
    () => {
      spawnSync('mkfifo', [join(folder, 'pipe')]);
      const { status, text } = outcome([withControl('pipe')]);
      expect(status).toBe(2);
      expect(text).toContain('is not a regular file');
      mkdirSync(join(folder, 'sub'));
      expect(outcome([withControl('sub')]).text).toContain('is not a regular file');
    },
  );

  test('a name that only begins with two dots is inside', () => {
    const inside = file('..a.pcap', fixture(ROUND_TRIPS));
    expect(controlFile('..a.pcap', folder, [])).toBe(inside);
    expect(() => controlFile('../a.pcap', folder, [])).toThrow('lies outside');
  });

  test.each([
    [20, false],
    [21, true],
  ])('%i of them', (count, isRefused) => {
    const flows = Array.from(
      { length: count },
      (_, i) => `- {name: a${i}, expect_flows: 1, control: {capture: ${i}.pcap}}`,
    );
    const read = () => parseRules(`version: 1\nflows:\n${flows.join('\n')}`, 'r.yaml');
    if (isRefused) expect(read).toThrow('the rules name 21 control captures; at most 20 are read');
    else expect(read().flows).toHaveLength(20);
  });
});

describe('what is wrong is told in bounds', () => {
  function errorOf(text: string): RulesError {
    try {
      parseRules(text, 'r.yaml');
    } catch (error) {
      if (error instanceof RulesError) return error;
      throw error;
    }
    throw new Error('no error');
  }

  test.each([
    [20, 0],
    [21, 1],
    [10_000, 9980],
  ])('%i problems', (count, more) => {
    const keys = Array.from({ length: count }, (_, i) => `unknown${i}: 1`);
    const error = errorOf(`version: 1\nfail_on: [error]\n${keys.join('\n')}`);
    expect(error.problems).toHaveLength(20);
    expect(error.more).toBe(more);
    expect(error.message.split('\n')).toHaveLength(more === 0 ? 20 : 21);
    if (more > 0) expect(error.message).toMatch(new RegExp(`and ${more} more$`));
  });

  test('many problems of the YAML itself', () => {
    const error = errorOf(`version: 1\na: ${'['.repeat(5000)}`);
    expect(error.problems).toHaveLength(20);
    expect(error.more).toBeGreaterThan(100);
  });

  test('long words of the file are cut', () => {
    const key = 'x'.repeat(100_000);
    for (const text of [`version: 1\n${key}: 1`, `version: ${key}`, `version: 1\nfail_on: [${key}]`]) {
      expect(errorOf(text).message.length).toBeLessThan(600);
    }
  });

  test('deep nesting', () => {
    expect(errorOf(`version: 1\nflows:\n${'- '.repeat(300_000)}x`).message).toContain('nested too deeply');
  });

  // Each took minutes where time grew with the square of the length.
  test('long lines', () => {
    const quotes = `version: 1\nfail_on:\n- f(a: ${'\\"'.repeat(400_000)}`;
    expect(errorOf(quotes).problems.length).toBeGreaterThan(0);
    const script = `version: 1\nflows:\n- name: a\n  assert:\n  - script: |\n      + > ${'* '.repeat(400_000)}`;
    expect(errorOf(script).message).toContain('a line of a script has at most 1000 characters');
  });

  test('a file that is too long is not read', () => {
    const rules = file('long.yaml', `version: 1\nfail_on: [error]\n#${'é'.repeat(600_000)}\n`);
    expect(outcome([rules]).status).toBe(2);
    expect(outcome([rules]).text).toContain('the rules file is longer than');
    if (process.platform === 'linux') expect(outcome(['--rules', '/dev/zero']).text).toContain('longer than');
  });
});

describe('the steps of an evaluation are bounded', () => {
  const LOSS = fixture('linux-single-loss-sack.pcap');

  test('nested lists', async () => {
    let condition = 'packets.all(d, a.frame + b.frame + c.frame + d.frame > 0)';
    for (const name of ['c', 'b', 'a']) condition = `packets.all(${name}, ${condition})`;
    expect(await say(LOSS, condition)).toBe('inconclusive: the condition takes too many steps');
  });

  test('figures of many packets inside of a list', async () => {
    const condition = 'packets.all(a, packets.all(b, packets.count(p, p.frame > 0) > 0 && rtt.p95 > 0ms))';
    expect(await say(LOSS, condition)).toBe('inconclusive: the condition takes too many steps');
  });

  test('patterns inside of a list', async () => {
    const condition = `packets.all(a, packets.all(b, history.matches("(a*){40}${'(b|c|d|e|f)*'.repeat(10)}")))`;
    expect(await say(LOSS, condition)).toMatch(/^(inconclusive: the condition takes too many steps|fail)/);
  });

  test('a pair of lists is within them', async () => {
    expect((await expectOn(LOSS, 'packets.all(a, packets.exists(b, b.frame == a.frame))')).outcome).toBe('pass');
  });

  test('one evaluation, and all together: one step on either side', () => {
    const run = Budget.ofRun(10);
    const part = run.part(10);
    part.spend(2_000_000 + 200 * 10);
    expect(() => part.spend()).toThrow(BudgetError);
    const other = Budget.ofRun(0);
    for (let i = 0; i < 10; i++) other.part(0).spend(2_000_000);
    expect(() => other.part(0).spend()).toThrow('the rules take too many steps in all');
  });
});
