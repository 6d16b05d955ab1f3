import { signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { COSTLY_KINDS } from '../../messages/answer.ts';
import { formatEndpoint } from '../../model/address.ts';
import { formatBytes, formatCount, formatDuration } from '../../model/units.ts';
import type { ConnectionTable, PageData } from '../model.ts';
import { Grid, type GridColumn } from './grid.tsx';
import { matching } from './search.ts';
import { Severity } from './severity.tsx';
import { go, isNarrow, search } from './state.ts';
import { becauseText } from './words.ts';

const ROW = 28;
const NARROW_ROW = 58;
const VISIBLE = 14;
/** Milliseconds after the last letter until it is searched for. */
const PAUSE = 120;

type SortKey = 'stream' | 'start' | 'duration' | 'packets' | 'bytes' | 'lost' | 'findings';
const sort = signal<{ key: SortKey; isDescending: boolean }>({ key: 'lost', isDescending: true });

/** Address and port of one end. */
export function nameOf(table: ConnectionTable, row: number, role: 'client' | 'server'): string {
  const port = role === 'client' ? table.clientPort[row] : table.serverPort[row];
  const address = table.addresses[table[role][row]];
  return formatEndpoint(address.includes(':') ? 6 : 4, address, port);
}

/** All connections of the capture: sorted, searched, opened. */
export function Connections({ page }: { page: PageData }) {
  const { connections: table, summary } = page;
  const [query, setQuery] = useState(search.value);
  const [selected, setSelected] = useState(-1);
  const { key, isDescending } = sort.value;
  const all = table.stream.length;

  useEffect(() => {
    const later = setTimeout(() => setQuery(search.value), PAUSE);
    return () => clearTimeout(later);
  }, [search.value]);
  const rows = useMemo(
    () => sorted(matching(table, query), table, key, isDescending),
    [table, query, key, isDescending],
  );

  const sortBy = (wanted: SortKey) => {
    const isSame = key === wanted;
    sort.value = { key: wanted, isDescending: isSame ? !isDescending : wanted !== 'stream' && wanted !== 'start' };
    setSelected(-1);
  };
  const columns = columnsOf(table, rows, sortBy, isNarrow.value);
  if (summary.connections === 0) return null;
  const open = (row: number) => go({ stream: table.stream[row], packet: null });
  return (
    <section aria-labelledby="connections">
      <div class="section-head">
        <h2 id="connections">Connections</h2>
        <label class="search">
          <span class="visually-hidden">Search connections by address, port, or what was found</span>
          <input
            id="search"
            type="search"
            placeholder="address, port, finding …"
            value={search.value}
            onInput={(event) => {
              search.value = event.currentTarget.value;
              setSelected(-1);
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              // The rows may still be those of what was searched for before.
              const isBehind = query !== search.value;
              const found = isBehind ? sorted(matching(table, search.value), table, key, isDescending) : rows;
              if (found.length > 0) open(found[Math.max(selected, 0)]);
            }}
          />
        </label>
        <output class="quiet" data-test="shown">
          {rows.length === all ? formatCount(all) : `${formatCount(rows.length)} of ${formatCount(all)}`}
        </output>
      </div>
      <Grid
        label="Connections"
        rows={rows.length}
        columns={columns.map((column) => ({ ...column, sorted: column.sorted?.(key, isDescending) }))}
        rowHeight={isNarrow.value ? NARROW_ROW : ROW}
        height={isNarrow.value ? 8 : VISIBLE}
        selected={selected}
        onSelect={setSelected}
        onOpen={(row) => open(rows[row])}
      />
      {rows.length === 0 && <p class="quiet">No connection matches.</p>}
    </section>
  );
}

type SortableColumn = Omit<GridColumn, 'sorted'> & {
  readonly sorted?: (key: SortKey, isDescending: boolean) => 'ascending' | 'descending' | undefined;
};

function columnsOf(
  table: ConnectionTable,
  rows: Uint32Array,
  sortBy: (key: SortKey) => void,
  isSlim: boolean,
): SortableColumn[] {
  const sortable = (key: SortKey) => ({
    key,
    onSort: () => sortBy(key),
    sorted: (by: SortKey, isDescending: boolean) =>
      by === key ? (isDescending ? ('descending' as const) : ('ascending' as const)) : undefined,
  });
  const stream: SortableColumn = {
    ...sortable('stream'),
    title: '#',
    width: '3.5em',
    align: 'end',
    cell: (i) => table.stream[rows[i]],
  };
  const lost: SortableColumn = {
    ...sortable('lost'),
    title: 'time lost',
    width: '6em',
    align: 'end',
    cell: (i) => (table.lost[rows[i]] > 0 ? formatDuration(table.lost[rows[i]]) : '-'),
  };
  if (isSlim) {
    const ends: SortableColumn = {
      key: 'ends',
      title: 'client → server',
      width: 'minmax(0, 1fr)',
      cell: (i) => (
        <>
          <span class="mono">{`${nameOf(table, rows[i], 'client')} →`}</span>
          <br />
          <span class="mono">{nameOf(table, rows[i], 'server')}</span>
        </>
      ),
    };
    return [{ ...stream, width: '3em' }, ends, { ...lost, width: '6em' }];
  }
  return [
    stream,
    {
      key: 'client',
      title: 'client',
      width: 'minmax(10.5em, 1fr)',
      isMono: true,
      cell: (i) => nameOf(table, rows[i], 'client'),
    },
    {
      key: 'server',
      title: 'server',
      width: 'minmax(10.5em, 1fr)',
      isMono: true,
      cell: (i) => nameOf(table, rows[i], 'server'),
    },
    {
      ...sortable('start'),
      title: 'at',
      width: '6em',
      align: 'end',
      cell: (i) => formatDuration(table.start[rows[i]]),
    },
    {
      ...sortable('duration'),
      title: 'lasted',
      width: '6em',
      align: 'end',
      cell: (i) => formatDuration(table.duration[rows[i]]),
    },
    {
      ...sortable('packets'),
      title: 'packets',
      width: '4em',
      align: 'end',
      cell: (i) => formatCount(table.packets[rows[i]]),
    },
    {
      ...sortable('bytes'),
      title: 'bytes → ←',
      width: '9.5em',
      align: 'end',
      cell: (i) => `${formatBytes(table.clientBytes[rows[i]])} / ${formatBytes(table.serverBytes[rows[i]])}`,
    },
    lost,
    {
      key: 'because',
      title: 'because',
      width: 'minmax(8em, 3fr)',
      cell: (i) => <Because table={table} row={rows[i]} />,
    },
    {
      ...sortable('findings'),
      title: 'findings',
      width: '4em',
      align: 'end',
      cell: (i) => <Findings table={table} row={rows[i]} />,
    },
  ];
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

function sorted(rows: Uint32Array, table: ConnectionTable, key: SortKey, isDescending: boolean): Uint32Array {
  const figure: (row: number) => number =
    key === 'bytes'
      ? (row) => table.clientBytes[row] + table.serverBytes[row]
      : key === 'findings'
        ? (row) => table.severity[row] * 1e9 + table.findings[row]
        : (row) => table[key][row];
  const sign = isDescending ? -1 : 1;
  return rows.sort((a, b) => sign * (figure(a) - figure(b)) || a - b);
}
