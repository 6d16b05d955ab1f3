/**
 * Control characters, and the invisible ones that turn the direction of writing or join and split what is shown: text from
 * a capture or a file name could use them to write over the screen or to hide.
 */
const UNSAFE = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Cs}]/gu;

/** A loop: on the short texts of cells a regular expression takes several times as long. */
function isPlainAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** `text` with everything that a terminal would act upon written as `\x1b` or `\u202e`. */
export function escapeText(text: string): string {
  if (isPlainAscii(text)) return text;
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

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

/** Lines of at most `width` columns, broken at blanks; a longer word stands alone on its line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}
