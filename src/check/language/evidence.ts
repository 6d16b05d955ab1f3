import { quantityText } from './dimension.ts';
import type { AddressValue } from './network.ts';
import type { Node } from './node.ts';
import type { Type } from './type.ts';
import { type Found, high, low, NO_FRAMES, Unknown, type Val } from './value.ts';

/** A condition that is a value by itself (`handshake.complete`) tells of itself. */
export function shown(node: Node, value: Val): Val {
  if (value.found !== undefined || node.isConstant) return value;
  return { ...value, found: foundOf([node, value]) };
}

/** What is told of the sides of a condition, without those that are written out. */
export function foundOf(...sides: [Node, Val][]): Found[] {
  return foundIn('', ...sides);
}

/** The same, with numbers in a unit where it fits. */
export function foundIn(unit: string, ...sides: [Node, Val][]): Found[] {
  return sides
    .filter(([node]) => !node.isConstant)
    .map(([node, value]) => ({
      text: node.text,
      value: valueText(node.type, value, unit),
      frames: value.frames ?? NO_FRAMES,
    }));
}

/** A value as the report shows it. */
export function valueText(type: Type, value: Val, unit = ''): string {
  const { v } = value;
  if (v instanceof Unknown) return 'unknown';
  if (v === null) return 'none';
  if (type.kind === 'number') {
    const least = value.why !== undefined && low(value) === v && high(value) !== v ? 'at least ' : '';
    const about = value.why !== undefined && least === '' && low(value) !== high(value) ? 'about ' : '';
    return least + about + quantityText(v as number, type.dimension, unit);
  }
  if (type.kind === 'address') return (v as AddressValue).text;
  if (type.kind === 'list') return `${(v as unknown[]).length} of them`;
  return String(v);
}
