import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/model/connection.ts';
import { CONNECTION_WORDS, ConnectionWords } from '../../src/model/connection-words.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Finding } from '../../src/model/finding.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { Basis, State } from '../../src/model/state.ts';
import { Phase } from '../../src/model/summary.ts';

const made = () => new Connection(0, new SegmentView(), null);

/** The fields of an object that are numbers, texts and truths: its own, and those that its class keeps elsewhere. */
function plainFields(object: object): string[] {
  const packed = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object)))
    .filter(([, { get, set }]) => get !== undefined && set !== undefined)
    .map(([name]) => name);
  const values = object as Record<string, unknown>;
  return [...Object.keys(object), ...packed].filter((name) =>
    ['number', 'boolean', 'string'].includes(typeof values[name]),
  );
}

/** Where an object lies, which end it is, and what the table of flows notes of the object itself. */
const OF_THE_OBJECT = new Set(['row', 'index', 'place', 'wasUsed', 'changesAt', 'changesRoom']);
/** The largest values of fields that have few bits. */
const LARGEST: Record<string, number> = {
  state: State.UNKNOWN,
  basis: Basis.CONFIRMED,
  phase: Phase.RESET,
  previousPhase: Phase.RESET,
  windowShift: 14,
  offeredShift: 14,
  unansweredKind: 255,
  roleReason: 3,
  ipVersion: 6,
  initialState: State.TIME_WAIT,
  // Of five that it had.
  changeCount: 4,
};

/** Gives every field another value; returns what all of them are then. */
function change(object: object, seed: number): Record<string, unknown> {
  const values = object as Record<string, number | boolean | string>;
  const told: Record<string, unknown> = {};
  plainFields(object).forEach((name, i) => {
    if (OF_THE_OBJECT.has(name)) return;
    const value = values[name];
    if (typeof value === 'boolean') values[name] = !value;
    else if (typeof value === 'string') values[name] = `text of ${name}`;
    else values[name] = LARGEST[name] ?? 2 ** 31 - 1 - seed - i;
    expect([name, values[name]]).not.toEqual([name, value]);
    told[name] = values[name];
  });
  return told;
}

function valuesOf(object: object): Record<string, unknown> {
  const values = object as Record<string, unknown>;
  return Object.fromEntries(
    plainFields(object)
      .filter((name) => !OF_THE_OBJECT.has(name))
      .map((name) => [name, values[name]]),
  );
}

describe('the words of a connection', () => {
  it('have all its numbers, texts and truths, and those of its ends', () => {
    const connection = made();
    const { a, b } = connection;
    const words = new ConnectionWords(0);
    expect(words.store(connection)).toBe(true);
    const blank = words.words.slice();
    for (const end of [a, b]) {
      for (let i = 0; i < 5; i++)
        end.timeline.append(10 + i, 1e12 + i + (end === a ? 0.5 : 0.25), State.CLOSED, Basis.INFERRED);
    }
    const changed = [change(connection, 0), change(a, 100), change(b, 200)];
    expect(words.store(connection)).toBe(true);
    expect(words.words).toHaveLength(CONNECTION_WORDS);

    const other = made();
    // It had a life before.
    for (let i = 0; i < 3; i++) other.a.timeline.append(1 + i, i, State.LISTEN, 0);
    words.load(other);
    expect([valuesOf(other), valuesOf(other.a), valuesOf(other.b)]).toEqual(changed);
    expect([other.a.index, other.b.index]).toEqual([0, 1]);
    for (const [i, end] of [other.a, other.b].entries()) {
      const times = Array.from({ length: 4 }, (_, k) => end.timeline.timeOf(k));
      expect(times).toEqual([0, 1, 2, 3].map((k) => 1e12 + k + (i === 0 ? 0.5 : 0.25)));
      expect(end.timeline.frameOf(3)).toBe(13);
    }

    words.words.set(blank);
    words.load(other);
    expect([valuesOf(other), valuesOf(other.a), valuesOf(other.b)]).toEqual(
      [made(), made().a, made().b].map((object) => valuesOf(object)),
    );
  });

  it('are only of one that has nothing else', () => {
    const objects = (object: object) =>
      Object.entries(object)
        .filter(([, value]) => typeof value === 'object')
        .map(([name]) => name);
    // What it has sent and where its time went is written down by the owners of these.
    const elsewhere = ['doubles', 'integers', 'bytes', 'life', 'outbound'];
    const others = (object: object) => objects(object).filter((name) => !elsewhere.includes(name));
    expect(others(made())).toEqual(['a', 'b', 'previous', 'found', 'views']);
    expect(others(made().a)).toEqual([
      ...['connection', 'peer', 'changes', 'synRow', 'capturedBeyond', 'congestion', 'violations'],
    ]);

    const rests = (more: (connection: Connection) => void) => {
      const connection = made();
      more(connection);
      return connection.canRest && !connection.keepsObject;
    };
    expect(rests(() => {})).toBe(true);
    expect(rests((connection) => connection.follow(made()))).toBe(false);
    expect(rests((connection) => made().follow(connection))).toBe(false);
    expect(rests((connection) => connection.addFinding({} as Finding))).toBe(false);
    expect(rests((connection) => Object.assign(connection, { views: [] }))).toBe(false);
    expect(rests((connection) => Object.assign(connection, { isRemembered: true }))).toBe(false);
    for (const more of [
      { synRow: {} },
      { capturedBeyond: [] },
      { violations: [] },
      { congestion: { isSettled: false } },
      { congestion: { isSettled: true } },
    ]) {
      expect(rests(({ a }) => Object.assign(a, more))).toBe(false);
      expect(rests(({ b }) => Object.assign(b, more))).toBe(false);
    }
  });

  it('are none of one whose numbers do not fit', () => {
    const fits = (more: (connection: Connection) => void) => {
      const connection = made();
      more(connection);
      return new ConnectionWords(0).store(connection);
    };
    const numbers = ['sndNxt', 'payloadBytes', 'ipBytes', 'windowEdge', 'lastFrame', 'capturedTo'] as const;
    for (const name of numbers) {
      expect(fits(({ a }) => Object.assign(a, { [name]: 2 ** 31 - 1 }))).toBe(true);
      expect(fits(({ a }) => Object.assign(a, { [name]: 2 ** 31 }))).toBe(false);
      expect(fits(({ b }) => Object.assign(b, { [name]: 2 ** 31 }))).toBe(false);
    }
    const moves = (end: Endpoint, count: number) => {
      for (let i = 0; i < count; i++) end.timeline.append(i, i, State.CLOSED, 0);
    };
    expect([5, 6].map((count) => fits(({ a }) => moves(a, count)))).toEqual([true, false]);
    expect([5, 6].map((count) => fits(({ b }) => moves(b, count)))).toEqual([true, false]);
  });

  it('tell 4,096 histories apart', () => {
    const words = new ConnectionWords(0);
    const fits = (historyText: string) => words.store(Object.assign(made(), { historyText }));
    for (let i = 1; i < 4096; i++) expect(fits(`S${i}`)).toBe(true);
    expect([fits('S4096'), fits('S4095'), fits('')]).toEqual([false, true, true]);
  });
});
