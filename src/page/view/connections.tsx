import { signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { formatCount } from '../../model/units.ts';
import type { ConnectionTable, PageData } from '../model.ts';
import { columnsOf, type SortKey } from './connection-columns.tsx';
import { Grid } from './grid.tsx';
import { matching } from './search.ts';
import { go, isNarrow, search } from './state.ts';

const ROW = 28;
const NARROW_ROW = 58;
const VISIBLE = 14;
/** Milliseconds after the last letter until it is searched for. */
const PAUSE = 120;

const sort = signal<{ key: SortKey; isDescending: boolean }>({ key: 'lost', isDescending: true });

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
        <Search
          onChange={() => setSelected(-1)}
          onEnter={() => {
            // The rows may still be those of what was searched for before.
            const isOld = query !== search.value;
            const found = isOld ? sorted(matching(table, search.value), table, key, isDescending) : rows;
            if (found.length > 0) open(found[Math.max(selected, 0)]);
          }}
        />
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

function Search({ onChange, onEnter }: { onChange: () => void; onEnter: () => void }) {
  return (
    <label class="search">
      <span class="visually-hidden">Search connections by address, port, or what was found</span>
      <input
        id="search"
        type="search"
        placeholder="address, port, finding …"
        value={search.value}
        onInput={(event) => {
          search.value = event.currentTarget.value;
          onChange();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onEnter();
        }}
      />
    </label>
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
