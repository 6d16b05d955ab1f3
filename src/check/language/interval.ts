import { exact, framesOf, high, low, reasonOf, Unknown, unknown, type Val } from './value.ts';

/** Compares numbers that may be bounded only. Null when the bounds overlap, so that it cannot be told. */
export function compareNumbers(operator: string, a: Val, b: Val): boolean | null {
  const [al, ah, bl, bh] = [low(a), high(a), low(b), high(b)];
  switch (operator) {
    case '<':
      return ah < bl ? true : al >= bh ? false : null;
    case '<=':
      return ah <= bl ? true : al > bh ? false : null;
    case '>':
      return compareNumbers('<', b, a);
    case '>=':
      return compareNumbers('<=', b, a);
    case '==':
      return al === ah && bl === bh ? al === bl : ah < bl || bh < al ? false : null;
    default: {
      const isEqual = compareNumbers('==', a, b);
      return isEqual === null ? null : !isEqual;
    }
  }
}

/** A number with its bounds, which are left out when they are the same. */
export function interval(v: number, least: number, most: number, rest: Omit<Val, 'v' | 'low' | 'high'>): Val {
  return least === most ? { v, ...rest } : { v, low: least, high: most, ...rest };
}

/** The four operations and the remainder, on numbers that may be bounded only. */
export function calculate(operator: string, a: Val, b: Val): Val {
  if (a.v instanceof Unknown || b.v instanceof Unknown) return unknown(reasonOf(a, b));
  if (a.v === null || b.v === null) return exact(null);
  const [x, y] = [a.v as number, b.v as number];
  const frames = framesOf(a, b);
  const why = a.why ?? b.why;
  const rest = why === undefined ? { frames } : { frames, why };
  switch (operator) {
    case '+':
      return interval(x + y, low(a) + low(b), high(a) + high(b), rest);
    case '-':
      return interval(x - y, low(a) - high(b), high(a) - low(b), rest);
    case '*':
      return interval(x * y, ...bounds(a, b, (p, q) => p * q), rest);
    default:
      if (y === 0) return unknown('it divides by zero');
      if (operator === '%') return why === undefined ? { v: x % y, frames } : unknown(why);
      if (low(b) <= 0 && high(b) >= 0) return interval(x / y, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, rest);
      return interval(x / y, ...bounds(a, b, (p, q) => p / q), rest);
  }
}

/** The least and the greatest result at the corners; infinity times zero is zero here, infinity through infinity is anything from zero. */
function bounds(a: Val, b: Val, f: (p: number, q: number) => number): [number, number] {
  const corners = [f(low(a), low(b)), f(low(a), high(b)), f(high(a), low(b)), f(high(a), high(b))].map((value) =>
    Number.isNaN(value) ? 0 : value,
  );
  return [Math.min(...corners), Math.max(...corners)];
}
