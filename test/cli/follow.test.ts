import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Context } from '../../src/cli/context.ts';
import { Exit } from '../../src/cli/exit.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { type ScenarioOptions, scenario } from '../support/scenario.ts';
import { fixture, tcpscope } from './tcpscope.ts';

const ECHO = fixture('linux-echo.pcap');

const HANDSHAKE = `
  0.000 > S   seq 0 <mss 1460>
  0.010 < S.  seq 0 ack 1 <mss 1460>
  0.020 > .   ack 1`;
const EXCHANGE = `${HANDSHAKE}
  0.030 > P.  1:7(6) ack 1 "hello\\n"
  0.040 < P.  1:8(7) ack 7 "one\\r\\ntw"
  0.050 > P.  7:9(2) ack 8 "ok"
  0.060 < P.  8:10(2) ack 9 "o\\n"
  0.070 > F.  9:9(0) ack 10
  0.080 < F.  10:10(0) ack 10
  0.090 > .   ack 11`;
const GAP = `${HANDSHAKE}
  0.030 > P.  1:5(4) ack 1 "VERY"
  0.031 > P.  9:13(4) ack 1 "DATA"
  0.040 < .   ack 13`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpscope-follow-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

let files = 0;
function capture(text: string, options: ScenarioOptions = {}): string {
  const name = join(folder, `${++files}.pcap`);
  writeFileSync(name, scenario(options, text).pcap);
  return name;
}

interface Outcome {
  stdout: Buffer;
  stderr: string;
  status: number;
}

/** Runs the command in this process. Rejects with what it throws. */
async function follow(...args: string[]): Promise<Outcome> {
  const parts: Buffer[] = [];
  let stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    parts.push(Buffer.from(part as Uint8Array));
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => {
    stderr += part;
    return true;
  });
  const context = new Context();
  const argv = ['follow', ...args];
  await (await buildProgram(context, argv)).parseAsync(argv, { from: 'user' });
  await context.output.flush();
  return { stdout: Buffer.concat(parts), stderr, status: context.status };
}

async function textOf(...args: string[]): Promise<string> {
  return (await follow(...args)).stdout.toString();
}

