import { parseQuantity, quantity, TIME } from '../language/dimension.ts';
import { ExpressionError } from '../language/error.ts';

/** How far a time may be off: nanoseconds, and a share of it. */
export interface Tolerance {
  readonly time: number;
  readonly share: number;
}

/** As packetdrill's own: its scripts meet a scheduler, and so did whatever was captured. */
const DEFAULT_TOLERANCE: Tolerance = { time: 4e6, share: 0 };

/** `10ms` or `20%`; null when it is neither. */
export function parseTolerance(text: string): Tolerance | null {
  const found = parseQuantity(text);
  if (found === null || found.value < 0) return null;
  if (text.trim().endsWith('%')) return { share: found.value, time: 0 };
  return found.dimension === TIME ? { share: 0, time: found.value } : null;
}

/** When a packet is expected, in nanoseconds; null for "whenever". */
interface ExpectedTime {
  /** Since the packet of the line before; else since the first packet of the connection. */
  readonly isRelative: boolean;
  readonly least: number;
  readonly most: number;
}

/** Null stands for "whatever it is" everywhere. */
export interface ExpectedOption {
  readonly name: 'mss' | 'wscale' | 'sackOK' | 'TS' | 'sack';
  /** mss, wscale: one; TS: val and ecr; sack: edges. */
  readonly values: readonly (number | null)[];
}

export interface ExpectedPacket {
  readonly kind: 'packet';
  /** 1-based, in the script. */
  readonly line: number;
  readonly text: string;
  readonly time: ExpectedTime | null;
  readonly from: 'client' | 'server';
  /** Control bits; null for any. */
  readonly flags: number | null;
  readonly seq: number | null;
  readonly length: number | null;
  readonly ack: number | null;
  /** As in the header, not scaled. */
  readonly window: number | null;
  readonly options: readonly ExpectedOption[] | null;
  /** Options that are not listed may be there too. */
  readonly mayHaveMore: boolean;
}

/** `...`: any number of packets; `end`: no further packet. */
interface ExpectedMark<K extends 'gap' | 'end'> {
  readonly kind: K;
  readonly line: number;
  readonly text: string;
}

export type ExpectedLine = ExpectedPacket | ExpectedMark<'gap'> | ExpectedMark<'end'>;

export interface ExpectedTrace {
  readonly text: string;
  readonly lines: readonly ExpectedLine[];
}

const MAX_LINES = 2000;
const MAX_LINE = 1000;
const FLAG_LETTERS = 'FSRP.UEWe';

/**
 * Reads an expected trace in the notation of packetdrill's packets:
 *
 *     +0 > S 0:0(0) win 64240 <mss 1460,sackOK,TS val * ecr 0,nop,wscale 7>
 *     +0~+.05 < S. 0:0(0) ack 1 <...>       a time between two bounds; any options
 *     * > . 1:1(0) ack 1                    whenever
 *     ...                                   any number of packets
 *     +.1 < F. * ack *                      any sequence number
 *     end                                   nothing follows
 *
 * `>` is from client to server. Times are seconds, or have a unit (`50ms`); with a plus they count from the line before,
 * else from the first packet. What is left out, or is `*`, may be anything. Throws ExpressionError.
 */
