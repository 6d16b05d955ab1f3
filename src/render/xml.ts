import { escapeText } from '../model/escape.ts';

/** Characters that XML 1.0 does not allow, even escaped (section 2.2). */
const ILLEGAL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** `text` as the content of an element, in lines that are safe to show. */
export function escapeXml(text: string): string {
  const shown = text.split('\n').map(escapeText).join('\n');
  return shown.replace(ILLEGAL, '\ufffd').replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `text` as the value of an attribute in double quotes: line ends would be read as blanks there (section 3.3.3). */
export function escapeAttribute(text: string): string {
  return escapeXml(text).replace(/["\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
