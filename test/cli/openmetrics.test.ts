import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { FINDING_IDS } from '../../src/detect/catalogue.ts';
import { HANDSHAKE_LIMITS, MOST_SERVICES } from '../../src/summary/metrics.ts';
import { parseOpenMetrics } from '../support/openmetrics.ts';
import { scenario } from '../support/scenario.ts';
import { ending, fixture, output, start, tcpscope } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-metrics-'));
afterAll(() => rmSync(folder, { recursive: true }));

const metricsOf = (args: readonly string[], input?: Uint8Array) =>
  parseOpenMetrics(output(['--format', 'openmetrics', ...args], input === undefined ? {} : { input }));
type Families = ReturnType<typeof parseOpenMetrics>;

/** The value of a series; null where there is none. */
function value(families: Families, name: string, labels: Record<string, string> = {}): number | null {
  const family = [...families].find(
    ([key]) => name.startsWith(key) && families.get(key)!.samples.some((s) => s.name === name),
  );
  const found = family?.[1].samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  );
  return found?.value ?? null;
}
const sum = (families: Families, name: string) =>
  families.get(name)!.samples.reduce((total, one) => total + one.value, 0);

/** Connections to servers of their own, each refused. */
const refusals = (count: number) => {
  const names = Array.from({ length: count }, (_, i) => [`c${i}`, { server: `10.0.0.2:${1000 + i}` }]);
  const lines = names.map(
    ([name], i) => `${i}.0 > S seq 0 win 1000 conn ${name}\n${i}.1 < R. seq 0 ack 1 conn ${name}\n`,
  );
  return scenario({ connections: Object.fromEntries(names) }, lines.join('')).pcap;
};

const captures = readdirSync(fixture('.')).filter((name) => /^(linux|seed|tshark-1)-?.*\.pcap$/.test(name));

