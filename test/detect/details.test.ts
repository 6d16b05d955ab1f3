import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import type { Finding } from '../../src/model/finding.ts';
import { Kind } from '../../src/model/verdict.ts';
import { analyse, analyseScenario } from '../support/analyze.ts';
import { findingsIn } from '../support/findings.ts';
import { scenario } from '../support/scenario.ts';
import { CASES, HANDSHAKE, PLAIN } from './cases.ts';

const idsOf = (findings: readonly Finding[]) => findings.map((finding) => finding.id);
const textOf = (findings: readonly Finding[], id: string) => findings.find((finding) => finding.id === id)?.text;

describe('rows and summary', () => {
  it.each(Object.entries(CASES))('%s: the same findings with rows and without', (_id, { raises, not }) => {
    const { text, options } = raises ?? not;
    const { pcap } = scenario(options ?? {}, text);
    const summary = new Analyzer();
    const reader = new CaptureReader(summary);
    reader.open('test');
    reader.write(pcap);
    reader.end();
    summary.end();
    const { analyzer } = analyse(pcap);
    const plain = ({ findings, connections }: Analyzer) =>
      JSON.stringify([findings, connections.map((connection) => connection.findings)]);
    expect(plain(summary)).toBe(plain(analyzer));
  });

  it('attaches the finding of an episode to the row of its first retransmission', () => {
    const { rows } = analyseScenario(CASES['retransmission-timeout'].raises!.text);
    expect(rows.filter((row) => row.findings.length > 0).map((row) => [row.view.frame, idsOf(row.findings)])).toEqual([
      [5, ['retransmission-timeout']],
    ]);
  });

  it('gives a row its finding even when it leaves at once', () => {
    const { pcap } = scenario({}, CASES['connection-refused'].raises!.text);
    const { rows } = analyse(pcap, { horizon: { time: 0, rows: 1 } });
    expect(rows.map((row) => idsOf(row.findings))).toEqual([[], ['connection-refused']]);
  });
});

describe('split handshakes', () => {
  it('are known in four packets too, where the server answers with a SYN alone', () => {
    const findings = findingsIn(`0.000000 > S seq 0 win 8192
      0.000600 < S seq 0 win 8192
      0.001100 > S. seq 0 ack 1
      0.001600 < . seq 1 ack 1
      0.002100 > P. 1:5(4) ack 1`);
    expect(idsOf(findings)).toContain('split-handshake');
    expect(idsOf(findings)).not.toContain('simultaneous-open');
  });
});

describe('a SYN flood', () => {
  const raises = CASES['syn-flood'].raises!;

  it('takes the place of its half-open connections', () => {
    const findings = findingsIn(raises.text, raises.options);
    expect(idsOf(findings)).not.toContain('half-open');
  });

  it('tells a server that keeps state from one that does not', () => {
    const names = Array.from({ length: 60 }, (_, i) => `C${i}`);
    const repeated = names.map((name, i) => `${(1.5 + i / 1000).toFixed(6)} < S. seq 0 ack 1 conn ${name}`).join('\n');
    expect(textOf(findingsIn(`${raises.text}\n${repeated}`, raises.options), 'syn-flood')).toMatch(
      /answered all of them and repeated its SYN,ACK for 60: it keeps half-open connections/,
    );
    // Long after the time of a first repetition there was none.
    const options = {
      ...raises.options,
      connections: { ...raises.options?.connections, LATE: { client: '10.7.7.7:77' } },
    };
    const late = `${raises.text}\n9.0 > S seq 0 win 100 conn LATE\n9.1 < R. seq 0 ack 1 conn LATE`;
    expect(textOf(findingsIn(late, options), 'syn-flood')).toMatch(
      /for none: it keeps no state for them \(SYN cookies\)/,
    );
  });
});

describe('resets', () => {
  it('in a row are told once', () => {
    const findings = findingsIn(`${PLAIN}
      0.500000 > R. seq 1 ack 1 win 0
      0.500100 > R. seq 1 ack 1 win 0
      0.500200 > R. seq 1 ack 1 win 0`);
    expect(idsOf(findings).filter((id) => id === 'connection-aborted')).toHaveLength(1);
  });

  it('that end unanswered data say that their sender gave up', () => {
    const findings = findingsIn(`${PLAIN}
      0.030000 > P. 1:101(100) ack 1
      0.250000 > P. 1:101(100) ack 1
      0.690000 > P. 1:101(100) ack 1
      1.570000 > R. seq 101 ack 1 win 0`);
    expect(textOf(findings, 'connection-aborted')).toMatch(/gave up after 2 repeated segments without an answer/);
  });

  it('after unanswered keep-alives leave the word to the keep-alives', () => {
    expect(idsOf(findingsIn(CASES['keep-alive-failure'].raises!.text))).not.toContain('connection-aborted');
  });
});

