import { ACK } from '../model/flags.ts';
import { MAX_SACK_BLOCKS, Option, type SegmentView } from '../model/segment.ts';
import { ExId, isAccEcnLength, isCookieLength, OptionKind } from './tcp-option-kinds.ts';

export { listOptions, type TcpOption } from './tcp-option-list.ts';

/**
 * Reads the options between `start` and `end` into `view`, as far as they lie before `captured`.
 *
 * An option of a wrong length is flagged and stepped over by that length, so that the others still count; one whose
 * length is below two or leaves the header ends the list (RFC 9293 section 3.1, MUST-7). Of an option that occurs twice
 * the last counts, as in Linux.
 */
export function scanOptions(
  bytes: Uint8Array,
  data: DataView,
  start: number,
  end: number,
  captured: number,
  view: SegmentView,
): void {
  let flags = 0;
  const readable = Math.min(end, captured);
  let at = start;
  while (at < readable) {
    const kind = bytes[at];
    if (kind === OptionKind.NOP) {
      at++;
      continue;
    }
    if (kind === OptionKind.END) {
      view.options = flags;
      return;
    }
    if (at + 1 >= readable) {
      if (at + 1 >= end) flags |= Option.MALFORMED;
      else flags |= Option.CUT;
      view.options = flags;
      return;
    }
    const length = bytes[at + 1];
    if (length < 2 || at + length > end) {
      view.options = flags | Option.MALFORMED;
      return;
    }
    if (at + length > readable) {
      // A SYN has no time stamp to echo (RFC 7323 section 3.2): half of the option is all of it. Captures of the first
      // 68 octets end there, and the handshake decides whether time stamps are on.
      if (kind === OptionKind.TIMESTAMPS && length === 10 && at + 6 <= readable && (view.flags & ACK) === 0) {
        view.tsVal = data.getUint32(at + 2);
        flags |= Option.TIMESTAMPS;
      }
      view.options = flags | Option.CUT;
      return;
    }
    switch (kind) {
      case OptionKind.MSS:
        if (length === 4) {
          view.mss = data.getUint16(at + 2);
          flags |= Option.MSS;
        } else flags |= Option.MALFORMED;
        break;
      case OptionKind.WSCALE:
        if (length === 3) {
          view.wscale = bytes[at + 2];
          flags |= Option.WSCALE;
        } else flags |= Option.MALFORMED;
        break;
      case OptionKind.SACK_PERMITTED:
        flags |= length === 2 ? Option.SACK_PERMITTED : Option.MALFORMED;
        break;
      case OptionKind.SACK: {
        const blocks = (length - 2) >>> 3;
        // Without a block it says nothing, and breaks no rule (RFC 2018 section 3).
        if (length === 2) break;
        if (length !== 2 + 8 * blocks || blocks > MAX_SACK_BLOCKS) {
          flags |= Option.MALFORMED;
          break;
        }
        for (let i = 0; i < 2 * blocks; i++) view.sack[i] = data.getUint32(at + 2 + 4 * i);
        view.sackCount = blocks;
        flags |= Option.SACK;
        break;
      }
      case OptionKind.TIMESTAMPS:
        if (length === 10) {
          view.tsVal = data.getUint32(at + 2);
          view.tsEcr = data.getUint32(at + 6);
          flags |= Option.TIMESTAMPS;
        } else flags |= Option.MALFORMED;
        break;
      case OptionKind.TFO:
        flags |= cookie(view, length - 2);
        break;
      case OptionKind.MD5:
        flags |= length === 18 ? Option.MD5 : Option.MALFORMED;
        break;
      case OptionKind.AO:
        // Two key identifiers, then the MAC (RFC 5925 section 2.2).
        flags |= length >= 4 ? Option.AO : Option.MALFORMED;
        break;
      case OptionKind.USER_TIMEOUT:
        flags |= length === 4 ? Option.USER_TIMEOUT : Option.MALFORMED;
        break;
      case OptionKind.MPTCP:
        if (length >= 3) {
          if (view.mptcpOffset < 0) view.mptcpOffset = at;
          flags |= Option.MPTCP;
        } else flags |= Option.MALFORMED;
        break;
      case OptionKind.ACCECN_0:
      case OptionKind.ACCECN_1:
        flags |= isAccEcnLength(length) ? Option.ACCECN : Option.MALFORMED;
        break;
      case OptionKind.EXPERIMENT_1:
      case OptionKind.EXPERIMENT_2:
        flags |= Option.EXPERIMENTAL;
        if (length >= 4) {
          const id = data.getUint16(at + 2);
          if (id === ExId.TFO) flags |= cookie(view, length - 4);
          else if (id === ExId.ACCECN_0 || id === ExId.ACCECN_1 || id === ExId.ACCECN) flags |= Option.ACCECN;
        }
        break;
      default:
        flags |= Option.UNKNOWN;
    }
    at += length;
  }
  if (readable < end) flags |= Option.CUT;
  view.options = flags;
}

function cookie(view: SegmentView, length: number): number {
  if (!isCookieLength(length)) return Option.MALFORMED;
  view.tfoCookieLength = length;
  return Option.TFO;
}
