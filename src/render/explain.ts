import { ENGLISH } from '../messages/en/index.ts';
import type { PacketRow } from '../model/row.ts';

/** The verdict on a packet in one plain sentence; empty for new data and ACKs of which there is nothing to tell. */
export function explainVerdict({ verdict, seq, end, view }: PacketRow): string {
  if (verdict === null) return '';
  return ENGLISH.verdict(verdict, { seq, end, payloadLength: view.payloadLength });
}
