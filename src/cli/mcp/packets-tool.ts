import type { PacketRow } from '../../model/row.ts';
import { packetFields } from '../../render/packet-fields.ts';
import { objectFields, packetObject } from '../../render/packet-json.ts';
import { fieldsInForm, PacketText } from '../../render/packet-text.ts';
import { PLAIN } from '../../render/style.ts';
import { isProblem } from '../problems.ts';
import { filterOf, warningsOf } from './analyses.ts';
import { PageText } from './page.ts';
import type { Question, Tool } from './tool.ts';

type Args = {
  readonly filter?: string;
  readonly stream?: number;
  readonly first?: number;
  readonly problems?: boolean;
  readonly format?: 'text' | 'json';
  readonly limit?: number;
};

const USUAL = 50;

export const PACKETS_TOOL: Tool = {
  name: 'get_packets',
  title: 'Get packets',
  description:
    'Packets with the states of both ends and settled verdicts, as tcpscope packets prints them. Choose by stream, by a ' +
    'pcap-filter(7) expression, or those with problems. Text has the columns of the command line; json has every field.',
  properties: {
    stream: { type: 'integer', minimum: 0, description: 'only packets of this connection' },
    filter: { type: 'string', maxLength: 4096, description: 'pcap-filter(7): only packets that it accepts' },
    problems: { type: 'boolean', description: 'only packets with findings (warning, error) or a verdict' },
    first: { type: 'integer', minimum: 1, description: 'number of the packet to begin with' },
    format: {
      enum: ['text', 'json'],
      description: 'text (the default), or objects as tcpscope packets --ndjson has them',
    },
    limit: { type: 'integer', minimum: 1, maximum: 200, description: `packets of a page (default: ${USUAL})` },
  },
  required: [],
  answers: {
    numbers: { type: 'array', items: { type: 'integer' }, description: 'numbers of the packets of this page' },
    packets: { type: 'array', items: { type: 'object' }, description: 'with format json: schema/packet.schema.json' },
  },
  answer: async ({ args, analyses, capture, from, signal }: Question<Args>) => {
    const { filter, stream, first = 1, problems = false, format = 'text', limit = USUAL } = args;
    const begin = from === 0 ? first : from;
    const text = new PageText();
    const numbers: number[] = [];
    const objects: object[] = [];
    let next: number | null = null;
    const analysis = await analyses.read(
      capture,
      (session) => {
        const add = format === 'text' ? textOf(() => session.origin.base) : jsonOf(() => session.origin.base, objects);
        const isWanted = ({ connection, isSelected, view: { frame } }: PacketRow) =>
          isSelected && frame >= begin && (stream === undefined || connection.id === stream);
        return {
          ...filterOf(filter),
          onRow: (row) => {
            if (next !== null || !isWanted(row) || (problems && !isProblem(row))) return;
            if (numbers.length < limit && text.add(add(row))) {
              numbers.push(row.view.frame);
              return;
            }
            if (objects.length > numbers.length) objects.pop();
            next = row.view.frame;
            session.stop();
          },
        };
      },
      signal,
    );
    const lines = [...text.lines];
    if (numbers.length === 0) lines.push(problems ? 'no packet has a problem' : 'no such packets');
    // What was not read yet is not damaged yet.
    if (next === null) lines.push(...warningsOf(analysis));
    return { lines, data: format === 'text' ? { numbers } : { numbers, packets: objects }, next };
  },
};

function textOf(origin: () => bigint): (row: PacketRow) => string {
  const fields = fieldsInForm(packetFields(origin), { time: 'time', absolute: false, precision: 'micro' }, origin);
  const text = new PacketText({
    fields,
    columns: null,
    width: null,
    style: PLAIN,
    isBare: false,
    tellsMissing: false,
    hasVantage: false,
  });
  return (row) => text.row(row).trimEnd();
}

function jsonOf(origin: () => bigint, objects: object[]): (row: PacketRow) => string {
  const toObject = packetObject(objectFields(origin));
  return (row) => {
    const object = toObject(row);
    objects.push(object);
    return JSON.stringify(object);
  };
}
