/** Hex dumps as tcpdump's `-x`, `-X` and `-A` write them (print-ascii.c): every line is preceded by a line feed. */

export const BYTES_PER_LINE = 16;
/** Eight groups of a blank and four digits. */
const HEX_WIDTH = 40;

const isGraph = (byte: number) => byte > 0x20 && byte < 0x7f;

const PAIRS: string[] = [];
for (let i = 0; i < 256; i++) PAIRS.push(i.toString(16).padStart(2, '0'));

function hexGroups(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += (i - from) % 2 === 0 ? ` ${PAIRS[bytes[i]]}` : PAIRS[bytes[i]];
  return text;
}

const lineStart = (from: number) => `\n\t0x${from.toString(16).padStart(4, '0')}: `;

/** `-x`: digits only. */
export function hexDump(bytes: Uint8Array, offset: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i += BYTES_PER_LINE) {
    text += lineStart(i) + hexGroups(bytes, offset + i, offset + Math.min(i + BYTES_PER_LINE, length));
  }
  return text;
}

/** `-X`: digits and printable characters. */
export function hexAsciiDump(bytes: Uint8Array, offset: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i += BYTES_PER_LINE) {
    const from = offset + i;
    const to = offset + Math.min(i + BYTES_PER_LINE, length);
    let ascii = '';
    for (let j = from; j < to; j++) ascii += isGraph(bytes[j]) ? String.fromCharCode(bytes[j]) : '.';
    text += `${lineStart(i)}${hexGroups(bytes, from, to).padEnd(HEX_WIDTH)}  ${ascii}`;
  }
  return text;
}

/** `-A`: text with its own line ends; a CR is dropped before LF and at the end, and is a dot elsewhere. */
export function asciiDump(bytes: Uint8Array, offset: number, length: number): string {
  let text = '\n';
  const end = offset + length;
  for (let i = offset; i < end; i++) {
    const byte = bytes[i];
    if (byte === 0x0d) {
      if (end - i > 2 && bytes[i + 1] !== 0x0a) text += '.';
    } else {
      text += isGraph(byte) || byte === 0x09 || byte === 0x0a || byte === 0x20 ? String.fromCharCode(byte) : '.';
    }
  }
  return text;
}