export function parseExpectedTrace(text: string, tolerance: Tolerance | null): ExpectedTrace {
  const lines: ExpectedLine[] = [];
  let offset = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.replace(/(?:^|\s)(?:#|\/\/).*$/, '');
    if (content.trim() !== '') {
      if (lines.length >= MAX_LINES) throw new ExpressionError(`a script has at most ${MAX_LINES} lines`, offset);
      if (lines.at(-1)?.kind === 'end') throw new ExpressionError('nothing stands after end', offset);
      if (content.length > MAX_LINE)
        throw new ExpressionError(`a line of a script has at most ${MAX_LINE} characters`, offset);
      lines.push(new LineReader(content, offset, index + 1, tolerance ?? DEFAULT_TOLERANCE).read());
    }
    offset += raw.length + 1;
  }
  if (!lines.some(({ kind }) => kind !== 'gap')) throw new ExpressionError('the script expects nothing', 0);
  return { text, lines };
}

class LineReader {
  private readonly text: string;
  private readonly offset: number;
  private readonly line: number;
  private readonly tolerance: Tolerance;
  private at = 0;

  constructor(text: string, offset: number, line: number, tolerance: Tolerance) {
    this.text = text;
    this.offset = offset;
    this.line = line;
    this.tolerance = tolerance;
  }

  read(): ExpectedLine {
    const { line } = this;
    const text = this.text.trim();
    if (text === '...') return { kind: 'gap', line, text };
    if (text === 'end') return { kind: 'end', line, text };
    const time = this.time(this.word('a time such as +0, +10ms or *'));
    const direction = this.word('> (from the client) or < (from the server)');
    if (direction !== '>' && direction !== '<') {
      throw this.error('expected > (from the client) or <; only packets are understood, no system calls');
    }
    const flags = this.flags(this.word('flags such as S, S. or P.'));
    const packet = { seq: null, length: null, ack: null, window: null, options: null, mayHaveMore: true };
    return {
      kind: 'packet',
      line,
      text,
      time,
      from: direction === '>' ? 'client' : 'server',
      flags,
      ...packet,
      ...this.fields(),
    };
  }

  private fields(): Partial<ExpectedPacket> {
    let fields: Partial<ExpectedPacket> = {};
    while (this.rest() !== '') {
      const word = this.word('a field');
      if (word === 'ack') fields = { ...fields, ack: this.number('ack') };
      else if (word === 'win') fields = { ...fields, window: this.number('win') };
      else if (word.startsWith('<')) fields = { ...fields, ...this.options(word) };
      else if (word !== '*' && word !== '...') fields = { ...fields, ...this.range(word) };
    }
    return fields;
  }

  private range(word: string): { seq: number; length: number } {
    const found = /^(\d+):(\d+)\((\d+)\)$/.exec(word);
    if (found === null) throw this.error(`expected FIRST:END(LENGTH), ack N, win N or <options>, found ${word}`);
    const [seq, end, length] = found.slice(1).map(Number);
    if (end - seq !== length) throw this.error(`${word}: from ${seq} to ${end} are ${end - seq} bytes, not ${length}`);
    return { seq, length };
  }

  private time(word: string): ExpectedTime | null {
    if (word === '*') return null;
    const parts = word.split('~');
    const isRelative = parts[0].startsWith('+');
    const bounds = parts.map((part) => this.seconds(part));
    if (bounds.length === 1) {
      const [time] = bounds;
      const slack = Math.max(this.tolerance.time, this.tolerance.share * time);
      return { isRelative, least: time - slack, most: time + slack };
    }
    if (bounds.length !== 2 || parts[1].startsWith('+') !== isRelative || bounds[1] < bounds[0]) {
      throw this.error(`a range of times is FROM~TO, such as +0~+50ms: ${word}`);
    }
    return { isRelative, least: bounds[0], most: bounds[1] };
  }

  private seconds(text: string): number {
    const found = /^\+?(\d*\.?\d+)([a-zµ]*)$/.exec(text);
    const value = found === null ? null : quantity(Number(found[1]), found[2] === '' ? 's' : found[2]);
    if (value === null || value.dimension !== TIME)
      throw this.error(`expected a time such as +.02, 20ms or *, found ${text}`);
    return value.value;
  }

  private flags(word: string): number | null {
    if (word === '*') return null;
    if (word === 'none' || word === '-') return 0;
    let flags = 0;
    for (const letter of word) {
      const bit = FLAG_LETTERS.indexOf(letter);
      if (bit < 0) throw this.error(`${word}: flags are the letters ${FLAG_LETTERS}, or *`);
      flags |= 1 << bit;
    }
    return flags;
  }

  private options(word: string): { options: ExpectedOption[] | null; mayHaveMore: boolean } {
    if (!word.endsWith('>')) throw this.error('the options end with >');
    const items = word
      .slice(1, -1)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '' && item !== 'nop' && item !== 'eol');
    const mayHaveMore = items.includes('...');
    const options = items.filter((item) => item !== '...').map((item) => this.option(item));
    return { options, mayHaveMore };
  }

  private option(item: string): ExpectedOption {
    const [name, ...words] = item.split(/\s+/);
    if (name === 'sackOK') return { name, values: [] };
    if (name === 'mss' || name === 'wscale') return { name, values: [this.value(words[0], item)] };
    if (name === 'TS') {
      const found = /^val (\S+) ecr (\S+)$/.exec(words.join(' '));
      if (found !== null) return { name, values: [this.value(found[1], item), this.value(found[2], item)] };
    }
    if (name === 'sack') {
      return {
        name,
        values: words.flatMap((block) =>
          block === '*' ? [null] : block.split(':').map((edge) => this.value(edge, item)),
        ),
      };
    }
    throw this.error(`options are mss N, wscale N, sackOK, TS val N ecr N, sack A:B, nop and ...; found ${item}`);
  }

  private value(word: string | undefined, item: string): number | null {
    if (word === '*') return null;
    if (word === undefined || !/^\d+$/.test(word)) throw this.error(`${item}: a number or * is missing`);
    return Number(word);
  }

  private number(name: string): number | null {
    return this.value(this.word(`a number after ${name}`), name);
  }

  private rest(): string {
    return this.text.slice(this.at).trim();
  }

  private word(expected: string): string {
    const found = /^\s*(<[^>\s][^>]*>|<>|\S+)/.exec(this.text.slice(this.at));
    if (found === null) throw this.error(`${expected} is missing`);
    this.at += found[0].length;
    return found[1];
  }

  private error(message: string): ExpressionError {
    const start = this.offset + Math.max(this.text.search(/\S/), 0);
    return new ExpressionError(`line ${this.line} of the script: ${message}`, start, this.offset + this.text.length);
  }
}
