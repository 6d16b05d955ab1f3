import type { Dissection } from './dissection.ts';
import { BAD_OPTION, CUT_OPTION, OptionPlace, printOptionValue } from './tcpdump-option-values.ts';

/** How the list of options ended; tcpdump leaves the line differently each time. */
export const OptionsEnd = { WHOLE: 0, BAD: 1, CUT: 2 } as const;

const NAMES: Record<number, string> = {
  0: 'eol',
  1: 'nop',
  2: 'mss',
  3: 'wscale',
  4: 'sackOK',
  5: 'sack',
  6: 'echo',
  7: 'echoreply',
  8: 'TS',
  11: 'cc',
  12: 'ccnew',
  // tcpdump has no name for CC.ECHO either.
  13: '',
  19: 'md5',
  20: 'scps',
  28: 'uto',
  29: 'tcp-ao',
  30: 'mptcp',
  34: 'tfo',
  254: 'exp',
};

/**
 * Writes `, options [...]` as tcpdump does (print-tcp.c, "Handle any options").
 *
 * The list is walked by what each kind is meant to hold, not by its length octet: a length that disagrees is
 * written after the value as `[len N]` and the walk goes on right after the value, so a wrong length garbles what follows as it does in
 * tcpdump. A value that does not fit into the header is a bad option; one that does not fit into the capture is cut.
 */
export function printTcpOptions(
  d: Dissection,
  at: number,
  length: number,
  flags: number,
  sackBase: number,
  payloadEnd: number,
): number {
  d.text += ', options [';
  const option = new OptionPlace(d, flags, sackBase, payloadEnd);
  let left = length;
  let isFirst = true;
  while (left > 0) {
    if (!isFirst) d.text += ',';
    const kind = d.u8(at++);
    let size = 1;
    if (kind > 1) {
      size = d.u8(at++);
      if (size < 2 || size > left) return endBad(d, isFirst);
      left--;
    }
    left--;
    d.text += NAMES[kind] ?? `unknown-${kind}`;
    option.at = at;
    option.size = size;
    option.left = left;
    const used = printOptionValue(kind, option);
    if (used === BAD_OPTION) return endBad(d, isFirst);
    if (used === CUT_OPTION) {
      d.text += ` [|${d.protocol}]${isFirst ? '' : '>'}`;
      return OptionsEnd.CUT;
    }
    at += used;
    left -= used;
    if (used + (kind > 1 ? 2 : 1) !== size) d.text += `[len ${size}]`;
    isFirst = false;
    if (kind === 0) break;
  }
  d.text += ']';
  return OptionsEnd.WHOLE;
}

/** The bracket is closed only after a good option: tcpdump's own slip. */
function endBad(d: Dissection, isFirst: boolean): number {
  d.text += `[bad opt]${isFirst ? '' : ']'}`;
  return OptionsEnd.BAD;
}
