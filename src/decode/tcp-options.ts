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
    if (kind === OptionKind.TIMESTAMPS) {
      if (length === 10) {
        view.tsVal = data.getUint32(at + 2);
        view.tsEcr = data.getUint32(at + 6);
        flags |= Option.TIMESTAMPS;
      } else flags |= Option.MALFORMED;
    } else if (kind === OptionKind.SACK) flags |= sackBlocks(data, at, length, view);
    else flags |= otherOption(bytes, data, at, view);
    at += length;
  }
  if (readable < end) flags |= Option.CUT;
  view.options = flags;
}

/** The blocks of a SACK option at `at`; returns bits of `Option`, as all of these. */
function sackBlocks(data: DataView, at: number, length: number, view: SegmentView): number {
  // Without a block it says nothing, and breaks no rule (RFC 2018 section 3).
  if (length === 2) return 0;
  const blocks = (length - 2) >>> 3;
  if (length !== 2 + 8 * blocks || blocks > MAX_SACK_BLOCKS) return Option.MALFORMED;
  for (let i = 0; i < 2 * blocks; i++) view.sack[i] = data.getUint32(at + 2 + 4 * i);
  view.sackCount = blocks;
  return Option.SACK;
}

/** What hardly any segment but a SYN has. */
function otherOption(bytes: Uint8Array, data: DataView, at: number, view: SegmentView): number {
  const length = bytes[at + 1];
  switch (bytes[at]) {
    case OptionKind.MSS:
      if (length !== 4) return Option.MALFORMED;
      view.mss = data.getUint16(at + 2);
      return Option.MSS;
    case OptionKind.WSCALE:
      if (length !== 3) return Option.MALFORMED;
      view.wscale = bytes[at + 2];
      return Option.WSCALE;
    case OptionKind.SACK_PERMITTED:
      return length === 2 ? Option.SACK_PERMITTED : Option.MALFORMED;
    case OptionKind.TFO:
      return cookie(view, length - 2);
    case OptionKind.MD5:
      return length === 18 ? Option.MD5 : Option.MALFORMED;
    case OptionKind.AO:
      // Two key identifiers, then the MAC (RFC 5925 section 2.2).
      return length >= 4 ? Option.AO : Option.MALFORMED;
    case OptionKind.USER_TIMEOUT:
      return length === 4 ? Option.USER_TIMEOUT : Option.MALFORMED;
    case OptionKind.MPTCP:
      if (length < 3) return Option.MALFORMED;
      if (view.mptcpOffset < 0) view.mptcpOffset = at;
      return Option.MPTCP;
    case OptionKind.ACCECN_0:
    case OptionKind.ACCECN_1:
      return isAccEcnLength(length) ? Option.ACCECN : Option.MALFORMED;
    case OptionKind.EXPERIMENT_1:
    case OptionKind.EXPERIMENT_2:
      return Option.EXPERIMENTAL | (length >= 4 ? experiment(data.getUint16(at + 2), length, view) : 0);
    default:
      return Option.UNKNOWN;
  }
}

function experiment(id: number, length: number, view: SegmentView): number {
  if (id === ExId.TFO) return cookie(view, length - 4);
  return id === ExId.ACCECN_0 || id === ExId.ACCECN_1 || id === ExId.ACCECN ? Option.ACCECN : 0;
}

function cookie(view: SegmentView, length: number): number {
  if (!isCookieLength(length)) return Option.MALFORMED;
  view.tfoCookieLength = length;
  return Option.TFO;
}
