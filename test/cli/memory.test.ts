import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { warm } from '../support/warm.ts';
import { tcpscope } from './tcpscope.ts';

const PACKETS = 20_000;
const RECORD = 16 + 40;
/** With a heap of this size (MiB), reading may fill some 35 MiB: too little for all attempts of the flood (`src/cli/memory.ts`). */
const HEAP = 145;
/** A check knows more of each attempt. With this heap the same holds of so many. */
const CHECK_HEAP = 165;
const CHECK_PACKETS = 30_000;

const [SYN, ACK] = [0x02, 0x10];

/** A capture of segments with these flags, each from another address: a connection a packet. */
function flood(flags: number, packets: number): Uint8Array {
  const bytes = new Uint8Array(24 + packets * RECORD);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262144, true);
  view.setUint32(20, 101, true);
  for (let i = 0; i < packets; i++) {
    const at = 24 + i * RECORD;
    view.setUint32(at, Math.floor(i / 1000), true);
    view.setUint32(at + 4, (i % 1000) * 1000, true);
    view.setUint32(at + 8, 40, true);
    view.setUint32(at + 12, 40, true);
    view.setUint32(at + 16, 0x45000028);
    view.setUint16(at + 24, 0x4006);
    view.setUint32(at + 28, 0x0b000000 + i);
    view.setUint32(at + 32, 0x0a000001);
    view.setUint16(at + 36, 1024 + (i % 60_000));
    view.setUint16(at + 38, 80);
    view.setUint16(at + 48, 0x5000 | flags);
    view.setUint16(at + 50, 1000);
  }
  return bytes;
}

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
const file = join(folder, 'flood.pcap');
writeFileSync(file, flood(SYN, PACKETS));
const large = join(folder, 'large.pcap');
writeFileSync(large, flood(SYN, CHECK_PACKETS));
/** An ACK may be of a connection that goes on: it is no attempt. */
const acks = join(folder, 'acks.pcap');
writeFileSync(acks, flood(ACK, PACKETS));
afterAll(() => rmSync(folder, { recursive: true }));

function withSmallHeap(...args: string[]) {
  return readWithSmallHeap(file, ...args);
}

/** In one process for all of them: what a command has left behind is garbage to the next. */
function readWithSmallHeap(capture: string, ...args: string[]) {
  return warm([...args, capture], { heap: HEAP });
}

