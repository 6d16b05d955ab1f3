import { describe, expect, it } from 'vitest';
import { analyseScenario, basisAfter, statesAfter, verdictText } from '../support/analyze.ts';

/** The states that stand after each line's hash, `client server`, against what the replay says after that packet. */
function check(text: string, options = {}): void {
  const { rows } = analyseScenario(text, options);
  const wanted = text
    .split('\n')
    .filter((line) => line.includes('#'))
    .map((line) => line.split('#')[1].trim());
  expect(rows.map(statesAfter)).toEqual(wanted);
}

const OPEN = `
  0.000 > S  seq 0           # SYN-SENT SYN-RECEIVED
  0.010 < S. seq 0 ack 1     # ESTABLISHED SYN-RECEIVED
  0.020 > .  ack 1           # ESTABLISHED ESTABLISHED`;

describe('the figures of RFC 9293', () => {
  it('Figure 6: basic three-way handshake', () => {
    check(`${OPEN}
      0.021 > P. 1:11(10) ack 1  # ESTABLISHED ESTABLISHED`);
  });

  it('Figure 7: simultaneous open', () => {
    check(`
      0.000 > S  seq 0         # SYN-SENT CLOSED
      0.001 < S  seq 0         # SYN-RECEIVED SYN-RECEIVED
      0.002 > S. seq 0 ack 1   # SYN-RECEIVED ESTABLISHED
      0.003 < S. seq 0 ack 1   # ESTABLISHED ESTABLISHED
      0.004 > .  ack 1         # ESTABLISHED ESTABLISHED`);
  });

  it('Figure 8: an old duplicate SYN is refused, then the real one opens', () => {
    const { analyzer, rows } = analyseScenario(
      `
      0.000 > S  seq 90        # old
      0.010 < S. seq 300 ack 91
      0.020 > R  seq 91
      0.030 > S  seq 100
      0.040 < S. seq 400 ack 101
      0.050 > .  seq 101 ack 401`,
      { clientIsn: 0, serverIsn: 0 },
    );
    expect(rows.map((row) => row.connection.id)).toEqual([0, 0, 0, 1, 1, 1]);
    // It never was in SYN-SENT for the old one, and the passive opener returns to LISTEN.
    expect(rows.map(statesAfter)).toEqual([
      'CLOSED SYN-RECEIVED',
      'CLOSED SYN-RECEIVED',
      'CLOSED LISTEN',
      'SYN-SENT SYN-RECEIVED',
      'ESTABLISHED SYN-RECEIVED',
      'ESTABLISHED ESTABLISHED',
    ]);
    expect(analyzer.connections).toHaveLength(2);
  });

  it('Figure 9: half-open connection discovery', () => {
    const { rows } = analyseScenario(
      `
      0.000 > S  seq 0
      0.010 < S. seq 0 ack 1
      0.020 > .  ack 1
      9.000 > S  seq 400000000
      9.010 < .  seq 1 ack 1
      9.020 > R  seq 1
      9.030 > S  seq 400000000
      9.040 < S. seq 700000000 ack 400000001
      9.050 > .  seq 400000001 ack 700000001`,
      { clientIsn: 0, serverIsn: 0 },
    );
    expect(rows.map((row) => row.connection.id)).toEqual([0, 0, 0, 1, 0, 0, 1, 1, 1]);
    expect(statesAfter(rows[5])).toBe('CLOSED CLOSED');
    expect(statesAfter(rows[8])).toBe('ESTABLISHED ESTABLISHED');
  });

  it('Figure 12: normal close', () => {
    check(`${OPEN}
      0.100 > F. seq 1 ack 1     # FIN-WAIT-1 CLOSE-WAIT
      0.110 < .  ack 2           # FIN-WAIT-2 CLOSE-WAIT
      0.200 < F. seq 1 ack 2     # TIME-WAIT LAST-ACK
      0.210 > .  ack 2           # TIME-WAIT CLOSED`);
  });

  it('Figure 13: simultaneous close', () => {
    check(`${OPEN}
      0.100 > F. seq 1 ack 1     # FIN-WAIT-1 ESTABLISHED
      0.101 < F. seq 1 ack 1     # CLOSING CLOSING
      0.110 > .  seq 2 ack 2     # CLOSING TIME-WAIT
      0.111 < .  seq 2 ack 2     # TIME-WAIT TIME-WAIT`);
  });
});

