import { describe, expect, it } from 'vitest';
import { analyseScenario } from '../support/analyze.ts';
import { spanTexts } from './partition.ts';

/** Spans of the first connection of a capture written as text. */
function spansOf(text: string): string[] {
  return spanTexts(analyseScenario(text).analyzer.connections[0]);
}

/** A handshake over 40 ms, captured at the client. */
const AT_CLIENT = `
  0.000 > S  seq 0 win 65535 <mss 1460,nop,wscale 7>
  0.040 < S. seq 0 ack 1 win 65535 <mss 1460,nop,wscale 7>
  0.040 > .  ack 1 win 512`;
/** The same at the server. */
const AT_SERVER = `
  0.000 > S  seq 0 win 65535 <mss 1460,nop,wscale 7>
  0.000 < S. seq 0 ack 1 win 65535 <mss 1460,nop,wscale 7>
  0.040 > .  ack 1 win 512`;

describe('one request and its answer', () => {
  it('seen at the client: what the server did lies half a round trip away', () => {
    const spans = spansOf(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.190 < P. 1:201(200) ack 101
      0.190 > .  ack 201
      0.200 > F. seq 101 ack 201
      0.240 < F. seq 201 ack 102
      0.240 > .  ack 202`);
    expect(spans).toEqual([
      '0..40 network handshake',
      '40..50 client thinking #0',
      '50..70 network round-trip #0',
      '70..170 server thinking #0',
      '170..190 network round-trip #0',
      '190..240 closing',
    ]);
  });

  it('seen at the server: what the client did', () => {
    const spans = spansOf(`${AT_SERVER}
      0.050 > P. 1:101(100) ack 1
      0.150 < P. 1:201(200) ack 101
      0.190 > .  ack 201
      0.200 > F. seq 101 ack 201
      0.200 < F. seq 201 ack 102
      0.240 > .  ack 202`);
    expect(spans).toEqual([
      '0..20 network handshake',
      '20..30 client thinking #0',
      '30..50 network round-trip #0',
      '50..150 server thinking #0',
      '150..170 network round-trip #0',
      '170..240 closing',
    ]);
  });
});
