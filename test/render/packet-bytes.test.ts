import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { timestampText } from '../../src/model/timestamp.ts';
import { csvRow } from '../../src/render/csv.ts';
import { csvRows } from '../../src/render/csv-bytes.ts';
import type { Field, Json } from '../../src/render/field.ts';
import { jsonOf } from '../../src/render/json.ts';
import { jsonRows } from '../../src/render/json-bytes.ts';
import { packetFields } from '../../src/render/packet-fields.ts';
import { packetJson, packetObject } from '../../src/render/packet-json.ts';
import { optionList, writeOptions, writeTimestamp } from '../../src/render/packet-json-parts.ts';
import { rowText } from './row-text.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));

describe('packets as bytes', () => {
  const fields = packetFields(() => 1_767_225_600_123_456_789n);
  const objectOf = packetObject(fields);
  for (const name of readdirSync(fixtures).filter((name) => name.endsWith('.pcap'))) {
    it(`${name}: are their objects, and their lines of CSV`, () => {
      const json = rowText(packetJson(fields));
      const csv = rowText(csvRows(fields));
      let count = 0;
      const analyzer = new Analyzer({
        onRow: (row) => {
          count++;
          expect(json(row)).toBe(jsonOf(objectOf(row)));
          expect(csv(row)).toBe(csvRow(fields, row));
        },
      });
      const reader = new CaptureReader(analyzer);
      reader.open(name);
      reader.write(readFileSync(fixtures + name));
      reader.end();
      analyzer.end();
      expect(count).toBeGreaterThan(0);
    });
  }
});

/** What a field that writes its own JSON becomes, as JSON and as CSV, and what its value is there. */
function own<Row>(value: (row: Row) => Json, write: NonNullable<Field<Row>['write']>): (row: Row) => string[][] {
  const field: Field<Row> = { key: 'a', type: 'text', about: '', value, write };
  const json = rowText(jsonRows([field]));
  const csv = rowText(csvRows([field]));
  return (row) => [
    [json(row), csv(row)],
    [jsonOf({ a: value(row) }), csvRow([field], row)],
  ];
}

describe('what is written without its value', () => {
  const options = own<SegmentView>(optionList, writeOptions);

  /** Options of a segment, of which `captured` octets are there; behind them stands what must not be read. */
  function segment(octets: number[], captured = octets.length): SegmentView {
    const view = new SegmentView();
    const header = new Array<number>(20).fill(0);
    view.bytes = Uint8Array.from([...header, ...octets.slice(0, captured), 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]);
    view.data = new DataView(view.bytes.buffer);
    view.tcpOffset = 0;
    view.headerLength = 20 + octets.length;
    view.recordOffset = 0;
    view.capturedLength = 20 + captured;
    return view;
  }

  const stamps = [8, 10, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 7];
  const cases: [string, number[], number?][] = [
    ['none', []],
    ['time stamps', [1, 1, ...stamps]],
    ['time stamps first', [...stamps, 1, 1]],
    ['time stamps of a wrong length', [1, 1, 8, 9, ...stamps.slice(2)]],
    ['time stamps that leave the header', [1, 1, 1, ...stamps.slice(0, 9)]],
    ['time stamps that were cut', [1, 1, ...stamps], 11],
    ['time stamps that were captured to the last octet', [1, 1, ...stamps], 12],
    ['all of them were cut', [1, 1, ...stamps], 0],
    ['only no-operations', [1, 1, 1, 1]],
    ['the end of the list', [1, ...stamps, 0]],
    ['SACK blocks', [1, 1, ...stamps, 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2]],
    ['those of a SYN', [2, 4, 5, 180, 4, 2, ...stamps, 1, 3, 3, 7]],
  ];
  for (const [name, octets, captured] of cases) {
    it(`options: ${name}`, () => {
      const [written, value] = options(segment(octets, captured));
      expect(written).toEqual(value);
    });
  }

  it('options: a header that is shorter than a header', () => {
    const view = segment([]);
    view.headerLength = 16;
    const [written, value] = options(view);
    expect([written, value]).toEqual([
      ['{"a":[]}', '[]'],
      ['{"a":[]}', '[]'],
    ]);
  });

  it('options: any octets', () => {
    const octet = fc.oneof(fc.constantFrom(0, 1, 2, 4, 8, 10), fc.integer({ min: 0, max: 255 }));
    const octets = fc.array(octet, { maxLength: 40 });
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 40 }), (octets, captured) => {
        const [written, value] = options(segment(octets, Math.min(captured, octets.length)));
        expect(written).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('whatever it is that a field writes', () => {
    const any = own<Json>(
      (value) => value,
      (value, out) => out.value(value),
    );
    const texts = [
      '',
      '-',
      '-1',
      '=1',
      'a=1',
      '+a',
      'a,b',
      'a"b',
      'a\\b',
      '::a-g::',
      'x ::error ::',
      'fe80::1',
      '##[x]',
      'ü',
      '\u0007',
      'a:b',
    ];
    for (const value of texts) {
      for (const written of [value, [value], [value, value], { a: value }]) {
        const [got, wanted] = any(written);
        expect([written, got]).toEqual([written, wanted]);
      }
    }
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string())), (value) => {
        const [got, wanted] = any(value);
        expect(got).toEqual(wanted);
      }),
      { numRuns: 1000 },
    );
  });

  it('times, before 1970 and beyond what a double holds too', () => {
    let origin = 0n;
    const time = own<number>(
      (time) => timestampText(origin, time),
      (time, out) => writeTimestamp(origin, time, out),
    );
    for (origin of [-1n, 0n, 999_999_999n, 1_767_225_600_000_000_001n, 2n ** 62n]) {
      for (const at of [-2, 0, 1, 999_999_998, 999_999_999, 1e9, 2 ** 53 - 1, 2 ** 53, 1e18]) {
        const [written, value] = time(at);
        expect([origin, at, written]).toEqual([origin, at, value]);
      }
    }
  });
});
