import { describe, expect, it } from 'vitest';
import { Askers } from '../../src/detect/askers.ts';
import { Collector } from '../../src/detect/collector.ts';
import { Fact, FactSet } from '../../src/detect/facts.ts';
import { say } from '../../src/messages/message.ts';
import { Connection } from '../../src/model/connection.ts';
import type { Finding } from '../../src/model/finding.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { findingsIn } from '../support/findings.ts';
import { PLAIN } from './cases.ts';

const textOf = (findings: readonly Finding[], id: string) => of(findings, id)?.text ?? '';
const of = (findings: readonly Finding[], id: string) => findings.find((finding) => finding.id === id);

describe('a header', () => {
  it('that came with a wrong checksum is not what its sender set', () => {
    const odd = (checksum: string) =>
      findingsIn(`${PLAIN}\n0.1 > . seq 1 ack 1\n0.2 > SF. seq 1 ack 1 win 1000 ${checksum}`);
    expect(of(odd(''), 'illegal-flags')).toMatchObject({ severity: 'warning' });
    expect(of(odd('badcksum'), 'illegal-flags')).toMatchObject({ severity: 'info' });
  });
});

describe('the order of a file', () => {
  it('shows nothing where a tenth of its packets stand in the wrong place', () => {
    const moved = (packets: number) =>
      findingsIn(`${PLAIN}
        0.1 > P. 1:101(100) ack 1
        0.099 < . ack 1
        0.098 < . ack 1
        ${Array.from({ length: packets - 7 }, (_, i) => `${(0.2 + i / 100).toFixed(2)} < . ack 1`).join('\n')}
        9 < R. seq 1 ack 1 win 0`);
    expect(of(moved(20), 'connection-aborted')).toMatchObject({ severity: 'info' });
    expect(of(moved(21), 'connection-aborted')).toMatchObject({ severity: 'warning' });
  });
});

describe('a SYN', () => {
  it('waited for itself alone, where only one direction was captured and data was sent again later', () => {
    const found = findingsIn(`0.0 > S seq 0 win 64240 <mss 1460>
      1.003 > S seq 0 win 64240 <mss 1460>
      1.12 > . ack 1
      1.13 > P. 1:101(100) ack 1
      2.53 > P. 1:101(100) ack 1
      2.87 > . seq 101 ack 300`);
    expect(textOf(found, 'syn-retransmission')).toMatch(/had to send its SYN twice, again after 1\.00 s(;|\.)/);
  });
});

describe('a SYN,ACK', () => {
  it('that is repeated sooner than any timer answers a SYN that the capture has not', () => {
    const again = (time: string) =>
      findingsIn(
        `0.0 < S. seq 0 ack 1 id 7\n${time} < S. seq 0 ack 1 id 9\n0.21 > . ack 1\n0.33 > P. 1:101(100) ack 1\n0.47 < . ack 101`,
      );
    expect(of(again('0.0999'), 'syn-ack-retransmission')).toMatchObject({ severity: 'info' });
    expect(of(again('0.1000'), 'syn-ack-retransmission')).toMatchObject({ severity: 'warning' });
  });
});

describe('missing timestamps', () => {
  it('of a keep-alive are information', () => {
    const bare = (segment: string) =>
      findingsIn(`
      0.000 > S seq 0 <mss 1460,TS val 1000 ecr 0>
      0.020 < S. seq 0 ack 1 <mss 1460,TS val 7000 ecr 1000>
      0.021 > . ack 1 <nop,nop,TS val 1021 ecr 7000>
      0.030 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
      0.050 < . ack 101 <nop,nop,TS val 7050 ecr 1030>
      9.000 > ${segment} ack 1`);
    expect(of(bare('. seq 100'), 'timestamps-missing')).toMatchObject({ severity: 'info' });
    expect(of(bare('. seq 101'), 'timestamps-missing')).toMatchObject({ severity: 'warning' });
    const closing = (first: string, last = '. seq 102') =>
      bare(`F. seq 101 ack 1 <nop,nop,TS val 10000 ecr 7050>
      9.020 < ${first} ack 102 <nop,nop,TS val 16020 ecr 10000>
      9.030 > ${last}`);
    expect(of(closing('F. seq 1'), 'timestamps-missing')).toMatchObject({ severity: 'info' });
    expect(of(closing('. seq 1'), 'timestamps-missing')).toMatchObject({ severity: 'warning' });
    expect(of(closing('F. seq 1', 'P. 102:103(1)'), 'timestamps-missing')).toMatchObject({ severity: 'warning' });
    // With one octet of garbage (RFC 9293 section 3.8.4).
    expect(of(bare('. 100:101(1)'), 'timestamps-missing')).toMatchObject({ severity: 'info' });
  });
});

