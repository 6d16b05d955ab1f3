import { describe, expect, test } from 'vitest';
import { PacketTable } from '../../src/views/packet-table.ts';
import type { Sightings, Vantage } from '../../src/views/sightings.ts';
import { Twins } from '../../src/views/twins.ts';

const FIELDS = ['seq', 'ack', 'payload', 'flags', 'window', 'ipId', 'tsVal', 'sack', 'known'] as const;

/** A vantage that saw packets with those numbers, alike in all else. */
function vantageOf(packets: readonly Partial<Record<(typeof FIELDS)[number], number>>[]): Vantage {
  const columns = FIELDS.map((field) => [field, packets.map((packet) => packet[field] ?? 1)]);
  return { sightings: Object.fromEntries(columns) as unknown as Sightings, flows: [] };
}

/** Packets of two vantages: a row each, with its place at both, -1 without. */
function twinsOf(vantages: readonly Vantage[], rows: readonly (readonly [number, number])[]): Twins {
  const table = new PacketTable(2);
  for (const [i, j] of rows) {
    const row = table.add(0, 0);
    table.at[0][row] = i;
    table.at[1][row] = j;
  }
  return new Twins(vantages, table, [0, 1]);
}

describe('duplicates that the network made', () => {
  test.each(FIELDS)('a packet that differs in %s is no twin', (field) => {
    const vantage = vantageOf([{}, {}, { [field]: 2 }]);
    const twins = twinsOf([vantage, vantage], [[0, 0], [-1, 1], [-1, 2]]); // biome-ignore format: a row each
    expect(twins.hasTwin(1, 1)).toBe(false);
    twins.note(0);
    expect(twins.hasTwin(1, 1)).toBe(true);
    expect(twins.hasTwin(2, 1)).toBe(false);
  });

  test('the first must have been seen at the vantage before, too', () => {
    const vantage = vantageOf([{}, {}]);
    const twins = twinsOf([vantage, vantage], [[-1, 0], [-1, 1]]); // biome-ignore format: a row each
    twins.note(0);
    expect(twins.hasTwin(1, 1)).toBe(false);
  });

  test('very many with the same bytes and other IP IDs are looked at once each', () => {
    const count = 60_000;
    const vantage = vantageOf(Array.from({ length: count }, (_, ipId) => ({ ipId })));
    const twins = twinsOf(
      [vantage, vantage],
      Array.from({ length: count }, (_, i) => [i, i] as const),
    );
    let found = 0;
    for (let row = 0; row < count; row++) {
      if (twins.hasTwin(row, 1)) found++;
      twins.note(row);
      if (!twins.hasTwin(row, 1)) found--;
    }
    expect(found).toBe(0);
  });
});
