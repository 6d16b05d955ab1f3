import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import type { CompareReport } from '../../src/compare/report.ts';
import type { ComparedPacket } from '../../src/compare/row.ts';
import type { RunsReport } from '../../src/compare/runs.ts';
import { text as bytesOf, concat, Pcapng } from '../capture/build.ts';
import { scenario } from '../support/scenario.ts';
import { type Plan, travel } from '../views/journey.ts';
import { pcapngOf } from '../views/world.ts';
import { cold, objects, output, tcpscope } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** Captures of a journey, in files. */
function captures(plan: Plan): string[] {
  files++;
  return travel(plan).files.map((bytes, i) => {
    const name = join(folder, `${'abc'[i]}${files}.pcap`);
    writeFileSync(name, bytes);
    return name;
  });
}

const PLAN: Plan = {
  seed: 50,
  gaps: [{ forward: 10, backward: 10, loss: 0.05, jitter: 1, nat: '192.0.2.1' }],
  connections: 6,
  clocks: [
    [0, 0],
    [-7000, 0],
  ],
};
const [a, b] = captures(PLAN);
const truth = travel(PLAN);
const lost = truth.packets.filter((packet) => packet.lost !== null);

describe('compare', () => {
  test('says first where packets were lost', () => {
    const text = output(['compare', a, b]);
    const [names, answer] = text.split('\n');
    expect(names).toContain('a1.pcap ↔ b1.pcap');
    const towards = lost.filter(({ direction }) => direction === 'c2s').length;
    expect(answer).toContain(
      `${lost.length} packets were lost between a1.pcap and b1.pcap: ${towards} towards the server, ${lost.length - towards} towards the client`,
    );
    expect(text).toMatch(/b1\.pcap is 7\.00 s behind a1\.pcap/);
    expect(text).toContain('192.0.2.1');
    expect(text.match(/ lost ──/g)).toHaveLength(lost.length);
  });

  test('--ndjson: a row for each packet, with its frame in each capture', () => {
    const rows = objects(['compare', '--ndjson', a, b]) as unknown as ComparedPacket[];
    expect(rows).toHaveLength(truth.packets.length);
    expect(rows.filter(({ lostBetween }) => lostBetween !== null)).toHaveLength(lost.length);
    const both = rows.filter(({ packets }) => packets.every((one) => one !== null));
    for (const { delays, changes, direction } of both) {
      expect(delays[0]).toBeGreaterThan(9.9);
      expect(delays[0]).toBeLessThan(11.1);
      expect(changes).toContain(direction === 'c2s' ? 'src-addr' : 'dst-addr');
    }
  });

  test('--json: clocks, the order of the points, links, connections', () => {
    const report = JSON.parse(output(['compare', '--json', b, a])) as CompareReport;
    expect(report.vantageOrder).toEqual([a, b]);
    expect(Math.abs(report.clocks[1].offsetMs! - 7000)).toBeLessThan(0.5);
    expect(report.links[0].c2s.lost + report.links[0].s2c.lost).toBe(lost.length);
    expect(report.connections).toHaveLength(6);
  });

  test('the time line: of one connection, all packets of it', () => {
    const rows = objects(['compare', '--ndjson', '--connection', '2', a, b]);
    const text = output(['compare', '--connection', '2', '--lines', '1000', a, b]);
    const line = text.slice(text.indexOf('time     #')).trimEnd().split('\n');
    expect(line).toHaveLength(1 + rows.length);
    expect(output(['compare', '--lines', '0', a, b])).not.toContain('time     #');
  });
});

