import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/model/errors.ts';
import { concat, payload, text } from './build.ts';
import { readEveryWay } from './collect.ts';

function refusal(input: Uint8Array): CaptureError {
  try {
    readEveryWay(input);
  } catch (error) {
    if (error instanceof CaptureError) return error;
    throw error;
  }
  throw new Error('was taken for a capture');
}

const bytes = (hex: string) => Uint8Array.from(hex.split(' ').map((byte) => Number.parseInt(byte, 16)));

describe('what is not a capture', () => {
  it.each<[string, Uint8Array, string, string]>([
    ['PNG', concat(bytes('89 50 4e 47 0d 0a 1a 0a 00 00'), payload(50)), 'PNG', ''],
    ['xz', concat(bytes('fd 37 7a 58 5a 00'), payload(50)), 'xz', 'xz -dc'],
    ['bzip2', concat(text('BZh9'), payload(50)), 'bzip2', 'bzip2 -dc'],
    ['ELF', concat(bytes('7f 45 4c 46'), payload(50)), 'ELF', ''],
    ['snoop', concat(text('snoop\0\0\0'), payload(50)), 'snoop', 'editcap'],
    ['UTF-16', bytes('ff fe 31 00 37 00 3a 00 34 00'), 'UTF-16', 'iconv'],
    ['JSON', text('  {"packets": [1, 2, 3]}\n'), 'JSON', 'tcpdump -w'],
    ['HTML', text('<!DOCTYPE html>\n<html><body></body></html>'), 'HTML', 'tcpdump -w'],
    ['words', text('hello'), 'text', 'tcpdump -w'],
    ['noise', concat(bytes('00 01 02 03'), payload(50)), '00 01 02 03', 'editcap'],
    ['three bytes of a magic number', bytes('d4 c3 b2'), 'd4 c3 b2', ''],
  ])('%s', (_, input, found, advice) => {
    const error = refusal(input);
    expect(error.offset).toBe(0);
    expect(error.found).toContain(found);
    expect(error.expected).toContain('pcap');
    expect(error.advice).toContain(advice);
    expect(error.message).toContain(advice);
    expect(error.file).toBe('test');
  });

  it('an empty file', () => {
    expect(refusal(new Uint8Array(0)).message).toContain('empty');
  });

  it('a cut header says how much there is', () => {
    expect(refusal(bytes('d4 c3 b2 a1 02 00 04 00')).found).toBe('8 bytes');
  });
});
