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

describe('PSH on a full segment', () => {
  /** The round trip takes 40 ms. The `length` bytes before the pause of `pause` s end with PSH; the ACKs do not show that the window is full. */
  const story = (pause: number, isAtServer: boolean, length = MSS) => {
    const back = isAtServer ? 0.04 : 0;
    const at = (seconds: number) => seconds.toFixed(6);
    const next = 0.1001 + pause;
    const end = 1 + 4 * MSS + length;
    const lines = [
      `0.000 > S  seq 0 win 65535 <mss ${MSS}>`,
      `${at(0.04 - back)} < S. seq 0 ack 1 win 65535 <mss ${MSS}>`,
      '0.040 > .  ack 1 win 65535',
      '0.050 > P. 1:101(100) ack 1 win 65535',
      ...[0, 1, 2, 3].map((i) => `0.1000${2 * i} < .  ${1 + i * MSS}:${1 + (i + 1) * MSS}(${MSS}) ack 101 win 65535`),
      `0.1001 < P. ${1 + 4 * MSS}:${end}(${length}) ack 101 win 65535`,
      `${at(0.1001 + back)} > .  ack ${end} win 65535`,
      `${at(next)} < P. ${end}:${end + 500}(500) ack 101 win 65535`,
      `${at(next + back)} > .  ack ${end + 500} win 65535`,
      `${at(next + back + 0.001)} > P. 101:201(100) ack ${end + 500} win 65535`,
    ];
    const spans = spanTexts(analyseScenario(lines.join('\n')).analyzer.connections[0]);
    return spans.map((span) => span.replace(/^\S+ /, '')).filter((span) => span === PROGRAM || span === 'unknown #0');
  };

  it('ends no write for two round trips, as seen at the far side', () => {
    expect(story(0.08, false)).toEqual(['unknown #0']);
    expect(story(0.080001, false)).toEqual([PROGRAM]);
    expect(story(0.08, false, MSS - 1)).toEqual([PROGRAM]);
  });

  it('ends a write as seen at the sender', () => {
    expect(story(0.08, true)).toEqual([PROGRAM]);
  });
});
