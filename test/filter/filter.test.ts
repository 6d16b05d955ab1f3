import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../src/filter/compile.ts';
import { PORTS } from '../../src/filter/names.ts';
import { UsageError } from '../../src/model/errors.ts';
import { DecodeStatus, Layer, SegmentView } from '../../src/model/segment.ts';

/** A SYN from 10.9.0.1:40000 to 10.9.0.2:80 in an Ethernet frame; later tests change a field. */
function segment(change: Partial<SegmentView> = {}): SegmentView {
  const view = new SegmentView();
  const bytes = new Uint8Array(74);
  bytes.set([2, 9, 0, 0, 0, 2, 2, 9, 0, 0, 0, 1, 8, 0]);
  bytes.set([0x45, 0, 0, 60, 0, 7, 0x40, 0, 64, 6, 0, 0, 10, 9, 0, 1, 10, 9, 0, 2], 14);
  bytes.set([0x9c, 0x40, 0, 80, 0xff, 0, 0, 1, 0, 0, 0, 0, 0xa0, 2, 0xfa, 0xf0, 0, 0, 0, 0], 34);
  view.bytes = bytes;
  view.recordBytes = bytes;
  view.data = new DataView(bytes.buffer);
  view.capturedLength = 74;
  view.originalLength = 74;
  view.status = DecodeStatus.TCP;
  view.layer = Layer.TCP;
  view.linkType = 1;
  view.macOffset = 0;
  view.etherType = 0x0800;
  view.ipVersion = 4;
  view.ipOffset = 14;
  view.ipHeaderLength = 20;
  view.protocol = 6;
  view.src3 = 0x0a090001;
  view.dst3 = 0x0a090002;
  view.tcpOffset = 34;
  view.srcPort = 40000;
  view.dstPort = 80;
  view.flags = 2;
  return Object.assign(view, change);
}

const accepts = (text: string, view = segment()) => compileFilter(text)(view);

describe('primitives', () => {
  test.each([
    '',
    'tcp',
    'ip',
    'ip and tcp',
    'host 10.9.0.1',
    'src host 10.9.0.1',
    'dst host 10.9.0.2',
    'src 10.9.0.1 and dst 10.9.0.2',
    'host 10.9.0.1 and 10.9.0.2',
    'src or dst host 10.9.0.2',
    'ip host 10.9.0.2',
    'net 10',
    'net 10.9',
    'net 10.9.0.0/16',
    'net 10.9.0.0 mask 255.255.0.0',
    'src and dst net 10.9.0',
    'port 80',
    'port http',
    'tcp dst port www',
    'port 443 or 80',
    'port 443 or (22 or 80)',
    'src port 40000',
    'portrange 79-81',
    'portrange 81-79',
    'portrange ssh-https',
    'not port 443',
    '! port 443 && ! port 22',
    'port not 443',
    'proto 6',
    'ip proto \\tcp',
    'ip proto tcp',
    'ether proto \\ip',
    'ether proto 0x0800',
    'ether host 02:09:00:00:00:01',
    'ether src 2:9:0:0:0:1',
    'ether dst 02-09-00-00-00-02',
    'ether dst 0209.0000.0002',
    'less 74',
    'greater 74',
    'len = 74',
    'length >= 74',
  ])('%s', (text) => {
    expect(accepts(text)).toBe(true);
    expect(accepts(text === '' ? 'not tcp' : `not (${text})`)).toBe(false);
  });

  test.each([
    'udp',
    'ip6',
    'arp',
    'icmp',
    'host 10.9.0.3',
    'src host 10.9.0.2',
    'src and dst host 10.9.0.1',
    'net 10.8.0.0/16',
    'port 8',
    'udp port 80',
    'src port 80',
    'portrange 1-79',
    'less 73',
    'greater 75',
    'vlan',
    'inbound',
    'ether broadcast',
    'ether multicast',
    'ip multicast',
    'ip6 proto 6',
  ])('not %s', (text) => {
    expect(accepts(text)).toBe(false);
  });

  test('vlan asks for the outermost tag', () => {
    const tagged = segment({ vlan: 100, vlanTags: 2 });
    expect(accepts('vlan', tagged)).toBe(true);
    expect(accepts('vlan 100 and port 80', tagged)).toBe(true);
    expect(accepts('vlan 200', tagged)).toBe(false);
  });

  test('direction', () => {
    expect(accepts('outbound', segment({ direction: 2 }))).toBe(true);
    expect(accepts('inbound', segment({ direction: 1 }))).toBe(true);
  });

  test('IPv6 addresses and prefixes', () => {
    const view = segment({ ipVersion: 6, etherType: 0x86dd });
    Object.assign(view, { src0: 0xfd090000, src3: 1, dst0: 0xfd090000, dst3: 2 });
    expect(accepts('ip6 and tcp port 80', view)).toBe(true);
    expect(accepts('host fd09::1', view)).toBe(true);
    expect(accepts('src host fd09::2', view)).toBe(false);
    expect(accepts('net fd09::/16', view)).toBe(true);
    expect(accepts('net fd09:8000::/17', view)).toBe(false);
    expect(accepts('host ::1', view)).toBe(false);
    expect(accepts('host 0.0.0.1', view)).toBe(false);
    expect(accepts('tcp[tcpflags] = tcp-syn', view)).toBe(true);
  });

  test('an ICMP error has the addresses and ports of the segment that it quotes, but is not TCP', () => {
    const view = segment({ status: DecodeStatus.ICMP_QUOTES_TCP, icmpType: 3, icmpCode: 4 });
    expect(accepts('host 10.9.0.1 and port 80', view)).toBe(true);
    expect(accepts('icmp', view)).toBe(true);
    expect(accepts('tcp', view)).toBe(false);
    expect(accepts('icmp[icmptype] == icmp-unreach and icmp[icmpcode] == 4', view)).toBe(true);
    expect(accepts('icmp[0] = 3')).toBe(false);
  });

  test('a later fragment has no ports', () => {
    const view = segment({ status: DecodeStatus.FRAGMENT, layer: Layer.IPV4, srcPort: 0, dstPort: 0 });
    expect(accepts('host 10.9.0.1', view)).toBe(true);
    expect(accepts('portrange 0-65535', view)).toBe(false);
    expect(accepts('tcp[0] = 0 or tcp[0] != 0', view)).toBe(false);
  });
});

