import { UsageError } from '../model/errors.ts';
import { parseIp6, parseMac } from './addresses.ts';

type TokenKind = 'number' | 'word' | 'ip4' | 'ip6' | 'mac' | 'operator' | 'end';

export interface Token {
  kind: TokenKind;
  text: string;
  /** Column in the expression, from 0. */
  at: number;
  /** For a number. */
  value: number;
  /** Written with a backslash: a name even where a keyword could stand. */
  isQuoted: boolean;
}

const OPERATORS = /&&|\|\||<<|>>|<=|>=|==|!=|[()[\]:/!=<>+\-*%&|^]/y;
/** A word may hold dots, dashes and underscores, and does not end with the latter two (libpcap's scanner). */
const WORD = /[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/y;
const WITH_COLONS = /[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/y;
const BLANKS = /[ \t\r\n]*/y;

const SHOWN = 100;

/** An error that shows the expression with a caret below column `at`. */
export function errorAt(source: string, at: number, message: string): UsageError {
  // Long expressions are shown around the place; control characters would move the caret.
  const from = Math.max(0, at - SHOWN / 2);
  const shown = source.slice(from, from + SHOWN).replace(/[^\x20-\x7e]/g, '?');
  return new UsageError(`filter: ${message}`, `  ${shown}`, `  ${' '.repeat(at - from)}^`);
}

/** Splits a pcap-filter expression into tokens; the last one has kind `end`. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? '';
  };
  const push = (kind: TokenKind, text: string, value = 0, isQuoted = false) =>
    tokens.push({ kind, text, at, value, isQuoted });

  for (;;) {
    at += match(BLANKS).length;
    if (at >= source.length) {
      push('end', '');
      return tokens;
    }
    const start = at;
    if (source[at] === '\\') {
      at++;
      const word = match(WORD);
      if (word === '') throw errorAt(source, start, `expected a name after '\\'`);
      push('word', word, 0, true);
      at += word.length;
      continue;
    }
    // `4:4` of `tcp[4:4]` is no address, so only what reads as one in full is taken together.
    const colons = match(WITH_COLONS);
    if (colons !== '' && !/[A-Za-z0-9_]/.test(source[at + colons.length] ?? '')) {
      const kind = parseMac(colons) !== null ? 'mac' : parseIp6(colons) !== null ? 'ip6' : null;
      if (kind !== null) {
        push(kind, colons);
        at += colons.length;
        continue;
      }
    }
    const word = match(WORD);
    if (word !== '') {
      if (/^[0-9]+$/.test(word) || /^0x/i.test(word)) push('number', word, parseNumber(source, at, word));
      else if (parseMac(word) !== null) push('mac', word);
      else push(/^[0-9]+(\.[0-9]+){1,3}$/.test(word) ? 'ip4' : 'word', word);
      at += word.length;
      continue;
    }
    const operator = match(OPERATORS);
    if (operator === '') throw errorAt(source, at, `unexpected character ${JSON.stringify(source[at])}`);
    push('operator', operator);
    at += operator.length;
  }
}

/** C notation: decimal, 0x hexadecimal, leading 0 octal; 32 bits. */
function parseNumber(source: string, at: number, text: string): number {
  let value: number;
  if (/^0x/i.test(text)) value = /^0x[0-9a-f]+$/i.test(text) ? Number(text) : Number.NaN;
  else if (text.length > 1 && text[0] === '0') value = /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
  else value = Number(text);
  if (Number.isNaN(value))
    throw errorAt(source, at, `'${text}' is not a number (0x is hexadecimal, a leading 0 octal)`);
  if (value > 0xffffffff) throw errorAt(source, at, `number ${text} does not fit into 32 bits`);
  return value;
}
