import { describe, expect, it } from 'vitest';
import { PacketTableBuilder } from '../../src/page/build/packets.ts';
import { StreamBuilder } from '../../src/page/build/streams.ts';
import { FlowBuilder } from '../../src/picture/flow.ts';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

const LINES = `0.000 > S   seq 0 <mss 1460>
     0.010 < S.  seq 0 ack 1 <mss 1460>
     0.020 > .   ack 1
     0.030 > P.  1:5(4) ack 1 "abcd"
     0.040 < .   ack 5
     0.050 > P.  5:9(4) ack 1 "efgh"
     0.500 > P.  5:9(4) ack 1 "efgh"
     0.510 < P.  1:3(2) ack 9 "ok"
     0.520 > .   ack 3`;
const { pcap } = scenario({}, LINES);
const { rows } = analyse(pcap);

function table(most: number) {
  const builder = new PacketTableBuilder(most);
  for (const row of rows) builder.take(row);
  return builder.build();
}

describe('what a page holds of a long connection', () => {
  it.each([
    [9, [1, 2, 3, 4, 5, 6, 7, 8, 9], 0],
    [8, [1, 2, 3, 4, 5, 6, 7, 8], 1],
    // Packet 6 was lost and packet 7 is its retransmission: both stand out.
    [5, [1, 2, 3, 4, 5, 6, 7], 2],
    [4, [1, 2, 3, 4, 6, 7], 3],
    [1, [1, 6], 7],
  ])('of %i packets that are listed, those that stand out up to twice as many', (most, numbers, more) => {
    const built = table(most);
    expect(Array.from(built.number)).toEqual(numbers);
    expect(built.more).toBe(more);
  });

  it.each([
    [10, 'abcdefghok', 0],
    [9, 'abcdefgho', 1],
    [8, 'abcdefgh', 2],
    [3, 'abc', 7],
  ])('of %i bytes: the first ones', (most, text, more) => {
    let builder: StreamBuilder | null = null;
    analyse(pcap, {
      onSegment: (t, view) => {
        builder ??= new StreamBuilder(t.connection, most);
        builder.segment(t, view);
      },
    });
    const { bytes, more: left, length, gap } = builder!.build();
    expect(new TextDecoder().decode(bytes)).toBe(text);
    expect(left).toBe(more);
    expect(
      Array.from(length)
        .filter((_, i) => gap[i] < 0)
        .reduce((sum, n) => sum + n, 0),
    ).toBe(text.length);
  });

  it('of so many arrows: the rest of a sequence diagram is one fold', () => {
    const arrows = (most: number) => {
      const builder = new FlowBuilder({ isWhole: true, most });
      for (const row of rows) builder.take(row);
      return builder.build()!.items.map((item) => (item.kind === 'fold' ? `fold of ${item.segments}` : item.kind));
    };
    expect(arrows(9)).not.toContain('fold of 3');
    expect(arrows(6).at(-1)).toBe('fold of 3');
    expect(arrows(6).filter((kind) => kind === 'arrow')).toHaveLength(6);
  });
});
