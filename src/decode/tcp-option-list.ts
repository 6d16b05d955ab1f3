import { formatAddress } from '../model/address.ts';
import { formatHex16 } from '../model/units.ts';
import { ExId, isAccEcnLength, isCookieLength, OptionKind } from './tcp-option-kinds.ts';

/** Octet strings are lower-case hex; sequence numbers of 64 bits are decimal strings. */
export type TcpOptionValue = number | string | boolean | readonly number[] | readonly (readonly number[])[];

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

/** What one option reader returns. */
interface Reading {
  fields: Record<string, TcpOptionValue>;
  malformed?: string;
}

interface Source {
  bytes: Uint8Array;
  data: DataView;
}

/** Reads the option at `at`, whose `length` octets are all there. */
type Reader = (source: Source, at: number, length: number) => Reading;

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

function hex(source: Source, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += source.bytes[i].toString(16).padStart(2, '0');
  return text;
}

function u24(source: Source, at: number): number {
  return (source.bytes[at] << 16) | source.data.getUint16(at + 1);
}

function ipv4Text(source: Source, at: number): string {
  return formatAddress(4, 0, 0, 0, source.data.getUint32(at));
}

function ipv6Text(source: Source, at: number): string {
  const { data } = source;
  return formatAddress(6, data.getUint32(at), data.getUint32(at + 4), data.getUint32(at + 8), data.getUint32(at + 12));
}

/** Unreadable: the octets as they are, and why. */
function bad(source: Source, at: number, length: number, malformed: string): Reading {
  return { fields: { data: hex(source, at + 2, at + length) }, malformed };
}

/** A reader for options of exactly `required` octets. */
function fixed(required: number, read: (source: Source, at: number) => Record<string, TcpOptionValue>): Reader {
  return (source, at, length) =>
    length === required
      ? { fields: read(source, at) }
      : bad(source, at, length, `length ${length}, must be ${required}`);
}

/** The octets after kind and length, or after `header` octets. */
function rest(source: Source, at: number, length: number, header: number): Reading {
  const fields: Record<string, TcpOptionValue> = {};
  if (length > header) fields.data = hex(source, at + header, at + length);
  return { fields };
}

const opaque: Reader = (source, at, length) => rest(source, at, length, 2);

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

/** RFC 5482 section 2: the granularity bit, then 15 bits of minutes or seconds. */
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

/** SCPS-TP (CCSDS 714.0-B-2 section 3.2). */
const scpsCapabilities: Reader = (source, at, length) => {
  if (length < 4) return bad(source, at, length, `length ${length}, the least is 4`);
  const flags = source.bytes[at + 2];
  const fields: Record<string, TcpOptionValue> = {
    partialReliability: (flags & 0x80) !== 0,
    shortSnack: (flags & 0x40) !== 0,
    longSnack: (flags & 0x20) !== 0,
    compression: (flags & 0x10) !== 0,
    networkTimestamps: (flags & 0x08) !== 0,
    connectionId: source.bytes[at + 3],
  };
  if (length > 4) fields.extended = hex(source, at + 4, at + length);
  return { fields };
};

const snack: Reader = (source, at, length) => {
  if (length < 6) return bad(source, at, length, `length ${length}, the least is 6`);
  const fields: Record<string, TcpOptionValue> = {
    holeOffset: source.data.getUint16(at + 2),
    holeSize: source.data.getUint16(at + 4),
  };
  if (length > 6) fields.bits = hex(source, at + 6, at + length);
  return { fields };
};

const RIVERBED_PROBES = [
  'query',
  'response',
  'internal',
  'trace',
  'query-sh',
  'response-sh',
  'query-info',
  'response-info',
  'query-info-sh',
  'query-info-sid',
  'rst',
];

/** Undocumented by its maker; type and version are enough to recognise it. */
const riverbedProbe: Reader = (source, at, length) => {
  if (length < 4) return bad(source, at, length, `length ${length}, the least is 4`);
  const octet = source.bytes[at + 2];
  const type = octet >>> 4;
  return {
    fields: { type: RIVERBED_PROBES[type] ?? type, version: octet & 0x0f, data: hex(source, at + 3, at + length) },
  };
};