describe('windows', () => {
  it('whose scale was cut off by the snapshot length are not judged', () => {
    // The SYNs keep the first eight bytes of their options: the scale after them is unknown.
    const findings = findingsIn(`0.000000 > S seq 0 win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 7> snap 62
      0.020000 < S. seq 0 ack 1 win 65160 <mss 1460,nop,nop,sackOK,nop,wscale 7> snap 62
      0.020050 > .  ack 1 win 502
      0.030000 > P. 1:1001(1000) ack 1
      0.050000 < .  ack 1001 win 501`);
    expect(idsOf(findings)).not.toContain('window-shrunk');
    expect(idsOf(findings)).not.toContain('data-beyond-window');
  });

  it('may stay closed until the end', () => {
    const findings = findingsIn(`${PLAIN}
      0.030000 > P. 1:1001(1000) ack 1
      0.050000 < .  ack 1001 win 0
      5.050000 < .  ack 1001 win 0`);
    expect(textOf(findings, 'zero-window')).toMatch(/closed its window and had not opened it 5\.00 s later/);
  });

  it('that close for a moment are no warning', () => {
    const findings = findingsIn(`${PLAIN}
      0.030000 > P. 1:1001(1000) ack 1
      0.050000 < .  ack 1001 win 0
      0.060000 < .  ack 1001 win 8000`);
    expect(findings.find((finding) => finding.id === 'zero-window')?.severity).toBe('info');
  });
});

describe('ICMP errors', () => {
  it('of the same kind are told once and counted', () => {
    const findings = findingsIn(`${PLAIN}
      0.030000 > . 1:1461(1460) ack 1
      0.030100 > . 1461:2921(1460) ack 1
      0.040000 icmp frag-needed quotes 4 from 10.9.9.9 mtu 1400
      0.040100 icmp frag-needed quotes 5 from 10.9.9.9 mtu 1400`);
    const found = findings.filter((finding) => finding.id === 'icmp-too-big');
    expect(found).toHaveLength(1);
    expect(found[0].text).toMatch(/takes 1,400 bytes, twice\.$/);
    expect(found[0].evidence).toEqual([6, 7]);
  });

  it('about data that is not outstanding are doubted', () => {
    const findings = findingsIn(`${PLAIN}
      0.030000 > P. 1:101(100) ack 1
      0.050000 < . ack 101
      0.300000 icmp host-unreachable quotes 4 from 10.9.9.9`);
    const [found] = findings.filter((finding) => finding.id === 'icmp-unreachable');
    expect(found.confidence).toBe(0.5);
    expect(found.text).toMatch(/may be forged/);
  });
});

it('names the ends, their roles and the units', () => {
  expect(textOf(findingsIn(CASES['tail-loss'].raises!.text), 'tail-loss')).toBe(
    'The end of a flight of 10.0.0.1:40000 (client) (1,000 bytes) was lost; a probe 70.0 ms later sent it again; repaired after 20.0 ms.',
  );
});

it('doubts losses of which only one direction was captured', () => {
  const findings = findingsIn(`0.000000 > S seq 0 win 64240 <mss 1460>
    0.020000 > . ack 1
    0.030000 > P. 1:101(100) ack 1
    0.330000 > P. 1:101(100) ack 1
    0.400000 > P. 101:201(100) ack 5001`);
  const [found] = findings.filter((finding) => finding.id === 'retransmission');
  expect(found).toMatchObject({ severity: 'info', confidence: 0.5 });
});

it('keeps a silent stray out of the judgment of its connection', () => {
  const findings = findingsIn(`${HANDSHAKE}
    0.030000 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
    0.050000 < .  ack 101 <nop,nop,TS val 7030 ecr 1030>
    0.060000 > F. seq 501 ack 1 ttl 57
    0.070000 > P. 101:201(100) ack 1 <nop,nop,TS val 1070 ecr 7030>`);
  expect(idsOf(findings)).toEqual(['capture-position', 'injected-segment']);
});

it('sees malformed options after the handshake too', () => {
  const findings = findingsIn(`${PLAIN}
    0.030000 > P. 1:101(100) ack 1 <bytes 0801>
    0.050000 < .  ack 101`);
  expect(textOf(findings, 'malformed-options')).toMatch(
    /^The options of packet 4 of 10\.0\.0\.1:40000 \(client\) are malformed/,
  );
});

it.each([
  ['an empty SACK option', '05020101', false],
  ['a SACK option of one octet', '05030101', true],
])('%s', (_, bytes, isMalformed) => {
  const findings = findingsIn(`${PLAIN}
    0.030000 > P. 1:101(100) ack 1 <bytes ${bytes}>
    0.050000 < .  ack 101`);
  expect(idsOf(findings).includes('malformed-options')).toBe(isMalformed);
});

