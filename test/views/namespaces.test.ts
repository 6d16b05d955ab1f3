import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { type ComparedPacket, compare } from '../../src/index.ts';
import { analyse } from '../support/analyze.ts';

const SCRIPT = fileURLToPath(new URL('namespaces/router.sh', import.meta.url));
const works = (words: string) => spawnSync('sh', ['-c', words], { stdio: 'ignore' }).status === 0;
/** What the machine lacks for captures in namespaces of their own; empty where it lacks nothing. */
const lacks =
  process.platform !== 'linux' || !works('unshare -n true')
    ? 'it gives no network namespaces'
    : ['ip', 'nsenter', 'tcpdump', 'bash'].find((tool) => !works(`command -v ${tool}`)) !== undefined
      ? 'ip, nsenter, tcpdump or bash is missing'
      : works('unshare -n ip link add x0 type veth peer name x1')
        ? ''
        : 'it makes no veth interfaces';
const OPTIONS: Record<string, boolean> = {
  nat: lacks === '' && works('unshare -n nft add table ip nat'),
  netem: lacks === '' && works("unshare -n sh -c 'ip link set lo up && tc qdisc add dev lo root netem loss 2%'"),
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function capture(...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tcpscope-namespaces-'));
  folders.push(folder);
  const { status, stderr } = spawnSync('unshare', ['-n', 'bash', SCRIPT, folder, ...options], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return folder;
}

interface Wire {
  frames: number;
  /** Of the client, and of the server: frames with more data than one segment has, and octets of data. */
  large: [number, number];
  bytes: [number, number];
}

/** What a file of SLL2 holds at an interface, counted without tcpscope: IPv4 lengths less headers. */
function onWire(file: Buffer, index: number): Wire {
  const wire: Wire = { frames: 0, large: [0, 0], bytes: [0, 0] };
  for (let at = 24; at + 16 <= file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const data = at + 16;
    at = data + length;
    if (file.readUInt16BE(data) !== 0x0800 || file.readInt32BE(data + 4) !== index) continue;
    const ip = data + 20;
    const tcp = ip + 4 * (file[ip] & 15);
    const payload = file.readUInt16BE(ip + 2) - (tcp - ip) - 4 * (file[tcp + 12] >> 4);
    const sender = file.readUInt16BE(tcp) === 8000 ? 1 : 0;
    wire.frames++;
    if (payload > 1460) wire.large[sender]++;
    wire.bytes[sender] += payload;
  }
  return wire;
}

const lostRows = (rows: Iterable<ComparedPacket>) => [...rows].filter(({ lostBetween }) => lostBetween !== null);
const bytesOf = (rows: readonly ComparedPacket[], direction: string) =>
  rows.filter((row) => row.direction === direction).reduce((sum, { length }) => sum + length, 0);

describe.skipIf(lacks !== '')(`a router in namespaces of its own${lacks === '' ? '' : `: not here, ${lacks}`}`, () => {
  const runs = [[], ['nat'], ['netem']].filter((options) => options.every((option) => OPTIONS[option]));

  it.each(runs.map((options) => ({ name: options.join(' ') || 'forwarding', options })))(
    '$name: what it lost is what one interface saw and the other did not',
    { timeout: 90_000 },
    async ({ options }) => {
      const folder = capture(...options);
      const links = readFileSync(join(folder, 'links'), 'utf8').trim().split('\n');
      const interfaces = new Map(links.map((line) => [Number(line.split(' ')[0]), line.split(' ')[1]]));
      const file = readFileSync(join(folder, 'any.pcap'));
      const [r0, r1] = [...interfaces.keys()].map((index) => onWire(file, index));
      // The kernel handed large frames to the one interface and split them before the other.
      expect(r0.large[0]).toBeGreaterThan(50);
      expect(r1.large[0]).toBe(0);

      const { analyzer, rows } = analyse(file, { everyView: true, views: { interfaceNames: interfaces } });
      expect(analyzer.vantages.map(({ name, frames }) => [name, frames]).sort()).toEqual([
        ['r0', r0.frames],
        ['r1', r1.frames],
      ]);
      expect(analyzer.connections).toHaveLength(3);

      // The same by compare, whose rows are the pieces: data that came in and did not go out.
      const comparison = await compare(join(folder, 'any.pcap'));
      const lost = lostRows(comparison.packets());
      expect(comparison.report.connections).toHaveLength(3);
      expect(bytesOf(lost, 'c2s')).toBe(r0.bytes[0] - r1.bytes[0]);
      expect(bytesOf(lost, 's2c')).toBe(r1.bytes[1] - r0.bytes[1]);
      expect(bytesOf(lost, 'c2s') + bytesOf(lost, 's2c')).toBeGreaterThan(0);
      const frameOf = ({ packets }: ComparedPacket) => packets.find((one) => one !== null)!.number;
      const told = rows.filter(({ view }) => view.sight!.lostBetween !== null).map(({ view }) => view.frame);
      expect(new Set(told)).toEqual(new Set(lost.map(frameOf)));

      // And by the ends, with files of their own.
      const ends = await compare([join(folder, 'client.pcap'), join(folder, 'server.pcap')]);
      expect(ends.report.vantageOrder.map((name) => name.split('/').pop())).toEqual(['client.pcap', 'server.pcap']);
      const away = lostRows(ends.packets());
      for (const direction of ['c2s', 's2c'])
        if (options.length === 0) expect(bytesOf(away, direction)).toBe(bytesOf(lost, direction));
    },
  );
});
