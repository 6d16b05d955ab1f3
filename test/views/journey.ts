/**
 * Connections whose packets pass several points, each captured by a clock of its own, and what really became of them. The ends
 * are small: they send what they have to, acknowledge every segment, and send again after a timeout.
 */
import { ACK, FIN, PSH, SYN } from '../../src/model/flags.ts';
import {
  type Endpoint,
  ethernetFrame,
  ipPacket,
  parseEndpoint,
  tcpSegment,
  u16,
  u32,
} from '../support/packet-bytes.ts';
import { type PcapRecord, writePcap } from '../support/pcap-file.ts';

export interface Gap {
  /** Least time in milliseconds from client to server, and back; and what chance adds at the most. */
  forward: number;
  backward: number;
  jitter?: number;
  /** Share of packets that are lost here. */
  loss?: number;
  /** Share that the network doubles here. */
  doubled?: number;
  /** Sources of clients become this address, with other ports. */
  nat?: string;
  /** Added to the client's and to the server's sequence numbers. */
  shift?: readonly [number, number];
  /** A router: it takes one off the TTL. */
  routes?: boolean;
}

export interface Plan {
  seed: number;
  gaps: readonly Gap[];
  connections?: number;
  /** Data segments that each server sends, and each client. */
  segments?: number;
  /** By point: milliseconds that its clock is ahead, and parts per million that it runs faster. */
  clocks?: readonly (readonly [number, number])[];
  /** By point: share of frames that the capture missed. */
  missed?: readonly number[];
  /** By point: share of the packets after which the capture had ended. */
  ends?: readonly number[];
  version?: 4 | 6;
  timestamps?: boolean;
  ipIds?: boolean;
  /** Seconds between the beginnings of connections. */
  apart?: number;
  /** All segments carry the same bytes. */
  sameBytes?: boolean;
  snaplen?: readonly number[];
  /** Segments that are sent at once, at the most. */
  burst?: number;
  /** By point: octets of data that offload makes one frame of there, at the most; 0 without. */
  offload?: readonly number[];
  mss?: number;
}

/** A frame of one point: several packets where offload made one of them. */
export interface TrueFrame {
  point: number;
  /** Microseconds of the point's clock. */
  time: number;
  bytes: Uint8Array;
  packets: TruePacket[];
}

export interface TruePacket {
  conn: number;
  direction: 'c2s' | 's2c';
  /** Number at each point, null where the file does not hold it. */
  frames: (number | null)[];
  /** Milliseconds of the true clock at each point, null where it did not pass. */
  times: (number | null)[];
  lost: [number, number] | null;
  /** It has data, or a SYN or FIN. */
  counts: boolean;
  copyOf: TruePacket | null;
  /** Place of its data in what its sender sends, and its length. */
  seq: number;
  length: number;
  /** The same bytes were sent before. */
  isAgain: boolean;
}

export interface Journey {
  files: Uint8Array[];
  packets: TruePacket[];
  /** What each point's file holds. */
  frames: TrueFrame[][];
}