describe('a clock that was set forward', () => {
  const talk = (gap: number, ticks: number) => `${HANDSHAKE}
    0.030000 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
    ${(gap + 0.05).toFixed(3)} < . ack 101 <nop,nop,TS val ${7030 + ticks} ecr 1030>
    ${(gap + 0.06).toFixed(3)} > P. 101:201(100) ack 1 <nop,nop,TS val ${1060 + ticks} ecr ${7030 + ticks}>
    ${(gap + 0.08).toFixed(3)} < . ack 201 <nop,nop,TS val ${7060 + ticks} ecr ${1060 + ticks}>
    ${(gap + 0.09).toFixed(3)} > P. 201:301(100) ack 1 <nop,nop,TS val ${1090 + ticks} ecr ${7060 + ticks}>`;

  it('shows in timestamps that did not see the time go by', () => {
    expect(textOf(findingsIn(talk(3600, 0)), 'clock-step')).toMatch(
      /^The times go forward by 1 h 00 min at packet 5, but the TCP timestamps of the hosts do not: the clock of the capture was set/,
    );
  });

  it('is told from silence', () => {
    expect(idsOf(findingsIn(talk(3600, 3600_000)))).not.toContain('clock-step');
  });

  it('is told from a silence by clocks that tick a hundred times a second', () => {
    const slow = talk(60, 60_000).replaceAll(
      /(val|ecr) (\d+)/g,
      (_, word, n) => `${word} ${Math.floor(Number(n) / 10)}`,
    );
    expect(idsOf(findingsIn(slow))).not.toContain('clock-step');
  });

  it('is not told from a SYN that keeps its timestamp when it is sent again, as some stacks have it', () => {
    const repeated = (val: number) => `
      0.000000 > S seq 0 win 64240 <mss 1460,TS val 1000 ecr 0>
      2.000000 > S seq 0 win 64240 <mss 1460,TS val ${val} ecr 0>
      2.010000 < S. seq 0 ack 1 win 64240 <mss 1460,TS val 7000 ecr ${val}>
      2.020000 > . ack 1 <TS val 3020 ecr 7000>
      2.030000 > P. 1:101(100) ack 1 <TS val 3030 ecr 7000>
      2.050000 < . ack 101 <TS val 7050 ecr 3030>
      2.120000 > P. 101:201(100) ack 1 <TS val 3120 ecr 7050>`;
    for (const val of [1000, 3000]) expect(idsOf(findingsIn(repeated(val)))).not.toContain('clock-step');
  });

  it('is not told from the rate that a few ticks show', () => {
    // 11 ticks in 10.2 ms: over half a minute that comes to two seconds.
    const few = `${HANDSHAKE}
      30.000000 > P. 1:101(100) ack 1 <nop,nop,TS val 31000 ecr 7000>
      31.500000 > P. 101:201(100) ack 1 <nop,nop,TS val 32500 ecr 7000>
      31.510200 > P. 201:301(100) ack 1 <nop,nop,TS val 32511 ecr 7000>`;
    expect(idsOf(findingsIn(few))).not.toContain('clock-step');
  });

  // Of 100 ticks in 0.1 s one may be half, and 1.1 s may have gone by: of 351 ticks that makes 3.9 s, and 15.2 s were missed.
  it.each([
    [351, true],
    [352, false],
  ])(
    'missed four fifths of it for certain: %i ticks in 19.1 s, though a packet may be a second late',
    (ticks, isTold) => {
      const stood = `
      0.000000 > S seq 0 win 64240 <mss 1460,TS val 1000 ecr 0>
      0.100000 > P. 1:101(100) ack 1 <nop,nop,TS val 1100 ecr 0>
      19.100000 > P. 101:201(100) ack 1 <nop,nop,TS val ${1000 + ticks} ecr 0>
      19.200000 > P. 201:301(100) ack 1 <nop,nop,TS val ${1100 + ticks} ecr 0>`;
      expect(idsOf(findingsIn(stood)).includes('clock-step')).toBe(isTold);
    },
  );

  // 1901 ticks in 0.9 s: 1.9 s at the most, a millisecond each. The silence lasted 14 s, from 59 s to 73 s.
  it.each([
    [58000, true],
    [57999, false],
  ])(
    'is told from packets that were held back, since nobody misses more than there was: %i ticks in 73 s',
    (ticks, isTold) => {
      const held = `
      0.000000 > S seq 0 win 64240 <mss 1460,TS val 1000 ecr 0>
      59.000000 > P. 1:101(100) ack 1 <nop,nop,TS val 58000 ecr 0>
      73.000000 > P. 101:201(100) ack 1 <nop,nop,TS val ${1000 + ticks} ecr 0>
      73.900000 > P. 201:301(100) ack 1 <nop,nop,TS val ${1000 + ticks + 1901} ecr 0>`;
      expect(idsOf(findingsIn(held)).includes('clock-step')).toBe(isTold);
    },
  );
});

it('of one direction nobody is said to have given up without an answer', () => {
  const gaveUp = (other: string) => `${other}
    1.000 > P. 1:101(100) ack 1
    1.300 > P. 1:101(100) ack 1
    1.900 > P. 1:101(100) ack 1
    3.100 > P. 1:101(100) ack 1
    5.500 > P. 1:101(100) ack 1
    9.000 > R. seq 101 ack 1 win 0`;
  const oneWay = PLAIN.split('\n')
    .filter((line) => !line.includes('<'))
    .join('\n');
  expect(textOf(findingsIn(gaveUp(PLAIN)), 'connection-aborted')).toMatch(/gave up after 4 repeated segments/);
  expect(textOf(findingsIn(gaveUp(oneWay)), 'connection-aborted')).not.toMatch(/gave up/);
});

it('does not call unacknowledged what was acknowledged by packets that are not in the capture', () => {
  // The server acknowledges all that was seen of the client, or one byte more: that came with an acknowledgment of its own data.
  const aborted = (ack: number) =>
    findingsIn(`${PLAIN}
      0.030 > P. 1:101(100) ack 1
      0.050 < P. 1:201(200) ack 101
      0.080 < R. seq 201 ack ${ack} win 0`);
  expect(textOf(aborted(101), 'connection-aborted')).toMatch(/200 bytes of its own were not acknowledged/);
  expect(textOf(aborted(102), 'connection-aborted')).not.toMatch(/not acknowledged/);
});

