import type { PacketRow, RowPart } from '../model/row.ts';
import type { Field } from './field.ts';

export interface PacketField extends Field<PacketRow> {
  /** The part of a row that it reads, where a stage of its own works that out. */
  readonly part?: RowPart;
}

/** The parts of rows that these fields read. */
export function partsOf(fields: readonly PacketField[]): ReadonlySet<RowPart> {
  return new Set(fields.flatMap(({ part }) => part ?? []));
}

/** The fields, all of which read this part. */
export function reading(part: RowPart, fields: readonly PacketField[]): PacketField[] {
  return fields.map((field) => ({ ...field, part }));
}

/** Numbers stand at the right of their column. */
export const number = { type: 'number', align: 'right' } as const;

/** Milliseconds of nanoseconds that passed: null where none are known, also because the clock was set back meanwhile. */
export function elapsedMs(nanoseconds: number): number | null {
  return nanoseconds >= 0 ? nanoseconds / 1e6 : null;
}
