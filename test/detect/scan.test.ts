import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { Finding } from '../../src/model/finding.ts';
import { KEEP_ALL } from '../../src/tcp/eviction.ts';
import { floodBlocks } from '../bench/flood.mjs';
import { scenario } from '../support/scenario.ts';

/** What comes of an attempt. */
type Answer = 'refused' | 'silent' | 'aborted' | 'handshake' | 'data';

interface Try {
  host: number;
  port: number;
  answer: Answer;
  /** Seconds; one after the other where it is left out. */
  time?: number;
  client?: string;
}

function linesOf(name: string, time: number, answer: Answer): string[] {
  const at = (after: number) => (time + after).toFixed(3);
  const syn = `${at(0)} > S seq 0 conn ${name}`;
  const synAck = `${at(0.001)} < S. seq 0 ack 1 conn ${name}`;
  const ack = `${at(0.002)} > . ack 1 conn ${name}`;
  switch (answer) {
    case 'refused':
      return [syn, `${at(0.001)} < R. seq 0 ack 1 conn ${name}`];
    case 'silent':
      return [syn];
    case 'aborted':
      return [syn, synAck, `${at(0.002)} > R seq 1 conn ${name}`];
    case 'handshake':
      return [syn, synAck, ack, `${at(0.003)} > R. seq 1 ack 1 conn ${name}`];
    default:
      return [syn, synAck, ack, `${at(0.003)} > P. 1:11(10) ack 1 conn ${name}`];
  }
}

function scans(tries: readonly Try[]): Finding[] {
  const connections: Record<string, { client: string; server: string }> = {};
  const lines = tries.flatMap(({ host, port, answer, time, client = '10.0.0.1' }, i) => {
    connections[`C${i}`] = { client: `${client}:${20000 + i}`, server: `192.0.${host >> 8}.${host & 255}:${port}` };
    return linesOf(`C${i}`, time ?? i / 10, answer);
  });
  const analyzer = new Analyzer({ congestion: false });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(scenario({ connections }, lines.join('\n')).pcap);
  reader.end();
  analyzer.end();
  return analyzer.findings.filter(({ id }) => id === 'port-scan' || id === 'host-sweep');
}

const times = <T>(count: number, one: (i: number) => T) => Array.from({ length: count }, (_, i) => one(i));
const ports = (count: number, answer: Answer = 'refused', more: Partial<Try> = {}) =>
  times(count, (i) => ({ host: 1, port: 1000 + i, answer, ...more }));
const hosts = (count: number, answer: Answer = 'refused', more: Partial<Try> = {}) =>
  times(count, (i) => ({ host: 1 + i, port: 445, answer, ...more }));
const ids = (found: readonly Finding[]) => found.map(({ id }) => id);

/** Each line stands for one connection: its packets, `>` of the host that tries and `<` of the one that is tried. */
function probes(
  count: number,
  packets: (time: number, i: number) => readonly string[],
  sourcePort = (_: number) => 40000,
) {
  const connections: Record<string, { client: string; server: string }> = {};
  const lines = times(count, (i) => {
    connections[`C${i}`] = { client: `10.0.0.1:${sourcePort(i)}`, server: `192.0.2.1:${20 + i}` };
    return packets(i / 10, i).map((line) => `${line} conn C${i}`);
  }).flat();
  const analyzer = new Analyzer({ congestion: false });
  const reader = new CaptureReader(analyzer);
  reader.open('test');
  reader.write(scenario({ connections }, lines.join('\n')).pcap);
  reader.end();
  analyzer.end();
  return analyzer.findings.filter(({ id }) => id === 'port-scan' || id === 'host-sweep');
}

const at = (time: number, after = 0) => (time + after).toFixed(3);
const fin = (time: number) => [`${at(time)} > F seq 5`];
const answered = (time: number) => [`${at(time)} > F seq 5`, `${at(time, 0.001)} < R. seq 0 ack 6`];
const ack = (time: number) => [`${at(time)} > . seq 5 ack 9`, `${at(time, 0.001)} < R seq 9`];

