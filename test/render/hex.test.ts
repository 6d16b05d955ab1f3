import { describe, expect, test } from 'vitest';
import { asciiDump, hexAsciiDump, hexDump } from '../../src/render/hex.ts';

const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

describe('dumps', () => {
  const data = bytes('xxE\x00\x00?r\xf2@\x00@\x06hello world!\x7f\xff');

  test('-x', () => {
    expect(hexDump(data, 2, 22)).toBe(
      '\n\t0x0000:  4500 003f 72f2 4000 4006 6865 6c6c 6f20\n\t0x0010:  776f 726c 6421',
    );
    expect(hexDump(data, 2, 3)).toBe('\n\t0x0000:  4500 00');
    expect(hexDump(data, 2, 0)).toBe('');
  });

  test('-X', () => {
    expect(hexAsciiDump(data, 2, 23)).toBe(
      '\n\t0x0000:  4500 003f 72f2 4000 4006 6865 6c6c 6f20  E..?r.@.@.hello.' +
        '\n\t0x0010:  776f 726c 6421 7f                        world!.',
    );
  });

  test('-A drops CR before LF and before the end, and shows other control characters as dots', () => {
    const dump = (text: string) => asciiDump(bytes(text), 0, text.length);
    expect(dump('GET /\r\n\tx y\r\n')).toBe('\nGET /\n\tx y\n');
    expect(dump('a\rb\r')).toBe('\na.b');
    expect(dump('a\rb')).toBe('\nab');
    expect(dump('\x1b[2J\xff\x00')).toBe('\n.[2J..');
    expect(dump('')).toBe('\n');
  });
});
