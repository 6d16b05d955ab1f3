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
