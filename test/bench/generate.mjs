/**
 * Writes a large classic capture from a seed: many TCP connections side by side, with the losses, resets and other traffic
 * that a busy server sees. The capture point is the server's side. Equal options give equal bytes.
 *
 *     node test/bench/generate.mjs --packets 1000000 --bytes 800000000 --connections 19000 --seed 1 --out big.pcap
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

export const DEFAULTS = { packets: 1_000_000, bytes: 800_000_000, connections: 19_000, seed: 1 };

const MSS = 1448; // with the time stamps option in each segment
const GAP = 12e-6; // one full frame at 1 Gbit/s
const [FIN, SYN, RST, PSH, ACK] = [1, 2, 4, 8, 16];
const [CLIENT, SERVER] = [0, 1];
/** No tool has a dissector for these: the random payloads shall cost none of them more than its TCP does. */
const PORTS = [17080, 17443, 17432, 17379];
const UDP_PORT = 17353;

export function generate({ packets, bytes, connections, seed, out }) {
  const random = mulberry32(seed);
  const between = (low, high) => low + Math.floor(random() * (high - low + 1));
  const file = new PcapFile(out, random);
  const open = new TimeHeap();
  let started = 0;
  let planned = 0;
  let now = 0;

  const start = () => {
    const share = packets / connections;
    started++;
    // Most connections are short; a long one takes what the short ones left over.
    const left = started * share - planned;
    const size = random() < 0.75 && left < 40 * share ? between(7, 16) : Math.max(12, left * (0.5 + random()));
    planned += size;
    const connection = new Connection(file, started, now, random, between);
    const fate = random();
    const story =
      fate < 0.01
        ? connection.unanswered()
        : fate < 0.03
          ? connection.refused()
          : file.bytes < (bytes / packets) * file.packets
            ? connection.bulk(Math.max(1, Math.round((size - 9) / 1.5)))
            : connection.chat(Math.max(1, Math.round((size - 7) / 3)));
    open.push({ time: story.next().value, story });
  };

  while (file.packets < packets) {
    while (started < connections && file.packets >= (started * packets) / connections) start();
    if (random() < 0.03) file.other(now, between(40, 400));
    else if (open.size > 0) {
      const next = open.pop();
      now = next.time;
      const { done, value } = next.story.next();
      if (!done) open.push({ time: value, story: next.story });
    } else if (started < connections) start();
    else {
      now += 0.001;
      file.other(now, between(40, 400));
    }
  }
  file.close();
  return { packets: file.packets, bytes: file.bytes, connections: started, seconds: now };
}

/** Each story is a generator: it yields the time of its next packet and is resumed at that time. */
class Connection {
  constructor(file, index, now, random, between) {
    this.file = file;
    this.now = now;
    this.random = random;
    this.between = between;
    this.rtt = 0.002 + 0.08 * random() ** 2;
    this.address = [0x0a000000 + 1000 + Math.floor(index / 20), 0xc6336400 + between(1, 40)];
    this.port = [10_000 + (index % 20) * 2000 + between(0, 1999), PORTS[between(0, PORTS.length - 1)]];
    this.isn = [between(0, 0xffffffff), between(0, 0xffffffff)];
    this.sent = [0, 0]; // relative sequence numbers: what each side has sent
    this.clock = [between(0, 0xffffffff), between(0, 0xffffffff)];
    this.stamp = [0, 0]; // TSval of the last segment seen of each side
    this.ipId = [between(0, 0xffff), between(0, 0xffff)];
    this.window = [2048, 2048];
  }

  /** The time of the next packet, to be yielded before it is sent. */
  wait(seconds) {
    this.now += seconds;
    return this.now;
  }

  /** TSval of what the capture sees of `side` at `time`. */
  stampAt(side, time) {
    return (this.clock[side] + Math.floor((time - (side === CLIENT ? this.rtt / 2 : 0)) * 1000)) >>> 0;
  }

  send(side, flags, length = 0, { seq = this.sent[side], ack = this.sent[1 - side], echo, sack = null } = {}) {
    this.stamp[side] = this.stampAt(side, this.now);
    this.file.segment(this, side, this.now, flags, seq, ack, length, echo ?? this.stamp[1 - side], sack);
    const end = seq + length + (flags & (SYN | FIN) ? 1 : 0);
    if (end > this.sent[side]) this.sent[side] = end;
  }

