import { expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { congestionReport } from '../../src/congestion/report.ts';
import { scenario } from '../support/scenario.ts';

/** Three duplicate ACKs, the retransmission, and at `end` (s) the ACK that ends the recovery. */
function episode(end: string) {
  const analyzer = new Analyzer({});
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(
    scenario(
      {},
      `0.000 > S   seq 0 <mss 1000,sackOK>
      0.020 < S.  seq 0 ack 1 <mss 1000,sackOK>
      0.021 > .   ack 1
      0.030 > .   1:1001(1000) ack 1
      0.031 > .   1001:2001(1000) ack 1
      0.032 > .   2001:3001(1000) ack 1
      0.033 > .   3001:4001(1000) ack 1
      0.034 > .   4001:5001(1000) ack 1
      0.051 < .   ack 1 <sack 1001:2001>
      0.052 < .   ack 1 <sack 1001:3001>
      0.053 < .   ack 1 <sack 1001:4001>
      0.054 > .   1:1001(1000) ack 1
      ${end} < .   ack 5001`,
    ).pcap,
  );
  reader.end();
  analyzer.end();
  return congestionReport(analyzer.connections[0].client.congestion!).episodes;
}

it.each([
  ['0.054', 0],
  ['0.055', 1],
  ['0.053', null],
])('an episode that began at 0.054 s and ended at %s s took %s ms', (end, durationMs) => {
  const [first, ...others] = episode(end);
  expect(others).toEqual([]);
  expect(first.endPacket).toBe(13);
  if (durationMs === null) expect(first.durationMs).toBeNull();
  else expect(first.durationMs).toBeCloseTo(durationMs);
});