test('what it prints is what the schemas say', () => {
  const ajv = new Ajv2020({ strict: false });
  const check = (name: string, value: unknown) => {
    const validate = ajv.compile(
      JSON.parse(readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8')),
    );
    validate(value);
    expect(validate.errors).toBeNull();
  };
  check('compare', JSON.parse(output(['compare', '--json', a, b])));
  const [row] = objects(['compare', '--ndjson', a, b]);
  check('compare-packet', row);
});

test('the interfaces of one capture are places', () => {
  files++;
  const frames = truth.frames.flat().sort((x, y) => x.time - y.time);
  const png = new Pcapng();
  const name = join(folder, `router${files}.pcapng`);
  writeFileSync(
    name,
    concat(
      png.section(),
      ...['eth0', 'eth1'].map((one) => png.interface(1, 0, [{ code: 2, value: bytesOf(one) }])),
      // The second clock is 7 s behind the first.
      ...frames
        .map(({ time, bytes, point }) => ({ time: time + (point === 1 ? 7e6 : 0), bytes, point }))
        .sort((x, y) => x.time - y.time)
        .map(({ time, bytes, point }) => png.enhanced(BigInt(time), bytes, { id: point })),
    ),
  );
  const text = output(['compare', name]);
  expect(text).toContain('eth0 ↔ eth1  from client to server');
  expect(text).toContain(`${lost.length} packets were lost between eth0 and eth1`);
  expect(text).not.toContain('Clocks');
  const { status, stdout } = tcpscope([
    'check',
    '--compare',
    name,
    '--expect',
    `lost_between("eth0", "eth1") == ${lost.length}`,
    '--expect',
    'p(99, one_way_delay("eth0", "eth1")) < 30ms',
  ]);
  expect(stdout).toContain('2 passed, 0 failed');
  expect(status).toBe(0);
});

test('--symmetric: what the user says of the path bounds the clocks', () => {
  const clock = (...options: string[]) =>
    (JSON.parse(output(['compare', '--json', ...options, a, b])) as CompareReport).clocks[1];
  expect(clock().uncertaintyBasis).toBe('round-trip');
  expect(clock('--symmetric')).toMatchObject({
    uncertaintyBasis: 'symmetric',
    uncertaintyMs: clock().symmetricUncertaintyMs,
  });
  expect(output(['compare', '--symmetric', '--lines', '0', a, b])).toContain(
    'taking both directions for equally fast (--symmetric)',
  );
});

describe('captures that do not go together', () => {
  test('other traffic: it says so', () => {
    const [other] = captures({ ...PLAN, seed: 77 });
    const text = output(['compare', a, other]);
    expect(text).toContain('Nothing can be compared');
    expect(text).toMatch(/no packet in common/);
  });

  test('another time', () => {
    const [other] = captures({ ...PLAN, seed: 78, clocks: [[3_600_000, 0]] });
    expect(output(['compare', a, other])).toMatch(/was made .* later: not the same time/);
  });

  test('clocks hours apart are told, and harm nothing', () => {
    const [near, far] = captures({
      ...PLAN,
      clocks: [
        [0, 0],
        [-7_200_000, 0],
      ],
    });
    const text = output(['compare', near, far]);
    expect(text).toMatch(/the clock of b\d+\.pcap is 2 h 00 min behind that of a\d+\.pcap/);
    expect(text).toContain(`${lost.length} packets were lost`);
  });

  test('one is cut off, and kept less of each packet', () => {
    const plan: Plan = { ...PLAN, snaplen: [262144, 80] };
    const [near] = captures(plan);
    const cut = join(folder, 'cut.pcap');
    const bytes = travel(plan).files[1];
    writeFileSync(cut, bytes.subarray(0, Math.floor(bytes.length / 2) + 5));
    const { stdout, stderr, status } = tcpscope(['compare', near, cut]);
    expect(status).toBe(0);
    expect(stderr).toContain('the file ends');
    expect(stdout).toMatch(/cut\.pcap is cut off: what came after its packet \d+ is unknown/);
    expect(stdout).toContain('the captures kept different lengths of packets');
  });

  test.each([
    [['compare', a], 'name two captures or more'],
    [['compare', a, a], 'is named twice'],
    [['compare', '--all', '--json', a, b], '--all is for text'],
    [['compare', '--connection', '99', a, b], 'there is no connection 99'],
  ])('%j is a mistake', (words, message) => {
    const { status, stderr } = tcpscope(words);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('what is said of the captures', () => {
  const notes = (words: readonly string[]) =>
    (JSON.parse(output(['compare', '--json', ...words])) as CompareReport).notes.map(({ id }) => id);

  test('one capture under two names is no path', () => {
    const twin = join(folder, 'twin.pcap');
    copyFileSync(a, twin);
    expect(notes([a, twin])).toContain('same');
    expect(notes([a, b])).not.toContain('same');
  });

  test('a file of two interfaces counts as one place', () => {
    const both = join(folder, 'interfaces.pcapng');
    const single = join(folder, 'interface.pcapng');
    writeFileSync(both, pcapngOf(['eth0', 'eth1'], []));
    writeFileSync(single, pcapngOf(['eth0'], []));
    expect(notes([a, both])).toContain('interfaces');
    expect(notes([a, single])).not.toContain('interfaces');
  });

  test('no line is wider than the terminal, whatever the files and addresses are called', () => {
    const long = [a, b].map((name, i) => {
      const other = join(folder, `${'a long name of a file '.repeat(2)}${i}.pcap`);
      copyFileSync(name, other);
      return other;
    });
    const text = tcpscope(['compare', ...long, '--lines', '0'], { env: { COLUMNS: '80' } }).stdout;
    expect(text).toContain('192.0.2.1');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('analyze of two points of view', () => {
  test('refuses what it cannot read once more', () => {
    const input = readFileSync(b);
    // Through a pipe, and of a file that the shell opened.
    for (const { status, stdout, stderr } of [cold([a, '-'], { input }), tcpscope([a, '-'], { input })]) {
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain('captured at two places');
    }
  });

  test('compares them instead of reading them as one', () => {
    const { stdout, status } = tcpscope([a, b]);
    expect(stdout).toContain('they are compared, not read as one');
    expect(stdout).toContain(`${lost.length} packets were lost between a1.pcap and b1.pcap`);
    expect(status).toBe(0);
  });

  test('the command that it names can be copied whatever the files are called', () => {
    const odd = [join(folder, "a $(touch x)'.pcap"), join(folder, 'b \u001b[31m.pcap')];
    [a, b].forEach((name, i) => {
      copyFileSync(name, odd[i]);
    });
    const { stderr } = tcpscope(['--json', ...odd]);
    const line = stderr.split('\n').find((one) => one.startsWith('compare them: tcpscope compare '))!;
    const words = line.slice('compare them: tcpscope compare '.length);
    const read = spawnSync('bash', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' });
    expect(read.stdout.split('\0').slice(0, -1)).toEqual(odd);
  });

  test('a document of one capture cannot hold that: it names the command', () => {
    const { stderr, status } = tcpscope(['--json', a, b]);
    expect(stderr).toContain(`compare them: tcpscope compare ${a} ${b}`);
    expect(status).toBe(2);
  });
});

describe('compare --runs', () => {
  /** Requests that the server answers after so many milliseconds, each on a connection of its own. */
  function run(name: string, thinking: readonly number[]): string {
    const lines = thinking.flatMap((ms, i) => {
      const at = (offset: number) => (i + offset / 1000).toFixed(4);
      return [
        `${at(0)} > S seq 0 win 64240 conn c${i}`,
        `${at(10)} < S. seq 0 ack 1 win 65160 conn c${i}`,
        `${at(10)} > . ack 1 conn c${i}`,
        `${at(10)} > P. 1:101(100) ack 1 conn c${i}`,
        `${at(20)} < . ack 101 conn c${i}`,
        `${at(20 + ms)} < P. 1:201(200) ack 101 conn c${i}`,
        `${at(20 + ms)} > . ack 201 conn c${i}`,
      ];
    });
    const connections = Object.fromEntries(thinking.map((_, i) => [`c${i}`, { client: `10.0.0.1:${40000 + i}` }]));
    const file = join(folder, name);
    writeFileSync(file, scenario({ connections }, lines.join('\n')).pcap);
    return file;
  }
  const steady = [50, 51, 52, 53, 54, 55, 56, 57];
  const before = run('before.pcap', steady);
  const report = (after: string) => JSON.parse(output(['compare', '--runs', '--json', before, after])) as RunsReport;
  const thinking = (after: string) =>
    report(after).services[0].figures.find(({ figure, place }) => figure === 'server-thinking' && place === null)!;

  test('a server that became faster', () => {
    const figure = thinking(
      run(
        'faster.pcap',
        steady.map((ms) => ms - 30.5),
      ),
    );
    expect(figure.verdict).toBe('better');
    expect(figure.effect).toBe(-1);
    expect(figure.change).toBeCloseTo(-30.5, 1);
    expect(figure.before.count).toBe(8);
  });

  test('one that became slower', () => {
    expect(
      thinking(
        run(
          'slower.pcap',
          steady.map((ms) => ms + 30.5),
        ),
      ).verdict,
    ).toBe('worse');
  });

  test('noise', () => {
    expect(thinking(run('noise.pcap', [50.5, 49.5, 52.5, 53.5, 53.2, 55.5, 57.5, 56.5])).verdict).toBe('no difference');
  });

  test.each([
    [4, 'too little'],
    [5, 'better'],
  ])('%i connections', (count, verdict) => {
    expect(
      thinking(
        run(
          `few${count}.pcap`,
          Array.from({ length: count }, (_, i) => 10 + i),
        ),
      ).verdict,
    ).toBe(verdict);
  });

  test.each([80, 150])('no line is wider than %i columns', (columns) => {
    const faster = run(
      `faster-${columns}.pcap`,
      steady.map((ms) => ms - 20),
    );
    const { stdout } = tcpscope(['compare', '--runs', before, faster], { env: { COLUMNS: `${columns}` } });
    expect(stdout).toMatch(/server thinking .* {2}better/);
    expect(stdout).toContain('effect -1.00, p ');
    expect(stdout).toContain('n=8');
    const names = stdout.split('\n').filter((line) => !line.includes(folder));
    expect(Math.max(...names.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  test('in text, with the spread', () => {
    const text = output([
      'compare',
      '--runs',
      before,
      run(
        'text.pcap',
        steady.map((ms) => ms - 30.5),
      ),
    ]);
    expect(text).toContain('before.pcap → ');
    expect(text).toMatch(/server thinking +53\.0 ms \(51\.0 ms–55\.0 ms\) n=8 .* better \(effect -1\.00, p 0\.0/);
  });

  test('what it prints is what the schema says', () => {
    const ajv = new Ajv2020({ strict: false });
    const validate = ajv.compile(
      JSON.parse(readFileSync(new URL('../../schema/compare-runs.schema.json', import.meta.url), 'utf8')),
    );
    validate(report(run('schema.pcap', steady)));
    expect(validate.errors).toBeNull();
  });

  test.each([
    [['compare', '--runs', before], 'takes two captures'],
    [['compare', '--runs', before, before], 'is named twice'],
    [['compare', '--runs', '--all', before, b], '--all is for captures of one run'],
    [['compare', '--runs', '--ndjson', before, b], 'no --ndjson'],
  ])('%j is a mistake', (words, message) => {
    const { status, stderr } = tcpscope(words);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('check --compare', () => {
  const names = `"a1.pcap", "b1.pcap"`;
  test.each([
    [`lost_between(${names}) == ${lost.length}`, 0],
    [`lost_between("b1.pcap", "a1.pcap") == ${lost.length}`, 0],
    [`lost_between(${names}) == ${lost.length - 1}`, 1],
    // Each way takes 10 to 11 ms, and half of the least round trip is 10 ms: nobody can tell 12 ms from 20.
    [`p(99, one_way_delay(${names})) < 30ms`, 0],
    [`p(99, one_way_delay(${names})) < 15ms`, 4],
    [`p(99, one_way_delay(${names})) < 9ms`, 4],
    [`p(99, one_way_delay(${names})) < 0.1ms`, 1],
    [`one_way_delay("b1.pcap", "a1.pcap").count > 10`, 0],
    [`lost_between("a1.pcap", "c.pcap") == 0`, 2],
    [`lost_between("a1.pcap", "a1.pcap") == 0`, 2],
  ])('%s: status %i', (condition, expected) => {
    const { status, stdout, stderr } = tcpscope(['check', '--compare', a, b, '--expect', condition]);
    expect(status, stdout + stderr).toBe(expected);
  });

  test('a wrong name gets the right ones', () => {
    const { stderr } = tcpscope(['check', '--compare', a, b, '--expect', 'lost_between("a1.pcap", "b2.pcap") == 0']);
    expect(stderr).toContain('no capture is called b2.pcap (did you mean b1.pcap?); they are a1.pcap, b1.pcap');
  });

  test.each([
    [['--expect', `lost_between(${names}) == 0`, '--merge'], '--merge speaks of one capture'],
    [[], 'nothing to check'],
  ])('%j is a mistake', (words, message) => {
    const { status, stderr } = tcpscope(['check', '--compare', a, b, ...words]);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test('of one capture with one point of view nothing can be told', () => {
    const { status, stdout } = tcpscope(['check', a, '--expect', `lost_between(${names}) == 0`]);
    expect(stdout).toContain('one point of view only');
    expect(status).toBe(4);
  });
});
