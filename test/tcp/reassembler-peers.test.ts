import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { OverlapPolicy } from '../../src/model/stream.ts';
import { reassemble, type Streams } from './reassemble.ts';

const PEERS = new URL('../../../shared/peers/', import.meta.url);

interface PeerCase {
  id: string;
  file: string;
}

const files = new Map<string, string>();
const index = new URL('cases.json', PEERS);
if (existsSync(index)) {
  for (const { id, file } of JSON.parse(readFileSync(index, 'utf8')) as PeerCase[]) files.set(id, file);
}

function read(id: string, options: Parameters<typeof reassemble>[1] = {}): Streams[] {
  return reassemble(readFileSync(new URL(files.get(id)!, PEERS)), options);
}

describe.skipIf(files.size === 0)('captures of other tools', () => {
  it.each<[OverlapPolicy, string]>([
    ['first', 'BANG!'],
    ['linux', 'BANG!'],
    // The client had acknowledged the forged response (frame 6) when the true one came (frame 9).
    ['last', 'BANG!'],
  ])('zeek quantum insert, %s: the client reads %s', (overlap, text) => {
    const [streams] = read('zeek/core/quantum-insert', { overlap });
    expect(streams.text('server')).toContain(text);
    expect(streams.conflicts).toHaveLength(1);
    const { earlier, later } = streams.conflicts[0];
    // Zeek's rexmit_inconsistency event has these two.
    expect(Buffer.from(earlier.bytes).toString()).toBe('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nBANG!');
    expect(Buffer.from(later.bytes).toString()).toBe('HTTP/1.1 200 OK\r\nServer: nginx/1.4.4\r\nDate:');
    expect([earlier.ttl, later.ttl]).toEqual([56, 54]);
  });

  it('suricata exact overlap: what is in order is final; last takes the other', () => {
    expect(read('suricata/eve-payload-01-tcp-exact-overlap')[0].text('client')).toBe('GOOD');
    expect(read('suricata/eve-payload-01-tcp-exact-overlap', { overlap: 'first' })[0].text('client')).toBe('GOOD');
    expect(read('suricata/eve-payload-01-tcp-exact-overlap', { overlap: 'last' })[0].text('client')).toBe('EVIL');
  });

  it('suricata partial overlap', () => {
    expect(read('suricata/eve-payload-04-partial-overlap')[0].text('client')).toBe('GOOD');
    const [last] = read('suricata/eve-payload-04-partial-overlap', { overlap: 'last' });
    expect(last.text('client')).toBe('GXXX');
    expect(last.conflicts).toMatchObject([{ start: 1, end: 4 }]);
  });

  it('suricata gap: VERY[4 bytes missing]DATA', () => {
    const [streams] = read('suricata/eve-payload-05-tcp-data-gap');
    expect(streams.log).toEqual(['> 0 "VERY" frame 5', '> 4-8 missing-in-capture', '> 8 "DATA" frame 6']);
  });

  it('suricata: overlapping copies of the same bytes are no conflict', () => {
    const [streams] = read('suricata/smb-eicar-overlap');
    expect(streams.conflicts).toEqual([]);
    expect(streams.gaps).toEqual([]);
  });

  it.each(['suricata/bug-3286-02-linux-evasion', 'suricata/bug-3286-03-windows-evasion'])(
    '%s: a forged RST and FIN before the SYN,ACK hide nothing',
    (id) => {
      const [streams] = read(id);
      expect(streams.text('server')).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Content-Length: 14\r\n\r\n.{14}$/s);
    },
  );

  it('suricata: of two urgent octets the last is out of band', () => {
    expect(read('suricata/tcp-urgp-04-2byte-XY')[0].text('client')).toMatch(/^GET \/malicXYious /);
    expect(read('suricata/tcp-urgp-04-2byte-XY', { urgent: 'oob' })[0].text('client')).toMatch(/^GET \/malicXious /);
  });

  it('suricata: data on the SYN that the SYN,ACK did not take was sent again', () => {
    const [streams] = read('suricata/tcp-fastopen-11-reject-syn-data');
    expect(streams.excluded_).toMatchObject([{ reason: 'syn-data-ignored', start: 0, end: 517 }]);
    // A TLS record: handshake, of the length that its header gives.
    const client = streams.data('client');
    expect(client[0]).toBe(22);
    expect(client.readUInt16BE(3)).toBe(512);
    expect(streams.gaps).toEqual([]);
    expect(streams.conflicts).toEqual([]);
  });

  it('suricata: data on the SYN that was taken', () => {
    const [, second] = read('suricata/tcp-fastopen-01');
    expect(second.text('client')).toMatch(/^GET .*\r\n\r\n$/s);
    expect(second.endOf('client').bytes).toBe(86);
  });

  it('zeek: data on a SYN that nobody answered', () => {
    expect(read('zeek/sig/payload-syn')[0].text('client')).toContain('passwd');
  });

  it.each(['suricata/tcp-rst-unacked-stream-01-raw', 'suricata/tcp-rst-unacked-stream-05-http-nogap'])(
    '%s: bytes that were not acknowledged before the RST are no gap',
    (id) => {
      const [streams] = read(id);
      expect(streams.gaps).toEqual([]);
      expect(streams.data('client').length + streams.data('server').length).toBeGreaterThan(0);
    },
  );

  it('suricata split handshake', () => {
    expect(read('suricata/tcp-split-handshake-01-4whs')[0].data('client')).toHaveLength(4);
  });

  it('PcapPlusPlus HTTP stream: whole, with a FIN at both ends', () => {
    const [streams] = read('pcapplusplus/TestTcpReassemblyWithFIN_RST');
    expect(streams.text('client')).toMatch(/^GET .*\r\n\r\n$/s);
    const header = /^HTTP\/1\.\d 200 OK\r\n.*?\r\n\r\n/s.exec(streams.text('server'))![0];
    const length = Number(/Content-Length: (\d+)/i.exec(header)![1]);
    expect(streams.data('server')).toHaveLength(header.length + length);
    expect(streams.gaps).toEqual([]);
    expect([streams.endOf('client').by, streams.endOf('server').by]).toEqual(['fin', 'fin']);
  });

  it('PcapPlusPlus IPv6: four streams, opened and closed outside of the capture or in it', () => {
    const all = read('pcapplusplus/TestTcpReassemblyIPv6MultConns');
    expect(all.map((streams) => streams.connection.client.port)).toEqual([35995, 35997, 35999, 40426]);
    for (const streams of all) {
      expect(streams.text('client')).toMatch(/^GET /);
      expect(streams.text('server')).toMatch(/^HTTP\/1/);
      expect(streams.conflicts).toEqual([]);
    }
  });

  it('PcapPlusPlus: a missing packet in a capture of one direction is one gap', () => {
    const [streams] = read('pcapplusplus/TestTcpReassemblyMaxOOOFrags');
    const gaps = streams.gaps.filter((gap) => gap.startsWith('>'));
    expect(gaps).toEqual(['> 1420-2840 unacked-at-end']);
    // Seven data packets, as PcapPlusPlus counts them; five are full, of 1420 bytes.
    expect(streams.log.filter((line) => / frame \d+$/.test(line))).toHaveLength(7);
  });
});
