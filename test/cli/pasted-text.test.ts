import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixture, output, tcpscope } from './tcpscope.ts';

/** A SYN as tcpdump -x prints it, whose TCP header is all that matters. */
const dump = (time: string) => `${time} IP 10.0.0.1.4000 > 10.0.0.2.80: Flags [S], seq 1, win 1000, length 0
\t0x0000:  4500 0028 0001 0000 4006 0000 0a00 0001
\t0x0010:  0a00 0002 0fa0 0050 0000 0001 0000 0000
\t0x0020:  5002 03e8 0000 0000
`;

describe('times in pasted text', () => {
  const zones = ['UTC', 'Asia/Shanghai', 'America/New_York'];

  it.each(zones)('are local ones, and are printed as they were pasted (%s)', (TZ) => {
    const env = { TZ };
    const print = (input: string, ...options: string[]) =>
      output(['packets', '--format', 'tcpdump', ...options, '-'], { input, env });
    expect(print(dump('01:42:16.089133'))).toMatch(/^01:42:16\.089133 /);
    expect(print(dump('2020-05-10 01:42:16.089133'), '-tttt')).toMatch(/^2020-05-10 01:42:16\.089133 /);
    const at = (time: string) => output(['states', '-q', '--at', time, '-'], { input: dump('01:42:16.089133'), env });
    expect(at('01:42:16.089133')).toContain('SYN_SENT');
  });

  it('are UTC with a Z, and since 1970 in seconds, whatever the zone', () => {
    for (const time of ['2020-05-09T17:41:56.089133Z', '1589046116.089133']) {
      const [row] = JSON.parse(
        `[${output(['packets', '--ndjson', '-'], { input: dump(time), env: { TZ: 'Asia/Shanghai' } }).trim()}]`,
      );
      expect(row.timestamp).toBe('1589046116.089133000');
    }
  });
});

it.each([
  ['', 'unknown', 'raw IP, times unknown\n'],
  ['01:42:16.089133', 'undated', 'raw IP, 0 s, date unknown\n'],
  ['2020-05-10 01:42:16.089133', 'dated', '0 s from 2020-05-10 01:42:16 UTC\n'],
])('a summary invents no date for the time "%s"', (time, times, words) => {
  expect(output(['-'], { input: dump(time) })).toContain(words);
  expect(JSON.parse(output(['--json', '-'], { input: dump(time) })).capture.times).toBe(times);
});

it('warns of captures that were put one after the other, and analyses all of them', () => {
  const one = readFileSync(fixture('linux-echo.pcap'));
  const { status, stderr, stdout } = tcpscope(['--json', '-'], { input: Buffer.concat([one, one]) });
  const { packets } = JSON.parse(stdout).capture;
  const alone = JSON.parse(output(['--json', 'fixtures/linux-echo.pcap'])).capture.packets;
  expect({ status, total: packets.total }).toEqual({ status: 0, total: 2 * alone.total });
  expect(stderr).toContain(`at byte ${one.length}: found the file header of a pcap capture, expected a record`);
});
