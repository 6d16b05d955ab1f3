import { describe, expect, it } from 'vitest';
import { CaptureRecord } from '../../src/model/record.ts';
import { levelName, levelOf, NO_LEVEL } from '../../src/views/level.ts';
import { concat, Pcapng, pcap, text } from '../capture/build.ts';
import { analyse } from '../support/analyze.ts';
import { ipPacket, join, parseAddress, u16 } from '../support/packet-bytes.ts';
import { A, FA, type Frame, type Hop, PA, packet, rowsOf, type SeenRow, type Sent, talk, Way } from './world.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.1.1:80';
const MACS = new Uint8Array(12).fill(2);

const ethernet = (type: number, ...rest: Uint8Array[]) => join(MACS, u16(type), ...rest);
const tag = (vlan: number, type = 0x0800) => Uint8Array.from([...u16(vlan), ...u16(type)]);
const outer = (protocol: number, payload: Uint8Array) =>
  ipPacket({
    source: parseAddress('192.0.2.1'),
    destination: parseAddress('192.0.2.2'),
    protocol,
    id: 77,
    ttl: 64,
    tos: 0,
    dontFragment: true,
    lengthZero: false,
    headerChecksum: null,
    payload,
  });
const udp = (port: number, payload: Uint8Array) =>
  join(u16(40000), u16(port), u16(8 + payload.length), u16(0), payload);
const plain = (ip: Uint8Array) => ethernet(0x0800, ip);

/** What one interface shows of a packet. */
const FORMS: Record<string, (ip: Uint8Array) => Uint8Array> = {
  plain,
  'vlan 10': (ip) => ethernet(0x8100, tag(10), ip),
  'vlan 20': (ip) => ethernet(0x8100, tag(20), ip),
  'vlan 7.20': (ip) => ethernet(0x88a8, tag(7, 0x8100), tag(20), ip),
  ipip: (ip) => ethernet(0x0800, outer(4, ip)),
  gre: (ip) => ethernet(0x0800, outer(47, join(u16(0), u16(0x0800), ip))),
  vxlan: (ip) => ethernet(0x0800, outer(17, udp(4789, join([8, 0, 0, 0, 0, 0, 5, 0], plain(ip))))),
  'vlan 20 vxlan': (ip) => ethernet(0x8100, tag(20), outer(17, udp(4789, join([8, 0, 0, 0, 0, 0, 5, 0], plain(ip))))),
  geneve: (ip) => ethernet(0x0800, outer(17, udp(6081, join([0, 0, 0x65, 0x58, 0, 0, 5, 0], plain(ip))))),
};

function captureOf(forms: readonly string[], frames: readonly Frame[]): Uint8Array {
  return pcap(
    frames.map(({ time, at, sent }) => ({
      seconds: 1e9 + Math.floor(time / 1e6),
      fraction: time % 1e6,
      data: FORMS[forms[at]](packet(sent)),
    })),
  );
}

const apart = (ms: number): Hop => ({ delay: ms * 1000, change: (sent, fromClient) => lower(sent, fromClient) });
const lower = (sent: Sent, fromClient: boolean): Sent => ({ ...sent, ttl: (sent.ttl ?? 64) + (fromClient ? -1 : 1) });
const losses = (rows: readonly SeenRow[]) =>
  rows.flatMap(({ number, lost }) => (lost === null ? [] : [`#${number} ${lost}`]));

