import type { ConnectionLine } from '../connection-line.ts';
import type { Connection } from '../model/connection.ts';
import { ending } from '../model/ending.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { STATE_NAMES } from '../model/state.ts';
import { formatBytes, formatCount, formatDuration, formatNumberOf } from '../model/units.ts';
import type { ConnectionReport, EndpointReport } from '../report/connection.ts';
import type { Column, Field, FieldType } from './field.ts';
import type { Style } from './style.ts';
import { truncate } from './text.ts';

export type ConnectionField = Field<ConnectionReport>;
export type ConnectionColumn = Column<Connection>;
type Role = 'client' | 'server';

const number = { align: 'right' } as const;

const ROUND_TRIPS = [
  ['samples', 'number', 'number of round trips'],
  ['medianMs', 'number', 'median round trip'],
  ['p95Ms', 'number', '95th percentile of the round trips'],
  ['p99Ms', 'number', '99th percentile of the round trips'],
  ['maxMs', 'number', 'longest round trip'],
  ['measures', 'text', 'which part of the path they measure,'],
] as const;

/** The leaves of a connection's report, as CSV has them. */
export const CONNECTION_FIELDS: readonly ConnectionField[] = [
  plain('stream', 'number', 'number of the connection, from 0'),
  ...endpoint('client'),
  ...endpoint('server'),
  plain('clientBy', 'text', 'why that end is called the client'),
  plain('start', 'time', 'Unix time of the first packet'),
  plain('durationMs', 'number', 'milliseconds from the first packet to the last'),
  plain('packets', 'number', 'packets of both ends'),
  plain('firstPacket', 'number', 'number of the first packet'),
  plain('lastPacket', 'number', 'number of the last packet'),
  plain('handshakeMs', 'number', 'milliseconds that the handshake took'),
  plain('ending', 'text', 'how it ended'),
  plain('connState', 'text', 'conn_state of Zeek'),
  plain('history', 'text', 'history of Zeek'),
  plain('previousStream', 'number', 'the earlier connection of the same sockets'),
  { key: 'findings', type: 'number', about: 'number of findings', value: (row) => row.findings.length },
];

/** The leaves of a line of `connections`. */
export const CONNECTION_LINE_FIELDS: readonly Field<ConnectionLine>[] = [
  // What both have in common has the same names.
  ...(CONNECTION_FIELDS as unknown as readonly Field<ConnectionLine>[]),
  { key: 'written', type: 'text', about: 'why the line was written', value: ({ written }) => written },
  {
    key: 'continues',
    type: 'number',
    about: 'the connection that had left and whose late packets these are',
    value: ({ continues }) => continues,
  },
  { key: 'lostMs', type: 'number', about: 'milliseconds lost to what could be mended', value: ({ lostMs }) => lostMs },
];

function plain(key: keyof ConnectionReport & string, type: FieldType, about: string): ConnectionField {
  return { key, type, about, value: (row) => row[key] as string | number | null };
}

function endpoint(role: Role): ConnectionField[] {
  const leaf = (key: Exclude<keyof EndpointReport, 'roundTrips'>, type: FieldType, about: string): ConnectionField => ({
    key: `${role}.${key}`,
    type,
    about: `${about} of the ${role}`,
    value: (row) => row[role][key],
  });
  return [
    leaf('address', 'text', 'address'),
    leaf('port', 'number', 'port'),
    leaf('state', 'text', 'last state'),
    leaf('basis', 'text', 'how the state is known'),
    leaf('packets', 'number', 'packets'),
    leaf('dataPackets', 'number', 'packets with payload'),
    leaf('payloadBytes', 'number', 'payload bytes, repeats included,'),
    leaf('retransmittedPackets', 'number', 'retransmissions'),
    leaf('retransmittedBytes', 'number', 'payload bytes of the retransmissions'),
    leaf('lostPackets', 'number', 'packets that passed the point of capture and did not arrive,'),
    leaf('lostBytes', 'number', 'their payload bytes,'),
    leaf('streamBytes', 'number', 'payload bytes by sequence numbers'),
    leaf('ipBytes', 'number', 'bytes of IP packets'),
    leaf('isn', 'number', 'initial sequence number'),
    leaf('mss', 'number', 'MSS option'),
    leaf('windowScale', 'number', 'window scale option'),
    leaf('sackPermitted', 'flag', 'SACK-permitted option'),
    leaf('timestamps', 'flag', 'timestamps option'),
    leaf('minRttMs', 'number', 'shortest round trip'),
    leaf('srttMs', 'number', 'smoothed round trip'),
    ...ROUND_TRIPS.map(([key, type, about]) => ({
      key: `${role}.roundTrips.${key}`,
      type,
      about: `${about} of the ${role}`,
      value: (row: ConnectionReport) => row[role].roundTrips?.[key] ?? null,
    })),
  ];
}