it('says how long a timer ran, where the first copy was not seen, beside its sender only', () => {
  const repaired = (way: number) => `
    1.000000 > .  1:1001(1000) ack 1
    ${(1 + way).toFixed(4)} < .  ack 1001
    1.100000 > .  2001:3001(1000) ack 1
    ${(1.1 + way).toFixed(4)} < .  ack 1001
    1.600000 > .  1001:2001(1000) ack 1
    ${(1.6 + way).toFixed(4)} < .  ack 3001`;
  const opened = (there: string) => `0.000000 > S seq 0 win 64240 <mss 1000>
    ${there} < S. seq 0 ack 1 win 65160 <mss 1000>
    0.040100 > . ack 1`;
  const text = (capture: string) => textOf(findingsIn(capture), 'retransmission-timeout');
  // It may have been sent before, in vain: when the repair began is unknown.
  expect(text(`${opened('0.000100')}${repaired(0.0001)}`)).toMatch(/expired at least once, in 500 ms of silence\.$/);
  expect(text(`${opened('0.040000')}${repaired(0.04)}`)).toMatch(/expired once, after 5[0-6]0 ms;/);
  // How far the sender is, nothing tells: neither when it began nor how long the repair took it.
  expect(text(repaired(0.0001))).toMatch(/expired once\.$/);
});

it('tells of a repair seen at the receiver, begun in the middle, how long it took its sender as far as its echoes tell that', () => {
  // A segment every 10 ms, of which the 200th is lost. The server answers what it hears after 40 ms.
  const [LOST, ROUND] = [200, 4];
  const segment = (i: number) => `${1 + 100 * i}:${101 + 100 * i}(100) ack 1`;
  const told = (stamp: (val: number, ecr: number) => string) => {
    let capture = '';
    for (let i = 0; i < LOST + 40; i++) {
      const heard = 5000 + 10 * (i - ROUND);
      const [from, again] = [1 + 100 * LOST, LOST + 1 + ROUND];
      const options = stamp(9000 + 10 * i, heard);
      if (i !== LOST) capture += `${(i / 100).toFixed(6)} < . ${segment(i)}${options && ` <nop,nop,${options}>`}\n`;
      const isOpen = i >= LOST && i < again;
      const ack = isOpen ? from : 101 + 100 * i;
      const sack = i > LOST && isOpen ? `sack ${from + 100}:${101 + 100 * i}` : '';
      const mine = [stamp(5000 + 10 * i, 9000 + 10 * (isOpen ? LOST - 1 : i)), sack].filter(Boolean).join(',');
      const acks = `${(i / 100 + 1e-5).toFixed(6)} > . ack ${ack} win 60000${mine && ` <nop,nop,${mine}>`}\n`;
      if (i === again) {
        const repeat = stamp(9000 + 10 * i + 1, 5000 + 10 * (LOST + 1));
        capture += `${(i / 100 + 5e-6).toFixed(6)} < . ${segment(LOST)}${repeat && ` <nop,nop,${repeat}>`}\n`;
      }
      if (i !== LOST) capture += acks;
    }
    return textOf(findingsIn(capture), 'packet-loss');
  };
  expect(told((val, ecr) => `TS val ${val} ecr ${ecr}`)).toMatch(
    /repaired after about (39|40)\.\d ms \((39|40)\.\d ms of it estimated\)\.$/,
  );
  expect(told(() => '')).toMatch(/was lost and sent again by fast retransmission\.$/);
});

it('tells no time of a repair that had begun with a timeout before it', () => {
  // At the server. All that follows 1001 is lost; 1001:2001 comes again after a second, alone, and then new data.
  const text = (first: string) =>
    textOf(
      findingsIn(`0.000000 > S seq 0 win 64240 <mss 1000>
        0.000100 < S. seq 0 ack 1 win 65160 <mss 1000>
        0.040100 > . ack 1
        1.000000 > . 1:1001(1000) ack 1
        1.000100 < . ack 1001
        ${first}
        2.041000 > . 5001:6001(1000) ack 1
        2.041100 < . ack 2001
        2.082000 > . 2001:3001(1000) ack 1
        2.082100 < . ack 3001
        2.083000 > . 3001:5001(2000) ack 1
        2.083100 < . ack 6001`),
      'retransmission-timeout',
    );
  expect(text('2.000000 > . 1001:2001(1000) ack 1\n2.000100 < . ack 2001')).toMatch(
    /expired at least once\. 2 further/,
  );
  // It came soon: there was no timeout.
  expect(text('1.000200 > . 1001:2001(1000) ack 1\n1.000300 < . ack 2001')).toBeUndefined();
});

it('blames no network before the capture for what had passed it, beside the receiver, unanswered', () => {
  const waiting = (answer: string, first: string) =>
    findingsIn(`0.000000 > S seq 0 win 64240 <mss 1000>
      ${answer} < S. seq 0 ack 1 win 65160 <mss 1000>
      0.040100 > . ack 1
      0.100000 > . ${first}(100) ack 1
      0.400000 > . 1:101(100) ack 1
      1.000000 > . 1:101(100) ack 1
      1.000100 < . ack 201`).find(({ id }) => id === 'retransmission-timeout')!;
  const told = (answer: string, first = '1:101') => {
    const { who, text } = waiting(answer, first);
    return [who, /had passed the capture/.test(text)];
  };
  expect(told('0.000100')).toEqual(['unknown', true]);
  // At the sender, and where its first copy had not come.
  expect(told('0.040000')).toEqual(['network', false]);
  expect(told('0.000100', '101:201')).toEqual(['network', false]);
});

