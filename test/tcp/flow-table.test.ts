import { expect, it } from 'vitest';
import { SegmentView } from '../../src/model/segment.ts';
import { FlowTable } from '../../src/tcp/flow-table.ts';

const FLOWS = 20_000;

/** Milliseconds that it takes to open so many connections and to find them again. */
function timeOf(socket: (i: number) => { address: number; port: number }): number {
  const table = new FlowTable(1);
  const view = new SegmentView();
  view.ipVersion = 4;
  view.dst3 = 0x0a000002;
  view.dstPort = 80;
  let found = 0;
  const began = performance.now();
  for (let i = 0; i < 2 * FLOWS; i++) {
    const { address, port } = socket(i % FLOWS);
    view.src3 = address;
    view.srcPort = port;
    if (i < FLOWS) table.open(view);
    else if (table.find(view)?.id === i - FLOWS) found++;
  }
  const taken = performance.now() - began;
  expect(found).toBe(FLOWS);
  return taken;
}

it('spreads addresses and ports that rise together, as those of scanners do', () => {
  const scattered = timeOf((i) => ({ address: Math.imul(i + 1, 0x9e3779b1) >>> 0, port: 1024 + ((i * 7919) % 60000) }));
  const rising = timeOf((i) => ({ address: 0x0b000000 + i, port: 1024 + i }));
  const opposed = timeOf((i) => ({ address: 0x0b000000 + i, port: 65535 - i }));
  expect(Math.max(rising, opposed)).toBeLessThan(10 * scattered + 100);
});
