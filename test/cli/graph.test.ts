import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { GRAPH_TYPES } from '../../src/picture/graph.ts';
import { expectGolden, objects, output, tcpscope } from './tcpscope.ts';

const LOSS = 'fixtures/linux-single-loss-sack.pcap';
const graph = (type: string, ...args: string[]) => output(['graph', LOSS, '--type', type, ...args]);
const csv = (type: string, ...args: string[]) =>
  graph(type, '--csv', ...args)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

describe('tcpscope graph', () => {
  it.each(GRAPH_TYPES)('draws %s', (type) => {
    expectGolden(`graph-${type}.txt`, graph(type));
    for (const columns of [60, 80, 140]) {
      const text = output(['graph', LOSS, '--type', type], { env: { COLUMNS: String(columns) } });
      for (const line of text.split('\n').slice(1)) expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });

  it.each(GRAPH_TYPES)('writes %s as SVG', (type) => {
    const svg = graph(type, '--format', 'svg');
    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg).toContain('<title id="title">');
  });

  it('says in CSV what the packets say', () => {
    const rows = objects([
      'packets',
      LOSS,
      '--ndjson',
      '--fields',
      'number,sender,seq,nextSeq,ack,payloadLength,window,sinceStartMs,verdict',
    ]);
    const segments = rows.filter((row) => row.sender === 'client' && Number(row.payloadLength) > 0);
    const drawn = csv('sequence').filter(([name]) => name === 'segments');
    expect(drawn.map(([, , from]) => Number(from))).toEqual(segments.map(({ seq }) => seq));
    const lost = segments.find((row) => (row.verdict as { fate: string }).fate === 'lost')!;
    expect(csv('sequence').filter(([name]) => name === 'lost')).toEqual([
      ['lost', (Number(lost.sinceStartMs) / 1000).toFixed(6), String(lost.seq), ''],
    ]);
    const acks = rows.filter((row) => row.sender === 'server' && row.ack !== null);
    expect(
      csv('sequence')
        .filter(([name]) => name === 'acknowledged')
        .map(([, , ack]) => Number(ack)),
    ).toEqual(acks.map(({ ack }) => ack));
    const windows = acks.filter(({ window }) => window !== null).map(({ window }) => window);
    expect(
      csv('window')
        .filter(([name]) => name === 'receive window')
        .map(([, , value]) => Number(value)),
    ).toEqual(windows);
  });

  it('fills the life of the connection with the bands of time', () => {
    const bands = csv('time').map(([name, from, , to]) => ({ name, from: Number(from), to: Number(to) }));
    expect(bands[0]).toMatchObject({ name: 'band network: handshake', from: 0 });
    for (const [i, { from }] of bands.entries()) if (i > 0) expect(from).toBe(bands[i - 1].to);
    expect(bands.at(-1)!.to).toBeCloseTo(0.304404, 5);
  });

  it('draws the data of the end that sends more, or of the one that is asked for', () => {
    expect(graph('sequence')).toContain('10.9.0.1:40438 (client)');
    expect(graph('sequence', '--side', 'server')).toContain('10.9.0.2:5001 (server)');
  });

  it('says where there is nothing to draw', () => {
    const { status, stdout, stderr } = tcpscope([
      'graph',
      'fixtures/linux-refused.pcap',
      '--stream',
      '0',
      '--type',
      'rtt',
      '--side',
      'server',
    ]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain('the capture shows nothing of it');
  });
});
