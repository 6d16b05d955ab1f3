/** TCP control bits, in the 12-bit word of RFC 9293 section 3.1 (AE per RFC 9768). */
export const FIN = 0x001;
export const SYN = 0x002;
export const RST = 0x004;
export const PSH = 0x008;
export const ACK = 0x010;
export const URG = 0x020;
export const ECE = 0x040;
export const CWR = 0x080;
export const AE = 0x100;
/** The three reserved bits above AE. */
export const RESERVED = 0xe00;

const LETTERS: ReadonlyArray<readonly [number, string]> = [
  [FIN, 'F'],
  [SYN, 'S'],
  [RST, 'R'],
  [PSH, 'P'],
  [ACK, '.'],
  [URG, 'U'],
  [ECE, 'E'],
  [CWR, 'W'],
  [AE, 'e'],
];

const cache = new Map<number, string>();

/** The flags as tcpdump 4.99 and later writes them: `S.`, `P.`, `F.`, `none`. */
export function flagLetters(flags: number): string {
  flags &= 0x1ff;
  let text = cache.get(flags);
  if (text === undefined) {
    text = '';
    for (const [bit, letter] of LETTERS) if (flags & bit) text += letter;
    if (text === '') text = 'none';
    cache.set(flags, text);
  }
  return text;
}

const NAMES: ReadonlyArray<readonly [number, string]> = [
  [SYN, 'SYN'],
  [FIN, 'FIN'],
  [RST, 'RST'],
  [PSH, 'PSH'],
  [ACK, 'ACK'],
  [URG, 'URG'],
  [ECE, 'ECE'],
  [CWR, 'CWR'],
  [AE, 'AE'],
];

/** The flags by their names: `SYN,ACK`, `none`. */
export function flagNames(flags: number): string {
  const names = NAMES.filter(([bit]) => flags & bit).map(([, name]) => name);
  return names.length === 0 ? 'none' : names.join(',');
}
