import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HexdumpLine } from '../../src/capture/hexdump-line.ts';
import { CaptureError } from '../../src/model/errors.ts';
import { concat, payload, text } from './build.ts';
import { type Collected, messages, readChunks, readEveryWay } from './collect.ts';

/** An IPv4 packet with an identification to know it by, and right lengths. */
function ipv4(id: number, length = 60): Uint8Array {
  const packet = concat(new Uint8Array(20), payload(length - 20, id));
  packet.set([0x45, 0, length >> 8, length & 255, id >> 8, id & 255, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
  return packet;
}
const ethernet = (packet: Uint8Array, type = [8, 0]) =>
  concat(Uint8Array.of(2, 9, 0, 0, 0, 2, 2, 9, 0, 0, 0, 1, ...type), packet);

const hex = (data: Uint8Array) => Array.from(data, (byte) => byte.toString(16).padStart(2, '0'));

/** As tcpdump prints: groups of two bytes, characters after two blanks when asked for. */
function tcpdumpLines(packet: Uint8Array, characters = true): string[] {
  const lines: string[] = [];
  for (let at = 0; at < packet.length; at += 16) {
    const part = packet.subarray(at, at + 16);
    let groups = '';
    for (let i = 0; i < part.length; i += 2) groups += ` ${hex(part.subarray(i, i + 2)).join('')}`;
    const shown = Array.from(part, (byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    const line = `\t0x${at.toString(16).padStart(4, '0')}: ${groups}`;
    lines.push(characters ? `${line.padEnd(51)}  ${shown}` : line);
  }
  return lines;
}

function trace(packets: [string, Uint8Array][], characters = true): string {
  return packets
    .map(([time, packet]) =>
      [`${time}IP 10.0.0.1.80 > 10.0.0.2.81: tcp 0`, ...tcpdumpLines(packet, characters)].join('\n'),
    )
    .join('\n');
}

const read = (source: string) => readEveryWay(text(source));
const times = (collected: Collected) => collected.records.map((record) => record.time);
const ids = (collected: Collected, at = 4) => collected.records.map((r) => r.data[at] * 256 + r.data[at + 1]);

describe('the text of tcpdump', () => {
  it.each([true, false])('-X and -x, with prose around (characters: %s)', (characters) => {
    const [a, b, c] = [ipv4(1), ipv4(2, 57), ipv4(3, 41)];
    const source = [
      '# A heading',
      'Prose of 10.0.0.1, 0x0010 and 2020 05 09.',
      '```',
      '$ sudo tcpdump -X',
      'tcpdump: listening on lo, link-type EN10MB (Ethernet), capture size 262144 bytes',
      trace(
        [
          ['17:41:56.089133 ', a],
          ['17:41:56.089145 ', b],
          ['17:41:58.000000 ', c],
        ],
        characters,
      ),
      '```',
      'More prose.',
      '',
    ].join('\n');
    const collected = read(source);
    expect(collected.records.map((r) => r.data)).toEqual([a, b, c].map((packet) => Array.from(packet)));
    expect(times(collected)).toEqual([0, 12_000, 1_910_867_000]);
    expect(collected.records.map((r) => r.linkType)).toEqual([101, 101, 101]);
    expect(collected.facts).toMatchObject({
      formats: ['text'],
      byteOrder: [null],
      damages: [],
      firstTimestamp: (17n * 3600n + 41n * 60n + 56n) * 1_000_000_000n + 89_133_000n,
      interfaces: [{ linkType: 101, description: 'hex dump', timeResolution: '1e-6' }],
    });
    expect(collected.records[0].fileOffset).toBe(source.indexOf('\t0x0000'));
  });

  it('carriage returns, quote marks and an indented block', () => {
    const source = trace([
      ['17:41:56.089133 ', ipv4(1)],
      ['17:41:57.089133 ', ipv4(2)],
    ]);
    for (const mark of ['> ', '    ', '> > ']) {
      const collected = read(source.replace(/^/gm, mark).replace(/\n/g, '\r\n'));
      expect(ids(collected)).toEqual([1, 2]);
      expect(times(collected)).toEqual([0, 1e9]);
    }
  });

  it('passes midnight, also when a packet steps back over it', () => {
    const clock = ['23:59:59.900000', '00:00:00.100000', '23:59:59.950000', '00:00:01.000000', '12:30:00.000000'];
    const collected = read(trace(clock.map((time, i) => [`${time} `, ipv4(i)])));
    expect(times(collected)).toEqual([0, 200e6, 50e6, 1_100e6, (12.5 * 3600 + 0.1) * 1e9]);
  });

  it('-tt and -tttt: absolute times', () => {
    for (const [first, second] of [
      ['1589046116.089133 ', '1589046117.089134 '],
      ['2020-05-09 17:41:56.089133 ', '2020-05-09 17:41:57.089134 '],
    ]) {
      const collected = read(
        trace([
          [first, ipv4(1)],
          [second, ipv4(2)],
        ]),
      );
      expect(collected.facts.firstTimestamp).toBe(1_589_046_116_089_133_000n);
      expect(times(collected)).toEqual([0, 1_000_001_000]);
    }
  });

  it('nanoseconds', () => {
    const collected = read(
      trace([
        ['17:41:56.089133001 ', ipv4(1)],
        ['17:41:56.089133009 ', ipv4(2)],
      ]),
    );
    expect(times(collected)).toEqual([0, 8]);
    expect(collected.facts.interfaces[0].timeResolution).toBe('1e-9');
  });

  it('-t: no times, all at once', () => {
    expect(
      times(
        read(
          trace([
            ['', ipv4(1)],
            ['', ipv4(2)],
          ]),
        ),
      ),
    ).toEqual([0, 0]);
  });

  it('-ttt: since the packet before; -ttttt: since the first', () => {
    const form = (microseconds: number) => ` 00:00:0${(microseconds / 1e6).toFixed(6)} `;
    const previous = [0, 500, 20, 3_000_000, 7];
    const deltas = read(trace(previous.map((time, i) => [form(time), ipv4(i)])));
    expect(times(deltas)).toEqual([0, 500e3, 520e3, 3_000_520e3, 3_000_527e3]);
    const first = [0, 500, 520, 520, 4_000_000];
    const since = read(trace(first.map((time, i) => [form(time), ipv4(i)])));
    expect(times(since)).toEqual(first.map((time) => time * 1000));
  });

  it('-ttt with more packets than can wait', () => {
    const previous = Array.from({ length: 40 }, (_, i) => (i === 0 ? 0 : 100 + ((i * 37) % 11)));
    const form = (microseconds: number) => ` 00:00:00.${String(microseconds).padStart(6, '0')} `;
    const expected = previous.map((_, i) => previous.slice(0, i + 1).reduce((sum, time) => sum + time * 1000, 0));
    expect(times(read(trace(previous.map((time, i) => [form(time), ipv4(i)]))))).toEqual(expected);
  });

  it('-i any: the direction', () => {
    const collected = read(
      trace([
        ['17:41:56.089133 eth0  In  ', ipv4(1)],
        ['17:41:56.089134 lo    Out ', ipv4(2)],
        ['17:41:56.089135 ', ipv4(3)],
      ]),
    );
    expect(collected.records.map((r) => r.direction)).toEqual([1, 2, 0]);
  });
});

describe('the link type of a dump', () => {
  const one = (packet: Uint8Array) => read(trace([['17:41:56.089133 ', packet]])).records[0];
  const ipv6 = concat(Uint8Array.of(0x60, 0, 0, 0, 0, 20, 6, 64), payload(32), payload(20));
  const arp = Uint8Array.of(0, 1, 8, 0, 6, 4, 0, 1, ...payload(20));

  it.each<[string, Uint8Array, number]>([
    ['IPv4', ipv4(1), 101],
    ['IPv6', ipv6, 101],
    ['Ethernet', ethernet(ipv4(1)), 1],
    ['Ethernet with padding', ethernet(concat(ipv4(1, 40), new Uint8Array(6))), 1],
    ['Ethernet, IPv6', ethernet(ipv6, [0x86, 0xdd]), 1],
    ['Ethernet, VLAN', ethernet(ipv4(1), [0x81, 0, 0, 7, 8, 0]), 1],
    ['Ethernet, ARP', ethernet(arp, [8, 6]), 1],
    ['Linux cooked', concat(Uint8Array.of(0, 0, 0, 1, 0, 6, 2, 9, 0, 0, 0, 1, 0, 0, 8, 0), ipv4(1)), 113],
    ['Linux cooked 2', concat(Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 4, 6, ...payload(8)), ipv4(1)), 276],
    ['BSD loopback', concat(Uint8Array.of(2, 0, 0, 0), ipv4(1)), 0],
    ['BSD loopback, big-endian IPv6', concat(Uint8Array.of(0, 0, 0, 30), ipv6), 0],
  ])('%s', (_, packet, linkType) => {
    expect(one(packet)).toMatchObject({ linkType, originalLength: packet.length });
  });

  it('takes the length on the wire from the IP header when the dump is cut', () => {
    expect(one(ipv4(1, 1500).slice(0, 64))).toMatchObject({ linkType: 101, originalLength: 1500 });
    expect(one(ethernet(ipv4(1, 1500)).slice(0, 64))).toMatchObject({ linkType: 1, originalLength: 1514 });
  });
});

describe('other dumps', () => {
  const packets = [ethernet(ipv4(1)), ethernet(ipv4(2, 47)), ethernet(ipv4(3, 50))];
  const blocks = (line: (at: number, part: Uint8Array) => string, end: (length: number) => string) =>
    packets
      .map((packet) => {
        const lines: string[] = [];
        for (let at = 0; at < packet.length; at += 16) lines.push(line(at, packet.subarray(at, at + 16)));
        return `${lines.join('\n')}\n${end(packet.length)}`;
      })
      .join('\n');
  const shown = (part: Uint8Array) =>
    Array.from(part, (b) => (b > 32 && b < 127 ? String.fromCharCode(b) : '.')).join('');
  const at8 = (at: number) => at.toString(16).padStart(8, '0');
  const check = (source: string) => {
    const collected = read(source);
    expect(collected.records.map((r) => r.data)).toEqual(packets.map((packet) => Array.from(packet)));
    expect(collected.facts.damages).toEqual([]);
    return collected;
  };

  it('hexdump -C', () => {
    check(
      blocks(
        (at, part) => {
          const left = hex(part.subarray(0, 8)).join(' ').padEnd(23);
          return `${at8(at)}  ${left}  ${hex(part.subarray(8)).join(' ').padEnd(23)}  |${shown(part)}|`;
        },
        (length) => `${at8(length)}\n`,
      ),
    );
  });

  it('xxd', () => {
    check(
      blocks(
        (at, part) => {
          const groups = hex(part)
            .join('')
            .match(/.{1,4}/g)!
            .join(' ');
          return `${at8(at)}: ${groups.padEnd(39)}  ${shown(part)}`;
        },
        () => '',
      ),
    );
  });

  it('od -Ax -tx1', () => {
    check(
      blocks(
        (at, part) => `${at.toString(16).padStart(6, '0')} ${hex(part).join(' ')}`,
        (length) => `${length.toString(16).padStart(6, '0')}\n`,
      ),
    );
  });

  it('tshark -P -x, with its times', () => {
    const lines = (packet: Uint8Array) =>
      Array.from({ length: Math.ceil(packet.length / 16) }, (_, i) => {
        const part = packet.subarray(16 * i, 16 * i + 16);
        return `${(16 * i).toString(16).padStart(4, '0')}  ${hex(part).join(' ').padEnd(47)}   ${shown(part)}`;
      }).join('\n');
    const source = packets
      .map(
        (packet, i) => `    ${i + 1}   0.0${i}0319     10.9.0.2 \u2192 10.9.0.1     TCP 74 5001\n\n${lines(packet)}\n`,
      )
      .join('\n');
    expect(times(check(source))).toEqual([0, 10e6, 20e6]);
  });
});

describe('damage in a dump', () => {
  const source = trace([
    ['17:41:56.089133 ', ipv4(1)],
    ['17:41:56.089134 ', ipv4(2)],
    ['17:41:56.089135 ', ipv4(3)],
  ]);
  // Line 1 is the first summary, 2 to 5 its dump; the dump of the second packet is in lines 7 to 10.
  const lines = source.split('\n');

  it('a line that is not hexadecimal: the packet up to there', () => {
    const bad = lines.with(7, lines[7].replace(/: ..../, ': 0z12'));
    const collected = read(bad.join('\n'));
    expect(collected.records.map((r) => r.data.length)).toEqual([60, 16, 60]);
    expect(collected.records[1].originalLength).toBe(60);
    expect(collected.facts.damages).toMatchObject([{ fatal: false, offset: bad.slice(0, 7).join('\n').length + 1 }]);
    expect(messages(collected.facts)[0]).toMatch(/^line 8: /);
  });

  it('a missing line', () => {
    const collected = read(lines.toSpliced(8, 1).join('\n'));
    expect(collected.records.map((r) => r.data.length)).toEqual([60, 32, 60]);
    expect(collected.facts.damages).toMatchObject([{ expected: 'offset 0x0020' }]);
    expect(messages(collected.facts)[0]).toMatch(/^line 9: /);
  });

  it('a missing first line', () => {
    const collected = read(lines.toSpliced(6, 1).join('\n'));
    expect(ids(collected)).toEqual([1, 3]);
    expect(collected.facts.damages.length).toBeGreaterThan(0);
    expect(messages(collected.facts)[0]).toMatch(/^line 7: /);
  });

  it('an end inside of a packet', () => {
    const collected = read(source.slice(0, -40));
    expect(collected.records).toHaveLength(3);
    expect(messages(collected.facts)).toEqual(['the file ends in the dump of a packet']);
  });

  it('prose without a dump is no capture', () => {
    for (const prose of [
      '{"a": 1, "b": [1, 2, 3, 4]}',
      '<!DOCTYPE html><html></html>',
      'just words, and a few more of them',
    ]) {
      expect(() => read(prose)).toThrow(CaptureError);
    }
    expect(() => read('{"a": 1, "b": [1, 2, 3, 4]}')).toThrow('JSON');
    expect(() => read('17:41:56.089133 IP a > b: Flags [S]\n')).toThrow('without packet bytes');
  });

  it('a dump of a capture file says how to turn it back', () => {
    expect(() => read('00000000: d4c3 b2a1 0200 0400 0000 0000 0000 0000  ................\n')).toThrow('xxd -r');
  });
});

describe('HexdumpLine', () => {
  const line = new HexdumpLine();
  it.each([
    '2020 05 09 was a day',
    'face the facts',
    '0000 0101 = Header length',
    '',
    '0x12 is a number',
    '0000',
    'ab12',
  ])('does not take %j for a dump', (prose) => {
    expect(line.read(prose) && line.badColumn < 0 && line.offset === 0).toBe(false);
  });
});

const seed = fileURLToPath(new URL('../../../shared/seeds/000_12bd5d7541dec636.txt', import.meta.url));

describe.skipIf(!existsSync(seed))('a trace from a blog', () => {
  it('has eleven packets of one connection', () => {
    const collected = readChunks(readFileSync(seed), 1000);
    expect(collected.records).toHaveLength(11);
    expect(collected.facts.damages).toEqual([]);
    // The sums of what the summary lines say: lengths of the IP packets, and ports in one or the other order.
    expect(collected.records.map((r) => r.data.length)).toEqual([60, 60, 52, 63, 52, 63, 52, 52, 52, 52, 52]);
    const ports = collected.records.map((r) =>
      [r.data[20] * 256 + r.data[21], r.data[22] * 256 + r.data[23]].sort().join(),
    );
    expect(new Set(ports)).toEqual(new Set(['30002,48496']));
    expect(collected.records[1].time).toBe(12_000);
  });
});

const corpus = fileURLToPath(new URL('../../../shared/corpus/open/', import.meta.url));
function hasTcpdump(): boolean {
  try {
    execFileSync('tcpdump', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!existsSync(corpus) || !hasTcpdump())('what tcpdump prints is what the capture holds', () => {
  const files = [
    'handshake_ack_lost/client.pcap',
    'any_sll/client.pcap',
    'any_sll2/server.pcap',
    'ipv6_loss/client.pcap',
  ];
  it.each(files.filter((file) => existsSync(corpus + file)))('%s', (file) => {
    const captured = readChunks(readFileSync(corpus + file), 4096);
    for (const options of [
      ['-xx', '-tt'],
      ['-XX', '-tttt'],
      ['-XX'],
      ['-XX', '-ttt'],
      ['-xx', '-ttttt'],
      ['-XX', '-#'],
      ['-xx', '-#', '-ttt'],
    ]) {
      const env = { ...process.env, TZ: 'UTC' };
      const printed = execFileSync('tcpdump', ['-n', '-r', corpus + file, ...options], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const dumped = readChunks(printed, 4096);
      expect(dumped.facts.damages).toEqual([]);
      expect(dumped.records.map((r) => r.data)).toEqual(captured.records.map((r) => r.data));
      expect(times(dumped)).toEqual(times(captured));
      expect(dumped.records.map((r) => r.linkType)).toEqual(captured.records.map((r) => r.linkType));
    }
  });
});
