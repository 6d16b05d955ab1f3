import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PcapRecord } from '../support/pcap-file.ts';
import { writePcap } from '../support/pcap-file.ts';
import { http40Packets } from '../support/seed-captures.ts';
import { reassemble } from './reassemble.ts';

/** A page fetched over HTTP in 40 packets, whole. Frames of the server's data are those to play with. */
const { packets, lines } = http40Packets();
const TIMES = lines.map(({ time }) => time);
const [whole] = reassemble(captureOf(packets.map((_, i) => i)));
const DATA = lines.flatMap((line, i) => (line.from === 'server' && line.payload.length > 0 ? [i] : []));
const SERVER_ISN = lines[1].seq;

/** The capture with its packets in this order; the times stay where they were. */
function captureOf(order: readonly number[]): Uint8Array {
  const records: PcapRecord[] = order.map((packet, i) => ({
    time: TIMES[Math.min(i, TIMES.length - 1)],
    bytes: packets[packet],
  }));
  return writePcap({ linkType: 1, resolution: 'us', byteOrder: 'little', snaplen: 65535 }, records);
}

const untouched = packets.map((_, i) => i);

describe('a real exchange, disturbed', () => {
  it('is undisturbed the payloads one after the other', () => {
    for (const side of ['client', 'server'] as const) {
      const sent = lines.filter(({ from }) => from === side).map(({ payload }) => payload);
      expect(whole.data(side).equals(Buffer.concat(sent))).toBe(true);
    }
    expect(DATA.length).toBeGreaterThan(10);
  });

  it('packets out of order make no difference', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DATA), fc.integer({ min: -4, max: 4 }), (packet, shift) => {
        const order = untouched.filter((i) => i !== packet);
        // Not before the handshake, and not after the FINs.
        order.splice(Math.min(Math.max(packet + shift, 3), 36), 0, packet);
        const [streams] = reassemble(captureOf(order));
        expect(streams.data('server').equals(whole.data('server'))).toBe(true);
        expect(streams.gaps).toEqual([]);
        expect(streams.conflicts).toEqual([]);
      }),
    );
  });

  it('packets that come twice make no difference', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...DATA), fc.nat(10)), { maxLength: 6 }), (copies) => {
        const order = [...untouched];
        for (const [packet, later] of copies) order.splice(order.indexOf(packet) + 1 + later, 0, packet);
        const [streams] = reassemble(captureOf(order));
        expect(streams.data('server').equals(whole.data('server'))).toBe(true);
        expect(streams.data('client').equals(whole.data('client'))).toBe(true);
        expect(streams.gaps).toEqual([]);
      }),
    );
  });

  it('a packet that is missing is a gap of its size in its place', () => {
    for (const packet of DATA) {
      const [streams] = reassemble(captureOf(untouched.filter((i) => i !== packet)));
      const start = lines[packet].seq - SERVER_ISN - 1;
      const end = start + lines[packet].payload.length;
      expect(streams.gaps).toEqual([`< ${start}-${end} missing-in-capture`]);
      const rest = [whole.data('server').subarray(0, start), whole.data('server').subarray(end)];
      expect(streams.data('server').equals(Buffer.concat(rest))).toBe(true);
    }
  });

  it('a capture that begins in the middle loses what came before, and nothing else', () => {
    for (let from = 4; from < 30; from++) {
      const [streams] = reassemble(captureOf(untouched.slice(from)));
      const tail = streams.data('server');
      expect(whole.data('server').subarray(-tail.length).equals(tail)).toBe(true);
      expect(streams.gaps.every((gap) => gap.endsWith('before-start'))).toBe(true);
      const held = lines.slice(from).filter(({ from: side }) => side === 'server');
      expect(tail.length).toBe(held.reduce((sum, { payload }) => sum + payload.length, 0));
    }
  });
});