it('names fast retransmission where an ACK had told of what is sent again first', () => {
  // Seen beside the receiver: 101:201 comes late, all is acknowledged, and the sender begins again somewhere.
  const again = (from: number) =>
    textOf(
      findingsIn(`0.000000 > S seq 0 win 64240 <mss 1000,sackOK>
        0.000050 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK>
        0.020050 > . ack 1
        0.030000 > . 1:101(100) ack 1
        0.030050 < . ack 101
        0.031000 > . 201:301(100) ack 1
        0.031050 < . ack 101 <nop,nop,sack 201:301>
        0.032000 > . 301:401(100) ack 1
        0.032050 < . ack 101 <nop,nop,sack 201:401>
        0.035000 > . 101:201(100) ack 1
        0.035050 < . ack 401
        0.045000 > . ${from}:${from + 100}(100) ack 1
        0.045050 < . ack 401 <nop,nop,sack ${from}:${from + 100}>
        0.046000 > . 101:201(100) ack 1
        0.046050 < . ack 401 <nop,nop,sack 101:201>
        0.047000 > . 201:301(100) ack 1
        0.047050 < . ack 401 <nop,nop,sack 201:301>`),
      'spurious-retransmission',
    );
  expect(again(101)).toMatch(/by fast retransmission were not needed/);
  expect(again(1)).toMatch(/\(300 bytes\) were not needed/);
});

it('a repeat of what had been acknowledged is no part of the repair of what was sent later', () => {
  // The second ACK of 101 moves nothing: only ten seconds later does the next one.
  const findings = (from: number) =>
    findingsIn(`${PLAIN}
      0.030000 > P. 1:101(100) ack 1
      0.060000 < .  ack 101
      0.070000 > P. 1:101(100) ack 1
      0.100000 < .  ack 101
      10.000000 > P. 101:201(100) ack 1
      10.300000 > P. ${from}:201(${201 - from}) ack 1
      10.330000 < . ack 201`);
  expect(textOf(findings(101), 'retransmission-timeout')).toMatch(
    /expired once, after 300 ms; repaired after 30\.0 ms\.$/,
  );
  // As part of it it would have begun with what was not lost: when that was repaired, nothing tells.
  expect(textOf(findings(100), 'retransmission-timeout')).not.toMatch(/repaired/);
});

it('tells no waits between SYNs that stand in another order than their times', () => {
  const syns = (third: number) =>
    textOf(
      findingsIn(`1.000000 > S seq 0 win 8192 <mss 1460>
        2.000000 > S seq 0 win 8192 <mss 1460>
        ${third} > S seq 0 win 8192 <mss 1460>
        5.000000 > S seq 0 win 8192 <mss 1460>`),
      'syn-unanswered',
    );
  expect(syns(2.5)).toMatch(/sent its SYN 4 times, waiting 1\.00 s, 500 ms and 2\.50 s in between/);
  expect(syns(1.9)).toMatch(/sent its SYN 4 times, and no answer is in the capture/);
});

it('says of timestamps that a receiver drops data only where the receiver is heard', () => {
  const stale = (answer: string) =>
    findingsIn(`0.000000 > P. 1:11(10) ack 1 win 8192 <nop,nop,TS val 5000 ecr 1>
      ${answer}
      0.200000 > P. 11:21(10) ack 1 win 8192 <nop,nop,TS val 1000 ecr 1>
      0.300000 > P. 21:31(10) ack 1 win 8192 <nop,nop,TS val 5100 ecr 1>`);
  expect(idsOf(stale('0.050000 < . seq 1 ack 11 win 8192 <nop,nop,TS val 9 ecr 5000>'))).toContain(
    'timestamps-backwards',
  );
  expect(idsOf(stale(''))).not.toContain('timestamps-backwards');
});

it('tells an older timestamp of data that was dropped from one of data that the path brought late', () => {
  // 101:201 left before the repeat of 1:101, whose timestamp is newer, and arrives after it.
  const late = (rest: string) => {
    const { analyzer, rows } = analyseScenario(`0.000000 > P. 1:101(100) ack 1 win 8192 <nop,nop,TS val 5000 ecr 1>
        0.010000 < . seq 1 ack 101 win 8192 <nop,nop,TS val 9 ecr 5000>
        0.020000 > P. 1:101(100) ack 1 win 8192 <nop,nop,TS val 5020 ecr 1>
        0.020010 < . seq 1 ack 101 win 8192 <nop,nop,TS val 20 ecr 5000,nop,nop,sack 1:101>
        0.030000 > P. 101:201(100) ack 1 win 8192 <nop,nop,TS val 5001 ecr 1>
        ${rest}`);
    const told = idsOf(analyzer.connections.flatMap(({ findings }) => findings));
    // The row of the packet tells what the connection tells.
    const isTold = told.includes('timestamps-backwards');
    expect(idsOf(rows.flatMap(({ findings }) => findings)).includes('timestamps-backwards')).toBe(isTold);
    return told;
  };
  const taken = '0.030010 < . seq 1 ack 201 win 8192 <nop,nop,TS val 30 ecr 5001>';
  const refused = '0.030010 < . seq 1 ack 101 win 8192 <nop,nop,TS val 30 ecr 5020>';
  const acknowledged = '0.050010 < . seq 1 ack 201 win 8192 <nop,nop,TS val 50 ecr 5050>';
  const again = (from: number, to: number) =>
    `0.050000 > P. ${from}:${to}(${to - from}) ack 1 win 8192 <nop,nop,TS val 5050 ecr 9>`;
  expect(late(taken)).not.toContain('timestamps-backwards');
  // Another repeat of what went before says nothing of it, and one of its own bytes was not needed.
  expect(late(`${taken}\n${again(1, 101)}`)).not.toContain('timestamps-backwards');
  expect(late(`${taken}\n${again(101, 201)}`)).not.toContain('timestamps-backwards');
  expect(late(`${refused}\n${again(1, 101)}\n${acknowledged}`)).not.toContain('timestamps-backwards');
  expect(late(`${refused}\n${again(101, 201)}\n${acknowledged}`)).toContain('timestamps-backwards');
  expect(late(`${refused}\n${again(1, 102)}\n${acknowledged}`)).toContain('timestamps-backwards');
});

