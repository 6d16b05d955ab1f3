import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zlib, { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, fixture, output, tcpscope } from '../cli/tcpscope.ts';
import { writePcap } from '../support/pcap-file.ts';
import { scenario } from '../support/scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-shards-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A capture of many connections: all fixtures of one kind, one after the other. */
const captures = readdirSync(fixture('.'))
  .filter((name) => /^(linux|tshark).*\.pcap$/.test(name))
  .map((name) => `fixtures/${name}`);
const SHARDS = 3;
const shards = join(folder, 'shards');
const partOf = (index: number) => join(folder, `${index}.part`);
const parts = Array.from({ length: SHARDS }, (_, index) => partOf(index));
const schemaOf = (name: string) => JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8'));

beforeAll(() => {
  const split = tcpscope(['split', ...captures, '--shards', String(SHARDS), '-o', shards, '-q']);
  expect(split.status).toBe(0);
  for (let index = 0; index < SHARDS; index++)
    output(['part', join(shards, `shard-${index}.pcapng`), '-o', partOf(index)]);
}, 60_000);

describe('parts that are merged', () => {
  const cases = [
    [],
    ['--all'],
    ['--by', 'client', '--sort', 'bytes'],
    ['--stream', '2'],
    ['--min-severity', 'warning', '--all'],
  ];
  it.each([
    ...cases,
    ['--json'],
    ['--ndjson'],
    ['--csv'],
    ['--format', 'openmetrics'],
    ['--format', 'parquet', '-o', '-'],
  ])('print what one run prints: %s', (...args: string[]) => {
    const one = tcpscope(['analyze', ...captures, ...args]);
    // In whatever order they come.
    const merged = tcpscope(['merge', ...parts.toReversed(), ...args]);
    expect(merged.stdout.length).toBeGreaterThan(200);
    expect(merged).toEqual(one);
  });

  it('are the same when they are made again', () => {
    const again = output(['part', join(shards, 'shard-1.pcapng')]);
    expect(again).toBe(readFileSync(partOf(1), 'utf8'));
  });

  it('may be compressed, and one may come through standard input', () => {
    const report = output(['merge', ...parts, '--json']);
    const bytes = readFileSync(parts[1]);
    const others = [parts[0], parts[2]];
    expect(output(['merge', ...others, '-', '--json'], { input: bytes.toString() })).toBe(report);
    const packed = join(folder, '1.part.gz');
    writeFileSync(packed, gzipSync(bytes));
    expect(output(['merge', ...others, packed, '--json'])).toBe(report);
    const piped = spawnSync(process.execPath, [bin, 'merge', ...others, '-', '--json'], {
      input: gzipSync(bytes),
      encoding: 'utf8',
    });
    expect(piped).toMatchObject({ status: 0, stdout: report, stderr: '' });
    const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: (bytes: Buffer) => Buffer };
    if (zstdCompressSync === undefined) return;
    writeFileSync(packed, zstdCompressSync(bytes));
    expect(output(['merge', ...others, packed, '--json'])).toBe(report);
  });

  it('follow their schemas', () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
    const line = ajv.compile(schemaOf('part-line.schema.json'));
    for (const part of parts) {
      for (const text of readFileSync(part, 'utf8').trimEnd().split('\n')) {
        expect([line(JSON.parse(text)), line.errors]).toEqual([true, null]);
      }
    }
    const manifest = ajv.compile(schemaOf('manifest.schema.json'));
    expect([manifest(JSON.parse(readFileSync(join(shards, 'manifest.json'), 'utf8'))), manifest.errors]).toEqual([
      true,
      null,
    ]);
  });
});

