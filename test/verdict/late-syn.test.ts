import { describe, expect, it } from 'vitest';
import { analyseScenario, verdictText } from '../support/analyze.ts';

describe('a SYN captured after its SYN,ACK', () => {
  it.each(['0.000060', '0.000000'])('is the only one (at %s s)', (time) => {
    const { analyzer, rows } = analyseScenario(`
      0.000020 < S. seq 0 ack 1
      ${time} > S  seq 0
      0.000080 > .  ack 1
      0.000100 > P. 1:6(5) ack 1
      0.000120 < .  ack 6`);
    expect(verdictText(rows[1])).toMatch(/^reordered/);
    const [connection] = analyzer.connections;
    expect(connection.findings.map(({ id }) => id)).not.toContain('syn-retransmission');
    // Times that were kept although the order was not still tell the duration.
    const handshake = connection.handshakeTime - connection.synTime;
    if (time === '0.000000') expect(handshake).toBe(80e3);
    else expect(handshake).toBeNaN();
  });

  it('is the only one where its timestamp was echoed already, however late it stands in the file', () => {
    const late = (tsVal: number) =>
      verdictText(
        analyseScenario(`
      0.000020 < S. seq 0 ack 1 <mss 1460,TS val 7000 ecr 1000>
      1.500000 > S  seq 0 <mss 1460,TS val ${tsVal} ecr 0>
      1.500080 > .  ack 1 <nop,nop,TS val 2501 ecr 7000>`).rows[1],
      );
    expect(late(1000)).toMatch(/^reordered/);
    expect(late(1001)).toMatch(/^retransmission/);
  });

  it('is another one where a timer may have run out in between', () => {
    const { rows } = analyseScenario(`
      0.000020 < S. seq 0 ack 1
      1.000020 > S  seq 0
      1.000080 > .  ack 1`);
    expect(verdictText(rows[1])).toMatch(/^retransmission/);
  });
});
