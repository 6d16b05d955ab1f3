import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileFilter } from '../../src/filter/compile.ts';
import { DecodeStatus } from '../../src/model/segment.ts';
import { decodeFile, hasTcpdump, tcpdumpsOf } from '../render/tcpdump-peer.ts';

/** Counts what tcpdump's own compiler accepts of the same captures. */

const SHARED = join(import.meta.dirname, '../../../shared');
const CAPTURES = [
  'corpus/open/many_connections/client.pcap',
  'corpus/open/snaplen_68/client.pcap',
  'corpus/open/ecn_ce_and_loss/client.pcap',
  'corpus/open/urgent_data/client.pcap',
  'corpus/open/plain_echo_ipv6/client.pcap',
  'corpus/open/any_sll/client.pcap',
  'peers/tcpdump/tests__print-flags.pcap',
  'peers/zeek/testing__btest__Traces__wikipedia.pcap',
]
  .map((name) => join(SHARED, name))
  .filter((path) => existsSync(path));

/** Of what is asked of `tcp[...]` only IPv4 is compared: libpcap does not find TCP behind IPv6 for it. */
const EXPRESSIONS = [
  ...['tcp', 'ip', 'ip6', 'not ip', 'host 10.9.0.1', 'src host 10.9.0.1', 'dst host 10.9.0.2', 'host not 10.9.0.1'],
  ...['host 10.9.0.1 and 10.9.0.2', 'src 10.9.0.1 or 10.9.0.2', 'net 10.9', 'net 10', 'net 10.9.0.0/16', 'host 10.9'],
  ...['net 192.168.0.0 mask 255.255.0.0', 'src net 10.9.0', 'dst net 192.168', 'net fd09::/16', 'host fd09::1'],
  ...[
    'src host fd09::2',
    'ip6 net fd09::/16',
    'port 5001',
    'src port 5001',
    'dst port 5001 or 80',
    'tcp src port http',
  ],
  ...['port 80 or 443 or 22', 'tcp port 80', 'tcp dst port ssh or smtp', 'portrange 5000-5010', 'src portrange 1-1024'],
  ...['dst portrange 40000-65535', 'src and dst net 10.9', 'src or dst host 10.9.0.1', 'port (80 or 5001)'],
  ...['not port 5001', '! port 443 and ! port 22', 'tcp port 80 and host 10.9.0.1 or 10.9.0.2', 'host 0x0a090001'],
  ...['less 100', 'greater 1000', 'len > 60 and len <= 100', 'len = 66', 'len % 2 = 1', 'len - 40 * 2 ^ 1 > 5'],
  ...['7 % 4 * 3 = 7', '3 * 7 % 4 = 9', '6 ^ 3 | 1 = 5', '1 ^ 3 & 2 = 3', '- len > 5', 'tcp-syn = 2'],
  ...['ip proto 6', 'ip6 proto 6', 'proto 6', 'ip proto \\tcp', 'ether proto \\ip', 'ether proto 0x86dd'],
  ...['ip multicast', 'ip[8] < 64', 'ip[2:2] > 1000', 'ip[6] & 0x40 != 0', 'ip[0] & 0xf = 5', 'ip[1] & 3 = 3'],
  ...['ip6[7] > 60', 'ip6[4:2] > 100', 'ether[0] * 2 = 4', 'link[12:2] = 0x800'],
  ...[
    'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0',
    'tcp[tcpflags] == tcp-syn',
    'tcp[13] & 0x12 = 0x12',
    'tcp[4:4] > 0x80000000',
  ],
  ...['tcp[14:2] < 1000', 'tcp[0:2] = 5001', 'tcp[200] = 0', 'not tcp[200] = 0', 'tcp[60] > 3 or tcp port 5001'],
  ...['ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0', 'tcp[(tcp[12]>>4)*4] > 64', 'tcp[18:2] > 0'],
  ...['tcp[12] / 16 > 5', 'tcp[13] % 3 = 1', 'tcp[4:4] << 3 > 5', 'tcp[4:4] >> 28 = 3', 'len / tcp[19] > 3'],
  ...['- tcp[14:2] % tcp[13] > 3', 'tcp[4] + tcp[5] > 100', '(tcp[8:4] | 1) = tcp[8:4]', 'ip6 or tcp[13] = 2'],
];

/** What is asked, by the expression. */
const asked = new Map(
  EXPRESSIONS.map((expression) => [expression, expression.includes('tcp[') ? `ip and (${expression})` : expression]),
);

/** How many segments of each capture our filters accept, by the expression; each capture is decoded once for all of them. */
function counted(): Map<string, number>[] {
  const filters = [...asked].map(([expression, text]) => [expression, compileFilter(text)] as const);
  return CAPTURES.map((capture) => {
    const counts = new Map(EXPRESSIONS.map((expression) => [expression, 0]));
    decodeFile(capture, (view) => {
      if (view.status !== DecodeStatus.TCP) return;
      for (const [expression, accepts] of filters)
        if (accepts(view)) counts.set(expression, counts.get(expression)! + 1);
    });
    return counts;
  });
}

describe.skipIf(!hasTcpdump || CAPTURES.length === 0)('chooses what tcpdump chooses', () => {
  let ours: Map<string, number>[];
  beforeAll(() => {
    ours = counted();
  });

  test.each(EXPRESSIONS)('%s', (expression) => {
    // Without the optimizer (-O): it drops loads beyond the capture when their outcome does not matter.
    const theirs = `(ip proto 6 or ip6 proto 6) and (${asked.get(expression)})`;
    const printed = tcpdumpsOf(CAPTURES, `-O -n --count -- '${theirs}'`);
    for (const [i, capture] of CAPTURES.entries()) {
      const [, count] = /^(\d+) packet/m.exec(printed[i]) ?? [];
      expect({ capture, count: String(ours[i].get(expression)) }).toEqual({ capture, count });
    }
  });
});
