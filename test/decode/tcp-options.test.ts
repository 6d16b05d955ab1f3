import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listOptions } from '../../src/decode/tcp-options.ts';
import { Option, type SegmentView } from '../../src/model/segment.ts';
import { address, type Bytes, decode, hex, ipv4, join, LINK_RAW, options, tcpSegment, u16, u24, u32 } from './build.ts';

function scan(bytes: Bytes | number[]): SegmentView {
  const view = decode(ipv4({}, tcpSegment({ options: bytes, payload: [1, 2, 3, 4] })), { linkType: LINK_RAW });
  expect(view.status).toBe(0);
  expect(view.payloadLength).toBe(4);
  return view;
}

function list(bytes: Bytes | number[], captured?: number) {
  // Poison after the options must not be read.
  const memory = join([0xee, 0xee, 0xee], bytes, new Array<number>(40).fill(0xee));
  const end = 3 + bytes.length;
  return listOptions(memory, new DataView(memory.buffer), 3, end, captured === undefined ? undefined : 3 + captured);
}

const KEY_A = hex('0102030405060708');
const KEY_B = hex('1112131415161718');
const HMAC = hex('a1a2a3a4a5a6a7a8');

interface Row {
  name: string;
  bytes: Bytes | number[];
  /** Bits that `scanOptions` sets. */
  bits: number;
  view?: Partial<SegmentView>;
  sack?: number[];
  listed: string;
  fields: object;
}

const mptcp = (...parts: (number[] | Bytes)[]) => {
  const body = join(...parts);
  return join([30, body.length + 2], body);
};
const experiment = (kind: number, ...parts: (number[] | Bytes)[]) => {
  const body = join(...parts);
  return join([kind, body.length + 2], body);
};

const MPTCP = { bits: Option.MPTCP, listed: 'mptcp' };
const V6 = '2001:db8::7';