describe('a clock that is set back', () => {
  /** Packets from one step to the next, by how many of them it goes back, and the time between two (ns). */
  const RUN = 50;
  const BACK = 10;
  const GAP = 4_000_000;
  /** In the middle of each run: two steps within a minute are batches in the wrong order. */
  const PAUSE = 60_000_000_000;

  // Of the second, one analysis lists a thousand steps and counts the others.
  it.each([1, 1003])('%d times, is told by parts and by threads as by one run', (steps) => {
    const lines = ['0 > S seq 0', '+0.001 < S. seq 0 ack 1', '+0.001 > . ack 1'];
    for (let i = 1; i <= RUN * (steps + 1); i++) lines.push(`+0.001 > P. ${i}:${i + 1}(1) ack 1`);
    const records = scenario({}, lines.join('\n')).packets.map((bytes, i) => ({
      time: BigInt(1e18) + BigInt(i * GAP - Math.floor(i / RUN) * BACK * GAP + Math.floor(i / RUN + 0.5) * PAUSE),
      bytes,
    }));
    const capture = join(folder, `steps-${steps}.pcap`);
    writeFileSync(capture, writePcap({ byteOrder: 'little', resolution: 'ns', snaplen: 65535, linkType: 1 }, records));
    const one = tcpscope(['analyze', capture, '--json']);
    const told = JSON.parse(one.stdout).findings.filter(({ id }: { id: string }) => id === 'clock-step');
    expect([told.length, told.at(-1).more]).toEqual([Math.min(steps, 1000), Math.max(0, steps - 1000)]);
    expect(tcpscope(['analyze', capture, '--json', '--jobs', '2'])).toEqual(one);
    const divided = join(folder, `steps-${steps}`);
    expect(tcpscope(['split', capture, '--shards', '2', '-o', divided, '-q']).status).toBe(0);
    const made = [0, 1].map((index) => join(divided, `${index}.part`));
    for (const [index, part] of made.entries()) output(['part', join(divided, `shard-${index}.pcapng`), '-o', part]);
    expect(tcpscope(['merge', ...made, '--json'])).toEqual(one);
  });
});

describe('the files of shards', () => {
  it('hold every packet once, with its number in the capture', () => {
    const numbers: number[] = [];
    for (let index = 0; index < SHARDS; index++) {
      const bytes = readFileSync(join(shards, `shard-${index}.pcapng`));
      // Enhanced packet blocks: type 6; the option epb_packetid is 5, with eight bytes.
      for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) {
        if (bytes.readUInt32LE(at) !== 6) continue;
        let option = at + 28 + ((bytes.readUInt32LE(at + 20) + 3) & ~3);
        while (bytes.readUInt16LE(option) !== 5) option += 4 + ((bytes.readUInt16LE(option + 2) + 3) & ~3);
        expect(bytes.readUInt16LE(option + 2)).toBe(8);
        numbers.push(Number(bytes.readBigUInt64LE(option + 4) >> 16n));
      }
    }
    const { total } = JSON.parse(output(['analyze', ...captures, '--json', '-q'])).capture.packets;
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
  });

  it('are captures that every tool reads', () => {
    const { capture } = JSON.parse(output(['analyze', '--json', '-q', join(shards, 'shard-1.pcapng')]));
    expect(capture.packets.total).toBeGreaterThan(10);
  });
});

