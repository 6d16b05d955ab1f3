import { didYouMean } from '../../model/suggest.ts';
import { isUnit, type Quantity, quantity, UNIT_NAMES } from './dimension.ts';
import { ExpressionError } from './error.ts';
import { type Network, parseNetwork } from './network.ts';

/** What CEL has no notation for, by the identifier that stands for it in the rewritten text. */
export type Literal = ({ kind: 'quantity' } & Quantity) | { kind: 'network'; network: Network };

export interface Rewritten {
  readonly text: string;
  readonly literals: ReadonlyMap<string, Literal>;
  /** Offset in the original text of each character of `text`, and of its end. */
  readonly origins: readonly number[];
}

const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const HEXADECIMAL = /0[xX][0-9a-fA-F]+/y;
const UNIT = /[A-Za-zµ]+(?:\/s\b)?/y;
const V4 = /\d+\.\d+\.\d+\.\d+(?:\/\d+)?/y;
/** At least two colons: a conditional never has them in one word. */
const V6 = /[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:\/\d+)?/y;

/** `missing-in-capture`: a word with hyphens, one of whose parts is a reserved word of CEL or an operator, so that it is no difference. */
const HYPHENATED = /[A-Za-z]\w*(?:-[A-Za-z]\w*)+/y;
const KEYWORDS =
  /(?:^|-)(?:and|as|break|const|continue|else|false|for|function|if|import|in|let|loop|namespace|not|null|or|package|return|true|var|void|while)(?:-|$)/;

/** Words for the operators, as many languages have them. */
const OPERATORS: Record<string, string> = { and: '&&', or: '||', not: '!' };

/** Prefix of the identifiers that stand for literals. */
const RESERVED = '__';

/**
 * Turns the notation of rules into plain CEL. Five things are rewritten, each in the place where it stands, so that errors
 * keep their columns:
 *
 *     50ms 50 ms 1% 10MB/s       a quantity: an identifier that stands for it
 *     10.0.0.0/8 2001:db8::1     an address or network: likewise
 *     a and not b or c            words for &&, ! and ||
 *     missing-in-capture         a name that CEL would not read: a text
 *     f(x, within: 2s, k: 1)     named arguments: one map as the last argument, f(x, {"within": 2s, "k": 1})
 */
export function rewrite(source: string): Rewritten {
  return new Rewriter(source).run();
}

class Rewriter {
  private readonly source: string;
  private readonly literals = new Map<string, Literal>();
  private readonly origins: number[] = [];
  private text = '';
  private at = 0;
  /** Open brackets; a `(` whose named arguments have begun is noted as `{`. */
  private readonly open: string[] = [];
  /** The latest character that is no blank. */
  private before = '';

  constructor(source: string) {
    this.source = source;
  }

  run(): Rewritten {
    const { source } = this;
    while (this.at < source.length) this.step();
    this.origins.push(source.length);
    return { text: this.text, literals: this.literals, origins: this.origins };
  }

  private step(): void {
    const character = this.source[this.at];
    if (character === '"' || character === "'") this.string(character);
    else if (/\s/.test(character)) this.emit(character, 1);
    else if (this.matches(V6) !== '' && this.isV6()) this.network(this.matches(V6));
    else if (/[0-9]/.test(character)) this.number();
    else if (/[A-Za-z_]/.test(character)) this.word();
    else this.punctuation(character);
    if (!/\s/.test(character)) this.before = this.source[this.at - 1];
  }

  private isV6(): boolean {
    const text = this.matches(V6);
    return text.includes('::') ? /[0-9a-fA-F]/.test(text) : text.split(':').length === 8;
  }

  private string(quote: string): void {
    let end = this.at + 1;
    while (end < this.source.length && this.source[end] !== quote) end += this.source[end] === '\\' ? 2 : 1;
    this.copy(Math.min(end + 1, this.source.length) - this.at);
  }

