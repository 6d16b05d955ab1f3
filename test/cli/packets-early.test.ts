import { describe, expect, it } from 'vitest';
import { ip4, pcapFile, tcp } from '../render/packets.ts';
import { scratch } from '../support/scratch.ts';
import { warmOutput } from '../support/warm.ts';

const { file: write } = scratch();

/** A segment whose answer never comes, and then 3,000 bare ACKs of others: they wait for it, with nothing open about them. */
const LINK_RAW = 101;
const start = 1_700_000_000_000_000_000n;
const file = write(
  'waits.pcap',
  pcapFile(LINK_RAW, [
    { bytes: ip4({}, tcp({ payload: [1, 2, 3] })), time: start },
    ...Array.from({ length: 3000 }, (_, i) => ({
      bytes: ip4({ source: 0x0a000003 + (i % 7), id: i }, tcp({ source: 2000, seq: 5, ack: 1 + i, window: i % 5 })),
      time: start + BigInt(i + 1) * 1_000_000n,
    })),
  ]),
);

/** The states of a packet may become known later, so with them every row waits for its turn. */
const fields = 'number,seq,ack,window,verdict.kind';
const withStates = `${fields},states.client.after`;

const withoutLast = (line: string) => line.slice(0, line.lastIndexOf(','));

describe('packets that need not wait for their verdict', () => {
  for (const options of [
    [],
    ['-c', '2500'],
    ['--stream', '3'],
    ['-f', 'src host 10.0.0.5'],
    ['-f', 'tcp[14:2] == 2', '-c', '9'],
  ]) {
    it(`are printed in their order: ${options.join(' ') || 'all'}`, async () => {
      const csv = async (names: string) =>
        (await warmOutput(['packets', '--csv', '--fields', names, ...options, file])).split('\n');
      const lines = await csv(fields);
      expect(lines.length).toBeGreaterThan(9);
      expect(lines).toEqual((await csv(withStates)).map(withoutLast));
      const json = await warmOutput(['packets', '--ndjson', '--fields', fields, ...options, file]);
      const values = json
        .trim()
        .split('\n')
        .map((line) => {
          const { number, seq, ack, window, verdict } = JSON.parse(line);
          return [number, seq, ack, window, verdict?.kind].join(',');
        });
      expect(values).toEqual(lines.slice(1, -1));
    });
  }
});
