import { describe, expect, it } from 'vitest';
import { Analyzer } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import { KEEP_ALL } from '../src/tcp/eviction.ts';
import { MAX_UNANSWERED } from '../src/verdict/scoreboard.ts';
import { floodBlocks } from './bench/flood.mjs';
import { scenario } from './support/scenario.ts';

function analyse(pcap: Iterable<Uint8Array>): Analyzer {
  const analyzer = new Analyzer({ onLeave: () => {} });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  for (const bytes of pcap) reader.write(bytes);
  reader.end();
  analyzer.end();
  return analyzer;
}

const lines = (count: number, line: (i: number) => string) =>
  analyse([
    scenario({}, Array.from({ length: count }, (_, i) => `${(i / 1e6).toFixed(6)} ${line(i)}`).join('\n')).pcap,
  ]);

/** One more than may be kept: what bounds these is the bound, not the capture. */
const MORE = MAX_UNANSWERED + 1000;

describe('what is made to exhaust the analysis does not', { timeout: 120_000 }, () => {
  it.each(['syn', 'syn-ack', 'scan', 'half-open'])('%s: connections stay bounded, and all are counted', (kind) => {
    const analyzer = analyse(floodBlocks({ kind, packets: 45_000 }));
    expect(analyzer.counts.tcp).toBe(45_000);
    expect(analyzer.connections.length).toBeLessThanOrEqual(KEEP_ALL.attempts + 4096);
    expect(analyzer.connections.length + analyzer.left.connections).toBe(analyzer.opened);
  });

  it('the same ports again and again: each connection knows the one before, and no more', () => {
    const analyzer = analyse(floodBlocks({ kind: 'reuse', packets: 40_000 }));
    expect(analyzer.opened).toBe(10_000);
    expect(analyzer.connections.at(-1)!.previousId).toBe(9998);
  });

  it('holes: every other segment is missing', () => {
    const analyzer = lines(MORE, (i) => `> . ${1 + 20 * i}:${11 + 20 * i}(10) ack 1`);
    const [{ a }] = analyzer.connections;
    expect(a.packets).toBe(MORE);
    // Of the gaps all but 4,096 are given up, and of the segments all but 65,536.
    expect(a.outbound!.scoreboard.forgotten).toBe(MORE - 1 - 4096 + 1000);
  });

  it('segments in reverse order', () => {
    const analyzer = lines(MORE, (i) => `> . ${1 + 10 * (MORE - i)}:${11 + 10 * (MORE - i)}(10) ack 1`);
    expect(analyzer.connections[0].a.packets).toBe(MORE);
    expect(analyzer.connections[0].a.outbound!.scoreboard.outstanding).toBeLessThanOrEqual(10 * MAX_UNANSWERED);
  });

  it('copies of one segment', () => {
    const analyzer = lines(20_000, () => '> . 1:11(10) ack 1');
    expect(analyzer.connections[0].a.packets).toBe(20_000);
    expect(analyzer.connections[0].findings.length).toBeLessThan(100);
  });

  it('segments that overlap each other', () => {
    const analyzer = lines(10_000, (i) => `> . ${1 + i}:${1001 + i}(1000) ack 1`);
    expect(analyzer.connections[0].a.packets).toBe(10_000);
    expect(analyzer.connections[0].findings.length).toBeLessThan(100);
  });
});
