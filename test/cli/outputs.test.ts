import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { warm } from '../support/warm.ts';
import { bin, ending, environment, fixture, reading, start, waiting } from './tcpscope.ts';

const LOSS = readFileSync(fixture('linux-single-loss-sack.pcap'));
const EXPECT = ['--expect', 'retransmissions.count == 0'];

let folder: string;
let capture: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpscope-outputs-'));
  capture = join(folder, 'a.pcap');
  copyFileSync(fixture('linux-single-loss-sack.pcap'), capture);
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const bash = (script: string, env: Record<string, string> = {}) =>
  spawnSync('bash', ['-c', script.replaceAll('tcpscope ', `node ${bin} `)], {
    cwd: folder,
    encoding: 'utf8',
    env: environment(env),
    timeout: 60_000,
  });

/** Every way to name a file that is written: the words of the command line, given the name. */
const OUTPUTS: [command: string, words: (name: string) => string[]][] = [
  ['check --evidence', (name) => ['check', 'a.pcap', ...EXPECT, '--evidence', name]],
  ...['json', 'github'].map((kind): [string, (name: string) => string[]] => [
    `check --report ${kind}`,
    (name) => ['check', 'a.pcap', ...EXPECT, '--report', `${kind}=${name}`],
  ]),
  ['baseline save', (name) => ['baseline', 'save', 'a.pcap', '-o', name]],
  ['follow', (name) => ['follow', 'a.pcap', '--stream', '0', '-o', name]],
  ['follow of one stream that is not named', (name) => ['follow', 'a.pcap', '-o', name]],
  ['follow raw', (name) => ['follow', 'a.pcap', '--as', 'raw', '--side', 'client', '-o', name]],
  ['follow ndjson', (name) => ['follow', 'a.pcap', '--as', 'ndjson', '-o', name]],
  ['init', (name) => ['init', 'a.pcap', '--force', '-o', name]],
];

const run = (words: readonly string[]) => warm(words, { cwd: folder });
const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');

