import { expect, it } from 'vitest';
import { concat, Pcapng, pcap } from '../capture/build.ts';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

const NANOSECONDS = { code: 9, value: Uint8Array.of(9) };
const { lines, packets } = scenario(
  {},
  `0.000 > S  seq 0
   0.001 < S. seq 0 ack 1
   0.002 > .  ack 1
   0.003 > P. 1:101(100) ack 1
   0.004 < .  ack 101
   9.000 > F. seq 101 ack 1
   9.001 < F. seq 1 ack 102
   9.002 > .  ack 2`,
);

/** Findings about the order of a capture whose records are these packets on these interfaces. */
function foundIn(records: readonly (readonly [packet: number, interfaceId: number])[]): string[] {
  const builder = new Pcapng();
  const capture = concat(
    builder.section(),
    builder.interface(1, 0, [NANOSECONDS]),
    builder.interface(1, 0, [NANOSECONDS]),
    ...records.map(([packet, id]) => builder.enhanced(lines[packet].time, packets[packet], { id })),
  );
  const { findings } = analyse(capture).analyzer;
  return findings
    .map(({ id }) => id)
    .filter((id) => ['capture-misordered', 'clock-step', 'capture-joined'].includes(id));
}

const all = lines.map((_, i) => i);

it('a file in the order of its interfaces is in order', () => {
  expect(foundIn([...all.map((i) => [i, 0] as const), ...all.map((i) => [i, 1] as const)])).toEqual([]);
});

it('the packets of one interface are out of order, or two captures were joined', () => {
  const swapped = [0, 1, 3, 2, 4, 5, 7, 6];
  expect(foundIn(swapped.map((i) => [i, 1] as const))).toEqual(['capture-misordered']);
  expect(foundIn([...all, ...all].map((i) => [i, 1] as const))).toEqual(['capture-joined']);
});

it('one packet that stands in the wrong place is no step of the clock, whatever its time', () => {
  const found = (order: readonly number[]) => foundIn(order.map((i) => [i, 0] as const));
  expect(found([0, 1, 2, 3, 5, 4, 6, 7])).toEqual(['capture-misordered']);
  // The next is as old as the latest before it, or 1 ms older: then the time has stayed back.
  expect(found([0, 1, 2, 3, 6, 4, 6, 7])).toEqual(['capture-misordered']);
  expect(found([0, 1, 2, 3, 6, 4, 5, 7])).not.toContain('capture-misordered');
  // Nothing comes after it that would tell; one more packet does.
  expect(found([0, 1, 2, 3, 5, 6, 7, 4])).toEqual(['capture-misordered']);
  expect(found([0, 1, 2, 3, 6, 7, 4, 5])).toEqual(['clock-step']);
});

it('a time whose fraction is a second and more is no step of the clock', () => {
  const found = (fraction: number) => {
    const records = packets.map((data, i) => ({ seconds: 10, fraction: 1000 * i, data }));
    Object.assign(records[1], { seconds: 11, fraction });
    return analyse(pcap(records)).analyzer.findings.map(({ id }) => id);
  };
  expect(found(999_999)).toContain('clock-step');
  expect(found(1_000_000)).not.toContain('clock-step');
});

it('packets in the wrong order are no warning where none of them is TCP', () => {
  const severities = (records: readonly Uint8Array[]) =>
    analyse(
      pcap(records.map((data, i) => ({ seconds: 10, fraction: 1000 * (i % 2 ? i + 2 : i), data }))),
    ).analyzer.findings.flatMap(({ id, severity }) => (id === 'capture-misordered' ? [severity] : []));
  const PROTOCOL = 14 + 9;
  const udp = packets.map((packet) => {
    const changed = packet.slice();
    changed[PROTOCOL] = 17;
    return changed;
  });
  expect(severities(udp)).toEqual(['info']);
  expect(severities([packets[0], ...udp.slice(1)])).toEqual(['warning']);
});