describe('follow', () => {
  it('prints both sides as text in lines that say whose they are', async () => {
    expect(await textOf(capture(EXCHANGE))).toBe('> hello\n< one\n< tw\n> ok\n< o\n');
  });

  it('prints one side as it is', async () => {
    const name = capture(EXCHANGE);
    expect(await textOf(name, '--side', 'server')).toBe('one\ntwo\n');
    expect(await textOf(name, '--side', 'client')).toBe('hello\nok\n');
  });

  it('lets nothing through that a terminal would act upon', async () => {
    const name = capture(`${HANDSHAKE}
      0.030 > P. ack 1 "a\\u001b[2Jb\\u0007\\tc\\r"
      0.040 > P. ack 1 "\\nd\\re\\u0080\\u202e"`);
    // The tab and the CR before a line feed are plain text; U+0080 and U+202E are controls that UTF-8 can write.
    expect(await textOf(name, '--side', 'client')).toBe('a\\x1b[2Jb\\x07\tc\nd\\x0de\\x80\\u202e\n');
  });

  it('prints characters that two segments share, and octets that are none', async () => {
    const euro = scenario({}, `${HANDSHAKE}\n0.030 > P. ack 1 "1 €!"`).lines[3].payload;
    const pcap = scenario(
      {},
      `${HANDSHAKE}
      0.030 > P. 1:4(3) ack 1
      0.040 > P. 4:8(4) ack 1`,
    ).pcap;
    // Both are overwritten with the same bytes, cut inside of the character, and two octets that begin nothing.
    const bytes = Buffer.from(pcap);
    Buffer.concat([euro, Buffer.from([0xff])]).copy(bytes, bytes.length - 4, 3);
    Buffer.from(euro.subarray(0, 3)).copy(bytes, bytes.length - 4 - 16 - 54 - 3);
    const name = join(folder, 'euro.pcap');
    writeFileSync(name, bytes);
    expect(await textOf(name, '--side', 'client')).toBe('1 €!\\xff\n');
  });

  it('prints a hex dump with offsets in the stream', async () => {
    expect(await textOf(capture(EXCHANGE), '--as', 'hex')).toBe(`> frame 4 at 0.030000, 6 bytes
> 00000000  68 65 6c 6c 6f 0a                                 |hello.|
< frame 5 at 0.040000, 7 bytes
< 00000000  6f 6e 65 0d 0a 74 77                              |one..tw|
> frame 6 at 0.050000, 2 bytes
> 00000006  6f 6b                                             |ok|
< frame 7 at 0.060000, 2 bytes
< 00000007  6f 0a                                             |o.|
`);
  });

  it('prints raw bytes and nothing else', async () => {
    const name = capture(EXCHANGE);
    expect(await textOf(name, '--as', 'raw')).toBe('hello\none\r\ntwoko\n');
    expect(await textOf(name, '--as', 'raw', '--side', 'server')).toBe('one\r\ntwo\n');
  });

  it('writes raw bytes of both sides to two files, anything else to one', async () => {
    const name = capture(EXCHANGE);
    const out = join(folder, 'out');
    expect(await textOf(name, '--as', 'raw', '-o', out)).toBe('');
    expect(readFileSync(`${out}.client`, 'utf8')).toBe('hello\nok');
    expect(readFileSync(`${out}.server`, 'utf8')).toBe('one\r\ntwo\n');
    await follow(name, '--as', 'raw', '--side', 'client', '-o', out);
    expect(readFileSync(out, 'utf8')).toBe('hello\nok');
    await follow(name, '-o', out);
    expect(readFileSync(out, 'utf8')).toBe('> hello\n< one\n< tw\n> ok\n< o\n');
  });

  it('writes files that are larger than its buffer', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `+0.001 > P. ${1 + 1000 * i}:${1001 + 1000 * i}(1000) ack 1`);
    const name = capture(`${HANDSHAKE}\n${lines.join('\n')}`);
    const out = join(folder, 'large');
    await follow(name, '--stream', '0', '--as', 'raw', '--side', 'client', '-o', out);
    const payloads = scenario({}, `${HANDSHAKE}\n${lines.join('\n')}`).lines.map(({ payload }) => payload);
    expect(readFileSync(out).equals(Buffer.concat(payloads))).toBe(true);
  });

  it('prints an object a line for programs', async () => {
    const name = capture(GAP, { start: '2026-01-01T00:00:00Z' });
    const all = (await textOf(name, '--as', 'ndjson')).trimEnd().split('\n');
    const objects = all.map((line) => JSON.parse(line));
    expect(objects.slice(0, 3)).toEqual([
      {
        type: 'chunk',
        stream: 0,
        side: 'client',
        offset: 0,
        length: 4,
        frames: [4],
        timestamp: '1767225600.030000000',
        data: Buffer.from('VERY').toString('base64'),
      },
      { type: 'gap', stream: 0, side: 'client', offset: 4, length: 4, reason: 'missing-in-capture' },
      expect.objectContaining({ type: 'chunk', offset: 8, frames: [5] }),
    ]);
    expect(objects.slice(3)).toMatchObject([
      { type: 'end', side: 'client', by: 'capture', bytes: 8, missing: 4, length: 12, unacknowledged: 0 },
      { type: 'end', side: 'server', bytes: 0 },
    ]);
  });

  it('marks, skips, fills or refuses gaps', async () => {
    const name = capture(GAP);
    expect(await textOf(name)).toBe('> VERY\n> [4 bytes missing-in-capture]\n> DATA\n');
    expect(await textOf(name, '--gap', 'skip')).toBe('> VERYDATA\n');
    expect(await textOf(name, '--as', 'raw', '--gap', 'zero')).toBe('VERY\0\0\0\0DATA');
    expect(await textOf(name, '--as', 'raw', '--gap', 'marker')).toBe('VERY[4 bytes missing-in-capture]DATA');
    const skipped = await follow(name, '--as', 'raw');
    expect(skipped.stdout.toString()).toBe('VERYDATA');
    expect(skipped.stderr).toContain('4 bytes of the client missing in 1 gap');
    const out = join(folder, 'with-gap');
    await follow(name, '--gap', 'fail', '-o', out);
    expect(existsSync(out)).toBe(false);
    const failed = await follow(name, '--gap', 'fail');
    expect(failed.status).toBe(Exit.FAILED);
    expect(failed.stdout.toString()).toBe('> VERY\n');
    expect(failed.stderr).toContain('the stream of the client has a gap at byte 4');
    const other = await follow(name, '--gap', 'fail', '--side', 'server');
    expect(other.status).toBe(Exit.DONE);
  });

  it('tells of conflicts and of what was left out', async () => {
    const name = capture(`${HANDSHAKE}
      0.030 > P.  1:5(4) ack 1 "GOOD" id 5 ttl 64
      0.031 > P.  1:5(4) ack 1 "EVIL" id 9 ttl 31
      0.040 < R.  1:4(3) ack 5 "bye"`);
    const { stdout, stderr } = await follow(name);
    expect(stdout.toString()).toBe('> GOOD\n');
    expect(stderr).toContain(
      'client bytes 0-3 differ: frame 4 (TTL 64, IP ID 5) "GOOD", frame 5 (TTL 31, IP ID 9) "EVIL"; the earlier one counts',
    );
    expect(stderr).toContain('server bytes 0-2 of frame 6 left out: text of a reset is no data');
  });

  it('obeys the overlap policy and the urgent mode', async () => {
    const overlap = capture(`${HANDSHAKE}
      0.030 > P.  2:5(3) ack 1 "ood"
      0.031 > P.  2:5(3) ack 1 "vil"
      0.032 > P.  1:2(1) ack 1 "-"`);
    expect(await textOf(overlap, '--overlap', 'linux')).toBe('> -ood\n');
    expect(await textOf(overlap, '--overlap', 'solaris')).toBe('> -vil\n');
    const urgent = capture(`${HANDSHAKE}
      0.030 > PU. 1:4(3) ack 1 urg 2 "a!b"`);
    expect(await textOf(urgent)).toBe('> a!b\n');
    expect(await textOf(urgent, '--urgent', 'oob')).toBe('> a\n> [urgent at 1: !]\n> b\n');
    expect(await textOf(urgent, '--urgent', 'drop')).toBe('> ab\n');
  });

  it('follows a connection over several captures', async () => {
    const lines = EXCHANGE.trim().split('\n');
    const whole = scenario({}, EXCHANGE);
    const half = whole.lines.length >> 1;
    const first = capture(lines.slice(0, half).join('\n'));
    // The second half, with the numbers that the first half leaves it.
    const second = capture(lines.slice(half).join('\n'));
    expect(await textOf(first, second)).toBe('> hello\n< one\n< tw\n> ok\n< o\n');
  });
});

