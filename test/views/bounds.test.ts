import { describe, expect, it } from 'vitest';
import { SegmentView } from '../../src/model/segment.ts';
import type { SeenConnection } from '../../src/model/sight.ts';
import { MAX_ORDERED, pathOfAll } from '../../src/views/report.ts';
import { MAX_PASSAGES, Routes } from '../../src/views/route.ts';
import { MAX_SHARES } from '../../src/views/sighted-connection.ts';
import { LEAST_FLOWS, MAX_FLOWS, SightedFlows } from '../../src/views/sighted-flow.ts';
import type { CaptureVantage } from '../../src/views/vantages.ts';
import { WINDOW } from '../../src/views/window.ts';
import { A, type Frame, PA, pcapngOf, rowsOf } from './world.ts';

/** What a route asks of a vantage. */
const vantage = (index: number) => ({ index }) as CaptureVantage;

describe('interfaces that see one connection', () => {
  const CLIENT = '10.0.0.1:40000';
  const SERVER = '10.0.1.1:80';

  /** Each packet at all of them, a millisecond apart from the next. */
  function seenAt(interfaces: number) {
    const frames: Frame[] = [];
    for (let i = 0; i < 3; i++)
      for (let at = 0; at < interfaces; at++) {
        const sent = {
          from: CLIENT,
          to: SERVER,
          seq: 1001 + i * 10,
          ack: 5001,
          flags: PA,
          data: 'x'.repeat(10),
          id: i,
        };
        frames.push({ time: i * 1000 + at, at, sent: i === 2 ? { ...sent, flags: A } : sent });
      }
    const names = Array.from({ length: interfaces }, (_, i) => `eth${i}`);
    const rows = rowsOf(pcapngOf(names, frames));
    return new Set(rows.flatMap(({ at }) => (at === null ? [] : [at]))).size;
  }

  it.each([
    [MAX_SHARES - 1, MAX_SHARES - 1],
    [MAX_SHARES, MAX_SHARES],
    [MAX_SHARES + 1, MAX_SHARES],
  ])('%i of them: %i are its vantages', (interfaces, vantages) => {
    expect(seenAt(interfaces)).toBe(vantages);
  });
});

describe('a route', () => {
  /** Which of so many pairs it knows after a packet at each. */
  function knownOf(pairs: number): number {
    const route = new Routes().of('a b');
    for (let i = 1; i <= pairs; i++) route.note(vantage(0), vantage(i), 0, 5, 0);
    let known = 0;
    for (let i = 1; i <= pairs; i++) if (route.precedes(vantage(0), vantage(i), 0) !== 0) known++;
    return known;
  }

  it.each([
    [MAX_PASSAGES, MAX_PASSAGES],
    [MAX_PASSAGES + 1, MAX_PASSAGES],
  ])('learns the order of %i pairs of vantages: of %i', (pairs, known) => {
    expect(knownOf(pairs)).toBe(known);
  });

  it('is forgotten when all of them together know too many, and learns no more', () => {
    const routes = new Routes();
    const first = routes.of('first');
    for (let n = 0; n < 64; n++) {
      const route = n === 0 ? first : routes.of(`${n}`);
      for (let i = 1; i <= 4096; i++) route.note(vantage(0), vantage(i), 0, 5, 0);
    }
    expect(routes.of('first')).toBe(first);
    routes.of('one more').note(vantage(0), vantage(1), 0, 5, 0);
    expect(routes.of('first')).not.toBe(first);
    // The second one is still known: the room of the first was enough.
    const second = routes.of('1');
    expect(second.size).toBe(4096);
    first.note(vantage(1), vantage(2), 0, 5, 0);
    expect(first.size).toBe(4096);
  });
});

describe('the order of all vantages', () => {
  function toldOf(count: number): number {
    const all = Array.from({ length: count }, (_, index) => vantage(index));
    const seen = { path: () => all } as unknown as SeenConnection;
    return pathOfAll(all, [seen]).length;
  }

  it.each([
    [MAX_ORDERED, MAX_ORDERED],
    [MAX_ORDERED + 1, 0],
  ])('%i of them: told of %i', (count, told) => {
    expect(toldOf(count)).toBe(told);
  });
});

describe('flows', () => {
  function viewOf(i: number): SegmentView {
    const view = new SegmentView();
    Object.assign(view, { ipVersion: 4, src3: i, dst3: 0x0a000001, srcPort: 1, dstPort: 80 });
    return view;
  }

  it('are as many as may wait', () => {
    expect(MAX_FLOWS).toBeGreaterThanOrEqual(WINDOW.records);
  });

  it('are those that were heard last', () => {
    const flows = new SightedFlows();
    for (let i = 0; i < MAX_FLOWS; i++) flows.open(viewOf(i));
    expect(flows.find(viewOf(0))).not.toBeNull();
    flows.open(viewOf(MAX_FLOWS));
    expect(flows.find(viewOf(1))).toBeNull();
    expect(flows.find(viewOf(0))).not.toBeNull();
    expect(flows.find(viewOf(2))).not.toBeNull();
  });

  it.each([
    [2 * LEAST_FLOWS - 1, 0, null],
    [2 * LEAST_FLOWS, 0, LEAST_FLOWS],
    [2 * LEAST_FLOWS + 4, LEAST_FLOWS + 2, LEAST_FLOWS + 2],
    [2 * LEAST_FLOWS + 4, LEAST_FLOWS + 3, null],
  ])(
    'of %i, %i of which records wait for, half stay where the memory is short and that is enough',
    (count, least, stay) => {
      const flows = new SightedFlows();
      for (let i = 0; i < count; i++) flows.open(viewOf(i));
      expect(flows.makeRoom(least)).toBe(stay !== null);
      // No more are known from now on.
      flows.open(viewOf(count));
      let known = 0;
      for (let i = 0; i <= count; i++) if (flows.find(viewOf(i)) !== null) known++;
      expect(known).toBe(stay ?? count + 1);
      expect(flows.find(viewOf(0)) !== null).toBe(stay === null);
    },
  );
});