  *handshake() {
    yield this.now;
    this.send(CLIENT, SYN);
    if (this.random() < 0.005) {
      yield this.wait(1);
      this.send(CLIENT, SYN, 0, { seq: 0 });
    }
    yield this.wait(30e-6);
    this.send(SERVER, SYN | ACK);
    yield this.wait(this.rtt);
    this.send(CLIENT, ACK);
  }

  *close() {
    const fate = this.random();
    if (fate < 0.05) return; // stays open
    const first = fate < 0.5 ? CLIENT : SERVER;
    yield this.wait(0.001 + this.rtt);
    if (fate > 0.9) {
      this.send(first, RST | ACK);
      return;
    }
    this.send(first, FIN | ACK);
    yield this.wait(first === CLIENT ? 40e-6 : this.rtt);
    this.send(1 - first, FIN | ACK);
    yield this.wait(first === CLIENT ? this.rtt : 40e-6);
    this.send(first, ACK);
  }

  *unanswered() {
    for (const wait of [0, 1, 2]) {
      yield this.wait(wait);
      this.send(CLIENT, SYN, 0, { seq: 0 });
    }
  }

  *refused() {
    yield this.now;
    this.send(CLIENT, SYN);
    yield this.wait(30e-6);
    this.isn[SERVER] = 0; // a RST for a SYN has sequence number 0 (RFC 9293 section 3.5.2)
    this.send(SERVER, RST | ACK, 0, { seq: 0 });
  }

  *chat(exchanges) {
    yield* this.handshake();
    for (let i = 0; i < exchanges; i++) {
      yield this.wait(0.002 + 0.1 * this.random());
      this.send(CLIENT, PSH | ACK, this.between(20, 500));
      yield this.wait(0.0005);
      this.send(SERVER, PSH | ACK, this.between(50, 900));
      yield this.wait(this.rtt);
      this.send(CLIENT, ACK);
    }
    yield* this.close();
  }

  *bulk(segments) {
    yield* this.handshake();
    yield this.wait(0.0002);
    this.send(CLIENT, PSH | ACK, this.between(100, 700));
    yield this.wait(0.0003);
    this.send(SERVER, ACK);
    for (let window = 10; segments > 0; window = Math.min(64, window * 2)) {
      const size = Math.min(window, segments);
      segments -= size;
      const lost = size > 1 && this.random() < 0.002 * size ? this.between(1, size - 1) : -1;
      if (lost >= 0) window = Math.max(4, window >> 2);
      for (const event of this.flight(this.now + 0.0001, size, lost)) {
        this.now = event.time;
        yield this.now;
        event.send();
      }
    }
    yield* this.close();
  }

  /** The packets of one window of data in the order of their times; segment `lost` is lost after the capture point. */
  flight(begin, size, lost) {
    const { rtt } = this;
    const base = this.sent[SERVER];
    const edge = (segment) => base + segment * MSS;
    const events = [];
    const data = (time, segment, flags) =>
      events.push({ time, send: () => this.send(SERVER, flags, MSS, { seq: edge(segment) }) });
    const ack = (time, upTo, sentAt, sack = null) => {
      const options = { ack: edge(upTo), echo: this.stampAt(SERVER, sentAt), sack };
      events.push({ time, send: () => this.send(CLIENT, ACK, 0, options) });
    };
    const sentAt = (segment) => begin + segment * GAP;
    for (let i = 0; i < size; i++) {
      data(sentAt(i), i, i === size - 1 ? PSH | ACK : ACK);
      if (lost >= 0 && i > lost) {
        ack(sentAt(i) + rtt, lost, sentAt(lost - 1), [edge(lost + 1), edge(i + 1)]);
      } else if (i !== lost && (i % 2 === 1 || i === size - 1 || i === lost - 1)) {
        ack(sentAt(i) + rtt, i + 1, sentAt(i));
      }
    }
    if (lost >= 0) {
      const fast = size - lost > 3;
      const again = fast ? sentAt(lost + 3) + rtt + 30e-6 : sentAt(size - 1) + rtt + 0.22;
      data(again, lost, ACK);
      ack(Math.max(again, sentAt(size - 1)) + rtt, size, again);
    }
    return events.sort((a, b) => a.time - b.time);
  }
}