describe('follow, with a choice', () => {
  const two = () =>
    capture(
      `${HANDSHAKE}
      0.030 > P. ack 1 "first"
      0.100 > S  seq 0 conn B
      0.110 < S. seq 0 ack 1 conn B
      0.120 > P. ack 1 "second" conn B`,
      { connections: { B: { client: '10.0.0.1:40001' } } },
    );

  it('lists the connections if there are several, and prints none', async () => {
    await expect(follow(two())).rejects.toThrow(
      /there are 2 connections: choose one with --stream NUMBER\n +0 +10\.0\.0\.1:40000 > 10\.0\.0\.2:80 +4 packets\n +1 /,
    );
    expect(process.stdout.write).not.toHaveBeenCalled();
  });

  it('takes the one that is named', async () => {
    const name = two();
    expect(await textOf(name, '--stream', '1')).toBe('> second\n');
    expect(await textOf(name, '--stream', '0')).toBe('> first\n');
    await expect(follow(name, '--stream', '2')).rejects.toThrow(
      'there is no stream 2: the capture holds 2 connections, numbers 0 to 1',
    );
  });

  it('takes the one that the filter chooses by any of its packets', async () => {
    const name = two();
    // Of the second connection, the filter accepts the answer of the server alone.
    expect(await textOf(name, '-f', 'src port 80 and dst port 40001')).toBe('> second\n');
    await expect(follow(name, '-f', 'port 80')).rejects.toThrow('2 connections with a packet that the filter accepts');
    await expect(follow(name, '-f', 'port 81')).rejects.toThrow('no TCP connection with a packet that the filter');
    await expect(follow(name, '-f', 'port 80', '--stream', '1')).rejects.toThrow('both choose the connection');
  });

  it('makes no file when there is nothing to follow', async () => {
    const out = join(folder, 'nothing');
    await expect(follow(two(), '-o', out)).rejects.toThrow('choose one');
    await expect(follow(two(), '--stream', '7', '-o', out)).rejects.toThrow('no stream 7');
    expect(existsSync(out)).toBe(false);
  });

  it('says so when its file cannot be written', async () => {
    const nowhere = join(folder, 'no-folder', 'out');
    await expect(follow(capture(EXCHANGE), '-o', nowhere)).rejects.toThrow(
      `${nowhere}: cannot be written: its folder does not exist`,
    );
    const outcome = tcpscope(['follow', ECHO, '-o', nowhere]);
    expect(outcome).toMatchObject({ status: 3, stdout: '' });
    expect(outcome.stderr).toMatch(
      /^tcpscope: error: .*no-folder\/out: cannot be written: its folder does not exist\n$/,
    );
  });

  it('does not write over what it reads', async () => {
    const name = capture(EXCHANGE);
    await expect(follow(name, '-o', name)).rejects.toThrow('is an input: writing the output there would destroy it');
  });

  it('does not write raw bytes to a terminal', async () => {
    const { isTTY } = process.stdout;
    process.stdout.isTTY = true;
    try {
      await expect(follow(capture(EXCHANGE), '--as', 'raw')).rejects.toThrow('not written to a terminal');
    } finally {
      process.stdout.isTTY = isTTY;
    }
  });

  it('fills gaps only where bytes are bytes', async () => {
    await expect(follow(capture(GAP), '--gap', 'zero')).rejects.toThrow('--gap zero is for --as raw');
  });
});
