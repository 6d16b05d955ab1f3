import { formatHex16 } from '../model/units.ts';
import { ExId, isAccEcnLength, isCookieLength, OptionKind } from './tcp-option-kinds.ts';
import { mptcp } from './tcp-option-mptcp.ts';
import {
  bad,
  fixed,
  hex,
  opaque,
  type Reader,
  type Reading,
  rest,
  type Source,
  type TcpOptionValue,
  u24,
} from './tcp-option-reading.ts';
import { riverbedProbe, riverbedTransparency, scpsCapabilities, snack } from './tcp-option-vendors.ts';

/** One option of a segment, for display and JSON. */
export interface TcpOption {
  kind: number;
  /** Short and stable, such as `mss` or `timestamps`; `unknown` when the kind has none. */
  name: string;
  /** Octets of the option by its own length field; 1 for `end` and `nop`. */
  length: number;
  fields: Readonly<Record<string, TcpOptionValue>>;
  /** Why the option is not well formed. */
  malformed?: string;
  /** True when the capture ends within the option. */
  cut?: true;
}

/**
 * All options between `start` and `end`, in order. The list stops at the end-of-list option and at an option whose
 * length is impossible, which is the last entry. `captured` is where the capture ends, if before `end`.
 *
 * Meant for output, not for every packet: `scanOptions` is.
 */
export function listOptions(
  bytes: Uint8Array,
  data: DataView,
  start: number,
  end: number,
  captured: number = end,
): TcpOption[] {
  const source = { bytes, data };
  const readable = Math.min(end, captured);
  const list: TcpOption[] = [];
  let at = start;
  while (at < readable) {
    const kind = bytes[at];
    if (kind === OptionKind.NOP) {
      list.push({ kind, name: 'nop', length: 1, fields: {} });
      at++;
      continue;
    }
    if (kind === OptionKind.END) {
      list.push(endOfList(bytes, at, readable));
      break;
    }
    const { name, read } = OPTIONS.get(kind) ?? UNKNOWN;
    if (at + 1 >= readable) {
      const option: TcpOption = { kind, name, length: 1, fields: {} };
      if (at + 1 >= end) option.malformed = 'no room for the length octet';
      else option.cut = true;
      list.push(option);
      break;
    }
    const length = bytes[at + 1];
    if (length < 2) {
      list.push({ kind, name, length, fields: {}, malformed: `length ${length}, the least is 2` });
      break;
    }
    if (at + length > end) {
      list.push({ kind, name, length, fields: {}, malformed: `length ${length}, but ${end - at} octets are left` });
      break;
    }
    if (at + length > readable) {
      list.push({ kind, name, length, fields: {}, cut: true });
      break;
    }
    const reading = read(source, at, length);
    const option: TcpOption = { kind, name, length, fields: reading.fields };
    if (reading.malformed !== undefined) option.malformed = reading.malformed;
    list.push(option);
    at += length;
  }
  return list;
}

function endOfList(bytes: Uint8Array, at: number, end: number): TcpOption {
  const padding = end - at - 1;
  const option: TcpOption = { kind: OptionKind.END, name: 'end', length: 1, fields: { padding } };
  for (let i = at + 1; i < end; i++) {
    if (bytes[i] !== 0) {
      // RFC 9293 section 3.1, MUST-69.
      option.malformed = 'octets after the end of the list are not zero';
      break;
    }
  }
  return option;
}

const value32 = fixed(6, (source, at) => ({ value: source.data.getUint32(at + 2) }));

/** RFC 2018 section 3. */
const sack: Reader = (source, at, length) => {
  const count = (length - 2) / 8;
  if (count < 1 || !Number.isInteger(count))
    return bad(source, at, length, `length ${length}, must be 2 + 8 per block`);
  const blocks: number[][] = [];
  for (let i = 0; i < count; i++) {
    blocks.push([source.data.getUint32(at + 2 + 8 * i), source.data.getUint32(at + 6 + 8 * i)]);
  }
  return { fields: { blocks } };
};

