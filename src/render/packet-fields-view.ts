import { formatSeconds } from '../model/units.ts';
import { number, type PacketField } from './packet-field.ts';
import { packetMark, packetMarkStyle, stateChange } from './packet-mark.ts';

/** Keys of the fields that only the text view has by itself: they say again, shorter, what others say. */
export const VIEW_KEYS: ReadonlySet<string> = new Set(['time', 'direction', 'seqRange', 'stateChange', 'mark']);

/** What the text view shows instead of several fields. */
export const view: readonly PacketField[] = [
  {
    key: 'time',
    about: 'seconds since the first packet of the capture',
    value: (row) => row.view.time / 1e9,
    text: (row) => formatSeconds(row.view.time),
    width: 10,
    ...number,
  },
  {
    key: 'direction',
    type: 'text',
    header: ' ',
    about: 'an arrow: to the right from client to server',
    value: (row) => (row.sender.isClient ? '→' : '←'),
    style: (row, style) => (row.sender.isClient ? style.client : style.server),
  },
  {
    key: 'seqRange',
    header: 'seq',
    about: 'first sequence number and, with payload, that after the last',
    value: (row) => (row.view.payloadLength === 0 ? String(row.seq) : `${row.seq}:${row.seq + row.view.payloadLength}`),
    type: 'text',
    width: 13,
    align: 'right',
  },
  {
    key: 'stateChange',
    part: 'states',
    type: 'text',
    about: 'the state changes that the packet brings',
    value: stateChange,
  },
  {
    key: 'mark',
    part: 'findings',
    type: 'text',
    header: '',
    about: 'verdict and findings in a few words',
    value: packetMark,
    style: packetMarkStyle,
  },
];
