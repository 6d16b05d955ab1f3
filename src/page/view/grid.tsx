import { type ComponentChild, Fragment, type RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isPrinting } from './state.ts';

export interface GridColumn {
  readonly key: string;
  readonly title: string;
  /** As in `grid-template-columns`. */
  readonly width: string;
  readonly align?: 'end';
  /** Addresses and numbers of the protocol. */
  readonly isMono?: boolean;
  /** What a row shows there. */
  readonly cell: (row: number) => ComponentChild;
  /** Sorts by it. */
  readonly onSort?: () => void;
  readonly sorted?: 'ascending' | 'descending' | undefined;
}

export interface GridProps {
  readonly label: string;
  readonly rows: number;
  readonly columns: readonly GridColumn[];
  /** Pixels. */
  readonly rowHeight: number;
  /** Most rows that are visible; the rest is scrolled to. */
  readonly height: number;
  /** The row that is marked, -1 none. */
  readonly selected: number;
  /** A row that something else points to, -1 none. */
  readonly pointed?: number;
  readonly onSelect: (row: number) => void;
  /** Enter, or a click. */
  readonly onOpen?: (row: number) => void;
  readonly onPoint?: (row: number) => void;
  readonly rowClass?: (row: number) => string;
}

/** Rows beyond the visible ones that are there already when they are scrolled to. */
const MARGIN = 12;
/** Rows on paper. */
const PRINTED = 100;
let grids = 0;

/** A table of any length: only the rows in sight are in the document. Arrows, page keys, Home, End and Enter work. */
export function Grid(props: GridProps) {
  const { label, rows, columns, rowHeight, height, selected } = props;
  const isOver = useRef(false);
  const id = useState(() => `grid${grids++}`)[0];
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const visible = Math.min(rows, height);
  const isPrinted = isPrinting.value;
  const first = isPrinted ? 0 : Math.max(0, Math.floor(top / rowHeight) - MARGIN);
  const last = isPrinted ? Math.min(rows, PRINTED) : Math.min(rows, Math.ceil(top / rowHeight) + visible + MARGIN);
  useSight(scroller, isOver, props, visible);

  const shownRows = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  // Rows that come into sight take the places of those that leave it.
  const pool = visible + 2 * MARGIN + 2;
  const isSeen = selected >= first && selected < last;
  return (
    <Fragment>
      <div
        class="grid"
        role="grid"
        aria-label={label}
        aria-rowcount={rows + 1}
        aria-colcount={columns.length}
        aria-activedescendant={isSeen ? `${id}-${selected}` : undefined}
        tabIndex={0}
        ref={scroller}
        style={isPrinted ? {} : { maxHeight: `${(visible + 0.5) * rowHeight + 30}px` }}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={(event) => obeyKey(event, props, visible)}
        onPointerEnter={() => {
          isOver.current = true;
        }}
        onPointerLeave={() => {
          isOver.current = false;
        }}
      >
        <Head columns={columns} />
        <div role="rowgroup" class="grid-body" style={isPrinted ? {} : { height: `${rows * rowHeight}px` }}>
          {shownRows.map((row) => (
            <Row key={isPrinted ? row : row % pool} grid={props} id={id} row={row} isPrinted={isPrinted} />
          ))}
        </div>
      </div>
      {isPrinted && rows > PRINTED && <p class="quiet">{`… and ${rows - PRINTED} more rows`}</p>}
    </Fragment>
  );
}

/** Keeps in sight the row that is marked, and one that something else points to. */
function useSight(
  scroller: RefObject<HTMLDivElement | null>,
  isOver: RefObject<boolean>,
  { rows, rowHeight, selected, pointed = -1 }: GridProps,
  visible: number,
): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && selected >= 0 && selected < rows) bringIntoSight(element, selected, rowHeight, visible);
  }, [selected, rows, rowHeight, visible]);
  useEffect(() => {
    const element = scroller.current;
    // Where the pointer is in the table itself, nothing moves away below it.
    if (element !== null && !isOver.current && pointed >= 0) bringIntoSight(element, pointed, rowHeight, visible);
  }, [pointed, rowHeight, visible]);
  useEffect(() => {
    const element = scroller.current;
    if (element !== null && element.scrollTop > rows * rowHeight) element.scrollTop = 0;
  }, [rows, rowHeight]);
}

/** Scrolls a row that is not in sight to the middle. */
function bringIntoSight(element: HTMLElement, row: number, rowHeight: number, visible: number): void {
  const at = row * rowHeight;
  const bottom = element.scrollTop + visible * rowHeight;
  if (at < element.scrollTop || at + rowHeight > bottom)
    element.scrollTop = Math.max(0, at - ((visible - 1) * rowHeight) / 2);
}

function obeyKey(event: KeyboardEvent, { rows, selected, onSelect, onOpen }: GridProps, visible: number): void {
  const from = selected < 0 ? -1 : selected;
  const targets: Record<string, number> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + visible,
    PageUp: from - visible,
    Home: 0,
    End: rows - 1,
  };
  const target = targets[event.key];
  if (target !== undefined && rows > 0) {
    onSelect(Math.min(Math.max(target, 0), rows - 1));
    event.preventDefault();
  } else if (event.key === 'Enter' && selected >= 0) {
    onOpen?.(selected);
    event.preventDefault();
  }
}

function templateOf(columns: readonly GridColumn[]): string {
  return columns.map(({ width }) => width).join(' ');
}

function Head({ columns }: { columns: readonly GridColumn[] }) {
  return (
    <div role="rowgroup" class="grid-head">
      <div role="row" aria-rowindex={1} class="grid-row" style={{ gridTemplateColumns: templateOf(columns) }}>
        {columns.map(({ key, title, align, onSort, sorted }) => (
          <div
            key={key}
            role="columnheader"
            class={align === 'end' ? 'end' : ''}
            aria-sort={onSort === undefined ? undefined : (sorted ?? 'none')}
          >
            {onSort === undefined ? (
              title
            ) : (
              <button type="button" class="sort" onClick={onSort}>
                {title}
                <span aria-hidden="true">{sorted === undefined ? '' : sorted === 'ascending' ? ' ▲' : ' ▼'}</span>
              </button>
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

function Row({ grid, id, row, isPrinted }: { grid: GridProps; id: string; row: number; isPrinted: boolean }) {
  const { columns, rowHeight, selected, pointed, onSelect, onOpen, onPoint } = grid;
  const classes = ['grid-row', grid.rowClass?.(row) ?? ''];
  if (row === selected) classes.push('selected');
  if (row === pointed) classes.push('pointed');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the grid
    <div
      id={`${id}-${row}`}
      role="row"
      aria-rowindex={row + 2}
      aria-selected={row === selected}
      class={classes.join(' ')}
      style={{
        gridTemplateColumns: templateOf(columns),
        height: `${rowHeight}px`,
        ...(isPrinted ? {} : { top: `${row * rowHeight}px` }),
      }}
      onClick={() => (onOpen ?? onSelect)(row)}
      onPointerEnter={() => onPoint?.(row)}
    >
      {columns.map(({ key, align, isMono, cell }) => (
        <div key={key} role="gridcell" class={`${align === 'end' ? 'end' : ''}${isMono ? ' mono' : ''}`}>
          {cell(row)}
        </div>
      ))}
    </div>
  );
}
