import {
  bad,
  hex,
  ipv4Text,
  ipv6Text,
  opaque,
  type Reader,
  type Reading,
  type Source,
  type TcpOptionValue,
} from './tcp-option-reading.ts';

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

export const mptcp: Reader = (source, at, length) => {
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