/** Letters that the table shows; documents have all. */
const LONGEST_HISTORY = 40;

/**
 * The columns of the table that people read, of the connections themselves: a report of each, with all that it says, would
 * take longer than to write the line.
 */
export const CONNECTION_COLUMNS: readonly ConnectionColumn[] = [
  { key: 'stream', header: 'st', about: '', value: (row) => row.id, width: 2, ...number },
  name('client'),
  name('server'),
  {
    key: 'states',
    header: 'states',
    about: '',
    value: (row) => `${STATE_NAMES[row.client.state]} / ${STATE_NAMES[row.server.state]}`,
    width: 25,
    style: (_, style) => style.quiet,
  },
  {
    key: 'duration',
    about: '',
    value: (row) => formatDuration(row.duration),
    width: 8,
    ...number,
  },
  {
    key: 'packets',
    header: 'packets → ←',
    about: '',
    value: (row) => both(row, ({ packets }) => formatCount(packets)),
    width: 11,
    ...number,
  },
  {
    key: 'bytes',
    header: 'bytes → ←',
    about: '',
    value: (row) => both(row, ({ streamBytes }) => formatBytes(streamBytes)),
    width: 19,
    ...number,
  },
  {
    key: 'handshake',
    about: '',
    value: handshakeText,
    width: 9,
    ...number,
  },
  { key: 'ending', header: 'ended', about: '', value: ending, width: 20, style: endingStyle },
  { key: 'findings', about: '', value: findingCounts, width: 17, style: findingStyle },
  {
    key: 'history',
    about: '',
    value: (row) => truncate(row.historyText, LONGEST_HISTORY),
    style: (_, style) => style.quiet,
  },
];

function name(role: Role): ConnectionColumn {
  return {
    key: role,
    about: '',
    value: (row) => row[role].name,
    width: 21,
    style: (_, style) => style[role],
  };
}

function handshakeText({ handshakeDuration }: Connection): string {
  return Number.isNaN(handshakeDuration) ? '' : formatDuration(handshakeDuration);
}

function both(row: Connection, text: (end: Endpoint) => string): string {
  return `${text(row.client)} / ${text(row.server)}`;
}

function endingStyle(connection: Connection, style: Style): (text: string) => string {
  const text = ending(connection);
  if (text === 'closed') return style.good;
  return text === 'still open' || text.startsWith('half-closed') ? style.quiet : style.warning;
}

const SEVERITY_WORDS = { error: 'errors', warning: 'warnings', info: 'info' } as const;

/** `2 errors, 1 warning`: the gravest sort that there is, and the next. */
function findingCounts({ findings }: Connection): string {
  if (findings.length === 0) return '';
  const parts: string[] = [];
  for (const severity of ['error', 'warning', 'info'] as const) {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count > 0) parts.push(formatNumberOf(count, severity, SEVERITY_WORDS[severity]));
  }
  return parts.slice(0, 2).join(', ');
}

function findingStyle({ findings }: Connection, style: Style): (text: string) => string {
  if (findings.some((finding) => finding.severity === 'error')) return style.error;
  return findings.some((finding) => finding.severity === 'warning') ? style.warning : style.quiet;
}