it('says nothing of the timestamp of bytes that lie outside of any window', () => {
  const stale = (seq: number) =>
    findingsIn(`0.000000 > P. 1:11(10) ack 1 win 8192 <nop,nop,TS val 5000 ecr 1>
      0.050000 < . seq 1 ack 11 win 8192 <nop,nop,TS val 9 ecr 5000>
      0.200000 > P. ${seq}:${seq + 10}(10) ack 1 win 8192 <nop,nop,TS val 1000 ecr 1>`);
  expect(idsOf(stale(11 + 2 ** 30))).toContain('timestamps-backwards');
  expect(idsOf(stale(12 + 2 ** 30))).not.toContain('timestamps-backwards');
});

it('takes any two addresses of 127.0.0.0/8 for one host (RFC 1122 section 3.2.1.3), and others not', () => {
  const place = (server: string) =>
    textOf(findingsIn(PLAIN, { client: '127.0.0.1:40000', server }), 'capture-position');
  expect(place('127.0.1.1:80')).toMatch(/loopback/);
  expect(place('127.255.255.255:80')).toMatch(/loopback/);
  expect(place('128.0.0.0:80')).not.toMatch(/loopback/);
  expect(place('126.255.255.255:80')).not.toMatch(/loopback/);
});

it('a RST answers what was sent again', () => {
  const again = (answer: string) =>
    textOf(
      findingsIn(`${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.330000 > P. 1:101(100) ack 1
        0.350000 < ${answer}`),
      'retransmission-timeout',
    );
  expect(again('. ack 1')).toMatch(/no acknowledgment of this is in the rest of the capture/);
  expect(again('R. seq 1 ack 1 win 0')).not.toMatch(/no acknowledgment/);
});

it('calls nobody unresponsive who acknowledges smaller segments', () => {
  const findings = findingsIn(`${PLAIN}
    0.030000 > .  1:1461(1460) ack 1
    0.250000 > .  1:1461(1460) ack 1
    0.690000 > .  1:1461(1460) ack 1
    1.570000 > .  1:1461(1460) ack 1
    3.000000 > .  1:513(512) ack 1
    3.020000 < .  ack 513`);
  expect(idsOf(findings)).not.toContain('peer-unresponsive');
  expect(idsOf(findings)).toContain('retransmission-timeout');
});

it('tells the size of a full window beside the sender only, and elsewhere counts what shows at the least', () => {
  /** When the SYN,ACK and the ACK of it pass, and the answer to the last data: one of both ends answers at once. */
  const full = (synAck: string, ack: string, last: string) =>
    textOf(
      findingsIn(`0.000000 > S seq 0 win 64240 <mss 1000>
        ${synAck} < S. seq 0 ack 1 win 2000 <mss 1000>
        ${ack} > .  ack 1
        0.210000 > .  1:1001(1000) ack 1
        0.210010 > .  1001:2001(1000) ack 1
        0.410000 < .  ack 2001 win 2000
        0.510000 > P. 2001:2101(100) ack 1
        ${last} < .  ack 2101`),
      'window-full',
    );
  expect(full('0.100000', '0.100010', '0.610000')).toMatch(/ \(up to 2,000 bytes\) stopped .* once, for 200 ms in all/);
  expect(full('0.000010', '0.100000', '0.510010')).toMatch(
    /server\) stopped .* at least once, for at least 300 ms in all/,
  );
});

it('does not blame the window for an outage', () => {
  const findings = findingsIn(`0.000000 > S seq 0 win 64240 <mss 1000>
    0.020000 < S. seq 0 ack 1 win 2000 <mss 1000>
    0.020050 > .  ack 1
    0.030000 > .  1:1001(1000) ack 1
    0.030010 > P. 1001:2001(1000) ack 1
    0.250000 > .  1:1001(1000) ack 1
    0.690000 > .  1:1001(1000) ack 1
    0.710000 < .  ack 2001 win 2000`);
  expect(idsOf(findings)).not.toContain('window-full');
});

it('calls a split handshake by its name only', () => {
  const findings = findingsIn(CASES['split-handshake'].raises!.text);
  expect(idsOf(findings)).not.toContain('illegal-transition');
});

