import type { PacketRow } from '../model/row.ts';
import { type Json, objectWriter } from './field.ts';
import { jsonWriter } from './json-bytes.ts';
import type { PacketField } from './packet-field.ts';
import { PACKET_NULLABLE, packetFields } from './packet-fields.ts';
import { VIEW_KEYS } from './packet-fields-view.ts';

/** What a packet's object has when nothing else is asked for: all but the fields of the text view. */
export function objectFields(origin: () => bigint): readonly PacketField[] {
  return packetFields(origin).filter((field) => !VIEW_KEYS.has(field.key));
}

/**
 * Makes the function that writes a packet as JSON, valid until the next one; `schema/packet.schema.json` describes it.
 */
export function packetJson(fields: readonly PacketField[]): (row: PacketRow) => Uint8Array {
  return jsonWriter(fields, PACKET_NULLABLE);
}

/** The same as an object. */
export function packetObject(fields: readonly PacketField[]): (row: PacketRow) => Record<string, Json> {
  return objectWriter(fields, PACKET_NULLABLE);
}