describe('two contents in one place', () => {
  it('are of one sender by its TTL and the IP IDs that it counts', () => {
    const conflict = (id: number, ttl = 64) =>
      textOf(
        findingsIn(`${PLAIN}
          0.1 > P. 1:6(5) ack 1 "first" ttl 64 id 77
          0.2 < . ack 1
          0.4 > P. 1:6(5) ack 1 "other" ttl ${ttl} id ${id}`),
        'payload-conflict',
      );
    expect(conflict(93)).toMatch(/one sender, which sent two contents for the same place/);
    expect(conflict(94)).toMatch(/one of the two is forged or rewritten/);
    expect(conflict(78, 63)).toMatch(/one of the two is forged or rewritten/);
  });
});

function setOf(...facts: number[]): FactSet {
  const set = new FactSet();
  for (const fact of facts) set.add(fact);
  return set;
}

describe('facts', () => {
  it('have room for more than a word of 32 bits', () => {
    expect(Object.keys(Fact).length).toBeGreaterThan(32);
    expect(new Set(Object.values(Fact)).size).toBe(Object.keys(Fact).length);
    for (const fact of Object.values(Fact)) {
      const set = setOf(fact);
      expect(Object.values(Fact).filter((other) => set.has(other))).toEqual([fact]);
      set.clear();
      expect(set.isEmpty).toBe(true);
    }
  });
});

describe('those who ask for facts', () => {
  function chosen(wanted: readonly (readonly number[])[], ...facts: number[]): number[] {
    const askers = new Askers(wanted);
    const count = askers.choose(setOf(...facts));
    return [...askers.chosen.subarray(0, count)];
  }

  it('are chosen for each fact and for no other', () => {
    const all = Object.values(Fact);
    const wanted = all.map((fact) => [fact]);
    for (const fact of all) expect(chosen(wanted, fact)).toEqual([fact]);
    expect(chosen(wanted, ...all)).toEqual(all);
    expect(chosen(wanted)).toEqual([]);
  });

  it('are chosen once and in their order, whatever they ask for', () => {
    const wanted = [[Fact.FIN, Fact.RST], [], [Fact.ECN], [Fact.RST, Fact.ECN]];
    expect(chosen(wanted, Fact.RST, Fact.ECN)).toEqual([0, 2, 3]);
    expect(chosen(wanted, Fact.FIN, Fact.RST)).toEqual([0, 3]);
    expect(chosen(wanted, Fact.SYN)).toEqual([]);
  });

  it('may be more than a word of bits, or than two', () => {
    const wanted = Array.from({ length: 70 }, (_, i) => [i % 2 === 0 ? Fact.ECN : Fact.SYN]);
    const even = wanted.map((_, i) => i).filter((i) => i % 2 === 0);
    expect(chosen(wanted, Fact.ECN)).toEqual(even);
    expect(chosen(wanted, Fact.ECN, Fact.SYN)).toHaveLength(70);
    expect(chosen(wanted.slice(0, 33), Fact.ECN)).toEqual(even.slice(0, 17));
  });

  it('are those of the call before no more', () => {
    const askers = new Askers([[Fact.FIN], [Fact.SYN]]);
    askers.choose(setOf(Fact.FIN, Fact.SYN));
    expect([askers.choose(setOf(Fact.SYN)), askers.chosen[0]]).toEqual([1, 1]);
  });
});

