import { describe, expect, it } from 'vitest';
import { analyseScenario, fateText, verdictText } from '../support/analyze.ts';

/** `kind cause spurious / fate` of every frame of data, against what stands after its hash. */
function check(text: string, options = {}): void {
  const { rows } = analyseScenario(text, options);
  const wanted = new Map(
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line, i) => [i + 1, line.split('#')[1]?.trim()]),
  );
  for (const row of rows) {
    const want = wanted.get(row.view.frame);
    if (want !== undefined) expect(`${verdictText(row)} / ${fateText(row)}`, `frame ${row.view.frame}`).toBe(want);
  }
}

const OPEN = `0.000 > S  seq 0 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>
  0.040 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 900 ecr 100,nop,wscale 7>
  0.040 > .  ack 1 <nop,nop,TS val 140 ecr 900>
`;
const TS = (val: number, ecr: number) => `<nop,nop,TS val ${val} ecr ${ecr}`;

describe('which copy arrived', () => {
  it('not one that the other end did not acknowledge a whole timer later, however soon it answers a repeat', () => {
    // Round trips of 40 ms: the timer is 240 ms.
    const text = (heard: string, first: string, repeat: string) => `0.000 > S  seq 0
  0.040 < S. seq 0 ack 1
  0.040 > .  ack 1
  0.100 > P. 1:1001(1000) ack 1                # new / delivered
  0.140 < .  ack 1001
  1.000 > P. 1001:2001(1000) ack 1             # new / ${first}
  ${heard} < P. 1:101(100) ack 1001
  2.000 > P. 1001:2001(1000) ack 101           # retransmission rto${repeat} / delivered
  2.020 < .  ack 2001`;
    check(text('1.240000', 'delivered', ' spurious').replace('spurious / delivered', 'spurious / unknown'));
    check(text('1.240001', 'lost', ''));
  });

  it('not one beside its receiver that a router dropped, for it was too big', () => {
    // 40 ms after the first sight a delayed ACK of it might come, where no router told of it.
    const again = (told: string, said: string) =>
      check(`0.000000 > S  seq 0
  0.000050 < S. seq 0 ack 1
  0.040000 > .  ack 1
  0.100000 > P. 1:1001(1000) ack 1
  ${told}
  0.140000 > P. 1:1001(1000) ack 1             # retransmission ${said}
  0.140050 < .  ack 1001`);
    again('0.100100 icmp frag-needed quotes 4 from 10.9.9.9 mtu 900', 'pmtu / delivered');
    again('0.100100 icmp host-unreachable quotes 4 from 10.9.9.9', 'unknown spurious / delivered');
  });

  it('SACK tells of the hole: the first copy was lost, the second arrived', () => {
    check(
      `${OPEN}
  0.100 > .  1:1001(1000) ack 1 ${TS(200, 900)}>                               # new / lost
  0.100 > .  1001:2001(1000) ack 1 ${TS(200, 900)}>                            # new / delivered
  0.100 > .  2001:3001(1000) ack 1 ${TS(200, 900)}>                            # new / delivered
  0.100 > P. 3001:4001(1000) ack 1 ${TS(200, 900)}>                            # new / delivered
  0.140 < .  ack 1 ${TS(1000, 140)},nop,nop,sack 1001:2001>
  0.140 < .  ack 1 ${TS(1000, 140)},nop,nop,sack 1001:3001>
  0.140 < .  ack 1 ${TS(1000, 140)},nop,nop,sack 1001:4001>
  0.141 > .  1:1001(1000) ack 1 ${TS(241, 1000)}>                              # retransmission fast / delivered
  0.181 < .  ack 4001 ${TS(1041, 241)}>`.replace('\n\n', '\n'),
    );
  });

  it('what was reported missing a round trip ago may have come in a repeat that the capture lacks, unless it is echoed', () => {
    const late = (acked: string, ecr: number, want: string) =>
      check(
        `${OPEN}
  0.100 > .  1:1001(1000) ack 1 ${TS(200, 900)}>                               # new / ${want}
  0.100 > .  1001:2001(1000) ack 1 ${TS(201, 900)}>                            # new / delivered
  0.140 < .  ack 1 ${TS(1000, 140)},nop,nop,sack 1001:2001>
  0.150 > .  2001:3001(1000) ack 1 ${TS(250, 1000)}>                           # new / delivered
  ${acked} < .  ack 3001 ${TS(1041, ecr)}>`.replace('\n\n', '\n'),
      );
    // 85 % of a round trip of 40 ms after the report.
    late('0.173999', 241, 'delivered');
    late('0.174', 241, 'unknown');
    late('0.174', 200, 'delivered');
  });

  it('without timestamps too, and not where nothing was reported', () => {
    const late = (report: string, want: string) =>
      check(`0.000 > S  seq 0 <mss 1460,sackOK>
  0.040 < S. seq 0 ack 1 <mss 1460,sackOK>
  0.040 > .  ack 1
  0.100 > .  1:1001(1000) ack 1                                                # new / ${want}
  0.100 > .  1001:2001(1000) ack 1                                             # new / delivered
  0.140 < .  ack 1 ${report}
  0.180 < .  ack 2001`);
    late('<nop,nop,sack 1001:2001>', 'unknown');
    late('win 65000', 'delivered');
  });

  it('a repeat of bytes that had been acknowledged was not needed, though the capture lacks their first copy', () => {
    const again = (ack: number, want: string) =>
      check(`0.000 > S  seq 0 <mss 1460>
  0.040 < S. seq 0 ack 1 <mss 1460>
  0.040 > .  ack 1
  0.100 > .  1:1001(1000) ack 1 id 1
  0.100 > P. 2001:3001(1000) ack 1 id 3
  0.140 < .  ack ${ack}
  0.400 > .  1001:2001(1000) ack 1 id 4                 # retransmission ${want}
  0.440 < .  ack 3001`);
    again(2000, 'rto / delivered');
    again(2001, 'rto spurious / unknown');
  });

  it('but for those within 5 ms of their ACK, or half a round trip: it may have been captured before what it answers', () => {
    const after = (synAck: string, at: string, want: string) =>
      check(`0.000 > S  seq 0 <mss 1460>
  ${synAck} < S. seq 0 ack 1 <mss 1460>
  ${synAck} > .  ack 1
  0.100 > .  1:1001(1000) ack 1 id 1
  0.100 > P. 2001:3001(1000) ack 1 id 3
  0.200 < .  ack 2001
  ${at} > .  1001:2001(1000) ack 1 id 4                 # retransmission ${want}
  0.440 < .  ack 3001`);
    after('0.004', '0.205000', 'fast / unknown');
    after('0.004', '0.205001', 'fast spurious / unknown');
    after('0.040', '0.220000', 'fast / unknown');
    after('0.040', '0.220001', 'fast spurious / unknown');
  });

  it('a D-SACK tells that the retransmission was not needed (RFC 2883)', () => {
    check(
      `${OPEN}
  0.100 > P. 1:1001(1000) ack 1 ${TS(200, 900)}>                               # new / delivered
  0.400 > P. 1:1001(1000) ack 1 ${TS(500, 900)}>                               # retransmission tlp spurious / delivered
  0.439 < .  ack 1001 ${TS(1200, 200)}>
  0.440 < .  ack 1001 ${TS(1240, 500)},nop,nop,sack 1:1001>`.replace('\n\n', '\n'),
    );
  });

  it('an answer comes in 85 % of the shortest round trip at the soonest, in half of that where only one was seen', () => {
    const open = `0.000 > S  seq 0 <mss 1460>
  0.080 < S. seq 0 ack 1 <mss 1460>
  0.080 > .  ack 1`;
    const again = (before: string, from: number, answer: string, want: string) =>
      check(`${open}${before}
  0.500 > P. ${from}:${from + 100}(100) ack 1
  0.800 > P. ${from}:${from + 100}(100) ack 1          # retransmission rto${want}
  ${answer} < .  ack ${from + 100}`);
    again('', 1, '0.833', ' spurious / unknown');
    again('', 1, '0.835', ' / delivered');
    const second = `
  0.200 > P. 1:101(100) ack 1
  0.280 < .  ack 101`;
    again(second, 101, '0.867', ' spurious / unknown');
    again(second, 101, '0.869', ' / delivered');
  });

  it('beside the receiver a repeat is one too many only if no later one was needed', () => {
    // The client answers within a millisecond, and goes on to wait for byte 1 of the server until the third copy.
    const beside = (second: string, echo: number, more: string) =>
      check(
        `0.000 > S  seq 0 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>
  0.040 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 900 ecr 100,nop,wscale 7>
  0.0401 > .  ack 1 ${TS(140, 900)}>
  0.050 > P. 1:101(100) ack 1 ${TS(150, 900)}>
  0.090 < .  ack 101 ${TS(950, 150)}>
  0.100 < P. 1:101(100) ack 101 ${TS(960, 150)}>
  0.400 < P. 1:101(100) ack 101 ${TS(1260, 150)}>             # ${second}
  0.900 < P. 1:101(100) ack 101 ${TS(1760, 150)}>
  0.9001 > . ack 101 ${TS(1000, echo)}>
  ${more}`,
      );
    beside('retransmission rto / lost', 1760, '');
    beside('retransmission rto spurious / delivered', 960, `0.9002 > . ack 101 ${TS(1000, 960)},nop,nop,sack 1:101>`);
  });

  it('beside the receiver the first copy arrived, though its ACK came after a probe, if no more than 200 ms passed', () => {
    const beside = (repeat: number, want: string) =>
      check(
        `0.000 > S  seq 0 <mss 1460,sackOK>
  0.010 < S. seq 0 ack 1 <mss 1460,sackOK>
  0.0101 > . ack 1
  0.020 > P. 1:101(100) ack 1
  0.030 < P. 1:101(100) ack 101
  0.0301 > P. 101:201(100) ack 101
  0.040 < P. 101:201(100) ack 201                       # new / ${want.split('|')[0]}
  ${repeat.toFixed(4)} < P. 101:201(100) ack 201                 # ${want.split('|')[1]}
  ${(repeat + 0.0001).toFixed(4)} > . ack 201`,
      );
    beside(0.2399, 'delivered|retransmission tlp spurious / delivered');
    beside(0.24, 'lost|retransmission tlp / delivered');
  });

  it('what nobody ever acknowledged was not sent once too often, though it passed by beside its receiver', () => {
    const beside = (more: string, want: string) =>
      check(
        `0.000 > S  seq 0 <mss 1460>
  0.040 < S. seq 0 ack 1 <mss 1460>
  0.0401 > .  ack 1
  0.100 < P. 1:101(100) ack 1
  0.400 < P. 1:101(100) ack 1                                 # ${want}
  ${more}`,
      );
    beside('', 'retransmission rto / delivered');
    beside('0.4001 > . ack 101', 'retransmission rto / delivered');
  });

  it('an answer that comes too early for the second copy is for the first', () => {
    check(
      `0.000 > S  seq 0 <mss 1460>
  0.040 < S. seq 0 ack 1 <mss 1460>
  0.040 > .  ack 1
  0.100 > P. 1:1001(1000) ack 1          # new / delivered
  0.400 > P. 1:1001(1000) ack 1          # retransmission rto spurious / unknown
  0.405 < .  ack 1001`,
    );
  });

  it('TSecr names the copy (Eifel, RFC 3522)', () => {
    check(
      `${OPEN}
  0.100 > P. 1:1001(1000) ack 1 ${TS(200, 900)}>                               # new / delivered
  0.500 > P. 1:1001(1000) ack 1 ${TS(600, 900)}>                               # retransmission rto spurious / unknown
  0.900 < .  ack 1001 ${TS(1200, 200)}>`.replace('\n\n', '\n'),
    );
  });

  it('a chain of timeouts backs off, and the last copy arrives', () => {
    const { rows } = analyseScenario(`0.000 > S  seq 0 <mss 1460>
  0.040 < S. seq 0 ack 1 <mss 1460>
  0.040 > .  ack 1
  0.100 > P. 1:1001(1000) ack 1
  0.340 > P. 1:1001(1000) ack 1
  0.820 > P. 1:1001(1000) ack 1
  1.780 > P. 1:1001(1000) ack 1
  1.820 < .  ack 1001`);
    expect(rows.slice(3, 7).map((row) => [verdictText(row), row.verdict!.backoff, fateText(row)])).toEqual([
      ['new', 0, 'lost'],
      ['retransmission rto', 0, 'lost'],
      ['retransmission rto', 1, 'lost'],
      ['retransmission rto', 2, 'delivered'],
    ]);
  });

  it('two retransmissions that hold a part each are both needed', () => {
    check(
      `${OPEN}
  0.100 > P. 1:1001(1000) ack 1 ${TS(200, 900)}>                               # new / lost
  0.100 > P. 1001:2001(1000) ack 1 ${TS(200, 900)}>                            # new / delivered
  0.140 < .  ack 1 ${TS(1000, 140)},nop,nop,sack 1001:2001>
  0.150 > .  1:501(500) ack 1 ${TS(250, 1000)}>                                # retransmission fast / delivered
  0.150 > .  501:1001(500) ack 1 ${TS(250, 1000)}>                             # retransmission fast / delivered
  0.190 < .  ack 2001 ${TS(1050, 250)}>`.replace('\n\n', '\n'),
    );
  });
});

