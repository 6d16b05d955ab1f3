import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/model/connection.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { Basis, State } from '../../src/model/state.ts';
import { packConnections, unpackConnections } from '../../src/shard/packed.ts';
import { ownFieldsOf } from '../../src/shard/plain.ts';
import { FIELDS } from '../../src/shard/snapshot.ts';

const connection = new Connection(0, new SegmentView(), null);
const valuesOf = (object: object) => object as Record<string, number | boolean | string>;

function throughPacking(one: Connection): Connection {
  const packed = packConnections(
    [one],
    () => false,
    () => false,
  );
  return [...unpackConnections(packed, (id) => id)][0].connection;
}

describe('a connection that changes hands', () => {
  it('has no text but its history: no other is taken along', () => {
    const textsOf = (object: object) =>
      ownFieldsOf(object).filter((name) => typeof valuesOf(object)[name] === 'string');
    expect(textsOf(connection)).toEqual(['historyText']);
    expect(textsOf(connection.a)).toEqual([]);
  });

  it('keeps every number and truth, each in its place', () => {
    const made = new Connection(0, new SegmentView(), null);
    const objects = [
      { object: made as object, names: FIELDS.connection },
      { object: made.a, names: FIELDS.endpoint },
      { object: made.b, names: FIELDS.endpoint },
    ];
    let next = 0;
    const expected = objects.map(({ object, names }) => {
      const values = valuesOf(object);
      for (const name of names) {
        // Small enough for a row of bytes, and `changeCount` says how many changes follow.
        next = (next + 1) % 100;
        if (name === 'index' || name === 'changeCount') continue;
        if (typeof values[name] === 'number') values[name] = next;
        else if (typeof values[name] === 'boolean') values[name] = !values[name];
        else values[name] = `text ${next}`;
      }
      return names.map((name) => [name, values[name]]);
    });
    const again = throughPacking(made);
    const found = [again, again.a, again.b].map((object, i) =>
      objects[i].names.map((name) => [name, valuesOf(object)[name]]),
    );
    expect(found).toEqual(expected);
  });

  it.each([-0, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'keeps %d as it is',
    (value) => {
      const made = new Connection(0, new SegmentView(), null);
      made.synTime = value;
      made.a.sndNxt = value;
      const again = throughPacking(made);
      expect(Object.is(again.synTime, value)).toBe(true);
      expect(Object.is(again.a.sndNxt, value)).toBe(true);
    },
  );

  it('keeps the changes of state of each end', () => {
    const made = new Connection(0, new SegmentView(), null);
    made.a.timeline.append(1, 10, State.SYN_SENT, Basis.CONFIRMED);
    made.a.timeline.append(2, 20, State.ESTABLISHED, Basis.INFERRED);
    made.b.timeline.append(1, 10, State.SYN_RECEIVED, Basis.CONFIRMED);
    const again = throughPacking(made);
    const changes = ({ timeline }: Endpoint) =>
      Array.from({ length: timeline.length }, (_, i) => [
        timeline.frameOf(i),
        timeline.timeOf(i),
        timeline.stateOf(i),
        timeline.basisOf(i),
      ]);
    expect(changes(again.a)).toEqual([
      [1, 10, State.SYN_SENT, Basis.CONFIRMED],
      [2, 20, State.ESTABLISHED, Basis.INFERRED],
    ]);
    expect(changes(again.b)).toEqual([[1, 10, State.SYN_RECEIVED, Basis.CONFIRMED]]);
  });
});
