import { readFileSync } from 'node:fs';
import { bsdLoopback, http40Packets, loopbackFromListing } from './seed-captures.ts';
import { build, WIRESHARK_CASES } from './wireshark-cases.ts';

export const FIXTURES = new URL('../../fixtures/', import.meta.url);

/** Every capture in fixtures/ that is made, not found: name and content. */
export function madeFixtures(): Map<string, Uint8Array> {
  const listing = readFileSync(new URL('seed-loopback-echo.txt', FIXTURES), 'utf8');
  return new Map([
    ['seed-loopback-echo.pcap', loopbackFromListing(listing, '2020-05-09').pcap],
    ['seed-bsd-loopback.pcap', bsdLoopback().pcap],
    ['seed-http-40-packets.pcap', http40Packets().pcap],
    ...WIRESHARK_CASES.map((c): [string, Uint8Array] => [`tshark-${c.name}.pcap`, build(c).capture.pcap]),
  ]);
}
