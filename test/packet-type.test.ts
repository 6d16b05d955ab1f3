import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { packetFields } from '../src/render/packet-fields.ts';
import { VIEW_KEYS } from '../src/render/packet-fields-view.ts';

/** A member of a type or a property of a schema that has none of its own: its path, and whether it may be null. */
type Leaf = string;

const leaf = (path: string, isNullable: boolean): Leaf => (isNullable ? `${path} or null` : path);

const source = ts.createSourceFile(
  'packet.ts',
  readFileSync(new URL('../src/packet.ts', import.meta.url), 'utf8'),
  ts.ScriptTarget.Latest,
);
const interfaces = new Map(
  source.statements.filter(ts.isInterfaceDeclaration).map((declared) => [declared.name.text, declared.members]),
);

/** What a type of the file is made of; null for one that is made elsewhere, or of no members. */
function membersOf(type: ts.TypeNode): ts.NodeArray<ts.TypeElement> | null {
  if (ts.isTypeLiteralNode(type)) return type.members;
  if (ts.isTypeReferenceNode(type)) return interfaces.get(type.typeName.getText(source)) ?? null;
  return null;
}

function typeLeaves(members: ts.NodeArray<ts.TypeElement>, prefix: string): Leaf[] {
  return members.filter(ts.isPropertySignature).flatMap((member) => {
    const path = `${prefix}${member.name.getText(source)}`;
    const parts = ts.isUnionTypeNode(member.type!) ? [...member.type.types] : [member.type!];
    const inner = parts.map(membersOf).find((found) => found !== null);
    if (inner) return typeLeaves(inner, `${path}.`);
    return [
      leaf(
        path,
        parts.some((part) => part.getText(source) === 'null'),
      ),
    ];
  });
}

interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
}

function isNullable({ type, enum: values, const: value, anyOf = [], oneOf = [] }: Schema): boolean {
  return (
    type === 'null' ||
    (Array.isArray(type) && type.includes('null')) ||
    (values?.includes(null) ?? false) ||
    value === null ||
    [...anyOf, ...oneOf].some(isNullable)
  );
}

function schemaLeaves({ properties }: Schema, prefix: string): Leaf[] {
  return Object.entries(properties!).flatMap(([key, inner]) =>
    inner.properties === undefined
      ? [leaf(`${prefix}${key}`, isNullable(inner))]
      : schemaLeaves(inner, `${prefix}${key}.`),
  );
}

const members = typeLeaves(interfaces.get('Packet')!, '');

it('has a member in the type of a packet for every field that the command prints, and no other', () => {
  const fields = packetFields(() => 0n)
    .filter(({ key }) => !VIEW_KEYS.has(key))
    .map(({ key }) => key);
  expect(members.map((member) => member.replace(' or null', ''))).toEqual(fields);
});

it('says of the same members as the schema that they may be null', () => {
  const schema = JSON.parse(readFileSync(new URL('../schema/packet.schema.json', import.meta.url), 'utf8')) as Schema;
  expect(members).toEqual(schemaLeaves(schema, ''));
});
