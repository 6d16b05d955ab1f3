import { describe, expect, it } from 'vitest';
import { analyseScenario, fateText, verdictText } from '../support/analyze.ts';

const OPEN = `
  0.000000 > S   seq 0 win 64240 <mss 1460>
  0.020000 < S.  seq 0 ack 1 win 65160 <mss 1460>
  0.020050 > .   ack 1 win 64240
  0.030000 > P.  1:19(18) ack 1 "GET / HTTP/1.0\\r\\n\\r\\n"`;

function conflicts(text: string) {
  const { analyzer, rows } = analyseScenario(OPEN + text);
  const findings = analyzer.connections[0].findings.filter(({ severity }) => severity !== 'info');
  return { rows, ids: findings.map(({ id }) => id), text: findings[0]?.text };
}

describe('other bytes in the same place', () => {
  it('are seen where the forged answer is shorter and was acknowledged before the true one came', () => {
    const { ids, text, rows } = conflicts(`
      0.040000 < P. 1:30(29) ack 19 "HTTP/1.0 302 Go elsewhere\\r\\n\\r\\n" ttl 57 id 31337
      0.040050 > .  ack 30
      0.050000 < P. 1:44(43) ack 19 "HTTP/1.0 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nHello"
      0.050050 > .  ack 44`);
    expect(ids).toEqual(['payload-conflict']);
    expect(text).toMatch(
      /are "HTTP\/1\.0 200 OK\\r" in packet 7 .* and were "HTTP\/1\.0 302 Go " in packet 5 \(TTL 57/,
    );
    expect(fateText(rows[4])).not.toBe('lost');
  });

  it('are seen where a segment begins before the other one', () => {
    const { ids, text } = conflicts(`
      0.040000 < P. 1:5(4) ack 19 "abcd"
      0.040100 < P. 9:13(4) ack 19 "ijkl"
      0.050000 < P. 5:13(8) ack 19 "efghIJKL"
      0.050050 > .  ack 13`);
    expect(ids).toContain('payload-conflict');
    expect(text).toMatch(/^Bytes 9 to 12 .* are "IJKL" in packet 7 .* and were "ijkl" in packet 6/);
  });

  it('are seen where a segment lies within the other one', () => {
    const { ids } = conflicts(`
      0.040000 < P. 1:9(8) ack 19 "abcdefgh"
      0.050000 < P. 4:7(3) ack 19 "DEF"
      0.050050 > .  ack 9`);
    expect(ids).toEqual(['payload-conflict']);
  });

  it('are not seen in a damaged segment', () => {
    const { rows } = conflicts(`
      0.040000 < P. 1:9(8) ack 19 "abcdefgh"
      0.050000 < P. 1:5(4) ack 19 "ABCD" badcksum
      0.050050 > .  ack 9`);
    expect(rows.map((row) => row.verdict!.differs)).not.toContain(true);
  });

  it('are no retransmission with a cause', () => {
    const { rows } = conflicts(`
      0.040000 < P. 1:9(8) ack 19 "abcdefgh"
      0.050000 < P. 1:5(4) ack 19 "ABCD"
      0.050050 > .  ack 9`);
    expect(verdictText(rows[5])).toMatch(/^retransmission unknown/);
  });
});
