import { describe, expect, it } from 'vitest';
import { objects, output, tcpscope } from './tcpscope.ts';

const LOSS = 'fixtures/linux-single-loss-sack.pcap';
const GOOD = 'fixtures/linux-echo.pcap';
const packets = (...args: string[]) => output(['packets', '--problems', ...args]);
const numbers = (text: string) => [...text.matchAll(/^ *(\d+) .*[→←]/gm)].map(([, n]) => Number(n));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The link dropped one segment, 43, which 100 repairs: see fixtures/README.md and the log of the link. */
describe('tcpscope packets --problems', () => {
  it('shows what is wrong, with the packets around it, and marks the gaps', () => {
    const text = packets(LOSS);
    expect(numbers(text)).toEqual([...range(38, 48), ...range(95, 105)]);
    expect(text.match(/^ *… .*$/gm)).toEqual(['    … 37 packets', '    … 46 packets', '    … 98 packets']);
  });

  it.each([0, 1, 2])('shows %i packets of context', (context) => {
    const text = packets(LOSS, '--context', String(context));
    expect(numbers(text)).toEqual([...range(43 - context, 43 + context), ...range(100 - context, 100 + context)]);
    const shown = numbers(text).length;
    const left = [...text.matchAll(/… ([\d,]+) packets?$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
    expect(shown + left).toBe(203);
  });

  it('lets contexts that touch become one', () => {
    const text = packets(LOSS, '--context', '28');
    expect(numbers(text)).toEqual(range(15, 128));
    expect(text.match(/… /g)).toHaveLength(2);
  });

  it('gives programs the same packets, without marks', () => {
    const rows = objects(['packets', '--problems', '--context', '1', '--ndjson', LOSS]);
    expect(rows.map(({ number }) => number)).toEqual([42, 43, 44, 99, 100, 101]);
    const csv = output(['packets', '--problems', '--context', '0', '--csv', LOSS]).trimEnd().split('\n');
    expect(csv.slice(1).map((line) => line.split(',')[0])).toEqual(['43', '100']);
  });

  it('counts what it prints for --count', () => {
    expect(numbers(packets(LOSS, '--context', '1', '-c', '4'))).toEqual([42, 43, 44, 99]);
  });

  it('says so where there is nothing', () => {
    expect(tcpscope(['packets', '--problems', GOOD])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('… 14 packets'),
      stderr: expect.stringContaining('no packet has a problem'),
    });
  });

  it('is refused where it has no meaning', () => {
    expect(tcpscope(['packets', '--problems', '--format', 'tcpdump', LOSS])).toMatchObject({ status: 2, stdout: '' });
    expect(tcpscope(['packets', '--context', '3', LOSS])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--context goes with --problems'),
    });
  });
});
