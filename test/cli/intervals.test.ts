import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { IntervalReport } from '../../src/interval/interval.ts';
import { floodBlocks } from '../bench/flood.mjs';
import { ending, fixture, objects, output, start, tcpscope, waiting } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-intervals-'));
afterAll(() => rmSync(folder, { recursive: true }));

const flood = (kind: string, packets: number, gap: number) => Buffer.concat([...floodBlocks({ kind, packets, gap })]);
const intervals = (args: readonly string[], input?: Uint8Array) =>
  objects(['analyze', '--ndjson', ...args], input === undefined ? {} : { input }) as unknown as IntervalReport[];
const linesOf = (text: string): IntervalReport[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

interface Packet {
  timestamp: string;
  verdict: { kind: string; cause: string | null; spurious: boolean; fate: string };
  findings: { id: string }[];
}

describe('analyze --every --ndjson', () => {
  it.each([
    'linux-answer-tail-loss.pcap',
    'linux-single-loss-sack.pcap',
    'tshark-10-port-and-isn-reused.pcap',
    'seed-http-40-packets.pcap',
    'linux-syn-lost-backoff.pcap',
  ])('of %s has in each interval what its packets have, and in all what the report has', (name) => {
    const told = intervals(['--every', '1s', fixture(name)]);
    const packets = objects(['packets', '--ndjson', fixture(name)]) as unknown as Packet[];
    expect(told.length).toBeGreaterThan(0);
    for (const { from, to, packets: counts, verdicts, retransmissions, findings } of told) {
      // A packet that comes a little late counts where it comes.
      expect(counts.late).toBe(0);
      const own = packets.filter(
        ({ timestamp }) => Number(timestamp) >= Number(from) && Number(timestamp) < Number(to),
      );
      const of = (is: (verdict: Packet['verdict']) => boolean) => own.filter(({ verdict }) => is(verdict)).length;
      expect(counts.tcp).toBe(own.length);
      expect(verdicts).toEqual({
        new: of(({ kind }) => kind === 'new'),
        ack: of(({ kind }) => kind === 'ack'),
        retransmission: of(({ kind }) => kind === 'retransmission'),
        reordered: of(({ kind }) => kind === 'reordered'),
        duplicate: of(({ kind }) => kind === 'duplicate'),
        keepAlive: of(({ kind }) => kind === 'keep-alive'),
        windowProbe: of(({ kind }) => kind === 'window-probe'),
        spurious: of(({ spurious }) => spurious),
        lost: of(({ fate }) => fate === 'lost'),
      });
      expect(retransmissions.fast).toBe(of(({ cause }) => cause === 'fast'));
      expect(retransmissions.rto).toBe(of(({ cause }) => cause === 'rto'));
      const ids = new Set(findings.map(({ id }) => id));
      for (const { findings } of own) for (const { id } of findings) expect(ids).toContain(id);
    }
    const { capture, connections, summary } = JSON.parse(output(['--json', fixture(name)]));
    const sum = (value: (interval: IntervalReport) => number) => told.reduce((total, one) => total + value(one), 0);
    expect(sum(({ packets }) => packets.total)).toBe(capture.packets.total);
    expect(sum(({ bytes }) => bytes.wire)).toBe(capture.bytes.wire);
    expect(sum(({ connections: { opened } }) => opened)).toBe(connections.length);
    expect(sum(({ time }) => time.connections)).toBe(summary.time.connections);
    expect(sum(({ time }) => time.ms)).toBeCloseTo(summary.time.ms, 3);
    expect(sum(({ time }) => time.lostMs)).toBeCloseTo(summary.time.lostMs, 3);
    expect(told.at(-1)!.end).toBe('end of input');
  });

  it('lets connections leave, and counts each once', () => {
    // A connection of ten packets each 100 ms, for 400 s.
    const told = intervals(['--every', '60s', '-'], flood('short', 40_000, 10_000));
    expect(told.length).toBeGreaterThanOrEqual(7);
    const sum = (value: (interval: IntervalReport) => number) => told.reduce((total, one) => total + value(one), 0);
    const left = sum(({ connections: { left } }) => left.closed);
    expect(sum(({ connections: { opened } }) => opened)).toBe(4000);
    expect(left).toBeGreaterThan(3700);
    expect(sum(({ time }) => time.connections)).toBe(4000);
    expect(sum(({ packets }) => packets.total)).toBe(40_000);
  });

  it('begins files by the time of the capture', () => {
    output(['--ndjson', '--every', '10s', '-o', join(folder, 'log.ndjson'), '--rotate', '100s', '-'], {
      input: flood('short', 40_000, 10_000),
    });
    const files = readdirSync(folder).sort();
    expect(files.slice(0, 2)).toEqual(['log.00001.ndjson', 'log.00002.ndjson']);
    expect(files.length).toBeGreaterThanOrEqual(4);
    const told = files.flatMap((file) => linesOf(readFileSync(join(folder, file), 'utf8')));
    expect(told.map(({ number }) => number)).toEqual(told.map((_, i) => i + 1));
    expect(told.reduce((sum, { packets }) => sum + packets.total, 0)).toBe(40_000);
  });

  it('obeys --stream, the filter and --min-severity', () => {
    const name = fixture('seed-http-40-packets.pcap');
    const verdicts = (...args: string[]) =>
      intervals(['--every', '1h', ...args, name]).reduce((sum, { verdicts: { ack } }) => sum + ack, 0);
    const packets = objects(['packets', '--ndjson', name]) as unknown as Packet[];
    expect(verdicts()).toBe(packets.filter(({ verdict: { kind } }) => kind === 'ack').length);
    expect(verdicts('-f', 'tcp[13] & 2 != 0')).toBe(0);
    expect(verdicts('--stream', '0')).toBe(
      (objects(['packets', '--ndjson', '--stream', '0', name]) as unknown as Packet[]).filter(
        ({ verdict: { kind } }) => kind === 'ack',
      ).length,
    );
    const severities = intervals(['--every', '1h', '--min-severity', 'warning', fixture('linux-syn-lost-backoff.pcap')])
      .flatMap(({ findings }) => findings)
      .map(({ severity }) => severity);
    expect(severities).toContain('warning');
    expect(severities).not.toContain('info');
  });

  it.each([['0.9s'], ['8d'], ['never'], ['often']])('refuses %s', (every) => {
    expect(tcpscope(['--ndjson', '--every', every, fixture('linux-echo.pcap')]).status).toBe(2);
  });

  it.each([['1s'], ['7d']])('takes %s', (every) => {
    expect(intervals(['--every', every, fixture('linux-echo.pcap')]).length).toBeGreaterThan(0);
  });

  it.each([
    [['--every', '60s']],
    [['--every', '60s', '--json']],
    [['--ndjson', '-o', join(folder, 'never.ndjson')]],
    [['--ndjson', '--rotate', '1h']],
    [['--ndjson', '--every', '60s', '--rotate', '1h']],
    [['--ndjson', '--every', '60s', '--select', 'rtt.p95 > 1s']],
    [['--ndjson', '--every', '60s', '--follow', join(folder, '*.pcap')]],
  ])('%j does not go together', (args) => {
    expect(tcpscope([...args, fixture('linux-echo.pcap')])).toMatchObject({ status: 2, stdout: '' });
  });
});

async function wait(until: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !until(); i++) await sleep(50);
  expect(until()).toBe(true);
}

