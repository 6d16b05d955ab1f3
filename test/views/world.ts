import type { AnalyzeOptions } from '../../src/analysis.ts';
import { KIND_NAMES } from '../../src/model/verdict.ts';
import { concat, Pcapng, pcap, text, Writer } from '../capture/build.ts';
import { analyse } from '../support/analyze.ts';
import { ipPacket, parseEndpoint, tcpSegment } from '../support/packet-bytes.ts';

/** A segment as its sender makes it; numbers as on the wire. */
export interface Sent {
  from: string;
  to: string;
  flags: number;
  seq: number;
  ack?: number;
  length?: number;
  id?: number;
  ttl?: number;
  options?: number[];
}

/** A frame in the file: when (microseconds), at which vantage. */
export interface Frame {
  time: number;
  at: number;
  sent: Sent;
}

export const S = 0x02;
export const A = 0x10;
export const SA = 0x12;
export const PA = 0x18;
export const FA = 0x11;

export function packet({
  from,
  to,
  flags,
  seq,
  ack = 0,
  length = 0,
  id = 0,
  ttl = 64,
  options = [],
}: Sent): Uint8Array {
  const source = parseEndpoint(from);
  const destination = parseEndpoint(to);
  const payload = Uint8Array.from({ length }, (_, i) => (seq + i) & 255);
  const segment = tcpSegment({
    source,
    destination,
    seq: seq >>> 0,
    ack: ack >>> 0,
    flags,
    window: 1000,
    urgent: 0,
    options: Uint8Array.from(options),
    payload,
    checksum: 'right',
  });
  const ip = { id, ttl, tos: 0, dontFragment: true, lengthZero: false, headerChecksum: null, protocol: 6 };
  return ipPacket({ ...ip, source: source.address, destination: destination.address, payload: segment });
}

/** Bare IP packets, an interface for each name (null: without). */
export function pcapngOf(names: readonly (string | null)[], frames: readonly Frame[]): Uint8Array {
  const b = new Pcapng();
  const interfaces = names.map((name) => b.interface(101, 0, name === null ? [] : [{ code: 2, value: text(name) }]));
  const packets = frames.map(({ time, at, sent }) => b.enhanced(BigInt(1e15 + time), packet(sent), { id: at }));
  return concat(b.section(), ...interfaces, ...packets);
}

/** As `tcpdump -i any` writes it: `at` is the interface's number, `direction` the packet type (4: sent). */
export function sll2Of(frames: readonly (Frame & { direction?: number })[]): Uint8Array {
  const records = frames.map(({ time, at, sent, direction = 0 }) => {
    const header = new Writer(true).u16(0x0800).u16(0).u32(at).u16(1).u8(direction).u8(6).u32(0).u32(0).done();
    return { seconds: 1e9 + Math.floor(time / 1e6), fraction: time % 1e6, data: concat(header, packet(sent)) };
  });
  return pcap(records, { link: 276 });
}

/** As `tcpdump -i any` wrote it before: `at` 0 received from and 1 sent by the MAC address that ends with `mac`. */
export function sllOf(frames: readonly (Frame & { mac: number })[]): Uint8Array {
  const records = frames.map(({ time, at, sent, mac }) => {
    const header = new Writer(true)
      .u16(at === 1 ? 4 : 0)
      .u16(1)
      .u16(6)
      .u16(0x0200)
      .u32(mac)
      .u16(0)
      .u16(0x0800)
      .done();
    return { seconds: 1e9 + Math.floor(time / 1e6), fraction: time % 1e6, data: concat(header, packet(sent)) };
  });
  return pcap(records, { link: 113 });
}

export interface SeenRow {
  number: number;
  stream: number;
  at: string | null;
  kind: string;
  by: string | null;
  original: number;
  lost: string | null;
}

/** The rows of all views, by their frames' numbers. */
export function rowsOf(capture: Uint8Array, options: AnalyzeOptions = {}): SeenRow[] {
  const { rows } = analyse(capture, { everyView: true, ...options });
  return rows
    .map((row) => {
      const { sight, frame } = row.view;
      const place = sight?.lostBetween ?? null;
      const verdict = row.verdict!;
      return {
        number: frame,
        stream: row.connection.id,
        at: sight?.vantage.name ?? null,
        kind: KIND_NAMES[verdict.kind],
        by: verdict.kind === 4 ? (verdict.byCapture ? 'capture' : 'network') : null,
        original: verdict.original,
        lost: place === null ? null : `${place.from.name} ${place.to.name}`,
      };
    })
    .sort((a, b) => a.number - b.number);
}

/** Frames numbered from 1 in the order of the list. */
export function numberOf(frames: readonly Frame[], at: number, sent: Sent): number {
  return frames.findIndex((frame) => frame.at === at && frame.sent === sent) + 1;
}

export interface Hop {
  /** Microseconds from the vantage before (in the client's direction). */
  delay: number;
  /** What packets look like from here on: of the client's and of the server's. */
  change?: (sent: Sent, fromClient: boolean) => Sent;
}

/** A client and a server, and vantages in a row between them. */
export class Way {
  readonly frames: Frame[] = [];
  private readonly hops: readonly Hop[];
  private readonly client: string;
  private ids = 1;

  constructor(client: string, hops: readonly Hop[]) {
    this.client = client;
    this.hops = hops;
  }

  /**
   * A packet that comes by the first vantage on its way at `time`; `sent` as it is at vantage 0. It is lost after so many
   * vantages, `missing` do not show it though it went by.
   */
  send(time: number, sent: Sent, { passes = this.hops.length, missing = [] as number[] } = {}): Sent {
    const { hops } = this;
    const whole: Sent = { id: this.ids++, ...sent };
    const fromClient = sent.from === this.client;
    const forms: Sent[] = [];
    let form = whole;
    for (const { change } of hops) {
      form = change?.(form, fromClient) ?? form;
      forms.push(form);
    }
    const order = fromClient ? hops.map((_, i) => i) : hops.map((_, i) => hops.length - 1 - i);
    let now = time;
    order.forEach((at, i) => {
      if (i > 0) now += hops[fromClient ? at : at + 1].delay;
      if (i < passes && !missing.includes(at)) this.frames.push({ time: now, at, sent: forms[at] });
    });
    return whole;
  }

  /** In the order in which they were seen. */
  sorted(): Frame[] {
    return [...this.frames].sort((a, b) => a.time - b.time);
  }
}

/** A handshake and a request with its answer, 100 ms apart each, from `start` (microseconds) on. */
export function talk(way: Way, client: string, server: string, start = 0, isn = { client: 1000, server: 5000 }): void {
  const c = { from: client, to: server };
  const s = { from: server, to: client };
  way.send(start, { ...c, flags: S, seq: isn.client });
  way.send(start + 100e3, { ...s, flags: SA, seq: isn.server, ack: isn.client + 1, id: 0 });
  way.send(start + 200e3, { ...c, flags: A, seq: isn.client + 1, ack: isn.server + 1 });
  way.send(start + 300e3, { ...c, flags: PA, seq: isn.client + 1, ack: isn.server + 1, length: 100 });
  way.send(start + 400e3, { ...s, flags: PA, seq: isn.server + 1, ack: isn.client + 101, length: 200 });
  way.send(start + 500e3, { ...c, flags: A, seq: isn.client + 101, ack: isn.server + 201 });
}
