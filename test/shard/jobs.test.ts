import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { usualJobs } from '../../src/cli/jobs-option.ts';
import { bin, cold, ending, environment, fixture, root, start, tcpscope, waiting } from '../cli/tcpscope.ts';
import { writePcap } from '../support/pcap-file.ts';
import { recordsOf } from '../support/records.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-jobs-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** All fixtures, one after the other: sockets are used again, clocks step, and every finding of a capture is there. */
const captures = readdirSync(fixture('.'))
  .filter((name) => /^(linux|tshark).*\.pcap$/.test(name))
  .map((name) => `fixtures/${name}`);

/** One in four of them: enough for what is written and chosen of a report, which is made of all of them. */
const some = captures.filter((_, i) => i % 4 === 0);

describe('what several threads print is what one prints', () => {
  it.each([
    // The threads make one report, of which JSON says the most: what it is written as is tried with one number of them, mostly the
    // smallest, since each thread has to be started, and with fewer captures.
    ['json', ['2', '7'], ['--json']],
    ['text', ['3'], []],
    ['text', ['2'], ['--all', '--by', 'client', '--sort', 'bytes', '--top', '3']],
    ['ndjson', ['2'], ['--ndjson', '--min-severity', 'warning']],
    ['csv', ['2'], ['--csv']],
    ['parquet', ['2'], ['--format', 'parquet', '-o', '-']],
    ['openmetrics', ['2'], ['--format', 'openmetrics', '--min-severity', 'warning']],
    ['text of what a filter selects', ['2'], ['-f', 'tcp[13] & 4 != 0', '--all']],
    ['json of what a filter selects', ['2'], ['-f', 'port 80 or port 443', '--json']],
    ['csv of a time', ['2'], ['--since', '0.5', '--until', '2s', '--csv']],
    ['ndjson of a time and a filter', ['2'], ['--since', '100ms', '-f', 'tcp[13] & 1 != 0', '--ndjson']],
    ['json of two connections', ['2'], ['--stream', '1,3', '--json']],
    ['the story of one of them', ['3'], ['--stream', '3']],
    ['json of the first packets', ['2'], ['-c', '500', '--json']],
    ['text of the first packet', ['2'], ['-c', '1']],
  ])(
    '%s, %j jobs, %s',
    (_, numbers, args) => {
      const read = args.length === 1 && args[0] === '--json' ? captures : some;
      const one = tcpscope(['analyze', ...read, '--jobs', '1', ...args]);
      expect(one.stdout.length).toBeGreaterThan(200);
      for (const jobs of numbers) expect(tcpscope(['analyze', ...read, '--jobs', jobs, ...args])).toEqual(one);
    },
    60_000,
  );

  it.each([
    ['2', ['--since', '2h']],
    ['3', ['--since', '5s', '--until', '1s']],
    ['2', ['-f', 'port 1']],
  ])('where nothing is selected, or there is no time between: %s jobs, %s', (jobs, args) => {
    const one = tcpscope(['analyze', ...some, '--jobs', '1', ...args]);
    expect(tcpscope(['analyze', ...some, '--jobs', jobs, ...args])).toEqual(one);
  });

  it('where the capture has no such day', () => {
    const { stderr } = tcpscope(['analyze', ...some, '--jobs', '2', '--since', '2100-01-01']);
    expect(stderr).toContain('the capture spans');
  });

  it('where the file holds its packets twice: what shows at one packet is told when it was known', () => {
    const bytes = readFileSync(fixture('linux-refused.pcap'));
    const twice = join(folder, 'twice.pcap');
    writeFileSync(twice, Buffer.concat([bytes, bytes.subarray(24)]));
    const one = tcpscope(['analyze', twice, '--json', '--jobs', '1']);
    expect(JSON.parse(one.stdout).findings.map(({ id }: { id: string }) => id)).toContain('capture-duplicate');
    expect(tcpscope(['analyze', twice, '--json', '--jobs', '2'])).toEqual(one);
  });

  it('the story of one connection', () => {
    const args = ['analyze', 'fixtures/linux-single-loss-sack.pcap'];
    expect(tcpscope([...args, '--jobs', '2'])).toEqual(tcpscope([...args, '--jobs', '1']));
  });

  it('a capture that is damaged, and one that is none', () => {
    for (const name of ['fixtures/README.md', 'package.json', 'fixtures/missing.pcap']) {
      const one = tcpscope(['analyze', name, '--jobs', '1']);
      expect(one.status).toBe(3);
      expect(tcpscope(['analyze', name, '--jobs', '2'])).toEqual(one);
    }
    const mixed = ['analyze', 'fixtures/linux-echo.pcap', 'package.json'];
    expect(tcpscope([...mixed, '--jobs', '2'])).toEqual(tcpscope([...mixed, '--jobs', '1']));
  });
});

