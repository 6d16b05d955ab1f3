import { afterEach, describe, expect, test } from 'vitest';
import { absoluteTime } from '../../src/model/timestamp.ts';
import { TIME_FORMS, TimeWriter } from '../../src/render/time-form.ts';

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

/** The first packet of tcpdump's own print-flags.pcap. */
const TIME = 1_120_622_255_938_066_999n;

describe('time forms', () => {
  // As tcpdump 4.99.3 prints that packet under TZ=...
  test.each([
    ['UTC', '2005-07-06 03:57:35.938066 '],
    ['Europe/Berlin', '2005-07-06 05:57:35.938066 '],
    ['America/New_York', '2005-07-05 23:57:35.938066 '],
    ['Asia/Kolkata', '2005-07-06 09:27:35.938066 '],
  ])('date in %s', (name, expected) => {
    process.env.TZ = name;
    expect(new TimeWriter('date').write(TIME)).toBe(expected);
    expect(new TimeWriter().write(TIME)).toBe(expected.slice(11));
  });

  test('the zone follows summer time within a capture', () => {
    process.env.TZ = 'Europe/Berlin';
    const writer = new TimeWriter('date');
    expect(writer.write(1_616_893_199_999_999_999n)).toBe('2021-03-28 01:59:59.999999 ');
    expect(writer.write(1_616_893_200_000_000_000n)).toBe('2021-03-28 03:00:00.000000 ');
  });

  test('epoch, none, nanoseconds', () => {
    expect(new TimeWriter('epoch').write(TIME)).toBe('1120622255.938066 ');
    expect(new TimeWriter('epoch', 'nano').write(TIME)).toBe('1120622255.938066999 ');
    expect(new TimeWriter('none').write(TIME)).toBe('');
    expect(new TimeWriter('epoch').write(5n)).toBe('0.000000 ');
  });

  test('delta counts from the packet before, backwards with a minus', () => {
    const writer = new TimeWriter('delta');
    expect(writer.write(TIME)).toBe(' 00:00:00.000000 ');
    // Cut to microseconds before the subtraction: one nanosecond may make one microsecond.
    expect(writer.write(TIME + 1n)).toBe(' 00:00:00.000001 ');
    expect(writer.write(TIME + 3_723_000_000_000n)).toBe(' 01:02:02.999999 ');
    expect(writer.write(TIME)).toBe('-01:02:03.000000 ');
  });

  test('elapsed counts from the first packet; whole days are lost, as in tcpdump', () => {
    const writer = new TimeWriter('elapsed', 'nano');
    expect(writer.write(TIME)).toBe(' 00:00:00.000000000 ');
    expect(writer.write(TIME + 1n)).toBe(' 00:00:00.000000001 ');
    expect(writer.write(TIME + 360_000_000_000_002n)).toBe(' 04:00:00.000000002 ');
    expect(writer.write(TIME - 2n)).toBe('-00:00:00.000000002 ');
  });

  test('the forms stand in the order of -t, -tt, ...', () => {
    expect(TIME_FORMS.indexOf('none')).toBe(1);
    expect(TIME_FORMS.indexOf('elapsed')).toBe(5);
  });
});

test('a record decades after the first keeps its microsecond', () => {
  const first = 1_600_000_000_000_001_000n;
  const distance = 1_100_000_000_123_457_000n;
  expect(absoluteTime(first, Number(distance))).toBe(first + distance);
  expect(absoluteTime(first, 123)).toBe(first + 123n);
  expect(absoluteTime(first, -5)).toBe(first - 5n);
});
