import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { StreamText } from '../../src/render/stream-text.ts';
import { PLAIN } from '../../src/render/style.ts';

const SENDER = { isClient: true } as Endpoint;

function textOf(bytes: Uint8Array, cuts: readonly number[] = []): string {
  let text = '';
  const options = { style: PLAIN, marksSides: false, marksGaps: true, marksUrgent: false };
  const stream = new StreamText((part) => {
    text += part;
  }, options);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (cut > from) stream.chunk(SENDER, from, bytes.subarray(from, cut));
    from = Math.max(from, cut);
  }
  stream.end();
  return text;
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('a stream as text', () => {
  // RFC 3629 section 4: no overlong forms, no surrogates, nothing above U+10FFFF.
  it.each([
    ['c3 a9', 'é\n'],
    ['e2 82 ac', '€\n'],
    ['f0 9f 98 80', '😀\n'],
    ['41 ff 42', 'A\\xffB\n'],
    ['c0 80', '\\xc0\\x80\n'],
    ['c1 bf', '\\xc1\\xbf\n'],
    ['e0 80 af', '\\xe0\\x80\\xaf\n'],
    ['ed a0 80', '\\xed\\xa0\\x80\n'],
    ['f4 90 80 80', '\\xf4\\x90\\x80\\x80\n'],
    ['f0 82 82 ac', '\\xf0\\x82\\x82\\xac\n'],
    ['e2 82', '\\xe2\\x82\n'],
    ['e2 82 41', '\\xe2\\x82A\n'],
    ['80 c3 a9 80', '\\x80é\\x80\n'],
  ])('shows %s', (bytes, expected) => {
    expect(textOf(hex(bytes))).toBe(expected);
  });

  it('is valid for any octets, and does not depend on the chunks', () => {
    const octets = fc.uint8Array({ maxLength: 40 });
    const cuts = fc.array(fc.nat(40)).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(octets, cuts, (bytes, at) => {
        const whole = textOf(bytes);
        expect(
          textOf(
            bytes,
            at.filter((cut) => cut < bytes.length),
          ),
        ).toBe(whole);
        expect(Buffer.from(whole).toString()).toBe(whole);
      }),
    );
  });
});