describe('what cannot be merged is told', () => {
  const text = readFileSync.bind(null) as (name: string, encoding: 'utf8') => string;
  const written = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const sealed = (lines: string[]) => {
    const body = `${lines.join('\n')}\n`;
    return `${body}{"sha256":"${createHash('sha256').update(body).digest('hex')}"}\n`;
  };
  const refused = (args: string[]) => {
    const { status, stdout, stderr } = tcpscope(['merge', ...args]);
    expect(stdout).toBe('');
    expect([2, 3]).toContain(status);
    return stderr;
  };

  it('a missing one, and one that is there twice', () => {
    expect(refused([parts[0], parts[2]])).toContain('the parts of 1 of 3 shards are missing: 1');
    expect(refused([...parts, parts[1]])).toContain('is of shard 1, and so is');
  });

  it('one of another capture', () => {
    const other = join(folder, 'other');
    expect(output(['split', 'fixtures/linux-echo.pcap', '--shards', '3', '-o', other, '-q'])).toBe(
      [0, 1, 2].map((index) => `${join(other, `shard-${index}.pcapng`)}\n`).join(''),
    );
    const foreign = written('foreign.part', output(['part', join(other, 'shard-1.pcapng')]));
    expect(refused([parts[0], foreign, parts[2]])).toContain('is of another capture than');
  });

  it('one that is damaged or cut short, wherever that is', () => {
    const whole = text(parts[1], 'utf8');
    const lines = whole.trimEnd().split('\n');
    const cut = written('cut.part', lines.slice(0, -1).join('\n'));
    expect(refused([parts[0], cut, parts[2]])).toContain('cut short');
    const half = written('half.part', whole.slice(0, whole.length >> 1));
    expect(refused([parts[0], half, parts[2]])).toMatch(/damaged|cut short|ends after/);
    const digit = whole.search(/"confidence":0\.\d/) + '"confidence":0.'.length;
    const changed = written('changed.part', `${whole.slice(0, digit)}1${whole.slice(digit + 1)}`);
    expect(refused([parts[0], changed, parts[2]])).toContain('not those that were written');
    expect(refused([written('empty.part', '')])).toContain('is empty');
  });

  it('a compressed one that is cut, one that is no part, and standard input named twice', () => {
    const packed = gzipSync(readFileSync(parts[1]));
    const cut = join(folder, 'cut.part.gz');
    writeFileSync(cut, packed.subarray(0, packed.length - 9));
    expect(refused([parts[0], cut, parts[2]])).toMatch(/cut.part.gz: the compressed data is damaged or cut/);
    writeFileSync(cut, gzipSync('no part'));
    expect(refused([parts[0], cut, parts[2]])).toContain('no part of an analysis');
    expect(refused([parts[0], '-', '-'])).toContain('standard input (-) can be read only once');
    const { status, stderr } = tcpscope(['merge', '-'], { input: '' });
    expect([status, stderr]).toEqual([3, expect.stringContaining('standard input: it is empty')]);
  });

  it('what is no part, and what another version wrote', () => {
    expect(refused([fixture('linux-echo.pcap')])).toContain('no part of an analysis');
    const [head, ...rest] = text(parts[0], 'utf8').trimEnd().split('\n');
    const later = written(
      'later.part',
      sealed([head.replace('"tcpscopePart":1', '"tcpscopePart":2'), ...rest.slice(0, -1)]),
    );
    expect(refused([later])).toContain('has version 2, and this tcpscope reads version 1');
    const renamed = written('renamed.part', sealed([head.replace('"firstFrame"', '"first"'), ...rest.slice(0, -1)]));
    expect(refused([renamed])).toContain('made by another version');
  });

  it('but not one whose lines are longer than what is read at once', () => {
    const [head, ...rest] = text(parts[0], 'utf8').trimEnd().split('\n');
    const content = JSON.parse(head);
    const comment = 'long '.repeat(600_000);
    content.facts.comments = [comment];
    const long = written('long.part', sealed([JSON.stringify(content), ...rest.slice(0, -1)]));
    const { capture } = JSON.parse(output(['merge', long, parts[1], parts[2], '--json']));
    expect(capture.comments).toEqual([comment]);
  });

  it('one that somebody forged, with a digest that fits', { timeout: 120_000 }, () => {
    const findingOf = (account: object) => ({ frame: 1, time: 0, sort: 's', place: 0, listed: 1, more: 0, account });
    type Line = Record<string, unknown>;
    const lines = text(parts[0], 'utf8').trimEnd().split('\n').slice(0, -1);
    const last = lines.length - 1;
    /** The part with another value at a path of names in one of its lines. */
    const forged = (line: number, path: string, value: unknown) => {
      const content = JSON.parse(lines[line]) as Line;
      const names = path.split('.');
      const holder = names.slice(0, -1).reduce((one, name) => one[name] as Line, content);
      expect(holder).toHaveProperty([names.at(-1)!]);
      holder[names.at(-1)!] = value;
      return refused([written('forged.part', sealed(lines.with(line, JSON.stringify(content)))), parts[1], parts[2]]);
    };
    for (const [path, value] of [
      ['shard', null],
      ['shard.count', -1],
      ['shard.count', 1.5],
      ['shard.count', '3'],
      ['shard.index', '\u001b[31m'],
      ['division', 7],
      ['facts', null],
      ['facts.files', [7]],
      ['facts.firstTimestamp', 'yesterday'],
      ['facts.firstTimestamp', '1'.repeat(21)],
      ['overview', {}],
      ['overview.counts.total', 1e300],
    ] as const)
      expect(forged(0, path, value)).toContain('line 1 is damaged: it does not say which shard');
    // So many shards that a list of the missing ones would fill the memory.
    for (const count of [65_537, 2 ** 40]) expect(forged(0, 'shard.count', count)).toContain(`shard 0 of ${count} `);
    expect(forged(0, 'shard.count', 65_536)).toContain('or of another division of it');
    expect(forged(0, 'shard.index', 3)).toContain('shard 3 of 3 (from 0');
    for (const [path, value] of [
      ['values', []],
      ['values.0', null],
      ['values.0', {}],
      ['a', null],
      ['a.changes', null],
      ['a.changes', [1]],
      ['a.changes', ['NaN', 'NaN']],
      ['a.changes', [1, 33.5]],
      // No state has the number 12.
      ['a.changes', [1, (16 + 12) * 2]],
      ['a.rtt', [1]],
      ['a.congestion', {}],
      ['b.values.0', 'much'],
      ['b.violations', [null]],
      ['findings', [null]],
      ['findings', [{ id: '__proto__', account: {} }]],
      ['findings', [findingOf({ id: '__proto__', message: { key: 'handshake', values: {} }, evidence: [] })]],
      ['findings', [findingOf({ id: 'retransmission', message: { key: '__proto__', values: {} }, evidence: [] })]],
      ['budget.totals', []],
      ['budget.whole.spans', 1],
    ] as const)
      expect(forged(1, path, value)).toContain('line 2 is damaged: no connection');
    // A connection with a finding whose words want values.
    type Told = { findings: { account: { message: { values: object } } }[] };
    const told = lines.slice(1, last).findIndex((line) => {
      const [finding] = (JSON.parse(line) as Told).findings;
      return finding !== undefined && Object.keys(finding.account.message.values ?? {}).length > 1;
    });
    expect(told).toBeGreaterThanOrEqual(0);
    for (const values of [null, 'all of them'])
      expect(forged(told + 1, 'findings.0.account.message.values', values)).toContain(`line ${told + 2} is damaged`);
    const head = JSON.parse(lines[0]) as { fields: { connection: string[] } };
    const place = (name: string) => `values.${head.fields.connection.indexOf(name)}`;
    const { openedAt } = (JSON.parse(lines[last]) as { end: { openedAt: number[] } }).end;
    for (const id of [-1, 0.5, openedAt.length, 'NaN'])
      expect(forged(1, place('id'), id)).toContain(`line 2 is damaged: connection ${id} of ${openedAt.length}`);
    for (const id of [-2, openedAt.length])
      expect(forged(1, place('previousId'), id)).toContain(`line 2 is damaged: it names connection ${id} of`);
    const other = (JSON.parse(lines[2]) as { values: number[] }).values[head.fields.connection.indexOf('id')];
    expect(forged(1, place('id'), other)).toContain(`connection ${other} is there twice`);
    for (const [path, value] of [
      ['end', null],
      ['end.openedAt', 7],
      ['end.gathered', null],
      ['end.gathered', {}],
      ['end.gathered.jumps', [{}]],
      ['end.gathered.flood', {}],
      ['end.gathered.flood', [{ name: '10.0.0.1:80' }]],
      ['end.gathered.scans', [7]],
      ['end.gathered.isns', [{ address: [4], isns: [1], times: [1], frames: [1] }]],
      ['end.gathered.offload', [{ address: null }]],
      ['end.gathered.position', [{ key: '', position: 'moon', connections: 1, example: {} }]],
      ['end.gathered.duplicates.here', { copies: 1, frames: [], original: 1, time: 0 }],
      ['end.gathered.extent.oneWay', [null]],
      ['end.gathered.limits.worst', {}],
      ['end.gathered.segments.edits.sums', []],
      ['end.gathered.segments.edits.padding', null],
      ['end.gathered.segments.edits.ownIds', { isConstant: true, repeats: 1 }],
      ['end.gathered.segments.edits.headerSums', { bad: 1, damaged: 1, hosts: 0 }],
      ['end.gathered.segments.stampRates', { measured: 1 }],
      ['end.gathered.jumps', [{ frame: 1, from: 0, time: 1, until: 0, heard: [null] }]],
      ['end.left.by', {}],
      ['end.departed', 5],
      ['end.departed.overall.totals', Array(1000).fill(1)],
    ] as const)
      expect(forged(last, path, value)).toContain(`line ${last + 1} is damaged: it does not say what the shard knows`);
  });
});

