import { expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { concat, Pcapng } from '../capture/build.ts';
import { scenario } from '../support/scenario.ts';

const text = `
  0.000 > S seq 0
  0.010 < S. seq 0 ack 1
  0.020 > . ack 1
  0.030 > P. 1:11(10) ack 1
  0.040 > R. seq 11 ack 1`;

/** The packets of a connection on one interface, and all of them once more on another, so many milliseconds later. */
function twice(later: number): Uint8Array {
  const builder = new Pcapng();
  const { packets } = scenario({}, text);
  // One each 10 ms.
  const sights = [0, 1].flatMap((id) =>
    packets.map((bytes, i) => ({ id, bytes, time: 1_700_000_000_000_000n + BigInt((10 * i + id * later) * 1000) })),
  );
  sights.sort((one, other) => Number(one.time - other.time));
  return concat(
    builder.section(),
    builder.interface(),
    builder.interface(),
    ...sights.map(({ id, bytes, time }) => builder.enhanced(time, bytes, { id })),
  );
}

it.each([
  ['between those of the connection', 5],
  ['when it is over: the copy of its SYN begins no other', 500],
])('copies that another interface saw %s', (_, later) => {
  const analyzer: Analyzer = new Analyzer();
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(twice(later));
  reader.end();
  analyzer.end();
  expect(analyzer.connections.map(({ packets }) => packets)).toEqual([5]);
});
