import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { collectStreams } from '../../src/cli/stream-choice.ts';
import { scenario } from '../support/scenario.ts';
import { bin, environment, fixture, objects, output, root, tcpscope } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-command-line-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ECHO = 'fixtures/linux-echo.pcap';

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, scenario({}, text).pcap);
  return path;
}

describe('a filter with a mistake in it', () => {
  it.each([
    ['prot 8000'],
    ['tcp.port==8000'],
    ['tcp port (8000'],
    ['port 80 or'],
    ['prot', '8000'],
    ['host', '10.0.0.300'],
    ['prot'],
  ])('is not taken for a missing file: %s', (...words) => {
    for (const command of [['packets'], [], ['states'], ['--csv'], ['congestion']]) {
      const { status, stdout, stderr } = tcpscope([...command, ECHO, ...words]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      const [first, ...others] = stderr.split('\n');
      expect(first).toMatch(/^tcpscope: error: .* is neither a file nor a valid filter: \S/);
      expect(first).toContain(words.join(' '));
      if (words[0] !== 'host') expect(others.some((line) => /^ *\^$/.test(line))).toBe(true);
    }
  });

  it('nor is a right one in the wrong place', () => {
    expect(tcpscope(['packets', 'port 80', ECHO])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('port 80 is no file; a filter comes after the captures, or with -f'),
    });
    expect(tcpscope(['packets', 'tcp[13] & 2 != 0'])).toMatchObject({ status: 2, stdout: '' });
  });

  it('while names of files are missing files, and filters are filters', () => {
    expect(tcpscope([ECHO, 'nothing.pcap'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no such file'),
    });
    expect(tcpscope([ECHO, 'no/thing'])).toMatchObject({ status: 1, stderr: expect.stringContaining('no such file') });
    expect(tcpscope(['packets', ECHO, 'net', '10.0.0.0/8'])).toMatchObject({ status: 0, stderr: '' });
    expect(tcpscope(['packets', ECHO, 'net 127.0.0.0/8 and tcp'])).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('--stream', () => {
  it('reads numbers, ranges and repetitions', () => {
    const choice = collectStreams('7-9', collectStreams('3, 5', undefined));
    expect([2, 3, 4, 5, 6, 7, 8, 9, 10].filter((stream) => choice.has(stream))).toEqual([3, 5, 7, 8, 9]);
    expect(choice.only).toBeNull();
    expect(collectStreams('4', undefined).only).toBe(4);
    expect(collectStreams('4-4', collectStreams('4', undefined)).only).toBe(4);
    expect(choice.missing(10)).toBeNull();
    expect(choice.missing(8)).toBeNull();
    expect(choice.missing(7)).toBe(7);
    for (const text of ['', ',', '3,', '-3', '3-', '9-7', 'x', '1.5', '0x1'])
      expect(() => collectStreams(text, undefined), text).toThrow(InvalidArgumentError);
  });

  it('chooses several connections wherever there may be several', () => {
    // A capture of four connections: the echo four times, at other ports.
    const many = join(folder, 'many.pcap');
    const echo = readFileSync(fixture('linux-echo.pcap'));
    const records = [echo.subarray(0, 24)];
    for (let shift = 0; shift < 4; shift++) {
      const copy = Buffer.from(echo.subarray(24));
      for (let at = 0; at < copy.length; ) {
        const length = copy.readUInt32LE(at + 8);
        // Ethernet 14, IPv4 20: whichever port is not the server's.
        for (const port of [at + 16 + 34, at + 16 + 36])
          if (copy.readUInt16BE(port) > 30000) copy.writeUInt16BE(copy.readUInt16BE(port) - shift, port);
        at += 16 + length;
      }
      records.push(copy);
    }
    writeFileSync(many, Buffer.concat(records));
    const all = objects(['packets', '--ndjson', many]).map(({ stream }) => stream);
    expect(new Set(all)).toEqual(new Set([0, 1, 2, 3]));
    const wanted = [...all.filter((stream) => stream === 1 || stream === 3)];
    for (const words of [
      ['--stream', '1', '--stream', '3'],
      ['--stream', '1,3'],
      ['--stream', '3,1-1'],
    ]) {
      expect(objects(['packets', '--ndjson', ...words, many]).map(({ stream }) => stream)).toEqual(wanted);
      const report = JSON.parse(output(['--json', ...words, many]));
      expect(report.connections.map(({ stream }: { stream: number }) => stream)).toEqual([1, 3]);
      expect(
        output(['packets', '--format', 'tcpdump', ...words, many])
          .trimEnd()
          .split('\n'),
      ).toHaveLength(wanted.length);
      expect(output([...words, many]).match(/^stream \d$/gm)).toEqual(['stream 1', 'stream 3']);
    }
    for (const command of ['explain', 'follow', 'flow', 'script', 'diagram']) {
      expect(tcpscope([command, many, '--stream', '1,3'])).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('--stream names several connections, and here one is wanted'),
      });
      expect(output([command, many, '-s', '3'])).toBe(output([command, many, '--stream', '3']));
    }
    expect(tcpscope(['packets', '--stream', '2-3,7', many])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no stream 7'),
    });
  });
});

describe('--fields', () => {
  it('takes the headings that are shown for names', () => {
    const [head] = output(['packets', ECHO]).split('\n');
    const headings = head.trim().split(/ +/);
    expect(headings).toContain('len');
    for (const name of headings) {
      const { status, stderr } = tcpscope(['packets', '--fields', name, ECHO]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
    expect(output(['packets', '-q', '--fields', '#,len', ECHO])).toBe(
      output(['packets', '-q', '--fields', 'number,payloadLength', ECHO]),
    );
  });
});

describe('follow --gap zero', () => {
  // A few hundred bytes of capture, and a gap of so many between two of them.
  const gap = (bytes: number) =>
    file(
      `gap-${bytes}.pcap`,
      `0.000 > S   seq 0 <mss 1460,wscale 14>
       0.010 < S.  seq 0 ack 1 win 65535 <mss 1460,wscale 14>
       0.020 > .   ack 1
       0.025 < .   ack 1 win 65535
       0.030 > P.  1:2(1) ack 1 "a"
       0.031 > P.  ${2 + bytes}:${3 + bytes}(1) ack 1 "b"
       0.040 < .   ack ${3 + bytes} win 65535
       0.050 > F.  ${3 + bytes}:${3 + bytes}(0) ack 1`,
    );
  const raw = ['--stream', '0', '--as', 'raw', '--side', 'client', '--gap', 'zero'];
  const out = join(folder, 'out');

  it('fills what is small, up to the bound', () => {
    expect(tcpscope(['follow', gap(1 << 24), ...raw, '-o', out])).toMatchObject({ status: 0 });
    expect(statSync(out).size).toBe((1 << 24) + 2);
    expect(readFileSync(out).subarray(-1).toString()).toBe('b');
    rmSync(out);
    const over = tcpscope(['follow', gap((1 << 24) + 1), ...raw, '-o', out]);
    expect(over).toMatchObject({ status: 1, stdout: '' });
    expect(over.stderr).toMatch(
      /has a gap at byte 1: .*; --gap zero writes up to 16.0 MiB of zeros, --max-zeros BYTES allows more/,
    );
    expect(() => statSync(out)).toThrow();
  });

  it('fills more when that is allowed, without taking room on the disk', () => {
    const bytes = 900_000_000;
    expect(tcpscope(['follow', gap(bytes), ...raw, '-o', out, '--max-zeros', String(bytes)])).toMatchObject({
      status: 0,
    });
    expect(statSync(out).size).toBe(bytes + 2);
    expect(statSync(out).blocks * 512).toBeLessThan(1 << 20);
    rmSync(out);
    expect(tcpscope(['follow', gap(bytes), ...raw, '--max-zeros', String(bytes)])).toMatchObject({
      status: 2,
      stdout: '',
    });
    expect(tcpscope(['follow', gap(8), '--max-zeros', '9'])).toMatchObject({ status: 2 });
  });

  it('of a pipe too', () => {
    expect(tcpscope(['follow', gap(70_000), ...raw]).stdout).toBe(`a${'\0'.repeat(70_000)}b`);
    expect(tcpscope(['follow', gap(70_000), ...raw, '--max-zeros', '69999'])).toMatchObject({ status: 1, stdout: 'a' });
  });
});

describe('a mistake of tcpscope itself', () => {
  // Breaks a function that every command calls once it runs.
  const broken = (code: string, ...args: string[]) =>
    spawnSync(process.execPath, ['--import', `data:text/javascript,${code}`, bin, ...args], {
      cwd: root,
      encoding: 'utf8',
      env: environment(),
    });

  it.each([
    ['thrown', 'Array.prototype.findLastIndex = () => { throw new TypeError("boom") };'],
    [
      'thrown in a callback',
      'Array.prototype.findLastIndex = () => { setTimeout(() => { throw new TypeError("boom") }); return -1 };',
    ],
  ])('has an exit status of its own: %s', (_, code) => {
    for (const args of [
      ['packets', ECHO],
      ['check', ECHO, '--fail-on', 'error'],
    ]) {
      const { status, stderr } = broken(code, ...args);
      expect(status).toBe(70);
      expect(stderr).toContain('internal error: this is a bug in tcpscope');
      expect(stderr).toMatch(/TypeError: boom\n {4}at /);
    }
  });

  it('is documented', () => {
    expect(output(['--help'])).toMatch(/70\s+internal\s+error/);
    expect(output(['check', '--help'])).toMatch(/70\s+internal\s+error/);
    expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toMatch(/70\s+.*internal\s+error/);
  });
});

describe('examples of the help', () => {
  it('work as they stand', () => {
    const here = { cwd: folder, encoding: 'utf8', env: environment() } as const;
    copyFileSync(fixture('linux-echo.pcap'), join(folder, 'trace.pcap'));
    const lines = tcpscope(['follow', '--help']).stdout.match(/^ {2}tcpscope follow .*?(?= {2}#|$)/gm) ?? [];
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) {
      const script = line
        .trim()
        .replace(/-s 3|--stream 3/, '-s 0')
        .replace(' | jq .', '')
        .replace('tcpscope', `node ${bin}`);
      expect(spawnSync('bash', ['-c', script], here)).toMatchObject({ status: 0, stderr: '' });
    }
  });
});
