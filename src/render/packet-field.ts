import type { PacketRow } from '../model/row.ts';
import type { Field } from './field.ts';

export type PacketField = Field<PacketRow>;

/** Numbers stand at the right of their column. */
export const number = { type: 'number', align: 'right' } as const;

/** Milliseconds of nanoseconds that passed: null where none are known, also because the clock was set back meanwhile. */
export function elapsedMs(nanoseconds: number): number | null {
  return nanoseconds >= 0 ? nanoseconds / 1e6 : null;
}