describe('outputs', () => {
  it('never take the place of the shard or of its manifest', () => {
    const manifest = join(shards, 'manifest.json');
    for (const input of [join(shards, 'shard-1.pcapng'), manifest]) {
      const before = readFileSync(input);
      const { status, stderr } = tcpscope(['part', join(shards, 'shard-1.pcapng'), '-o', input]);
      expect([status, stderr]).toEqual([2, expect.stringContaining('is an input')]);
      expect(readFileSync(input)).toEqual(before);
    }
  });

  it('never take the place of the capture, which is told before it is read', () => {
    const folderOfOne = mkdtempSync(join(folder, 'one-'));
    const capture = join(folderOfOne, 'shard-1.pcapng');
    writeFileSync(capture, 'no capture');
    const { status, stderr } = tcpscope(['split', capture, '--shards', '2', '-o', folderOfOne]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('is an input')]);
    expect(readdirSync(folderOfOne)).toEqual(['shard-1.pcapng']);
  });

  it('of split go to a folder that is made with those above it', () => {
    const deep = join(folder, 'new', 'and', 'deep');
    output(['split', 'fixtures/linux-echo.pcap', '--shards', '1', '-o', deep, '-q']);
    expect(readdirSync(deep)).toEqual(['manifest.json', 'shard-0.pcapng']);
    const file = join(deep, 'manifest.json');
    for (const name of [file, join(file, 'below'), ...(process.platform === 'linux' ? ['/proc/none'] : [])]) {
      const { status, stderr } = tcpscope(['split', 'fixtures/linux-echo.pcap', '--shards', '1', '-o', name]);
      expect([status, stderr]).toEqual([3, expect.stringMatching(/is no directory|cannot be made/)]);
    }
  });
});

