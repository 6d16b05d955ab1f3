import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
// @ts-expect-error a script without types
import { BASE, renewed, schemas } from '../scripts/schemas.mjs';
import { packetFields } from '../src/render/packet-fields.ts';
import { VIEW_KEYS } from '../src/render/packet-fields-view.ts';
import { fixture, objects, output, tcpscope } from './cli/tcpscope.ts';
import { FIXTURES } from './support/make-fixtures.ts';
import { scenario } from './support/scenario.ts';
import { warmObjects, warmOutput } from './support/warm.ts';

const STREAM = `
  0.0 > S  seq 0 win 1000
  0.1 < S. seq 0 ack 1 win 1000
  0.2 > P. ack 1 "hello"
  0.3 < .  ack 6
  0.4 > F. ack 1`;

const SCHEMAS = new URL('../schema/', import.meta.url);

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean;
  [key: string]: unknown;
}

/** Those of `check` have tests of their own. */
const names = readdirSync(SCHEMAS).filter((name) => !/^(check|rules)/.test(name));
const read = (name: string): Schema => JSON.parse(readFileSync(new URL(name, SCHEMAS), 'utf8'));

/** A published schema allows for properties to come; the tests do not. */
function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T;
  if (value === null || typeof value !== 'object') return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)])) as Schema;
  const isMadeOfOthers = 'allOf' in copy;
  if (copy.properties !== undefined && typeof copy.type !== 'undefined' && !isMadeOfOthers) {
    copy.additionalProperties = false;
  }
  return copy as T;
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
for (const name of names) ajv.addSchema(closed(read(name)), name);
const validator = (id: string) => ajv.getSchema(id)!;

function expectValid(validate: ValidateFunction, value: unknown): void {
  validate(value);
  expect(validate.errors).toBeNull();
}

/** One of a kind is enough of those that are much alike. */
const captures = readdirSync(FIXTURES)
  .filter((name) => /^(linux|seed)-.*\.(pcap|txt)$|^tshark-(01|03|08|12|15b|17|18a)/.test(name))
  .map((name) => `fixtures/${name}`);

