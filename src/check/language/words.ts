import type { Syntax } from './syntax.ts';
import type { AnySchema, Type } from './type.ts';

/** `word`, `'word'` or `time-wait` (which CEL reads as a difference) as text; null for anything else. */
export function wordOf(syntax: Syntax): string | null {
  if (syntax.op === 'string') return syntax.value;
  if (syntax.op === 'name') return syntax.name;
  if (syntax.op === 'number') return String(syntax.value);
  if (syntax.op !== 'binary' || syntax.operator !== '-') return null;
  const left = wordOf(syntax.left);
  const right = wordOf(syntax.right);
  return left === null || right === null || syntax.left.op === 'number' ? null : `${left}-${right}`;
}

/** `TIME_WAIT` and `time-wait` are `TIME-WAIT`. */
export function canonical(text: string, values: readonly string[]): string | null {
  const plain = text.toLowerCase().replaceAll('_', '-');
  return values.find((value) => value.toLowerCase() === plain) ?? null;
}

/** The only values that something can have; null when it is not such a thing. */
export function enumOf(type: Type): readonly string[] | null {
  return type.kind === 'string' && type.values !== undefined ? type.values : null;
}

/** The name of a field. It may be written as JSON documents write it: `serverThinking` is `server_thinking`. */
export function fieldName({ fields }: AnySchema, name: string): string {
  const plain = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return !Object.hasOwn(fields, name) && Object.hasOwn(fields, plain) ? plain : name;
}