  private number(): void {
    const v4 = this.matches(V4);
    if (v4 !== '') {
      this.network(v4);
      return;
    }
    const hexadecimal = this.matches(HEXADECIMAL);
    if (hexadecimal !== '') {
      this.copy(hexadecimal.length);
      return;
    }
    const digits = this.matches(NUMBER);
    const blanks = this.blanksBeforeUnit(this.at + digits.length);
    const unit = this.unitAt(this.at + digits.length + blanks);
    if (unit === '') {
      this.copy(digits.length);
      return;
    }
    const found = quantity(Number(digits), unit);
    if (found === null) {
      const start = this.at + digits.length;
      const message = `unknown unit ${unit}${didYouMean(unit, UNIT_NAMES)}; units are ns us ms s min h, B kB MB GB KiB MiB GiB, bit kbit Mbit Gbit (each with /s for a rate) and %`;
      throw new ExpressionError(message, start, start + unit.length);
    }
    this.literal({ kind: 'quantity', ...found }, digits.length + blanks + unit.length);
  }

  /** `50 ms`, `5 %` at the end: how many blanks stand between a number and its unit. No word of CEL that stands there is a unit. */
  private blanksBeforeUnit(at: number): number {
    const blanks = /^\s*/.exec(this.source.slice(at))![0].length;
    if (blanks === 0) return 0;
    const rest = this.source.slice(at + blanks);
    const isShare = /^%\s*(?:$|[)\]},&|?:]|(?:and|or)\b)/.test(rest);
    return isShare || isUnit(/^[A-Za-zµ]+(?:\/s)?(?!\w)/.exec(rest)?.[0] ?? '') ? blanks : 0;
  }

  private unitAt(at: number): string {
    if (this.source[at] === '%') return this.isModulo(at) ? '' : '%';
    if (this.source.startsWith('/s', at) && !/\w/.test(this.source[at + 2] ?? '')) return '/s';
    UNIT.lastIndex = at;
    return UNIT.exec(this.source)?.[0] ?? '';
  }

  /** `10 % 3` and `10%3` divide; `10% < x` and `10% and x` do not. */
  private isModulo(at: number): boolean {
    return /^%\s*(?!(?:and|or)\b)[\w("'.]/.test(this.source.slice(at));
  }

  private network(text: string): void {
    const network = parseNetwork(text);
    if (network === null) {
      throw new ExpressionError(`${text} is no address or network`, this.at, this.at + text.length);
    }
    this.literal({ kind: 'network', network }, text.length);
  }

  private word(): void {
    const hyphenated = this.matches(HYPHENATED);
    if (KEYWORDS.test(hyphenated)) {
      this.insert('"');
      this.copy(hyphenated.length);
      this.insert('"');
      return;
    }
    const word = this.matches(IDENTIFIER);
    if (Object.hasOwn(OPERATORS, word) && this.before !== '.') {
      this.emit(OPERATORS[word], word.length);
      return;
    }
    if (word.startsWith(RESERVED)) {
      throw new ExpressionError(`names do not begin with ${RESERVED}`, this.at, this.at + word.length);
    }
    const isNamed =
      /^\s*:(?!:)/.test(this.source.slice(this.at + word.length)) &&
      (this.before === '(' || this.before === ',') &&
      /[({]/.test(this.open.at(-1) ?? '') &&
      this.open.at(-1) !== 'map';
    if (!isNamed) {
      this.copy(word.length);
      return;
    }
    if (this.open.at(-1) === '(') {
      this.insert('{');
      this.open[this.open.length - 1] = '{';
    }
    this.insert('"');
    this.copy(word.length);
    this.insert('"');
  }

  private punctuation(character: string): void {
    if (character === '(' || character === '[') this.open.push(character);
    else if (character === '{') this.open.push('map');
    else if (/[)\]}]/.test(character) && this.open.pop() === '{') this.insert('}');
    this.copy(1);
  }

  private literal(literal: Literal, length: number): void {
    const name = `${RESERVED}${this.literals.size}`;
    this.literals.set(name, literal);
    this.emit(name, length);
  }

  private copy(length: number): void {
    for (let i = 0; i < length; i++) this.origins.push(this.at + i);
    this.text += this.source.slice(this.at, this.at + length);
    this.at += length;
  }

  /** Writes what stands in no place of the source. */
  private insert(text: string): void {
    this.emit(text, 0);
  }

  private emit(text: string, length: number): void {
    for (let i = 0; i < text.length; i++) this.origins.push(this.at);
    this.text += text;
    this.at += length;
  }

  private matches(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    return pattern.exec(this.source)?.[0] ?? '';
  }
}
