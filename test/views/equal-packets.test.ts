import { describe, expect, test } from 'vitest';
import { EqualPackets } from '../../src/views/equal-packets.ts';
import { PacketTable } from '../../src/views/packet-table.ts';
import type { Sightings, Vantage } from '../../src/views/sightings.ts';

const FIELDS = ['seq', 'ack', 'payload', 'flags', 'window', 'ipId', 'tsVal', 'sack', 'known'] as const;

/** A vantage that saw packets with those numbers, alike in all else. */
function vantageOf(packets: readonly Partial<Record<(typeof FIELDS)[number], number>>[]): Vantage {
  const columns = FIELDS.map((field) => [field, packets.map((packet) => packet[field] ?? 1)]);
  return { sightings: Object.fromEntries(columns) as unknown as Sightings, flows: [] };
}

/** Packets of two vantages: a row each, with its place at both, -1 without. */
function equalPacketsOf(vantages: readonly Vantage[], rows: readonly (readonly [number, number])[]): EqualPackets {
  const table = new PacketTable(2);
  for (const [i, j] of rows) {
    const row = table.add(0, 0);
    table.at[0][row] = i;
    table.at[1][row] = j;
  }
  return new EqualPackets(vantages, table, [0, 1]);
}

describe('duplicates that the network made', () => {
  test.each(FIELDS)('a packet that differs in %s is not equal', (field) => {
    const vantage = vantageOf([{}, {}, { [field]: 2 }]);
    const equals = equalPacketsOf([vantage, vantage], [[0, 0], [-1, 1], [-1, 2]]); // biome-ignore format: a row each
    expect(equals.hasEqual(1, 1)).toBe(false);
    equals.note(0);
    expect(equals.hasEqual(1, 1)).toBe(true);
    expect(equals.hasEqual(2, 1)).toBe(false);
  });

  test('the first must have been seen at the vantage before, too', () => {
    const vantage = vantageOf([{}, {}]);
    const equals = equalPacketsOf([vantage, vantage], [[-1, 0], [-1, 1]]); // biome-ignore format: a row each
    equals.note(0);
    expect(equals.hasEqual(1, 1)).toBe(false);
  });

  test('very many with the same bytes and other IP IDs are looked at once each', () => {
    const count = 60_000;
    const vantage = vantageOf(Array.from({ length: count }, (_, ipId) => ({ ipId })));
    const equals = equalPacketsOf(
      [vantage, vantage],
      Array.from({ length: count }, (_, i) => [i, i] as const),
    );
    let found = 0;
    for (let row = 0; row < count; row++) {
      if (equals.hasEqual(row, 1)) found++;
      equals.note(row);
      if (!equals.hasEqual(row, 1)) found--;
    }
    expect(found).toBe(0);
  });
});