describe('a heap that is too small for the connections of a capture', { timeout: 60_000 }, () => {
  it('is enough for a flood, which is folded', async () => {
    const { status, stdout } = await withSmallHeap('--json');
    const { capture, connections, findings, summary } = JSON.parse(stdout);
    expect(capture.packets.total).toBe(PACKETS);
    expect(connections.length).toBeLessThan(PACKETS / 4);
    expect(connections.length + capture.evicted.connections).toBe(PACKETS);
    expect(capture.evicted).toMatchObject({ attempts: capture.evicted.connections, heardAgain: 0 });
    expect(summary.connections).toBe(PACKETS);
    const ids = findings.map(({ id }: { id: string }) => id);
    expect(ids).toContain('connections-evicted');
    expect(ids).toContain('syn-flood');
    expect(ids).not.toContain('memory-limit');
    expect(status).toBe(0);
  });

  it('lets connections leave where the flood is to be kept', async () => {
    const { status, stdout } = await withSmallHeap('--json', '--evict', 'attempts=100000');
    const { capture, findings } = JSON.parse(stdout);
    expect(capture.packets.total).toBe(PACKETS);
    expect(capture.evicted.forMemory).toBeGreaterThan(1000);
    expect(findings.map(({ id }: { id: string }) => id)).toContain('connections-evicted');
    expect(status).toBe(0);
  });

  it('ends the reading, not the report, where a command needs every connection', async () => {
    const { status, stdout, stderr } = await withSmallHeap('states', '--json', '--select', 'packets.count > 0');
    const { moments } = JSON.parse(stdout);
    expect(moments.length).toBeGreaterThan(1000);
    expect(stderr).toContain('flood.pcap: the memory is nearly full after ');
    expect(status).toBe(1);
  });

  it.each([
    [['congestion', '--json']],
    [['exchanges', '--ndjson']],
    [['exchanges', '--ndjson', '--jobs', '2']],
    [['packets', '--format', 'tcpdump']],
    [['explain', '--stream', '7']],
    [['explain', '--packet', '7']],
    [['flow', '--stream', '7']],
    [['follow', '--stream', '7']],
    [['script', '--stream', '7']],
    [['script', '--filter', 'src host 11.0.0.7']],
  ])('is enough for the attempts of a flood where none of them is needed: %j', async (args) => {
    const { status, stderr } = await withSmallHeap(...args);
    expect(stderr).not.toContain('nearly full');
    expect(status).toBe(0);
  });

  it('is enough for the attempts of a flood that a check does not keep', async () => {
    const { status, stderr } = await warm(['check', '--expect', 'retransmissions.count == 0', large], {
      heap: CHECK_HEAP,
    });
    expect(stderr).not.toContain('nearly full');
    expect(status).toBe(0);
  });

  it.each([
    [
      ['baseline', 'save', '-o', '-'],
      /^tcpscope: warning: the baseline may be wrong: [\d,]+ connections .* left while/m,
    ],
    [['init', '-o', '-'], /^# Not looked at: [\d,]+ connections .* left while/m],
  ])('says with %j how many attempts of a flood left that a check does not keep', (args, told) => {
    const { status, stdout, stderr } = tcpscope([...args, file]);
    expect(stdout + stderr).toMatch(told);
    expect(status).toBe(0);
  });

  it.each([[['packets', '--csv']], [['states', '--json']]])(
    'is enough for %j, which says how many attempts left',
    async (args) => {
      const { status, stderr } = await withSmallHeap(...args);
      const told = /^tcpscope: ([\d,]+) connections that came to nothing left while the capture was read/m;
      expect(told.exec(stderr)?.[1]).toMatch(/^1\d,\d{3}$/);
      expect(stderr).not.toContain('nearly full');
      expect(status).toBe(0);
    },
  );

  it('is enough for the packets of one attempt', async () => {
    expect((await withSmallHeap('packets', '--stream', '7')).stdout).toContain('11.0.0.7');
  });

  it('tells who there was to choose from', async () => {
    const { status, stderr } = await withSmallHeap('flow');
    expect(stderr).toContain('there are 20,000 connections: choose one');
    expect(stderr).toContain('... and 19,980 more');
    expect(status).toBe(2);
  });

  it('lets a check that holds however many packets follow fail, since the input was not read whole', async () => {
    const { status, stdout } = await readWithSmallHeap(acks, 'check', '--expect', 'capture.packets > 100');
    expect(stdout).toContain('pass: 1 passed');
    expect(status).toBe(1);
  });

  it('makes a check that passes inconclusive', async () => {
    const { status, stdout } = await readWithSmallHeap(acks, 'check', '--expect', 'capture.packets < 100000');
    expect(stdout).toContain('the memory is nearly full');
    expect(status).toBe(4);
  });
});

it.each([
  ['10x', 'an amount of memory'],
  ['159M', 'at least 160M'],
  ['0.1G', 'at least 160M'],
])('--memory %s is refused', (size, says) => {
  const { status, stderr } = tcpscope(['--memory', size, file]);
  expect(stderr).toContain(says);
  expect(status).toBe(2);
});

it.each([
  ['closed', 'is no time'],
  ['never=5s', 'is none of'],
  ['closed=5x', 'is no time'],
  ['attempts=0', 'a whole number'],
])('--evict %s is refused', (rules, says) => {
  const { status, stderr } = tcpscope(['--evict', rules, file]);
  expect(stderr).toContain(says);
  expect(status).toBe(2);
});
