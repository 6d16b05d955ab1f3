import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Analyzer } from '../src/analyze.ts';
import { STANDARD_INPUT } from '../src/capture/source.ts';
import { readAsOne } from '../src/two-views.ts';
import { pcapOf, sourceOf } from './check/support.ts';
import { tcpscope } from './cli/tcpscope.ts';

/** `count` segments of one connection; each is seen `delay` seconds after it was sent. */
function transfer(count: number, delay: number, { port = 40000, from = 0 } = {}): Uint8Array {
  const lines = Array.from({ length: count }, (_, i) => {
    const n = from + i;
    return `${(1 + n / 100 + delay).toFixed(6)} > P.  seq ${1 + 100 * n}:${101 + 100 * n} ack 1 win 502 id ${n + 1}`;
  });
  return pcapOf(lines.join('\n'), { client: `10.0.0.1:${port}` });
}

async function outcome(...captures: Uint8Array[]): Promise<string> {
  const analyzer = new Analyzer();
  const sources = captures.map((bytes, i) => sourceOf(bytes, `${'abc'[i]}.pcap`));
  try {
    await readAsOne(sources, analyzer);
    return `${analyzer.counts.total} packets`;
  } catch (error) {
    return (error as Error).message;
  }
}

const REFUSED = /^a\.pcap and b\.pcap hold the same packets at different times/;

describe('captures that were made at two places', () => {
  test('are refused, whichever comes first', async () => {
    expect(await outcome(transfer(200, 0), transfer(200, 0.015))).toMatch(REFUSED);
    expect(await outcome(transfer(200, 0.015), transfer(200, 0))).toMatch(REFUSED);
  });

  test.each([
    ['b.pcap', 'compare them: tcpscope compare a.pcap b.pcap'],
    ['b c.pcap', "compare them: tcpscope compare a.pcap 'b c.pcap'"],
    [STANDARD_INPUT, 'save standard input as a file (FILE) and compare them: tcpscope compare a.pcap FILE'],
  ])('with what to type instead: %s', async (name, advice) => {
    const sources = [sourceOf(transfer(200, 0), 'a.pcap'), sourceOf(transfer(200, 0.015), name)];
    await expect(readAsOne(sources, new Analyzer())).rejects.toMatchObject({ lines: [expect.anything(), advice] });
  });

  test('also where the clocks of the hosts are apart', async () => {
    expect(await outcome(transfer(200, 0), transfer(200, 3600))).toMatch(REFUSED);
  });

  test.each([
    [3, REFUSED],
    [2, /^4 packets$/],
  ])('short ones: %i packets', async (count, expected) => {
    expect(await outcome(transfer(count, 0), transfer(count, 0.015))).toMatch(expected);
  });

  test('one packet in ten is enough', async () => {
    const own = (port: number, count: number) => transfer(count, 0, { port });
    const scenario = async (others: number) => outcome(own(40000, 20), transfer(20, 0.0001), own(50000, others));
    expect(await scenario(50)).toMatch(/hold the same packets/);
  });
});

describe('captures that are read as one', () => {
  test('files of a ring, which follow one another', async () => {
    expect(await outcome(transfer(100, 0), transfer(100, 0, { from: 100 }))).toBe('200 packets');
  });

  test('files of a ring that overlap hold copies with the same time', async () => {
    expect(await outcome(transfer(100, 0), transfer(100, 0, { from: 50 }))).toBe('200 packets');
  });

  test('different connections at the same time', async () => {
    expect(await outcome(transfer(200, 0), transfer(200, 0.015, { port: 40001 }))).toBe('400 packets');
  });

  test('few of the same packets among many others', async () => {
    const many = transfer(1000, 0, { port: 50000 });
    expect(await outcome(transfer(15, 0), transfer(15, 0.001), many)).toBe('1030 packets');
  });
});

const corpus = new URL('../../shared/corpus/open/', import.meta.url);

describe.skipIf(!existsSync(corpus))('captures of real transfers at both ends', () => {
  const read = (name: string) => readFileSync(new URL(name, corpus));

  test.each(['single_loss_download', 'any_sll2', 'ipv6_loss', 'bulk_reno', 'keepalive', 'conn_refused'])(
    '%s',
    async (name) => {
      expect(await outcome(read(`${name}/client.pcap`), read(`${name}/server.pcap`))).toMatch(
        name === 'conn_refused' ? /packets/ : REFUSED,
      );
    },
  );

  test('different transfers', async () => {
    expect(await outcome(read('bulk_reno/client.pcap'), read('single_loss_download/server.pcap'))).toMatch(
      /^\d+ packets$/,
    );
  });

  test('on the command line: status 2 and what to do instead', () => {
    const [a, b] = ['client', 'server'].map((end) => new URL(`single_loss_download/${end}.pcap`, corpus).pathname);
    for (const args of [
      ['--json', a, b],
      ['packets', a, b],
      ['states', a, b],
      ['check', '--merge', a, b, '--expect', 'true'],
    ]) {
      const { status, stderr } = tcpscope(args);
      expect(status, stderr).toBe(2);
      expect(stderr).toContain(`compare them: tcpscope compare ${a} ${b}`);
    }
    expect(tcpscope(['check', a, b, '--expect', 'undelivered.count == 1']).status).not.toBe(2);
  });
});
