/** What the echoes of timestamps tell of the place of a capture that begins in the middle. */
import { describe, expect, it } from 'vitest';

import { Echoes } from '../../src/congestion/echoes.ts';

const MS = 1e6;
const BOUND = 2 * MS;

/** Timestamps 0, 1, 2... of the other end, one in 10 ms, each echoed `after` ns. */
function echoed(count: number, after: number, step = 1): Echoes {
  const echoes = new Echoes();
  for (let i = 0; i < count; i++) {
    echoes.hears(i * step, i * 10 * MS);
    echoes.sends(i * step, i * 10 * MS + after, BOUND);
  }
  return echoes;
}

describe('a sender that echoes what it hears', () => {
  it('is near when five echoes come within the bound', () => {
    expect([echoed(5, BOUND).areNear, echoed(4, BOUND).areNear]).toEqual([true, false]);
    expect(echoed(50, BOUND + 1).areNear).toBe(false);
    expect(echoed(5, 0).areNear).toBe(true);
  });

  it('has five times to answer something else: the first echo counts', () => {
    const echoes = new Echoes();
    echoes.hears(7, 0);
    for (let i = 0; i < 10; i++) echoes.sends(7, i, BOUND);
    expect(echoes.areNear).toBe(false);
  });

  it('may have heard any of those with the same timestamp: time runs from the first', () => {
    const near = (second: number) => {
      const echoes = new Echoes();
      for (let i = 0; i < 5; i++) {
        echoes.hears(i, i * 10 * MS);
        echoes.hears(second < 0 ? i : i - second, i * 10 * MS + BOUND);
        echoes.sends(i, i * 10 * MS + BOUND + 1, BOUND);
      }
      return echoes.areNear;
    };
    expect([near(-1), near(0), near(1)]).toEqual([false, false, false]);
  });

  it('echoes the latest one, and none before it has been seen', () => {
    const echoes = new Echoes();
    for (let i = 0; i < 6; i++) echoes.sends(0, i, BOUND);
    for (let i = 1; i < 9; i++) {
      echoes.hears(i, i * 10 * MS);
      echoes.sends(i - 1, i * 10 * MS, BOUND);
    }
    expect(echoes.areNear).toBe(false);
  });

  it('goes on where timestamps wrap around (RFC 7323 section 5.2)', () => {
    const echoes = new Echoes();
    [-2, -1, 0, 1, 2].forEach((value, i) => {
      echoes.hears(value >>> 0, i * 10 * MS);
      echoes.sends(value >>> 0, i * 10 * MS, BOUND);
    });
    expect(echoes.areNear).toBe(true);
  });
});
