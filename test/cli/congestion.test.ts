import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SIGNATURES } from '../../src/congestion/signatures.ts';
import { ALGORITHM_NAMES } from '../../src/model/congestion.ts';
import { expectGolden, objects, output, tcpscope } from './tcpscope.ts';

const LOSS = 'fixtures/linux-single-loss-sack.pcap';

const page = () => readFileSync(new URL('../../docs/congestion.md', import.meta.url), 'utf8');

describe('tcpscope congestion', () => {
  it('prints algorithm, window, path, limits and episodes of each sender', () => {
    const text = output(['congestion', LOSS]);
    expectGolden('congestion.txt', text);
    expect(page()).toContain(text.replace(/^(?=.)/gm, '    '));
  });

  it('wraps what is longer than the terminal', () => {
    const lines = output(['congestion', LOSS], { env: { COLUMNS: '60' } }).split('\n');
    const facts = lines.slice(1, lines.indexOf(''));
    expect(facts.length).toBeGreaterThan(4);
    for (const line of facts) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('takes an algorithm for given, in the rows too', () => {
    expect(output(['congestion', LOSS, '--cc', 'tahoe'])).toMatch(/control +Tahoe \(as given\)/);
    const models = objects(['packets', '--ndjson', '--cc', 'newreno', LOSS])
      .map(({ congestion }) => (congestion as { client: { model: string } | null }).client?.model)
      .filter((model) => model !== undefined);
    expect(new Set(models)).toEqual(new Set(['newreno']));
    expect(tcpscope(['congestion', LOSS, '--cc', 'vegas'])).toMatchObject({ status: 2 });
  });

  it('moves the columns of a wide table together', () => {
    const table = (columns: number) => {
      const lines = output(['congestion', LOSS], { env: { COLUMNS: String(columns) } }).split('\n');
      const at = lines.findIndex((line) => line.includes('from s') && line.includes('trigger'));
      return lines.slice(at, at + 2);
    };
    const [wide, narrow] = [table(100), table(80)];
    expect(wide[0]).toMatch(/ trigger {2,}packets/);
    expect(Math.max(...wide.map(({ length }) => length))).toBeGreaterThan(80);
    for (const line of narrow) expect(line.length).toBeLessThanOrEqual(80);
    const cells = (line: string) => line.trim().split(/ +/);
    expect(narrow.map(cells)).toEqual(wide.map(cells));
  });

  it('says that a short flow is not enough to tell', () => {
    expect(output(['congestion', 'fixtures/tshark-08-tail-loss.pcap'])).toMatch(/unknown: not enough to tell/);
  });

  it('writes a qlog file whose events are in order and speak of the packets that were sent', () => {
    const file = JSON.parse(output(['congestion', '--format', 'qlog', LOSS]));
    expect(file).toMatchObject({
      qlog_version: '0.3',
      qlog_format: 'JSON',
      traces: [{ common_fields: { time_format: 'relative' } }],
    });
    const { events } = file.traces[0] as { events: { time: number; name: string; data: Record<string, unknown> }[] };
    for (let i = 1; i < events.length; i++) expect(events[i].time).toBeGreaterThanOrEqual(events[i - 1].time);
    const of = (name: string) => events.filter((event) => event.name === name).map(({ data }) => data);
    const numbers = (datas: Record<string, unknown>[]) =>
      datas.map(({ header }) => (header as { packet_number: number }).packet_number);
    const sent = numbers(of('transport:packet_sent'));
    expect(sent).toEqual(sent.map((_, i) => i));
    const lost = numbers(of('recovery:packet_lost'));
    expect(lost).toHaveLength(1);
    // Each number is either acknowledged once or lost (draft-ietf-quic-qlog-quic-events: frames of type ack, acked_ranges).
    const acked = of('transport:packet_received').flatMap(({ frames }) =>
      (frames as { acked_ranges: [number, number][] }[])[0].acked_ranges.flatMap(([from, to]) =>
        Array.from({ length: to - from + 1 }, (_, i) => from + i),
      ),
    );
    expect([...acked, ...lost].sort((a, b) => a - b)).toEqual(sent);
    expect(of('recovery:congestion_state_updated').map(({ new: state }) => state)).toContain('recovery');
    for (const { congestion_window: window } of of('recovery:metrics_updated')) expect(window).toBeGreaterThan(0);
  });
});

it('the page has a row for each algorithm that has a signature', () => {
  const [, table] = /\| name +\| at a loss .*\n\| -.*\n((?:\|.*\n)+)/.exec(page())!;
  const names = [...table.matchAll(/^\| `(.*?)`/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual(SIGNATURES.map(({ algorithm }) => ALGORITHM_NAMES[algorithm]).sort());
});
