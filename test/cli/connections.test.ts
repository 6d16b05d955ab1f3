import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { floodBlocks } from '../bench/flood.mjs';
import { scenario } from '../support/scenario.ts';
import { fixture, objects, output, start, tcpscope, waiting } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const short = (packets: number, gap: number) => Buffer.concat([...floodBlocks({ kind: 'short', packets, gap })]);
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('connections', () => {
  it.each(['linux-answer-tail-loss.pcap', 'tshark-10-port-and-isn-reused.pcap', 'seed-http-40-packets.pcap'])(
    'of %s say what the report says',
    (name) => {
      const lines = objects(['connections', '--ndjson', fixture(name)]);
      const { connections } = JSON.parse(output(['--json', fixture(name)]));
      expect(lines).toHaveLength(connections.length);
      for (const [i, line] of lines.entries()) {
        const { written, continues, lostMs, findings, ...rest } = line;
        const { congestion: _, timeBudget, findings: all, ...expected } = connections[i];
        expect(rest).toEqual(expected);
        expect([written, continues]).toEqual(['end of input', null]);
        expect(lostMs).toBeLessThanOrEqual(
          timeBudget.totals.reduce((sum: number, { ms }: { ms: number }) => sum + ms, 0),
        );
        const times = (findings as { times: number }[]).reduce((sum, one) => sum + one.times, 0);
        expect(times).toBe(all.reduce((sum: number, { more }: { more: number }) => sum + 1 + more, 0));
      }
    },
  );

  it('are written as they end, and each once', () => {
    // Ten packets each 10 ms: a connection each 100 ms, 1,000 of them in 100 s.
    const lines = objects(['connections', '--ndjson', '-'], { input: short(10_000, 10_000) });
    expect(lines.map(({ stream }) => stream)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    const written = lines.map(({ written }) => written);
    expect(written.filter((why) => why === 'closed').length).toBeGreaterThan(500);
    expect(new Set(written)).toEqual(new Set(['closed', 'end of input']));
    expect(lines.every(({ connState }) => connState === 'SF')).toBe(true);
  });

  it('keep to the rules of --evict', () => {
    const never = 'attempt=never,closed=never,half-closed=never,idle=never';
    const lines = objects(['connections', '--ndjson', '--evict', never, '-'], { input: short(10_000, 10_000) });
    expect(new Set(lines.map(({ written }) => written))).toEqual(new Set(['end of input']));
  });

  it('have late packets on a line that says whose they are', () => {
    const connections = {
      Early: { client: '10.0.0.1:40000', server: '192.0.2.1:80' },
      Busy: { client: '10.0.0.2:40000', server: '192.0.2.1:80' },
    };
    const text = [
      '0.00 > S seq 0 conn Early',
      '0.01 < S. seq 0 ack 1 conn Early',
      '0.02 > . ack 1 conn Early',
      ...Array.from({ length: 9000 }, (_, i) => `${(1 + i).toFixed(2)} > . ${1 + i}:${2 + i}(1) ack 1 conn Busy`),
      '9010.0 > P. 1:101(100) ack 1 conn Early',
    ].join('\n');
    const input = scenario({ connections }, text).pcap;
    const lines = objects(['connections', '--ndjson', '-'], { input });
    expect(lines.map(({ stream, written, continues }) => [stream, written, continues])).toEqual([
      [0, 'idle', null],
      [1, 'end of input', null],
      [2, 'end of input', 0],
    ]);
  });

  it('as CSV have the same values under a header', () => {
    const [header, first] = output(['connections', '--csv', fixture('linux-echo.pcap')]).split('\n');
    expect(header).toMatch(/^stream,client\.address,.*,written,continues,lostMs$/);
    expect(first.split(',')).toHaveLength(header.split(',').length);
    expect(first).toMatch(/end of input,,/);
  });

  it('obey the filter and --stream', () => {
    const input = short(100, 10_000);
    const streams = (...args: string[]) =>
      objects(['connections', '--ndjson', ...args, '-'], { input }).map(({ stream }) => stream);
    expect(streams('--stream', '3,5')).toEqual([3, 5]);
    expect(streams('-f', 'host 10.0.0.7')).toEqual([7]);
    expect(tcpscope(['connections', '--stream', '99', '-'], { input }).status).toBe(2);
  });
});

describe('--rotate', () => {
  it('begins a file each so often', () => {
    const name = join(folder, 'log.ndjson');
    output(['connections', '--ndjson', '-o', name, '--rotate', '20s', '-'], { input: short(10_000, 10_000) });
    const files = readdirSync(folder)
      .filter((file) => file.startsWith('log.'))
      .sort();
    expect(files[0]).toBe('log.00001.ndjson');
    // 100 seconds.
    expect(files.length).toBeGreaterThanOrEqual(4);
    expect(files.length).toBeLessThanOrEqual(6);
    const streams = files
      .flatMap((file) => linesOf(readFileSync(join(folder, file), 'utf8')))
      .map(({ stream }) => stream);
    expect(streams).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it('begins a file after so many bytes, each with the header', () => {
    const name = join(folder, 'log.csv');
    output(['connections', '--csv', '-o', name, '--rotate', '64K', '-'], { input: short(10_000, 10_000) });
    const files = readdirSync(folder).filter((file) => /^log\.\d+\.csv$/.test(file));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).toMatch(/^stream,/);
  });

  it('needs a name', () => {
    expect(tcpscope(['connections', '--rotate', '1h', fixture('linux-echo.pcap')]).status).toBe(2);
  });
});

/** The capture so many hours later, for the clock not to go back. */
function after(hours: number, capture: Buffer): Buffer {
  for (let at = 24; at < capture.length; at += 16 + capture.readUInt32LE(at + 8))
    capture.writeUInt32LE(capture.readUInt32LE(at) + 3600 * hours, at);
  return capture;
}

describe('--follow', () => {
  it('takes the files of a ring as they come, and reports when it is stopped', { timeout: 30_000 }, async () => {
    const ring = mkdtempSync(join(folder, 'ring-'));
    const capture = short(4000, 10_000);
    const half = 24 + Math.floor((capture.length - 24) / 3);
    // In the middle of a record: the rest of it comes later.
    writeFileSync(join(ring, 'a.pcap0'), capture.subarray(0, half));
    const child = start(['connections', '--ndjson', '--follow', join(ring, 'a.pcap*')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      errors += part;
    });
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const until = async (count: number) => {
      while (linesOf(text.slice(0, text.lastIndexOf('\n') + 1)).length < count)
        await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await waiting(child);
    appendFileSync(join(ring, 'a.pcap0'), capture.subarray(half));
    writeFileSync(join(ring, 'other.txt'), 'no capture');
    await waiting(child);
    writeFileSync(join(ring, 'a.pcap1'), after(1, short(8000, 10_000)));
    // So many that it looks again for connections that are over, and tells all those of the files before.
    writeFileSync(join(ring, 'a.pcap2'), after(2, short(12_000, 10_000)));
    await until(1200);
    child.kill('SIGINT');
    await once(child, 'close');
    const lines = linesOf(text).filter(({ stream }) => stream < 1200);
    expect(errors).toBe('');
    expect(lines).toHaveLength(1200);
    expect(lines.reduce((sum, { packets }) => sum + packets, 0)).toBe(12_000);
  });

  it('and captures exclude each other', () => {
    const { status, stderr } = tcpscope(['connections', '--follow', '/tmp/*', fixture('linux-echo.pcap')]);
    expect(status).toBe(2);
    expect(stderr).toContain('--follow reads the files of its pattern');
  });

  it('says what cannot be followed', () => {
    const { status, stderr } = tcpscope(['connections', '--follow', join(folder, 'none', '*')]);
    expect(status).toBe(3);
    expect(stderr).toContain(`there is no folder ${join(folder, 'none')}`);
  });
});
