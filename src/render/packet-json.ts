import type { PacketRow } from '../model/row.ts';
import { type Json, objectWriter } from './field.ts';
import { jsonRows } from './json-bytes.ts';
import type { PacketField } from './packet-field.ts';
import { PACKET_NULLABLE, packetFields } from './packet-fields.ts';
import { VIEW_KEYS } from './packet-fields-view.ts';
import type { RowBytes } from './text-bytes.ts';

/** What a packet's object has when nothing else is asked for: all but the fields of the text view. */
export function objectFields(origin: () => bigint): readonly PacketField[] {
  return packetFields(origin).filter((field) => !VIEW_KEYS.has(field.key));
}

/** Packets of one analysis as JSON, one after the other; `schema/packet.schema.json` describes them. */
export function packetJson(fields: readonly PacketField[]): RowBytes<PacketRow> {
  return jsonRows(fields, PACKET_NULLABLE);
}

/** The same as an object. */
export function packetObject(fields: readonly PacketField[]): (row: PacketRow) => Record<string, Json> {
  return objectWriter(fields, PACKET_NULLABLE);
}
