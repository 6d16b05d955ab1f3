import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { usualJobs } from '../../src/cli/jobs-option.ts';
import { fixture, root, tcpscope } from '../cli/tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-jobs-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** All fixtures, one after the other: sockets are used again, clocks step, and every finding of a capture is there. */
const captures = readdirSync(fixture('.'))
  .filter((name) => /^(linux|tshark).*\.pcap$/.test(name))
  .map((name) => `fixtures/${name}`);

describe('what several threads print is what one prints', () => {
  it.each([
    // The threads make one report, of which JSON says the most: what it is written as is tried with one number of them.
    ['json', ['2', '3', '7'], ['--json']],
    ['text', ['3'], []],
    ['text', ['7'], ['--all', '--by', 'client', '--sort', 'bytes', '--top', '3']],
    ['ndjson', ['2'], ['--ndjson', '--min-severity', 'warning']],
    ['csv', ['3'], ['--csv']],
    ['parquet', ['7'], ['--format', 'parquet', '-o', '-']],
    ['openmetrics', ['2'], ['--format', 'openmetrics', '--min-severity', 'warning']],
    ['text of what a filter selects', ['3'], ['-f', 'tcp[13] & 4 != 0', '--all']],
    ['json of what a filter selects', ['2', '7'], ['-f', 'port 80 or port 443', '--json']],
    ['csv of a time', ['7'], ['--since', '0.5', '--until', '2s', '--csv']],
    ['ndjson of a time and a filter', ['2'], ['--since', '100ms', '-f', 'tcp[13] & 1 != 0', '--ndjson']],
  ])(
    '%s, %j jobs, %s',
    (_, numbers, args) => {
      const one = tcpscope(['analyze', ...captures, '--jobs', '1', ...args]);
      expect(one.stdout.length).toBeGreaterThan(200);
      for (const jobs of numbers) expect(tcpscope(['analyze', ...captures, '--jobs', jobs, ...args])).toEqual(one);
    },
    60_000,
  );

  it.each([
    ['2', ['--since', '2h']],
    ['3', ['--since', '5s', '--until', '1s']],
    ['2', ['-f', 'port 1']],
  ])('where nothing is selected, or there is no time between: %s jobs, %s', (jobs, args) => {
    const one = tcpscope(['analyze', ...captures, '--jobs', '1', ...args]);
    expect(tcpscope(['analyze', ...captures, '--jobs', jobs, ...args])).toEqual(one);
  });

  it('where the capture has no such day', () => {
    const { stderr } = tcpscope(['analyze', ...captures, '--jobs', '2', '--since', '2100-01-01']);
    expect(stderr).toContain('the capture spans');
  });

  it('where the file holds its packets twice: what shows at one packet is told when it was known', () => {
    const bytes = readFileSync(fixture('linux-refused.pcap'));
    const twice = join(folder, 'twice.pcap');
    writeFileSync(twice, Buffer.concat([bytes, bytes.subarray(24)]));
    const one = tcpscope(['analyze', twice, '--json', '--jobs', '1']);
    expect(JSON.parse(one.stdout).findings.map(({ id }: { id: string }) => id)).toContain('capture-duplicate');
    expect(tcpscope(['analyze', twice, '--json', '--jobs', '2'])).toEqual(one);
  });

  it('the story of one connection', () => {
    const args = ['analyze', 'fixtures/linux-single-loss-sack.pcap'];
    expect(tcpscope([...args, '--jobs', '2'])).toEqual(tcpscope([...args, '--jobs', '1']));
  });

  it('a capture that is damaged, and one that is none', () => {
    for (const name of ['fixtures/README.md', 'package.json', 'fixtures/missing.pcap']) {
      const one = tcpscope(['analyze', name, '--jobs', '1']);
      expect(one.status).toBe(3);
      expect(tcpscope(['analyze', name, '--jobs', '2'])).toEqual(one);
    }
    const mixed = ['analyze', 'fixtures/linux-echo.pcap', 'package.json'];
    expect(tcpscope([...mixed, '--jobs', '2'])).toEqual(tcpscope([...mixed, '--jobs', '1']));
  });
});

it('a flood that is folded is told with the figures of one thread, and what was folded is told', () => {
  const capture = join(folder, 'flood.pcap');
  const made = spawnSync(
    process.execPath,
    ['test/bench/flood.mjs', '--kind', 'syn', '--packets', '30000', '--out', capture],
    {
      cwd: root,
    },
  );
  expect(made.status).toBe(0);
  const [one, two] = ['1', '2'].map((jobs) =>
    JSON.parse(tcpscope(['analyze', capture, '--json', '--jobs', jobs]).stdout),
  );
  for (const report of [one, two]) {
    expect(report.capture.evicted.connections).toBeGreaterThan(0);
    expect(report.capture.evicted.connections + report.connections.length).toBe(30_000);
    expect(report.summary.connections).toBe(30_000);
  }
  const floodOf = (report: { findings: { id: string; text: string }[] }) =>
    report.findings.find(({ id }) => id === 'syn-flood');
  expect(floodOf(one)?.text).toContain('30,000 SYNs');
  expect(floodOf(two)).toEqual(floodOf(one));
  expect(two.summary.statements).toEqual(one.summary.statements);
  expect(two.summary.time).toEqual(one.summary.time);
}, 60_000);

describe('--jobs', () => {
  it('is refused where one thread has to answer, and for a pipe', () => {
    const refused = (...args: string[]) => {
      const { status, stderr } = tcpscope(['analyze', '--jobs', '2', ...args]);
      expect(status).toBe(2);
      return stderr;
    };
    expect(refused('fixtures/linux-echo.pcap', '--stream', '0')).toContain('--stream is answered by one thread');
    expect(refused('fixtures/linux-echo.pcap', '-c', '9')).toContain('--count is answered by one thread');
    expect(refused('fixtures/linux-echo.pcap', '--select', 'packets > 1')).toContain('--select is answered by one');
    expect(refused('-')).toContain('standard input can be read once');
    expect(refused('/dev/null')).toContain('/dev/null can be read once');
    expect(refused('fixtures/linux-echo.pcap', '--every', '60s', '--ndjson')).toContain('--every is answered by one');
  });

  it('says of a folder what one thread says', () => {
    const [one, two] = ['1', '2'].map((jobs) => tcpscope(['analyze', 'fixtures', '--jobs', jobs]));
    expect(one.stderr).toContain('fixtures: ');
    expect(two).toEqual(one);
  });

  it('is the cores, of which there are four, for files of a gigabyte and more, and one for pipes', () => {
    expect(usualJobs(2 ** 30 - 1, 4)).toBe(1);
    expect(usualJobs(2 ** 30, 4)).toBe(4);
    expect(usualJobs(2 ** 30, 3)).toBe(1);
    expect(usualJobs(2 ** 30, 1)).toBe(1);
    expect(usualJobs(2 ** 40, 8)).toBe(8);
    expect(usualJobs(2 ** 40, 9)).toBe(8);
    expect(usualJobs(null, 4)).toBe(1);
  });

  it('takes a number from 1 to 256', () => {
    for (const jobs of ['0', '257', 'x', '1.5']) {
      const { status, stderr } = tcpscope(['analyze', 'fixtures/linux-echo.pcap', '--jobs', jobs]);
      expect([status, stderr]).toEqual([2, expect.stringContaining('A number from 1 to 256')]);
    }
  });
});
