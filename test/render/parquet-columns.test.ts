import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { exchangeReport } from '../../src/budget/report.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { connectionLine } from '../../src/connection-line.ts';
import { budgetOf } from '../../src/model/budget.ts';
import type { PacketRow } from '../../src/model/row.ts';
import { CONNECTION_LINE_FIELDS } from '../../src/render/connection-fields.ts';
import { EXCHANGE_FIELDS } from '../../src/render/exchange-fields.ts';
import type { Field, FieldType } from '../../src/render/field.ts';
import { FINDING_FIELDS } from '../../src/render/finding-fields.ts';
import { packetFields } from '../../src/render/packet-fields.ts';
import { VIEW_KEYS } from '../../src/render/packet-fields-view.ts';
import { columnName, columnValue } from '../../src/render/parquet-columns.ts';
import { buildReport } from '../../src/report/report.ts';

const value = (type: FieldType, given: unknown) =>
  columnValue({ key: 'x', type, about: '', value: () => given } as Field<null>, null);

it('times are what 64 bits of nanoseconds hold, and nothing else', () => {
  expect(value('time', '9223372036.854775807')).toBe(2n ** 63n - 1n);
  expect(value('time', '9223372036.854775808')).toBeNull();
  expect(value('time', '-9223372036.854775808')).toBe(-(2n ** 63n));
  expect(value('time', '-9223372036.854775809')).toBeNull();
});

it('a number that is not known is null, and any other word is a mistake', () => {
  expect(value('number', 'unknown')).toBeNull();
  expect(value('number', 7)).toBe(7);
  expect(() => value('number', 'seven')).toThrow(TypeError);
});

it.each<[FieldType, unknown]>([
  ['text', 1],
  ['flag', 'true'],
  ['list', 'a'],
  ['count', 2],
  ['time', 1.5],
])('a column of %s does not hold %j', (type, given) => {
  expect(() => value(type, given)).toThrow(TypeError);
  expect(value(type, null)).toBeNull();
});

/** Every table, with the schema of its rows as a document: a second statement of what each field holds. */
const TABLES = {
  packets: { fields: packetFields(() => 0n), schema: 'packet.schema.json' },
  connections: { fields: CONNECTION_LINE_FIELDS, schema: 'connection-line.schema.json' },
  exchanges: { fields: EXCHANGE_FIELDS, schema: 'exchange.schema.json' },
  findings: { fields: FINDING_FIELDS, schema: 'report.schema.json#finding' },
};
const NAMES = Object.keys(TABLES) as (keyof typeof TABLES)[];

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly $ref?: string;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

function schemaOf(place: string): { root: Schema; schema: Schema } {
  const [name, definition] = place.split('#');
  const root: Schema = JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8'));
  return { root, schema: definition === undefined ? root : root.$defs![definition] };
}

/** A schema and all that it is made of or leaves the choice of. */
function parts(root: Schema, schema: Schema): Schema[] {
  const { $ref, oneOf = [], anyOf = [], allOf = [] } = schema;
  const named = $ref === undefined ? [] : [root.$defs![$ref.replace('#/$defs/', '')]];
  return [schema, ...[...named, ...oneOf, ...anyOf, ...allOf].flatMap((part) => parts(root, part))];
}

/** What JSON can have at that path besides null. */
function jsonTypes(place: string, path: string): Set<string> {
  const { root, schema } = schemaOf(place);
  let here = [schema];
  for (const name of path.split('.'))
    here = here.flatMap((one) => parts(root, one)).flatMap(({ properties }) => properties?.[name] ?? []);
  const types = new Set<string>();
  for (const { type, enum: values, const: only } of here.flatMap((one) => parts(root, one))) {
    for (const name of [type ?? []].flat()) types.add(name === 'integer' ? 'number' : name);
    for (const given of [...(values ?? []), ...(only === undefined ? [] : [only])])
      types.add(given === null ? 'null' : typeof given);
  }
  types.delete('null');
  return types;
}

const JSON_TYPES: Record<FieldType, string> = {
  number: 'number',
  count: 'array',
  text: 'string',
  flag: 'boolean',
  list: 'array',
  time: 'string',
};

describe.each(NAMES)('the table of %s', (name) => {
  const { fields, schema } = TABLES[name];

  it('has columns of the types that its schema has', () => {
    const documented = fields.filter(({ key }) => name !== 'packets' || !VIEW_KEYS.has(key));
    const stated = documented.map(({ key, type }) => [key, JSON_TYPES[type]]);
    expect(stated).toEqual(
      documented.map(({ key, type }) => {
        const types = jsonTypes(schema, key);
        // A shift count may be `unknown`; documents list the findings that a line of a table counts.
        if (key.endsWith('indowScale') && type === 'number') types.delete('string');
        if (key === 'findings' && type === 'number') return [key, types.has('array') ? 'number' : [...types]];
        return [key, [...types].join(' or ')];
      }),
    );
  });

  it('has times where its schema has Unix times', () => {
    const times = fields.filter(({ type }) => type === 'time').map(({ key }) => key);
    expect(times).toEqual(fields.map(({ key }) => key).filter((key) => /^(timestamp|start)$/.test(key)));
  });

  it('has a name for each column that needs no quotes in SQL', () => {
    const names = fields.map(({ key }) => columnName(key));
    expect(new Set(names).size).toBe(names.length);
    for (const one of names) expect(one).toMatch(/^[a-z][a-zA-Z0-9_]*$/);
  });
});

describe('what the fixtures have fits the columns', () => {
  const seen: Record<keyof typeof TABLES, Set<string>> = {
    packets: new Set(),
    connections: new Set(),
    exchanges: new Set(),
    findings: new Set(),
  };
  const rows = { packets: 0, connections: 0, exchanges: 0, findings: 0 };

  /** Throws where a field holds something else than it says. */
  function check<Row>(name: keyof typeof TABLES, fields: readonly Field<Row>[], row: Row): void {
    rows[name]++;
    for (const field of fields) if (columnValue(field, row) !== null) seen[name].add(field.key);
  }

  beforeAll(() => {
    const folder = new URL('../../fixtures/', import.meta.url);
    for (const file of readdirSync(folder).filter((one) => /^(linux|tshark)-.*\.pcap$/.test(one))) {
      const fields = packetFields(() => 0n);
      const analyzer = new Analyzer({
        onRow: (row: PacketRow) => check('packets', fields, row),
      });
      const reader = new CaptureReader(analyzer);
      reader.open(file);
      reader.write(readFileSync(new URL(file, folder)));
      reader.end();
      analyzer.end(reader.session.facts);
      for (const connection of analyzer.connections) {
        check('connections', CONNECTION_LINE_FIELDS, connectionLine(connection, 'end of input', 0n));
        for (const exchange of budgetOf(connection)?.exchanges ?? [])
          check('exchanges', EXCHANGE_FIELDS, exchangeReport(exchange, connection, 0n, true));
      }
      for (const finding of buildReport(analyzer, reader.session.facts).findings)
        check('findings', FINDING_FIELDS, finding);
    }
  });

  it.each(NAMES)('in the table of %s, of which most columns are filled', (name) => {
    expect(rows[name]).toBeGreaterThan(0);
    expect(seen[name].size).toBeGreaterThan(0.7 * TABLES[name].fields.length);
  });
});