describe('order', () => {
  const open = `0.000 > S  seq 0 id 10 <mss 1460>
  0.040 < S. seq 0 ack 1 <mss 1460>
  0.040 > .  ack 1 id 11
  0.050 > P. 1:101(100) ack 1 id 12
  0.051 > P. 101:201(100) ack 1 id 13
  0.052 > P. 201:301(100) ack 1 id 14
`;
  it('the IP ID shows that a late segment was sent first', () => {
    check(`${open}  0.060 > P. 401:501(100) ack 1 id 16
  0.160 > P. 301:401(100) ack 1 id 15    # reordered / delivered
  0.200 < . ack 501`);
  });

  it('and that a segment in the hole was sent later: a retransmission whose first copy never came by', () => {
    check(`${open}  0.060 > P. 401:501(100) ack 1 id 16
  0.061 < .  ack 301
  0.062 < .  ack 301
  0.102 > P. 301:401(100) ack 1 id 17    # retransmission fast / delivered
  0.200 < . ack 501`);
  });

  it('without IDs and timestamps the time decides', () => {
    const text = (late: string) => `0.000 > S  seq 0 id 0 <mss 1460>
  0.040 < S. seq 0 ack 1 id 0 <mss 1460>
  0.040 > .  ack 1 id 0
  0.060 > P. 101:201(100) ack 1 id 0
  ${late} > P. 1:101(100) ack 1 id 0
  0.200 < . ack 201`;
    expect(verdictText(analyseScenario(text('0.065')).rows[4])).toBe('reordered');
    expect(verdictText(analyseScenario(text('0.150')).rows[4])).toMatch(/^retransmission/);
  });
});

