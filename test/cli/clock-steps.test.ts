import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scenario } from '../support/scenario.ts';
import { fixture, objects, output } from './tcpscope.ts';

const NAME = 'linux-single-loss-sack.pcap';

/** The fixture with the time stamps of some packets shifted by whole seconds. */
function shifted(seconds: number, isShifted: (number: number) => boolean): Uint8Array {
  const bytes = new Uint8Array(readFileSync(fixture(NAME)));
  const view = new DataView(bytes.buffer);
  let number = 1;
  for (let at = 24; at < bytes.length; at += 16 + view.getUint32(at + 8, true)) {
    if (isShifted(number++)) view.setUint32(at, view.getUint32(at, true) + seconds, true);
  }
  return bytes;
}

interface Listed {
  packet: number | null;
  sockets: { state: string }[];
}

describe('a clock that steps', () => {
  const back = shifted(-1000, (number) => number >= 50);
  const stray = shifted(1000, (number) => number === 10);
  const original = readFileSync(fixture(NAME));
  const sockets = (input: Uint8Array, ...choice: string[]) => output(['states', '-q', '-', ...choice], { input });

  it('back leaves the states at a packet and the order of the moments as they were', () => {
    expect(sockets(back, '--packet', '100')).toBe(sockets(original, '--packet', '100'));
    expect(sockets(back, '--packet', '100').match(/ESTABLISHED/g)).toHaveLength(2);
    const listed = (input: Uint8Array) =>
      (objects(['states', '--ndjson', '-'], { input }) as unknown as Listed[]).map((moment) => [
        moment.packet,
        moment.sockets.map(({ state }) => state),
      ]);
    expect(listed(back)).toEqual(listed(original));
    expect(output(['states', '-'], { input: back })).not.toMatch(/^-/m);
  });

  it('ahead for one packet changes nothing at others', () => {
    for (const choice of [
      ['--packet', '100'],
      ['--at', '0.1'],
    ]) {
      expect(sockets(stray, ...choice)).toBe(sockets(original, ...choice));
    }
  });

  it('gives no negative duration', () => {
    const report = JSON.parse(output(['--json', '-'], { input: back }));
    // From the first packet of the second part, 1000 s before its time, to the last of the first part.
    expect(report.capture.durationMs).toBeGreaterThan(999_000);
    expect(report.capture.durationMs).toBeLessThanOrEqual(1_000_000);
    expect(report.connections[0].durationMs).toBe(report.capture.durationMs);
    expect(Number(report.capture.first)).toBeLessThan(Number(report.capture.last));
    expect(output(['-'], { input: back })).not.toMatch(/-\d+ min/);
  });
});

describe('--at with a time of day', () => {
  it('is that of the next day where the capture passes midnight', () => {
    const { pcap } = scenario(
      { start: '2024-05-01T23:59:59Z' },
      `0.0 > S seq 0
       0.1 < S. seq 0 ack 1
       0.2 > . ack 1
       1.5 > R. seq 1 ack 1`,
    );
    const at = (time: string) => output(['states', '-q', '-', '--at', time], { input: pcap });
    expect(at('00:00:00').match(/ESTABLISHED/g)).toHaveLength(2);
    expect(at('23:59:59.05')).toContain('SYN_SENT');
  });
});

it('counts one of a sort in the singular', () => {
  const { pcap } = scenario(
    {},
    `0.0 > S seq 0
     0.1 icmp host-unreachable quotes 1 from 10.9.9.9`,
  );
  expect(output(['-'], { input: pcap })).toContain('1 TCP, 1 ICMP error about TCP\n');
});
