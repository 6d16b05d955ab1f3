import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance } from '../../src/model/suggest.ts';

describe('suggestions', () => {
  it.each([
    ['retransmision', ['retransmissions', 'resets'], ' (did you mean retransmissions?)'],
    ['zerowindow', ['zero_window', 'window'], ' (did you mean zero_window?)'],
    ['syn_sent', ['SYN-SENT', 'LISTEN'], ' (did you mean SYN-SENT?)'],
    ['entirely', ['retransmissions', 'rtt'], ''],
  ])('for %s', (wrong, names, expected) => {
    expect(didYouMean(wrong, names)).toBe(expected);
  });

  it('count inserted, deleted, replaced and swapped letters', () => {
    expect(editDistance('packets', 'packets')).toBe(0);
    expect(editDistance('pakcets', 'packets')).toBe(1);
    expect(editDistance('packet', 'packets')).toBe(1);
    expect(editDistance('sitting', 'kitten')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });
});
