import { describe, expect, it } from 'vitest';
import { analyseScenario } from '../support/analyze.ts';
import { spanTexts } from './partition.ts';

const MSS = 1460;

/** A download seen at the server, 40 ms from the client: segments of a flight as lengths in bytes, with their options, or null for 10 full ones. */
function download(...flights: (readonly [lengths: readonly number[], options?: string] | null)[]): string[] {
  const lines = [
    `0.000 > S  seq 0 win 65535 <mss ${MSS},nop,nop,sackOK,nop,wscale 2>`,
    `0.000 < S. seq 0 ack 1 win 65535 <mss ${MSS},nop,nop,sackOK,nop,wscale 2>`,
    '0.040 > .  ack 1 win 65535',
    '0.040 > P. 1:101(100) ack 1 win 65535',
    // The segment before is lost on its way.
    '0.0401 > P. 201:301(100) ack 1 win 65535',
  ];
  let time = 0.041;
  let seq = 1;
  for (const flight of flights) {
    const [lengths, options = ''] = flight ?? [new Array<number>(10).fill(MSS)];
    lengths.forEach((length, i) => {
      const at = (time + i * 1e-5).toFixed(6);
      lines.push(`${at} < .  ${seq}:${seq + length}(${length}) ack 101 win 65535 ${options}`);
      seq += length;
    });
    time += 0.04;
    lines.push(`${time.toFixed(6)} > .  seq 301 ack ${seq} win 65535`);
    time += 1e-5;
  }
  // It was waited for.
  lines.push(`${time.toFixed(6)} > P. 301:401(100) ack ${seq} win 65535`);
  return spanTexts(analyseScenario(lines.join('\n')).analyzer.connections[0]);
}

/** To whom the pauses before the third flight and later ones were told; the second was as large as any. */
const causes = (...flights: Parameters<typeof download>) => {
  const spans = download([full(20)], ...flights).map((span) => span.replace(/^\S+ /, ''));
  return [...new Set(spans)].filter((span) => span === PROGRAM || span === WINDOW);
};

const full = (segments: number, length = MSS) => new Array<number>(segments).fill(length);
const WINDOW = 'network congestion-window #0';
const PROGRAM = 'server sending #0';

describe('after a segment with data', () => {
  it('that is full the sender waits for its window, and after a smaller one for its program', () => {
    expect(causes([full(10)], [full(10)])).toEqual([WINDOW]);
    expect(causes([[...full(9), MSS - 1]], [full(10)])).toEqual([WINDOW, PROGRAM]);
  });

  it('that is as much shorter as its options are long', () => {
    const sack = '<nop,nop,sack 201:301>';
    expect(causes([full(10, MSS - 12), sack], [full(10, MSS - 12), sack], [full(10)], [full(10)])).toEqual([WINDOW]);
    expect(causes([[...full(9, MSS - 12), MSS - 13], sack], [full(10)])).toEqual([WINDOW, PROGRAM]);
  });

  it('that is larger than two of equal size, which were no full ones', () => {
    expect(causes([[700, 700, ...full(8)]], [full(10)], [full(10)])).toEqual([WINDOW]);
    expect(causes([[...full(8), 700, 700]], [full(10)], [full(10)])).toEqual([WINDOW]);
    expect(causes([[...full(8), 699, 700]], [full(10)])).toEqual([WINDOW, PROGRAM]);
  });
});

it('full segments may be smaller than the MSS option says: the path is narrower', () => {
  expect(causes([full(10, 1400)], [full(10, 1400)])).toEqual([WINDOW]);
});
