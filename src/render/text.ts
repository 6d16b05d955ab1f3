import { isPlainAscii } from '../model/escape.ts';

/** Columns that `text` takes on a terminal: ideographs and emoji take two, combining marks none. No colour codes in it. */
export function textWidth(text: string): number {
  if (isPlainAscii(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (!/\p{M}/u.test(character)) width += isWide(character.codePointAt(0)!) ? 2 : 1;
  }
  return width;
}

/** East Asian Width W and F (Unicode Standard Annex 11), in coarse ranges. */
function isWide(code: number): boolean {
  if (code < 0x1100) return false;
  return (
    code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    code >= 0x20000
  );
}

/** `text` filled up with blanks to `width` columns; longer text stays as it is. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = width - textWidth(text);
  if (blanks <= 0) return text;
  return align === 'left' ? text + ' '.repeat(blanks) : ' '.repeat(blanks) + text;
}

/** `text` in at most `width` columns, the end replaced by an ellipsis where it does not fit. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = used + textWidth(character);
    if (next > width - 1) break;
    kept += character;
    used = next;
  }
  return width > 0 ? `${kept}…` : '';
}

/** Does not begin a line: closing brackets and punctuation of Chinese. */
const NOT_FIRST = '，。、；：？！）》」』”’';
/** Does not end one. */
const NOT_LAST = '（《「『“‘';

/**
 * Lines of at most `width` columns, broken at blanks, and before and after ideographs, which have no blanks between them; a
 * longer word stands alone on its line.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let gap = line === '' ? '' : ' ';
    for (const piece of isPlainAscii(word) ? [word] : pieces(word)) {
      if (line !== '' && textWidth(line) + gap.length + textWidth(piece) > width) {
        lines.push(line);
        line = piece;
      } else line += gap + piece;
      gap = '';
    }
  }
  lines.push(line);
  return lines;
}

/** The same for a screen of `width` columns; one line where there is no screen (null). */
export function fit(text: string, width: number | null): string[] {
  return width === null ? [text] : wrap(text, width);
}

/** What of a word stays together. */
function pieces(word: string): string[] {
  const found: string[] = [];
  let mayBreak = false;
  for (const character of word) {
    const wide = isWide(character.codePointAt(0)!);
    const isJoined = found.length > 0 && (NOT_FIRST.includes(character) || NOT_LAST.includes(found.at(-1)!.at(-1)!));
    if (found.length > 0 && (isJoined || !(wide || mayBreak))) found[found.length - 1] += character;
    else found.push(character);
    mayBreak = wide;
  }
  return found;
}
