import { createReadStream, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyze, CaptureError, type Packet, type Report, readPackets, UsageError } from '../src/index.ts';
import { scenario } from './support/scenario.ts';

const url = new URL('../fixtures/linux-single-loss-sack.pcap', import.meta.url);
const path = fileURLToPath(url);

async function all(packets: AsyncIterable<Packet>): Promise<Packet[]> {
  const list: Packet[] = [];
  for await (const packet of packets) list.push(packet);
  return list;
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const pick = ({ connections, findings }: Report) => ({ connections, findings });

describe('analyze', () => {
  it('reports on a path, a URL, bytes and streams alike', async () => {
    const bytes = readFileSync(path);
    const report = await analyze(path);
    // By tcpdump and tshark: 203 packets, one connection, 200,000 bytes from the client.
    expect(report.capture.packets).toMatchObject({ total: 203, tcp: 203 });
    expect(report.connections).toMatchObject([
      { client: { port: 40438, streamBytes: 200000 }, server: { port: 5001 } },
    ]);
    const { connections, findings } = report;
    for (const input of [url, bytes, createReadStream(path), inPieces(bytes, 333)]) {
      expect(await analyze(input)).toMatchObject({ connections, findings });
    }
  });

  it('keeps to the filter', async () => {
    const { capture, connections, findings } = await analyze(path, { filter: 'src port 5001' });
    expect(capture.packets).toMatchObject({ tcp: 203, filteredOut: 143 });
    // What is not selected was analysed all the same.
    expect({ connections, findings }).toEqual(pick(await analyze(path)));
    expect((await analyze(path, { filter: 'port 80' })).connections).toEqual([]);
    await expect(analyze(path, { filter: 'prot 80' })).rejects.toThrow(UsageError);
  });

  it('throws when the input is no capture, and not for damage', async () => {
    await expect(analyze(Buffer.from('no capture at all'))).rejects.toThrow(CaptureError);
    await expect(analyze('no-such-file.pcap')).rejects.toThrow('no such file');
    const { capture } = await analyze(readFileSync(path).subarray(0, 5000));
    expect(capture.packets.total).toBe(6);
    expect(capture.damages).toHaveLength(1);
  });

  it('says what a capture is where it is given something else', async () => {
    const given = [undefined, null, 5, [path], readFileSync(path).buffer] as unknown[];
    const messages = await Promise.all(
      given.map((input) =>
        analyze(input as string).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UsageError);
          return (error as Error).message;
        }),
      ),
    );
    const wanted = 'a capture is a path, a URL, bytes (Uint8Array) or a stream of bytes; found';
    expect(messages).toEqual([
      `${wanted} undefined`,
      `${wanted} null`,
      `${wanted} Number`,
      `${wanted} Array`,
      `${wanted} ArrayBuffer: new Uint8Array(buffer)`,
    ]);
    async function* texts() {
      yield 'text';
    }
    await expect(analyze(texts() as unknown as AsyncIterable<Uint8Array>)).rejects.toThrow(
      'the stream of a capture gives String: bytes (Uint8Array) are expected',
    );
  });

  it('does not verify checksums where that is not wanted', async () => {
    const { pcap } = scenario({}, '0.0 > S seq 0 win 1000 badcksum');
    const [packet] = await all(readPackets(pcap, { verifyChecksums: false }));
    expect(packet.tcpChecksum.status).toBe('unverified');
  });
});

describe('readPackets', () => {
  it('gives every packet in order, with its verdict', async () => {
    const packets = await all(readPackets(path));
    expect(packets.map((packet) => packet.number)).toEqual(Array.from({ length: 203 }, (_, i) => i + 1));
    expect(packets.filter((packet) => packet.verdict?.kind === 'retransmission')).toHaveLength(1);
    expect(packets.filter((packet) => packet.verdict?.lost)).toHaveLength(1);
  });

  it('gives the same for any size of the pieces', async () => {
    const expected = await all(readPackets(path));
    for (const size of [7, 1000]) expect(await all(readPackets(inPieces(readFileSync(path), size)))).toEqual(expected);
  });

  it('reads no further than it is asked for', async () => {
    let taken = 0;
    async function* endless() {
      const { pcap } = scenario({}, '0.0 > S seq 0 win 1000');
      yield pcap;
      for (;;) {
        taken++;
        yield pcap.subarray(24);
      }
    }
    for await (const packet of readPackets(endless(), { horizon: 0 })) if (packet.number === 3) break;
    expect(taken).toBeLessThan(5);
  });
});
