import { describe, expect, it } from 'vitest';
import { explainVerdict } from '../../src/render/explain.ts';
import { analyseScenario, fateText, statesAfter, verdictText } from '../support/analyze.ts';

const ids = ({ analyzer }: ReturnType<typeof analyseScenario>) =>
  analyzer.connections.flatMap(({ findings }) => findings.map(({ id }) => id));

/**
 * At the receiver, which answers after 6 µs and lacks 3001:4001: bytes that it has acknowledged come again, `heard` ms after the start of
 * which it was the latest ACK that their sender had heard. The D-SACK comes after 5 µs.
 */
const repeated = (heard: number) => {
  const stamp = (val: number, ecr: number, sack = '') =>
    `<nop,nop,TS val ${val} ecr ${ecr}${sack && `,nop,nop,sack ${sack}`}>`;
  return analyseScenario(`
    0.000000 > S  seq 0 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0>
    0.040000 < S. seq 0 ack 1 win 65160 <mss 1460,sackOK,TS val 7020 ecr 1000>
    0.040006 > .  ack 1 ${stamp(1040, 7020)}
    0.080000 < .  1:1001(1000) ack 1 ${stamp(7060, 1040)}
    0.080006 > .  ack 1001 ${stamp(1080, 7060)}
    0.081000 < .  1001:2001(1000) ack 1 ${stamp(7061, 1040)}
    0.081006 > .  ack 2001 ${stamp(1081, 7061)}
    0.120000 < .  2001:3001(1000) ack 1 ${stamp(7100, 1080)}
    0.120006 > .  ack 3001 ${stamp(1120, 7100)}
    0.122000 < .  4001:5001(1000) ack 1 ${stamp(7102, 1080)}
    0.122006 > .  ack 3001 ${stamp(1122, 7100, '4001:5001')}
    0.124000 < .  2001:3001(1000) ack 1 ${stamp(7104, heard + 1000)}
    0.124005 > .  ack 3001 ${stamp(1124, 7100, '2001:3001 4001:5001')}
    0.900000 < .  5001:6001(1000) ack 1 ${stamp(7880, 1124)}`);
};

describe('what comes again after it was acknowledged', () => {
  it('was not told of by a report that its sender had not heard, nor by what its D-SACK says', () => {
    const [before, after] = [repeated(120), repeated(122)].map(({ rows }) => rows[11]);
    expect([before, after].map(verdictText)).toEqual([
      'retransmission unknown spurious',
      'retransmission fast spurious',
    ]);
    expect([before, after].map(fateText)).toEqual(['delivered', 'delivered']);
    expect(explainVerdict(before)).toMatch(
      /^Sent 1,000 bytes again, which had been acknowledged: cause not visible in/,
    );
    expect(explainVerdict(after)).toMatch(/acknowledged: the receiver reported that later data arrived without it\./);
  });
});

it('what was acknowledged and is not in the capture is told of as a first copy that was not seen', () => {
  const { rows } = analyseScenario(`
    0.000000 > S  seq 0 win 64240 <mss 1460>
    0.040000 < S. seq 0 ack 1 win 65160 <mss 1460>
    0.040010 > .  ack 1
    0.080000 < .  1:1001(1000) ack 1 missed
    0.080010 > .  ack 1001
    0.081000 < .  1001:2001(1000) ack 1
    0.081010 > .  ack 2001
    0.700000 < .  1:1001(1000) ack 1`);
  const repeat = rows.at(-1)!;
  expect(verdictText(repeat)).toMatch(/^retransmission .*spurious/);
  expect(explainVerdict(repeat)).toMatch(/whose first copy was not seen here:/);
});