describe('the collector', () => {
  const view = Object.assign(new SegmentView(), { ipVersion: 4, src3: 1, srcPort: 1, dst3: 2, dstPort: 2, frame: 1 });
  const account = {
    id: 'fin-unanswered' as const,
    severity: 'warning' as const,
    message: say('fin-unanswered', { sender: { name: 'a', role: 'client' }, copies: 3, waited: 1e9 }),
    evidence: [1],
  };

  it('withdraws what turned out to be nothing, from the connection and from its row', () => {
    const collector = new Collector();
    const connection = new Connection(0, view, null);
    const row = { findings: [] as Finding[] };
    let holds = true;
    collector.defer({ connection, row: row as never, frame: 1, time: 0 }, 'x', () => (holds ? account : null));
    expect(connection.findings).toHaveLength(1);
    holds = false;
    collector.settle(() => false);
    expect([connection.findings, row.findings]).toEqual([[], []]);
  });

  it('makes information of what rests on something that the capture lacks', () => {
    const collector = new Collector();
    const connection = new Connection(7, view, null);
    collector.raise({ connection, row: null, frame: 1, time: 0 }, account);
    expect(connection.findings[0]).toMatchObject({ severity: 'warning', confidence: 1 });
    collector.settle((basis, stream) => basis === 'absence' && stream === 7);
    expect(connection.findings[0]).toMatchObject({ severity: 'info', confidence: 0.5 });
  });
});

describe('captures whose times are invented', () => {
  const flow = (n: number, interval: number) =>
    Array.from({ length: n }, (_, i) => `${(i * interval).toFixed(6)} > P. ${1 + i}:${2 + i}(1) ack 1`).join('\n');

  it('are told from five packets at even intervals on', () => {
    expect(of(findingsIn(flow(4, 0.123)), 'invented-times')).toBeUndefined();
    expect(of(findingsIn(flow(5, 0.123)), 'invented-times')?.text).toMatch(/intervals of exactly 123 ms/);
  });

  it('or when all have the same time, from two on', () => {
    expect(of(findingsIn(flow(2, 0)), 'invented-times')?.text).toMatch(/^All 2 packets have the same time/);
    expect(of(findingsIn('0 > P. 1:2(1) ack 1\n0.000001 > P. 2:3(1) ack 1'), 'invented-times')).toBeUndefined();
  });

  it('or fall on whole seconds', () => {
    const at = (times: number[]) => times.map((t, i) => `${t} > P. ${1 + i}:${2 + i}(1) ack 1`).join('\n');
    expect(of(findingsIn(at([0, 1, 4, 5, 9])), 'invented-times')?.text).toMatch(/at whole seconds/);
    expect(of(findingsIn(at([0, 1, 4, 5, 9.000001])), 'invented-times')).toBeUndefined();
  });

  it('or when most answers come within a microsecond', () => {
    const talk = (wait: number) =>
      Array.from(
        { length: 20 },
        (_, i) =>
          `${(i / 10 + i * i * 1e-3).toFixed(6)} > P. ${1 + i}:${2 + i}(1) ack 1\n+${wait.toFixed(6)} < . ack ${2 + i}`,
      ).join('\n');
    // Each answer is followed by the next question after a while: half of the segments that follow one of the other end.
    const chatty = (wait: number) =>
      Array.from(
        { length: 20 },
        (_, i) =>
          `${(i / 10 + i * i * 1e-3).toFixed(6)} > P. ${1 + i}:${2 + i}(1) ack ${1 + i}\n+${wait.toFixed(6)} < P. ${1 + i}:${2 + i}(1) ack ${2 + i}\n+${wait.toFixed(6)} > . ack ${2 + i}\n+${wait.toFixed(6)} < . ack ${2 + i}`,
      ).join('\n');
    expect(of(findingsIn(chatty(1e-6)), 'invented-times')?.text).toMatch(/within a microsecond/);
    expect(of(findingsIn(chatty(2e-6)), 'invented-times')).toBeUndefined();
    expect(of(findingsIn(talk(1e-6)), 'invented-times')).toBeUndefined();
  });
});

