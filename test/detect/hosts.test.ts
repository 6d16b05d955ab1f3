import { expect, it } from 'vitest';
import { HostTable } from '../../src/detect/hosts.ts';
import { Connection } from '../../src/model/connection.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { SegmentView } from '../../src/model/segment.ts';

/** A connection from an address that `i` makes to a fixed one. */
function connection(version: 4 | 6, words: readonly [number, number, number, number]): Connection {
  const view = new SegmentView();
  view.ipVersion = version;
  [view.src0, view.src1, view.src2, view.src3] = words;
  view.dst3 = 1;
  return new Connection(0, view, null);
}

it('keeps one entry for each address, whatever the port and the connection, in the order in which they came', () => {
  const table = new HostTable((endpoint: Endpoint) => endpoint.address);
  const hosts = 1000;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < hosts; i++) {
      expect(table.of(connection(4, [0, 0, 0, (10 << 24) | i]).a)).toBe(`10.0.${i >> 8}.${i & 255}`);
    }
  }
  expect(table.values).toHaveLength(hosts);
  expect(table.values[999]).toBe('10.0.3.231');
});

it('tells addresses by all of their words, and IPv4 from IPv6', () => {
  const table = new HostTable((endpoint: Endpoint) => endpoint.address);
  for (const version of [4, 6] as const) table.of(connection(version, [0, 0, 0, 7]).a);
  for (const place of [0, 1, 2]) {
    const words: [number, number, number, number] = [0, 0, 0, 7];
    words[place] = 1;
    table.of(connection(6, words).a);
  }
  expect(table.values).toEqual(['0.0.0.7', '::7', '0:1::7', '::1:0:0:0:7', '::1:0:7']);
});