const rows: Row[] = [
  {
    name: 'MSS',
    bytes: [2, 4, 0xff, 0xd7],
    bits: Option.MSS,
    view: { mss: 65495 },
    listed: 'mss',
    fields: { mss: 65495 },
  },
  {
    name: 'window scale',
    bytes: [3, 3, 7],
    bits: Option.WSCALE,
    view: { wscale: 7 },
    listed: 'wscale',
    fields: { shift: 7, multiplier: 128 },
  },
  {
    name: 'window scale beyond 14',
    bytes: [3, 3, 200],
    bits: Option.WSCALE,
    view: { wscale: 200 },
    listed: 'wscale',
    fields: { shift: 200, multiplier: 16384 },
  },
  { name: 'SACK permitted', bytes: [4, 2], bits: Option.SACK_PERMITTED, listed: 'sack-permitted', fields: {} },
  ...[1, 2, 3, 4].map((n): Row => {
    const edges = Array.from({ length: 2 * n }, (_, i) => (0xfffffff0 + i * 10) >>> 0);
    const blocks = Array.from({ length: n }, (_, i) => [edges[2 * i], edges[2 * i + 1]]);
    return {
      name: `SACK of ${n}`,
      bytes: [5, 2 + 8 * n, ...edges.flatMap(u32)],
      bits: Option.SACK,
      view: { sackCount: n },
      sack: edges,
      listed: 'sack',
      fields: { blocks },
    };
  }),
  {
    name: 'timestamps',
    bytes: [8, 10, ...u32(0xffffffff), ...u32(0x80000000)],
    bits: Option.TIMESTAMPS,
    view: { tsVal: 0xffffffff, tsEcr: 0x80000000 },
    listed: 'timestamps',
    fields: { tsVal: 0xffffffff, tsEcr: 0x80000000 },
  },
  {
    name: 'TFO request',
    bytes: [34, 2],
    bits: Option.TFO,
    view: { tfoCookieLength: 0 },
    listed: 'tfo',
    fields: { request: true },
  },
  {
    name: 'TFO cookie',
    bytes: join([34, 10], KEY_A),
    bits: Option.TFO,
    view: { tfoCookieLength: 8 },
    listed: 'tfo',
    fields: { cookie: '0102030405060708' },
  },
  {
    name: 'experimental TFO',
    bytes: experiment(254, u16(0xf989), KEY_A),
    bits: Option.TFO | Option.EXPERIMENTAL,
    view: { tfoCookieLength: 8 },
    listed: 'experiment-2',
    fields: { exId: '0xf989', experiment: 'tfo', cookie: '0102030405060708' },
  },
  {
    name: 'experimental TFO request',
    bytes: experiment(253, u16(0xf989)),
    bits: Option.TFO | Option.EXPERIMENTAL,
    view: { tfoCookieLength: 0 },
    listed: 'experiment-1',
    fields: { exId: '0xf989', experiment: 'tfo', request: true },
  },
  {
    name: 'MD5',
    bytes: join([19, 18], KEY_A, KEY_B),
    bits: Option.MD5,
    listed: 'md5',
    fields: { digest: '01020304050607081112131415161718' },
  },
  {
    name: 'AO',
    bytes: join([29, 16, 3, 4], KEY_A, u32(0x0a0b0c0d)),
    bits: Option.AO,
    listed: 'ao',
    fields: { keyId: 3, rNextKeyId: 4, mac: '01020304050607080a0b0c0d' },
  },
  {
    name: 'user timeout in minutes',
    bytes: [28, 4, 0x80, 5],
    bits: Option.USER_TIMEOUT,
    listed: 'user-timeout',
    fields: { timeout: 5, unit: 'minutes', seconds: 300 },
  },
  {
    name: 'user timeout in seconds',
    bytes: [28, 4, 0x7f, 0xff],
    bits: Option.USER_TIMEOUT,
    listed: 'user-timeout',
    fields: { timeout: 32767, unit: 'seconds', seconds: 32767 },
  },
  {
    name: 'AccECN order 0',
    bytes: [172, 11, ...u24(1), ...u24(0xabcdef), ...u24(3)],
    bits: Option.ACCECN,
    listed: 'accecn-0',
    fields: { ee0b: 1, eceb: 0xabcdef, ee1b: 3 },
  },
  {
    name: 'AccECN order 1',
    bytes: [174, 8, ...u24(1), ...u24(2)],
    bits: Option.ACCECN,
    listed: 'accecn-1',
    fields: { ee1b: 1, eceb: 2 },
  },
  { name: 'AccECN without counters', bytes: [172, 2], bits: Option.ACCECN, listed: 'accecn-0', fields: {} },
  {
    name: 'experimental AccECN',
    bytes: experiment(254, u16(0xacc1), u24(7)),
    bits: Option.ACCECN | Option.EXPERIMENTAL,
    listed: 'experiment-2',
    fields: { exId: '0xacc1', experiment: 'accecn-1', ee1b: 7 },
  },
  {
    name: 'SMC-R',
    bytes: experiment(254, u32(0xe2d4c3d9)),
    bits: Option.EXPERIMENTAL,
    listed: 'experiment-2',
    fields: { exId: '0xe2d4', experiment: 'smc-r', data: 'c3d9' },
  },
  {
    name: 'unknown experiment',
    bytes: experiment(253, u16(1), [9]),
    bits: Option.EXPERIMENTAL,
    listed: 'experiment-1',
    fields: { exId: '0x0001', data: '09' },
  },
  {
    name: 'experiment without identifier',
    bytes: [254, 2],
    bits: Option.EXPERIMENTAL,
    listed: 'experiment-2',
    fields: {},
  },
  { name: 'unknown', bytes: [200, 4, 1, 2], bits: Option.UNKNOWN, listed: 'unknown', fields: { data: '0102' } },
  { name: 'echo', bytes: [6, 6, ...u32(99)], bits: Option.UNKNOWN, listed: 'echo', fields: { value: 99 } },
  { name: 'echo reply', bytes: [7, 6, ...u32(99)], bits: Option.UNKNOWN, listed: 'echo-reply', fields: { value: 99 } },
  { name: 'CC', bytes: [11, 6, ...u32(1)], bits: Option.UNKNOWN, listed: 'cc', fields: { value: 1 } },
  { name: 'CC.NEW', bytes: [12, 6, ...u32(1)], bits: Option.UNKNOWN, listed: 'cc-new', fields: { value: 1 } },
  { name: 'CC.ECHO', bytes: [13, 6, ...u32(1)], bits: Option.UNKNOWN, listed: 'cc-echo', fields: { value: 1 } },
  {
    name: 'partial order permitted',
    bytes: [9, 2],
    bits: Option.UNKNOWN,
    listed: 'partial-order-permitted',
    fields: {},
  },
  {
    name: 'partial order profile',
    bytes: [10, 3, 0x80],
    bits: Option.UNKNOWN,
    listed: 'partial-order-profile',
    fields: { start: true, end: false },
  },
  {
    name: 'alternate checksum',
    bytes: [14, 3, 1],
    bits: Option.UNKNOWN,
    listed: 'alternate-checksum-request',
    fields: { algorithm: 1 },
  },
  {
    name: 'alternate checksum data',
    bytes: [15, 4, 0xab, 0xcd],
    bits: Option.UNKNOWN,
    listed: 'alternate-checksum-data',
    fields: { data: 'abcd' },
  },
  { name: 'Skeeter', bytes: [16, 3, 1], bits: Option.UNKNOWN, listed: 'skeeter', fields: { data: '01' } },
  { name: 'Bubba', bytes: [17, 2], bits: Option.UNKNOWN, listed: 'bubba', fields: {} },
  {
    name: 'trailer checksum',
    bytes: [18, 3, 1],
    bits: Option.UNKNOWN,
    listed: 'trailer-checksum',
    fields: { data: '01' },
  },
  {
    name: 'SCPS capabilities',
    bytes: [20, 4, 0xa8, 5],
    bits: Option.UNKNOWN,
    listed: 'scps-capabilities',
    fields: {
      partialReliability: true,
      shortSnack: false,
      longSnack: true,
      compression: false,
      networkTimestamps: true,
      connectionId: 5,
    },
  },
  {
    name: 'SNACK',
    bytes: [21, 6, 0, 3, 0, 9],
    bits: Option.UNKNOWN,
    listed: 'snack',
    fields: { holeOffset: 3, holeSize: 9 },
  },
  { name: 'record boundary', bytes: [22, 2], bits: Option.UNKNOWN, listed: 'scps-record-boundary', fields: {} },
  { name: 'corruption experienced', bytes: [23, 2], bits: Option.UNKNOWN, listed: 'scps-corruption', fields: {} },
  { name: 'SNAP', bytes: [24, 3, 1], bits: Option.UNKNOWN, listed: 'snap', fields: { data: '01' } },
  { name: 'compression filter', bytes: [26, 2], bits: Option.UNKNOWN, listed: 'compression-filter', fields: {} },
  {
    name: 'Quick-Start',
    bytes: [27, 8, 0x0b, 250, ...u32(0x80000004)],
    bits: Option.UNKNOWN,
    listed: 'quick-start',
    fields: { rate: 11, ttlDifference: 250, nonce: 0x20000001 },
  },
  { name: 'ENO', bytes: [69, 3, 0x21], bits: Option.UNKNOWN, listed: 'eno', fields: { data: '21' } },
  {
    name: 'Riverbed probe',
    bytes: [76, 10, 0x11, 0, ...u32(0x0a000001), 0, 5],
    bits: Option.UNKNOWN,
    listed: 'riverbed-probe',
    fields: { type: 'response', version: 1, data: '000a0000010005' },
  },
  {
    name: 'Riverbed transparency',
    bytes: [78, 18, 0, 1, ...u32(0x0a000001), ...u32(0x0a000002), ...u16(7810), ...u16(7800), ...u16(9)],
    bits: Option.UNKNOWN,
    listed: 'riverbed-transparency',
    fields: {
      flags: 1,
      source: '10.0.0.1',
      destination: '10.0.0.2',
      sourcePort: 7810,
      destinationPort: 7800,
      clientPort: 9,
    },
  },
  {
    ...MPTCP,
    name: 'MP_CAPABLE SYN',
    bytes: mptcp([0x01, 0x81]),
    fields: {
      subtype: 0,
      subtypeName: 'MP_CAPABLE',
      version: 1,
      checksumRequired: true,
      extensibility: false,
      noMoreSubflows: false,
      hmac: true,
    },
  },
  {
    ...MPTCP,
    name: 'MP_CAPABLE SYN-ACK',
    bytes: mptcp([0x01, 0x01], KEY_B),
    fields: {
      subtype: 0,
      subtypeName: 'MP_CAPABLE',
      version: 1,
      checksumRequired: false,
      extensibility: false,
      noMoreSubflows: false,
      hmac: true,
      senderKey: '1112131415161718',
    },
  },
  {
    ...MPTCP,
    name: 'MP_CAPABLE with data and checksum',
    bytes: mptcp([0x01, 0x21], KEY_A, KEY_B, u16(1000), u16(0xbeef)),
    fields: {
      subtype: 0,
      subtypeName: 'MP_CAPABLE',
      version: 1,
      checksumRequired: false,
      extensibility: false,
      noMoreSubflows: true,
      hmac: true,
      senderKey: '0102030405060708',
      receiverKey: '1112131415161718',
      dataLength: 1000,
      checksum: 0xbeef,
    },
  },
  {
    ...MPTCP,
    name: 'MP_JOIN SYN',
    bytes: mptcp([0x11, 4], u32(0xcafebabe), u32(0x80000000)),
    fields: {
      subtype: 1,
      subtypeName: 'MP_JOIN',
      backup: true,
      addressId: 4,
      receiverToken: 'cafebabe',
      senderNonce: 0x80000000,
    },
  },
  {
    ...MPTCP,
    name: 'MP_JOIN SYN-ACK',
    bytes: mptcp([0x10, 4], HMAC, u32(5)),
    fields: {
      subtype: 1,
      subtypeName: 'MP_JOIN',
      backup: false,
      addressId: 4,
      senderHmac: 'a1a2a3a4a5a6a7a8',
      senderNonce: 5,
    },
  },
  {
    ...MPTCP,
    name: 'MP_JOIN ACK',
    bytes: mptcp([0x10, 0], HMAC, HMAC, u32(1)),
    fields: { subtype: 1, subtypeName: 'MP_JOIN', senderHmac: 'a1a2a3a4a5a6a7a8a1a2a3a4a5a6a7a800000001' },
  },
  {
    ...MPTCP,
    name: 'DSS ack',
    bytes: mptcp([0x20, 0x01], u32(0xfffffffe)),
    fields: { subtype: 2, subtypeName: 'DSS', dataFin: false, dataAck: '4294967294' },
  },
  {
    ...MPTCP,
    name: 'DSS whole',
    bytes: mptcp([0x20, 0x1f], hex('ffffffffffffffff'), hex('8000000000000001'), u32(77), u16(1400), u16(0x1234)),
    fields: {
      subtype: 2,
      subtypeName: 'DSS',
      dataFin: true,
      dataAck: '18446744073709551615',
      dataSequence: '9223372036854775809',
      subflowSequence: 77,
      dataLength: 1400,
      checksum: 0x1234,
    },
  },
  {
    ...MPTCP,
    name: 'DSS map of 4 octets without checksum',
    bytes: mptcp([0x20, 0x04], u32(9), u32(1), u16(10)),
    fields: { subtype: 2, subtypeName: 'DSS', dataFin: false, dataSequence: '9', subflowSequence: 1, dataLength: 10 },
  },
  {
    ...MPTCP,
    name: 'ADD_ADDR',
    bytes: mptcp([0x30, 2], address('192.0.2.7'), HMAC),
    fields: {
      subtype: 3,
      subtypeName: 'ADD_ADDR',
      addressId: 2,
      echo: false,
      address: '192.0.2.7',
      hmac: 'a1a2a3a4a5a6a7a8',
    },
  },
  {
    ...MPTCP,
    name: 'ADD_ADDR echo with port',
    bytes: mptcp([0x31, 2], address('192.0.2.7'), u16(8080)),
    fields: { subtype: 3, subtypeName: 'ADD_ADDR', addressId: 2, echo: true, address: '192.0.2.7', port: 8080 },
  },
  {
    ...MPTCP,
    name: 'ADD_ADDR IPv6 with port',
    bytes: mptcp([0x30, 2], address(V6), u16(1), HMAC),
    fields: {
      subtype: 3,
      subtypeName: 'ADD_ADDR',
      addressId: 2,
      echo: false,
      address: V6,
      port: 1,
      hmac: 'a1a2a3a4a5a6a7a8',
    },
  },
  {
    ...MPTCP,
    name: 'ADD_ADDR of version 0',
    bytes: mptcp([0x34, 2], address('192.0.2.7')),
    fields: { subtype: 3, subtypeName: 'ADD_ADDR', addressId: 2, ipVersion: 4, address: '192.0.2.7' },
  },
  {
    ...MPTCP,
    name: 'REMOVE_ADDR',
    bytes: mptcp([0x40, 1, 2, 3]),
    fields: { subtype: 4, subtypeName: 'REMOVE_ADDR', addressIds: [1, 2, 3] },
  },
  { ...MPTCP, name: 'MP_PRIO', bytes: mptcp([0x51]), fields: { subtype: 5, subtypeName: 'MP_PRIO', backup: true } },
  {
    ...MPTCP,
    name: 'MP_PRIO of version 0',
    bytes: mptcp([0x50, 9]),
    fields: { subtype: 5, subtypeName: 'MP_PRIO', backup: false, addressId: 9 },
  },
  {
    ...MPTCP,
    name: 'MP_FAIL',
    bytes: mptcp([0x60, 0], hex('0000000100000000')),
    fields: { subtype: 6, subtypeName: 'MP_FAIL', dataSequence: '4294967296' },
  },
  {
    ...MPTCP,
    name: 'MP_FASTCLOSE',
    bytes: mptcp([0x70, 0], KEY_B),
    fields: { subtype: 7, subtypeName: 'MP_FASTCLOSE', receiverKey: '1112131415161718' },
  },
  {
    ...MPTCP,
    name: 'MP_TCPRST',
    bytes: mptcp([0x81, 2]),
    fields: { subtype: 8, subtypeName: 'MP_TCPRST', transient: true, reason: 2, reasonText: 'lack of resources' },
  },
  {
    ...MPTCP,
    name: 'MP_TCPRST of unknown reason',
    bytes: mptcp([0x80, 99]),
    fields: { subtype: 8, subtypeName: 'MP_TCPRST', transient: false, reason: 99 },
  },
  {
    ...MPTCP,
    name: 'MP_EXPERIMENTAL',
    bytes: mptcp([0xf0, 1]),
    fields: { subtype: 15, subtypeName: 'MP_EXPERIMENTAL', data: 'f001' },
  },
  {
    ...MPTCP,
    name: 'unassigned MPTCP subtype',
    bytes: mptcp([0x90]),
    fields: { subtype: 9, subtypeName: 'unknown', data: '90' },
  },
];

