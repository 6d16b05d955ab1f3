import type { Page } from './tool.ts';

/** Most characters of a page: some ten thousand tokens of a language model. */
export const MOST_CHARACTERS = 40_000;

/** The page of `lines` from `from` on. At least one line, whatever its length. */
export function pageOfLines(lines: readonly string[], from: number, data: Page['data']): Page {
  let end = from;
  for (let left = MOST_CHARACTERS; end < lines.length; end++) {
    left -= lines[end].length + 1;
    if (left < 0 && end > from) break;
  }
  return { lines: lines.slice(from, end), data, next: end < lines.length ? end : null };
}

/** Takes lines until a page is full. */
export class PageText {
  readonly lines: string[] = [];
  private left = MOST_CHARACTERS;

  /** False when there is no room for more; the first lines always find room. */
  add(text: string): boolean {
    this.left -= text.length + 1;
    if (this.left < 0 && this.lines.length > 0) return false;
    this.lines.push(text);
    return true;
  }
}