describe('arithmetic', () => {
  test.each([
    'tcp[13] == 2',
    'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0',
    'tcp[tcpflags] & tcp-ack = 0',
    'tcp[4:4] = 0xff000001',
    'tcp[4:4] > 0x7fffffff',
    'tcp[2:2] = 80',
    'ip[8] = 64',
    'ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) = 0',
    'ether[12:2] = 0x0800',
    'link[0] = 2',
    '(tcp[12] >> 4) * 4 = 40',
    'tcp[(tcp[12] >> 4)] = 0xfa or tcp[14:2] = 0xfaf0',
    'len / 10 = 7',
    'len % 10 = 4',
    'len ^ 1 = 75',
    '- len = 0xffffffb6',
    'len - 75 > 1000',
    'tcp[4:4] * 2 = 0xfe000002',
    'tcp[4:4] << 8 = 0x100',
    '1 << len = 0',
    '010 = 8',
    '0x10 != 10',
    '7 % 4 * 3 = 7',
    '1 + 2 * 3 = 7',
    '6 & 3 | 8 = 10',
  ])('%s', (text) => {
    expect(accepts(text)).toBe(true);
  });

  test('octets that were not captured reject the packet, whatever is asked of them', () => {
    expect(accepts('tcp[100] = 0')).toBe(false);
    expect(accepts('not tcp[100] = 0')).toBe(false);
    expect(accepts('tcp[100] = 0 or tcp')).toBe(false);
    expect(accepts('tcp or tcp[100] = 0')).toBe(true);
    expect(accepts('ip[59] = 0')).toBe(true);
    expect(accepts('ip[60] = 0')).toBe(false);
    expect(accepts('ether[72:4] = 0 or tcp')).toBe(false);
  });

  test('division by zero rejects the packet', () => {
    expect(accepts('len / tcp[8] = 0')).toBe(false);
    expect(accepts('not len % tcp[8] = 0')).toBe(false);
  });

  test('octets of an absent protocol make the comparison false', () => {
    expect(accepts('ip6[0] >= 0')).toBe(false);
    expect(accepts('not ip6[0] >= 0')).toBe(true);
  });
});

describe('grammar', () => {
  test('and and or bind alike, to the left', () => {
    expect(accepts('tcp or ip and ip6')).toBe(false);
    expect(accepts('tcp or (ip and ip6)')).toBe(true);
  });

  test('not binds tightest', () => {
    expect(accepts('not ip6 and tcp')).toBe(true);
    expect(accepts('not (ip6 or tcp)')).toBe(false);
    expect(accepts('not not tcp')).toBe(true);
  });

  test('a bare address repeats the qualifiers before it', () => {
    expect(accepts('src host 1.2.3.4 or 10.9.0.1')).toBe(true);
    expect(accepts('src host 1.2.3.4 or 10.9.0.2')).toBe(false);
    expect(accepts('dst port 1 or 80 and not 81')).toBe(true);
    expect(accepts('host 1.2.3.4 or (port 1) or 10.9.0.2')).toBe(true);
  });

  test('ten thousand terms', () => {
    const ports = Array.from({ length: 10_000 }, (_, i) => 1000 + i);
    expect(accepts(`port ${ports.join(' or ')} or 80`)).toBe(true);
    expect(accepts(`not port ${ports.join(' and not ')} and tcp`)).toBe(true);
  });

  test('service names are those of the table', () => {
    for (const [name, port] of PORTS) expect(accepts(`port ${name}`, segment({ dstPort: port }))).toBe(true);
  });
});

