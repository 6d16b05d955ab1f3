import { didYouMean } from '../../model/suggest.ts';
import { TIME } from './dimension.ts';
import type { Call, Compiling, Node } from './node.ts';
import type { Syntax } from './syntax.ts';
import { typeName } from './type.ts';
import { canonical, wordOf } from './words.ts';

/** The positional arguments, `least` to `most` of them; no named ones but `allowed`. */
export function positional(
  compiler: Compiling,
  call: Call,
  least: number,
  most: number = least,
  allowed: readonly string[] = [],
): readonly Syntax[] {
  for (const [name, value] of call.named) {
    if (!allowed.includes(name))
      throw compiler.error(value, `${call.name}(...) takes no ${name}:${didYouMean(name, allowed)}`);
  }
  const { length } = call.args;
  if (length < least || length > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    throw compiler.error(call, `${call.name}(...) takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${length}`);
  }
  return call.args;
}

/** `x` and the body of `list.exists(x, body)`. */
export function lambda(compiler: Compiling, call: Call): [string, Syntax] {
  const [variable, body] = positional(compiler, call, 2);
  if (variable.op !== 'name')
    throw compiler.error(variable, `${call.name}(x, ...) begins with the name of the element`);
  return [variable.name, body];
}

/** The text in quotes that a method of a text takes. */
export function textArgument(compiler: Compiling, call: Call, of: Node): string {
  const [argument] = positional(compiler, call, 1);
  if (of.type.kind !== 'string') throw compiler.error(call, `${of.text} is ${typeName(of.type)}, not a text`);
  if (argument.op !== 'string') throw compiler.error(argument, `${call.name}(...) takes a text in quotes`);
  return argument.value;
}

/** An argument that is the id of a finding. */
export function findingId(compiler: Compiling, syntax: Syntax): string {
  const { findingIds } = compiler.vocabulary;
  const text = wordOf(syntax);
  if (text === null) throw compiler.error(syntax, 'the id of a finding is expected, such as zero-window');
  const id = canonical(text, findingIds);
  if (id === null)
    throw compiler.error(syntax, `no finding is called ${text}${didYouMean(text, findingIds)}; see tcpscope findings`);
  return id;
}

/** A named argument that is a time, in nanoseconds; null when it is not given. */
export function timeArgument(compiler: Compiling, call: Call, name: string): number | null {
  const syntax = call.named.get(name);
  if (syntax === undefined) return null;
  const isTime = syntax.op === 'literal' && syntax.literal.kind === 'quantity' && syntax.literal.dimension === TIME;
  if (!isTime) throw compiler.error(syntax, `${name}: is a time, such as 2s or 50ms`);
  return (syntax.literal as { value: number }).value;
}
