import type { ExchangeReport } from '../budget/report.ts';
import { formatBytes, formatDuration, formatRate } from '../model/units.ts';
import type { Field } from './field.ts';

export type ExchangeField = Field<ExchangeReport>;

const number = { type: 'number', align: 'right' } as const;

const duration = (key: string, header: string, about: string, value: (row: ExchangeReport) => number | null) => ({
  key,
  header,
  about,
  value,
  text: (row: ExchangeReport) => {
    const ms = value(row);
    return ms === null ? '-' : formatDuration(ms * 1e6);
  },
  width: 8,
  ...number,
});

const end = (role: 'client' | 'server'): ExchangeField[] => [
  { key: `${role}.address`, type: 'text', about: `address of the ${role}`, value: (row) => row[role].address },
  { key: `${role}.port`, type: 'number', about: `port of the ${role}`, value: (row) => row[role].port },
];

/** All of an exchange, as NDJSON and CSV have it. */
export const EXCHANGE_FIELDS: readonly ExchangeField[] = [
  { key: 'stream', header: 'st', about: 'number of the connection', value: (row) => row.stream, width: 2, ...number },
  {
    key: 'index',
    header: 'n',
    about: 'number of the exchange in it, from 0',
    value: (row) => row.index,
    width: 3,
    ...number,
  },
  ...end('client'),
  ...end('server'),
  { key: 'start', type: 'time', about: 'Unix time at which its first byte left', value: (row) => row.start },
  duration('startMs', 'at', 'the same since the first packet of the connection', (row) => row.startMs),
  { key: 'packet', header: '#', about: 'its first packet with data', value: (row) => row.packet, width: 5, ...number },
  {
    key: 'requestBytes',
    header: 'request',
    about: 'bytes that the client sent',
    value: (row) => row.requestBytes,
    text: (row) => formatBytes(row.requestBytes),
    width: 8,
    ...number,
  },
  {
    key: 'answerBytes',
    header: 'answer',
    about: 'bytes that the server sent',
    value: (row) => row.answerBytes,
    text: (row) => formatBytes(row.answerBytes),
    width: 8,
    ...number,
  },
  duration('thinkingMs.client', 'client', 'pause of the client before it', (row) => row.thinkingMs.client),
  duration(
    'thinkingMs.server',
    'server',
    'time that the server took to begin its answer',
    (row) => row.thinkingMs.server,
  ),
  duration(
    'firstByteMs',
    '1st byte',
    'from its first byte to the first byte of the answer, at the client',
    (row) => row.firstByteMs,
  ),
  {
    ...duration('durationMs', 'duration', 'to the last byte of the answer', (row) => row.durationMs),
    text: ({ unfinished, durationMs }) =>
      unfinished !== null ? 'no end' : durationMs === null ? '-' : formatDuration(durationMs * 1e6),
  },
  duration('transferMs', 'transfer', 'time that the larger of the two messages took', (row) => row.transferMs),
  {
    key: 'bitsPerSecond',
    header: 'rate',
    about: 'bits per second of the larger message',
    value: (row) => row.bitsPerSecond,
    text: (row) => (row.bitsPerSecond === null ? '-' : formatRate(row.bitsPerSecond)),
    width: 10,
    ...number,
  },
  {
    key: 'losses',
    header: 'lost',
    about: 'segments that arrived only when sent again',
    value: (row) => row.losses,
    ...number,
  },
  {
    key: 'unfinished',
    type: 'text',
    about: 'the message of which a part never arrived: request, answer, or nothing',
    value: (row) => row.unfinished,
  },
  {
    key: 'partial',
    type: 'flag',
    about: 'the capture may have begun in the middle of it',
    value: (row) => row.partial,
  },
  {
    key: 'limitedBy.owner',
    type: 'text',
    about: 'who took most of its time',
    value: (row) => row.limitedBy?.owner ?? null,
  },
  {
    key: 'limitedBy.cause',
    type: 'text',
    header: 'most time',
    about: 'what most of its time was spent on',
    value: (row) => row.limitedBy?.cause ?? null,
    text: ({ limitedBy }) => limitText(limitedBy),
  },
];

function limitText(limit: ExchangeReport['limitedBy']): string {
  if (limit === null) return '-';
  return limit.owner === limit.cause ? limit.owner : `${limit.owner}: ${limit.cause}`;
}

/** What the text shows. */
const SHOWN = [
  'stream',
  'index',
  'startMs',
  'requestBytes',
  'answerBytes',
  'thinkingMs.client',
  'thinkingMs.server',
  'firstByteMs',
  'durationMs',
  'losses',
  'limitedBy.cause',
];

export const EXCHANGE_COLUMNS: readonly ExchangeField[] = SHOWN.map(
  (key) => EXCHANGE_FIELDS.find((field) => field.key === key)!,
);
