import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { didYouMean } from '../../model/suggest.ts';
import type { Location } from '../outcome.ts';
import { MAX_PROBLEMS, type Problem, RulesError } from './error.ts';
import type { RulesSource } from './source.ts';

/** A JSON Schema, or a part of one. */
export type JsonSchema = { readonly [key: string]: unknown };

/** A value that was read, and where it stands. */
export interface Placed<T> {
  readonly value: T;
  readonly node: Node;
}

/** What is wrong with a rules file. Of many problems the first are kept and the others counted. */
export class Reading {
  readonly source: RulesSource;
  private readonly kept: Problem[] = [];
  private count = 0;

  constructor(source: RulesSource) {
    this.source = source;
  }

  get hasProblems(): boolean {
    return this.count > 0;
  }

  /** `message` is made only when it is kept. */
  report(node: Node | null, message: () => string): null {
    return this.reportAt(() => this.source.locate(node), message);
  }

  reportAt(location: () => Location, message: () => string): null {
    this.count++;
    if (this.kept.length < MAX_PROBLEMS) this.kept.push({ location: location(), message: shortened(message()) });
    return null;
  }

  /** All problems as one error. */
  error(): RulesError {
    const sorted = [...this.kept].sort((a, b) => a.location.line - b.location.line);
    return new RulesError(sorted, this.count - this.kept.length);
  }
}

/**
 * What a part of the rules file may be: reads it, with a problem for everything that does not fit, and describes it as a
 * JSON Schema. Both come from one definition, so the published schema cannot differ from what is accepted.
 */
export interface Shape<T> {
  /** Null when there was a problem. */
  read(node: Node, reading: Reading): Placed<T> | null;
  readonly schema: JsonSchema;
}

/** Characters of a message, and of a word of the file in it. */
const LONGEST_MESSAGE = 400;
const LONGEST_NAME = 60;

function shortened(text: string, most = LONGEST_MESSAGE): string {
  return text.length <= most ? text : `${text.slice(0, most)}...`;
}

function scalar<T>(schema: JsonSchema, expected: string, convert: (value: unknown) => T | null): Shape<T> {
  return {
    schema,
    read: (node, reading) => {
      const value = isScalar(node) ? convert(node.value) : null;
      if (value === null) return reading.report(node, () => `expected ${expected}, found ${nameOf(node)}`);
      return { value, node };
    },
  };
}

export function text(description: string): Shape<string> {
  return scalar({ type: 'string', description }, 'a text', (value) => (typeof value === 'string' ? value : null));
}

/** A text, or a number or truth value that stands for its text: `expect_flows: 2`, an expression that is just `true`. */
export function textOrNumber(description: string): Shape<string> {
  return scalar({ type: ['string', 'integer', 'boolean'], description }, 'a text', (value) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null,
  );
}

export function oneOf<const T extends string | number>(values: readonly T[], description: string): Shape<T> {
  const expected = values.join(', ').replace(/, ([^,]*)$/, ' or $1');
  return {
    schema: { enum: values, description },
    read: (node, reading) => {
      const value = isScalar(node) ? node.value : undefined;
      const known = values.find((candidate) => candidate === value);
      if (known !== undefined) return { value: known, node };
      return reading.report(node, () => {
        const hint = typeof value === 'string' ? didYouMean(value, values.map(String)) : '';
        return `expected ${expected}, found ${nameOf(node)}${hint}`;
      });
    },
  };
}

export function list<T>(item: Shape<T>, description: string): Shape<readonly Placed<T>[]> {
  return {
    schema: { type: 'array', items: item.schema, description },
    read: (node, reading) => {
      if (!isSeq(node)) return reading.report(node, () => `expected a list, found ${nameOf(node)}`);
      const items = (node.items as Node[]).map((child) => item.read(child, reading));
      return { value: items.filter((child) => child !== null), node };
    },
  };
}

interface Key<T> {
  readonly shape: Shape<T>;
  readonly required?: boolean;
}

type Keys = Readonly<Record<string, Key<unknown>>>;
export type Values<K extends Keys> = {
  readonly [name in keyof K]: (K[name] extends Key<infer T> ? Placed<T> : never) | null;
};

/** A mapping of known keys; others are problems. Keys that are not there, or hold a problem, are null. */
export function mapping<K extends Keys>(keys: K, description: string): Shape<Values<K>> {
  const names = Object.keys(keys);
  const required = names.filter((name) => keys[name].required);
  return {
    schema: {
      type: 'object',
      description,
      properties: Object.fromEntries(names.map((name) => [name, keys[name].shape.schema])),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    },
    read: (node, reading) => {
      if (!isMap(node))
        return reading.report(node, () => `expected a mapping with ${names.join(', ')}, found ${nameOf(node)}`);
      const values: Record<string, Placed<unknown> | null> = Object.fromEntries(names.map((name) => [name, null]));
      const seen = new Set<string>();
      for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
        const name = String((key as { value?: unknown }).value);
        if (!Object.hasOwn(keys, name)) {
          reading.report(
            key,
            () =>
              `unknown key ${shortened(name, LONGEST_NAME)}${didYouMean(name, names) || `; the keys here are ${names.join(', ')}`}`,
          );
          continue;
        }
        if (seen.has(name)) {
          reading.report(key, () => `${name} is given twice`);
          continue;
        }
        seen.add(name);
        const isEmpty = value === null || (isScalar(value) && value.value === null);
        values[name] = isEmpty
          ? reading.report(key, () => `${name} has no value`)
          : keys[name].shape.read(value, reading);
      }
      for (const name of required) if (!seen.has(name)) reading.report(node, () => `${name} is missing`);
      return { value: values as Values<K>, node };
    },
  };
}

/** One of two shapes: the first for a mapping, the second for anything else. */
export function mappingOr<A, B>(whenMapping: Shape<A>, otherwise: Shape<B>): Shape<A | B> {
  return {
    schema: { anyOf: [otherwise.schema, whenMapping.schema] },
    read: (node, reading) => (isMap(node) ? whenMapping.read(node, reading) : otherwise.read(node, reading)),
  };
}

function nameOf(node: Node): string {
  if (isAlias(node)) return 'an alias (* and & are not supported here)';
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null) return 'nothing';
  return typeof node.value === 'string' ? `"${shortened(node.value, LONGEST_NAME)}"` : String(node.value);
}
