import { useComputed } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { flagLetters } from '../../model/flags.ts';
import { STATE_NAMES } from '../../model/state.ts';
import { formatCount, formatSeconds } from '../../model/units.ts';
import type { PacketTable } from '../model.ts';
import { Choice } from './charts.tsx';
import { Grid } from './grid.tsx';
import { columnsOf, known, rangeText } from './packet-columns.tsx';
import { isNarrow } from './state.ts';
import { firstFrom, nearest, type TimeAxis } from './time-axis.ts';

const ROW = 24;
const VISIBLE = 18;

interface PacketsProps {
  readonly table: PacketTable;
  readonly axis: TimeAxis;
  /** Number of the chosen packet, null none. */
  readonly packet: number | null;
  readonly onChoose: (packet: number) => void;
}

/** The packets of a connection, all of them or those that stand out, and what is known of the chosen one. */
export function Packets({ table, axis, packet, onChoose }: PacketsProps) {
  const [which, setWhich] = useState<'all' | 'notable'>('all');
  const notable = useComputed(() => notableRows(table));
  const all = table.number.length;
  const indexes = which === 'all' ? null : notable.value;
  const at = (row: number) => (indexes === null ? row : indexes[row]);
  const rows = indexes === null ? all : indexes.length;
  const chosenIndex = packet === null ? -1 : indexOfPacket(table, packet);
  const rowOf = (index: number) => {
    if (indexes === null || index < 0) return index;
    const row = firstFrom(indexes, index);
    return indexes[row] === index ? row : -1;
  };
  useEffect(() => {
    // A link led to a packet that does not stand out.
    if (chosenIndex >= 0 && rowOf(chosenIndex) < 0) setWhich('all');
  }, [chosenIndex]);
  const pointed = useComputed(() => (axis.pointed.value === null ? -1 : nearest(table.time, axis.pointed.value)));
  const columns = columnsOf(table, at, isNarrow.value);
  return (
    <section aria-labelledby="packets">
      <div class="section-head">
        <h2 id="packets">Packets</h2>
        <Choice
          label="which packets"
          options={[
            { value: 'all', text: `all ${formatCount(all)}` },
            { value: 'notable', text: `${formatCount(notable.value.length)} that stand out` },
          ]}
          value={which}
          onChange={setWhich}
        />
      </div>
      <Grid
        label="Packets"
        rows={rows}
        columns={columns}
        rowHeight={ROW}
        height={isNarrow.value ? 12 : VISIBLE}
        selected={rowOf(chosenIndex)}
        pointed={rowOf(pointed.value)}
        onSelect={(row) => onChoose(table.number[at(row)])}
        onPoint={(row) => {
          axis.pointed.value = table.time[at(row)];
        }}
        rowClass={(row) => rowClass(table, at(row))}
      />
      {table.more > 0 && (
        <p class="quiet">{`${formatCount(table.more)} more packets are not in this page: tcpscope packets lists them.`}</p>
      )}
      {chosenIndex >= 0 && <Packet table={table} index={chosenIndex} />}
      {packet !== null && chosenIndex < 0 && (
        <p class="warning" role="status">{`Packet ${packet} is not among the packets of this page.`}</p>
      )}
    </section>
  );
}

function notableRows({ tone }: PacketTable): Uint32Array {
  const rows: number[] = [];
  for (let i = 0; i < tone.length; i++) if (tone[i] > 0) rows.push(i);
  return Uint32Array.from(rows);
}

/** -1 when it is not there. Numbers ascend. */
export function indexOfPacket({ number }: PacketTable, packet: number): number {
  const index = firstFrom(number, packet);
  return number[index] === packet ? index : -1;
}

function rowClass({ fromClient, tone }: PacketTable, index: number): string {
  const side = fromClient[index] ? 'from-client' : 'from-server';
  return `${side} ${['', 'notable', 'harm'][tone[index]]}`;
}

/** All that is known of one packet. */
function Packet({ table, index }: { table: PacketTable; index: number }) {
  const value = (key: keyof PacketTable) => (table[key] as ArrayLike<number>)[index];
  const tale = table.tales[value('tale')];
  const note = table.notes[value('note')];
  const mark = table.marks[value('mark')];
  const fields: [string, string][] = [
    ['time', `${formatSeconds(value('time'))} s`],
    ['from', value('fromClient') === 1 ? 'client' : 'server'],
    ['flags', flagLetters(value('flags'))],
    ['sequence number', rangeText(table, index)],
    ['acknowledgment', known(value('ack'))],
    ['payload', `${value('length')} B`],
    ['window', known(value('window'))],
    ['states', `${STATE_NAMES[value('client')]} / ${STATE_NAMES[value('server')]}`],
    ['timestamps', value('tsVal') < 0 ? '' : `${value('tsVal')} echo ${value('tsEcr')}`],
    ['TTL, IP ID', `${value('ttl')}${value('ipId') < 0 ? '' : `, ${value('ipId')}`}`],
    ['options, comment', note],
  ];
  return (
    <div class="packet" data-test="packet" role="region" aria-label={`Packet ${value('number')}`}>
      <h3>{`Packet ${value('number')}`}</h3>
      {mark !== '' && <p class="mark">{mark}</p>}
      {tale !== '' && <p>{tale}</p>}
      <dl>
        {fields
          .filter(([, text]) => text !== '')
          .map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd class="mono">{text}</dd>
            </div>
          ))}
      </dl>
    </div>
  );
}