describe('--format openmetrics', () => {
  it.each(captures)('agrees with --json: %s', (name) => {
    const file = `fixtures/${name}`;
    const { capture, connections, findings, summary } = JSON.parse(output(['--json', file]));
    const families = metricsOf([file]);
    for (const [key, { help, type, unit }] of families) {
      expect(help, key).toMatch(/\S/);
      expect(key).toMatch(/^tcpscope_/);
      if (/_(bytes|seconds)$/.test(key)) expect(`_${unit}`).toBe(/_(bytes|seconds)$/.exec(key)![0]);
      expect(['counter', 'gauge', 'histogram', 'info']).toContain(type);
    }
    expect(sum(families, 'tcpscope_packets')).toBe(capture.packets.total);
    expect(value(families, 'tcpscope_packets_total', { kind: 'tcp' })).toBe(capture.packets.tcp);
    expect(value(families, 'tcpscope_wire_bytes_total')).toBe(capture.bytes.wire);
    expect(value(families, 'tcpscope_dropped_packets_total')).toBe(capture.dropped);
    expect(value(families, 'tcpscope_connections_seen_total')).toBe(connections.length);
    expect(sum(families, 'tcpscope_connections')).toBe(connections.length);
    const ends = connections.flatMap(
      ({ client, server }: Record<string, { payloadBytes: number; dataPackets: number }>) => [client, server],
    );
    const total = (key: 'payloadBytes' | 'dataPackets') =>
      ends.reduce((all: number, end: Record<string, number>) => all + end[key], 0);
    expect(value(families, 'tcpscope_payload_bytes_total')).toBe(total('payloadBytes'));
    expect(value(families, 'tcpscope_data_packets_total')).toBe(total('dataPackets'));
    expect(sum(families, 'tcpscope_time_seconds')).toBeCloseTo(summary.time.ms / 1e3, 6);
    expect(sum(families, 'tcpscope_service_lost_seconds')).toBeCloseTo(summary.time.lostMs / 1e3, 6);
    for (const { owner, cause, ms } of summary.time.totals)
      expect(value(families, 'tcpscope_time_seconds_total', { owner, cause })).toBeCloseTo(ms / 1e3, 6);
    const handshakes = connections
      .map(({ handshakeMs }: { handshakeMs: number | null }) => handshakeMs)
      .filter((ms: number | null) => ms !== null);
    expect(value(families, 'tcpscope_handshake_seconds_count')).toBe(handshakes.length);
    for (const limit of HANDSHAKE_LIMITS)
      expect(
        value(families, 'tcpscope_handshake_seconds_bucket', {
          le: Number.isInteger(limit) ? `${limit}.0` : `${limit}`,
        }),
      ).toBe(handshakes.filter((ms: number) => ms / 1e3 <= limit).length);
    const times: Record<string, number> = {};
    for (const { id, severity, more } of findings)
      times[`${id} ${severity}`] = (times[`${id} ${severity}`] ?? 0) + 1 + more;
    const found = families
      .get('tcpscope_findings')!
      .samples.map(({ labels, value }) => [`${labels.finding} ${labels.severity}`, value]);
    expect(Object.fromEntries(found)).toEqual(times);
    for (const { labels } of families.get('tcpscope_findings')!.samples) expect(FINDING_IDS).toContain(labels.finding);
  });

  it.each([
    [MOST_SERVICES, MOST_SERVICES],
    [MOST_SERVICES + 1, MOST_SERVICES + 1],
    [MOST_SERVICES + 30, MOST_SERVICES + 1],
  ])('tells %i services apart in %i series', (services, series) => {
    const { samples } = metricsOf(['-'], refusals(services)).get('tcpscope_service_connections')!;
    expect(samples).toHaveLength(series);
    expect(samples.reduce((all, one) => all + one.value, 0)).toBe(services);
    const other = samples.find(({ labels }) => labels.service === 'other')?.value ?? 0;
    expect(other).toBe(services - Math.min(services, MOST_SERVICES));
    expect(samples[0].labels.service).toBe('10.0.0.2:1000');
  });

  it('puts a handshake into the class whose limit it reaches, and not into the one below', () => {
    const handshake = (end: string) => scenario({}, `0.0 > S seq 0\n0.001 < S. seq 0 ack 1\n${end} > . ack 1`).pcap;
    const under = (end: string) =>
      value(metricsOf(['-'], handshake(end)), 'tcpscope_handshake_seconds_bucket', { le: '0.01' });
    expect(under('0.010')).toBe(1);
    expect(under('0.010001')).toBe(0);
  });

  it('is of what is chosen', () => {
    const file = 'fixtures/tshark-16-round-trips.pcap';
    const all = metricsOf([file]);
    const one = metricsOf(['--stream', '0', file]);
    expect(value(one, 'tcpscope_connections_seen_total')).toBe(1);
    expect(value(one, 'tcpscope_packets_total')).toBe(value(all, 'tcpscope_packets_total'));
    expect(tcpscope(['--format', 'openmetrics', '--stream', '99', file]).status).toBe(2);
    const few = metricsOf(['--select', 'retransmissions.count > 0', 'fixtures/linux-single-loss-sack.pcap']);
    expect(value(few, 'tcpscope_connections_seen_total')).toBe(1);
    const none = metricsOf(['--select', 'retransmissions.count > 1', 'fixtures/linux-single-loss-sack.pcap']);
    expect(value(none, 'tcpscope_connections_seen_total')).toBe(0);
    const grave = metricsOf(['--min-severity', 'warning', 'fixtures/linux-single-loss-sack.pcap']);
    expect(grave.get('tcpscope_findings')!.samples.map(({ labels }) => labels.finding)).toEqual(['packet-loss']);
  });

  it('is empty, and whole, of a capture without packets', () => {
    const empty = metricsOf(['-'], readFileSync(fixture('linux-echo.pcap')).subarray(0, 24));
    expect(sum(empty, 'tcpscope_packets')).toBe(0);
    expect(value(empty, 'tcpscope_connections_seen_total')).toBe(0);
    expect(empty.has('tcpscope_first_packet_timestamp_seconds')).toBe(false);
  });

  it.each([
    [['-o', 'x.prom'], '-o goes with --format openmetrics'],
    [['--format', 'openmetrics', '--every', '1'], '--every writes a file anew'],
    [['--format', 'openmetrics', '--every', '1', '-o', '-'], '--every writes a file anew'],
    [['--format', 'openmetrics', '--all'], '--all is for text'],
    [['--format', 'openmetrics', '--every', '1', '-o', 'x.prom', '--select', 'true'], 'known at the end only'],
  ])('refuses options that would do nothing: %j', (args, message) => {
    const { status, stderr } = tcpscope([...args, 'fixtures/linux-echo.pcap']);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('--every', () => {
  it('writes the file anew while a capture goes on; counters only grow', { timeout: 60_000 }, async () => {
    const file = join(folder, 'live.prom');
    const bytes = readFileSync(fixture('linux-single-loss-sack.pcap'));
    const child = start(['--format', 'openmetrics', '-o', file, '--every', '1', '-'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const ended = ending(child);
    const read = () => parseOpenMetrics(readFileSync(file, 'utf8'));
    const until = async (wanted: (families: Families) => boolean): Promise<Families> => {
      for (;;) {
        try {
          const families = read();
          if (wanted(families)) return families;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        }
        await sleep(50);
      }
    };
    child.stdin!.write(bytes.subarray(0, 30_000));
    const first = await until((families) => sum(families, 'tcpscope_packets') > 0);
    expect(sum(first, 'tcpscope_packets')).toBeLessThan(203);
    child.stdin!.write(bytes.subarray(30_000, 120_000));
    const second = await until((families) => sum(families, 'tcpscope_packets') > sum(first, 'tcpscope_packets'));
    child.stdin!.end(bytes.subarray(120_000));
    expect(await ended).toEqual({ status: 0, stdout: '', stderr: '' });
    const last = read();
    expect(sum(last, 'tcpscope_packets')).toBe(203);
    const versions = [first, second, last];
    for (let i = 1; i < versions.length; i++)
      for (const [name, { type, samples }] of versions[i - 1]) {
        if (type !== 'counter' && type !== 'histogram') continue;
        for (const sample of samples)
          expect(value(versions[i], sample.name, { ...sample.labels }), name).toBeGreaterThanOrEqual(sample.value);
      }
    expect(readFileSync(file, 'utf8')).toBe(
      output(['--format', 'openmetrics', 'fixtures/linux-single-loss-sack.pcap']),
    );
  });

  it('counts what left the analysis as well', () => {
    const file = join(folder, 'left.prom');
    const input = refusals(40);
    const stay = ['--format', 'openmetrics', '-'];
    // A second lies between the connections: after each of them the one before has left.
    const leave = [
      '--format',
      'openmetrics',
      '--evict',
      'attempt=0.5s,closed=0.5s,idle=0.5s,attempts=1',
      '-o',
      file,
      '-',
    ];
    expect(tcpscope(leave, { input })).toEqual({ status: 0, stdout: '', stderr: '' });
    const left = parseOpenMetrics(readFileSync(file, 'utf8'));
    const kept = parseOpenMetrics(output(stay, { input }));
    for (const name of ['tcpscope_connections_seen', 'tcpscope_connections', 'tcpscope_service_connections'])
      expect(left.get(name), name).toEqual(kept.get(name));
  });
});

describe('the reader of these tests', () => {
  const GOOD = '# TYPE a counter\n# HELP a x\na_total{b="c"} 1\n# EOF\n';
  it('takes what is right', () => {
    expect(parseOpenMetrics(GOOD).get('a')!.samples).toEqual([{ name: 'a_total', labels: { b: 'c' }, value: 1 }]);
  });
  it.each([
    ['no end', GOOD.replace('# EOF\n', '')],
    ['a blank line', GOOD.replace('# EOF', '\n# EOF')],
    ['a counter without its suffix', GOOD.replace('a_total', 'a')],
    ['a sample twice', GOOD.replace('# EOF', 'a_total{b="c"} 2\n# EOF')],
    ['a unit that is not in the name', GOOD.replace('# HELP', '# UNIT a seconds\n# HELP')],
    ['a negative counter', GOOD.replace(' 1\n', ' -1\n')],
    ['a family in two places', GOOD.replace('# EOF', '# TYPE c gauge\nc 1\n# TYPE a counter\n# EOF')],
    ['labels without quotes', GOOD.replace('"c"', 'c')],
    [
      'a histogram that is not cumulative',
      '# TYPE h histogram\nh_bucket{le="1.0"} 2\nh_bucket{le="+Inf"} 1\nh_count 1\n# EOF\n',
    ],
  ])('refuses %s', (_, text) => {
    expect(() => parseOpenMetrics(text)).toThrow();
  });
});