describe('the published schemas', () => {
  it.each(readdirSync(SCHEMAS))(
    '%s is of draft 2020-12, named by where it is to be had, and needs no other',
    (name) => {
      const schema = read(name);
      expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
      expect(schema.$id).toBe(`${BASE}${name}`);
      new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
    },
  );

  it('hold the same definitions where they share them (node scripts/schemas.mjs)', () => {
    const all: Map<string, Schema> = schemas();
    expect(Object.fromEntries(all)).toEqual(Object.fromEntries(renewed(all)));
  });

  it('take from the owner of a definition what it needs in its turn, under one name each', () => {
    const owner = { $defs: { a: { $ref: '#/$defs/b' }, b: { type: 'null' } } };
    const user = (defs: object) =>
      new Map<string, object>([
        ['o.schema.json', owner],
        ['u.schema.json', { $defs: defs }],
      ]);
    const copy = { a: { $comment: 'o.schema.json#/$defs/a', description: 'of long ago' } };
    expect(renewed(user(copy)).get('u.schema.json')).toEqual({
      $defs: {
        a: { $comment: 'o.schema.json#/$defs/a', $ref: '#/$defs/b' },
        b: { $comment: 'o.schema.json#/$defs/b', type: 'null' },
      },
    });
    expect(() => renewed(user({ ...copy, b: {} }))).toThrow('b is a definition of its own');
    expect(() => renewed(user({ a: { $comment: 'o.schema.json#/$defs/c' } }))).toThrow(
      'there is no o.schema.json#/$defs/c',
    );
  });

  it('require every field of a packet: one that does not apply is null', () => {
    const expectAll = ({ properties, required }: Schema & { required?: string[] }): void => {
      if (properties === undefined) return;
      expect(required).toEqual(Object.keys(properties));
      for (const inner of Object.values(properties)) expectAll(inner);
    };
    expectAll(read('packet.schema.json'));
  });

  it('describe every field of a packet in the words of the command', () => {
    const { properties } = read('packet.schema.json');
    const described = (schema: Record<string, Schema>, prefix: string): string[] =>
      Object.entries(schema).flatMap(([key, { description, properties: inner }]) =>
        inner === undefined ? [`${prefix}${key}: ${description}`] : described(inner, `${prefix}${key}.`),
      );
    const fields = packetFields(() => 0n).filter(({ key }) => !VIEW_KEYS.has(key));
    expect(described(properties!, '')).toEqual(fields.map(({ key, about }) => `${key}: ${about}`));
  });

  it.each(captures)('fit what is printed of %s', async (capture) => {
    const packet = validator('packet.schema.json');
    for (const row of await warmObjects(['packets', '--ndjson', capture])) expectValid(packet, row);
    expectValid(validator('report.schema.json'), JSON.parse(await warmOutput(['--json', capture])));
    expectValid(validator('congestion.schema.json'), JSON.parse(await warmOutput(['congestion', '--json', capture])));
    for (const line of await warmObjects(['--ndjson', capture])) {
      // The capture and a finding carry the type beside what they are.
      const { type, ...rest } = line;
      if (type === 'connection') expectValid(validator('report-line.schema.json'), line);
      else expectValid(validator(`report.schema.json#/$defs/${type}`), withoutVersion(rest));
    }
    expectValid(validator('states.schema.json'), JSON.parse(await warmOutput(['states', '--json', capture])));
    for (const line of await warmObjects(['exchanges', '--ndjson', capture]))
      expectValid(validator('exchange.schema.json'), line);
    const moment = validator('states.schema.json#/$defs/moment');
    for (const line of await warmObjects(['states', '--ndjson', capture])) expectValid(moment, line);
  });

  it('fit packets whose time stamps go back, of which tshark shows a negative tcp.analysis.rto', () => {
    const { pcap } = scenario(
      {},
      `0.2 > S seq 0\n 0.3 < S. seq 0 ack 1\n 0.4 > P. 1:6(5) ack 1\n 0.35 > P. 1:6(5) ack 1`,
    );
    const rows = objects(['packets', '--ndjson', '-'], { input: pcap });
    for (const row of rows) expectValid(validator('packet.schema.json'), row);
    expect(rows.at(-1)).toMatchObject({ wireshark: { rtoMs: null, rtoFrame: 3 } });
  });

  it.each([
    ['of a short exchange', scenario({}, STREAM).pcap, [], ['chunk', 'end']],
    ['with two contents', readFileSync(fixture('tshark-13-other-bytes-in-the-same-place.pcap')), [], ['conflict']],
    ['with a gap', readFileSync(fixture('tshark-17-capture-drop.pcap')), ['--urgent', 'oob'], ['chunk', 'gap', 'end']],
  ])('fit the streams %s', (_, input, options, types) => {
    const lines = objects(['follow', '--as', 'ndjson', ...options, '-'], { input });
    for (const line of lines) expectValid(validator('follow-line.schema.json'), line);
    for (const type of types) expect(lines.map((line) => line.type)).toContain(type);
  });

  it('fit the pages about findings', () => {
    expectValid(validator('findings.schema.json'), JSON.parse(output(['findings', '--json'])));
    const page = validator('findings.schema.json#/$defs/page');
    expectValid(page, JSON.parse(output(['findings', '--json', 'zero-window'])));
  });

  it('fit a baseline', () => {
    expectValid(validator('baseline.schema.json'), JSON.parse(output(['baseline', 'save', ...captures.slice(0, 3)])));
  });

  it('fit the report on a damaged capture, and on one of several that is missing', () => {
    const input = readFileSync(fixture('linux-echo.pcap')).subarray(0, 600);
    for (const files of [['-'], ['-', 'nothing-there.pcap']]) {
      const report = JSON.parse(tcpscope(['--json', ...files], { input }).stdout);
      expect(report.capture.damages).toHaveLength(files.length);
      expectValid(validator('report.schema.json'), report);
    }
  });

  it('as they are published fit the lines of a report', () => {
    const open = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
    for (const name of names) open.addSchema(read(name), name);
    const lines = objects(['--ndjson', 'fixtures/linux-single-loss-sack.pcap']);
    expect(new Set(lines.map((line) => line.type))).toEqual(new Set(['capture', 'connection', 'finding']));
    for (const line of lines) expectValid(open.getSchema('report-line.schema.json')!, line);
  });
});

function withoutVersion({ schemaVersion: _, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest;
}
