import type { UsageError } from '../model/errors.ts';
import { errorAt, type Token, tokenize } from './lexer.ts';

/** Parentheses, conditions and sums within one another. */
const MAX_DEPTH = 500;

/** The tokens of one expression, taken one after the other. */
export class TokenStream {
  readonly #source: string;
  readonly #tokens: Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  /** The next token, or one after it; at the end that of kind `end`. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)];
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  /** The next token, or one after it, is that word or operator. */
  isAt(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && !token.isQuoted;
  }

  skip(count = 1): void {
    this.#next += count;
  }

  /** Takes the next token where it is one of them. */
  takeIf(...texts: string[]): boolean {
    if (!texts.some((text) => this.isAt(text))) return false;
    this.#next++;
    return true;
  }

  require(text: string): void {
    if (!this.takeIf(text)) throw this.expected(`'${text}'`, this.peek());
  }

  error(at: number, message: string): UsageError {
    return errorAt(this.#source, at, message);
  }

  expected(what: string, token: Token): UsageError {
    return this.error(token.at, `expected ${what}, found ${token.kind === 'end' ? 'the end' : `'${token.text}'`}`);
  }

  /** Runs `parse` one level deeper: what is nested without end is refused. */
  deeper<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw this.error(this.peek().at, 'nested too deeply');
    const result = parse();
    this.#depth--;
    return result;
  }
}