describe('resets', () => {
  it('are information when everything was acknowledged, and a warning when something was not', () => {
    const quiet = findingsIn(`${PLAIN}\n0.1 > P. 1:101(100) ack 1\n0.12 < . ack 101\n0.2 < R. seq 1 ack 101 win 0`);
    expect(of(quiet, 'connection-aborted')?.severity).toBe('info');
    const lossy = findingsIn(`${PLAIN}\n0.1 > P. 1:102(101) ack 1\n0.12 < . ack 101\n0.2 < R. seq 1 ack 101 win 0`);
    expect(of(lossy, 'connection-aborted')).toMatchObject({ severity: 'warning' });
    expect(of(lossy, 'connection-aborted')?.text).toMatch(/1 byte of 10\.0\.0\.1:40000 was not acknowledged/);
  });

  it('show no TTL that only the first packet lacks, as where a proxy answers the SYN', () => {
    const reset = (ttl: number) =>
      findingsIn(`
      0.00 > S seq 0 win 64240 <mss 1460>
      0.02 < S. seq 0 ack 1 win 65160 <mss 1460> ttl 255
      0.021 > . ack 1
      0.1 > P. 1:101(100) ack 1
      0.12 < . ack 101 ttl 55
      0.2 > P. 101:201(100) ack 1
      0.22 < . ack 201 ttl 55
      0.3 < R. seq 1 ack 201 win 0 ttl ${ttl}`);
    expect(of(reset(55), 'connection-aborted')?.text).not.toMatch(/TTL/);
    expect(of(reset(56), 'connection-aborted')?.text).toMatch(/Its TTL is 56 .*have 55/);
  });

  it('show a TTL that no other packet of their host has', () => {
    const findings = findingsIn(
      `${PLAIN}\n0.1 > P. 1:101(100) ack 1\n0.12 < . ack 101\n0.2 < R. seq 1 ack 101 win 0 ttl 63`,
    );
    expect(of(findings, 'connection-aborted')?.text).toMatch(
      /Its TTL is 63 \(IP ID \d+\), other packets of that host have 64/,
    );
  });

  describe('of a server that had closed', () => {
    const closed = (bytes: string, more = '') => `${PLAIN}
      0.1 < F. seq 1 ack 1
      0.12 > . ack 2
      0.13 > P. 1:8(7) ack 2 ${bytes}
      ${more}
      0.1501 < R seq 2 win 0`;
    const reset = (text: string) => of(findingsIn(text), 'reset-after-fin');

    it('lose what the client asks', () => {
      expect(reset(closed(''))).toMatchObject({ severity: 'warning' });
    });

    it('lose nothing but a TLS close_notify', () => {
      const alert = JSON.stringify(String.fromCharCode(0x15, 3, 3, 0, 2, 1, 0));
      expect(reset(closed(alert))).toMatchObject({ severity: 'info' });
      expect(textOf(findingsIn(closed(alert)), 'reset-after-fin')).toMatch(/close_notify/);
      // Data before it are more than that.
      const behind = closed('').replace(
        '0.13 > P. 1:8(7) ack 2',
        `0.13 > P. 1:2(1) ack 2\n 0.1300 > P. 2:9(7) ack 2 ${alert}`,
      );
      expect(textOf(findingsIn(behind), 'reset-after-fin')).toMatch(/did not take the last 8 bytes/);
    });

    it('are what a client has to expect that closes as well, or has aborted', () => {
      expect(reset(closed('', '0.1300 > F. seq 8 ack 2'))).toMatchObject({ severity: 'info' });
      expect(reset(closed('', '0.1300 > R. seq 8 ack 2 win 0'))).not.toMatchObject({ severity: 'warning' });
    });

    it('lose what comes until the client hears of them too, and what they acknowledge', () => {
      const more = `${closed('')}\n 0.1502 > P. 8:108(100) ack 2`;
      expect(textOf(findingsIn(more), 'reset-after-fin')).toMatch(/did not take the last 107 bytes/);
      const acknowledging = closed('').replace('R seq 2 win 0', 'R. seq 2 ack 8 win 0');
      expect(textOf(findingsIn(acknowledging), 'reset-after-fin')).toMatch(/did not take the last 7 bytes/);
    });
  });

  it('of a client that had closed lose an answer that it did not wait for', () => {
    const closed = `${PLAIN}
      0.1 > F. seq 1 ack 1
      0.12 < . ack 2
      0.13 < P. 1:8(7) ack 2
      0.1301 > R seq 2 win 0`;
    expect(of(findingsIn(closed), 'reset-after-fin')).toMatchObject({ severity: 'info' });
  });

  it('lose what the other end had neither acknowledged when they came nor later, and what it sent meanwhile', () => {
    const aborted = (later: string) =>
      findingsIn(`${PLAIN}
        0.1 > P. 1:101(100) ack 1
        0.1001 > P. 101:201(100) ack 1
        0.11 > R. seq 201 ack 1 win 0
        ${later}`);
    const said = (later: string) => textOf(aborted(later), 'connection-aborted');
    expect(said('0.12 < . ack 101')).toMatch(/by a RST; 100 bytes of its own were not acknowledged/);
    expect(said('0.12 < . ack 200')).toMatch(/by a RST; 1 byte of its own was not acknowledged/);
    expect(of(aborted('0.12 < . ack 200'), 'connection-aborted')).toMatchObject({ severity: 'warning' });
    expect(said('0.12 < . ack 201')).not.toMatch(/not acknowledged/);
    expect(of(aborted('0.12 < . ack 201'), 'connection-aborted')).toMatchObject({ severity: 'info' });
    expect(said('0.12 < P. 1:8(7) ack 201')).toMatch(/by a RST; 7 bytes of 10\.0\.0\.2:80 were not acknowledged/);
  });

  it('lose more than a TLS close_notify', () => {
    const alert = JSON.stringify(String.fromCharCode(0x15, 3, 3, 0, 2, 1, 0));
    const aborted = (bytes: string, fin: string) => `${PLAIN}
      0.1 < ${fin} ack 1
      0.12 > P. 1:8(7) ack 2 ${bytes}
      0.1201 > R. seq 8 ack 2 win 0`;
    expect(of(findingsIn(aborted(alert, 'F. seq 1')), 'connection-aborted')).toMatchObject({ severity: 'info' });
    expect(of(findingsIn(aborted('', 'F. seq 1')), 'connection-aborted')).toMatchObject({ severity: 'warning' });
    expect(of(findingsIn(aborted(alert, 'P. 1:2(1)')), 'connection-aborted')).toMatchObject({ severity: 'info' });
    expect(of(findingsIn(aborted('', 'P. 1:2(1)')), 'connection-aborted')).toMatchObject({ severity: 'warning' });
  });

  it('that answer a SYN are refusals, though the client asks again and is accepted', () => {
    const refused = (again: string) => `
      0.000 > S seq 0 win 64240 <mss 1460>
      0.020 < R. seq 0 ack 1 win 0
      ${again}
      0.520 < S. seq 0 ack 1 win 65160 <mss 1460>
      0.521 > . ack 1 win 64240
      0.530 > P. 1:101(100) ack 1
      0.550 < . ack 101`;
    const retried = findingsIn(refused('0.500 > S seq 0 win 64240 <mss 1460>'));
    expect([of(retried, 'connection-refused') !== undefined, of(retried, 'forged-reset') !== undefined]).toEqual([
      true,
      false,
    ]);
    const foreign = findingsIn(refused(''));
    expect([of(foreign, 'connection-refused') !== undefined, of(foreign, 'forged-reset') !== undefined]).toEqual([
      false,
      true,
    ]);
  });
});