/** RFC 7413 section 4.1.1. */
function cookie(source: Source, from: number, to: number): Reading {
  const length = to - from;
  const fields: Record<string, TcpOptionValue> = length === 0 ? { request: true } : { cookie: hex(source, from, to) };
  return isCookieLength(length)
    ? { fields }
    : { fields, malformed: `cookie of ${length} octets, must be 4 to 16 and even` };
}

/** RFC 5925 section 2.2. */
const authentication: Reader = (source, at, length) =>
  length < 4
    ? bad(source, at, length, `length ${length}, the least is 4`)
    : {
        fields: {
          keyId: source.bytes[at + 2],
          rNextKeyId: source.bytes[at + 3],
          mac: hex(source, at + 4, at + length),
        },
      };

/** RFC 5482: the granularity bit, then 15 bits of minutes or seconds. */
const userTimeout = fixed(4, (source, at) => {
  const word = source.data.getUint16(at + 2);
  const minutes = (word & 0x8000) !== 0;
  const timeout = word & 0x7fff;
  return { timeout, unit: minutes ? 'minutes' : 'seconds', seconds: minutes ? timeout * 60 : timeout };
});

/** RFC 4782 section 3.2. */
const quickStart = fixed(8, (source, at) => ({
  rate: source.bytes[at + 2] & 0x0f,
  ttlDifference: source.bytes[at + 3],
  nonce: source.data.getUint32(at + 4) >>> 2,
}));

/** RFC 9768 section 3.2.3: byte counters of 24 bits, in this order or the reverse; trailing ones may be missing. */
function accEcn(order: readonly string[], header: number): Reader {
  return (source, at, length) => {
    if (!isAccEcnLength(length - header + 2)) return bad(source, at, length, `length ${length} is not whole counters`);
    const fields: Record<string, TcpOptionValue> = {};
    for (let i = 0; header + 3 * i + 3 <= length; i++) fields[order[i]] = u24(source, at + header + 3 * i);
    return { fields };
  };
}

const ACCECN_ORDER_0 = ['ee0b', 'eceb', 'ee1b'];
const ACCECN_ORDER_1 = ['ee1b', 'eceb', 'ee0b'];

/** Experiment identifiers (IANA TCP/UDP ExIDs). Those of 32 bits begin with the 16 bits that are listed here. */
const EXPERIMENTS: ReadonlyMap<number, string> = new Map([
  [0x00ac, 'tarr'],
  [0x0348, 'host-id'],
  [0x0a0d, 'autonomous-system-compensation'],
  [0x0ca0, 'capability'],
  [0x0ed0, 'extended-data-offset'],
  [0x454e, 'eno'],
  [0x5323, 'service-number'],
  [0x75ec, 'timestamp-interval'],
  [ExId.ACCECN_0, 'accecn-0'],
  [ExId.ACCECN_1, 'accecn-1'],
  [ExId.ACCECN, 'accecn'],
  [0xe2d4, 'smc-r'],
  [0xeb9f, 'bpf'],
  [ExId.TFO, 'tfo'],
  [0xf990, 'low-latency'],
]);

/** RFC 6994 section 3. */
const experiment: Reader = (source, at, length) => {
  if (length < 4) return opaque(source, at, length);
  const id = source.data.getUint16(at + 2);
  const fields: Record<string, TcpOptionValue> = { exId: formatHex16(id) };
  const name = EXPERIMENTS.get(id);
  if (name !== undefined) fields.experiment = name;
  const inner =
    id === ExId.TFO
      ? cookie(source, at + 4, at + length)
      : id === ExId.ACCECN_0 || id === ExId.ACCECN
        ? accEcn(ACCECN_ORDER_0, 4)(source, at, length)
        : id === ExId.ACCECN_1
          ? accEcn(ACCECN_ORDER_1, 4)(source, at, length)
          : rest(source, at, length, 4);
  return { ...inner, fields: { ...fields, ...inner.fields } };
};

