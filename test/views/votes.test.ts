import { expect, it } from 'vitest';
import { ACK } from '../../src/model/flags.ts';
import { Known, Sightings, type Vantage } from '../../src/views/sightings.ts';
import { byContent, Votes } from '../../src/views/votes.ts';

/** Packets with 100 bytes of the content `sum`, each of the flow that is named. */
function vantageOf(packets: readonly { flow: number; sum: number }[], flows: number): Vantage {
  const count = packets.length;
  const sightings = Object.assign(new Sightings(), {
    length: count,
    flow: Int32Array.from(packets, ({ flow }) => flow),
    side: new Uint8Array(count),
    seq: Uint32Array.from({ length: count }, (_, i) => 1000 + i),
    ack: new Uint32Array(count).fill(1),
    payload: new Uint32Array(count).fill(100),
    flags: new Uint16Array(count).fill(ACK),
    sum: Uint16Array.from(packets, ({ sum }) => sum),
    known: new Uint8Array(count).fill(Known.SUM),
  });
  const sockets = (flow: number) => [`10.0.0.1:${flow}`, '10.0.0.2:80'] as const;
  return {
    sightings,
    flows: Array.from({ length: flows }, (_, flow) => ({ sockets: sockets(flow), client: 0, clientReason: 0 })),
  };
}

/** Flow 0 has 40 packets at both vantages; between them each of `flows` others has one that another flow has there. */
function crowd(flows: number): [Vantage, Vantage] {
  const a: { flow: number; sum: number }[] = [];
  const b: { flow: number; sum: number }[] = [];
  for (let i = 1; i < flows; i++) {
    a.push({ flow: i, sum: 1000 + i });
    b.push({ flow: 1 + ((i + 6) % (flows - 1)), sum: 1000 + i });
    if (i % 3 === 0 && i / 3 <= 40) {
      a.push({ flow: 0, sum: i / 3 });
      b.push({ flow: 0, sum: i / 3 });
    }
  }
  return [vantageOf(a, flows), vantageOf(b, flows)];
}

function votesOf([a, b]: [Vantage, Vantage], most: number): Votes {
  return new Votes(a, b, byContent, new Uint8Array(a.flows.length), new Uint8Array(b.flows.length), most);
}

it('thinks of no more pairs of flows than it may, and keeps those with many packets alike', () => {
  const flows = 200;
  const all = votesOf(crowd(flows), 1000);
  // Flow 0 with itself, and each other with one.
  expect(all.size).toBe(flows);
  for (const most of [8, 16, 100, flows - 1]) {
    const votes = votesOf(crowd(flows), most);
    expect(votes.size, `at most ${most}`).toBeLessThanOrEqual(most);
    expect(votes.joins(3), `at most ${most}`).toEqual(all.joins(3));
  }
  expect(all.joins(3)).toMatchObject([{ a: 0, b: 0, votes: 40 }]);
});

it('forgets nothing while there is room', () => {
  const crowded = crowd(50);
  expect(votesOf(crowded, 50).size).toBe(50);
  expect(votesOf(crowded, 49).size).toBeLessThan(49);
});