describe('the same packet twice', () => {
  it('keeps the ID: a copy at another TTL was captured twice', () => {
    const { rows } = analyseScenario(`0.000 > S  seq 0 id 10
  0.001 dup 1 ttl 63
  0.040 < S. seq 0 ack 1`);
    expect(rows[1].verdict).toMatchObject({ kind: 4, byCapture: true, original: 1 });
  });

  it('keeps the content: one was captured before the network card had filled in the checksum', () => {
    const copied = (checksum: string, more = '') => {
      const { rows } = analyseScenario(`0.000 > S  seq 0 id 10 ${checksum}
  0.001 > S seq 0 id 10 ttl 63 ${more}`);
      return verdictText(rows[1]);
    };
    expect(copied('offload')).toBe('duplicate');
    expect(copied('offload', 'win 1000')).toMatch(/^retransmission/);
  });

  it('a SYN,ACK without an ID may answer another SYN: only at once it is one packet', () => {
    const again = (time: string) => {
      const { rows } = analyseScenario(`0.000 > S  seq 0 id 1
  0.120 < S. seq 0 ack 1 id 0
  1.000 > S  seq 0 id 2
  1.120 < S. seq 0 ack 1 id 0
  ${time} < S. seq 0 ack 1 id 0`);
      return verdictText(rows[4]);
    };
    expect(again('1.120099')).toBe('duplicate');
    expect(again('1.120100')).toMatch(/^retransmission/);
  });

  it('two equal duplicate ACKs without IDs are two', () => {
    const { rows } = analyseScenario(`0.000 > S  seq 0 id 0 <mss 1460>
  0.040 < S. seq 0 ack 1 id 0 <mss 1460>
  0.041 > .  ack 1 id 0
  0.050 > P. 1:101(100) ack 1 id 0
  0.050 > P. 101:201(100) ack 1 id 0
  0.050 > P. 201:301(100) ack 1 id 0
  0.09000 < . ack 1 id 0
  0.09001 < . ack 1 id 0`);
    expect(rows.slice(6).map(verdictText)).toEqual(['ack', 'ack']);
  });
});

describe('a probe or a timeout: with one segment outstanding only the next wait tells', () => {
  const sent = (first: number, second: number, causes: [string, string]) =>
    `${OPEN}
  0.100 > P. 1:1001(1000) ack 1 ${TS(200, 900)}>                               # new / lost
  ${(0.1 + first).toFixed(3)} > P. 1:1001(1000) ack 1 ${TS(200 + 1000 * first, 900)}>                               # ${causes[0]}
  ${(0.1 + first + second).toFixed(3)} > P. 1:1001(1000) ack 1 ${TS(200 + 1000 * (first + second), 900)}>                               # ${causes[1]}
  ${(0.14 + first + second).toFixed(3)} < .  ack 1001 ${TS(1800, 200 + 1000 * (first + second))}>`.replace(
      '\n\n',
      '\n',
    );

  it('twice as long: the timer had expired before (RFC 6298 section 5.5)', () => {
    check(sent(0.24, 0.48, ['retransmission rto / lost', 'retransmission rto / delivered']));
  });

  it('as long: the timer started afresh after the probe (RFC 8985 section 7.3)', () => {
    check(sent(0.24, 0.24, ['retransmission tlp / lost', 'retransmission rto / delivered']));
  });
});
