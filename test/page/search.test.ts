import { describe, expect, it } from 'vitest';
import type { ConnectionTable } from '../../src/page/model.ts';
import { matching } from '../../src/page/view/search.ts';
import { firstFrom, nearest } from '../../src/page/view/time-axis.ts';

const table: ConnectionTable = {
  stream: [0, 7, 9],
  addresses: ['10.0.0.1', '10.0.0.12', '2001:db8::1'],
  client: [0, 1, 2],
  server: [1, 0, 2],
  clientPort: [1000, 2000, 3000],
  serverPort: [80, 443, 80],
  start: [0, 0, 0],
  duration: [0, 0, 0],
  packets: [0, 0, 0],
  clientBytes: [0, 0, 0],
  serverBytes: [0, 0, 0],
  lost: [0, 5, 0],
  kind: [-1, 2, -1],
  kindTime: [0, 5, 0],
  ending: [0, 1, 0],
  endings: ['closed', 'reset by server'],
  severity: [0, 3, 0],
  findings: [0, 1, 0],
  findingSet: [0, 1, 0],
  findingSets: [[], ['packet-loss']],
};
const found = (query: string) => [...matching(table, query)].map((row) => table.stream[row]);

describe('a search among the connections', () => {
  it.each([
    ['', [0, 7, 9]],
    ['10.0.0', [0, 7]],
    ['443', [7]],
    // A whole port, not a part of one.
    ['44', []],
    ['10.0.0.1:1000', [0]],
    ['10.0.0.1:443', [7]],
    ['10.0.0.1:2000', []],
    ['[2001:db8::1]:80', [9]],
    ['2001:DB8', [9]],
    ['reset', [7]],
    ['packet-loss', [7]],
    // The kind of what it lost time with, by its identifier and in words.
    ['timeout', [7]],
    ['retransmission timeouts', [7]],
    ['80 closed', [0, 9]],
    ['80 reset', []],
  ])('for "%s"', (query, streams) => {
    expect(found(query)).toEqual(streams);
  });
});

describe('places in a column of times', () => {
  const times = [0, 10, 10, 30];
  it.each([
    [-1, 0, 0],
    [0, 0, 0],
    [4, 1, 0],
    [6, 1, 1],
    [10, 1, 1],
    [20, 3, 2],
    [21, 3, 3],
    [31, 4, 3],
  ])('%i: the first row from it on is %i, the nearest %i', (time, first, near) => {
    expect(firstFrom(times, time)).toBe(first);
    expect(nearest(times, time)).toBe(near);
  });

  it('an empty column has none', () => {
    expect(nearest([], 5)).toBe(-1);
  });
});
