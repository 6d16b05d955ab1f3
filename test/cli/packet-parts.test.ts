import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROW_PARTS } from '../../src/model/row.ts';
import { packetFields } from '../../src/render/packet-fields.ts';
import { objectFields } from '../../src/render/packet-json.ts';
import { warmObjects, warmOutput } from '../support/warm.ts';
import { root } from './tcpscope.ts';

const captures = readdirSync(`${root}fixtures`).filter((name) => name.endsWith('.pcap'));
const fields = objectFields(() => 0n);
const groups = [undefined, ...ROW_PARTS].map((part) =>
  fields.filter((field) => field.part === part).map(({ key }) => key),
);

/** What stands at a path of an object; null where the object around it is null. */
function at(value: unknown, path: string): unknown {
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null)?.[name] ?? null;
  return value;
}

describe('stages that no field of a packet asks for are left out', () => {
  it('every part has fields', () => {
    expect(groups.map(({ length }) => length > 0)).not.toContain(false);
  });

  for (const capture of captures) {
    it(`${capture}: each field says what it says among all of them`, async () => {
      const file = `fixtures/${capture}`;
      const whole = await warmObjects(['packets', '--ndjson', file]);
      for (const keys of groups) {
        const some = await warmObjects(['packets', '--ndjson', '--fields', keys.join(','), file]);
        expect(some).toHaveLength(whole.length);
        const told = (packets: Record<string, unknown>[]) =>
          packets.map((packet) => Object.fromEntries(keys.map((key) => [key, at(packet, key)])));
        expect(told(some)).toEqual(told(whole));
      }
    });
  }

  it('a packet is picked by its findings though no column shows them', async () => {
    const file = 'fixtures/linux-reset.pcap';
    const whole = await warmObjects(['packets', '--ndjson', file]);
    const told = (severities: string[]) =>
      whole
        .filter(({ findings }) =>
          (findings as { severity: string }[]).some(({ severity }) => severities.includes(severity)),
        )
        .map(({ number }) => ({ number }));
    expect(told(['info', 'warning', 'error'])).not.toEqual([]);
    expect(await warmObjects(['packets', '--ndjson', '--fields', 'number', '--min-severity', 'info', file])).toEqual(
      told(['info', 'warning', 'error']),
    );
  });

  it('a condition may ask of everything', async () => {
    const file = 'fixtures/linux-single-loss-sack.pcap';
    const selected = ['--select', 'count(anomaly_ids) > 0', file];
    const numbers = (await warmObjects(['packets', '--ndjson', ...selected])).map(({ number }) => ({ number }));
    expect(numbers.length).toBeGreaterThan(1);
    expect(await warmObjects(['packets', '--ndjson', '--fields', 'number', ...selected])).toEqual(numbers);
  });

  it('text with chosen columns says what the default ones say', async () => {
    const file = 'fixtures/linux-reset.pcap';
    const marks = (await warmOutput(['packets', '-q', '--fields', 'mark', file]))
      .split('\n')
      .map((line) => line.trim());
    const whole = await warmOutput(['packets', '-q', file]);
    expect(marks.filter((mark) => mark !== '').length).toBeGreaterThan(0);
    for (const mark of marks) expect(whole).toContain(mark);
  });

  it('the fields that only text shows name their parts too', () => {
    const mark = packetFields(() => 0n).find(({ key }) => key === 'mark');
    expect(mark?.part).toBe('findings');
  });
});
