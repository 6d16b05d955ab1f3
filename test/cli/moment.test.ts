import { describe, expect, it } from 'vitest';
import { parseMoment, resolveEarly, resolveMoment } from '../../src/cli/moment.ts';
import { objects, output, tcpscope } from './tcpscope.ts';

const S = 1_000_000_000n;
/** 2026-11-21 23:50:00 UTC; tests run with TZ=UTC. */
const LATE = 1795305000n * S;

describe('a moment', () => {
  it.each([
    ['12.5', 'start', 12_500_000_000n],
    ['12.5s', 'start', 12_500_000_000n],
    ['-3', 'start', -3n * S],
    ['250ms', 'start', 250_000_000n],
    ['7us', 'start', 7000n],
    ['1.5min', 'start', 90n * S],
    ['2h', 'start', 7200n * S],
    ['1d', 'start', 86400n * S],
    ['99999999', 'start', 99_999_999n * S],
    ['100000000', 'epoch', 100_000_000n * S],
    ['1795305000.25', 'epoch', LATE + S / 4n],
    ['17:42:20', 'midnight', 63740n * S],
    ['17:42', 'midnight', 63720n * S],
    ['23:59:59.999999999', 'midnight', 86399_999_999_999n],
    ['2026-11-21', 'epoch', 1795219200n * S],
    ['2026-11-21 23:50', 'epoch', LATE],
    ['2026-11-21T23:50:00Z', 'epoch', LATE],
    ['2026-11-22T07:50:00+08:00', 'epoch', LATE],
    ['2026-11-21 23:50:00.000000001', 'epoch', LATE + 1n],
  ] as const)('%s', (text, since, nanoseconds) => {
    expect(parseMoment(text)).toEqual({ since, nanoseconds });
  });

  it('with a plus is one that is added', () => {
    expect(parseMoment('+3')).toEqual({ since: 'start', nanoseconds: 3n * S, isAdded: true });
    expect(parseMoment('+100000000')).toEqual({ since: 'start', nanoseconds: 100_000_000n * S, isAdded: true });
  });

  it.each(['', 'now', '24:00:00', '17:60', '5 parsecs', '2026-13-01', '1e3', '12.5.6'])('%j is none', (text) => {
    expect(() => parseMoment(text)).toThrow('Write seconds since the first packet');
  });

  it('of a time of day is that of the next day where only that is within the capture', () => {
    const early = parseMoment('00:10');
    const before = parseMoment('23:49');
    expect(resolveMoment(early, LATE, 1200e9)).toBe(1200e9);
    expect(resolveMoment(early, LATE, 1200e9 - 1)).toBe(-85_200e9);
    expect(resolveMoment(before, LATE, 1200e9)).toBe(-60e9);
  });

  it('of a time of day is the nearer one while the end is not known', () => {
    expect(resolveEarly(parseMoment('00:10'), LATE)).toBe(1200e9);
    expect(resolveEarly(parseMoment('23:49'), LATE)).toBe(-60e9);
    expect(resolveEarly(parseMoment('23:50'), LATE)).toBe(0);
    // Twelve hours either way: 11:50 of the same day and of the next.
    expect(resolveEarly(parseMoment('11:50'), LATE)).toBe(-43_200e9);
    expect(resolveEarly(parseMoment('11:49'), LATE)).toBe(43_140e9);
  });
});

describe('--since and --until', () => {
  const LOSS = 'fixtures/linux-single-loss-sack.pcap';
  const numbers = (...args: string[]) =>
    objects(['packets', '--ndjson', '--fields', 'number', ...args, LOSS]).map(({ number }) => number);
  const all = objects(['packets', '--ndjson', '--fields', 'number,timestamp', LOSS]) as {
    number: number;
    timestamp: string;
  }[];

  it('leave the packets between, both ends included', () => {
    const [first] = all;
    const from = all[97];
    const to = all[100];
    const since = (at: { timestamp: string }) =>
      (BigInt(at.timestamp.replace('.', '')) - BigInt(first.timestamp.replace('.', ''))).toString();
    expect(numbers('--since', `${since(from)}ns`, '--until', `${since(to)}ns`)).toEqual([98, 99, 100, 101]);
    expect(numbers('--since', from.timestamp, '--until', to.timestamp)).toEqual([98, 99, 100, 101]);
    expect(numbers('--until', `${since(from)}ns`)).toEqual(all.slice(0, 98).map(({ number }) => number));
    expect(numbers('--since', `${BigInt(since(from)) + 1n}ns`)).toEqual(all.slice(98).map(({ number }) => number));
  });

  it('count from one another with a plus', () => {
    const few = numbers('--since', '182ms', '--until', '+1ms');
    expect(few).toEqual(numbers('--since', '182ms', '--until', '183ms'));
    expect(few[0]).toBeGreaterThan(1);
    expect(numbers('--until', '+41ms')).toEqual(numbers('--until', '41ms'));
  });

  it('change no verdict', () => {
    expect(output(['packets', '-q', '--since', '182ms', '--until', '183ms', LOSS])).toContain(
      'retransmission of #43 (fast)',
    );
  });

  it('go together with a filter', () => {
    expect(numbers('--until', '60ms', '-f', 'src host 10.9.0.2')).toEqual([2]);
  });

  it('leave the connections with a packet between them, in reports and for tcpdump', () => {
    expect(JSON.parse(output(['--json', '--since', '300ms', LOSS])).connections).toHaveLength(1);
    expect(JSON.parse(tcpscope(['--json', '--since', '1s', LOSS]).stdout).connections).toHaveLength(0);
    expect(output(['packets', '--format', 'tcpdump', '--until', '1us', LOSS]).trimEnd().split('\n')).toHaveLength(1);
  });

  it('say what the capture spans where nothing is left', () => {
    const { status, stderr } = tcpscope(['packets', '--since', '1s', LOSS]);
    expect(status).toBe(0);
    expect(stderr).toBe(
      'tcpscope: no packet is selected: the capture spans 2026-11-21 00:58:53 UTC to 2026-11-21 00:58:53 UTC (304 ms)\n',
    );
  });

  it('that contradict each other are a mistake', () => {
    const { status, stderr } = tcpscope(['--since', '2', '--until', '1', LOSS]);
    expect(status).toBe(2);
    expect(stderr).toContain('--since is after --until');
    expect(output(['-q', '--since', '0', '--until', '0', LOSS])).toContain('10.9.0.1:40438');
  });

  it('of states are those of the moments', () => {
    const moments = JSON.parse(output(['states', '--json', '--since', '40ms', '--until', '45ms', LOSS])).moments;
    const packets = moments.map(({ packet }: { packet: number }) => packet);
    expect(packets).toEqual([2, 3]);
    expect(tcpscope(['states', '--at', '1', '--since', '1', LOSS]).stderr).toContain('--at and --since');
  });
});
