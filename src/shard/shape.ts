/** Whether a value that was read has the form that is expected. */
export type Shape = (value: unknown) => boolean;

/** Levels of lists and objects in what a detector says; what goes deeper nobody wrote, and nobody can walk through. */
export const MOST_LEVELS = 32;

export const isNumber: Shape = (value) => typeof value === 'number';
export const isText: Shape = (value) => typeof value === 'string';
export const isTruth: Shape = (value) => typeof value === 'boolean';
/** How many of something. */
export const isCount: Shape = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
/** A number as `plainNumber` writes it. */
export const isPlainNumber: Shape = (value) =>
  typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity';

/** An object of what detectors say, which they alone know. */
export const isSaying: Shape = (value) => isObject(value) && isShallow(value);

/** Whatever is no deeper than that. */
const isShallow: Shape = (value) => isWithin(value, MOST_LEVELS);

export function oneOf(values: readonly (string | number)[]): Shape {
  return (value) => values.includes(value as string | number);
}

export function nullOr(shape: Shape): Shape {
  return (value) => value === null || shape(value);
}

export function listOf(shape: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(shape);
}

/** A list of so many. */
export function listOfAll(shapes: readonly Shape[]): Shape {
  return (value) =>
    Array.isArray(value) && value.length === shapes.length && shapes.every((shape, i) => shape(value[i]));
}

/** An object that has these at least. */
export function objectOf(shapes: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(shapes);
  return (value) => isObject(value) && entries.every(([name, shape]) => shape(value[name]));
}

/** An object that has all that its type has: a field that is new there does not compile before it has a form. */
export function formOf<T>(shapes: { readonly [K in keyof T]-?: Shape }): Shape {
  return objectOf(shapes);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  const values: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return values.every((one) => isWithin(one, levels - 1));
}
