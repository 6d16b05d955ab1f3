import { expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { MAX_UNANSWERED } from '../../src/verdict/scoreboard.ts';
import { scenario } from '../support/scenario.ts';

it('bounds what waits for an answer that was not captured, and says so', () => {
  const more = 100;
  const text = Array.from(
    { length: MAX_UNANSWERED + more },
    (_, i) => `${(i / 1e5).toFixed(6)} > . ${1 + i}:${2 + i}(1) ack 1`,
  );
  const analyzer = new Analyzer({ congestion: false });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(scenario({}, text.join('\n')).pcap);
  reader.end();
  analyzer.end();
  const [connection] = analyzer.connections;
  expect(connection.a.outbound!.scoreboard).toMatchObject({ forgotten: more, outstanding: MAX_UNANSWERED });
  const found = analyzer.findings.filter(({ id }) => id === 'questions-limit');
  expect(found.map((finding) => finding.text)).toEqual([
    'Too many segments waited for an answer at once: the fate of 100 of them is unknown, most of them of 10.0.0.1:40000 (client) (stream 0).',
  ]);
});

it.each([
  [1023, 1023, 0],
  [1024, 1024, 1],
  [2000, 1024, 1],
])('of %i packets, %i are looked at when the memory is short', (packets, seen, findings) => {
  const text = Array.from({ length: packets }, (_, i) => `${(i / 1e5).toFixed(6)} > . ${1 + i}:${2 + i}(1) ack 1`);
  const analyzer = new Analyzer({ congestion: false, isMemoryShort: () => true });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(scenario({}, text.join('\n')).pcap);
  reader.end();
  analyzer.end();
  expect(analyzer.counts.total).toBe(seen);
  const found = analyzer.findings.filter(({ id }) => id === 'memory-limit');
  expect(found.map((finding) => finding.text)).toEqual(
    Array(findings).fill(
      'The memory was nearly full after 1,024 packets of 1 connection: the rest of the input was not read.',
    ),
  );
});
