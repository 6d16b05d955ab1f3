import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CaptureReader } from '../../src/capture/reader.ts';
import { Decoder } from '../../src/decode/decoder.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { type TcpdumpOptions, TcpdumpPrinter } from '../../src/render/tcpdump.ts';
import { type CapturedPacket, ethernet, ip4, ip6, pcapFile, tcp } from './packets.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

function print(capture: Uint8Array, options: TcpdumpOptions): string[] {
  const lines: string[] = [];
  const view = new SegmentView();
  const decoder = new Decoder();
  const printer = new TcpdumpPrinter(options);
  const reader: CaptureReader = new CaptureReader({
    record(record) {
      decoder.decode(record, view);
      const time = (reader.session.origin.first ?? 0n) + BigInt(record.time);
      // The listings were made in UTC: the hours that the local zone will add are taken off before.
      const offset = new Date(Number(time / 1_000_000n)).getTimezoneOffset();
      const text = printer.print(view, time + BigInt(offset) * 60_000_000_000n);
      if (text !== null) lines.push(text);
    },
  });
  reader.open('test');
  reader.write(capture);
  reader.end();
  return lines;
}

const fixture = (name: string) => readFileSync(join(FIXTURES, name));

describe('listings of others', () => {
  test('tcpdump -v -X of an echo over loopback', () => {
    const listing = readFileSync(join(FIXTURES, 'seed-loopback-echo.txt'), 'utf8')
      .split('\n')
      .filter((line) => /^\d\d:|^\s/.test(line))
      .join('\n')
      .replaceAll('localhost', '127.0.0.1')
      .trimEnd();
    expect(print(fixture('seed-loopback-echo.pcap'), { verbose: 1, dump: 'X' }).join('\n')).toBe(listing);
  });

  test('tcpdump -vv -S on the loopback of macOS', () => {
    expect(print(fixture('seed-bsd-loopback.pcap'), { verbose: 2, absolute: true }).slice(0, 3)).toEqual([
      '00:35:50.265450 IP (tos 0x10, ttl 64, id 35702, offset 0, flags [DF], proto TCP (6), length 64, bad cksum 0 (->b12f)!)\n' +
        '    127.0.0.1.57273 > 127.0.0.1.8080: Flags [S], cksum 0xfe34 (incorrect -> 0x3271), seq 84347051, win 65535, options [mss 16344,nop,wscale 5,nop,nop,TS val 1525310591 ecr 0,sackOK,eol], length 0',
      '00:35:50.265585 IP (tos 0x0, ttl 64, id 10086, offset 0, flags [DF], proto TCP (6), length 64, bad cksum 0 (->1550)!)\n' +
        '    127.0.0.1.8080 > 127.0.0.1.57273: Flags [S.], cksum 0xfe34 (incorrect -> 0xa903), seq 2958367133, ack 84347052, win 65535, options [mss 16344,nop,wscale 5,nop,nop,TS val 1525310591 ecr 1525310591,sackOK,eol], length 0',
      '00:35:50.265599 IP (tos 0x10, ttl 64, id 54858, offset 0, flags [DF], proto TCP (6), length 52, bad cksum 0 (->6667)!)\n' +
        '    127.0.0.1.57273 > 127.0.0.1.8080: Flags [.], cksum 0xfe28 (incorrect -> 0xf11f), seq 84347052, ack 2958367134, win 12759, options [nop,nop,TS val 1525310591 ecr 1525310591], length 0',
    ]);
  });
});

