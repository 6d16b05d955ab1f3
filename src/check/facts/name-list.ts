import { type AnySchema, type Type, typeName } from '../language/type.ts';
import { ANOMALY } from './anomaly-names.ts';
import { CONNECTION } from './connection-names.ts';
import { GROUP, RETRANSMISSIONS } from './group-names.ts';
import { ROOT } from './names.ts';
import { PACKET } from './packet-names.ts';
import { SELECTED_PACKET } from './selected-packet.ts';

/** A name that conditions may use, with what it stands for. */
interface NameEntry {
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
    { title: 'A group of packets, such as retransmissions.rto', names: entries(GROUP, '', []) },
    { title: 'A packet', names: entries(PACKET, '', []) },
    {
      title: 'A packet in packets --select, besides',
      names: entries(SELECTED_PACKET, '', [...Object.keys(PACKET.fields), 'server']),
    },
    { title: 'A finding', names: entries(ANOMALY, '', []) },
    {
      title: 'Between two places: points of view of a capture ("eth0"), or captures of check --compare ("client.pcap")',
      names: [
        {
          name: 'lost_between("A", "B")',
          type: 'number',
          about: 'packets that were lost between them, in either direction',
        },
        {
          name: 'one_way_delay("A", "B")',
          type: 'series of times',
          about: 'how long each packet took from A to B (check --compare only)',
        },
      ],
    },
  ];
}

function entries(schema: AnySchema, prefix: string, without: readonly string[]): NameEntry[] {
  return Object.entries(schema.fields)
    .filter(([name]) => !without.includes(name))
    .flatMap(([name, { type, about }]) => {
      const own = { name: prefix + name, type: shortType(type), about };
      if (type.kind !== 'record' || type.schema === GROUP) return [own];
      // What all groups have is listed once.
      const common = type.schema === RETRANSMISSIONS ? Object.keys(GROUP.fields) : [];
      return [own, ...entries(type.schema, `${prefix}${name}.`, [...without, ...common])];
    });
}

function shortType(type: Type): string {
  if (type.kind === 'record') return type.schema === GROUP || type.schema === RETRANSMISSIONS ? 'group' : '';
  if (type.kind === 'list') return 'list';
  if (type.kind === 'series') return 'series of times';
  return type.kind === 'string' && type.values !== undefined ? 'a word' : typeName(type);
}
