import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText } from '../../src/model/escape.ts';
import { pad, textWidth, truncate, wrap } from '../../src/render/text.ts';

describe('escapeText', () => {
  it('leaves what can be read, in any script', () => {
    for (const text of ['plain', 'Grüße', '包', 'naïve — “quoted”', '🙂']) expect(escapeText(text)).toBe(text);
  });

  it('shows what a terminal would act upon', () => {
    expect(escapeText('\x1b[2J\x07')).toBe('\\x1b[2J\\x07');
    expect(escapeText('a\r\nb\tc')).toBe('a\\x0d\\x0ab\\x09c');
    // C1: 0x9b is CSI in one octet.
    expect(escapeText('\x9b31m')).toBe('\\x9b31m');
    // Text that is written backwards, and letters without width.
    expect(escapeText('evil\u202egpj.exe')).toBe('evil\\u202egpj.exe');
    expect(escapeText('a\u200bb\ufeff')).toBe('a\\u200bb\\ufeff');
  });

  it('leaves no control character of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeText(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});

describe('widths', () => {
  it('of ideographs are two, of combining marks none', () => {
    expect(textWidth('abc')).toBe(3);
    expect(textWidth('包包')).toBe(4);
    expect(textWidth('e\u0301')).toBe(1);
    expect(textWidth('→')).toBe(1);
  });

  it('are filled up on the right side', () => {
    expect(pad('12', 4, 'right')).toBe('  12');
    expect(pad('包', 4, 'left')).toBe('包  ');
    expect(pad('12345', 4, 'left')).toBe('12345');
  });

  it('are kept by truncation', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef');
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('包包包', 4)).toBe('包…');
    expect(truncate('abc', 0)).toBe('');
  });

  it('are kept by wrapping, which loses no word', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('incomprehensible', 5)).toEqual(['incomprehensible']);
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), fc.integer({ min: 12, max: 60 }), (words, width) => {
        const lines = wrap(words.join(' '), width);
        expect(lines.join(' ')).toBe(words.join(' '));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
