import { describe, expect, it } from 'vitest';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

/** The sum over the payload's own bytes, the slow way. */
function plainSum(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i += 2) sum += (text.charCodeAt(i) << 8) + (text.charCodeAt(i + 1) || 0);
  return sum % 0xffff;
}

describe('payloadSum of a segment', () => {
  it.each(['a', 'hello world', 'x'.repeat(1400), '~~'])('is the sum of the bytes alone: %j', (text) => {
    for (const options of [{}, { client: '[2001:db8::1]:40000', server: '[2001:db8::2]:80' }]) {
      const capture = scenario(
        options,
        `0.0 > P. 100:${100 + text.length}(${text.length}) ack 1 <nop,nop,TS val 1 ecr 2> "${text}"`,
      );
      const { rows } = analyse(capture.pcap, { keep: 'record' });
      expect(rows[0].view.payloadSum).toBe(plainSum(text));
    }
  });
});