describe('options', () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', (_, row) => {
    const view = scan(options(row.bytes));
    expect(view.options).toBe(row.bits);
    for (const [key, value] of Object.entries(row.view ?? {})) expect(view[key as keyof SegmentView]).toBe(value);
    expect([...view.sack.subarray(0, 2 * view.sackCount)]).toEqual(row.sack ?? []);
    expect(view.mptcpOffset).toBe(row.bits & Option.MPTCP ? view.tcpOffset + 20 : -1);
    if (!(row.bits & Option.TFO)) expect(view.tfoCookieLength).toBe(-1);
    expect(list(row.bytes)).toEqual([
      { kind: row.bytes[0], name: row.listed, length: row.bytes.length, fields: row.fields },
    ]);
  });

  it.each(rows.map((row) => [row.name, row] as const))('%s, after NOPs and cut at every octet', (_, row) => {
    const bytes = join([1, 1, 1], row.bytes);
    const all = scan(options(bytes));
    expect(all.options).toBe(row.bits);
    for (let captured = 0; captured < bytes.length; captured++) {
      const listed = list(bytes, captured);
      expect(listed.filter((o) => o.malformed !== undefined)).toEqual([]);
      expect(listed.filter((o) => o.cut)).toHaveLength(captured > 3 ? 1 : 0);
    }
  });

  const wrong: [string, Bytes | number[], string?][] = [
    ['MSS of 3', [2, 3, 5]],
    ['MSS of 5', [2, 5, 5, 0, 0]],
    ['window scale of 2', [3, 2]],
    ['window scale of 4', [3, 4, 1, 1]],
    ['SACK permitted of 3', [4, 3, 0]],
    ['SACK of 9', [5, 9, ...new Array<number>(7).fill(0)]],
    ['timestamps of 8', [8, 8, ...new Array<number>(6).fill(0)]],
    ['timestamps of 12', [8, 12, ...new Array<number>(10).fill(0)]],
    ['TFO cookie of 3', [34, 5, 1, 2, 3]],
    ['TFO cookie of 2', [34, 4, 1, 2]],
    ['TFO cookie of 5', [34, 7, 1, 2, 3, 4, 5]],
    ['TFO cookie of 18', [34, 20, ...new Array<number>(18).fill(1)]],
    ['MD5 of 16', [19, 16, ...new Array<number>(14).fill(0)]],
    ['AO of 3', [29, 3, 0]],
    ['user timeout of 3', [28, 3, 0]],
    ['MPTCP of 2', [30, 2]],
    ['AccECN of 4', [172, 4, 1, 2]],
    ['AccECN of 14', [174, 14, ...new Array<number>(12).fill(0)]],
  ];
  it.each(wrong)('%s is malformed, the others still count', (_, bytes) => {
    const view = scan(options(bytes, [2, 4, 5, 0xb4]));
    expect(view.options).toBe(Option.MALFORMED | Option.MSS);
    expect(view.mss).toBe(1460);
    const listed = list(join(bytes, [2, 4, 5, 0xb4]));
    expect(listed).toHaveLength(2);
    expect(listed[0].malformed).toEqual(expect.any(String));
    expect(listed[1]).toEqual({ kind: 2, name: 'mss', length: 4, fields: { mss: 1460 } });
  });

  const detail: [string, Bytes, RegExp][] = [
    ['MP_CAPABLE of 5', mptcp([0, 0, 0]), /4, 12, 20, 22 or 24/],
    ['MP_JOIN of 13', mptcp([0x10, 0], KEY_A, [1]), /12, 16 or 24/],
    ['DSS of another length than its flags', mptcp([0x20, 0x05], u32(1)), /flags ask for 18/],
    ['DSS of 3', mptcp([0x20]), /least is 4/],
    ['ADD_ADDR of 9', mptcp([0x30, 1], address('192.0.2.7'), [1]), /must be/],
    ['REMOVE_ADDR without identifiers', mptcp([0x40]), /least is 4/],
    ['MP_PRIO of 5', mptcp([0x50, 0, 0]), /3 or 4/],
    ['MP_FAIL of 8', mptcp([0x60, 0], u32(1)), /must be 12/],
    ['MP_FASTCLOSE of 8', mptcp([0x70, 0], u32(1)), /must be 12/],
    ['MP_TCPRST of 3', mptcp([0x80]), /must be 4/],
    ['SCPS of 3', Uint8Array.of(20, 3, 0), /least is 4/],
    ['SNACK of 4', Uint8Array.of(21, 4, 0, 0), /least is 6/],
    ['Riverbed probe of 3', Uint8Array.of(76, 3, 0), /least is 4/],
    ['Riverbed transparency of 4', Uint8Array.of(78, 4, 0, 0), /least is 16/],
    ['experimental TFO cookie of 3', experiment(254, u16(0xf989), [1, 2, 3]), /even/],
    ['experimental AccECN of 2 octets', experiment(254, u16(0xacce), [1, 2]), /whole counters/],
  ];
  it.each(detail)('lists %s as malformed', (_, bytes, reason) => {
    const [option] = list(bytes);
    expect(option.malformed).toMatch(reason);
  });

  it.each([
    ['length 0', [1, 1, 8, 0]],
    ['length 1', [1, 1, 8, 1]],
    ['a length beyond the header', [1, 1, 8, 10]],
    ['no length', [1, 1, 1, 8]],
  ])('%s ends the list', (_, bytes) => {
    const view = scan(bytes);
    expect(view.options).toBe(Option.MALFORMED);
    const listed = list(bytes);
    expect(listed.at(-1)?.kind).toBe(8);
    expect(listed.at(-1)?.malformed).toEqual(expect.any(String));
  });

  it('keeps what came before a bad length', () => {
    const view = scan([2, 4, 5, 0xb4, 4, 2, 3, 0]);
    expect(view.options).toBe(Option.MSS | Option.SACK_PERMITTED | Option.MALFORMED);
  });

  it('stops at the end of the list', () => {
    const view = scan([1, 0, 2, 4, 5, 0xb4, 1, 1]);
    expect(view.options).toBe(0);
    expect(list([1, 0, 0, 0])).toEqual([
      { kind: 1, name: 'nop', length: 1, fields: {} },
      { kind: 0, name: 'end', length: 1, fields: { padding: 2 } },
    ]);
    expect(list([0, 0, 7, 0])[0].malformed).toMatch(/not zero/);
  });

  it('lets the last of two options count, and the first MPTCP', () => {
    expect(scan([2, 4, 0, 1, 2, 4, 0, 2]).mss).toBe(2);
    const view = scan(options(mptcp([0x50]), mptcp([0x51])));
    expect(view.mptcpOffset).toBe(view.tcpOffset + 20);
  });

  it('reads a whole handshake of Linux', () => {
    const view = scan([2, 4, 5, 0xb4, 4, 2, 8, 10, ...u32(9), ...u32(0), 1, 3, 3, 10]);
    expect(view.options).toBe(Option.MSS | Option.SACK_PERMITTED | Option.TIMESTAMPS | Option.WSCALE);
    expect([view.mss, view.wscale, view.tsVal, view.tsEcr]).toEqual([1460, 10, 9, 0]);
  });

  it('reads timestamps at other places than the common one', () => {
    const at = (bytes: number[]) => [scan(bytes).tsVal, scan(bytes).options];
    expect(at([8, 10, ...u32(5), ...u32(6), 1, 1])).toEqual([5, Option.TIMESTAMPS]);
    expect(at([1, 1, 8, 10, ...u32(5), ...u32(6), 1, 1, 1, 1])).toEqual([5, Option.TIMESTAMPS]);
  });

  it('agrees with the list, on any octets', () => {
    const names: Record<number, number> = { 2: 1, 3: 2, 4: 4, 8: 16, 19: 64, 28: 256 };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (random) => {
        const bytes = random.subarray(0, random.length & ~3);
        const view = scan(bytes);
        let bits = 0;
        for (const option of list(bytes)) {
          if (option.malformed === undefined && option.kind in names) bits |= names[option.kind];
        }
        const mask = Object.values(names).reduce((a, b) => a | b);
        expect(view.options & mask).toBe(bits);
      }),
    );
  });
});