describe('errors', () => {
  const message = (text: string): string => {
    try {
      compileFilter(text);
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
    return 'no error';
  };

  test('show the place', () => {
    expect(message('tcp port foo')).toBe(
      [`filter: expected a port number or a well-known name, found 'foo'`, '  tcp port foo', '           ^'].join('\n'),
    );
    expect(message('tcp and')).toMatch(/expected a primitive .* found the end\n {2}tcp and\n {9}\^$/);
  });

  test.each([
    ['1.2.3.4', `write 'host 1.2.3.4'`],
    ['80', `such as 'port 80'`],
    ['tcp or 80', `such as 'port 80'`],
    ['host example.com', 'names are not looked up'],
    ['gateway foo', `'gateway' of pcap-filter is not supported`],
    ['wlan host 1:2:3:4:5:6', `'wlan' of pcap-filter is not supported`],
    ['ip protochain 6', `'protochain' of pcap-filter is not supported`],
    ['ip broadcast', 'not supported'],
    ['udp[0] = 1', 'not supported'],
    ['foo[0] = 1', 'is unknown'],
    ['icmp[4] = 1', 'only the type'],
    ['port 70000', 'up to 65535'],
    ['portrange 1-70000', 'range of ports'],
    ['host 300.1.1.1', 'no IPv4 address'],
    ['host 10.0.0.0/8', `a mask is for 'net' only`],
    ['net 10.0.0.1/8', 'bits beyond the mask'],
    ['net fd09::1/16', 'bits beyond the prefix'],
    ['net 10.0.0.0/33', 'up to 32'],
    ['ip host ::1', `'ip' does not go with`],
    ['ip6 host 1.2.3.4', `'ip6' does not go with`],
    ['tcp host 1.2.3.4', `'tcp' does not go with 'host'`],
    ['ip port 80', `'ip' does not go with 'port'`],
    ['src proto 6', `do not go with 'proto'`],
    ['ether host 1.2.3.4', 'Ethernet address'],
    ['vlan 5000', 'up to 4095'],
    ['less tcp', 'a length'],
    ['tcp[0:3] = 1', 'size of 1, 2 or 4'],
    ['tcp[0', `expected ']'`],
    ['tcp[13] & 2', 'expected a comparison'],
    ['tcp & 3 = 2', 'a number on both sides'],
    ['(tcp[0] = 3) = 1', 'a number on both sides'],
    ['len = 4 / 0', 'division by zero'],
    ['len = 1 << 32', 'more than 31 bits'],
    ['len = 0x1ffffffff', '32 bits'],
    ['len = 089', 'is not a number'],
    ['len-80 > 5', 'put blanks around an operator'],
    ['tcp tcp', `expected 'and', 'or' or the end`],
    ['(tcp', `expected ')'`],
    ['tcp "x"', 'unexpected character'],
    ['host \\', 'expected a name'],
    [`${'('.repeat(100_000)}tcp`, 'nested too deeply'],
    [`${'! '.repeat(100_000)}`, 'expected a primitive'],
    [`${'- '.repeat(100_000)}`, 'expected a primitive'],
    [`${'1 % '.repeat(100_000)} 1 = 1`, 'nested too deeply'],
    [`${'tcp['.repeat(10_000)}`, 'nested too deeply'],
  ])('%.40s', (text, part) => {
    expect(message(text)).toContain(part);
  });

  test('the text is shown without control characters', () => {
    expect(message('tcp \u001b[2J')).not.toMatch(/[^\n\x20-\x7e]/);
  });

  const words = fc.constantFrom(
    ...'tcp ip ip6 udp icmp ether host net port portrange proto src dst and or not && || ! ( ) [ ] : / & | ^ << >> + -'.split(
      ' ',
    ),
    ...'* % < > <= >= = == != 1 80 0x10 10.9.0.1 10.9 fd09::1 ::/0 1:2:3:4:5:6 len less greater vlan tcpflags'.split(
      ' ',
    ),
    ...'tcp-syn mask multicast inbound icmptype icmp6 http 1-80 foo \\tcp byte gateway 4294967296 $'.split(' '),
  );

  test('garbage throws nothing but UsageError, and what compiles runs', () => {
    const view = segment();
    const judge = (text: string) => {
      let filter: (view: SegmentView) => boolean;
      try {
        filter = compileFilter(text);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return;
      }
      expect(typeof filter(view)).toBe('boolean');
      expect(typeof filter(new SegmentView())).toBe('boolean');
    };
    fc.assert(fc.property(fc.string(), judge), { numRuns: 1000 });
    fc.assert(fc.property(fc.string({ unit: 'binary' }), judge), { numRuns: 500 });
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => judge(parts.join(' '))),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 8 }), (parts) => judge(parts.join(''))),
      { numRuns: 1000 },
    );
  });
});