describe('captures of two places in one', () => {
  const sent = Array.from({ length: 12 }, (_, i) => [
    `${(0.1 + i / 10).toFixed(3)} > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1`,
    `${(0.12 + i / 10).toFixed(3)} dup ${4 + 4 * i}`,
    `${(0.1201 + i / 10).toFixed(4)} < . ack ${101 + 100 * i}`,
    `${(0.14 + i / 10).toFixed(3)} dup ${6 + 4 * i}`,
  ]);

  it('are known by how many packets come twice, however much later', () => {
    const { analyzer, rows } = analyseScenario(`${PLAIN}\n${sent.flat().join('\n')}`);
    expect(idsOf(analyzer.findings)).toContain('capture-duplicate');
    expect(idsOf(analyzer.findings)).not.toContain('network-duplicate');
    const later = rows.filter((row) => row.view.frame > 30 && row.verdict!.kind === Kind.DUPLICATE);
    expect(later.every((row) => row.verdict!.byCapture)).toBe(true);
  });
});

it('does not miss what was sent before the capture began', () => {
  const findings = findingsIn(`0.000 < .  seq 1 ack 5001 win 501
    0.001 > .  9001:10001(1000) ack 1
    0.002 > .  10001:11001(1000) ack 1
    0.003 < .  ack 7001
    0.005 < .  ack 9001
    0.040 < .  ack 11001`);
  expect(idsOf(findings)).not.toContain('missing-in-capture');
});

describe('what an episode of repair says', () => {
  it('counts SYNs only, not the data of a SYN that is sent again after the handshake', () => {
    const findings = findingsIn(`0.000 > S seq 0 <mss 1460> 0:5(5) "hello"
      1.000 > S seq 0 <mss 1460>
      1.040 < S. seq 0 ack 1 <mss 1460>
      1.0401 > P. 1:6(5) ack 1 "hello"
      1.080 < . ack 6`);
    expect(textOf(findings, 'syn-retransmission')).toContain('had to send its SYN twice');
  });

  it('gives the time that the timer ran: since the ACK before, not since the last data (RFC 6298 section 5.3)', () => {
    const findings = findingsIn(`0.000 > S seq 0 <mss 1000,sackOK>
      0.040 < S. seq 0 ack 1 <mss 1000,sackOK>
      0.0401 > . ack 1
      0.100 > . 1:1001(1000) ack 1
      0.101 > . 1001:2001(1000) ack 1
      0.140 < . ack 1001
      0.180 > . 2001:3001(1000) ack 1
      0.420 > . 1001:2001(1000) ack 1
      0.460 < . ack 3001`);
    expect(textOf(findings, 'retransmission-timeout')).toContain('expired once, after 280 ms;');
  });

  it('says that a timer expired at least so often where the capture was made away from its sender', () => {
    const timeout = (answer: number, last: number) =>
      findingsIn(`0.0000 > S seq 0 <mss 1000>
        ${answer.toFixed(4)} < S. seq 0 ack 1 <mss 1000>
        ${last.toFixed(4)} > . ack 1
        0.1000 > . 1:1001(1000) ack 1
        1.1000 > . 1:1001(1000) ack 1
        ${(1.1 + answer).toFixed(4)} < . ack 1001`);
    expect(textOf(timeout(0.04, 0.0401), 'retransmission-timeout')).toContain(' expired once, ');
    expect(textOf(timeout(0.0001, 0.0401), 'retransmission-timeout')).toContain(' expired at least once, ');
    expect(textOf(timeout(0.02, 0.0401), 'retransmission-timeout')).toContain(' expired at least once, ');
  });

  it('says that a probe may have been a timeout, where one segment was outstanding and 180 ms had passed', () => {
    const probe = (first: string, wait: number) =>
      findingsIn(`0.0000 > S seq 0 <mss 1000,sackOK>
        0.0400 < S. seq 0 ack 1 <mss 1000,sackOK>
        0.0401 > . ack 1
        0.1000 > . ${first} ack 1
        0.1000 > P. 1001:2001(1000) ack 1
        ${(0.1 + wait).toFixed(6)} > P. 1001:2001(1000) ack 1
        ${(0.14 + wait).toFixed(6)} < . ack 2001`);
    const alone = (wait: number) =>
      findingsIn(`0.0000 > S seq 0 <mss 1000,sackOK>
        0.0400 < S. seq 0 ack 1 <mss 1000,sackOK>
        0.0401 > . ack 1
        0.1000 > P. 1:1001(1000) ack 1
        ${(0.1 + wait).toFixed(6)} > P. 1:1001(1000) ack 1
        ${(0.14 + wait).toFixed(6)} < . ack 1001`);
    expect(textOf(alone(0.18), 'tail-loss')).toContain('; a probe or a timeout 180 ms later sent it again');
    expect(textOf(alone(0.179999), 'tail-loss')).toContain('; a probe 180 ms later sent it again');
    expect(textOf(probe('1:1001(1000)', 0.2), 'tail-loss')).toContain('; a probe 200 ms later sent it again');
  });

  it('counts as lost what had been sent before, not what the repeat brings besides', () => {
    const repeat = (end: number) =>
      findingsIn(`0.0000 > S seq 0 <mss 1000,sackOK>
        0.0400 < S. seq 0 ack 1 <mss 1000,sackOK>
        0.0401 > . ack 1
        0.1000 > P. 1:401(400) ack 1
        0.1900 > P. 1:${end}(${end - 1}) ack 1
        0.2300 < . ack ${end}`);
    for (const end of [401, 402, 801]) expect(textOf(repeat(end), 'tail-loss')).toContain('(400 bytes) was lost');
  });

  it('does not say how long after the first copy a probe came where that copy was not seen', () => {
    const findings = findingsIn(`0.0000 > S seq 0 <mss 1000,sackOK>
      0.0001 < S. seq 0 ack 1 <mss 1000,sackOK>
      0.0401 > . ack 1
      0.1000 > P. 1:401(400) ack 1
      0.1001 < . ack 401
      0.2300 > . seq 801 ack 1
      0.3400 > P. 401:801(400) ack 1
      0.3401 < . ack 801`);
    expect(textOf(findings, 'tail-loss')).toContain('a probe or a timeout sent it again');
  });
});

