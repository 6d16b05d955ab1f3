import { describe, expect, test } from 'vitest';
import { evidenceOf, writeEvidence } from '../../src/check/evidence.ts';
import { readChunks } from '../capture/collect.ts';
import { run, toolVersion } from '../support/tools.ts';
import { checkYaml, fixture, sourceOf } from './support.ts';

const RULES = `version: 1
flows:
  - name: upload
    assert:
      - retransmissions.count == 0
      - never(payload > 0 && from == server)
`;

/** The whole file. */
async function written(...args: [parts: Parameters<typeof writeEvidence>[0], version: string]): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  await writeEvidence(...args, (block) => blocks.push(block));
  return new Uint8Array(Buffer.concat(blocks));
}

async function evidence(name: string) {
  const capture = fixture(name);
  const report = await checkYaml(capture, RULES);
  const packets = evidenceOf(report);
  return {
    capture,
    packets,
    file: await written([{ sources: [sourceOf(capture, name)], evidence: packets }], '1.2.3'),
  };
}

describe('evidence', () => {
  test('holds the packets of the assertions that did not pass, and says why', async () => {
    const { packets } = await evidence('linux-single-loss-sack.pcap');
    const numbers = [...packets.keys()];
    expect(numbers.length).toBeGreaterThanOrEqual(2);
    expect(numbers.length).toBeLessThan(6);
    expect([...packets.values()].flat()).toContain(
      'fail: upload: retransmissions.count == 0: retransmissions.count is 1, wanted 0',
    );
  });

  test('is read by our own reader: the same bytes and times, with comments', async () => {
    const { capture, packets, file } = await evidence('linux-echo.pcap');
    const all = readChunks(capture, 4096).records;
    const some = readChunks(file, 4096).records;
    expect(some).toHaveLength(packets.size);
    const numbers = [...packets.keys()].sort((a, b) => a - b);
    const [first] = numbers;
    for (const [i, number] of numbers.entries()) {
      const original = all[number - 1];
      expect(some[i].data).toEqual(original.data);
      expect(some[i].time - some[0].time).toBe(original.time - all[first - 1].time);
      expect(some[i].comment).toContain(`packet ${number} of the capture`);
    }
  });

  test('nothing failed: a file without packets', async () => {
    const file = await written([{ sources: [sourceOf(fixture('linux-echo.pcap'))], evidence: new Map() }], '1.2.3');
    expect(readChunks(file, 4096).records).toHaveLength(0);
  });

  test.skipIf(toolVersion('tshark') === null)('tshark reads it: times, lengths and comments', async () => {
    const { capture, packets, file } = await evidence('linux-single-loss-sack.pcap');
    const fields = ['-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len', '-e', 'tcp.seq_raw'];
    const numbers = [...packets.keys()].sort((a, b) => a - b);
    const original = run('tshark', ['-r', 'FILE', ...fields], capture)
      .trimEnd()
      .split('\n');
    const lines = run('tshark', ['-r', 'FILE', ...fields], file)
      .trimEnd()
      .split('\n');
    expect(lines).toEqual(numbers.map((number) => original[number - 1]));
    const comments = run('tshark', ['-r', 'FILE', '-T', 'fields', '-e', 'frame.comment'], file).trimEnd().split('\n');
    for (const [i, number] of numbers.entries()) {
      expect(comments[i]).toContain(`packet ${number} of the capture`);
      expect(comments[i]).toContain('fail: upload: ');
    }
  });
});
