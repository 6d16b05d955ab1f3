import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import { KIND_NAMES } from '../../src/model/verdict.ts';
import { explainVerdict } from '../../src/render/explain.ts';
import { analyseScenario } from '../support/analyze.ts';
import { findingsIn } from '../support/findings.ts';
import { CASES, PLAIN } from './cases.ts';

const find = (findings: readonly Finding[], id: string) => findings.find((finding) => finding.id === id);

describe('what the capture missed is not held against anybody', () => {
  it('takes data beyond the window for missed window updates when all of it was acknowledged', () => {
    const { text } = CASES['data-beyond-window'].raises!;
    // The third segment lies 1,000 bytes beyond the window; here the receiver takes it all the same.
    const found = find(findingsIn(`${text}\n0.060000 < . ack 3001 win 2000`), 'data-beyond-window')!;
    expect(found).toMatchObject({ severity: 'info', who: 'capture' });
    expect(found.text).toMatch(/by up to 1,000 bytes\. All of it was acknowledged/);
  });

  it('tells of a SYN,ACK that it lacks where the server sends data, and of nothing where it sends none', () => {
    const found = (answer: string, length: number) =>
      find(
        findingsIn(`0.000 > S seq 0 win 65535 <mss 1460>
        0.020 < S. seq 0 ack 1 win 65535 <mss 1460>${answer}
        0.020 > .  ack 1
        0.030 < P. 1:${1 + length}(${length}) ack 1
        0.030 > .  ack ${1 + length}`),
        'missing-in-capture',
      );
    expect(found(' missed', 1)).toMatchObject({ severity: 'warning', frame: 1 });
    expect(found(' missed', 1)!.text).toMatch(/^The SYN,ACK of 10\.0\.0\.2:80 \(server\) is not in the capture/);
    expect(found('', 1)).toBeUndefined();
    expect(found(' missed', 0)).toBeUndefined();
  });

  it('misses nothing after a FIN: ends that do not agree acknowledge what they like', () => {
    const ids = (flags: string) =>
      findingsIn(`
        0.0 < ${flags} seq 1 ack 1 win 65535
        0.1 > . seq 223 ack 1232 win 16000
        0.5 < ${flags} seq 1 ack 1 win 65535
        0.6 > . seq 223 ack 1232 win 16000
        9.0 < . seq 100001 ack 1 win 65535`).map(({ id }) => id);
    expect(ids('.')).toContain('missing-in-capture');
    expect(ids('F.')).not.toContain('missing-in-capture');
    expect(ids('F.')).not.toContain('ack-of-unsent-data');
  });

  it('takes an ACK beyond the window for one of missed packets once the stream goes on from there', () => {
    const ahead = (next: number) =>
      findingsIn(`${PLAIN}
      0.030000 < P. 1:1461(1460) ack 1
      0.030100 > .  ack 300001
      0.060000 < P. ${next}:${next + 1000}(1000) ack 1
      0.060100 > .  ack ${next + 1000}`);
    expect(find(ahead(300001), 'ack-of-unsent-data')).toBeUndefined();
    expect(find(ahead(300001), 'missing-in-capture')).toMatchObject({ severity: 'warning' });
    expect(find(ahead(1461), 'ack-of-unsent-data')).toMatchObject({ confidence: 0.9 });
    expect(find(ahead(1461), 'missing-in-capture')).toBeUndefined();
  });

  it('counts what lies beyond an early ACK once that is acknowledged, too', () => {
    const beyond = (acked: number) =>
      find(
        findingsIn(`${PLAIN}
        0.030 < P. 1:1001(1000) ack 1
        0.060 > .  ack ${acked}
        0.090 < P. 9001:10001(1000) ack 1
        0.120 > .  ack 10001`),
        'missing-in-capture',
      )!.text;
    expect([beyond(1001), beyond(4001), beyond(9001)].map((text) => text.split(' of ')[0])).toEqual([
      '8,000 bytes',
      '8,000 bytes',
      '8,000 bytes',
    ]);
    expect([beyond(1001), beyond(4001), beyond(9001)].map((text) => /in (\d+ gaps?)/.exec(text)![1])).toEqual([
      '1 gap',
      '1 gap',
      '1 gap',
    ]);
    // A segment between makes two of them.
    const two = findingsIn(`${PLAIN}
      0.030 < P. 1:1001(1000) ack 1
      0.060 > .  ack 4001
      0.090 < P. 4001:4002(1) ack 1
      0.120 < P. 9001:10001(1000) ack 1
      0.150 > .  ack 10001`);
    expect(find(two, 'missing-in-capture')!.text).toMatch(/^7,999 bytes .* in 2 gaps/);
  });

  it('lacks nothing that stands in the file a moment after its ACK, half a round trip at most', () => {
    const late = (seconds: string, more = '') =>
      findingsIn(`
        0.000 > S   seq 0 win 64240 <mss 1460>
        0.020 < S.  seq 0 ack 1 win 65160 <mss 1460> id 1
        0.020 > .   ack 1
        0.100 < .   1:1001(1000) ack 1 id 2
        0.100 < .   3001:4001(1000) ack 1 id 5
        0.100 > .   ack 4001
        ${seconds} < .   1001:2001(1000) ack 1 id 3
        ${seconds} < .   2001:3001(1000) ack 1 id 4${more}`);
    expect(find(late('0.110'), 'missing-in-capture')).toBeUndefined();
    expect(find(late('0.110'), 'ack-before-data')!.text).toMatch(/^2 segments /);
    expect(find(late('0.110001'), 'missing-in-capture')!.text).toMatch(/^2,000 bytes .* in 1 gap/);
    // What is still missing after that is told.
    const gone = '\n 0.2 < . 5001:6001(1000) ack 1 id 7\n 0.2 > . ack 6001';
    expect(find(late('0.110', gone), 'missing-in-capture')!.text).toMatch(/^1,000 bytes .* in 1 gap/);
    const fills = (...ranges: string[]) =>
      find(
        findingsIn(`${PLAIN}
          0.1000 < .   1:1001(1000) ack 1 id 2
          0.1000 < .   4001:5001(1000) ack 1 id 9
          0.1000 > .   ack 5001
          ${ranges.map((range, i) => `0.1001 < . ${range} ack 1 id ${4 + i}`).join('\n')}`),
        'missing-in-capture',
      )!.text;
    expect(fills('2001:3001(1000)')).toMatch(/^2,000 bytes .* in 2 gaps/);
    expect(fills('1001:2001(1000)')).toMatch(/^2,000 bytes .* in 1 gap/);
    expect(fills('1001:2001(1000)', '3001:4001(1000)')).toMatch(/^1,000 bytes .* in 1 gap/);
    // A repair that stands after its ACK, by five milliseconds at most.
    const repaired = (seconds: string) =>
      findingsIn(`
        0.000 > S   seq 0 win 64240 <mss 1460>
        0.040 < S.  seq 0 ack 1 win 65160 <mss 1460>
        0.040 > .   ack 1
        0.100 < .   1:1001(1000) ack 1 id 2
        0.100 < .   2001:3001(1000) ack 1 id 4
        0.100 > .   ack 1001
        0.200 > .   ack 3001
        ${seconds} < .   1001:2001(1000) ack 1 id 5`);
    expect(find(repaired('0.205'), 'missing-in-capture')).toBeUndefined();
    expect(find(repaired('0.205001'), 'missing-in-capture')).toBeDefined();
  });

  it('names the ACK and the data that stands after it, and no other packet', () => {
    const evidence = (first: string) =>
      find(
        findingsIn(`${PLAIN}
          0.1000 < .   1:1001(1000) ack 1 id 2
          ${first}
          0.1001 < .   1001:2001(1000) ack 1 id 3`),
        'ack-before-data',
      )!.evidence;
    // The capture has data beyond it before the ACK, and it has not.
    expect(evidence('0.1000 < . 2001:3001(1000) ack 1 id 4\n0.1000 > . ack 3001')).toEqual([7, 6]);
    expect(evidence('0.1000 > . ack 2001')).toEqual([6, 5]);
  });

  it('was not overtaken on its way where it stands after its ACK: it had arrived by then', () => {
    const late = (acked: number, seconds = '0.1100') =>
      findingsIn(`
        0.000 > S   seq 0 win 64240 <mss 1460>
        0.020 < S.  seq 0 ack 1 win 65160 <mss 1460> id 1
        0.020 > .   ack 1
        0.1000 < .   1:1001(1000) ack 1 id 2
        0.1000 < .   2001:3001(1000) ack 1 id 4
        0.1000 > .   ack ${acked}
        ${seconds} < .   1001:2001(1000) ack 1 id 3`).map(({ id }) => id);
    expect(late(3001)).toContain('ack-before-data');
    expect(late(3001)).not.toContain('reordering');
    // It was not acknowledged, or so long before that the capture did not do it.
    expect(late(1001)).not.toContain('ack-before-data');
    expect(late(1001)).toContain('reordering');
    expect(late(3001, '0.110001')).not.toContain('ack-before-data');
    expect(late(3001, '0.110001')).toContain('reordering');
  });

  it('is the work of the capture in the row of the packet as well, and in no count of what the network did', () => {
    const late = (acked: number, seconds: string) => {
      const { rows } = analyseScenario(`
        0.000 > S   seq 0 win 64240 <mss 1460>
        0.020 < S.  seq 0 ack 1 win 65160 <mss 1460> id 1
        0.020 > .   ack 1
        0.1000 < .   1:1001(1000) ack 1 id 2
        0.1000 < .   2001:3001(1000) ack 1 id 4
        0.1000 > .   ack ${acked}
        ${seconds} < .   1001:2001(1000) ack 1 id 3`);
      const { verdict } = rows[6];
      return [KIND_NAMES[verdict!.kind], verdict!.byCapture, explainVerdict(rows[6])];
    };
    const swapped = 'The capture has it too late, after #5: no packet overtook it on the way.';
    expect(late(3001, '0.1100')).toEqual(['reordered', true, swapped]);
    // Half a round trip of 20 ms after the ACK; an ACK of less; and time stamps that go back.
    expect(late(3001, '0.110001').slice(0, 2)).toEqual(['reordered', false]);
    expect(late(1001, '0.1100').slice(0, 2)).toEqual(['reordered', false]);
    expect(late(1001, '0.099999').slice(0, 2)).toEqual(['reordered', true]);
  });

  it('fills with one segment whatever of it was missing, though several ACKs told of that', () => {
    const found = findingsIn(`${PLAIN}
      0.1000 < .   1:1001(1000) ack 1 id 2
      0.1000 < .   2001:3001(1000) ack 1 id 5
      0.1000 > .   ack 3001
      0.1000 < .   4001:5001(1000) ack 1 id 6
      0.1000 > .   ack 5001
      0.1001 < .   1001:4001(3000) ack 1 id 3`);
    expect(find(found, 'missing-in-capture')).toBeUndefined();
  });

  describe('of one sender remembers 1,024 gaps that may still be filled', () => {
    const data = (time: string, place: number, id: number) =>
      `${time} < . ${1 + 10 * place}:${11 + 10 * place}(10) ack 1 id ${id}`;
    const ack = (time: string, place: number) => `${time} > . ack ${1 + 10 * place}`;
    const missing = (lines: string[]) => find(findingsIn(`${PLAIN}\n${lines.join('\n')}`), 'missing-in-capture');
    const numbers = (length: number) => Array.from({ length }, (_, i) => i);

    it('and tells of more with doubt', () => {
      const filled = (gaps: number) =>
        missing([
          ...numbers(gaps + 1).map((i) => data('0.1000', 2 * i, 2 + 2 * i)),
          ack('0.1000', 2 * gaps + 1),
          ...numbers(gaps).map((i) => data('0.1001', 2 * i + 1, 3 + 2 * i)),
        ]);
      expect(filled(1024)).toBeUndefined();
      expect(filled(1025)).toMatchObject({ severity: 'info', confidence: 0.5 });
      expect(filled(1025)!.text).toMatch(/^10 bytes .* in 1 gap .*more gaps at once than are remembered/);
    });

    it('however they came to be: a gap that is filled from its middle becomes two', () => {
      const split = (fills: number) =>
        missing([
          data('0.1000', 0, 2),
          data('0.1000', 5000, 9000),
          ack('0.1000', 5001),
          ...numbers(fills).map((i) => data('0.1001', 2 * i + 2, 3 + i)),
        ])!;
      expect(split(1023)).toMatchObject({ severity: 'warning', confidence: 0.95 });
      expect(split(1024)).toMatchObject({ severity: 'info', confidence: 0.5 });
      expect(split(1024).text).toMatch(/^39,750 bytes .* in 1,025 gaps/);
    });

    it('and none that is older than its data may be late: half a round trip', () => {
      const later = (seconds: string) =>
        missing([
          ...numbers(1025).map((i) => data('0.1000', 2 * i, 2 + i)),
          ack('0.1000', 2 * 1024 + 1),
          data(seconds, 2 * 1025, 2000),
          ack(seconds, 2 * 1025 + 1),
        ])!;
      expect(later('0.110')).toMatchObject({ severity: 'info', confidence: 0.5 });
      expect(later('0.110001')).toMatchObject({ severity: 'warning', confidence: 0.95 });
      expect(later('0.110001').text).toMatch(/^10,250 bytes .* in 1,025 gaps/);
    });
  });

  it('takes what is acknowledged first for what was on its way when the capture began', () => {
    const begun = (first: string, seconds: string, more = '') =>
      find(
        findingsIn(`${first}
          0.000 < . 1:1001(1000) ack 1
          ${seconds} > . ack 4001
          1.010 < . 4001:5001(1000) ack 1
          1.010 > . ack 5001${more}`),
        'missing-in-capture',
      )!;
    expect(begun('', '1.000')).toMatchObject({ severity: 'info', confidence: 0.5 });
    expect(begun('', '1.000').text).toMatch(/^3,000 bytes .* were probably on the way then/);
    expect(begun('', '1.000001')).toMatchObject({ severity: 'warning', confidence: 0.95 });
    const opened = PLAIN.replace(/0\.\d+/g, '0.0');
    expect(begun(opened, '1.000')).toMatchObject({ severity: 'warning' });
    // A second gap was not.
    const later = '\n 1.020 < . 6001:7001(1000) ack 1\n 1.020 > . ack 7001';
    expect(begun('', '1.000', later)).toMatchObject({ severity: 'warning' });
  });

  it('takes the one byte that was acknowledged before a FIN came for that FIN, which comes again', () => {
    const ends = (fin: string) =>
      findingsIn(`${PLAIN}
        0.100 > .  ack 2
        0.500 < ${fin} ack 1`);
    expect(find(ends('F. seq 1'), 'ack-of-unsent-data')).toBeUndefined();
    expect(find(ends('F. seq 1'), 'missing-in-capture')!.text).toMatch(/^1 byte \(or the FIN\) of 10\.0\.0\.2/);
    expect(find(ends('. 1:2(1)'), 'ack-of-unsent-data')).toBeDefined();
    expect(find(ends('F. 1:2(1)'), 'ack-of-unsent-data')).toBeDefined();
  });

  it('leaves open what an ACK beyond the window was, where nothing comes after it', () => {
    const ending = (ack: number) => findingsIn(`${PLAIN}\n0.030000 < P. 1:1461(1460) ack 1\n0.030100 > . ack ${ack}`);
    // The window of 64,240 bytes ends at 65,701: one more may be a FIN.
    expect(find(ending(64242), 'ack-of-unsent-data')).toBeUndefined();
    expect(find(ending(64243), 'ack-of-unsent-data')).toMatchObject({ confidence: 0.6 });
  });

  it('warns of no missing packets where a filter left them out', () => {
    const filtered = `
      0.000 > S seq 0 win 64240 <mss 1460>
      0.020 < S. seq 0 ack 1 win 65160 <mss 1460>
      0.300 < F. seq 1001 ack 101
      0.301 > F. seq 101 ack 1002
      0.320 < F. seq 1001 ack 102`;
    expect(find(findingsIn(filtered), 'capture-filtered')).toBeDefined();
    expect(find(findingsIn(filtered), 'missing-in-capture')).toMatchObject({ severity: 'info', confidence: 0.5 });
  });

  it('misses nothing of a connection that was idle when the capture began: its first segment is a keep-alive', () => {
    const idle = (first: string, ack: number) =>
      `0.0 > ${first} ack 1\n0.1 < . ack ${ack}\n10.0 > P. ${ack}:${ack + 100}(100) ack 1\n10.1 < . ack ${ack + 100}`;
    expect(find(findingsIn(idle('. seq 1', 2)), 'missing-in-capture')).toBeUndefined();
    expect(find(findingsIn(idle('. seq 1', 3)), 'missing-in-capture')).toBeDefined();
    // Its answer is not there, but its sender goes on after it.
    const unanswered = (seq: number) =>
      `0.0 > . seq 1 ack 1\n10.0 > P. ${seq}:200(${200 - seq}) ack 1\n10.1 < . ack 200`;
    expect(find(findingsIn(unanswered(2)), 'missing-in-capture')).toBeUndefined();
    expect(find(findingsIn(unanswered(3)), 'missing-in-capture')).toBeDefined();
    expect(find(findingsIn(idle('P. 1:2(1)', 3)), 'missing-in-capture')?.text).toMatch(/^1 byte \(or the FIN\) of/);
  });

  it('misses nothing that is there with a wrong checksum and was taken all the same', () => {
    const edited = (from: number) => `${PLAIN}
      0.1 > P. 1:101(100) ack 1
      0.2 < . ack 101
      0.3 > P. 101:201(100) ack 1
      0.4 < . ack 201
      0.5 > P. ${from}:301(${301 - from}) ack 1 badcksum
      0.6 < . ack 301`;
    expect(find(findingsIn(edited(201)), 'missing-in-capture')).toBeUndefined();
    expect(find(findingsIn(edited(202)), 'missing-in-capture')).toBeDefined();
  });

  it('calls no ACK a stretch ACK whose data it has not seen', () => {
    const acks = Array.from({ length: 40 }, (_, i) => `${(0.1 + 0.01 * i).toFixed(2)} > . ack ${101 + 100 * i}`);
    // Of a server that sends 100 bytes at a time only the ACKs are in the capture.
    const text = `0.0 > S seq 0 win 64240 <mss 1460>\n0.05 > . ack 1\n${acks.join('\n')}`;
    expect(find(findingsIn(text), 'stretch-acks')).toBeUndefined();
  });

  it('does not conclude from a few repeated SYN,ACKs how a server keeps all the others', () => {
    const { text, options } = CASES['syn-flood'].raises!;
    const repeat = (count: number) =>
      Array.from(
        { length: count },
        (_, i) => `${(1.6 + i / 100).toFixed(2)} < S. seq 0 ack 1 win 65160 <mss 1460> conn C${i}`,
      );
    const textWith = (count: number) =>
      find(findingsIn([text, ...repeat(count)].join('\n'), options), 'syn-flood')!.text;
    expect(textWith(60)).toMatch(/: it keeps half-open connections\.$/);
    expect(textWith(5)).not.toMatch(/keeps half-open connections/);
  });

  it('names no congestion control where nothing tells where the capture was made', () => {
    // Only the data, and one loss, of a sender whose handshake and whose ACKs are missing.
    const data = Array.from({ length: 200 }, (_, i) => {
      const at = (1 + Math.floor(i / 10) * 0.05 + (i % 10) * 1e-4).toFixed(4);
      return `${at} > . ${1 + 1000 * i}:${1001 + 1000 * i}(1000) ack 1`;
    });
    const { analyzer } = analyseScenario([...data, '2.2 > . 5001:6001(1000) ack 1'].join('\n'));
    expect(analyzer.connections[0].a.congestion).toMatchObject({ algorithm: 0 });
  });
});

it('says by how much a SYN came after its answer', () => {
  const text = PLAIN.trim()
    .split('\n')
    .map((line) => line.trim());
  // The SYN,ACK was captured at 20 ms; 40 microseconds later, here, the SYN that it answers.
  const swapped = [text[1], text[0].replace(/^\S+/, '0.020040'), ...text.slice(2)].join('\n');
  const found = findingsIn(swapped);
  expect(find(found, 'syn-retransmission')).toBeUndefined();
  expect(find(found, 'reordering')?.text).toContain('up to 40.0 µs late');
});
