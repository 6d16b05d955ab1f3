import { flagLetters } from '../../model/flags.ts';
import { STATE_NAMES } from '../../model/state.ts';
import { formatSeconds } from '../../model/units.ts';
import type { PacketTable } from '../model.ts';
import type { GridColumn } from './grid.tsx';

/** `at` says which packet of the table a row shows. */
export function columnsOf(table: PacketTable, at: (row: number) => number, isSlim: boolean): GridColumn[] {
  const figure = (key: string, title: string, width: string, cell: (packet: number) => string): GridColumn => ({
    key,
    title,
    width,
    align: 'end',
    isMono: true,
    cell: (row) => cell(at(row)),
  });
  const number = (key: 'number' | 'ack' | 'window' | 'length', title: string, width: string) =>
    figure(key, title, width, (packet) => known(table[key][packet]));
  const time = figure('time', 'time', '6.5em', (packet) => formatSeconds(table.time[packet]));
  const flags: GridColumn = {
    key: 'flags',
    title: 'flags',
    width: '4em',
    isMono: true,
    cell: (row) => flagLetters(table.flags[at(row)]),
  };
  const direction = directionColumn(table, at, isSlim);
  const verdict = verdictColumn(table, at);
  if (isSlim) return [number('number', '#', '4em'), time, direction, flags, number('length', 'len', '4em'), verdict];
  return [
    number('number', '#', '5em'),
    time,
    direction,
    flags,
    figure('seq', 'seq', '10em', (packet) => rangeText(table, packet)),
    number('ack', 'ack', '7em'),
    number('length', 'len', '4.5em'),
    number('window', 'win', '6em'),
    stateColumn(table, at, 'client'),
    stateColumn(table, at, 'server'),
    verdict,
  ];
}

function directionColumn(table: PacketTable, at: (row: number) => number, isSlim: boolean): GridColumn {
  return {
    key: 'direction',
    title: 'from',
    width: isSlim ? '3em' : '5em',
    cell: (row) => {
      const isClient = table.fromClient[at(row)] === 1;
      const arrow = isClient ? '→' : '←';
      return isSlim ? arrow : isClient ? 'client →' : '← server';
    },
  };
}

function verdictColumn(table: PacketTable, at: (row: number) => number): GridColumn {
  return {
    key: 'mark',
    title: 'verdict',
    width: 'minmax(6em, 1fr)',
    cell: (row) => {
      const text = table.marks[table.mark[at(row)]];
      return (
        <span class="mark" title={text}>
          {text}
        </span>
      );
    },
  };
}

/** Where the state of an end changes it stands out. */
function stateColumn(table: PacketTable, at: (row: number) => number, role: 'client' | 'server'): GridColumn {
  return {
    key: role,
    title: role,
    width: '7.5em',
    cell: (row) => {
      const index = at(row);
      const isNew = index === 0 || table[role][index] !== table[role][index - 1];
      return <span class={isNew ? 'state new' : 'state'}>{STATE_NAMES[table[role][index]]}</span>;
    },
  };
}

/** Nothing for -1: the packet has no such number. */
export function known(value: number): string {
  return value < 0 ? '' : String(value);
}

/** The first and the next sequence number. */
export function rangeText({ seq, length }: PacketTable, index: number): string {
  return length[index] > 0 ? `${seq[index]}:${seq[index] + length[index]}` : String(seq[index]);
}