describe('one interface that shows packets at two levels', () => {
  it.each([
    ['plain', 'vlan 20'],
    ['vlan 10', 'vlan 20'],
    ['vlan 20', 'vlan 7.20'],
    ['vxlan', 'plain'],
    ['gre', 'plain'],
    ['ipip', 'vlan 10'],
    ['geneve', 'vlan 20 vxlan'],
  ])('%s and %s, are two points of view', (near, far) => {
    const way = new Way(CLIENT, [{ delay: 0 }, apart(2)]);
    talk(way, CLIENT, SERVER);
    const data = { from: CLIENT, to: SERVER, flags: PA, seq: 1101, ack: 5201, length: 50 };
    way.send(600e3, data, { passes: 1 });
    way.send(900e3, data);
    way.send(1e6, { from: SERVER, to: CLIENT, flags: A, seq: 5201, ack: 1151 });
    way.send(1.1e6, { from: SERVER, to: CLIENT, flags: FA, seq: 5201, ack: 1151 });
    way.send(2.2e6, { from: CLIENT, to: SERVER, flags: FA, seq: 1151, ack: 5202 });
    const frames = way.sorted();
    const rows = rowsOf(captureOf([near, far], frames));
    expect(new Set(rows.map(({ stream }) => stream))).toEqual(new Set([0]));
    // The first packet of all may have been taken before the second level showed.
    expect(rows.slice(1).map(({ at }) => at)).toEqual(frames.slice(1).map(({ at }) => [near, far][at]));
    const lost = frames.findIndex(({ time }) => time === 600e3) + 1;
    expect(losses(rows)).toEqual([`#${lost} ${near} ${far}`]);
    const copies = rows.filter(({ by }) => by === 'capture');
    expect(new Set(copies.map(({ at }) => at)).size).toBe(1);
    expect(copies.length).toBeGreaterThanOrEqual((frames.length - 1) / 2 - 1);
  });

  it('is one point of view where no packet is at both', () => {
    const way = new Way(CLIENT, [{ delay: 0 }]);
    talk(way, CLIENT, SERVER);
    const other = new Way('10.0.0.2:1', [{ delay: 0 }]);
    talk(other, '10.0.0.2:1', '10.0.1.2:2', 50e3, { client: 70000, server: 90000 });
    const frames = [...way.sorted(), ...other.sorted().map((frame) => ({ ...frame, at: 1 }))].sort(
      (x, y) => x.time - y.time,
    );
    const { analyzer, rows } = analyse(captureOf(['vlan 10', 'vlan 20'], frames), { everyView: true });
    expect(analyzer.vantages).toEqual([]);
    expect(rows.every(({ verdict }) => !verdict!.byCapture)).toBe(true);
    expect(analyzer.connections).toHaveLength(2);
  });

  it('tags in one direction only, and both make one view', () => {
    const way = new Way(CLIENT, [{ delay: 0 }]);
    talk(way, CLIENT, SERVER);
    const frames = way.sorted().map((frame) => ({ ...frame, at: frame.sent.from === CLIENT ? 0 : 1 }));
    const rows = rowsOf(captureOf(['vlan 10', 'plain'], frames));
    expect(rows.map(({ kind }) => kind)).toEqual(['new', 'new', 'ack', 'new', 'new', 'ack']);
    expect(losses(rows)).toEqual([]);
  });

  it('keeps its name where it shows one level, and gets that of the level where it shows several', () => {
    const way = new Way(CLIENT, [{ delay: 0 }, apart(1), apart(1)]);
    talk(way, CLIENT, SERVER);
    const b = new Pcapng();
    const packets = way.sorted().map(({ time, at, sent }) =>
      b.enhanced(BigInt(1e15 + time), FORMS[['vlan 10', 'plain', 'vlan 20'][at]](packet(sent)), {
        id: at === 0 ? 0 : 1,
      }),
    );
    const interfaces = ['eth0', 'trunk'].map((name) => b.interface(1, 0, [{ code: 2, value: text(name) }]));
    const { analyzer } = analyse(concat(b.section(), ...interfaces, ...packets));
    expect(analyzer.vantages.map(({ name }) => name)).toEqual(['eth0', 'trunk', 'trunk vlan 20']);
  });
});

describe('the level of a record', () => {
  const levelFor = (data: Uint8Array, captured = data.length, linkType = 1) => {
    const record = new CaptureRecord();
    record.bytes = data;
    record.data = new DataView(data.buffer, data.byteOffset, data.byteLength);
    record.capturedLength = captured;
    record.linkType = linkType;
    return levelOf(record);
  };
  const ip = packet({ from: CLIENT, to: SERVER, flags: A, seq: 1 });

  it.each(Object.keys(FORMS))('%s is read from its headers', (name) => {
    expect(levelName(levelFor(FORMS[name](ip)))).toBe(name === 'plain' ? '' : name);
  });

  it('takes a priority tag for none', () => {
    expect(levelFor(ethernet(0x8100, tag(0), ip))).toBe(0);
    expect(levelFor(ethernet(0x8100, tag(1), ip))).toBe(1);
  });

  it('is not told by what holds no TCP', () => {
    expect(levelFor(ethernet(0x0806, new Uint8Array(28)))).toBe(NO_LEVEL);
    expect(levelFor(ethernet(0x0800, outer(17, udp(53, new Uint8Array(20)))))).toBe(NO_LEVEL);
    expect(levelFor(ethernet(0x0800, outer(1, new Uint8Array(20))))).toBe(NO_LEVEL);
  });

  it('never reads beyond what was captured', () => {
    const whole = FORMS['vlan 20 vxlan'](ip);
    for (let captured = 0; captured <= whole.length; captured++)
      expect(() => levelFor(whole.slice(0, captured), captured)).not.toThrow();
    expect(levelName(levelFor(whole.slice(0, 40), 40))).toBe('');
  });
});