/** Writes records through one large buffer. Payloads are pieces of one random block whose sums are known beforehand. */
class PcapFile {
  static #FLUSH_AT = (8 << 20) - 4096;
  static #EPOCH = 1_767_225_600; // 2026-01-01

  packets = 0;
  bytes = 24;
  #fd;
  #buffer = Buffer.alloc(8 << 20);
  #at = 24;
  #block = Buffer.alloc(1 << 17);
  /** Sum of the 16-bit words before word i, for words that begin at even and at odd offsets of the block. */
  #sums;

  constructor(path, random) {
    this.#fd = openSync(path, 'w');
    this.#buffer.set([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0]);
    for (let i = 0; i < this.#block.length; i++) this.#block[i] = random() * 256;
    this.#sums = [0, 1].map((parity) => {
      const sums = new Float64Array(this.#block.length / 2);
      for (let i = 1; i < sums.length; i++) sums[i] = sums[i - 1] + this.#block.readUInt16BE(2 * (i - 1) + parity);
      return sums;
    });
  }

  close() {
    this.#flush();
    closeSync(this.#fd);
  }

  segment(connection, side, time, flags, seq, ack, length, echo, sack) {
    const syn = flags & SYN;
    const tcpHeader = syn ? 40 : sack ? 44 : 32;
    const ip = this.#frame(time, 14 + 20 + tcpHeader + length, side, 0x0800);
    const [from, to] = [connection.address[side], connection.address[1 - side]];
    connection.ipId[side] = (connection.ipId[side] + 1) & 0xffff;
    this.#ip(ip, 20 + tcpHeader + length, connection.ipId[side], 6, from, to);
    const b = this.#buffer;
    const tcp = ip + 20;
    b.writeUInt16BE(connection.port[side], tcp);
    b.writeUInt16BE(connection.port[1 - side], tcp + 2);
    b.writeUInt32BE((connection.isn[side] + seq) >>> 0, tcp + 4);
    b.writeUInt32BE(flags & ACK ? (connection.isn[1 - side] + ack) >>> 0 : 0, tcp + 8);
    b.writeUInt16BE((tcpHeader << 10) | flags, tcp + 12);
    b.writeUInt16BE(syn ? 64240 : connection.window[side], tcp + 14);
    b.writeUInt32BE(0, tcp + 16);
    let option = tcp + 20;
    if (syn) {
      b.writeUInt32BE(0x020405b4, option); // MSS 1460
      b.writeUInt32BE(0x01030307, option + 4); // NOP, window scale 7
      option += 8;
    }
    b.writeUInt32BE(syn ? 0x0402080a : 0x0101080a, option); // SACK permitted or two NOPs, then time stamps
    b.writeUInt32BE(connection.stamp[side], option + 4);
    b.writeUInt32BE(flags & ACK ? echo : 0, option + 8);
    if (sack) {
      b.writeUInt32BE(0x0101050a, option + 12);
      b.writeUInt32BE((connection.isn[1 - side] + sack[0]) >>> 0, option + 16);
      b.writeUInt32BE((connection.isn[1 - side] + sack[1]) >>> 0, option + 20);
    }
    let sum = (from >>> 16) + (from & 0xffff) + (to >>> 16) + (to & 0xffff) + 6 + tcpHeader + length;
    for (let i = tcp; i < tcp + tcpHeader; i += 2) sum += b.readUInt16BE(i);
    if (length > 0) sum += this.#payload(tcp + tcpHeader, seq % 65_536, length);
    b.writeUInt16BE(0xffff - (sum % 0xffff), tcp + 16);
  }

  /** Something that is not TCP: mostly UDP, some ARP. */
  other(time, length) {
    const b = this.#buffer;
    if (length % 8 === 0) {
      const arp = this.#frame(time, 42, length % 16 === 0 ? 1 : 0, 0x0806);
      b.writeUInt32BE(0x00010800, arp);
      b.writeUInt32BE(0x06040001, arp + 4);
      b.fill(2, arp + 8, arp + 28);
      return;
    }
    const ip = this.#frame(time, 14 + 20 + 8 + length, 0, 0x0800);
    const [from, to] = [0x0a000000 + length, 0xc6336405];
    this.#ip(ip, 28 + length, length, 17, from, to);
    const udp = ip + 20;
    b.writeUInt16BE(20_000 + length, udp);
    b.writeUInt16BE(UDP_PORT, udp + 2);
    b.writeUInt16BE(8 + length, udp + 4);
    const ports = 20_000 + length + UDP_PORT;
    const addresses = (from >>> 16) + (from & 0xffff) + (to >>> 16) + (to & 0xffff);
    const sum = addresses + 17 + 2 * (8 + length) + ports + this.#payload(udp + 8, 0, length);
    b.writeUInt16BE(0xffff - (sum % 0xffff) || 0xffff, udp + 6);
  }

  /** Copies payload and gives the sum of its words. */
  #payload(at, offset, length) {
    this.#block.copy(this.#buffer, at, offset, offset + length);
    const sums = this.#sums[offset & 1];
    const first = offset >> 1;
    const words = sums[first + (length >> 1)] - sums[first];
    return length & 1 ? words + this.#block[offset + length - 1] * 256 : words;
  }

