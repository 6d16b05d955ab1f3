/** The constants and comparisons of the small units of `tcp/`, each with an example one unit on either side. */
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { Acknowledged } from '../../src/tcp/acknowledged.ts';
import { conflictOf, firstDifference } from '../../src/tcp/conflict.ts';
import { GivenUpHoles } from '../../src/tcp/given-up-holes.ts';
import { UrgentMarks } from '../../src/tcp/urgent-marks.ts';
import { analyseScenario } from '../support/analyze.ts';

describe('the window scale (RFC 7323 section 2.3)', () => {
  it.each([
    [13, 13],
    [14, 14],
    [15, 14],
    [255, 14],
  ])('a shift count of %i is used as %i', (offered, used) => {
    const { analyzer } = analyseScenario(`
      0.000 > S  seq 0 win 1000 <mss 1460,nop,wscale ${offered}>
      0.020 < S. seq 0 ack 1 win 1000 <mss 1460,nop,wscale 0>
      0.021 > .  ack 1 win 2`);
    expect(analyzer.connections[0].client.window).toBe(2 * 2 ** used);
  });

  it('never applies to a SYN, and only where both ends offer it', () => {
    const window = (lines: string) => analyseScenario(lines).analyzer.connections[0].client.window;
    const syn = '0.000 > S seq 0 win 1000 <mss 1460,nop,wscale 3>';
    expect(window(syn)).toBe(1000);
    const without = `${syn}\n 0.020 < S. seq 0 ack 1 win 1000 <mss 1460>\n 0.021 > . ack 1 win 2`;
    expect(window(without)).toBe(2);
  });
});

describe('what is acknowledged of a direction', () => {
  const sentTo = (end: number) => {
    const known = new Acknowledged();
    known.noteSent(end, 3);
    return known;
  };

  it('is believed up to what was sent, and beyond it once it is', () => {
    const known = sentTo(100);
    expect([known.note(100, 1, 4), known.note(100, 1, 5), known.to]).toEqual([true, false, 100]);
    expect([known.note(101, 1, 6), known.to, known.claimed]).toEqual([false, 100, 101]);
    known.noteSent(101, 7);
    expect([known.to, known.furthest]).toEqual([101, 101]);
  });

  it('runs ahead by the largest window at the most (RFC 7323 section 2.3)', () => {
    const ahead = (bytes: number) => {
      const known = sentTo(100);
      known.note(100 + bytes, 1, 4);
      return known.furthest;
    };
    expect([ahead(2 ** 30), ahead(2 ** 30 + 1)]).toEqual([100 + 2 ** 30, Number.NEGATIVE_INFINITY]);
  });

  it('one number more than was sent is a FIN', () => {
    const last = (ack: number) => {
      const known = sentTo(100);
      known.note(ack, 1, 4);
      return known.lastNumber(1);
    };
    expect([last(100), last(101), last(102)]).toEqual([100, 100, 102]);
  });
});

describe('urgent pointers ahead of the stream', () => {
  it('are kept in order, once each, 256 at the most', () => {
    const marks = new UrgentMarks();
    for (const at of [30, 10, 20, 20]) expect(marks.add(at)).toBe(true);
    expect([marks.takeBelow(10), marks.takeBelow(11), marks.takeBelow(99), marks.takeBelow(99)]).toEqual([
      null,
      10,
      20,
      30,
    ]);
    expect(marks.takeBelow(99)).toBeNull();
    for (let at = 0; at < 256; at++) expect(marks.add(at)).toBe(true);
    expect([marks.add(256), marks.add(255)]).toEqual([false, true]);
    marks.clear();
    expect(marks.takeBelow(99)).toBeNull();
  });
});

describe('holes that were given up', () => {
  const found = (holes: GivenUpHoles, start: number, end: number) => {
    const parts: [number, number][] = [];
    holes.within(start, end, (from, to) => parts.push([from, to]));
    return parts;
  };

  it('are found where a segment holds a byte of them', () => {
    const holes = new GivenUpHoles();
    holes.add(100, 200);
    expect([found(holes, 50, 100), found(holes, 200, 250)]).toEqual([[], []]);
    expect(found(holes, 50, 101)).toEqual([[100, 101]]);
    expect(found(holes, 199, 300)).toEqual([[199, 200]]);
  });

  it('the latest 64', () => {
    const holes = new GivenUpHoles();
    for (let i = 0; i < 64; i++) holes.add(10 * i, 10 * i + 5);
    expect(found(holes, 0, 1)).toEqual([[0, 1]]);
    holes.add(1000, 1001);
    expect([found(holes, 0, 1), found(holes, 10, 11)]).toEqual([[], [[10, 11]]]);
  });
});

describe('two contents for one place', () => {
  const stamp = { frame: 1, time: 0, ttl: 64, ipId: 1 };
  const content = (length: number, differsAt: number) => {
    const earlier = new Uint8Array(length);
    const later = earlier.slice();
    later[differsAt] = 1;
    const rivals = { sender: {} as Endpoint, start: 1000, earlier, earlierStamp: stamp, later, laterStamp: stamp };
    const picks = { first: 'earlier', last: 'later' } as Parameters<typeof conflictOf>[4];
    return conflictOf(rivals, firstDifference(earlier, later), false, 'last', picks);
  };

  it('are shown from where they differ', () => {
    expect(content(10, 3)).toMatchObject({
      start: 1000,
      end: 1010,
      differsAt: 1003,
      contentStart: 1000,
      kept: 'later',
    });
    const far = content(1000, 900);
    expect(far).toMatchObject({ differsAt: 1900, contentStart: 1900 });
    expect(far.later.bytes[0]).toBe(1);
  });

  it('do not differ where they are equal', () => {
    expect(firstDifference(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3))).toBe(-1);
    expect(firstDifference(Uint8Array.of(9, 2), Uint8Array.of(1, 2))).toBe(0);
  });
});
