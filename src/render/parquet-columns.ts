import type { Field, Json } from './field.ts';

/** A name that needs no quotes in SQL: `client_address` of `client.address`. */
export function columnName(key: string): string {
  return key.replaceAll('.', '_');
}

export type ColumnValue = number | string | boolean | bigint | null;

/**
 * The value as its column has it: lists as JSON or by their length, times as nanoseconds since 1970, null for what is not
 * known. Throws a TypeError when the field holds something else than it says.
 */
export function columnValue<Row>({ key, type, value }: Field<Row>, row: Row): ColumnValue {
  const given: Json | undefined = value(row);
  if (given === null || given === undefined) return null;
  switch (type) {
    case 'time':
      if (typeof given === 'string') return nanoseconds(given);
      break;
    case 'list':
      if (Array.isArray(given)) return JSON.stringify(given);
      break;
    case 'count':
      if (Array.isArray(given)) return given.length;
      break;
    case 'text':
      if (typeof given === 'string') return given;
      break;
    case 'flag':
      if (typeof given === 'boolean') return given;
      break;
    case 'number':
      if (typeof given === 'number') return given;
      if (given === 'unknown') return null;
  }
  throw new TypeError(`${key} is a ${type} and holds ${JSON.stringify(given)}`);
}

/** Nanoseconds since 1970, null beyond what 64 bits hold: damaged captures have such times. */
function nanoseconds(timestamp: string): bigint | null {
  const [seconds, fraction = ''] = timestamp.split('.');
  const sum = BigInt(seconds.replace('-', '')) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  const time = seconds.startsWith('-') ? -sum : sum;
  return BigInt.asIntN(64, time) === time ? time : null;
}
