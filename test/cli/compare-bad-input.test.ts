import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CompareReport } from '../../src/compare/report.ts';
import { concat, Pcapng } from '../capture/build.ts';
import { type PcapRecord, writePcap } from '../support/pcap-file.ts';
import { type Plan, type TrueFrame, travel } from '../views/journey.ts';
import { bin, environment, output, tcpscope } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-compare-bad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PLAN: Plan = { seed: 61, gaps: [{ forward: 6, backward: 6, loss: 0.05, jitter: 0.2 }], connections: 4 };
const journey = travel(PLAN);
const lost = journey.packets.filter((packet) => packet.lost !== null).length;
const isOfClient = new Map(
  journey.packets.flatMap(({ frames, direction }) =>
    frames.flatMap((number, point) =>
      number === null ? [] : [[journey.frames[point][number - 1], direction === 'c2s'] as const],
    ),
  ),
);

function save(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function pcap(name: string, frames: readonly TrueFrame[], linkType = 1): string {
  const records = frames.map(({ time, bytes }): PcapRecord => ({ time: BigInt(time) * 1000n, bytes }));
  return save(name, writePcap({ linkType, resolution: 'us', byteOrder: 'little', snaplen: 262144 }, records));
}

const [near, far] = journey.frames;
const a = pcap('a.pcap', near);
const b = pcap('b.pcap', far);
const lossesOf = (...files: string[]) => {
  const { links } = JSON.parse(tcpscope(['compare', '--json', ...files]).stdout) as CompareReport;
  return links.reduce((sum, { c2s, s2c }) => sum + c2s.lost + s2c.lost, 0);
};

describe('compare tells, and mixes nothing', () => {
  test('an empty file, one without packets, and one that is no capture', () => {
    const empty = tcpscope(['compare', a, save('empty.pcap', new Uint8Array(0))]);
    expect([empty.status, empty.stdout]).toEqual([3, '']);
    expect(empty.stderr).toContain('empty.pcap: the file is empty');
    const other = tcpscope(['compare', a, save('notes.txt', new TextEncoder().encode('nothing of the kind'))]);
    expect([other.status, other.stdout]).toEqual([3, '']);
    const text = output(['compare', a, pcap('header.pcap', [])]);
    expect(text).toContain('Nothing can be compared');
    expect(text).toContain('header.pcap holds no TCP packets');
    expect(text).not.toContain('On the way');
  });

  test('a file that shows one direction only', () => {
    const oneWay = pcap(
      'c2s.pcap',
      far.filter((frame) => isOfClient.get(frame)),
    );
    const text = output(['compare', a, oneWay]);
    expect(text).toContain('hold packets of one direction only in common: their clocks cannot be compared');
    const c2s = journey.packets.filter(({ direction, lost: where }) => direction === 'c2s' && where !== null).length;
    expect(lossesOf(a, oneWay)).toBeLessThanOrEqual(c2s);
    const back = pcap(
      's2c.pcap',
      far.filter((frame) => !isOfClient.get(frame)),
    );
    expect(output(['compare', oneWay, back])).toContain('other connections or the other direction only');
  });

  test('interfaces that the file does not describe', () => {
    const png = new Pcapng();
    const packets = far.map(({ time, bytes }, i) => png.enhanced(BigInt(time), bytes, { id: i % 12 === 5 ? 7 : 0 }));
    const file = save('ids.pcapng', concat(png.section(), png.interface(1, 0, []), ...packets));
    const { stdout, stderr, status } = tcpscope(['compare', a, file]);
    expect(status).toBe(0);
    expect(stderr).toContain('a block refers to an interface that its section does not describe');
    expect(stdout).toContain('the capture missed them, they were not lost');
    expect(lossesOf(a, file)).toBeLessThanOrEqual(lost);
  });

  test('a third capture of other traffic, between two that go together', () => {
    const other = pcap('other.pcap', travel({ ...PLAN, seed: 99 }).frames[0]);
    const text = output(['compare', a, other, b]);
    expect(text.split('\n')[0]).toBe('a.pcap ↔ b.pcap  from client to server');
    expect(text).toMatch(/other\.pcap has no packet in common with the other captures/);
    expect(lossesOf(a, other, b)).toBe(lost);
  });

  test('the files in any order', () => {
    expect(lossesOf(a, b)).toBe(lost);
    expect(lossesOf(b, a)).toBe(lost);
    expect(output(['compare', b, a]).split('\n')[0]).toBe('a.pcap ↔ b.pcap  from client to server');
  });

  test('one capture twice under two names', () => {
    const copy = save('copy.pcap', readFileSync(a));
    expect(output(['compare', a, copy])).toContain('a.pcap and copy.pcap show the same packets at the same times');
  });

  test('a cooked capture of one place, whose packets come from several neighbours', () => {
    const frames = far.map((frame) => {
      const mac = [2, 0, 0, 0, 0, isOfClient.get(frame) ? 1 : 2];
      const bytes = concat(Uint8Array.from([0, 0, 0, 1, 0, 6, ...mac, 0, 0, 8, 0]), frame.bytes.subarray(14));
      return { ...frame, bytes };
    });
    const cooked = pcap('cooked.pcap', frames, 113);
    expect(output(['compare', a, cooked])).toContain(
      'the captures have different link types (Ethernet; Linux cooked (SLL))',
    );
    expect(lossesOf(a, cooked)).toBe(lost);
    const alone = tcpscope(['compare', cooked]);
    expect(alone.status).toBe(2);
    expect(alone.stderr).toContain('cooked.pcap has one point of view only');
  });

  test('a name for an interface that is not there', () => {
    const { stderr, status } = tcpscope(['compare', a, b, '--interface', '2=veth12']);
    expect(status).toBe(2);
    expect(stderr).toContain('--interface 2=veth12: no place is called so');
    expect(tcpscope(['compare', '--runs', a, b, '--interface', '2=x']).stderr).toContain('--runs has no places');
    expect(tcpscope(['compare', '--runs', a, b, '--symmetric']).stderr).toContain('--runs compares no clocks');
  });

  test('a name for an interface that shows two VLANs, or that is left out', () => {
    const tagged = ({ bytes }: TrueFrame, vlan: number) =>
      concat(bytes.subarray(0, 12), Uint8Array.from([0x81, 0, 0, vlan]), bytes.subarray(12));
    const trunk = [
      ...near.map((frame) => ({ ...frame, bytes: tagged(frame, 10) })),
      ...far.map((frame) => ({ ...frame, bytes: tagged(frame, 20) })),
    ];
    const file = pcap(
      'trunk.pcap',
      trunk.sort((x, y) => x.time - y.time),
    );
    for (const words of [[file], ['compare', file]])
      expect(output([...words, '--interface', '0=uplink'])).toContain('uplink vlan 10');
    expect(tcpscope([file, '--interface', '0=uplink', '--interface', '1=up']).stderr).toContain('--interface 1=up');
    const [other] = travel({ ...PLAN, seed: 7, connections: 1 }).frames;
    const png = new Pcapng();
    const frames = [near, far, other].flatMap((list, id) => list.map((frame) => ({ ...frame, id })));
    frames.sort((x, y) => x.time - y.time);
    const beside = save(
      'beside.pcapng',
      concat(
        png.section(),
        ...[0, 1, 2].map(() => png.interface(1, 0, [])),
        ...frames.map(({ time, bytes, id }) => png.enhanced(BigInt(time), bytes, { id })),
      ),
    );
    const { stdout, stderr, status } = tcpscope(['compare', beside, '--interface', '2=tap', '--interface', '0=lan']);
    expect(stderr).toContain('tap is left out');
    expect(stdout.split('\n')[0]).toBe('lan ↔ if1  from client to server');
    expect(status).toBe(0);
  });
});

test('check --compare that is interrupted says that nothing is checked, and writes no report', async () => {
  const records = near.map(({ time, bytes }): PcapRecord => ({ time: BigInt(time) * 1000n, bytes }));
  const one = writePcap({ linkType: 1, resolution: 'us', byteOrder: 'little', snaplen: 262144 }, records);
  const report = join(folder, 'report.xml');
  const words = ['check', '--compare', '-', b, '--expect', 'lost_between("standard input", "b.pcap") == 0'];
  const child = spawn(process.execPath, [bin, ...words, '--report', `junit=${report}`], { env: environment() });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  child.stdin.on('error', () => {});
  // The pipe holds far less, and has no end: once all is written the capture is being read.
  child.stdin.write(concat(one, ...Array.from({ length: 40 }, () => one.subarray(24))), () => child.kill('SIGINT'));
  const status = await new Promise((resolve) => child.once('close', resolve));
  expect(said).toContain('interrupted: nothing is checked');
  expect(status).toBe(130);
  expect(() => readFileSync(report)).toThrow('ENOENT');
}, 60_000);