describe('a scan without SYNs', () => {
  it('is fifteen packets that no host sends, answered with a RST or not at all', () => {
    expect(ids(probes(14, answered))).toEqual([]);
    const [found] = probes(15, (time, i) => (i < 10 ? answered(time) : fin(time)));
    expect(found).toMatchObject({ id: 'port-scan', severity: 'warning', cause: 'a scan', confidence: 0.9 });
    expect(found.text).toBe(
      '10.0.0.1 sent 15 packets without a SYN, which belong to no connection, to 15 ports of 1 host within 1.40 s (11 a second): 10 answered with a RST and 5 without any answer.',
    );
    // One copy of each is the scanner's.
    expect(ids(probes(15, (time) => [...fin(time), ...fin(time + 0.01)]))).toEqual(['port-scan']);
    expect(ids(probes(15, (time) => [...fin(time), ...fin(time + 0.01), ...fin(time + 0.02)]))).toEqual([]);
  });

  it('with an ACK counts only from one port, and where a RST answers', () => {
    expect(ids(probes(15, ack))).toEqual(['port-scan']);
    expect(probes(15, (time) => ack(time).slice(0, 1))).toEqual([]);
    // A host that wakes up asks for each of its connections, and its peers have forgotten them.
    expect(probes(15, ack, (i) => 40000 + i)).toEqual([]);
    const all = (i: number) => (i < 14 ? 40000 : 40001);
    expect(probes(15, ack, all)).toEqual([]);
    for (const odd of [0, 3, 15]) {
      const [found] = probes(16, ack, (i) => (i === odd ? 40001 : 40000));
      expect(found.text).toContain('sent 15 packets without a SYN');
    }
    // A scanner may use several ports.
    const [found] = probes(31, ack, (i) => (i === 0 ? 39999 : 40000 + (i % 2)));
    expect(found.text).toContain('sent 30 packets without a SYN');
    expect(ids(probes(29, ack, (i) => (i === 0 ? 39999 : 40000 + (i % 2))))).toEqual([]);
  });

  it('is none of a server whose clients have forgotten their connections', () => {
    // From the port of its service, to a port of each client: its FINs or keep-alives.
    expect(probes(20, ack, () => 19)).toEqual([]);
    expect(
      probes(
        20,
        (time) => [`${at(time)} > F. seq 5 ack 9`, `${at(time, 0.001)} < R seq 9`],
        () => 19,
      ),
    ).toEqual([]);
    // A scanner's port may lie below some that it tries.
    const [found] = probes(40, ack, () => 40);
    expect(found.text).toContain('sent 40 packets without a SYN');
    // Without an ACK no host sends it, from whatever port.
    expect(ids(probes(20, answered, () => 19))).toEqual(['port-scan']);
  });

  it('is none where the other end sends more than a RST, or where the first sender resets', () => {
    expect(probes(15, (time) => [...fin(time), `${at(time, 0.001)} < . seq 1 ack 6`])).toEqual([]);
    expect(probes(15, (time) => [`${at(time)} > R seq 5`])).toEqual([]);
    expect(probes(15, (time) => [`${at(time)} > P. 5:15(10) ack 9`, `${at(time, 0.001)} < R seq 9`])).toEqual([]);
  });

  it('may go along with SYNs', () => {
    const [found] = probes(20, (time, i) =>
      i % 2 === 0 ? answered(time) : [`${at(time)} > S seq 0`, `${at(time, 0.001)} < R. seq 0 ack 1`],
    );
    expect(found.text).toContain(
      '20 ports of 1 host with 20 connections, 10 of them single packets without a SYN, within',
    );
  });
});