describe('a RST for an end in SYN-SENT (RFC 9293 section 3.10.7.3)', () => {
  const reset = (ack: number) =>
    findingsIn(`0.000 > S  seq 0
      0.200 < R. seq 0 ack ${ack}
      0.300 < S. seq 0 ack 1
      0.301 > .  ack 1
      0.302 > P. 1:6(5) ack 1
      0.500 < .  ack 6`);

  it('is blind where it does not acknowledge the SYN: its sequence number means nothing there', () => {
    expect(textOf(reset(0), 'blind-reset')).toContain('does not acknowledge the SYN of 10.0.0.1:40000 (client)');
    expect(idsOf(reset(1))).not.toContain('blind-reset');
  });
});

describe('an end of which nothing was seen before', () => {
  /** The SYN,ACK is captured 81 us after the ACK that answers it. */
  const swapped = (before = '') =>
    idsOf(
      findingsIn(`0.000000 > S seq 0 <mss 1460>
        0.040000 > . seq 1 ack 1
        ${before}
        0.040081 < S. seq 0 ack 1 <mss 1460>
        0.050000 > P. 1:101(100) ack 1
        0.090000 < . seq 1 ack 101`),
    );

  it('is in no state that its first packet could break', () => {
    expect(swapped()).not.toContain('illegal-transition');
  });

  it('may break one with its second', () => {
    expect(swapped('0.040050 < . seq 1 ack 1')).toContain('illegal-transition');
  });
});

it('says of a RST that does not fit whether its TTL is the one of that host', () => {
  const said = (ttl: number) =>
    textOf(
      findingsIn(`${PLAIN}\n 0.100000 > P. 1:101(100) ack 1\n 0.101000 < R seq 90000 win 0 ttl ${ttl}`),
      'blind-reset',
    );
  expect(said(64)).toMatch(
    / It must be dropped\. Its TTL is 64, as that of the other packets of that host: it may have sent it itself\.$/,
  );
  for (const ttl of [63, 65])
    expect(said(ttl)).toMatch(/ other packets of that host have 64: a middlebox may have sent it\.$/);
});

it('does not accuse a host of the flags of a packet with a foreign TTL', () => {
  const said = (ttl: number) =>
    textOf(
      findingsIn(`${PLAIN}\n 0.100000 > P. 1:101(100) ack 1\n 0.101000 < RF seq 1 win 0 ttl ${ttl}`),
      'illegal-flags',
    );
  expect(said(63)).toMatch(
    /^Packet 5 in the name of 10\.0\.0\.2:80 \(server\) has the flags \[FR\]: .*\. Its TTL is 63 .* a middlebox may have sent it\.$/,
  );
  expect(said(64)).toMatch(/^Packet 5 of 10\.0\.0\.2:80 \(server\) has the flags \[FR\]: [^.]*\.$/);
});

it('says of a RST with a foreign TTL in whose name it is, not who sent it', () => {
  const request = `${PLAIN}
    0.100000 > P. 1:101(100) ack 1
    0.120000 < P. 1:201(200) ack 101
    0.140000 > . ack 201`;
  const said = (ttl: number, reset: string, id: 'peer-forgot' | 'connection-aborted') =>
    textOf(findingsIn(`${request}\n 0.5 > P. 101:201(100) ack 201\n 0.52 < ${reset} win 0 ttl ${ttl}`), id);
  const [forgot, aborted] = ['R seq 201', 'R. seq 201 ack 101'];
  expect(said(63, forgot, 'peer-forgot')).toMatch(
    /^A RST in the name of 10\.0\.0\.2:80 \(server\) answers packet \d+ of .* as sent by a host without .* Its TTL is 63/,
  );
  expect(said(64, forgot, 'peer-forgot')).toMatch(/^10\.0\.0\.2:80 \(server\) answered packet \d+/);
  expect(said(63, aborted, 'connection-aborted')).toMatch(
    /^A RST in the name of 10\.0\.0\.2:80 \(server\) aborted the connection with .* not acknowledged\. Its TTL is 63/,
  );
  expect(said(64, aborted, 'connection-aborted')).toMatch(
    /^10\.0\.0\.2:80 \(server\) aborted the connection with .* by a RST; /,
  );
});

it('says what a forged RST ended: nothing, or one end, which answers the other', () => {
  const said = (answer: string) =>
    textOf(
      findingsIn(`${PLAIN}
        0.100000 > P. 1:101(100) ack 1
        0.120000 < P. 1:201(200) ack 101
        0.140000 > . ack 201
        0.500000 > R seq 101 win 0
        0.600000 > P. 101:201(100) ack 201
        ${answer}`),
      'forged-reset',
    );
  expect(said('0.620000 < . ack 201')).toMatch(/ended nothing: the connection goes on/);
  expect(said('0.620000 < R seq 201 win 0')).toMatch(
    /closed the connection at 10\.0\.0\.2:80 \(server\) only: the other end goes on, and is answered with a RST/,
  );
});
