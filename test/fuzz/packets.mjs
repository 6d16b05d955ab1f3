/** Packets of a fixture, changed field by field: what a sender, a path or a damaged disk may make of them. */

const ETHERNET = 1;
const IPV4 = 0x0800;
const TCP = 6;
const VLAN = 0x8100;

/** Records of a little-endian pcap file: `{ time (ns, BigInt), data, original }`, and its link type. */
export function readPcap(file) {
  const data = Buffer.from(file);
  const packets = [];
  for (let at = 24; at + 16 <= data.length; ) {
    const captured = data.readUInt32LE(at + 8);
    const time = BigInt(data.readUInt32LE(at)) * 1_000_000_000n + BigInt(data.readUInt32LE(at + 4)) * 1000n;
    const bytes = Buffer.from(data.subarray(at + 16, at + 16 + captured));
    packets.push({ time, data: bytes, original: data.readUInt32LE(at + 12), comment: null });
    at += 16 + captured;
  }
  return { linkType: data.readUInt32LE(20), packets };
}

/** Where the headers of a plain packet are; null for others. */
function layersOf(data, linkType) {
  const ip = linkType === ETHERNET ? 14 : linkType === 0 ? 4 : 0;
  if (data.length < ip + 40) return null;
  const version = data[ip] >> 4;
  const tcp = version === 4 ? ip + 4 * (data[ip] & 15) : ip + 40;
  if (version === 4 ? data[ip + 9] !== TCP : version !== 6 || data[ip + 6] !== TCP) return null;
  return data.length < tcp + 20
    ? null
    : { version, ip, tcp, options: tcp + 20, payload: tcp + 4 * (data[tcp + 12] >> 4) };
}

const TCP_FIELDS = [
  [0, 16], // ports
  [2, 16],
  [4, 32], // SEG.SEQ
  [8, 32], // SEG.ACK
  [12, 8], // data offset
  [13, 8], // flags
  [14, 16], // window
  [16, 16], // checksum
  [18, 16], // urgent pointer
];
const IPV4_FIELDS = [
  [0, 8],
  [1, 8],
  [2, 16],
  [4, 16],
  [6, 16],
  [8, 8],
  [9, 8],
  [10, 16],
  [12, 32],
  [16, 32],
];
const IPV6_FIELDS = [
  [0, 32],
  [4, 16],
  [6, 8],
  [7, 8],
  [8, 32],
  [20, 32],
];

function set(data, at, bits, value) {
  if (at + bits / 8 > data.length) return;
  data.writeUIntBE(value, at, bits / 8);
}

/** One header field of a packet gets another value. */
function changeField(packet, { linkType }, random) {
  const { data } = packet;
  const layers = layersOf(data, linkType);
  if (layers === null) return;
  const fields = layers.version === 4 ? IPV4_FIELDS : IPV6_FIELDS;
  const [at, bits] = random.once(3) ? random.pick(fields) : random.pick(TCP_FIELDS);
  const start = fields.some(([own, width]) => own === at && width === bits) && random.once(3) ? layers.ip : layers.tcp;
  const old = data.readUIntBE(start + at, bits / 8);
  const near = (old + random.next(7) - 3 + 2 ** bits) % 2 ** bits;
  set(data, start + at, bits, random.once(2) ? near : random.field(bits));
  if (random.once(2)) mendChecksums(data, linkType);
}

/** The options of a TCP header become others: kinds that are known, lengths that are wrong, ranges that cannot be. */
function changeOptions(packet, { linkType }, random) {
  const { data } = packet;
  const layers = layersOf(data, linkType);
  if (layers === null) return;
  const end = Math.min(layers.payload, data.length);
  let at = layers.options;
  while (at < end) {
    const kind = random.pick([0, 1, 2, 3, 4, 5, 5, 8, 8, 19, 27, 28, 29, 30, 34, 253, 254, random.next(256)]);
    const length = random.once(4) ? random.field(8) : 2 + random.next(Math.max(1, end - at - 1));
    data[at] = kind;
    if (kind > 1 && at + 1 < end) data[at + 1] = length;
    for (let i = at + 2; i < Math.min(at + length, end); i++) data[i] = random.field(8);
    at += kind < 2 ? 1 : Math.max(2, length);
  }
  mendChecksums(data, linkType);
}

/** What stands between the link and the IP header: VLAN tags, labels, other packets. */
function wrap(packet, capture, random) {
  if (capture.linkType !== ETHERNET || packet.data.length < 34) return;
  const { data } = packet;
  const head = data.subarray(0, 12);
  const ip = data.subarray(14);
  const type = Buffer.from(data.subarray(12, 14));
  const u16 = (n) => Buffer.from([(n >> 8) & 255, n & 255]);
  const outer = (protocol, body) => {
    const header = Buffer.alloc(20);
    header.set([
      0x45,
      0,
      (20 + body.length) >> 8,
      (20 + body.length) & 255,
      0,
      1,
      0,
      0,
      64,
      protocol,
      0,
      0,
      10,
      8,
      0,
      1,
      10,
      8,
      0,
      2,
    ]);
    return Buffer.concat([u16(IPV4), header, body]);
  };
  const body = random.pick([
    () => Buffer.concat([u16(VLAN), u16(random.next(65536)), type, ip]),
    () => Buffer.concat([u16(0x88a8), u16(5), u16(VLAN), u16(6), type, ip]),
    () => Buffer.concat([u16(0x8847), Buffer.from([0, 1, 0x01, 64]), ip]),
    () => Buffer.concat([u16(0x8864), Buffer.from([0x11, 0, 0, 1]), u16(ip.length + 2), u16(0x21), ip]),
    () => outer(4, ip),
    () => outer(47, Buffer.concat([u16(random.pick([0, 0x2000, 0xb000])), type, ip])),
    () =>
      outer(
        17,
        Buffer.concat([
          u16(5000),
          u16(4789),
          u16(16 + data.length),
          u16(0),
          Buffer.from([8, 0, 0, 0, 0, 0, 1, 0]),
          data,
        ]),
      ),
    () => outer(17, Buffer.concat([u16(5000), u16(3544), u16(8 + ip.length), u16(0), ip])),
    () => outer(1, Buffer.concat([Buffer.from([random.pick([3, 11, 5]), random.next(5), 0, 0, 0, 0, 5, 0]), ip])),
  ])();
  packet.data = Buffer.concat([head, body]);
  packet.original = packet.data.length;
}