describe('retransmissions that no loss brought about', () => {
  it('data of a SYN that the SYN,ACK did not take is no loss (RFC 7413 section 4.2.2)', () => {
    const analysed = analyseScenario(`
      0.000000 > S  0:100(100) win 64240 <mss 1460,sackOK,tfo cookie 0011223344556677>
      0.020000 < S. seq 0 ack 1 win 65160 <mss 1460,sackOK>
      0.020050 > P. 1:101(100) ack 1
      0.040000 < .  ack 101`);
    const { rows } = analysed;
    expect(rows.map(verdictText)).toEqual(['new', 'new', 'retransmission fast', 'ack']);
    expect(fateText(rows[0])).toBe('delivered');
    expect(explainVerdict(rows[2])).toMatch(/the SYN,ACK in #2 did not take the data of the SYN/);
    expect(ids(analysed)).toEqual(['tfo-ignored']);
  });

  it('a FIN goes along with the ACK of the crossing FIN', () => {
    const analysed = analyseScenario(`
      0.000000 > S  seq 0 win 64240 <mss 1460,sackOK>
      0.000100 < S. seq 0 ack 1 win 65160 <mss 1460,sackOK>
      0.000120 > .  ack 1
      0.010000 > F. seq 1 ack 1
      0.010040 < F. seq 1 ack 1
      0.010050 > F. seq 1 ack 2
      0.010130 < .  ack 2
      0.010140 > .  ack 2`);
    const { rows } = analysed;
    expect(verdictText(rows[5])).toBe('retransmission unknown spurious');
    expect(fateText(rows[3])).not.toBe('lost');
    expect(explainVerdict(rows[5])).toMatch(/the FIN goes along with the ACK of the other end's FIN/);
    expect(ids(analysed)).toEqual([]);
  });

  it('a SYN is tried again where it was refused', () => {
    const analysed = analyseScenario(`
      0.000000 > S  seq 0 win 8192 <mss 1460>
      0.050000 < R. seq 0 ack 1 win 0
      0.550000 > S  seq 0 win 8192 <mss 1460>
      0.600000 < R. seq 0 ack 1 win 0`);
    expect(explainVerdict(analysed.rows[2])).toMatch(/it tries once more where it was refused/);
    expect(ids(analysed)).toEqual(['connection-refused']);
  });
});

describe('a probe of the only segment that is outstanding', () => {
  it('is told as one, or as the timer, until a later wait shows which', () => {
    const told = (second: string) =>
      explainVerdict(
        analyseScenario(`
        0.000000 > S  seq 0 win 64240 <mss 1460,sackOK>
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460,sackOK>
        0.020050 > .  ack 1
        1.000000 > P. 1:101(100) ack 1
        1.200000 > P. 1:101(100) ack 1
        ${second}`).rows[4],
      );
    const open = 'a tail loss probe or the retransmission timer, after 200 ms of silence';
    expect(told('')).toContain(open);
    expect(told('1.420001 > P. 1:101(100) ack 1')).toContain(open);
    expect(told('1.419999 > P. 1:101(100) ack 1')).toContain('a tail loss probe after 200 ms of silence');
    expect(told('1.520000 > P. 1:101(100) ack 1')).toContain('the retransmission timer expired after 200 ms');
  });

  it('is counted beside the timeouts that follow it', () => {
    const { analyzer } = analyseScenario(`
      0.000000 > S  seq 0 win 64240 <mss 1460,sackOK>
      0.020000 < S. seq 0 ack 1 win 65160 <mss 1460,sackOK>
      0.020050 > .  ack 1
      1.000000 > P. 1:101(100) ack 1
      1.200000 > P. 1:101(100) ack 1
      1.450000 > P. 1:101(100) ack 1
      1.470000 < .  ack 101`);
    const [finding] = analyzer.connections[0].findings;
    expect(finding.text).toMatch(
      /expired once, after 250 ms; .* 1 segment was sent again by tail loss probe or timeout, after 200 ms\./,
    );
  });
});

describe("the sender's own clock", () => {
  // As after a sleep of the receiver's host: the network brings what was sent over a second all at once.
  const HELD_BACK = `
    0.000000 < P. 1:86(85) ack 1 win 873 <nop,nop,TS val 7000 ecr 1000>
    0.000050 < P. 1:86(85) ack 1 win 873 <nop,nop,TS val 7335 ecr 1000>
    0.000150 < P. 1:86(85) ack 1 win 873 <nop,nop,TS val 8005 ecr 1000>
    0.000170 > .  ack 86 <nop,nop,TS val 2000 ecr 7000>
    0.000220 > .  ack 86 <nop,nop,TS val 2000 ecr 7335>
    0.000230 > .  ack 86 <nop,nop,TS val 2000 ecr 8005>`;

  it('shows timeouts whose segments come together', () => {
    const { rows } = analyseScenario(HELD_BACK);
    expect(rows.slice(0, 3).map(verdictText)).toEqual([
      'new',
      'retransmission rto spurious',
      'retransmission rto spurious',
    ]);
    expect(rows[2].verdict!.backoff).toBe(1);
  });

  it('is echoed by the ACK of every copy that arrived (RFC 7323 section 4.3)', () => {
    const { rows } = analyseScenario(HELD_BACK);
    expect(rows.slice(0, 3).map(fateText)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('may count microseconds: then it shows no silence', () => {
    const { rows } = analyseScenario(HELD_BACK.replaceAll('7335', '7050').replaceAll('8005', '7150'));
    expect(verdictText(rows[1])).not.toContain('rto');
  });
});

describe('equal packets', () => {
  const again = (seconds: number, id: number) => `
    0.000000 > P. 1:19(18) ack 1 win 8192 id ${id}
    0.000010 < .  ack 19 win 8192
    ${seconds}.000010 > P. 1:19(18) ack 1 win 8192 id ${id}`;

  it('are one packet while it can be in the network', () => {
    expect(verdictText(analyseScenario(again(2, 77)).rows[2])).toBe('duplicate');
  });

  it('are two when more time has passed than a packet lives (RFC 9293 section 3.4.3)', () => {
    expect(verdictText(analyseScenario(again(300, 77)).rows[2])).toBe('retransmission rto spurious');
  });

  it('are two where the sender gives all packets the same IP ID', () => {
    const { rows } = analyseScenario(`
      0.000000 > S  seq 0 win 8192 <mss 1460> id 1
      0.020000 < S. seq 0 ack 1 win 8192 <mss 1460> id 1
      0.020100 > .  ack 1 id 1
      0.030000 > P. 1:19(18) ack 1 id 1
      0.330000 > P. 1:19(18) ack 1 id 1
      0.350000 < .  ack 19 id 1`);
    expect(verdictText(rows[4])).toBe('retransmission rto');
  });
});

it('knows that the handshake was completed where only the server was captured', () => {
  const { rows } = analyseScenario(`
    0.000000 < S. seq 0 ack 1 win 14600 <mss 1460>
    0.020000 < P. 1:83(82) ack 1
    0.040000 < .  seq 83 ack 16`);
  expect(statesAfter(rows[2])).toBe('ESTABLISHED ESTABLISHED');
});