describe('a port scan', () => {
  it('is fifteen ports of one host, and not fourteen', () => {
    expect(ids(scans(ports(14)))).toEqual([]);
    const [found] = scans(ports(15));
    expect(found).toMatchObject({ id: 'port-scan', severity: 'warning', who: 'sender', cause: 'a scan', frame: 1 });
    expect(found.text).toBe(
      '10.0.0.1 tried 15 ports of 1 host with 15 connections within 1.40 s (11 a second), and most of it in vain: 15 refused.',
    );
  });

  it.each(['silent', 'aborted'] as const)('also where the attempts are %s', (answer) => {
    // What is answered and given up says that the port is open; most of a scan is not.
    const found = scans([...ports(15, 'refused'), ...times(10, (i) => ({ host: 1, port: 80 + i, answer }))]);
    expect(ids(found)).toEqual(['port-scan']);
  });

  it('names what answered', () => {
    const found = scans([
      ...ports(20),
      { host: 1, port: 22, answer: 'aborted' },
      { host: 1, port: 80, answer: 'handshake' },
    ]);
    expect(found[0].text).toContain('20 refused and 2 answered (192.0.0.1:22, 192.0.0.1:80)');
  });

  it('within five minutes, and no longer', () => {
    const spread = (span: number) =>
      scans(times(15, (i) => ({ host: 1, port: 1 + i, answer: 'refused', time: (i * span) / 14 })));
    expect(ids(spread(300))).toEqual(['port-scan']);
    expect(ids(spread(300.01))).toEqual([]);
  });

  it('is none where as many connections and one more carry data or are answered', () => {
    const used = (count: number) => times(count, (i): Try => ({ host: 9, port: 443, answer: 'data', time: 10 + i }));
    expect(ids(scans([...ports(15), ...used(15)]))).toEqual(['port-scan']);
    expect(ids(scans([...ports(15), ...used(16)]))).toEqual([]);
    const open = (count: number) =>
      times(count, (i): Try => ({ host: 1, port: 1 + i, answer: 'handshake', time: 10 + i }));
    expect(ids(scans([...ports(15), ...open(15)]))).toEqual(['port-scan']);
    expect(ids(scans([...ports(15), ...open(16)]))).toEqual([]);
  });

  it('is none of another host, and no repeated port', () => {
    expect(ids(scans([...ports(14), ...ports(14, 'refused', { client: '10.0.0.2' })]))).toEqual([]);
    expect(ids(scans(times(60, () => ({ host: 1, port: 80, answer: 'refused' }))))).toEqual([]);
  });
});

describe('a sweep', () => {
  it('is one port of twenty-five hosts, and not of twenty-four', () => {
    expect(ids(scans(hosts(24)))).toEqual([]);
    const [found] = scans(hosts(25));
    expect(found).toMatchObject({ id: 'host-sweep', severity: 'warning', confidence: 0.9 });
    expect(found.text).toContain('10.0.0.1 tried 1 port of 25 hosts');
  });

  it('of a hundred where nobody answers, and not of ninety-nine: the network may be down', () => {
    expect(ids(scans(hosts(99, 'silent')))).toEqual([]);
    // The capture holds both directions: a connection of somebody else.
    const [found] = scans([...hosts(100, 'silent'), { host: 999, port: 80, answer: 'data', client: '10.0.0.2' }]);
    expect(found).toMatchObject({ id: 'host-sweep', confidence: 0.6, cause: 'a scan, or nothing answers this host' });
  });

  it('is no client of many servers, and no monitor whose checks are answered', () => {
    expect(ids(scans(hosts(60, 'data')))).toEqual([]);
    expect(ids(scans(hosts(60, 'handshake')))).toEqual([]);
  });

  it('is no port of one service on one host after the other with a port of its own each', () => {
    expect(ids(scans(times(60, (i) => ({ host: 1 + i, port: 1000 + i, answer: 'refused' }))))).toEqual([]);
  });
});

describe('in a flood of attempts', () => {
  const run = (kind: string, packets: number, at: number) => {
    const told: string[][] = [];
    let count = 0;
    const analyzer: Analyzer = new Analyzer({ congestion: false, eviction: KEEP_ALL, onLeave: () => {} });
    const reader = new CaptureReader({
      record: (record) => {
        analyzer.record(record);
        if (++count === at) told.push(ids(analyzer.findings));
      },
    });
    reader.open('test');
    for (const block of floodBlocks({ kind, packets })) reader.write(block);
    reader.end();
    analyzer.end();
    return { told, findings: analyzer.findings };
  };

  it('a scan is told while it runs, once, and counted to its end', () => {
    const { told, findings } = run('scan', 36_000, 24_000);
    expect(told[0]).toEqual(['port-scan']);
    const found = findings.filter(({ id }) => id === 'port-scan');
    expect(found).toHaveLength(1);
    expect(found[0].text).toContain('10.0.0.1 tried 16,384 ports of 2 hosts');
    expect(found[0].text).toContain('18,000 refused');
  });

  it('so is a SYN flood, which is no scan', () => {
    const { told, findings } = run('syn', 20_000, 15_000);
    expect(told[0]).toEqual(['syn-flood']);
    const found = findings.filter(({ id }) => ['syn-flood', 'port-scan', 'host-sweep'].includes(id));
    expect(ids(found)).toEqual(['syn-flood']);
    expect(found[0].text).toContain('got 20,000 SYNs');
  });
});
