import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concat, Pcapng } from '../capture/build.ts';
import { readChunks } from '../capture/collect.ts';
import { run, toolVersion } from '../support/tools.ts';
import { fixture, objects, output } from './tcpscope.ts';

const ng = new Pcapng();
const packets = readChunks(readFileSync(fixture('linux-echo.pcap')), Number.POSITIVE_INFINITY).records;
const simple = packets.map(({ data }) => ng.simple(Uint8Array.from(data)));
/** Packets without a time, as a ring buffer of an embedded device writes them. */
const untimed = concat(ng.section(), ng.interface(), ...simple);

describe('a capture of simple packets, which have no time', () => {
  const dumps = ['', '-t', '-tt', '-ttt', '-tttt', '-ttttt'];

  it.each(dumps)('is printed in the form of the time "%s"', (form) => {
    const args = ['packets', '--format', 'tcpdump', ...(form === '' ? [] : [form]), '-'];
    const text = output(args, { input: untimed });
    expect(text.trimEnd().split('\n')).toHaveLength(packets.length);
    if (toolVersion('tcpdump') !== null)
      expect(text).toBe(run('tcpdump', ['-nr', 'FILE', ...args.slice(3, -1)], untimed));
    const rows = output(['packets', '-q', ...args.slice(3)], { input: untimed });
    expect(rows.match(/SYN-SENT/g)?.length).toBeGreaterThan(0);
  });

  it('counts from 1970 in rows, and says that the times are unknown', () => {
    const times = objects(['packets', '--ndjson', '-'], { input: untimed }).map(({ timestamp }) => timestamp);
    expect(times).toEqual(packets.map(() => '0.000000000'));
    const csv = output(['packets', '--csv', '--fields', 'timestamp', '-'], { input: untimed });
    expect(csv.trimEnd().split(/\r?\n/)).toEqual(['timestamp', ...times]);
    const { capture } = JSON.parse(output(['--json', '-'], { input: untimed }));
    expect(capture).toMatchObject({ first: null, last: null, durationMs: null, times: 'unknown' });
    expect(output(['-'], { input: untimed })).toContain('times unknown');
  });

  it('takes the time of the packet before where others have one', () => {
    const at = 1_700_000_000_000_000n;
    const dated = ng.enhanced(at, Uint8Array.from(packets[0].data));
    const mixed = concat(ng.section(), ng.interface(), dated, ...simple.slice(1));
    const times = objects(['packets', '--ndjson', '-'], { input: mixed }).map(({ timestamp }) => timestamp);
    expect(new Set(times)).toEqual(new Set(['1700000000.000000000']));
    expect(JSON.parse(output(['--json', '-'], { input: mixed })).capture.times).toBe('dated');
  });
});