describe('what was sent and what arrived', () => {
  it('a SYN counts as arrived when it is answered, at the copy that TSecr names', () => {
    check(`
      0.000 > S  seq 0 <mss 1460,sackOK,TS val 100 ecr 0>           # SYN-SENT LISTEN
      1.000 > S  seq 0 <mss 1460,sackOK,TS val 1100 ecr 0>          # SYN-SENT SYN-RECEIVED
      1.010 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 7 ecr 1100>    # ESTABLISHED SYN-RECEIVED
      1.020 > .  ack 1 <nop,nop,TS val 1120 ecr 7>                  # ESTABLISHED ESTABLISHED`);
  });

  it('an unanswered SYN leaves the other end as it was', () => {
    check(`
      0.000 > S seq 0  # SYN-SENT LISTEN
      1.000 > S seq 0  # SYN-SENT LISTEN
      3.000 > S seq 0  # SYN-SENT LISTEN`);
  });

  it('a FIN after a lost segment takes effect when the hole is filled', () => {
    check(`${OPEN}
      0.100 > P. 1:101(100) ack 1                    # ESTABLISHED ESTABLISHED
      0.101 > FP. 101:201(100) ack 1                 # FIN-WAIT-1 ESTABLISHED
      0.110 < .  ack 1 <nop,nop,sack 101:202>        # FIN-WAIT-1 ESTABLISHED
      0.320 > P. 1:101(100) ack 1                    # FIN-WAIT-1 CLOSE-WAIT
      0.330 < .  ack 202                             # FIN-WAIT-2 CLOSE-WAIT`);
  });

  it('the ACK of a FIN is taken back when the FIN is sent again', () => {
    check(`${OPEN}
      0.100 > F. seq 1 ack 1     # FIN-WAIT-1 CLOSE-WAIT
      0.110 < .  ack 2           # FIN-WAIT-2 CLOSE-WAIT
      0.200 < F. seq 1 ack 2     # TIME-WAIT LAST-ACK
      0.210 > .  seq 2 ack 2     # TIME-WAIT LAST-ACK
      0.420 < F. seq 1 ack 2     # TIME-WAIT LAST-ACK
      0.430 > .  seq 2 ack 2     # TIME-WAIT CLOSED`);
  });

  it('says what the endpoint has shown and what is only inferred', () => {
    const { rows } = analyseScenario(`${OPEN}
      0.021 < P. 1:11(10) ack 1`);
    expect(rows.map(basisAfter).slice(2)).toEqual(['confirmed confirmed', 'confirmed confirmed']);
    expect(basisAfter(analyseScenario(OPEN).rows[2])).toBe('confirmed inferred');
  });
});

describe('resets', () => {
  it('a refused connection never left CLOSED', () => {
    check(`
      0.000 > S  seq 0          # SYN-SENT CLOSED
      0.010 < R. seq 0 ack 1    # CLOSED CLOSED`);
  });

  it.each([
    ['established', ''],
    ['close-wait', '0.030 < F. seq 1 ack 1\n'],
  ])('an abort closes both ends: %s', (_name, before) => {
    const { rows } = analyseScenario(`${OPEN}
      ${before}
      0.100 > R. seq 1 ack 1`);
    expect(statesAfter(rows[rows.length - 1])).toBe('CLOSED CLOSED');
  });

  it('a reset in the window but not at RCV.NXT changes nothing (RFC 5961)', () => {
    check(`${OPEN}
      0.100 > R  seq 500         # ESTABLISHED ESTABLISHED
      0.110 < .  ack 1           # ESTABLISHED ESTABLISHED`);
  });

  it('a reset outside the window changes nothing', () => {
    check(`${OPEN}
      0.100 > R  seq 900000      # ESTABLISHED ESTABLISHED
      0.110 > P. 1:2(1) ack 1    # ESTABLISHED ESTABLISHED`);
  });

  it('an endpoint that goes on did not send the reset', () => {
    check(`${OPEN}
      0.100 > R  seq 1           # ESTABLISHED CLOSED
      0.200 > P. 1:11(10) ack 1  # ESTABLISHED CLOSED
      0.210 < R  seq 1           # CLOSED CLOSED`);
  });
});