  /** Record and Ethernet header; the offset after them. */
  #frame(time, length, side, etherType) {
    if (this.#at > PcapFile.#FLUSH_AT) this.#flush();
    const b = this.#buffer;
    const at = this.#at;
    const seconds = Math.floor(time);
    b.writeUInt32LE(PcapFile.#EPOCH + seconds, at);
    b.writeUInt32LE(Math.floor((time - seconds) * 1e6), at + 4);
    b.writeUInt32LE(length, at + 8);
    b.writeUInt32LE(length, at + 12);
    b.writeUIntBE(side === CLIENT ? 0x020000000002 : 0x020000000001, at + 16, 6);
    b.writeUIntBE(side === CLIENT ? 0x020000000001 : 0x020000000002, at + 22, 6);
    b.writeUInt16BE(etherType, at + 28);
    this.#at = at + 16 + length;
    this.bytes += 16 + length;
    this.packets++;
    return at + 30;
  }

  #ip(at, length, id, protocol, from, to) {
    const b = this.#buffer;
    b.writeUInt16BE(0x4500, at);
    b.writeUInt16BE(length, at + 2);
    b.writeUInt16BE(id, at + 4);
    b.writeUInt16BE(0x4000, at + 6);
    b.writeUInt16BE((64 << 8) | protocol, at + 8);
    b.writeUInt32BE(from, at + 12);
    b.writeUInt32BE(to, at + 16);
    let sum = 0x4500 + length + id + 0x4000 + ((64 << 8) | protocol);
    sum += (from >>> 16) + (from & 0xffff) + (to >>> 16) + (to & 0xffff);
    b.writeUInt16BE(0xffff - (sum % 0xffff), at + 10);
  }

  #flush() {
    writeSync(this.#fd, this.#buffer, 0, this.#at);
    this.#at = 0;
  }
}

/** A binary heap of things with a time; equal times come out in the order of their arrival. */
class TimeHeap {
  #items = [];
  #arrivals = 0;

  get size() {
    return this.#items.length;
  }

  push(item) {
    item.order = this.#arrivals++;
    const items = this.#items;
    let at = items.length;
    for (let up = (at - 1) >> 1; at > 0 && before(item, items[up]); up = (at - 1) >> 1) {
      items[at] = items[up];
      at = up;
    }
    items[at] = item;
  }

  pop() {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length === 0) return top;
    let at = 0;
    for (let down = 1; down < items.length; down = 2 * at + 1) {
      if (down + 1 < items.length && before(items[down + 1], items[down])) down++;
      if (!before(items[down], last)) break;
      items[at] = items[down];
      at = down;
    }
    items[at] = last;
    return top;
  }
}

const before = (a, b) => a.time < b.time || (a.time === b.time && a.order < b.order);

function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      packets: { type: 'string', default: String(DEFAULTS.packets) },
      bytes: { type: 'string', default: String(DEFAULTS.bytes) },
      connections: { type: 'string', default: String(DEFAULTS.connections) },
      seed: { type: 'string', default: String(DEFAULTS.seed) },
      out: { type: 'string' },
    },
  });
  if (!values.out) {
    console.error('usage: generate.mjs --out FILE [--packets N] [--bytes N] [--connections N] [--seed N]');
    process.exit(2);
  }
  const { out, ...numbers } = values;
  const options = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)]));
  console.log(JSON.stringify(generate({ ...options, out })));
}
