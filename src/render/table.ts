import type { HorizontalAlignment } from 'cli-table3';

export interface TableColumn {
  header: string;
  align?: 'left' | 'right';
}

/** No lines: blanks between the columns keep it readable, and easy to cut. */
const CHARS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
};

/** cli-table3 takes 0.4 s for a thousand rows and 15 s for ten thousand: longer lists go through RowWriter. */
export const MAX_TABLE_ROWS = 200;

/**
 * A small table as lines, with `gap` between the columns. Cells may be coloured; its colours are never cli-table3's own, which
 * ignores NO_COLOR.
 */
export async function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  gap = '  ',
): Promise<string[]> {
  // Only a table needs it, and it takes as long to load as commander.
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: columns.map((column) => column.header),
    colAligns: columns.map((column): HorizontalAlignment => column.align ?? 'left'),
    chars: { ...CHARS, middle: gap },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