it('a flood that is folded is told with the figures of one thread, and what was folded is told', () => {
  const capture = join(folder, 'flood.pcap');
  const made = spawnSync(
    process.execPath,
    ['test/bench/flood.mjs', '--kind', 'syn', '--packets', '20000', '--out', capture],
    {
      cwd: root,
    },
  );
  expect(made.status).toBe(0);
  const [one, two] = ['1', '2'].map((jobs) =>
    JSON.parse(tcpscope(['analyze', capture, '--json', '--jobs', jobs]).stdout),
  );
  for (const report of [one, two]) {
    expect(report.capture.evicted.connections).toBeGreaterThan(0);
    expect(report.capture.evicted.connections + report.connections.length).toBe(20_000);
    expect(report.summary.connections).toBe(20_000);
  }
  const floodOf = (report: { findings: { id: string; text: string }[] }) =>
    report.findings.find(({ id }) => id === 'syn-flood');
  expect(floodOf(one)?.text).toContain('20,000 SYNs');
  expect(floodOf(two)).toEqual(floodOf(one));
  expect(two.summary.statements).toEqual(one.summary.statements);
  expect(two.summary.time).toEqual(one.summary.time);
}, 60_000);

/** So many packets that are not TCP, of so many bytes each, then a connection before and after a device that gives each packet a VLAN tag. */
function severalViews(before: number, length: number): Uint8Array {
  const other = { time: 0n, bytes: new Uint8Array(length) };
  const seen = recordsOf(fixture('linux-single-loss-sack.pcap')).flatMap((record) => {
    const time = 1_000_000_000n + BigInt(Math.round(record.time));
    const { bytes } = record;
    const tagged = Buffer.concat([bytes.subarray(0, 12), Buffer.from([0x81, 0, 0, 7]), bytes.subarray(12)]);
    return [
      { time, bytes },
      { time: time + 9000n, bytes: tagged },
    ];
  });
  const options = { linkType: 1, resolution: 'us', byteOrder: 'little', snaplen: 65_535 } as const;
  return writePcap(options, [...new Array<typeof other>(before).fill(other), ...seen]);
}

describe('what several threads print of other commands is what one prints', () => {
  it.each([
    ['congestion', ['3'], ['--json']],
    ['congestion', ['2'], ['--cc', 'cubic']],
    ['congestion', ['2'], ['-f', 'port 5001', '--stream', '0-9']],
    ['exchanges', ['3'], ['--ndjson']],
    ['exchanges', ['2'], ['--sort', 'duration', '--top', '5']],
    ['exchanges', ['2'], ['--csv', '-f', 'port 80']],
    ['exchanges', ['2'], ['--format', 'parquet', '-o', '-']],
  ])('%s, %j jobs, %j', (command, numbers, args) => {
    const one = tcpscope([command, ...captures, '--jobs', '1', ...args]);
    expect(one.stdout.length).toBeGreaterThan(100);
    for (const jobs of numbers) expect(tcpscope([command, ...captures, '--jobs', jobs, ...args])).toEqual(one);
  });
});

