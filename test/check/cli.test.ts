import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tcpscope } from '../cli/tcpscope.ts';
import { scratch } from '../support/scratch.ts';
import { fixture } from './support.ts';

const { file, folder, read } = scratch();

const ECHO = 'fixtures/linux-echo.pcap';
const LOSS = 'fixtures/linux-single-loss-sack.pcap';

const CUT = file('cut.pcap', fixture('linux-echo.pcap').subarray(0, -3));

describe('the exit status says it', () => {
  test.each<[number, string, string[]]>([
    [0, 'pass', [ECHO, '--expect', 'handshake.complete']],
    [1, 'fail', [LOSS, '--expect', 'retransmissions.count == 0']],
    [1, 'fail on a finding', [LOSS, '--fail-on', 'warning']],
    [0, 'a finding that is not there', [LOSS, '--fail-on', 'error,zero-window']],
    [2, 'a condition that is none', [ECHO, '--expect', 'handshake.complet']],
    [2, 'a selector that chooses nothing', [ECHO, '--select', 'server.port == 1', '--expect', 'handshake.complete']],
    [2, 'nothing to check', [ECHO]],
    [2, 'no such rules', [ECHO, 'missing.yaml']],
    [2, 'an unknown finding', [ECHO, '--fail-on', 'zero-windw']],
    [2, 'a report that is none', [ECHO, '--expect', 'true', '--report', 'html']],
    [2, 'two reports on standard output', [ECHO, '--expect', 'true', '--report', 'tap', '--report', 'json']],
    [2, 'a baseline without a regression', [ECHO, '--baseline', 'x.json']],
    [2, 'a regression without a baseline', [ECHO, '--expect', 'true', '--max-regression', 'rtt.p95=1%']],
    [2, 'evidence of a pipe', ['-', '--expect', 'true', '--evidence', 'x.pcapng']],
    [3, 'no such capture', ['missing.pcap', '--expect', 'true']],
    [3, 'no capture', ['package.json', '--expect', 'true']],
    [4, 'a cut capture', [CUT, '--expect', 'retransmissions.count == 0']],
    [0, 'a cut capture that is trusted', [CUT, '--expect', 'retransmissions.count == 0', '--on-incomplete', 'ignore']],
    [1, 'a cut capture that is refused', [CUT, '--expect', 'handshake.complete', '--on-incomplete', 'fail']],
  ])('%i: %s', (status, _, args) => {
    const outcome = tcpscope(['check', ...args]);
    expect(outcome.status, outcome.stdout + outcome.stderr).toBe(status);
  });

  test('an error in a rules file has its place', () => {
    const rules = file('bad.yaml', 'version: 1\nflows:\n  - name: web\n    assert:\n      - rtt.p95 < 50msec\n');
    const { status, stderr } = tcpscope(['check', ECHO, rules]);
    expect(status).toBe(2);
    expect(stderr).toContain(`${rules}:5:21: unknown unit msec (did you mean ms?)`);
  });

  test('an error in a condition has its column', () => {
    const { stderr } = tcpscope(['check', ECHO, '--expect', 'handshake.complete && foo']);
    expect(stderr).toContain('expression:23: unknown name foo');
    expect(stderr).toContain(`\n  handshake.complete && foo\n  ${' '.repeat(22)}^`);
  });
});

test('on standard input', () => {
  const outcome = tcpscope(['check', '-', '--expect', 'handshake.complete'], { input: fixture('linux-echo.pcap') });
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  expect(outcome.stdout).toBe('pass  handshake.complete\npass: 1 passed, 0 failed\n');
});

test('several reports at once, and evidence', () => {
  const path = (name: string) => join(folder, name);
  const reports = ['json', 'junit', 'sarif', 'tap', 'markdown'];
  const { status, stdout } = tcpscope([
    'check',
    LOSS,
    '--expect',
    'retransmissions.count == 0',
    ...reports.flatMap((kind) => ['--report', `${kind}=${path(kind)}`]),
    '--evidence',
    path('evidence.pcapng'),
  ]);
  expect(status).toBe(1);
  expect(stdout).toContain('FAIL  retransmissions.count == 0');
  expect(JSON.parse(read('json'))).toMatchObject({ schemaVersion: 1, outcome: 'fail', summary: { fail: 1 } });
  expect(JSON.parse(read('sarif')).version).toBe('2.1.0');
  expect(read('junit')).toContain('<failure ');
  expect(read('tap')).toContain('not ok 1 - ');
  expect(read('markdown')).toContain('❌');
  expect(
    tcpscope(['packets', '--ndjson', path('evidence.pcapng')])
      .stdout.trimEnd()
      .split('\n').length,
  ).toBeGreaterThan(0);
});

