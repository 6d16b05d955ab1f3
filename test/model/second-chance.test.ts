import { describe, expect, it } from 'vitest';
import { type Lendable, SecondChance } from '../../src/model/second-chance.ts';

interface Named extends Lendable {
  readonly name: string;
}

const named = (name: string, canRest = true): Named => ({ name, place: -1, wasUsed: false, canRest });

/** One of each letter; those that are capitals cannot rest. */
function of(letters: string): { ring: SecondChance<Named>; by: Record<string, Named> } {
  const ring = new SecondChance<Named>();
  const objects = [...letters].map((name) => named(name, name === name.toLowerCase()));
  for (const object of objects) ring.add(object);
  return { ring, by: Object.fromEntries(objects.map((object) => [object.name, object])) };
}

/** The names of those that are still there, in the order of their places. */
function there({ ring, by }: ReturnType<typeof of>): string {
  const all = Object.values(by).filter(({ place }) => place >= 0);
  expect(all.length).toBe(ring.size);
  return all
    .sort((a, b) => a.place - b.place)
    .map(({ name }) => name)
    .join('');
}

describe('the hand', () => {
  it('takes none that was used since it came by, and the first of them when it comes by again', () => {
    const { ring } = of('abc');
    expect(ring.next(3)).toBeNull();
    expect(ring.next(1)?.name).toBe('a');
  });

  it('goes on from where it stood', () => {
    const { ring, by } = of('abc');
    ring.next(3);
    by.a.wasUsed = true;
    expect(ring.next(3)?.name).toBe('b');
    ring.remove(by.b);
    by.c.wasUsed = true;
    // The last has taken the place of the one that went; after it the hand begins again.
    expect(ring.next(3)?.name).toBe('a');
  });

  it('looks at as many as it is told to, one round or more', () => {
    expect(of('abc').ring.next(3)).toBeNull();
    expect(of('abc').ring.next(4)?.name).toBe('a');
  });

  it('passes by those that cannot rest, and ends where none can', () => {
    const { ring } = of('AbC');
    ring.next(3);
    expect(ring.next(1)).toBeNull();
    expect(ring.next(1)?.name).toBe('b');
    expect(of('ABC').ring.next(100)).toBeNull();
  });

  it('finds none where there is none', () => {
    expect(of('').ring.next(4)).toBeNull();
  });
});

describe('an object', () => {
  it('counts as used when it comes in', () => {
    const { ring, by } = of('a');
    expect(by.a.wasUsed).toBe(true);
    expect(ring.next(1)).toBeNull();
    expect(by.a.wasUsed).toBe(false);
  });

  it.each([
    ['the first', 'a', 'cb'],
    ['the last', 'c', 'ab'],
  ])('that goes leaves its place to the last: %s', (_, name, left) => {
    const both = of('abc');
    both.ring.remove(both.by[name]);
    expect(there(both)).toBe(left);
    both.ring.remove(both.by[name]);
    expect(there(both)).toBe(left);
  });
});

describe('all', () => {
  it('gives each that was not used a second time, though what is taken leaves', () => {
    const both = of('abCd');
    const taken: string[] = [];
    const take = (object: Named) => {
      taken.push(object.name);
      both.ring.remove(object);
    };
    both.ring.all(take);
    expect(taken).toEqual([]);
    both.by.b.wasUsed = true;
    both.ring.all(take);
    expect(taken.sort()).toEqual(['a', 'd']);
    expect(there(both).split('').sort()).toEqual(['C', 'b']);
  });

  it('are forgotten by what is asked of them, used or not', () => {
    const both = of('abCd');
    both.ring.forget(({ name }) => name === 'a' || name === 'C');
    expect(there(both).split('').sort()).toEqual(['b', 'd']);
  });
});