describe('of a ring', () => {
  it('tells in its lines what they are of its files in one', { timeout: 40_000 }, async () => {
    const ring = mkdtempSync(join(folder, 'ring-'));
    const capture = flood('short', 900, 10_000_000);
    const record = (capture.length - 24) / 900;
    const file = (from: number, to: number) =>
      Buffer.concat([capture.subarray(0, 24), capture.subarray(24 + from * record, 24 + to * record)]);
    writeFileSync(join(ring, 'a.pcap0'), file(0, 300));
    const child = start(['--ndjson', '--every', '2s', '--follow', join(ring, 'a.pcap*')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const over = ending(child);
    const packets = (lines: IntervalReport[]) => lines.reduce((sum, { packets: { total } }) => sum + total, 0);
    const soFar = () => packets(linesOf(text.slice(0, text.lastIndexOf('\n') + 1)));
    await wait(() => soFar() > 0);
    writeFileSync(join(ring, 'a.pcap1'), file(300, 900));
    await wait(() => soFar() >= 900);
    child.kill('SIGINT');
    expect((await over).status).toBe(130);
    const told = linesOf(text);
    const whole = intervals(['--every', '2s', '-'], capture);
    expect(packets(told)).toBe(900);
    expect(whole.length).toBeGreaterThan(3);
    const sums = (lines: IntervalReport[]) => {
      const sum = new Map<string, number>();
      for (const { from, packets: counts } of lines) sum.set(from, (sum.get(from) ?? 0) + counts.total);
      return sum;
    };
    expect(sums(told)).toEqual(sums(whole));
  });

  it('wants --every', () => {
    const { status, stderr } = tcpscope(['--ndjson', '--follow', join(folder, '*.pcap')]);
    expect(status).toBe(2);
    expect(stderr).toContain('--follow goes with --every');
  });
});

describe('on a pipe', () => {
  it('an interval ends though nothing comes, and a signal writes the last one', { timeout: 40_000 }, async () => {
    const child = start(['--ndjson', '--every', '2s', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const over = ending(child);
    const capture = flood('short', 300, 10_000);
    child.stdin!.write(capture);
    await wait(() => linesOf(text).some(({ end }) => end === 'silence'));
    const silent = linesOf(text);
    expect(silent.reduce((sum, { packets }) => sum + packets.total, 0)).toBe(300);
    // What comes after the silence is told when somebody ends the reading.
    child.stdin!.write(flood('short', 600, 10_000).subarray(capture.length));
    await waiting(child);
    child.kill('SIGINT');
    const { status } = await over;
    expect(status).toBe(130);
    const told = linesOf(text);
    expect(told.at(-1)!.end).toBe('end of input');
    expect(told.reduce((sum, { packets }) => sum + packets.total, 0)).toBe(600);
    child.stdin!.destroy();
    if (child.exitCode === null) await once(child, 'exit');
  });
});
