import type { Field, Json } from './field.ts';

/** What a column of a Parquet file holds. All may be null. */
export type ColumnKind = 'number' | 'text' | 'flag' | 'list' | 'time';

/** Unix times in seconds with nine decimals, which become timestamps. */
const TIMES = /^(timestamp|start)$/;
const FLAGS = /^(verdict\.(spurious|lost|differs)|(client|server)\.(sackPermitted|timestamps)|partial)$/;
const LISTS = /^(options|verdict\.(evidence|lostBetween)|waits|wireshark\.flags|evidence)$/;
const TEXTS =
  /^(sender|src|dst|vantage|flags|comment|(tcp|ip)Checksum\.status|states\..*|verdict\.(kind|cause|fate|by|text)|congestion\..*\.(model|phase)|wireshark\.differs|clientBy|ending|connState|history|written|(client|server)\.(address|state|basis)|(client|server)\.roundTrips\.measures|limitedBy\..*|id|severity|cause|who|text|cite)$/;

/** What the column of a field holds, by its key: the same for every file, whatever is in the capture. */
export function columnKind(key: string): ColumnKind {
  if (TIMES.test(key)) return 'time';
  if (FLAGS.test(key)) return 'flag';
  if (LISTS.test(key)) return 'list';
  return TEXTS.test(key) ? 'text' : 'number';
}

/** A name that needs no quotes in SQL: `client_address` of `client.address`. */
export function columnName(key: string): string {
  return key.replaceAll('.', '_');
}

export type ColumnValue = number | string | boolean | bigint | null;

/** The value as its column has it; lists as JSON, times as nanoseconds since 1970. */
export function columnValue<Row>({ key, value }: Field<Row>, kind: ColumnKind, row: Row): ColumnValue {
  const given: Json = value(row);
  if (given === null || given === undefined) return null;
  switch (kind) {
    case 'time':
      return nanoseconds(String(given));
    case 'list':
      return JSON.stringify(given);
    case 'text':
      return typeof given === 'string' ? given : JSON.stringify(given);
    case 'flag':
      return given === true;
    default:
      if (typeof given === 'number') return given;
      // A word in place of a number says that it is not known.
      if (given === 'unknown') return null;
      // A list in a field that counts: how many.
      if (Array.isArray(given)) return given.length;
      throw new TypeError(`${key} holds ${typeof given}, not a number`);
  }
}

/** Nanoseconds since 1970, null beyond what 64 bits hold: damaged captures have such times. */
function nanoseconds(timestamp: string): bigint | null {
  const [seconds, fraction = ''] = timestamp.split('.');
  const sum = BigInt(seconds.replace('-', '')) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  const time = seconds.startsWith('-') ? -sum : sum;
  return BigInt.asIntN(64, time) === time ? time : null;
}
