/** The changes of state of an end, in rooms that all ends share. */
import { expect, it } from 'vitest';
import { Connection } from '../../src/model/connection.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { Basis, MOST_CHANGES, State } from '../../src/model/state.ts';

/** Frame, time, state and basis of each change. */
type Change = [frame: number, time: number, state: number, basis: number];

function changesOf({ timeline }: Endpoint): Change[] {
  return Array.from({ length: timeline.length }, (_, i) => [
    timeline.frameOf(i),
    timeline.timeOf(i),
    timeline.stateOf(i),
    timeline.basisOf(i),
  ]);
}

it('holds of each of very many ends what it was told, in whatever order they change, grow and take back', () => {
  const ends = Array.from({ length: 200 }, () => new Connection(0, new SegmentView(), null)).flatMap(({ a, b }) => [
    { end: a, known: [] as Change[] },
    { end: b, known: [] as Change[] },
  ]);
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let frame = 1; frame < 20_000; frame++) {
    const { end, known } = ends[random(ends.length)];
    if (random(5) === 0) {
      known.pop();
      end.timeline.revoke();
    } else {
      const change: Change = [frame + 2 ** 31, 1e6 * frame, random(State.UNKNOWN), random(2)];
      known.push(change);
      end.timeline.append(...change);
    }
  }
  for (const { end, known } of ends) expect(changesOf(end)).toEqual(known);
  // Some have needed more than the room of a whole life, twice.
  expect(Math.max(...ends.map(({ known }) => known.length))).toBeGreaterThan(20);
});

it('keeps so many changes of one end, and the latest of more', () => {
  const { a } = new Connection(0, new SegmentView(), null);
  for (let frame = 1; frame <= MOST_CHANGES; frame++) a.timeline.append(frame, frame, State.SYN_SENT, Basis.CONFIRMED);
  expect(a.timeline.length).toBe(MOST_CHANGES);
  expect(a.timeline.frameOf(MOST_CHANGES - 2)).toBe(MOST_CHANGES - 1);
  a.timeline.append(MOST_CHANGES + 1, 1e9, State.CLOSED, Basis.CONFIRMED);
  expect(a.timeline.length).toBe(MOST_CHANGES);
  expect(a.timeline.frameOf(MOST_CHANGES - 2)).toBe(MOST_CHANGES - 1);
  expect(a.timeline.frame).toBe(MOST_CHANGES + 1);
  expect(a.timeline.state).toBe(State.CLOSED);
});

it('leaves what is confirmed of one end alone when the next one has its room', () => {
  const [first, second] = [0, 1].map(() => new Connection(0, new SegmentView(), null).a);
  first.timeline.append(1, 1, State.SYN_SENT, Basis.INFERRED);
  first.timeline.append(2, 2, State.ESTABLISHED, Basis.INFERRED);
  // The room for one change is free again.
  second.timeline.append(3, 3, State.SYN_SENT, Basis.INFERRED);
  second.timeline.confirm();
  expect(changesOf(first)).toEqual([
    [1, 1, State.SYN_SENT, Basis.INFERRED],
    [2, 2, State.ESTABLISHED, Basis.INFERRED],
  ]);
  expect(changesOf(second)).toEqual([[3, 3, State.SYN_SENT, Basis.CONFIRMED]]);
});