const UNKNOWN = { name: 'unknown', read: opaque };

/** IANA TCP Option Kind Numbers. */
const OPTIONS: ReadonlyMap<number, { name: string; read: Reader }> = new Map([
  [OptionKind.MSS, { name: 'mss', read: fixed(4, (s, at) => ({ mss: s.data.getUint16(at + 2) })) }],
  [
    OptionKind.WSCALE,
    {
      name: 'wscale',
      // RFC 7323 section 2.3: shifts above 14 count as 14.
      read: fixed(3, (s, at) => ({ shift: s.bytes[at + 2], multiplier: 2 ** Math.min(14, s.bytes[at + 2]) })),
    },
  ],
  [OptionKind.SACK_PERMITTED, { name: 'sack-permitted', read: fixed(2, () => ({})) }],
  [OptionKind.SACK, { name: 'sack', read: sack }],
  [6, { name: 'echo', read: value32 }],
  [7, { name: 'echo-reply', read: value32 }],
  [
    OptionKind.TIMESTAMPS,
    {
      name: 'timestamps',
      read: fixed(10, (s, at) => ({ tsVal: s.data.getUint32(at + 2), tsEcr: s.data.getUint32(at + 6) })),
    },
  ],
  [9, { name: 'partial-order-permitted', read: fixed(2, () => ({})) }],
  [
    10,
    {
      name: 'partial-order-profile',
      read: fixed(3, (s, at) => ({ start: (s.bytes[at + 2] & 0x80) !== 0, end: (s.bytes[at + 2] & 0x40) !== 0 })),
    },
  ],
  [11, { name: 'cc', read: value32 }],
  [12, { name: 'cc-new', read: value32 }],
  [13, { name: 'cc-echo', read: value32 }],
  [14, { name: 'alternate-checksum-request', read: fixed(3, (s, at) => ({ algorithm: s.bytes[at + 2] })) }],
  [15, { name: 'alternate-checksum-data', read: opaque }],
  [16, { name: 'skeeter', read: opaque }],
  [17, { name: 'bubba', read: opaque }],
  [18, { name: 'trailer-checksum', read: opaque }],
  [OptionKind.MD5, { name: 'md5', read: fixed(18, (s, at) => ({ digest: hex(s, at + 2, at + 18) })) }],
  [20, { name: 'scps-capabilities', read: scpsCapabilities }],
  [21, { name: 'snack', read: snack }],
  [22, { name: 'scps-record-boundary', read: opaque }],
  [23, { name: 'scps-corruption', read: opaque }],
  [24, { name: 'snap', read: opaque }],
  [26, { name: 'compression-filter', read: opaque }],
  [27, { name: 'quick-start', read: quickStart }],
  [OptionKind.USER_TIMEOUT, { name: 'user-timeout', read: userTimeout }],
  [OptionKind.AO, { name: 'ao', read: authentication }],
  [OptionKind.MPTCP, { name: 'mptcp', read: mptcp }],
  [OptionKind.TFO, { name: 'tfo', read: (s: Source, at: number, length: number) => cookie(s, at + 2, at + length) }],
  [69, { name: 'eno', read: opaque }],
  [76, { name: 'riverbed-probe', read: riverbedProbe }],
  [78, { name: 'riverbed-transparency', read: riverbedTransparency }],
  [OptionKind.ACCECN_0, { name: 'accecn-0', read: accEcn(ACCECN_ORDER_0, 2) }],
  [OptionKind.ACCECN_1, { name: 'accecn-1', read: accEcn(ACCECN_ORDER_1, 2) }],
  [OptionKind.EXPERIMENT_1, { name: 'experiment-1', read: experiment }],
  [OptionKind.EXPERIMENT_2, { name: 'experiment-2', read: experiment }],
]);