describe.each(OUTPUTS)('%s', (_, words) => {
  it('does not write over what it reads, whatever that is called', async () => {
    symlinkSync('a.pcap', path('link'));
    symlinkSync('link', path('link of a link'));
    linkSync(capture, path('hard'));
    for (const name of [capture, 'link of a link', 'hard']) {
      const { status, stdout, stderr } = await run(words(name));
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^tcpscope: error: .* an input: writing the output there would destroy it\nTry: .*\n$/);
      expect(readFileSync(capture).equals(LOSS)).toBe(true);
    }
  });

  it('replaces a file as a whole and keeps its permissions, and the link to it', async () => {
    writeFileSync(path('old'), 'x'.repeat(1 << 20));
    chmodSync(path('old'), 0o640);
    symlinkSync('old', path('link'));
    const { status, stderr } = await run(words('link'));
    expect(status, stderr).toBeLessThan(2);
    expect(lstatSync(path('link')).isSymbolicLink()).toBe(true);
    expect(statSync(path('old')).mode & 0o777).toBe(0o640);
    expect(statSync(path('old')).size).toBeGreaterThan(0);
    expect(readFileSync(path('old'), 'latin1')).not.toContain('xxxxx');
    expect(readdirSync(folder).sort()).toEqual(['a.pcap', 'link', 'old']);
  });

  it('makes a file where a dangling link leads to', async () => {
    mkdirSync(path('deep'));
    symlinkSync('deep/new', path('link'));
    expect((await run(words('link'))).status).toBeLessThan(2);
    expect(statSync(path('deep/new')).mode & 0o777).toBe(0o666 & ~process.umask());
    expect(readdirSync(path('deep'))).toEqual(['new']);
  });

  it.each([
    ['a folder', '.', /^tcpscope: error: \.: cannot be written: it is a directory\n$/],
    ['no folder', 'no/where', /^tcpscope: error: no\/where: cannot be written: its folder does not exist\n$/],
    [
      'a file for a folder',
      'a.pcap/x',
      /^tcpscope: error: a\.pcap\/x: cannot be written: its folder does not exist\n$/,
    ],
  ])('says in one line that %s cannot be written, before it reads', async (_, name, message) => {
    const { status, stdout, stderr } = await run(words(name));
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.skipIf(!existsSync('/dev/full'))('says in one line that the disk is full', async () => {
    const { status, stderr } = await run(words('/dev/full'));
    expect(status).toBe(3);
    expect(stderr).toBe('tcpscope: error: /dev/full: cannot be written: the disk is full\n');
  });

  it.skipIf(process.getuid?.() === 0)('does not replace what may not be written', async () => {
    writeFileSync(path('old'), 'precious');
    chmodSync(path('old'), 0o444);
    expect(await run(words('old'))).toMatchObject({ status: 3 });
    expect(readFileSync(path('old'), 'utf8')).toBe('precious');
  });

  it('writes into a pipe that has a name, and into what the shell opened', async () => {
    await run(words('file'));
    const written = readFileSync(path('file'), 'utf8');
    spawnSync('mkfifo', [path('pipe')]);
    const reader = ending(spawn('cat', [path('pipe')]));
    await run(words('pipe'));
    expect((await reader).stdout).toBe(written);
    await warm(words('/dev/fd/OPENED'), { cwd: folder, opened: 'read' });
    expect(readFileSync(path('read'), 'utf8')).toBe(written);
  });
});

describe.each(OUTPUTS.filter(([command]) => command !== 'check --evidence'))('%s', (command, words) => {
  it('takes /dev/stdout and - for standard output', async () => {
    await run(words('file'));
    const expected = readFileSync(path('file'), 'utf8');
    const names = ['-', '/dev/stdout'];
    for (const name of names) expect((await run(words(name))).stdout.startsWith(expected), name).toBe(true);
    expect(existsSync(path('-'))).toBe(false);
    // All of them write in the same way: what standard output may be is tried with one.
    if (command !== 'follow') return;
    for (const line of names.map((name) => `tcpscope ${quoted(words(name))}`))
      for (const script of [`${line} | cat`, `${line} > read; cat read`])
        expect(bash(script).stdout.startsWith(expected), script).toBe(true);
  });
});

describe('inputs that are no captures', () => {
  it.each(['rules.yaml', 'base.json', 'control.pcap'])('%s is not written over', async (name) => {
    await run(['baseline', 'save', 'a.pcap', '-o', 'base.json']);
    copyFileSync(capture, path('control.pcap'));
    writeFileSync(
      path('rules.yaml'),
      'version: 1\nflows:\n  - name: a\n    control: {capture: control.pcap}\n    assert: [handshake.complete]\n',
    );
    const before = readFileSync(path(name));
    const check = ['check', 'a.pcap', 'rules.yaml', '--baseline', 'base.json', '--max-regression', 'rtt.p95=20%'];
    for (const output of [
      ['--evidence', name],
      ['--report', `json=${name}`],
    ]) {
      const { status, stderr } = await run([...check, ...output]);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringContaining('an input: writing the output there would destroy it'),
      });
      expect(readFileSync(path(name)).equals(before)).toBe(true);
    }
  });

  it('nor is a capture on standard input, nor by what GitHub shows', () => {
    expect(bash('tcpscope baseline save - -o a.pcap < a.pcap')).toMatchObject({ status: 2 });
    expect(bash('tcpscope init --force -o a.pcap < a.pcap')).toMatchObject({ status: 2 });
    const summary = bash(`tcpscope check a.pcap ${EXPECT[0]} '${EXPECT[1]}' --report github`, {
      GITHUB_STEP_SUMMARY: 'a.pcap',
    });
    expect(summary).toMatchObject({ status: 2 });
    expect(readFileSync(capture).equals(LOSS)).toBe(true);
  });

  it('nor grows a capture that standard output is added to', async () => {
    expect(bash('tcpscope a.pcap >> a.pcap').status).toBe(2);
    for (const command of ['', 'packets', 'follow', 'states', 'congestion', 'script', 'check --fail-on error']) {
      const args = [...command.split(' ').filter((word) => word !== ''), 'a.pcap'];
      const { status, stderr } = await warm(args, { cwd: folder, addedTo: 'a.pcap' });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringContaining('a.pcap is also standard output'),
      });
    }
    expect(readFileSync(capture).equals(LOSS)).toBe(true);
  });
});

