import { expect, it } from 'vitest';
import { copySegment, SegmentView } from '../../src/model/segment.ts';

it('a copy of a segment has each of its fields', () => {
  const from = new SegmentView();
  const fields = from as unknown as Record<string, unknown>;
  // Each field gets a value that no other has and that no new view begins with.
  for (const [i, [name, value]] of Object.entries(from).entries()) {
    if (typeof value === 'number') fields[name] = 1000 + i;
    else if (typeof value === 'boolean') fields[name] = !value;
    else if (name !== 'sack') fields[name] = { name };
  }
  from.sackCount = 3;
  from.sack.set([11, 12, 13, 14, 15, 16, 17, 18]);
  const to = new SegmentView();
  copySegment(from, to);
  expect({ ...to, sack: null }).toEqual({ ...from, sack: null });
  // Its own blocks, of which there are three.
  expect(to.sack).not.toBe(from.sack);
  expect([...to.sack]).toEqual([11, 12, 13, 14, 15, 16, 0, 0]);
});
