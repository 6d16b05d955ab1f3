import type { Endpoint } from '../model/endpoint.ts';
import { escapeText } from '../model/escape.ts';
import type { GapType, StreamSink } from '../model/stream.ts';
import { gapText } from './stream-notes.ts';
import type { Style } from './style.ts';

export interface StreamTextOptions {
  style: Style;
  /** Begin every line with `>` (client) or `<` (server). */
  marksSides: boolean;
  marksGaps: boolean;
  /** Urgent octets are not in the chunks and get a line of their own. */
  marksUrgent: boolean;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LINE_FEED = '\n';

/**
 * The streams as text in lines. UTF-8 is shown as such; octets that are none, control characters but line ends and tabs,
 * and characters that change the direction of writing are shown as `\x1b`. Line ends of both kinds become line feeds.
 */
export class StreamText implements StreamSink {
  private readonly write: (text: string) => void;
  private readonly options: StreamTextOptions;
  /** Octets of each side that may be the start of a longer character or line end. */
  private readonly rests = new Map<Endpoint, Uint8Array>();
  private side: Endpoint | null = null;
  private isLineStart = true;
  private readonly commands = new CommandBreaker();

  constructor(write: (text: string) => void, options: StreamTextOptions) {
    this.write = write;
    this.options = options;
  }

  chunk(sender: Endpoint, _offset: number, bytes: Uint8Array): void {
    const rest = this.rests.get(sender);
    const all = rest === undefined || rest.length === 0 ? bytes : joined(rest, bytes);
    const complete = completeLength(all);
    this.rests.set(sender, new Uint8Array(all.subarray(complete)));
    if (complete > 0) this.print(sender, decode(all.subarray(0, complete)));
  }

  gap(sender: Endpoint, start: number, end: number, type: GapType): void {
    if (this.options.marksGaps) this.mark(sender, gapText(start, end, type));
  }

  urgent(sender: Endpoint, offset: number, octet: number): void {
    if (this.options.marksUrgent) this.mark(sender, `[urgent at ${offset}: ${decode(Uint8Array.of(octet))}]`);
  }

  end(): void {
    for (const [sender, rest] of this.rests) if (rest.length > 0) this.print(sender, decode(rest));
    this.rests.clear();
    this.endLine();
  }

  private mark(sender: Endpoint, text: string): void {
    const rest = this.rests.get(sender);
    if (rest !== undefined && rest.length > 0) this.print(sender, decode(rest));
    this.rests.delete(sender);
    this.endLine();
    this.write(`${this.lineStart(sender)}${this.options.style.warning(text)}${LINE_FEED}`);
  }

  private print(sender: Endpoint, text: string): void {
    if (sender !== this.side) this.endLine();
    this.side = sender;
    const { style } = this.options;
    const paint = sender.isClient ? style.client : style.server;
    const lines = text.split(/\r?\n/);
    for (let i = 0; i < lines.length; i++) {
      const isLast = i === lines.length - 1;
      if (isLast && lines[i] === '') break;
      const start = this.isLineStart ? this.lineStart(sender) : '';
      if (this.isLineStart) this.commands.begin();
      const shown = this.commands.next(lines[i].split('\t').map(escapeText).join('\t'));
      this.write(start + (shown === '' ? '' : paint(shown)) + (isLast ? '' : LINE_FEED));
      this.isLineStart = !isLast;
    }
  }

  private lineStart(sender: Endpoint): string {
    if (!this.options.marksSides) return '';
    return this.options.style.quiet(sender.isClient ? '> ' : '< ');
  }

  private endLine(): void {
    if (this.isLineStart) return;
    this.write(LINE_FEED);
    this.isLineStart = true;
  }
}

/**
 * Breaks what a system that reads the log would obey, as `escapeText` does, in lines that come piece by piece: a command
 * may lie in several segments.
 */
class CommandBreaker {
  /** The line so far is blanks, or blanks and one colon. */
  private head: 'blank' | 'colon' | 'text' = 'blank';
  /** The last two characters. */
  private tail = '';

  begin(): void {
    this.head = 'blank';
    this.tail = '';
  }

  next(piece: string): string {
    const all = this.tail + piece;
    const bracket = all.indexOf('##[');
    if (this.head === 'text' && bracket < 0) {
      this.tail = all.slice(-2);
      return piece;
    }
    let text = '';
    for (const character of piece) {
      if (this.head === 'colon' && character === ':') text += '\\x3a';
      else if (character === '[' && this.tail === '##') text += '\\x5b';
      else text += character;
      if (this.head === 'colon' || !/\s/.test(character))
        this.head = this.head === 'blank' && character === ':' ? 'colon' : 'text';
      this.tail = (this.tail + character).slice(-2);
    }
    return text;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** How much of `bytes` can be decoded without knowing what follows: not a CR, or the start of a character, at the end. */
function completeLength(bytes: Uint8Array): number {
  const { length } = bytes;
  if (length > 0 && bytes[length - 1] === 0x0d) return length - 1;
  for (let back = 1; back <= 3 && back <= length; back++) {
    const needed = sequenceLength(bytes[length - back]);
    if (needed === 0) continue;
    return needed > back ? length - back : length;
  }
  return length;
}

/** Octets of a UTF-8 character that begins so (RFC 3629 section 3); 0 for one that cannot begin a character. */
function sequenceLength(octet: number): number {
  if (octet < 0x80) return 1;
  if (octet < 0xc2 || octet > 0xf4) return 0;
  return octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4;
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return decodeMixed(bytes);
  }
}

/** Octets that are no UTF-8 as `\\x1b`, what lies between them as it is. */
function decodeMixed(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  for (let i = 0; i < bytes.length; ) {
    const length = characterLength(bytes, i);
    if (length > 0) {
      i += length;
      continue;
    }
    if (i > from) text += UTF8.decode(bytes.subarray(from, i));
    text += `\\x${bytes[i].toString(16)}`;
    from = ++i;
  }
  return text + UTF8.decode(bytes.subarray(from));
}

/** Octets of the character at `at`; 0 where there is no whole and valid one (RFC 3629 section 4). */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const second = bytes[at + 1];
  const length = sequenceLength(first);
  if (length <= 1) return length;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (at + length > bytes.length || second < least || second > most) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  return length;
}
