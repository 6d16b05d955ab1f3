import { escapeText } from './escape.ts';

/**
 * A word as a shell takes it, so that a line can be copied whatever a file is called. What a terminal would act upon is written
 * as bash, zsh and ksh read it within `$'...'`.
 */
export function shellWord(word: string): string {
  // A name, not an option; standard input stays.
  if (/^-./.test(word)) return shellWord(`./${word}`);
  if (/^[\w./:@%+,=-]+$/.test(word) && escapeText(word) === word) return word;
  if (escapeText(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${escapeText(word.replace(/['\\]/g, '\\$&'))}'`;
}
