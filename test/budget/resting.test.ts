/** Lives of connections that are not heard are kept as numbers: nothing that anybody asks for may be lost by that. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { Life } from '../../src/budget/life.ts';
import { Lives } from '../../src/budget/lives.ts';
import { BudgetStage } from '../../src/budget/stage.ts';
import { Tape } from '../../src/budget/tape.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { budgetOf, Doing, TimeUse } from '../../src/model/budget.ts';
import { KEEP_ALL } from '../../src/tcp/eviction.ts';
import { scenario } from '../support/scenario.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const captures = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pcap'));

afterEach(() => vi.restoreAllMocks());

function analyzed(capture: Uint8Array): Analyzer {
  const analyzer = new Analyzer({ congestion: false });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(capture);
  reader.end();
  analyzer.end();
  return analyzer;
}

/** What is told of the time of every connection. */
function told(capture: Uint8Array): string {
  const numbers = (_: string, value: unknown) => (typeof value === 'number' ? String(value) : value);
  return analyzed(capture)
    .connections.map((connection) =>
      JSON.stringify([connection.life?.totalsOf(connection), budgetOf(connection)], numbers),
    )
    .join('\n');
}

/** From now on so many lives are awake at once. */
function awake(most: number): void {
  const { begin } = Lives.prototype;
  vi.spyOn(Lives.prototype, 'begin').mockImplementation(function (this: Lives, connection) {
    this.mostAwake = most;
    return begin.call(this, connection);
  });
}

/** From now on every life that can is written down before each packet, becomes the one before it, and then what it was. */
function writeAll(): { written: number } {
  const tally = { written: 0 };
  const tape = new Tape();
  let before: DataView | null = null;
  const { segment } = BudgetStage.prototype;
  vi.spyOn(BudgetStage.prototype, 'segment').mockImplementation(function (this: BudgetStage, t, view, packet) {
    const { connection } = t;
    const { life } = connection;
    if (life instanceof Life && life.canRest) {
      tape.clear();
      life.write(tape);
      const bytes = new DataView(new ArrayBuffer(tape.length));
      tape.copyTo(bytes, 0);
      for (const written of [before ?? bytes, bytes]) {
        tape.open(written, 0);
        life.read(connection, tape);
      }
      before = bytes;
      tally.written++;
    }
    segment.call(this, t, view, packet);
  });
  return tally;
}

describe('the life of a connection that rests', () => {
  const files = captures.map((name) => readFileSync(fixtures + name));

  it('is told of as if it had been awake, in every fixture, however often it rests', () => {
    const usual = files.map(told);
    const tally = writeAll();
    const rested = files.map(told);
    expect(tally.written).toBeGreaterThan(500);
    for (const [i, name] of captures.entries()) expect(rested[i], name).toBe(usual[i]);
  });

  it.each([1, 2, 3])('is told of as if it had been awake where %i may be', (most) => {
    const usual = files.map(told);
    const read = vi.spyOn(Life.prototype, 'read');
    awake(most);
    const rested = files.map(told);
    expect(read).toHaveBeenCalled();
    for (const [i, name] of captures.entries()) expect(rested[i], name).toBe(usual[i]);
  });

  it('rests when more are awake than may be: the one that was not heard for the longest time', () => {
    const asleep = () => analyzed(conversations()).connections.map(({ life }) => !(life instanceof Life));
    awake(4);
    expect(asleep()).toEqual([false, false, false, false]);
    vi.restoreAllMocks();
    awake(3);
    expect(asleep()).toEqual([true, false, false, false]);
  });
});

it.each([
  ['where rows are kept', true],
  ['where none are', false],
])('the lives of connections that have left are let go, %s', (_, keepsRows) => {
  const gone: Life[] = [];
  const lives: Lives[] = [];
  const { begin } = Lives.prototype;
  vi.spyOn(Lives.prototype, 'begin').mockImplementation(function (this: Lives, connection) {
    lives.push(this);
    return begin.call(this, connection);
  });
  const analyzer = new Analyzer({
    eviction: { ...KEEP_ALL, open: 1e9 },
    onLeave: ({ life }) => void (life instanceof Life && gone.push(life)),
    ...(keepsRows ? { onRow: () => {} } : {}),
  });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(conversations());
  analyzer.lookWhoLeaves();
  expect(gone.length).toBeGreaterThan(0);
  const [{ awake }] = lives as unknown as { awake: { objects: Life[] } }[];
  expect(awake.objects.length).toBe(4 - gone.length);
  for (const { connection } of awake.objects) expect(connection.hasLeft).toBe(false);
  reader.end();
  analyzer.end();
});

describe('the time of a connection so far', () => {
  const lines = `
    0.00 > S  seq 0 <mss 1460>
    0.01 < S. seq 0 ack 1 <mss 1460>
    0.02 > .  ack 1
    0.03 > P. 1:101(100) ack 1
    1.04 < P. 1:201(200) ack 101
    1.05 > .  ack 201
    1.06 > P. 101:201(100) ack 201
    4.07 < P. 201:401(200) ack 201
    4.08 > .  ack 401`;
  const budgets = (most: number, isAsked: boolean) => {
    awake(most);
    const soFar: number[] = [];
    const { segment } = BudgetStage.prototype;
    vi.spyOn(BudgetStage.prototype, 'segment').mockImplementation(function (this: BudgetStage, t, view, packet) {
      segment.call(this, t, view, packet);
      const { connection } = t;
      if (isAsked) soFar.push(connection.life!.soFar(connection)[TimeUse.SERVER + Doing.THINKING]);
    });
    const text = told(scenario({}, lines).pcap);
    vi.restoreAllMocks();
    return { text, soFar };
  };

  it.each([1, 1000])('can be asked after every packet, and nothing is told otherwise (%i awake)', (most) => {
    const { text, soFar } = budgets(most, true);
    expect(text).toBe(budgets(most, false).text);
    // A second after the first request, and three after the other.
    expect(soFar.map((time) => Math.round(time / 1e9))).toEqual([...Array(5).fill(0), 1, 1, 1, 4].slice(-soFar.length));
  });
});

/** Four connections that stay open, one after the other. */
function conversations(): Uint8Array {
  const names = ['a', 'b', 'c', 'd'];
  const connections = Object.fromEntries(names.map((name, i) => [name, { client: `10.0.0.1:${1000 + i}` }]));
  const lines = names.flatMap((name, i) => [
    `${i}.00 > S  seq 0 <mss 1460> conn ${name}`,
    `${i}.01 < S. seq 0 ack 1 <mss 1460> conn ${name}`,
    `${i}.02 > .  ack 1 conn ${name}`,
    `${i}.03 > P. 1:101(100) ack 1 conn ${name}`,
  ]);
  return scenario({ connections }, lines.join('\n')).pcap;
}