describe('a shard that cannot be analysed is told', () => {
  const bytes = () => readFileSync(join(shards, 'shard-1.pcapng'));
  const partIn = (name: string, content: Uint8Array) => {
    const other = mkdtempSync(join(folder, 'bad-'));
    writeFileSync(join(other, 'manifest.json'), readFileSync(join(shards, 'manifest.json')));
    writeFileSync(join(other, name), content);
    return tcpscope(['part', join(other, name)]);
  };

  it('one that is cut short, or none of the division', () => {
    const cut = partIn('shard-1.pcapng', bytes().subarray(0, 500));
    expect(cut.status).toBe(3);
    expect(cut.stderr).toContain('and its manifest says');
    expect(partIn('shard-9.pcapng', bytes()).stderr).toContain('is none of the shards of');
  });

  it('one whose manifest is damaged', () => {
    const path = join(folder, 'manifest.json');
    const whole = JSON.parse(readFileSync(join(shards, 'manifest.json'), 'utf8'));
    for (const [wrong, message] of [
      [null, 'is no manifest'],
      [{ ...whole, tcpscopeDivision: 2 }, 'has version 2, and this tcpscope reads version 1'],
      [{ ...whole, shards: [null] }, 'is damaged'],
      [{ ...whole, shards: [{ ...whole.shards[1], bytes: '1' }] }, 'is damaged'],
      [{ ...whole, facts: null }, 'is damaged'],
      [{ ...whole, facts: { ...whole.facts, firstTimestamp: 'now' } }, 'is damaged'],
      [{ ...whole, overview: {} }, 'is damaged'],
      [{ ...whole, division: {} }, 'is damaged'],
    ] as const) {
      writeFileSync(path, JSON.stringify(wrong));
      const { status, stderr } = tcpscope(['part', join(shards, 'shard-1.pcapng'), '--manifest', path]);
      expect([status, stderr]).toEqual([3, expect.stringContaining(message)]);
    }
  });

  it('one without a manifest', () => {
    const { status, stderr } = tcpscope(['part', fixture('linux-echo.pcap')]);
    expect(status).toBe(3);
    expect(stderr).toContain('linux-echo.pcap: no manifest.json lies beside it: tcpscope split writes both');
    expect(tcpscope(['part', 'no-shard.pcapng']).stderr).toContain('no-shard.pcapng: no such file');
  });

  it('a capture of several interfaces is not divided', () => {
    const block = (type: number, body: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(12 + body.length);
      const head = Buffer.alloc(4);
      head.writeUInt32LE(type);
      return Buffer.concat([head, length, body, length]);
    };
    const section = Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex');
    const ethernet = Buffer.from('0100000000000000', 'hex');
    const packet = Buffer.alloc(20 + 60);
    packet.writeUInt32LE(60, 12);
    packet.writeUInt32LE(60, 16);
    const two = join(folder, 'two.pcapng');
    writeFileSync(
      two,
      Buffer.concat([block(0x0a0d0d0a, section), block(1, ethernet), block(1, ethernet), block(6, packet)]),
    );
    const { status, stderr } = tcpscope(['split', two, '--shards', '2', '-o', join(folder, 'no')]);
    expect(status).toBe(2);
    expect(stderr).toContain('several interfaces');
    expect(readdirSync(join(folder, 'no'))).toEqual([]);
  });
});

const hasParallel = spawnSync('parallel', ['--version']).status === 0;

it.skipIf(!hasParallel)('GNU parallel runs the parts', () => {
  const bin = `${process.execPath} bin/tcpscope.js`;
  const script = `ls ${shards}/*.pcapng | parallel -j2 ${bin} part {} -o ${folder}/{/.}.parallel && ${bin} merge ${folder}/*.parallel --json`;
  const { stdout, status } = spawnSync('bash', ['-c', script], {
    cwd: join(fixture('.'), '..'),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(status).toBe(0);
  expect(stdout).toBe(tcpscope(['analyze', ...captures, '--json']).stdout);
});
