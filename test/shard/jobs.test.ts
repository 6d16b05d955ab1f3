import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixture, tcpscope } from '../cli/tcpscope.ts';

/** All fixtures, one after the other: sockets are used again, clocks step, and every finding of a capture is there. */
const captures = readdirSync(fixture('.'))
  .filter((name) => /^(linux|tshark).*\.pcap$/.test(name))
  .map((name) => `fixtures/${name}`);

describe('what several threads print is what one prints', () => {
  it.each([
    ['text', []],
    ['text', ['--all', '--by', 'client', '--sort', 'bytes', '--top', '3']],
    ['json', ['--json']],
    ['ndjson', ['--ndjson', '--min-severity', 'warning']],
    ['csv', ['--csv']],
    ['parquet', ['--format', 'parquet', '-o', '-']],
  ])(
    '%s %s',
    (_, args) => {
      const one = tcpscope(['analyze', ...captures, '--jobs', '1', ...args]);
      expect(one.stdout.length).toBeGreaterThan(200);
      for (const jobs of ['2', '3', '7'])
        expect(tcpscope(['analyze', ...captures, '--jobs', jobs, ...args])).toEqual(one);
    },
    60_000,
  );

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

describe('--jobs', () => {
  it('is refused where one thread has to answer, and for a pipe', () => {
    const refused = (...args: string[]) => {
      const { status, stderr } = tcpscope(['analyze', '--jobs', '2', ...args]);
      expect(status).toBe(2);
      return stderr;
    };
    expect(refused('fixtures/linux-echo.pcap', '--stream', '0')).toContain('--stream is answered by one thread');
    expect(refused('fixtures/linux-echo.pcap', '-f', 'tcp')).toContain('--filter is answered by one thread');
    expect(refused('-')).toContain('- can be read once');
    expect(refused('fixtures/linux-echo.pcap', '--format', 'openmetrics')).toContain('answered by one thread');
  });

  it('takes a number from 1 to 256', () => {
    for (const jobs of ['0', '257', 'x', '1.5']) {
      const { status, stderr } = tcpscope(['analyze', 'fixtures/linux-echo.pcap', '--jobs', jobs]);
      expect([status, stderr]).toEqual([2, expect.stringContaining('a number from 1 to 256')]);
    }
  });
});
