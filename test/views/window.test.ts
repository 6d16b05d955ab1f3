import { describe, expect, it } from 'vitest';
import { CaptureRecord } from '../../src/model/record.ts';
import { LEAST_RECORDS, Window, type WindowBounds } from '../../src/views/window.ts';

const BOUNDS: WindowBounds = { order: 10, transit: 100, records: 8, bytes: 1000 };

/** What enters (`+`) and leaves (`-`), by the records' times; records of `size` bytes. */
function run(times: readonly number[], bounds = BOUNDS, size = 4) {
  const events: string[] = [];
  const window = new Window<number>(
    {
      enter: ({ time }) => {
        events.push(`+${time}`);
        return time;
      },
      leave: ({ time, bytes, offset, capturedLength }, note) => {
        expect(note).toBe(time);
        // The bytes are those that the record had, though its buffer has been used again since.
        expect([...bytes.subarray(offset, offset + capturedLength)]).toEqual(Array(size).fill(time & 255));
        events.push(`-${time}`);
      },
    },
    bounds,
  );
  const record = new CaptureRecord();
  record.bytes = new Uint8Array(size);
  record.data = new DataView(record.bytes.buffer);
  record.capturedLength = size;
  let most = 0;
  times.forEach((time, i) => {
    record.number = i + 1;
    record.time = time;
    record.bytes.fill(time);
    window.add(record);
    most = Math.max(most, window.length);
  });
  const before = [...events];
  window.flush();
  return { before, events, most, hurried: window.hurried };
}

describe('the window', () => {
  it('puts records in order that are out of it by less than its time', () => {
    expect(run([5, 3, 4, 1, 2]).events).toEqual(['+1', '+2', '+3', '+4', '+5', '-1', '-2', '-3', '-4', '-5']);
  });

  it.each([
    [9, []],
    [10, ['+0']],
  ])('lets a record enter when one that is %i ns later has come', (later, entered) => {
    expect(run([0, later]).before).toEqual(entered);
  });

  it.each([
    [99, ['+0', '+99']],
    [100, ['+0', '+100', '-0']],
  ])('lets a record leave when one that is %i ns later has entered', (later, events) => {
    expect(run([0, later, later + 10]).before).toEqual(events);
  });

  it('takes a record that comes too late as it comes', () => {
    expect(run([0, 50, 20]).events).toEqual(['+0', '+20', '+50', '-0', '-20', '-50']);
    expect(run([0, 30, 60, 20]).events).toEqual(['+0', '+30', '+20', '+60', '-0', '-30', '-20', '-60']);
  });

  it.each([
    [8, 0],
    [9, 1],
  ])('keeps %i records only where it has room for them', (count, hurried) => {
    const { most, hurried: early } = run(Array.from({ length: count }, (_, i) => i / 100));
    expect(early).toBeGreaterThanOrEqual(hurried);
    expect(early === 0).toBe(hurried === 0);
    expect(most).toBeLessThanOrEqual(8);
  });

  it.each([
    [250, 0],
    [251, 1],
  ])('keeps four records of %i bytes only where it has room for them', (size, hurried) => {
    expect(run([0, 1, 2, 3], BOUNDS, size).hurried === 0).toBe(hurried === 0);
  });

  it.each([
    [2 * LEAST_RECORDS - 1, null],
    [2 * LEAST_RECORDS, LEAST_RECORDS],
    [2 * LEAST_RECORDS + 3, LEAST_RECORDS + 1],
  ])('lets half of %i records leave where the memory is short, unless few are left', (count, stay) => {
    let last = -1;
    const window = new Window<null>(
      {
        enter: () => null,
        leave: ({ number }) => {
          // None is lost, and none leaves before one that came before it.
          expect(number).toBe(last + 1);
          last = number;
        },
      },
      { order: 10, transit: 1e9, records: 1 << 16, bytes: 1 << 20 },
    );
    const record = new CaptureRecord();
    for (let i = 0; i < count; i++) {
      record.number = i;
      record.time = i;
      window.add(record);
    }
    expect(window.makeRoom()).toBe(stay !== null);
    expect(window.length).toBe(stay ?? count);
    // So many wait from now on.
    record.time = record.number = count;
    window.add(record);
    expect(window.length).toBe(stay ?? count + 1);
    window.flush();
    expect(last).toBe(count);
  });
});
