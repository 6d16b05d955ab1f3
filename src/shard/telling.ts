import { type SettledFinding, settledFinding } from '../detect/raised-finding.ts';
import type { Connection } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';
import type { Plain } from './plain.ts';

/* What findings and lists tell of a connection, as plain data. */

export interface FindingSnapshot extends Omit<SettledFinding, 'account'> {
  readonly account: Plain;
}

/** The number of a connection among all, by that which it had in its shard; -1 stays -1. */
export type Streams = (id: number) => number;

const same: Streams = (id) => id;

export function findingSnapshot(finding: Finding, connection: Connection): FindingSnapshot {
  const { account, ...rest } = settledFinding(finding);
  return { ...rest, account: plainOf(account, connection) };
}

/** The finding that a snapshot was made of. */
export function findingOf(stored: FindingSnapshot, connection: Connection, streams: Streams): SettledFinding {
  return { ...stored, account: unplain(stored.account, connection, streams) as SettledFinding['account'] };
}

/** A finding of this thread, with the numbers that connections have among all. */
export function renumbered(finding: Finding, streams: Streams): SettledFinding {
  const settled = settledFinding(finding);
  return { ...settled, account: withStreams(settled.account, streams) as SettledFinding['account'] };
}

function withStreams(value: unknown, streams: Streams): unknown {
  if (Array.isArray(value)) return value.map((one) => withStreams(one, streams));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === 'stream' ? streams(one as number) : withStreams(one, streams),
    ]),
  );
}

/** What JSON has no form for: an end of the connection by its number, a number that is not finite, bytes. */
interface Marked {
  readonly end?: 0 | 1;
  readonly number?: string;
  readonly bytes?: readonly number[];
}

/** What a finding or a list tells, as plain data. */
export function plainOf(value: unknown, connection: Connection): Plain {
  if (value === connection.a) return { end: 0 };
  if (value === connection.b) return { end: 1 };
  if (typeof value === 'number') return plainNumberIn(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one) => plainOf(one, connection));
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    return Object.fromEntries(entries.map(([key, one]) => [key, plainOf(one, connection)]));
  }
  throw new Error(`a finding cannot be written: ${typeof value} ${(value as object | undefined)?.constructor?.name}`);
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Among texts a number that JSON cannot hold needs a mark of its own. */
function plainNumberIn(value: number): Plain {
  return Number.isFinite(value) ? value : { number: String(value) };
}

/** What plain data tells. `streams`: the number of each connection among all. */
export function unplain(plain: Plain, connection: Connection, streams: Streams = same): unknown {
  if (plain === null || typeof plain !== 'object') return plain;
  if (Array.isArray(plain)) return plain.map((one) => unplain(one, connection, streams));
  const { end, number, bytes } = plain as unknown as Marked;
  const keys = Object.keys(plain);
  if (keys.length === 1 && typeof end === 'number') return end === 0 ? connection.a : connection.b;
  if (keys.length === 1 && typeof number === 'string') return Number(number);
  if (keys.length === 1 && Array.isArray(bytes)) return Uint8Array.from(bytes);
  return Object.fromEntries(
    Object.entries(plain).map(([key, value]) => [
      key,
      key === 'stream' ? streams(value as number) : unplain(value, connection, streams),
    ]),
  );
}