/** A generator of numbers from 0 to 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Segment {
  conn: number;
  direction: 0 | 1;
  seq: number;
  ack: number;
  flags: number;
  length: number;
  tsVal: number;
  tsEcr: number;
  id: number;
}

const START = 1_800_000_000_000;
const MSS = 400;
const TIMEOUT = 260;

export function travel(plan: Plan): Journey {
  const chance = random(plan.seed);
  const points = plan.gaps.length + 1;
  const records: { time: number; point: number; segment: Segment; packet: TruePacket }[] = [];
  const packets: TruePacket[] = [];
  const queue: { time: number; run: (now: number) => void }[] = [];
  const later = (time: number, run: (now: number) => void) => void queue.push({ time, run });

  function send(segment: Segment, now: number, isAgain = false): void {
    const packet: TruePacket = {
      conn: segment.conn,
      direction: segment.direction === 0 ? 'c2s' : 's2c',
      frames: new Array(points).fill(null),
      times: new Array(points).fill(null),
      lost: null,
      counts: segment.length > 0 || (segment.flags & (SYN | FIN)) !== 0,
      copyOf: null,
      seq: segment.seq,
      length: segment.length,
      isAgain,
    };
    packets.push(packet);
    pass(segment, packet, segment.direction === 0 ? 0 : points - 1, now);
  }

  function pass(segment: Segment, packet: TruePacket, point: number, now: number): void {
    records.push({ time: now, point, segment, packet });
    packet.times[point] = now;
    const isForward = segment.direction === 0;
    const next = isForward ? point + 1 : point - 1;
    if (next < 0 || next >= points) {
      later(now + 0.01, (at) => ends[segment.conn][isForward ? 1 : 0].receive(segment, at));
      return;
    }
    const gap = plan.gaps[Math.min(point, next)];
    if (chance() < (gap.loss ?? 0)) {
      packet.lost = [point, next];
      return;
    }
    const delay = (isForward ? gap.forward : gap.backward) + chance() ** 3 * (gap.jitter ?? 0);
    later(now + delay, (at) => pass(segment, packet, next, at));
    if (chance() >= (gap.doubled ?? 0)) return;
    const copy: TruePacket = {
      ...packet,
      frames: new Array(points).fill(null),
      times: new Array(points).fill(null),
      copyOf: packet,
    };
    packets.push(copy);
    later(now + delay + 0.7, (at) => pass(segment, copy, next, at));
  }

  /** One end of a connection. */
  class End {
    private readonly direction: 0 | 1;
    private readonly conn: number;
    private readonly isn: number;
    private next = 0;
    private acked = 0;
    private received = -1;
    private readonly early = new Map<number, number>();
    private readonly outstanding = new Map<number, { length: number; flags: number }>();
    private readonly sizes: number[];
    private readonly stampBase: number;
    private echo = 0;
    private id: number;
    private isOpen = false;
    private peerIsn = 0;

    constructor(conn: number, direction: 0 | 1) {
      this.conn = conn;
      this.direction = direction;
      this.isn = Math.floor(chance() * 2 ** 32);
      this.stampBase = Math.floor(chance() * 2 ** 31);
      this.id = Math.floor(chance() * 65536);
      this.sizes = Array.from({ length: plan.segments ?? 12 }, () =>
        plan.sameBytes ? MSS : plan.mss !== undefined ? fullOrLess(plan.mss, chance()) : 1 + Math.floor(chance() * MSS),
      );
    }

    begin(now: number): void {
      this.transmit(0, 0, SYN, now);
      this.next = 1;
    }

    receive(segment: Segment, now: number): void {
      this.echo = segment.tsVal;
      if (segment.flags & SYN) this.peerIsn = segment.seq;
      const from = (segment.seq - this.peerIsn) >>> 0;
      const length = segment.length + (segment.flags & (SYN | FIN) ? 1 : 0);
      if (segment.flags & ACK) {
        const ack = (segment.ack - this.isn) >>> 0;
        if (ack > this.acked && ack <= this.next) this.acked = ack;
        for (const [seq, { length: size }] of this.outstanding)
          if (seq + size <= this.acked) this.outstanding.delete(seq);
      }
      if (length > 0) {
        if (!(segment.flags & SYN) || this.received < 0) this.early.set(from, from + length);
        if (this.received < 0 && segment.flags & SYN) this.received = 0;
        for (let more = this.early.get(this.received); more !== undefined; more = this.early.get(this.received)) {
          this.early.delete(this.received);
          this.received = more;
        }
        if (segment.flags & SYN && !(segment.flags & ACK)) {
          this.transmit(0, 0, SYN | ACK, now);
          this.next = Math.max(this.next, 1);
          return;
        }
        if (this.isOpen || segment.flags & SYN) this.acknowledge(now);
      }
      if (!this.isOpen && this.acked > 0 && this.received > 0) {
        this.isOpen = true;
        const burst = plan.burst ?? 1;
        let at = now + 1;
        for (const [i, size] of this.sizes.entries()) {
          if (burst === 1) at = now + 1 + i * (2 + 10 * chance());
          else if (chance() < 2 / burst) at += 2 + 10 * chance();
          later(at, (time) => this.more(size, i, time));
        }
      }
    }

    private more(size: number, i: number, now: number): void {
      const isLast = i === this.sizes.length - 1;
      const isPushed = plan.mss === undefined || size < plan.mss;
      this.transmit(this.next, size, ACK | (isPushed ? PSH : 0) | (isLast ? FIN : 0), now);
      this.next += size + (isLast ? 1 : 0);
    }

    private acknowledge(now: number): void {
      send(this.segment(this.next, 0, ACK, now), now);
    }

    private segment(seq: number, length: number, flags: number, now: number): Segment {
      const { conn, direction } = this;
      this.id = (this.id + 1) & 0xffff;
      return {
        conn,
        direction,
        seq: (this.isn + seq) >>> 0,
        ack: flags & ACK ? (this.peerIsn + this.received) >>> 0 : 0,
        flags,
        length,
        tsVal: (this.stampBase + Math.floor(now)) >>> 0,
        tsEcr: flags & ACK ? this.echo : 0,
        id: flags & SYN && flags & ACK ? 0 : this.id,
      };
    }

    private transmit(seq: number, length: number, flags: number, now: number, tries = 0): void {
      const size = length + (flags & (SYN | FIN) ? 1 : 0);
      if (seq + size <= this.acked || tries > 8) return;
      this.outstanding.set(seq, { length: size, flags });
      send(this.segment(seq, length, flags, now), now, tries > 0);
      later(now + TIMEOUT * (1 + tries), (at) => this.transmit(seq, length, flags, at, tries + 1));
    }
  }

  const ends: [End, End][] = [];
  for (let conn = 0; conn < (plan.connections ?? 3); conn++) {
    ends.push([new End(conn, 0), new End(conn, 1)]);
    later(conn * 1000 * (plan.apart ?? 0.01), (now) => ends[conn][0].begin(now));
  }
  while (queue.length > 0) {
    let least = 0;
    for (let i = 1; i < queue.length; i++) if (queue[i].time < queue[least].time) least = i;
    const [{ time, run }] = queue.splice(least, 1);
    run(time);
  }
  const frames = framesOf(plan, records, chance);
  const files = frames.map((own, point) =>
    writePcap(
      { linkType: 1, resolution: 'us', byteOrder: 'little', snaplen: plan.snaplen?.[point] ?? 262144 },
      own.map(({ time, bytes }): PcapRecord => ({ time: BigInt(time) * 1000n, bytes })),
    ),
  );
  return { files, packets, frames };
}