/** Packets as no host sends them, one by one; beside each, what tcpdump 4.99.3 prints of it with `-n -t -v`. */
const ODD: [name: string, packet: CapturedPacket, printed: string][] = [
  [
    'SYN with the usual options',
    {
      bytes: ethernet(
        0x0800,
        ip4({}, tcp({ flags: 2, seq: 100, options: [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7] })),
      ),
    },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 60)\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048: Flags [S], cksum 0x23b1 (correct), seq 100, win 1000, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0',
  ],
  [
    'Fast Open, both kinds; congestion experienced',
    {
      bytes: ethernet(
        0x0800,
        ip4(
          { source: 0x0a000002, destination: 0x0a000001, tos: 3 },
          tcp({
            source: 2048,
            destination: 1024,
            flags: 0x12,
            seq: 500,
            ack: 101,
            options: [34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 254, 4, 0xf9, 0x89],
          }),
        ),
      ),
    },
    'IP (tos 0x3,CE, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 56)\n' +
      '    10.0.0.2.2048 > 10.0.0.1.1024: Flags [S.], cksum 0x1fd2 (correct), seq 500, ack 101, win 1000, options [tfo  cookie 0102030405060708,exp-tfo cookiereq,eol], length 0',
  ],
  [
    'urgent data; reserved flag and bad checksum of IP',
    {
      bytes: ethernet(
        0x0800,
        ip4(
          { tos: 2, fragment: 0x8000, badChecksum: true },
          tcp({ flags: 0x30, seq: 101, ack: 501, urgent: 9, payload: [1, 2, 3] }),
        ),
      ),
    },
    'IP (tos 0x2,ECT(0), ttl 64, id 7, offset 0, flags [rsvd], proto TCP (6), length 43, bad cksum f4f5 (->e6c1)!)\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048: Flags [.U], cksum 0x8562 (correct), seq 1:4, ack 1, win 1000, urg 9, length 3',
  ],
  [
    'relative SACK blocks; IP option',
    {
      bytes: ethernet(
        0x0800,
        ip4(
          { options: [7, 7, 8, 1, 2, 3, 4, 0] },
          tcp({
            flags: 0x10,
            seq: 104,
            ack: 501,
            options: [1, 1, 5, 18, 0, 0, 2, 88, 0, 0, 2, 98, 0, 0, 3, 32, 0, 0, 3, 42],
          }),
        ),
      ),
    },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 68, options (RR 1.2.3.4,,EOL))\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048: Flags [.], cksum 0x2862 (correct), ack 1, win 1000, options [nop,nop,sack 2 {100:110}{300:310}], length 0',
  ],
  [
    'RST with a reason',
    {
      bytes: ethernet(
        0x0800,
        ip4(
          {},
          tcp({
            flags: 4,
            seq: 104,
            payload: Array.from('connection refused by\x01\xe9 policy', (c) => c.charCodeAt(0)),
          }),
        ),
      ),
    },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 70)\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048: Flags [R], cksum 0x4cd0 (correct), seq 104:134, win 1000, length 30 [RST connection refused by^AM-i policy]',
  ],
  [
    'header shorter than 20 octets',
    { bytes: ethernet(0x0800, ip4({}, tcp({ dataOffset: 4 }))) },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 40)\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048:  tcp 4 [bad hdr length 16 - too short, < 20]',
  ],
  [
    'header longer than the segment',
    { bytes: ethernet(0x0800, ip4({}, tcp({ dataOffset: 9, flags: 2 }))) },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 40)\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048: Flags [S] [bad hdr length 36 - too long, > 20]',
  ],
  [
    'unknown option, wrong length, option beyond the header; numbers of a base that was never reset',
    {
      bytes: ethernet(0x0800, ip4({}, tcp({ options: [77, 5, 1, 2, 3, 3, 4, 7, 8, 2, 40, 0, 0, 0, 0] }))),
    },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 56)\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048: Flags [.], cksum 0xc6c5 (correct), ack 4294966796, win 1000, options [unknown-77 0x010203,wscale 7[len 4],TS[bad opt]]',
  ],
  [
    'first fragment: no checksum',
    { bytes: ethernet(0x0800, ip4({ fragment: 0x2000 }, tcp({ payload: [1, 2, 3, 4] }))) },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [+], proto TCP (6), length 44)\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048: Flags [.], seq 4294967197:4294967201, ack 4294966796, win 1000, length 4',
  ],
  [
    'later fragment',
    { bytes: ethernet(0x0800, ip4({ fragment: 0x2003 }, tcp({ payload: [1, 2, 3, 4] }))) },
    'IP (tos 0x0, ttl 64, id 7, offset 24, flags [+], proto TCP (6), length 44)\n    10.0.0.1 > 10.0.0.2: ip-proto-6',
  ],
  [
    'options cut by the capture',
    {
      bytes: ethernet(
        0x0800,
        ip4({}, tcp({ flags: 2, options: [2, 4, 5, 0xb4, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0] })),
      ).slice(0, 62),
      originalLength: 74,
    },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 56)\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048: Flags [S], seq 1, win 1000, options [mss 1460,nop,nop,TS [|tcp]>',
  ],
  [
    'header cut after the ports',
    { bytes: ethernet(0x0800, ip4({}, tcp({}))).slice(0, 40), originalLength: 54 },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 40)\n' +
      '    10.0.0.1.1024 > 10.0.0.2.2048:  [|tcp]',
  ],
  [
    'header cut before the ports',
    { bytes: ethernet(0x0800, ip4({}, tcp({}))).slice(0, 36), originalLength: 54 },
    'IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 40)\n    10.0.0.1 > 10.0.0.2: [|tcp]',
  ],
  [
    'IPv6 with class and flow label; MP_CAPABLE where it has no place',
    {
      bytes: ethernet(
        0x86dd,
        ip6(
          { trafficClass: 3, flow: 0x12345, hops: 1 },
          tcp({
            flags: 0x50,
            ack: 1,
            options: [30, 12, 0, 0x81, 1, 2, 3, 4, 5, 6, 7, 8, 28, 4, 0x80, 3, 29, 6, 1, 2, 0xab, 0xcd],
          }),
        ),
      ),
    },
    'IP6 (class 0x03, flowlabel 0x12345, hlim 1, next-header TCP (6) payload length: 44) 2001:db8::1.1024 > 2001:db8::2.2048: Flags [.E], cksum 0x4f9f (correct), ack 1, win 1000, options [mptcp 12 capable[bad opt]',
  ],
  [
    'IPv6 extension headers: addresses before them, ports after',
    {
      bytes: ethernet(
        0x86dd,
        ip6(
          {
            extensions: [
              { number: 0, bytes: [0, 0, 5, 2, 0, 0, 1, 0] },
              { number: 44, bytes: [0, 0, 0, 1, 0, 0, 0, 9] },
            ],
          },
          tcp({ flags: 2 }),
        ),
      ),
    },
    'IP6 (hlim 64, next-header Options (0) payload length: 36) 2001:db8::1 > 2001:db8::2: HBH (rtalert: 0x0000) (padn) frag (0x00000009:0|20) 1024 > 2048: Flags [S], seq 1, win 1000, length 0',
  ],
  [
    'IPv6 packet longer than its frame',
    { bytes: ethernet(0x86dd, ip6({ payloadLength: 100 }, tcp({ flags: 2 }))) },
    'IP6 truncated-ip6 - 80 bytes missing!(hlim 64, next-header TCP (6) payload length: 100) 2001:db8::1.1024 > 2001:db8::2.2048: Flags [S], seq 1:81, win 1000, length 80',
  ],
];

