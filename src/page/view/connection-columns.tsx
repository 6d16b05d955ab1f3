import type { ComponentChild } from 'preact';
import { COSTLY_KINDS } from '../../messages/answer.ts';
import { formatEndpoint } from '../../model/address.ts';
import { formatBytes, formatCount, formatDuration } from '../../model/units.ts';
import type { ConnectionTable } from '../model.ts';
import type { GridColumn } from './grid.tsx';
import { Severity } from './severity.tsx';
import { becauseText } from './words.ts';

/** What connections can be sorted by. */
export type SortKey = 'stream' | 'start' | 'duration' | 'packets' | 'bytes' | 'lost' | 'findings';

/** Address and port of one end. */
export function nameOf(table: ConnectionTable, row: number, role: 'client' | 'server'): string {
  const port = role === 'client' ? table.clientPort[row] : table.serverPort[row];
  const address = table.addresses[table[role][row]];
  return formatEndpoint(address.includes(':') ? 6 : 4, address, port);
}

type SortableColumn = Omit<GridColumn, 'sorted'> & {
  readonly sorted?: (key: SortKey, isDescending: boolean) => 'ascending' | 'descending' | undefined;
};

/** `rows`: the places in the table, in the order in which they are shown. */
export function columnsOf(
  table: ConnectionTable,
  rows: Uint32Array,
  sortBy: (key: SortKey) => void,
  isSlim: boolean,
): SortableColumn[] {
  /** A number that one can sort by. */
  const figure = (key: SortKey, title: string, width: string, cell: (place: number) => ComponentChild) => ({
    key,
    title,
    width,
    align: 'end' as const,
    onSort: () => sortBy(key),
    sorted: (by: SortKey, isDescending: boolean) =>
      by === key ? (isDescending ? ('descending' as const) : ('ascending' as const)) : undefined,
    cell: (row: number) => cell(rows[row]),
  });
  const stream = figure('stream', '#', isSlim ? '3em' : '3.5em', (at) => table.stream[at]);
  const lost = figure('lost', 'time lost', '6em', (at) => (table.lost[at] > 0 ? formatDuration(table.lost[at]) : '-'));
  if (isSlim) return [stream, bothEnds(table, rows), lost];
  return [
    stream,
    oneEnd(table, rows, 'client'),
    oneEnd(table, rows, 'server'),
    figure('start', 'at', '6em', (at) => formatDuration(table.start[at])),
    figure('duration', 'lasted', '6em', (at) => formatDuration(table.duration[at])),
    figure('packets', 'packets', '4em', (at) => formatCount(table.packets[at])),
    figure(
      'bytes',
      'bytes → ←',
      '9.5em',
      (at) => `${formatBytes(table.clientBytes[at])} / ${formatBytes(table.serverBytes[at])}`,
    ),
    lost,
    {
      key: 'because',
      title: 'because',
      width: 'minmax(8em, 3fr)',
      cell: (row) => <Because table={table} row={rows[row]} />,
    },
    figure('findings', 'findings', '4em', (at) => <Findings table={table} row={at} />),
  ];
}

function oneEnd(table: ConnectionTable, rows: Uint32Array, role: 'client' | 'server'): SortableColumn {
  return {
    key: role,
    title: role,
    width: 'minmax(10.5em, 1fr)',
    isMono: true,
    cell: (row) => nameOf(table, rows[row], role),
  };
}

function bothEnds(table: ConnectionTable, rows: Uint32Array): SortableColumn {
  return {
    key: 'ends',
    title: 'client → server',
    width: 'minmax(0, 1fr)',
    cell: (row) => (
      <>
        <span class="mono">{`${nameOf(table, rows[row], 'client')} →`}</span>
        <br />
        <span class="mono">{nameOf(table, rows[row], 'server')}</span>
      </>
    ),
  };
}

function Because({ table, row }: { table: ConnectionTable; row: number }) {
  const kind = table.kind[row];
  const text = kind >= 0 ? becauseText(COSTLY_KINDS[kind], table.kindTime[row]) : table.endings[table.ending[row]];
  return (
    <span class="quiet" title={text}>
      {text}
    </span>
  );
}

const SEVERITIES = ['info', 'info', 'warning', 'error'] as const;

function Findings({ table, row }: { table: ConnectionTable; row: number }) {
  const count = table.findings[row];
  if (count === 0) return null;
  return (
    <span title={table.findingSets[table.findingSet[row]].join(', ')}>
      {formatCount(count)} <Severity severity={SEVERITIES[table.severity[row]]} />
    </span>
  );
}