/** Most segments are full, the others end what the application wrote. */
function fullOrLess(mss: number, chance: number): number {
  return chance < 0.8 ? mss : 1 + Math.floor((chance - 0.8) * 5 * mss);
}

interface Passed {
  time: number;
  point: number;
  segment: Segment;
  packet: TruePacket;
}

function framesOf(plan: Plan, records: Passed[], chance: () => number): TrueFrame[][] {
  records.sort((a, b) => a.time - b.time);
  const last = records.at(-1)!.time;
  return Array.from({ length: plan.gaps.length + 1 }, (_, point) => {
    const [ahead, ppm] = plan.clocks?.[point] ?? [0, 0];
    const kept: TrueFrame[] = [];
    const own = records.filter((record) => record.point === point);
    for (const { time, segment, packets } of merged(own, plan.offload?.[point] ?? 0, chance)) {
      if (chance() < (plan.missed?.[point] ?? 0)) continue;
      if (time > last * (plan.ends?.[point] ?? 1)) continue;
      const clock = Math.round((START + ahead + time * (1 + ppm * 1e-6)) * 1000);
      kept.push({ point, time: clock, bytes: frameOf(plan, segment, point), packets });
      for (const packet of packets) packet.frames[point] = kept.length;
    }
    return kept;
  });
}

/** Offload waits for so many milliseconds at the most: an end answers only after that. */
const PATIENCE = 0.009;