/** IPv4 fragments in the place of a packet, as they are or with a hole or an overlap. */
function fragment(capture, index, random) {
  const packet = capture.packets[index];
  const layers = layersOf(packet.data, capture.linkType);
  if (layers === null || layers.version !== 4) return;
  const header = packet.data.subarray(0, layers.ip + 20);
  const body = packet.data.subarray(layers.ip + 20);
  const cut = 8 * (1 + random.next(Math.max(1, Math.floor(body.length / 8))));
  const parts = [
    [0, body.subarray(0, cut), true],
    [cut - (random.once(4) ? 8 : 0), body.subarray(cut), false],
  ];
  const made = parts.map(([start, part, more]) => {
    const data = Buffer.concat([header, part]);
    data[layers.ip] = 0x45;
    set(data, layers.ip + 2, 16, 20 + part.length);
    set(data, layers.ip + 6, 16, (start / 8) | (more ? 0x2000 : 0));
    return { ...packet, data, original: data.length };
  });
  capture.packets.splice(index, 1, ...(random.once(4) ? made.slice(1) : made));
}

function sum(data, from, to, start = 0) {
  let total = start;
  for (let i = from; i < to; i += 2) total += (data[i] << 8) | (i + 1 < to ? data[i + 1] : 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

/** Right checksums for what the headers say now, so that changed fields are believed. */
function mendChecksums(data, linkType) {
  const layers = layersOf(data, linkType);
  if (layers === null) return;
  const { version, ip, tcp } = layers;
  const length = version === 4 ? data.readUInt16BE(ip + 2) - (tcp - ip) : data.readUInt16BE(ip + 4);
  const end = tcp + length;
  if (length < 20 || end > data.length) return;
  if (version === 4) {
    set(data, ip + 10, 16, 0);
    set(data, ip + 10, 16, sum(data, ip, tcp) ^ 0xffff);
  }
  set(data, tcp + 16, 16, 0);
  const pseudo = sum(data, version === 4 ? ip + 12 : ip + 8, tcp, TCP + length);
  set(data, tcp + 16, 16, sum(data, tcp, end, pseudo) ^ 0xffff);
}

const COMMENTS = ['plain', '\x1b[31mred\x07', '::error file=a::b\r\n=1+1', '<x a="b">&amp;', '\u202e\ud800 %s', ''];

/** A jump of the capture's clock, in nanoseconds. */
const jump = (random) =>
  random.pick([1n, -1n]) * random.pick([1n, 1000n, 50_000n, 10n ** 6n, 10n ** 9n, 10n ** 13n, 10n ** 18n]);

const CHANGES = [
  changeField,
  changeField,
  changeField,
  changeOptions,
  (packet, capture, random) => wrap(packet, capture, random),
  (packet, capture, random) => fragment(capture, capture.packets.indexOf(packet), random),
  (packet) => {
    packet.data = packet.data.subarray(0, Math.floor(packet.data.length / 2));
  },
  (packet, _capture, random) => {
    packet.data = packet.data.subarray(0, random.next(packet.data.length + 1));
    if (random.once(2)) packet.original = packet.data.length;
  },
  (packet, _capture, random) => {
    packet.data = Buffer.concat([packet.data, Buffer.alloc(random.next(40), random.next(256))]);
    packet.original = Math.max(packet.original, packet.data.length);
  },
  (packet, capture) => capture.packets.splice(capture.packets.indexOf(packet), 1),
  (packet, capture, random) => {
    const copy = { ...packet, data: Buffer.from(packet.data), time: packet.time + BigInt(random.next(400_000_000)) };
    capture.packets.splice(random.next(capture.packets.length + 1), 0, copy);
  },
  (packet, capture, random) => {
    const { packets } = capture;
    packets.splice(packets.indexOf(packet), 1);
    packets.splice(random.next(packets.length + 1), 0, packet);
  },
  (packet, _capture, random) => {
    packet.time += jump(random);
  },
  (packet, { packets }, random) => {
    const step = jump(random);
    for (const later of packets.slice(packets.indexOf(packet))) later.time += step;
  },
  (packet, _capture, random) => {
    packet.comment = random.pick(COMMENTS);
  },
  (_packet, capture, random) => {
    if (random.once(6)) capture.linkType = random.pick([0, 1, 9, 12, 101, 108, 113, 127, 228, 229, 276, 105, 163, 999]);
  },
];

/** Changes some packets of a capture, in place. */
export function changePackets(capture, random) {
  for (let n = random.next(8); n >= 0; n--) {
    if (capture.packets.length === 0) return;
    random.pick(CHANGES)(random.pick(capture.packets), capture, random);
  }
}
