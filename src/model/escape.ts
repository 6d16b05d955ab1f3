/**
 * Control characters, and the invisible ones that turn the direction of writing or join and split what is shown: text from
 * a capture or a file name could use them to write over the screen or to hide.
 */
const UNSAFE = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Cs}]/gu;

/**
 * Systems that run checks obey lines of their log: GitHub Actions those that begin with `::error ...::` (blanks before it do
 * not count, and any word may come to the start of a line when text is wrapped), and what follows `##[` anywhere. The names
 * of its commands have letters that are no hexadecimal digits, so that IPv6 addresses stay as they are.
 */
const COMMAND = /(?<!\S)::(?=[a-z-]{0,20}[g-z-][a-z-]{0,20}(?:[ \t][^\n]*?)?::)/i;
const COMMANDS = new RegExp(COMMAND, 'gi');
const OLD_COMMANDS = /##\[/g;

const HASH = 0x23;
const COLON = 0x3a;

/** A loop: on the short texts of cells a regular expression takes several times as long. */
export function isPlainAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/**
 * `text` as one line that is only shown: what a terminal would act upon is written as `\x1b` or `\u202e`, line ends too,
 * and what would be a command to a system that reads the log is broken.
 */
export function escapeText(text: string): string {
  if (isHarmless(text)) return text;
  return breakCommands(text.replace(UNSAFE, escaped), '\\x3a', '\\x5b');
}

/** The same for JSON, which is read back as it was: `\u009b`. Its own control characters are escaped already. */
export function escapeJson(json: string): string {
  if (isPlainAscii(json) && !json.includes('##[')) return json;
  return json
    .replace(UNSAFE, (character) => (character === '\n' ? character : unicode(character)))
    .replace(OLD_COMMANDS, '##\\u005b');
}

/** `text`, of one or more lines, without commands: their second colon and their bracket are replaced. */
export function breakCommands(text: string, colon: string, bracket: string): string {
  if (!text.includes('::') && !text.includes('##[')) return text;
  return text.replace(COMMANDS, `:${colon}`).replace(OLD_COMMANDS, `##${bracket}`);
}

function isHarmless(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
    if (code === HASH && text.startsWith('##[', i)) return false;
    if (code === COLON && i + 1 < text.length && text.charCodeAt(i + 1) === COLON && COMMAND.test(text)) return false;
  }
  return true;
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicode(character);
}

function unicode(character: string): string {
  return `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
}
