import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatSeconds,
  formatShare,
} from '../../src/model/units.ts';

describe('units', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
  ])('count %i is %s', (count, text) => expect(formatCount(count)).toBe(text));

  it('puts nouns into the plural', () => {
    expect(formatNumberOf(1, 'packet')).toBe('1 packet');
    expect(formatNumberOf(0, 'packet')).toBe('0 packets');
    expect(formatNumberOf(2, 'further damage', 'further damages')).toBe('2 further damages');
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [10_240, '10.0 KiB'],
    [102_400, '100 KiB'],
    [1_048_575, '1.00 MiB'],
    [1_500_000_000, '1.40 GiB'],
    [5 * 2 ** 50, '5120 TiB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, '0 s'],
    [850, '850 ns'],
    [12_345, '12.3 µs'],
    [999_499, '999 µs'],
    [999_500, '1.00 ms'],
    [48_160_000, '48.2 ms'],
    [1_234_000_000, '1.23 s'],
    [59_940_000_000, '59.9 s'],
    [59_960_000_000, '1 min 00 s'],
    [123_000_000_000, '2 min 03 s'],
    [3_720_000_000_000, '1 h 02 min'],
    [273_600_000_000_000, '3 d 04 h'],
    [-1_500_000, '-1.50 ms'],
  ])('%i ns are %s', (nanoseconds, text) => expect(formatDuration(nanoseconds)).toBe(text));

  it('writes seconds for columns', () => {
    expect(formatSeconds(48_160_123)).toBe('0.048160');
    expect(formatSeconds(-1_000)).toBe('-0.000001');
  });

  it('writes shares', () => {
    expect(formatShare(1, 8)).toBe('12.5 %');
    expect(formatShare(0, 0)).toBe('');
  });
});