const riverbedTransparency: Reader = (source, at, length) => {
  if (length < 16) return bad(source, at, length, `length ${length}, the least is 16`);
  const fields: Record<string, TcpOptionValue> = {
    flags: source.data.getUint16(at + 2),
    source: ipv4Text(source, at + 4),
    destination: ipv4Text(source, at + 8),
    sourcePort: source.data.getUint16(at + 12),
    destinationPort: source.data.getUint16(at + 14),
  };
  if (length >= 18) fields.clientPort = source.data.getUint16(at + 16);
  return { fields };
};

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

/** MPTCP subtypes (RFC 8684 section 7.2). */
const MPTCP_SUBTYPES: readonly { name: string; read: Reader }[] = [
  { name: 'MP_CAPABLE', read: mpCapable },
  { name: 'MP_JOIN', read: mpJoin },
  { name: 'DSS', read: dataSequenceSignal },
  { name: 'ADD_ADDR', read: addAddress },
  { name: 'REMOVE_ADDR', read: removeAddress },
  { name: 'MP_PRIO', read: mpPriority },
  { name: 'MP_FAIL', read: mpFail },
  { name: 'MP_FASTCLOSE', read: mpFastClose },
  { name: 'MP_TCPRST', read: mpReset },
];

const MPTCP_EXPERIMENTAL = 15;

const mptcp: Reader = (source, at, length) => {
  if (length < 3) return bad(source, at, length, `length ${length}, the least is 3`);
  const subtype = source.bytes[at + 2] >>> 4;
  const known = MPTCP_SUBTYPES[subtype];
  const name = known?.name ?? (subtype === MPTCP_EXPERIMENTAL ? 'MP_EXPERIMENTAL' : 'unknown');
  const reading = (known?.read ?? opaque)(source, at, length);
  return { ...reading, fields: { subtype, subtypeName: name, ...reading.fields } };
};

function lengthsOf(...lengths: number[]): string {
  return lengths.join(', ').replace(/, (\d+)$/, ' or $1');
}

/** RFC 8684 section 3.1: nothing but flags in a SYN, then the keys, then the mapping of the first data. */
function mpCapable(source: Source, at: number, length: number): Reading {
  if (![4, 12, 20, 22, 24].includes(length)) {
    return bad(source, at, length, `length ${length}, must be ${lengthsOf(4, 12, 20, 22, 24)}`);
  }
  const flags = source.bytes[at + 3];
  const fields: Record<string, TcpOptionValue> = {
    version: source.bytes[at + 2] & 0x0f,
    checksumRequired: (flags & 0x80) !== 0,
    extensibility: (flags & 0x40) !== 0,
    noMoreSubflows: (flags & 0x20) !== 0,
    // HMAC-SHA256 in version 1, HMAC-SHA1 in version 0 (RFC 6824).
    hmac: (flags & 0x01) !== 0,
  };
  if (length >= 12) fields.senderKey = hex(source, at + 4, at + 12);
  if (length >= 20) fields.receiverKey = hex(source, at + 12, at + 20);
  if (length >= 22) fields.dataLength = source.data.getUint16(at + 20);
  if (length >= 24) fields.checksum = source.data.getUint16(at + 22);
  return { fields };
}

/** RFC 8684 section 3.2: one form for each segment of the handshake, told apart by the length. */
function mpJoin(source: Source, at: number, length: number): Reading {
  const { bytes, data } = source;
  if (length === 12) {
    return {
      fields: {
        backup: (bytes[at + 2] & 1) !== 0,
        addressId: bytes[at + 3],
        receiverToken: hex(source, at + 4, at + 8),
        senderNonce: data.getUint32(at + 8),
      },
    };
  }
  if (length === 16) {
    return {
      fields: {
        backup: (bytes[at + 2] & 1) !== 0,
        addressId: bytes[at + 3],
        senderHmac: hex(source, at + 4, at + 12),
        senderNonce: data.getUint32(at + 12),
      },
    };
  }
  if (length === 24) return { fields: { senderHmac: hex(source, at + 4, at + 24) } };
  return bad(source, at, length, `length ${length}, must be ${lengthsOf(12, 16, 24)}`);
}