describe('a pipe, which one thread reads and hands on', () => {
  const bytes = readFileSync(fixture('linux-single-loss-sack.pcap'));
  const piped = (jobs: string, input: Uint8Array, ...args: string[]) =>
    cold(['analyze', '--jobs', jobs, ...args], { input });

  it.each([
    ['plain', ['3'], bytes, ['--json']],
    ['compressed', ['2'], gzipSync(bytes), ['--csv']],
    ['in part', ['2'], bytes, ['-c', '40', '--json', '-']],
    ['cut', ['2'], bytes.subarray(0, bytes.length - 7), []],
    ['empty', ['2'], bytes.subarray(0, 0), []],
    ['no capture', ['2'], readFileSync(fixture('README.md')), []],
    ['with a file', ['2'], bytes, ['--json', 'fixtures/linux-echo.pcap', '-']],
  ])('%s, %j jobs', (_, numbers, input, args) => {
    const one = piped('1', input, ...args);
    for (const jobs of numbers) expect(piped(jobs, input, ...args)).toEqual(one);
  });

  it('with a name', () => {
    const name = join(folder, 'fifo');
    expect(spawnSync('mkfifo', [name]).status).toBe(0);
    const through = (jobs: string) => {
      const writer = spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', fixture('linux-single-loss-sack.pcap'), name]);
      const { status, stdout } = cold(['analyze', '--jobs', jobs, '--csv', name]);
      writer.kill();
      return { status, stdout };
    };
    const one = through('1');
    expect(one.stdout.length).toBeGreaterThan(200);
    expect(through('2')).toEqual(one);
  });

  it('is read on by one thread where it turns out to have several points of view', () => {
    const late = severalViews(2000, 1000);
    const one = piped('1', late);
    expect(one.stdout).toContain('points of view');
    expect(piped('2', late)).toEqual(one);
  });

  it('is refused where that comes after more than is kept', () => {
    const { status, stderr } = piped('2', severalViews(4200, 64_000));
    expect([status, stderr]).toEqual([3, expect.stringContaining('it is too long to be read twice: leave out --jobs')]);
  }, 30_000);

  it('that cannot be opened is left out beside a file', () => {
    const run = (jobs: string) => {
      const stdin = openSync(folder, 'r');
      const args = [bin, 'analyze', '--jobs', jobs, 'fixtures/linux-echo.pcap', '-'];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: root,
        env: environment(),
        encoding: 'utf8',
        stdio: [stdin, 'pipe', 'pipe'],
        timeout: 20_000,
        killSignal: 'SIGKILL',
      });
      closeSync(stdin);
      return { status, stdout, stderr };
    };
    const one = run('1');
    expect(one.stderr).toContain('standard input: the file was left out: is a directory');
    expect(run('2')).toEqual(one);
  }, 60_000);

  it('ends with a signal, and is told as far as it came', async () => {
    const child = start(['analyze', '--jobs', '2', '--quiet', '-']);
    const output = ending(child);
    child.stdin!.write(bytes);
    await waiting(child);
    child.kill('SIGINT');
    expect(await output).toEqual({ ...piped('1', bytes, '--quiet'), status: 130 });
  });
});

describe('--jobs', () => {
  it('is said to be one where one thread has to answer', () => {
    const options = [
      ['analyze', '--select', 'packets.count > 1'],
      ['analyze', '--every', '60s', '--ndjson'],
      ['analyze', '--memory', '500M'],
      ['congestion', '--format', 'qlog'],
      ['exchanges', '--select', 'packets.count > 1'],
    ];
    for (const [command, ...args] of options) {
      const one = tcpscope([command, 'fixtures/linux-echo.pcap', '--jobs', '1', ...args]);
      const two = tcpscope([command, 'fixtures/linux-echo.pcap', '--jobs', '2', ...args]);
      const note = `tcpscope: --jobs: ${args[0] === '--format' ? '--format qlog' : args[0]} is answered by one thread\n`;
      expect(two).toEqual({ ...one, stderr: note + one.stderr });
    }
  });

  it('says of a folder what one thread says', () => {
    const [one, two] = ['1', '2'].map((jobs) => tcpscope(['analyze', 'fixtures', '--jobs', jobs]));
    expect(one.stderr).toContain('fixtures: ');
    expect(two).toEqual(one);
  });

  it('is the cores, of which there are four, for files of a gigabyte and more, and one for pipes', () => {
    expect(usualJobs(2 ** 30 - 1, 4)).toBe(1);
    expect(usualJobs(2 ** 30, 4)).toBe(4);
    expect(usualJobs(2 ** 30, 3)).toBe(1);
    expect(usualJobs(2 ** 30, 1)).toBe(1);
    expect(usualJobs(2 ** 40, 8)).toBe(8);
    expect(usualJobs(2 ** 40, 9)).toBe(8);
    expect(usualJobs(null, 4)).toBe(1);
  });

  it('takes a number from 1 to 256', () => {
    for (const jobs of ['0', '257', 'x', '1.5']) {
      const { status, stderr } = tcpscope(['analyze', 'fixtures/linux-echo.pcap', '--jobs', jobs]);
      expect([status, stderr]).toEqual([2, expect.stringContaining('A number from 1 to 256')]);
    }
  });
});
