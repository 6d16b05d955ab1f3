import type { ConnectionLine } from '../connection-line.ts';
import type { Connection, Endpoint } from '../model/connection.ts';
import { ending } from '../model/ending.ts';
import { STATE_NAMES } from '../model/state.ts';
import { formatBytes, formatCount, formatDuration, formatNumberOf } from '../model/units.ts';
import type { ConnectionReport, EndpointReport } from '../report.ts';
import type { Field } from './field.ts';
import type { Style } from './style.ts';
import { truncate } from './text.ts';

export type ConnectionField = Field<ConnectionReport>;
export type ConnectionColumn = Field<Connection>;
type Role = 'client' | 'server';

const number = { align: 'right' } as const;

const ROUND_TRIPS = [
  ['samples', 'number of round trips'],
  ['medianMs', 'median round trip'],
  ['p95Ms', '95th percentile of the round trips'],
  ['p99Ms', '99th percentile of the round trips'],
  ['maxMs', 'longest round trip'],
  ['measures', 'which part of the path they measure,'],
] as const;

/** The leaves of a connection's report, as CSV has them. */
export const CONNECTION_FIELDS: readonly ConnectionField[] = [
  plain('stream', 'number of the connection, from 0'),
  ...endpoint('client'),
  ...endpoint('server'),
  plain('clientBy', 'why that end is called the client'),
  plain('start', 'Unix time of the first packet'),
  plain('durationMs', 'milliseconds from the first packet to the last'),
  plain('packets', 'packets of both ends'),
  plain('firstPacket', 'number of the first packet'),
  plain('lastPacket', 'number of the last packet'),
  plain('handshakeMs', 'milliseconds that the handshake took'),
  plain('ending', 'how it ended'),
  plain('connState', 'conn_state of Zeek'),
  plain('history', 'history of Zeek'),
  plain('previousStream', 'the earlier connection of the same sockets'),
  { key: 'findings', about: 'number of findings', value: (row) => row.findings.length },
];

/** The leaves of a line of `connections`. */
export const CONNECTION_LINE_FIELDS: readonly Field<ConnectionLine>[] = [
  // What both have in common has the same names.
  ...(CONNECTION_FIELDS as unknown as readonly Field<ConnectionLine>[]),
  { key: 'written', about: 'why the line was written', value: ({ written }) => written },
  {
    key: 'continues',
    about: 'the connection that had left and whose late packets these are',
    value: ({ continues }) => continues,
  },
  { key: 'lostMs', about: 'milliseconds lost to what could be mended', value: ({ lostMs }) => lostMs },
];

function plain(key: keyof ConnectionReport & string, about: string): ConnectionField {
  return { key, about, value: (row) => row[key] as string | number | null };
}

function endpoint(role: Role): ConnectionField[] {
  const leaf = (key: Exclude<keyof EndpointReport, 'roundTrips'>, about: string): ConnectionField => ({
    key: `${role}.${key}`,
    about: `${about} of the ${role}`,
    value: (row) => row[role][key],
  });
  return [
    leaf('address', 'address'),
    leaf('port', 'port'),
    leaf('state', 'last state'),
    leaf('basis', 'how the state is known'),
    leaf('packets', 'packets'),
    leaf('dataPackets', 'packets with payload'),
    leaf('payloadBytes', 'payload bytes, repeats included,'),
    leaf('streamBytes', 'payload bytes by sequence numbers'),
    leaf('ipBytes', 'bytes of IP packets'),
    leaf('isn', 'initial sequence number'),
    leaf('mss', 'MSS option'),
    leaf('windowScale', 'window scale option'),
    leaf('sackPermitted', 'SACK-permitted option'),
    leaf('timestamps', 'timestamps option'),
    leaf('minRttMs', 'shortest round trip'),
    leaf('srttMs', 'smoothed round trip'),
    ...ROUND_TRIPS.map(([key, about]) => ({
      key: `${role}.roundTrips.${key}`,
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