describe('odd packets', () => {
  const lines = print(
    pcapFile(
      1,
      ODD.map(([, packet]) => packet),
    ),
    { verbose: 1, time: 'none' },
  );
  test.each(ODD.map(([name, , printed], i) => [name, printed, i] as const))('%s', (_, printed, i) => {
    expect(lines[i]).toBe(printed);
  });
});

describe('what is printed when', () => {
  const one = (segment: number[], options: TcpdumpOptions = {}) =>
    print(pcapFile(1, [{ bytes: ethernet(0x0800, ip4({}, segment)) }]), { time: 'none', ...options })[0];

  test('the sequence number of a bare ACK only from -vv on', () => {
    const ack = tcp({ seq: 5, ack: 6 });
    expect(one(ack)).toBe('IP 10.0.0.1.1024 > 10.0.0.2.2048: Flags [.], ack 6, win 1000, length 0');
    expect(one(ack, { verbose: 2 })).toContain('Flags [.], cksum 0x8bdf (correct), seq 5, ack 6, win 1000');
  });

  test('the text of a RST only with -v, thirty characters of it', () => {
    const reset = tcp({ flags: 4, payload: new Array<number>(40).fill(0x61) });
    expect(one(reset)).toMatch(/length 40$/);
    expect(one(reset, { verbose: 1 })).toMatch(/length 40 \[RST\+ a{30}\]$/);
  });

  test('flags', () => {
    expect(one(tcp({ flags: 0 }))).toContain('Flags [none]');
    expect(one(tcp({ flags: 0xff }))).toContain('Flags [FSRP.UEW]');
    expect(one(tcp({ flags: 0x1c2 }))).toContain('Flags [SEWe]');
  });

  test('nothing of a packet that is not TCP', () => {
    expect(one([0, 53, 0, 53, 0, 8, 0, 0])).toContain('[|tcp]');
    const udp = ip4({ protocol: 17 }, [0, 53, 0, 53, 0, 8, 0, 0], false);
    expect(print(pcapFile(1, [{ bytes: ethernet(0x0800, udp) }]), {})).toEqual([]);
  });

  test('a length of 0 is presumed to be offload', () => {
    const packet = ip4({ totalLength: 0 }, tcp({ payload: [1, 2] }));
    expect(print(pcapFile(1, [{ bytes: ethernet(0x0800, packet) }]), { time: 'none', verbose: 1 })[0]).toContain(
      'proto TCP (6), length 42 [was 0, presumed TSO])',
    );
  });

  test('-e, with two VLAN tags', () => {
    const bytes = ethernet(0x88a8, [0, 200, 0x81, 0, 0xb0, 100, 8, 0, ...ip4({}, tcp({ ack: 6 }))]);
    expect(print(pcapFile(1, [{ bytes }]), { time: 'none', link: true })[0]).toBe(
      '02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 802.1Q-QinQ (0x88a8), length 62: vlan 200, p 0, ' +
        'ethertype 802.1Q (0x8100), vlan 100, p 5, DEI, ethertype IPv4 (0x0800), ' +
        '10.0.0.1.1024 > 10.0.0.2.2048: Flags [.], ack 6, win 1000, length 0',
    );
  });
});

