import { describe, expect, it } from 'vitest';
import { HandshakeOrder } from '../../src/detect/handshake-order.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { analyseScenario } from '../support/analyze.ts';

const told = (...lines: string[]): { capture: readonly Finding[]; connections: Finding[] } => {
  const { analyzer } = analyseScenario(lines.join('\n'));
  return {
    capture: analyzer.findings.filter(({ id }) => id === 'capture-joined'),
    connections: analyzer.connections.flatMap(({ findings }) => [...findings]),
  };
};
const text = (...lines: string[]) => told(...lines).capture.map((finding) => finding.text.replace(/ Times, .*/, ''));

/** The client's packets have times that are later by 30 ms. */
const LATE_CLIENT = ['0.001 < S. seq 0 ack 1', '0.030 > S seq 0', '0.032 > . ack 1'];
/** The server's have. */
const LATE_SERVER = ['0.000 > S seq 0', '0.002 > . ack 1', '0.031 < S. seq 0 ack 1'];

describe('a SYN after its own ACK', () => {
  it('shows that the clocks of the two directions differ', () => {
    expect(text(...LATE_CLIENT)).toEqual([
      'The clocks of the two directions differ: 1 of 2 SYNs stands after its own ACK, by up to 29.0 ms.',
    ]);
    expect(text(...LATE_SERVER)).toEqual([
      'The clocks of the two directions differ: 1 of 2 SYNs stands after its own ACK, by up to 29.0 ms.',
    ]);
    expect(text('0 > S seq 0', '0.03 < S. seq 0 ack 1', '0.031 > . ack 1')).toEqual([]);
  });

  it('is an accident of the capture within 5 ms, and may be a repeat after 1 s', () => {
    const after = (seconds: number) => text('0 < S. seq 0 ack 1', `${seconds} > S seq 0`).length;
    expect([0.005, 0.005001, 0.999999, 1].map(after)).toEqual([0, 1, 1, 0]);
  });

  it('is none where the peer acknowledged less, or was not heard', () => {
    expect(text('0 > S seq 0', '0.01 < S seq 0', '0.02 > S. seq 0 ack 1')).toEqual([]);
    expect(text('0 < S seq 0', '0.01 > S. seq 0 ack 1', '0.02 > S. seq 0 ack 1')).toEqual([]);
  });

  it('takes what the peer of a late end acknowledged for captured late, not for missing or never sent', () => {
    const data = ['0.0331 > P. 1:101(100) ack 1', '0.0332 > P. 101:201(100) ack 1', '0.04 < P. 1:11(10) ack 201'];
    const early = ['0.0035 < . ack 201'];
    const ids = (...lines: string[]) => told(...lines).connections.map(({ id }) => id);
    expect(ids(LATE_CLIENT[0], ...early, ...LATE_CLIENT.slice(1), ...data)).not.toContain('ack-of-unsent-data');
    expect(ids(LATE_CLIENT[0], ...early, ...LATE_CLIENT.slice(1), ...data)).not.toContain('missing-in-capture');
    const inTime = ['0 > S seq 0', '0.001 < S. seq 0 ack 1', '0.002 > . ack 1', ...early, ...data];
    expect(ids(...inTime)).toContain('ack-of-unsent-data');
  });
});

describe('the order of all handshakes', () => {
  const seen = (first: number, late: number) => {
    const order = new HandshakeOrder();
    const sender = { lastFrame: 0 };
    const receiver = { seen: true, lastAck: 1 };
    const connection = { firstTime: 0 };
    for (let i = 0; i < first; i++) {
      const t = { sender, receiver, connection, end: i < late ? 1 : 2, sincePrevious: 0 };
      order.see(t as unknown as TrackedSegment, { flags: 2, frame: i + 1, time: 20e6 } as SegmentView);
    }
    return order;
  };

  it('is impossible where one in ten is', () => {
    expect([seen(10, 1), seen(11, 1), seen(20, 2), seen(5, 0)].map((order) => order.isImpossible)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('is that of all shards', () => {
    const all = new HandshakeOrder();
    all.join([seen(11, 1).gathered(), seen(3, 2).gathered()]);
    expect(all.gathered()).toEqual({ first: 14, late: 3, longest: 20e6, frames: [1, 2] });
    expect(all.isImpossible).toBe(true);
  });

  it('begins with nothing, and counts the first SYN of each end alone, be it the first packet of the capture', () => {
    const order = new HandshakeOrder();
    expect(order.gathered()).toEqual({ first: 0, late: 0, longest: 0, frames: [] });
    const again = {
      sender: { lastFrame: 1 },
      receiver: { seen: true, lastAck: 1 },
      connection: { firstTime: 0 },
      end: 1,
    };
    order.see(again as unknown as TrackedSegment, { flags: 2, frame: 2, time: 20e6 } as SegmentView);
    expect(order.gathered().first).toBe(0);
  });

  it('measures from the first packet of the connection where its server began with a SYN,ACK', () => {
    const order = new HandshakeOrder();
    const connection = { firstTime: 10e6 };
    const t = { sender: { lastFrame: 0, connection }, receiver: { seen: true, lastAck: 1 }, connection, end: 1 };
    order.see(t as unknown as TrackedSegment, { flags: 2, frame: 2, time: 30e6 } as SegmentView);
    expect(order.gathered()).toEqual({ first: 1, late: 1, longest: 20e6, frames: [2] });
  });

  it('names the frames of all shards in the order of the capture', () => {
    const all = new HandshakeOrder();
    const shard = { first: 2, late: 2, longest: 20e6 };
    all.join([
      { ...shard, frames: [4, 9] },
      { ...shard, frames: [3, 7] },
    ]);
    expect(all.gathered().frames).toEqual([3, 4, 7, 9]);
  });

  it('allows for the time that the peer took to answer the SYN, which the capture does not show: a second', () => {
    const order = new HandshakeOrder();
    const sender = { lastFrame: 0, connection: {} };
    const t = { sender, receiver: { seen: true, lastAck: 1 }, connection: { firstTime: 0 }, end: 1, sincePrevious: 0 };
    expect(order.lagOf(sender as never)).toBe(0);
    order.see(t as unknown as TrackedSegment, { flags: 2, frame: 2, time: 20e6 } as SegmentView);
    expect(order.lagOf(sender as never)).toBe(1020e6);
  });
});