/** What offload makes of the segments at a point: a random number of those that follow one another become one frame. */
function merged(
  records: readonly Passed[],
  most: number,
  chance: () => number,
): { time: number; segment: Segment; packets: TruePacket[] }[] {
  const frames: { time: number; first: number; limit: number; segment: Segment; packets: TruePacket[] }[] = [];
  for (const { time, segment, packet, point } of records) {
    const open = frames.findLast(
      (frame) => frame.segment.conn === segment.conn && frame.segment.direction === segment.direction,
    );
    const before = open?.segment;
    const isNext =
      open !== undefined &&
      before !== undefined &&
      time - open.first < PATIENCE &&
      segment.length > 0 &&
      before.length > 0 &&
      before.length + segment.length <= open.limit &&
      (before.flags & (FIN | PSH)) === 0 &&
      segment.seq === (before.seq + before.length) >>> 0 &&
      segment.ack === before.ack &&
      segment.tsVal === before.tsVal &&
      segment.tsEcr === before.tsEcr;
    if (isNext) {
      open.packets.push(packet);
      open.segment = { ...before, length: before.length + segment.length, flags: before.flags | segment.flags };
      // A frame that its sender has not split yet was there before its pieces; one that was merged comes when it is whole.
      if (point > 0 || segment.direction === 1) open.time = time;
    } else frames.push({ time, first: time, limit: most * chance(), segment, packets: [packet] });
  }
  return frames.sort((a, b) => a.time - b.time);
}

/** Few ends have many packets. */
const endpoints = new Map<string, Endpoint>();

function endpointOf(text: string): Endpoint {
  const endpoint = endpoints.get(text) ?? parseEndpoint(text);
  endpoints.set(text, endpoint);
  return endpoint;
}

function frameOf(plan: Plan, segment: Segment, point: number): Uint8Array {
  const version = plan.version ?? 4;
  const isForward = segment.direction === 0;
  let host = version === 4 ? `10.1.0.${1 + (segment.conn % 200)}` : `fd00::${(1 + segment.conn).toString(16)}`;
  let port = 40000 + (segment.conn >> 1);
  const shift = [0, 0];
  let hops = 0;
  plan.gaps.forEach((gap, i) => {
    if (gap.nat !== undefined && i < point) {
      host = gap.nat;
      port = 20000 + ((segment.conn * 7919) % 30000);
    }
    // What a packet has passed: from the client those before the point, from the server those after it. Shifted numbers hold on
    // the server's side for what the client sends, and the other way round for what the server does.
    if (gap.shift !== undefined && i < point) {
      shift[0] += gap.shift[0];
      shift[1] += gap.shift[1];
    }
    if (gap.routes && (isForward ? i < point : i >= point)) hops++;
  });
  const server = version === 4 ? '10.2.0.1:80' : '[fd01::1]:80';
  const client = endpointOf(version === 4 ? `${host}:${port}` : `[${host}]:${port}`);
  const [source, destination] = isForward ? [client, endpointOf(server)] : [endpointOf(server), client];
  const stamps = (plan.timestamps ?? true) ? [1, 1, 8, 10, ...u32(segment.tsVal), ...u32(segment.tsEcr)] : [];
  const options = segment.flags & SYN ? [2, 4, ...u16(1460), ...stamps] : stamps;
  const own = segment.direction;
  const payload = new Uint8Array(segment.length);
  const pattern = random(plan.sameBytes ? 1 : segment.seq);
  for (let i = 0; i < payload.length; i++)
    payload[i] = plan.offload === undefined ? Math.floor(pattern() * 256) : byteAt((segment.seq + i) >>> 0);
  const tcp = tcpSegment({
    source,
    destination,
    seq: (segment.seq + shift[own]) >>> 0,
    ack: segment.flags & ACK ? (segment.ack + shift[1 - own]) >>> 0 : 0,
    flags: segment.flags,
    window: 502,
    urgent: 0,
    options: Uint8Array.from(options),
    payload,
    checksum: 'right',
  });
  const packet = ipPacket({
    source: source.address,
    destination: destination.address,
    protocol: 6,
    id: (plan.ipIds ?? true) ? segment.id : 0,
    ttl: 64 - hops,
    tos: 0,
    dontFragment: true,
    lengthZero: false,
    headerChecksum: null,
    payload: tcp,
  });
  const mac = Uint8Array.from([2, 0, 0, 0, 0, point]);
  return ethernetFrame(mac, mac, null, version, packet);
}

/** Data that is the same in whatever frames it comes. */
function byteAt(seq: number): number {
  return (Math.imul(seq, 0x9e3779b1) >>> 13) & 255;
}