describe('relative numbers', () => {
  const flow = (segments: [fromClient: boolean, flags: number, seq: number, ack: number, length: number][]) =>
    print(
      pcapFile(
        1,
        segments.map(([fromClient, flags, seq, ack, length]) => ({
          bytes: ethernet(
            0x0800,
            ip4(
              { source: fromClient ? 0x0a000001 : 0x0a000002, destination: fromClient ? 0x0a000002 : 0x0a000001 },
              tcp({
                source: fromClient ? 40000 : 80,
                destination: fromClient ? 80 : 40000,
                flags,
                seq,
                ack,
                payload: new Array<number>(length).fill(0),
              }),
            ),
          ),
        })),
      ),
      { time: 'none' },
    ).map((line) => line.replace(/.*\], (.*), win.*/, '$1'));

  test('count from the SYN,ACK', () => {
    expect(
      flow([
        [true, 0x02, 0xffffffff, 0, 0],
        [false, 0x12, 1000, 0, 0],
        [true, 0x10, 0, 1001, 0],
        [true, 0x18, 0, 1001, 10],
        [false, 0x10, 1001, 10, 0],
      ]),
    ).toEqual(['seq 4294967295', 'seq 1000, ack 0', 'ack 1', 'seq 1:11, ack 1', 'ack 11']);
  });

  test('count from the first ACK when there was none, which is printed as it is', () => {
    expect(
      flow([
        [true, 0x18, 5000, 700, 10],
        [true, 0x18, 5010, 700, 10],
        [false, 0x10, 700, 5020, 0],
      ]),
    ).toEqual(['seq 5000:5010, ack 700', 'seq 10:20, ack 1', 'ack 20']);
  });

  test('keep the old base when ports are used again and the SYN,ACK was not captured', () => {
    expect(
      flow([
        [false, 0x12, 1000, 501, 0],
        [true, 0x02, 90000, 0, 0],
        [true, 0x10, 90001, 70001, 0],
      ]),
    ).toEqual(['seq 1000, ack 501', 'seq 90000', 'ack 69001']);
  });
});