/** RFC 8684 section 3.3. */
function dataSequenceSignal(source: Source, at: number, length: number): Reading {
  const { bytes, data } = source;
  if (length < 4) return bad(source, at, length, `length ${length}, the least is 4`);
  const flags = bytes[at + 3];
  const ackOctets = (flags & 0x01) === 0 ? 0 : (flags & 0x02) !== 0 ? 8 : 4;
  const sequenceOctets = (flags & 0x04) === 0 ? 0 : (flags & 0x08) !== 0 ? 8 : 4;
  const needed = 4 + ackOctets + (sequenceOctets === 0 ? 0 : sequenceOctets + 6);
  // The checksum is there when the length says so.
  const withChecksum = sequenceOctets !== 0 && length === needed + 2;
  if (length !== needed && !withChecksum) {
    return bad(source, at, length, `length ${length}, the flags ask for ${needed}`);
  }
  const fields: Record<string, TcpOptionValue> = { dataFin: (flags & 0x10) !== 0 };
  let i = at + 4;
  if (ackOctets !== 0) {
    fields.dataAck = wide(data, i, ackOctets);
    i += ackOctets;
  }
  if (sequenceOctets !== 0) {
    fields.dataSequence = wide(data, i, sequenceOctets);
    i += sequenceOctets;
    fields.subflowSequence = data.getUint32(i);
    fields.dataLength = data.getUint16(i + 4);
    if (withChecksum) fields.checksum = data.getUint16(i + 6);
  }
  return { fields };
}

function wide(data: DataView, at: number, octets: number): string {
  return octets === 8 ? data.getBigUint64(at).toString() : data.getUint32(at).toString();
}

/** RFC 8684 section 3.4.1; version 0 has the IP version in place of the echo flag and no HMAC (RFC 6824). */
function addAddress(source: Source, at: number, length: number): Reading {
  const { bytes, data } = source;
  if (![8, 10, 16, 18, 20, 22, 28, 30].includes(length)) {
    return bad(source, at, length, `length ${length}, must be ${lengthsOf(8, 10, 16, 18, 20, 22, 28, 30)}`);
  }
  const low = bytes[at + 2] & 0x0f;
  const isIpv4 = length <= 18;
  const fields: Record<string, TcpOptionValue> = { addressId: bytes[at + 3] };
  if (low === 4 || low === 6) fields.ipVersion = low;
  else fields.echo = (low & 1) !== 0;
  let i = at + 4;
  fields.address = isIpv4 ? ipv4Text(source, i) : ipv6Text(source, i);
  i += isIpv4 ? 4 : 16;
  const left = at + length - i;
  if (left === 2 || left === 10) {
    fields.port = data.getUint16(i);
    i += 2;
  }
  if (left >= 8) fields.hmac = hex(source, i, at + length);
  return { fields };
}

/** RFC 8684 section 3.4.2. */
function removeAddress(source: Source, at: number, length: number): Reading {
  if (length < 4) return bad(source, at, length, `length ${length}, the least is 4`);
  const addressIds: number[] = [];
  for (let i = at + 3; i < at + length; i++) addressIds.push(source.bytes[i]);
  return { fields: { addressIds } };
}

/** RFC 8684 section 3.3.8; version 0 may add the address (RFC 6824 section 3.3.8). */
function mpPriority(source: Source, at: number, length: number): Reading {
  if (length !== 3 && length !== 4) return bad(source, at, length, `length ${length}, must be 3 or 4`);
  const fields: Record<string, TcpOptionValue> = { backup: (source.bytes[at + 2] & 1) !== 0 };
  if (length === 4) fields.addressId = source.bytes[at + 3];
  return { fields };
}

/** RFC 8684 section 3.7. */
function mpFail(source: Source, at: number, length: number): Reading {
  if (length !== 12) return bad(source, at, length, `length ${length}, must be 12`);
  return { fields: { dataSequence: wide(source.data, at + 4, 8) } };
}

/** RFC 8684 section 3.5. */
function mpFastClose(source: Source, at: number, length: number): Reading {
  if (length !== 12) return bad(source, at, length, `length ${length}, must be 12`);
  return { fields: { receiverKey: hex(source, at + 4, at + 12) } };
}

/** RFC 8684 section 7.4. */
const RESET_REASONS = [
  'unspecified error',
  'MPTCP-specific error',
  'lack of resources',
  'administratively prohibited',
  'too much outstanding data',
  'unacceptable performance',
  'middlebox interference',
];

/** RFC 8684 section 3.6. */
function mpReset(source: Source, at: number, length: number): Reading {
  if (length !== 4) return bad(source, at, length, `length ${length}, must be 4`);
  const reason = source.bytes[at + 3];
  const fields: Record<string, TcpOptionValue> = { transient: (source.bytes[at + 2] & 1) !== 0, reason };
  const text = RESET_REASONS[reason];
  if (text !== undefined) fields.reasonText = text;
  return { fields };
}

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