describe('half of the picture', () => {
  it('mid-stream: both ends are taken to be synchronised', () => {
    check(`
      0.000 > P. 5000:5100(100) ack 9000  # ESTABLISHED ESTABLISHED
      0.010 < .  ack 5100                 # ESTABLISHED ESTABLISHED`);
  });

  it('one direction only: the ACK shows the SYN,ACK that was not captured', () => {
    check(`
      0.000 > S  seq 0                # SYN-SENT SYN-RECEIVED
      0.010 < S. seq 0 ack 1 missed
      0.020 > .  ack 1                # ESTABLISHED ESTABLISHED
      0.030 > P. 1:11(10) ack 1       # ESTABLISHED ESTABLISHED`);
  });

  it('half-close: the other end goes on sending', () => {
    check(`${OPEN}
      0.100 > F. seq 1 ack 1        # FIN-WAIT-1 CLOSE-WAIT
      0.110 < P. 1:101(100) ack 2   # FIN-WAIT-2 CLOSE-WAIT
      0.120 > .  seq 2 ack 101      # FIN-WAIT-2 CLOSE-WAIT
      0.200 < F. seq 101 ack 2      # TIME-WAIT LAST-ACK
      0.210 > .  seq 2 ack 102      # TIME-WAIT CLOSED`);
  });

  it('a FIN that was lost before it came here was sent when the ACK after it was', () => {
    check(`${OPEN}
      0.100 > F. seq 1 ack 1              # FIN-WAIT-1 ESTABLISHED
      0.110 < F. seq 1 ack 2 missed
      0.400 > F. seq 1 ack 1              # FIN-WAIT-1 CLOSE-WAIT
      0.410 < .  seq 2 ack 2              # FIN-WAIT-2 LAST-ACK
      0.900 < F. seq 1 ack 2              # TIME-WAIT LAST-ACK
      0.910 > .  seq 2 ack 2              # TIME-WAIT CLOSED`);
  });

  it('one direction only: what the server acknowledges shows that the handshake was completed', () => {
    check(`
      0.000 < S. seq 0 ack 1              # ESTABLISHED SYN-RECEIVED
      0.020 < P. 1:11(10) ack 1           # ESTABLISHED SYN-RECEIVED
      0.040 < .  seq 11 ack 21            # ESTABLISHED ESTABLISHED`);
  });

  it('one direction only: whether the other end has closed is not known, nor so what a FIN leads to', () => {
    const open = `
      0.000 > S  seq 0
      0.010 < S. seq 0 ack 1 missed
      0.020 > .  ack 1
      0.030 > P. 1:11(10) ack 1`;
    const own = (text: string) => basisAfter(analyseScenario(text).rows.at(-1)!).split(' ')[0];
    expect(own(`${open}\n 0.1 > F. seq 11 ack 1`)).toBe('inferred');
    expect(own(`${open}\n 0.05 < . ack 11\n 0.1 > F. seq 11 ack 1`)).toBe('confirmed');
    // A connection that is met in its middle moves by its FIN alone.
    const met = (more: string) => own(`0.000 > P. 1:11(10) ack 1${more}\n 0.1 > F. seq 11 ack 1`);
    expect([met(''), met('\n 0.05 < . seq 1 ack 11')]).toEqual(['inferred', 'confirmed']);
  });
});

describe('a SYN that an earlier connection answers (RFC 9293 section 3.5.1, Figure 9)', () => {
  const { analyzer, rows } = analyseScenario(`
    0.000000 > S seq 0 win 64240 <mss 1460>
    0.020000 < .  seq 700000 ack 3000000000
    0.020100 > R  seq 3000000000 win 0
    1.000000 > S seq 0 win 64240 <mss 1460>
    1.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
    1.020100 > .  ack 1
    1.030000 > P. 1:101(100) ack 1
    1.050000 < .  ack 101`);

  it('leaves the client in SYN-SENT when it resets the other end (section 3.10.7.3)', () => {
    expect(rows.slice(0, 3).map((row) => statesAfter(row).split(' ')[0])).toEqual(['SYN-SENT', 'SYN-SENT', 'SYN-SENT']);
  });

  it('makes the next SYN a repeat of the first, in the same connection', () => {
    expect(analyzer.connections).toHaveLength(1);
    expect(verdictText(rows[3])).toBe('retransmission syn');
    expect(statesAfter(rows[7])).toBe('ESTABLISHED ESTABLISHED');
  });
});

describe('two SYN,ACKs with different ISNs, as of a proxy and of the server after it', () => {
  /** The client acknowledges `ack`; both SYN,ACKs acknowledge its SYN. Then data goes on from there. */
  const taken = (ack: number, between = '') => {
    const { analyzer, rows } = analyseScenario(`
      0.000 > S  seq 0 <mss 1460>
      0.001 < S. seq 5000 ack 1 <mss 1460>
      0.040 < S. seq 0 ack 1 <mss 1400>
      ${between}
      0.041 > .  seq 1 ack ${ack}
      0.100 > P. 1:101(100) ack ${ack}
      0.140 < P. seq ${ack}:${ack + 100} ack 101
      0.141 > .  seq 101 ack ${ack + 100}`);
    const [{ server, findings }] = analyzer.connections;
    const lacks = findings.some(({ id }) => id === 'missing-in-capture');
    return [statesAfter(rows.at(-1)!), server.sndNxt, lacks];
  };
  const established = 'ESTABLISHED ESTABLISHED';

  it('the one counts that the client acknowledges (RFC 9293 section 3.10.7.3)', () => {
    expect(taken(5001)).toEqual([established, 101, false]);
    expect(taken(1)).toEqual([established, 101, false]);
  });

  it('no other number decides for the first, nor does a reset', () => {
    expect(taken(5002)[2]).toBe(true);
    expect(taken(5000)[2]).toBe(true);
    expect(taken(5001, '0.0405 > R. seq 1 ack 1 ttl 50').at(-1)).toBe(false);
  });

  it('what the server has sent since decides before its client does', () => {
    expect(taken(5001, '0.0405 < P. seq 1:101 ack 1')[2]).toBe(true);
  });
});
