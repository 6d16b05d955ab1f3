import { expect, it } from 'vitest';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';
import { CLEAN, PLAIN } from './cases.ts';

/** Of the first record of a classic capture: file header, record header, Ethernet, IPv4, and 12 bytes of TCP. */
const FLAGS_OF_FIRST = 24 + 16 + 14 + 20 + 12;
const TO_CHECKSUM = 4;
/** From the flags of a last segment without options to the end of the file. */
const LEFT_OF_LAST = 8;

/** A capture in which the segment whose flags are at `flagsAt` has the reserved bits that `mask` says (bits 9 to 11 of the word). */
function withReserved(mask: number, pcap = scenario({}, CLEAN).pcap, flagsAt = FLAGS_OF_FIRST): Uint8Array {
  const changed = pcap.slice();
  const data = new DataView(changed.buffer);
  data.setUint16(flagsAt, data.getUint16(flagsAt) | mask);
  // RFC 1624: the one's complement sum goes up by what the word went up.
  let sum = data.getUint16(flagsAt + TO_CHECKSUM) - mask;
  if (sum < 0) sum += 0xffff;
  data.setUint16(flagsAt + TO_CHECKSUM, sum);
  return changed;
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

it('does not say that a host set them where the packet has a foreign TTL', () => {
  const said = (ttl: number) => {
    const { pcap } = scenario({}, `${PLAIN}\n 0.100000 > P. 1:101(100) ack 1\n 0.101000 < R seq 1 win 0 ttl ${ttl}`);
    const { analyzer } = analyse(withReserved(0xe00, pcap, pcap.length - LEFT_OF_LAST));
    return analyzer.connections[0].findings.find((finding) => finding.id === 'reserved-bits')?.text;
  };
  expect(said(63)).toMatch(
    /^Packet 5 in the name of 10\.0\.0\.2:80 \(server\) has reserved bits \(111\) set in its header\. Its TTL is 63 .* have 64: a middlebox may have sent it\.$/,
  );
  expect(said(64)).toBe('10.0.0.2:80 (server) set reserved bits (111) in the header of packet 5.');
});

it('takes the lowest of the four for AE', () => {
  const { analyzer } = analyse(withReserved(0x100));
  expect(analyzer.connections[0].findings.map((finding) => finding.id)).not.toContain('reserved-bits');
});