test('GitHub: annotations between the lines for people, and a job summary', () => {
  const summary = file('summary.md', 'before\n');
  const { stdout } = tcpscope(['check', LOSS, '--expect', 'retransmissions.count == 0', '--report', 'github'], {
    env: { GITHUB_STEP_SUMMARY: summary },
  });
  expect(stdout).toContain('::error title=retransmissions.count == 0%3A fail::stream 0 ');
  expect(stdout).toContain('FAIL  retransmissions.count == 0');
  expect(read('summary.md')).toMatch(/^before\n### ❌ tcpscope check: fail\n/);
});

test('the rules that init writes pass, and are not written over', () => {
  for (const name of [
    'linux-echo.pcap',
    'linux-single-loss-sack.pcap',
    'linux-half-close.pcap',
    'linux-syn-lost-backoff.pcap',
    'tshark-17-capture-drop.pcap',
    'tshark-15b-scale-unknown.pcap',
  ]) {
    const rules = join(folder, `${name}.yaml`);
    const init = tcpscope(['init', `fixtures/${name}`, '-o', rules]);
    expect(init.status, init.stderr).toBe(0);
    const { status, stdout, stderr } = tcpscope(['check', `fixtures/${name}`, rules]);
    expect(status, `${name}\n${stdout}${stderr}`).toBe(0);
    expect(readFileSync(rules, 'utf8')).toContain('# Without expect_flows');
    expect(tcpscope(['init', `fixtures/${name}`, '-o', rules]).status).toBe(2);
    expect(tcpscope(['init', `fixtures/${name}`, '-o', rules, '--force']).status).toBe(0);
  }
});

test('a baseline is saved and compared', () => {
  const base = join(folder, 'base.json');
  expect(tcpscope(['baseline', 'save', ECHO, '-o', base]).status).toBe(0);
  expect(tcpscope(['baseline', 'compare', base, ECHO, '--max-regression', 'rtt.p95=20%']).status).toBe(0);
  const worse = tcpscope(['baseline', 'compare', base, LOSS, '--max-regression', 'retransmissions.count=0']);
  expect(worse.status).toBe(1);
  expect(worse.stdout).toContain('retransmissions.count is 1, it was 0');
  expect(
    tcpscope(['check', ECHO, '--baseline', base, '--max-regression', 'rtt.p95=20%', '--expect', 'handshake.complete'])
      .status,
  ).toBe(0);
});

test('a script is printed, and matches', () => {
  const { stdout } = tcpscope(['script', ECHO]);
  const rules = `version: 1\nflows:\n  - name: echo\n    assert:\n      - script: |\n${stdout.replace(/^(?=.)/gm, '          ')}`;
  expect(tcpscope(['check', ECHO, file('script.yaml', rules)]).status).toBe(0);
});

test('a control is found beside the rules', () => {
  file('control.pcap', fixture('linux-single-loss-sack.pcap'));
  const rules = file(
    'control.yaml',
    'version: 1\nflows:\n  - name: web\n    assert: [retransmissions.count == 0]\n    control: { capture: control.pcap, expect: fail }\n',
  );
  expect(tcpscope(['check', ECHO, rules]).status).toBe(0);
  const missing = file('missing.yaml', readFileSync(rules, 'utf8').replace('control.pcap', 'nothing.pcap'));
  const { status, stdout } = tcpscope(['check', ECHO, missing]);
  expect(status).toBe(2);
  expect(stdout).toContain('the control capture cannot be read');
});

test('the names are listed', () => {
  const { stdout } = tcpscope(['check', '--names']);
  for (const name of ['client.options.wscale', 'retransmissions.rto', 'zero_window.total_time', 'capture.dropped']) {
    expect(stdout).toContain(`  ${name} `);
  }
});
