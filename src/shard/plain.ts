import { isPlainNumber, isText, isTruth, listOfAll, type Shape } from './shape.ts';

/** What JSON can hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** A number as JSON can hold it: those that are not finite are texts. */
function plainNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

export function numberOf(value: number | string): number {
  return typeof value === 'number' ? value : Number(value);
}

/** The numbers of a list. */
export function plainNumbers(values: ArrayLike<number>): (number | string)[] {
  return Array.from(values, plainNumber);
}

/** Names of the fields of an object that hold a number, a text or a truth: its own, and those with an accessor in its class. */
export function fieldsOf(sample: object): string[] {
  const packed = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(sample)))
    .filter(([, { get, set }]) => get !== undefined && set !== undefined)
    .map(([name]) => name);
  return [...ownFieldsOf(sample), ...packed];
}

/** Those that the object itself has. */
export function ownFieldsOf(sample: object): string[] {
  const values = sample as Readonly<Record<string, unknown>>;
  return Object.keys(sample).filter((name) => ['number', 'boolean', 'string'].includes(typeof values[name]));
}

export function valuesOf(object: object, fields: readonly string[]): Plain[] {
  const values = object as Readonly<Record<string, number | boolean | string>>;
  return fields.map((name) => {
    const value = values[name];
    return typeof value === 'number' ? plainNumber(value) : value;
  });
}

/** A list of values of these fields, each of the sort that the sample has there. */
export function valuesLike(sample: object, fields: readonly string[]): Shape {
  const values = sample as Readonly<Record<string, unknown>>;
  const shapes = { number: isPlainNumber, boolean: isTruth, string: isText };
  return listOfAll(fields.map((name) => shapes[typeof values[name] as keyof typeof shapes]));
}

/** Gives the fields their values; what holds numbers is known by what it held. */
export function assign(object: object, fields: readonly string[], values: readonly Plain[]): void {
  const target = object as Record<string, Plain>;
  fields.forEach((name, i) => {
    const value = values[i];
    target[name] = typeof target[name] === 'number' ? numberOf(value as number | string) : value;
  });
}