describe('two outputs', () => {
  it.each([
    ['--report', 'json=out', '--report', 'tap=./out'],
    ['--report', 'json=out', '--evidence', 'out'],
  ])('of one name are a mistake: %s %s %s %s', async (...words) => {
    expect(await run(['check', 'a.pcap', ...EXPECT, ...words])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('two outputs would be written there'),
    });
    expect(existsSync(path('out'))).toBe(false);
  });

  it('on standard output are one too many, whatever it is called', async () => {
    for (const words of [
      ['--report', 'json', '--report', 'tap=/dev/stdout'],
      ['--evidence', '-'],
      ['--evidence', '/dev/stdout'],
    ])
      expect(await run(['check', 'a.pcap', ...EXPECT, ...words])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('an interruption', () => {
  /** A capture that takes its time, and so many bytes that a process has begun to read it when it has read as many. */
  const large = () => {
    const records = LOSS.subarray(24);
    appendFileSync(path('large.pcap'), LOSS.subarray(0, 24));
    for (let i = 0; i < 400; i++) appendFileSync(path('large.pcap'), records);
    return 0.15 * statSync(path('large.pcap')).size;
  };

  it.each([
    ['check', ['check', 'large.pcap', ...EXPECT, '--report', 'json=out']],
    ['baseline', ['baseline', 'save', 'large.pcap', '-o', 'out']],
    ['init', ['init', 'large.pcap', '--force', '-o', 'out']],
    ['follow', ['follow', 'large.pcap', '--stream', '0', '-o', 'out']],
  ])('of %s leaves the file as it was, and nothing beside it', async (_, words) => {
    const begun = large();
    writeFileSync(path('out'), 'precious');
    const child = start(words, { cwd: folder });
    await reading(child, begun);
    child.kill('SIGINT');
    const { status, stderr } = await ending(child);
    expect(status).toBe(130);
    expect(stderr).toMatch(/interrupted: .*; not written: out\n/);
    expect(readFileSync(path('out'), 'utf8')).toBe('precious');
    expect(readdirSync(folder).sort()).toEqual(['a.pcap', 'large.pcap', 'out']);
  });

  it('of split leaves no shard, and names none', async () => {
    large();
    const child = start(['split', 'large.pcap', '--shards', '2', '-o', 'shards'], { cwd: folder });
    const isWriting = () =>
      existsSync(path('shards')) && readdirSync(path('shards')).some((name) => name.endsWith('.tmp'));
    for (let i = 0; i < 1000 && !isWriting(); i++) await setTimeout(10);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ending(child);
    expect([status, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/interrupted: .*; not written: shards\/shard-0.pcapng, [^\n]*manifest.json\n$/);
    expect(readdirSync(path('shards'))).toEqual([]);
  });

  it('by a second signal, or by the end of the terminal, leaves nothing beside it', async () => {
    const payload = LOSS.subarray(24);
    for (const signals of [['SIGINT', 'SIGINT'], ['SIGHUP'], ['SIGTERM', 'SIGINT']] as const) {
      writeFileSync(path('out'), 'precious');
      const child = start(['follow', '-', '--stream', '0', '--as', 'hex', '-o', 'out'], { cwd: folder });
      child.stdin!.on('error', () => {});
      child.stdin!.write(LOSS.subarray(0, 24));
      for (let i = 0; i < 20; i++) child.stdin!.write(payload);
      for (let i = 0; i < 100 && !readdirSync(folder).some((name) => name.endsWith('.tmp')); i++) await setTimeout(50);
      for (const signal of signals) child.kill(signal);
      await ending(child);
      expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }
  });

  it('of a pipe, which is how pipes end, keeps what came', async () => {
    const child = spawn(
      process.execPath,
      [bin, 'follow', '-', '--stream', '0', '--as', 'raw', '--side', 'client', '-o', 'out'],
      {
        cwd: folder,
        env: environment(),
      },
    );
    // Six whole records, and one that is not.
    child.stdin.write(LOSS.subarray(0, 5000));
    await waiting(child);
    child.kill('SIGINT');
    expect((await ending(child)).status).toBe(130);
    expect(statSync(path('out')).size).toBeGreaterThan(0);
  });
});
