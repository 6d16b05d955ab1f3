import { describe, expect, it } from 'vitest';
import type { PacketRow } from '../src/model/row.ts';
import { RowQueue } from '../src/row-queue.ts';

function row(frame: number, time: number, open: number): PacketRow {
  return { isOpen: open > 0, view: { frame, time } } as unknown as PacketRow;
}

describe('RowQueue', () => {
  it('keeps the order of capture, and rows without questions leave at once', () => {
    const out: number[] = [];
    const queue = new RowQueue({ time: 100, rows: 10 }, (r) => out.push(r.view.frame));
    const first = row(1, 0, 1);
    queue.push(first);
    queue.push(row(2, 10, 0));
    queue.release(10);
    expect(out).toEqual([]);
    (first as { isOpen: boolean }).isOpen = false;
    queue.release(20);
    expect(out).toEqual([1, 2]);
  });

  it('releases a row when its horizon has passed', () => {
    const out: number[] = [];
    const queue = new RowQueue({ time: 100, rows: 10 }, (r) => out.push(r.view.frame));
    queue.push(row(1, 0, 1));
    queue.release(99);
    expect(out).toEqual([]);
    queue.release(100);
    expect(out).toEqual([1]);
  });

  it('releases the first so many rows that came, and no other, whatever is open', () => {
    const out: number[] = [];
    const queue = new RowQueue({ time: 100, rows: 10 }, (r) => out.push(r.view.frame));
    queue.push(row(1, 0, 0));
    queue.release(0);
    for (const frame of [2, 3, 4]) queue.push(row(frame, 0, 1));
    queue.releaseFirst(3);
    expect(out).toEqual([1, 2, 3]);
    queue.releaseFirst(3);
    expect(out).toEqual([1, 2, 3]);
    expect([queue.pushed, queue.length, queue.hurried]).toEqual([4, 1, 0]);
  });

  it('counts the rows that leave for want of room, not those that leave at once by choice', () => {
    const bounded = new RowQueue({ time: 1e9, rows: 3 }, () => {});
    const immediate = new RowQueue({ time: 0, rows: 0 }, () => {});
    for (const queue of [bounded, immediate]) {
      for (let i = 1; i <= 5; i++) {
        queue.push(row(i, i, 1));
        queue.release(i);
      }
    }
    expect([bounded.hurried, immediate.hurried]).toEqual([2, 0]);
  });

  it('releases the rows of connections that leave before earlier ones of others', () => {
    const out: number[] = [];
    const queue = new RowQueue({ time: 100, rows: 10 }, (r) => out.push(r.view.frame));
    const of = (frame: number, hasLeft: boolean) => ({ ...row(frame, 0, 1), connection: { hasLeft } }) as PacketRow;
    for (const [frame, hasLeft] of [
      [1, false],
      [2, true],
      [3, false],
      [4, true],
    ] as const)
      queue.push(of(frame, hasLeft));
    queue.releaseOfLeft();
    expect(out).toEqual([2, 4]);
    expect(queue.length).toBe(2);
    queue.flush();
    expect(out).toEqual([2, 4, 1, 3]);
  });

  it('holds no more rows than it may', () => {
    const out: number[] = [];
    const queue = new RowQueue({ time: 1e9, rows: 3 }, (r) => out.push(r.view.frame));
    for (let i = 1; i <= 5; i++) {
      queue.push(row(i, i, 1));
      queue.release(i);
    }
    expect(out).toEqual([1, 2]);
    queue.flush();
    expect(out).toEqual([1, 2, 3, 4, 5]);
  });

  it('with a horizon of 0 every row leaves at once', () => {
    const out: number[] = [];
    const queue = new RowQueue({ time: 0, rows: 10 }, (r) => out.push(r.view.frame));
    queue.push(row(1, 5, 3));
    queue.release(5);
    expect(out).toEqual([1]);
  });

  describe('rows that leave early', () => {
    type Row = PacketRow & { isOpen: boolean };

    /** A queue, and what left it: `+N` early, `=` the turn of the first of these, `N` in its turn. */
    function early(after: number, rows = 100) {
      const out: string[] = [];
      const queue = new RowQueue({ time: 1e9, rows }, (r) => out.push(String(r.view.frame)), {
        take: (r) => out.push(`+${r.view.frame}`),
        turn: () => out.push('='),
        after,
      });
      const add = (frame: number, open: number): Row => {
        const made = row(frame, frame, open) as Row;
        queue.push(made);
        queue.release(frame);
        return made;
      };
      return { out, queue, add };
    }

    it('are those about which nothing is open when so many have come after them', () => {
      const { out, add } = early(2);
      const first = add(1, 1);
      add(2, 0);
      add(3, 0);
      expect(out).toEqual([]);
      add(4, 0);
      expect(out).toEqual(['+2']);
      first.isOpen = false;
      add(5, 0);
      expect(out).toEqual(['+2', '1', '=', '3', '4', '5']);
    });

    it('are asked once', () => {
      const { out, add } = early(1);
      const first = add(1, 1);
      const second = add(2, 1);
      add(3, 0);
      second.isOpen = false;
      add(4, 0);
      add(5, 0);
      expect(out).toEqual(['+3', '+4']);
      first.isOpen = false;
      add(6, 0);
      expect(out).toEqual(['+3', '+4', '1', '2', '=', '=', '5', '6']);
    });

    it('count among those that wait', () => {
      const { out, queue, add } = early(0, 3);
      for (const frame of [1, 3, 5]) {
        add(frame, 1);
        add(frame + 1, 0);
      }
      expect(out).toEqual(['+2', '1', '=', '+4', '3', '=', '+6']);
      expect([queue.length, queue.hurried]).toEqual([2, 2]);
    });

    it('have their turn where the first so many are released, and at the end', () => {
      const { out, queue, add } = early(0);
      add(1, 1);
      for (const frame of [2, 3]) add(frame, 0);
      add(4, 1);
      add(5, 0);
      queue.releaseFirst(2);
      expect(out).toEqual(['+2', '+3', '+5', '1', '=']);
      expect(queue.latest(({ view }) => view.frame === 5)).toBeNull();
      expect(queue.latest(({ view }) => view.frame === 4)?.view.frame).toBe(4);
      queue.flush();
      expect(out).toEqual(['+2', '+3', '+5', '1', '=', '=', '4', '=']);
    });

    it('are found again after any number of rows', () => {
      const { out, queue, add } = early(1, 5000);
      const told: number[] = [];
      const waiting: number[] = [];
      for (let round = 0; round < 5; round++) {
        const first = add(round * 2000 + 1, 1);
        for (let i = 2; i <= 2000; i++) add(round * 2000 + i, 0);
        first.isOpen = false;
      }
      queue.flush();
      for (const line of out) {
        if (line.startsWith('+')) waiting.push(Number(line));
        else told.push(line === '=' ? waiting.shift()! : Number(line));
      }
      expect(out.filter((line) => line === '=').length).toBeGreaterThan(9000);
      expect(told).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
    });
  });
});
