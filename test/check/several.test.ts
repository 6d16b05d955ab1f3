import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tcpscope } from '../cli/tcpscope.ts';
import { scratch } from '../support/scratch.ts';
import { closing, HANDSHAKE, pcapOf } from './support.ts';

const { file, folder } = scratch();

const ECHO = 'fixtures/linux-echo.pcap';
const LOSS = 'fixtures/linux-single-loss-sack.pcap';

describe('several captures', () => {
  test('are checked one by one, each with its results', () => {
    const { status, stdout } = tcpscope([
      'check',
      ECHO,
      LOSS,
      '--expect',
      'retransmissions.count == 0',
      '--report',
      'json',
    ]);
    expect(status).toBe(1);
    const report = JSON.parse(stdout);
    expect(report.captures).toEqual([ECHO, LOSS]);
    expect(report.results.map(({ capture, outcome }: Record<string, string>) => [capture, outcome])).toEqual([
      [ECHO, 'pass'],
      [LOSS, 'fail'],
    ]);
    expect(report.summary).toEqual({ pass: 1, fail: 1, inconclusive: 0, error: 0 });
  });

  test('each is a suite of JUnit', () => {
    const junit = join(folder, 'out.xml');
    tcpscope(['check', ECHO, LOSS, '--expect', 'retransmissions.count == 0', '--report', `junit=${junit}`]);
    const xml = readFileSync(junit, 'utf8');
    expect(xml).toContain(`<testsuite name="${ECHO}" tests="1" failures="0" errors="0" skipped="0" time="0">`);
    expect(xml).toContain(`<testsuite name="${LOSS}" tests="1" failures="1" errors="0" skipped="0" time="0">`);
    expect(xml).toContain('<testsuites tests="2" failures="1" errors="0" skipped="0">');
  });

  test('what is said names the capture', () => {
    const { stdout } = tcpscope(['check', ECHO, LOSS, '--expect', 'retransmissions.count == 0']);
    expect(stdout).toContain(`FAIL  ${LOSS}: retransmissions.count == 0`);
    expect(stdout).toContain(`pass  ${ECHO}: retransmissions.count == 0`);
  });

  test('one that cannot be read is an error, and the others are checked', () => {
    const bad = file('bad.pcap', 'no capture at all\n');
    const { status, stdout } = tcpscope(['check', ECHO, bad, '--expect', 'handshake.complete']);
    expect(status).toBe(2);
    expect(stdout).toContain(`ERROR ${bad}: the capture can be read`);
    expect(stdout).toContain(`pass  ${ECHO}: handshake.complete`);
    expect(tcpscope(['check', bad, bad, '--expect', 'handshake.complete']).status).toBe(3);
  });

  test('evidence holds the packets of each', () => {
    const evidence = join(folder, 'e.pcapng');
    tcpscope(['check', LOSS, ECHO, '--fail-on', 'info', '--evidence', evidence]);
    const { stdout } = tcpscope([evidence, '--json']);
    expect(JSON.parse(stdout).capture.packets.total).toBeGreaterThan(0);
    expect(readFileSync(evidence).includes(`packet 1 of ${LOSS}`)).toBe(true);
  });

  test('--merge reads them as one: the parts of a connection in a ring', () => {
    const lines =
      `${HANDSHAKE}\n  0.020 > P.  seq 1:101 ack 1 win 502\n  0.040 < .   ack 101 win 255${closing(101, 1, 0.05)}`
        .trim()
        .split('\n');
    const whole = pcapOf(lines.join('\n'));
    const size = (n: number) => pcapOf(lines.slice(0, n).join('\n')).length;
    const header = whole.subarray(0, 24);
    const one = file('ring0.pcap', whole.subarray(0, size(3)));
    const two = file('ring1.pcap', Buffer.concat([header, whole.subarray(size(3))]));
    const expected = ['--expect', 'handshake.complete', '--expect', 'close == fin'];
    expect(tcpscope(['check', one, two, '--merge', ...expected]).status).toBe(0);
    expect(tcpscope(['check', one, two, ...expected]).status).not.toBe(0);
  });
});
