import { BYTES, type Dimension, dimensionName, isSame, PLAIN, RATE, TIME } from './dimension.ts';
import type { Val } from './value.ts';

/** What an expression stands for, known before any capture is read. */
export type Type =
  | { readonly kind: 'number'; readonly dimension: Dimension }
  | { readonly kind: 'bool' }
  /** `values`: the only ones there are; with `ordered`, from small to great. */
  | { readonly kind: 'string'; readonly values?: readonly string[]; readonly ordered?: boolean }
  | { readonly kind: 'address' }
  | { readonly kind: 'network' }
  | { readonly kind: 'series'; readonly dimension: Dimension }
  | { readonly kind: 'list'; readonly of: Type }
  | { readonly kind: 'record'; readonly schema: AnySchema }
  | { readonly kind: 'null' };

export interface Field<T> {
  readonly type: Type;
  /** One line for the list of names. */
  readonly about: string;
  /** Every packet must be kept to answer it. */
  readonly needsPackets?: boolean;
  /** Steps that answering takes, where it looks at more than a few things. */
  readonly cost?: (of: T) => number;
  readonly get: (of: T) => Val;
}

/** A name that conditions may use: its type, what it means, and how its value is read. */
export function field<T>(type: Type, about: string, get: (of: T) => Val): Field<T> {
  return { type, about, get };
}

/** The names that a kind of thing has. */
export interface Schema<T> {
  readonly name: string;
  readonly fields: Readonly<Record<string, Field<T>>>;
  /** What comparing the whole thing with a number probably meant. */
  readonly main?: string;
  /** Of a connection: its packets in time, for the operators of time, and the names that each of them has. */
  readonly course?: { readonly course: (of: T) => Course; readonly moments: AnySchema };
}

// biome-ignore lint/suspicious/noExplicitAny: the value that a record describes is known to its fields alone
export type AnySchema = Schema<any>;

export const NUMBER: Type = { kind: 'number', dimension: PLAIN };
export const DURATION: Type = { kind: 'number', dimension: TIME };
export const SIZE: Type = { kind: 'number', dimension: BYTES };
export const SPEED: Type = { kind: 'number', dimension: RATE };
export const BOOL: Type = { kind: 'bool' };
export const STRING: Type = { kind: 'string' };
export const ADDRESS: Type = { kind: 'address' };
export const NETWORK: Type = { kind: 'network' };
export const NULL: Type = { kind: 'null' };

/** A text that is one of `values`; `ordered`: they rise in this order and can be compared. */
export function oneOf(values: readonly string[], ordered = false): Type {
  return { kind: 'string', values, ordered };
}

/** A record with the names of `schema`. */
export function record(schema: AnySchema): Type {
  return { kind: 'record', schema };
}

/** A list of such records. */
export function listOf(schema: AnySchema): Type {
  return { kind: 'list', of: record(schema) };
}

/** The type in words, for error messages. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case 'number':
      return dimensionName(type.dimension);
    case 'bool':
      return 'true or false';
    case 'string':
      return 'a text';
    case 'address':
      return 'an address';
    case 'network':
      return 'a network';
    case 'series':
      return `a series (each ${dimensionName(type.dimension)})`;
    case 'list':
      return 'a list';
    case 'record':
      return `a group of figures (${type.schema.name})`;
    case 'null':
      return 'null';
  }
}

/** A packet as the operators of time see it. */
export interface Moment {
  readonly frame: number;
  /** Nanoseconds since the first packet of its connection. */
  readonly time: number;
}

/** A connection as the operators of time see it. */
export interface Course {
  readonly moments: readonly Moment[];
  /** Why packets of it may be missing; null when none is. */
  readonly missing: string | null;
  /** Nothing more can come of it. */
  readonly isOver: boolean;
  /** Until when it was watched: the end of the capture, in nanoseconds since the connection's first packet. */
  readonly watched: number;
}

/** A number without a unit. */
export function isPlain(type: Type): boolean {
  return type.kind === 'number' && isSame(type.dimension, PLAIN);
}

/** Its unit holds bytes to the power of 0 or 1. */
export function isByteOrPlain(type: Type & { kind: 'number' }): boolean {
  return type.dimension.bytes === 0 || type.dimension.bytes === 1;
}
