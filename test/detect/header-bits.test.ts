import { expect, it } from 'vitest';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';
import { CLEAN } from './cases.ts';

/** Of the first record of a classic capture: file header, record header, Ethernet, IPv4, and 12 bytes of TCP. */
const FLAGS_OF_FIRST = 24 + 16 + 14 + 20 + 12;
const CHECKSUM_OF_FIRST = FLAGS_OF_FIRST + 4;

/** The first segment with the reserved bits set that `mask` says (bits 9 to 11 of the word), its checksum put right. */
function withReserved(mask: number): Uint8Array {
  const pcap = scenario({}, CLEAN).pcap.slice();
  const data = new DataView(pcap.buffer);
  data.setUint16(FLAGS_OF_FIRST, data.getUint16(FLAGS_OF_FIRST) | mask);
  // RFC 1624: the one's complement sum goes up by what the word went up.
  let sum = data.getUint16(CHECKSUM_OF_FIRST) - mask;
  if (sum < 0) sum += 0xffff;
  data.setUint16(CHECKSUM_OF_FIRST, sum);
  return pcap;
}

it('reports reserved bits', () => {
  const { analyzer, rows } = analyse(withReserved(0xa00));
  const found = analyzer.connections[0].findings.filter((finding) => finding.id === 'reserved-bits');
  expect(found).toHaveLength(1);
  expect(found[0].text).toBe('10.0.0.1:40000 (client) set reserved bits (101) in the header of packet 1.');
  expect(found[0].severity).toBe('warning');
  expect(rows[0].findings).toEqual(found);
  expect(analyzer.findings.some((finding) => finding.id === 'checksum-offload')).toBe(false);
});

it('takes the lowest of the four for AE', () => {
  const { analyzer } = analyse(withReserved(0x100));
  expect(analyzer.connections[0].findings.map((finding) => finding.id)).not.toContain('reserved-bits');
});
