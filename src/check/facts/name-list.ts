import { type AnySchema, type Type, typeName } from '../language/type.ts';
import { ANOMALY, CONNECTION, PACKET, ROOT } from './names.ts';

/** A name that conditions may use, with what it stands for. */
export interface NameEntry {
  readonly name: string;
  readonly type: string;
  readonly about: string;
}

export interface NameSection {
  readonly title: string;
  readonly names: readonly NameEntry[];
}

/** All names, in the sections of the documentation. Both ends of a connection have the same: those of the client stand for both. */
export function listNames(): NameSection[] {
  return [
    { title: 'A connection', names: entries(CONNECTION, '', ['server', 'states']) },
    { title: 'The capture', names: entries(ROOT, '', []) },
    { title: 'A packet', names: entries(PACKET, '', []) },
    { title: 'A finding', names: entries(ANOMALY, '', []) },
  ];
}

function entries(schema: AnySchema, prefix: string, without: readonly string[]): NameEntry[] {
  return Object.entries(schema.fields)
    .filter(([name]) => !without.includes(name))
    .flatMap(([name, { type, about }]) => {
      const own = { name: prefix + name, type: shortType(type), about };
      return type.kind === 'record' ? [own, ...entries(type.schema, `${prefix}${name}.`, without)] : [own];
    });
}

function shortType(type: Type): string {
  if (type.kind === 'record') return '';
  if (type.kind === 'list') return 'list';
  if (type.kind === 'series') return 'series of times';
  return type.kind === 'string' && type.values !== undefined ? 'a word' : typeName(type);
}
