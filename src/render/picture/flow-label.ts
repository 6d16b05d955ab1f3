import { flagNames } from '../../model/flags.ts';
import type { PacketRow } from '../../model/row.ts';
import type { FlowArrow } from '../../picture/flow.ts';
import { packetMark } from '../packet-mark.ts';

/** Flags, sequence numbers and length of a packet, the fullest form first: a picture takes the first that fits. */
export function flowLabels(row: PacketRow): string[] {
  const { view, seq, ack } = row;
  const flags = flagNames(view.flags);
  const { payloadLength: length } = view;
  const range = length > 0 ? `seq ${seq}:${seq + length}` : row.end > seq || ack < 0 ? `seq ${seq}` : '';
  const parts = [flags, range, ack < 0 ? '' : `ack ${ack}`, length > 0 ? `len ${length}` : ''];
  const forms = [parts, parts.slice(0, 3), parts.slice(0, 2), parts.slice(0, 1)];
  return [...new Set(forms.map((form) => form.filter((part) => part !== '').join(' ')))];
}

/** Verdict and findings of a packet; empty where the arrow says it all. */
export function flowMark({ row, course }: FlowArrow): string {
  const mark = course === 'departure' ? '' : packetMark(row);
  return course === 'lost' && mark === 'lost' ? '' : mark;
}
