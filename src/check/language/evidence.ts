import { isSame, quantityText } from './dimension.ts';
import type { AddressValue } from './network.ts';
import type { Node } from './node.ts';
import type { Type } from './type.ts';
import { type Found, high, low, NO_FRAMES, Unknown, type Val, type Wanted } from './value.ts';

const TRUE: Wanted = { text: 'true', negated: 'false' };

/** A condition that is a value by itself (`handshake.complete`) tells of itself. */
export function shown(node: Node, value: Val): Val {
  if (value.found !== undefined || node.isConstant) return value;
  return { ...value, found: foundOf(node, value, TRUE) };
}

/** What is told of something that a condition asks about; nothing of what is written out. */
export function foundOf(node: Node, value: Val, wanted: Wanted): Found[] {
  if (node.isConstant) return [];
  const { text, type } = node;
  return [{ text, value: valueText(type, value), frames: value.frames ?? NO_FRAMES, wanted }];
}

/** One side of a comparison: where it stands in the rule, and what it is here. */
export interface Side {
  readonly node: Node;
  readonly value: Val;
}

/** `a < b` seen from b, and what is so where it is not. */
const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
const NEGATED: Readonly<Record<string, string>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};

/** What is told of both sides of a comparison, with numbers in the unit of the rule. Both: the first is told what is wanted. */
export function foundInComparison(operator: string, left: Side, right: Side): Found[] {
  const unit = left.node.unit || right.node.unit || '';
  const found = [left, right].filter(({ node }) => !node.isConstant);
  return found.map(({ node, value }, i) => {
    const other = node === left.node ? right : left;
    const own = node === left.node ? operator : (MIRRORED[operator] ?? operator);
    const texts = comparedTexts({ node, value }, other, unit);
    return {
      text: node.text,
      value: texts.value,
      frames: value.frames ?? NO_FRAMES,
      wanted: i > 0 ? null : { text: wantedText(own, texts.limit), negated: wantedText(NEGATED[own], texts.limit) },
    };
  });
}

/** `< 30 ms`, `0`, `not 0`: being equal goes without a sign. */
function wantedText(operator: string, limit: string): string {
  return operator === '==' ? limit : operator === '!=' ? `not ${limit}` : `${operator} ${limit}`;
}

/** Significant digits; more where a value would else look like the limit that it misses. */
const DIGITS = [4, 6, 9, 15] as const;

function comparedTexts({ node, value }: Side, other: Side, unit: string): { value: string; limit: string } {
  if (!other.node.isConstant) return { value: valueText(node.type, value, unit), limit: other.node.text };
  const most = DIGITS[DIGITS.length - 1];
  const limit =
    other.node.type.kind === 'network'
      ? other.node.text
      : valueText(limitType(other.node.type, node.type), other.value, unit, most);
  for (const digits of DIGITS) {
    const text = valueText(node.type, value, unit, digits);
    if (text !== limit || value.v === other.value.v) return { value: text, limit };
  }
  return { value: valueText(node.type, value, unit, most), limit: other.node.text };
}

/** A plain number beside one of bytes is a number of bytes. */
function limitType(limit: Type, type: Type): Type {
  return limit.kind === 'number' && type.kind === 'number' && !isSame(limit.dimension, type.dimension) ? type : limit;
}

/** A value as the report shows it. */
function valueText(type: Type, value: Val, unit = '', digits = 4): string {
  const { v } = value;
  if (v instanceof Unknown) return 'unknown';
  if (v === null) return 'none';
  if (type.kind === 'number') {
    const least = value.why !== undefined && low(value) === v && high(value) !== v ? 'at least ' : '';
    const about = value.why !== undefined && least === '' && low(value) !== high(value) ? 'about ' : '';
    return least + about + quantityText(v as number, type.dimension, unit, digits);
  }
  if (type.kind === 'address') return (v as AddressValue).text;
  if (type.kind === 'list') return `${(v as unknown[]).length} of them`;
  return String(v);
}
