import { describe, expect, it } from 'vitest';
import { budgetOf, durationOf, TIME_USES } from '../../src/model/budget.ts';
import type { Connection } from '../../src/model/connection.ts';
import { analyseScenario } from '../support/analyze.ts';
import { spanTexts } from './partition.ts';

/** Spans of the first connection of a capture written as text. */
function spansOf(text: string): string[] {
  return spanTexts(analyseScenario(text).analyzer.connections[0]);
}

function exchangesOf(text: string) {
  return budgetOf(analyseScenario(text).analyzer.connections[0])!.exchanges;
}

/** A handshake over 40 ms, captured at the client. */
const AT_CLIENT = `
  0.000 > S  seq 0 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 0>
  0.040 < S. seq 0 ack 1 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 0>
  0.040 > .  ack 1 win 65535`;
/** The same at the server. */
const AT_SERVER = `
  0.000 > S  seq 0 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 0>
  0.000 < S. seq 0 ack 1 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 0>
  0.040 > .  ack 1 win 65535`;

it('a connection that follows another, whose memory it takes, shows nothing of it', () => {
  const { connections } = analyseScenario(`${AT_SERVER}
    0.050 > P. 1:101(100) ack 1
    0.150 < P. 1:1461(1460) ack 101
    0.150 < P. 1461:2921(1460) ack 101
    0.650 < P. 1:1461(1460) ack 101
    0.690 > .  ack 2921
    0.700 > F. seq 101 ack 2921
    0.700 < F. seq 2921 ack 102
    0.740 > .  ack 2922
    9.000 > S  seq 1000000 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 0>
    9.040 < S. seq 1000000 ack 1000001 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 0>
    9.040 > .  seq 1000001 ack 1000001 win 65535
    9.050 > P. 1000001:1000101(100) ack 1000001
    9.190 < P. 1000001:1000201(200) ack 1000101
    9.190 > .  seq 1000101 ack 1000201
    9.200 > F. seq 1000101 ack 1000201
    9.240 < F. seq 1000201 ack 1000102
    9.240 > .  seq 1000102 ack 1000202`).analyzer;
  const after = [
    '0..40 network handshake',
    '40..50 client thinking #0',
    '50..70 network round-trip #0',
    '70..170 server thinking #0',
    '170..190 network round-trip #0',
    '190..240 closing',
  ];
  const before = [
    '0..20 network handshake',
    '20..30 client thinking #0',
    '30..50 network round-trip #0',
    '50..150 server thinking #0',
    // Sent again after half a second: only then does the answer leave that arrives.
    '150..650 network timeout #0',
    '650..670 network round-trip #0',
    '670..740 closing',
  ];
  expect(spanTexts(connections[1])).toEqual(after);
  expect(spanTexts(connections[0])).toEqual(before);
  expect(spanTexts(connections[1])).toEqual(after);
  expect(exchangesAt(connections, 0)).toEqual([[100, 2920, 1]]);
  expect(exchangesAt(connections, 1)).toEqual([[100, 200, 0]]);
});

function exchangesAt(connections: readonly Connection[], stream: number): number[][] {
  const { exchanges } = budgetOf(connections[stream])!;
  return exchanges.map(({ requestBytes, answerBytes, losses }) => [requestBytes, answerBytes, losses]);
}

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

  it('in the middle: both ends are estimated', () => {
    const spans = spansOf(`
      0.000 > S  seq 0 win 65535 <mss 1460>
      0.020 < S. seq 0 ack 1 win 65535 <mss 1460>
      0.040 > .  ack 1
      0.050 > P. 1:101(100) ack 1
      0.170 < P. 1:201(200) ack 101
      0.190 > .  ack 201`);
    expect(spans).toEqual([
      '0..30 network handshake',
      '30..40 client thinking #0',
      '40..60 network round-trip #0',
      '60..160 server thinking #0',
      '160..180 network round-trip #0',
      '180..190 closing',
    ]);
  });
});

describe('timers', () => {
  it('bring the SYN that arrives', () => {
    const spans = spansOf(`
      0.000 > S  seq 0 win 65535 <mss 1460>
      1.000 > S  seq 0 win 65535 <mss 1460>
      1.040 < S. seq 0 ack 1 win 65535 <mss 1460>
      1.040 > .  ack 1
      1.050 > P. 1:101(100) ack 1
      1.090 < .  ack 101`);
    expect(spans.slice(0, 3)).toEqual([
      '0..1000 network timeout',
      '1000..1040 network handshake',
      '1040..1050 client thinking #0',
    ]);
  });

  /** Two SYNs, the first answer after both, and another answer at `again` (s), when the client has acknowledged the first. */
  const twoAnswers = (again: string) =>
    spansOf(`
      0.000 > S  seq 0 win 65535 <mss 1460>
      1.000 > S  seq 0 win 65535 <mss 1460>
      1.300 < S. seq 0 ack 1 win 65535 <mss 1460>
      1.300 > .  ack 1
      ${again} < S. seq 0 ack 1 win 65535 <mss 1460>
      ${again} > .  ack 1
      2.500 > P. 1:101(100) ack 1
      3.800 < P. 1:201(200) ack 101
      3.800 > .  ack 201`);

  it.each(['2.175', '2.300', '2.425'])(
    'bring no SYN where both are answered, as far apart as they were: at %s s',
    (at) =>
      expect(twoAnswers(at)).toEqual([
        '0..1300 network handshake',
        '1300..2500 client thinking #0',
        '2500..3800 network round-trip #0',
      ]),
  );

  it.each(['2.174', '2.426'])('bring the SYN,ACK that comes again at %s s', (at) =>
    expect(twoAnswers(at).slice(0, 2)).toEqual(['0..1000 network timeout', '1000..1300 network handshake']),
  );

  it('wait for nobody: SYNs without an answer', () => {
    const spans = spansOf(`
      0.000 > S seq 0 win 65535 <mss 1460>
      1.000 > S seq 0 win 65535 <mss 1460>
      3.000 > S seq 0 win 65535 <mss 1460>`);
    expect(spans).toEqual(['0..3000 network timeout']);
  });

  it('bring a request once more', () => {
    const spans = spansOf(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.290 > P. 1:101(100) ack 1
      0.340 < P. 1:201(200) ack 101
      0.340 > .  ack 201`);
    expect(spans).toEqual([
      '0..40 network handshake',
      '40..50 client thinking #0',
      '50..290 network timeout #0',
      '290..310 network round-trip #0',
      '310..320 server thinking #0',
      '320..340 network round-trip #0',
    ]);
  });

  it('bring the last segment of an answer once more, whose first copy left with the others', () => {
    const spans = spansOf(`${AT_SERVER}
      0.050 > P. 1:101(100) ack 1
      0.060 < .  1:1461(1460) ack 101
      0.060 < P. 1461:2061(600) ack 101
      0.100 > .  ack 1461
      0.350 < P. 1461:2061(600) ack 101
      0.390 > .  ack 2061`);
    expect(spans.slice(3)).toEqual([
      '50..60 server thinking #0',
      '60..80 network round-trip #0',
      '80..370 network timeout #0',
      '370..390 closing',
    ]);
  });
});

describe('a hole at the receiver', () => {
  it('is recovery from the first arrival beyond it to the arrival that closes it', () => {
    const spans = spansOf(`${AT_CLIENT}
      0.050 > .  1:1461(1460) ack 1
      0.050 > .  1461:2921(1460) ack 1
      0.050 > .  2921:4381(1460) ack 1
      0.050 > .  4381:5841(1460) ack 1
      0.050 > P. 5841:7301(1460) ack 1
      0.090 < .  ack 1461
      0.090 < .  ack 1461 <nop,nop,sack 2921:4381>
      0.090 < .  ack 1461 <nop,nop,sack 2921:5841>
      0.090 < .  ack 1461 <nop,nop,sack 2921:7301>
      0.090 > .  1461:2921(1460) ack 1
      0.130 < .  ack 7301`);
    expect(spans.slice(2)).toEqual(['50..70 network round-trip #0', '70..110 network recovery #0', '110..130 closing']);
  });
});

describe('why a segment left when it did', () => {
  const ASKED = `${AT_SERVER}
      0.050 > P. 1:101(100) ack 1`;

  it('the application had not written it: a piece of an answer', () => {
    const spans = spansOf(`${ASKED}
      0.050 < P. 1:201(200) ack 101
      0.090 > .  ack 201
      0.250 < P. 201:401(200) ack 101
      0.290 > F. seq 101 ack 401`);
    expect(spans.slice(2)).toEqual(['30..70 network round-trip #0', '70..270 server sending #0', '270..290 closing']);
  });

  it.each([
    [0.091, 'delayed-ack'],
    [0.12, 'sending'],
  ])('a small segment at %s s after one that was acknowledged at 0.09: %s', (at, cause) => {
    const spans = spansOf(`${ASKED}
      0.050 < P. 1:201(200) ack 101
      0.090 > .  ack 201
      ${at} < P. 201:401(200) ack 101
      ${(at + 0.04).toFixed(3)} > F. seq 101 ack 401`);
    expect(spans[3]).toContain(`server ${cause}`);
  });

  it('the receive window was full', () => {
    const spans = spansOf(`${AT_SERVER.replaceAll('65535', '2920')}
      0.050 > P. 1:101(100) ack 1 win 2920
      0.050 < .  1:1461(1460) ack 101
      0.050 < .  1461:2921(1460) ack 101
      0.090 > .  ack 2921 win 0
      0.300 > .  ack 2921 win 4000
      0.300 < .  2921:4381(1460) ack 101
      0.340 > .  ack 4381 win 4000`);
    expect(spans.slice(2)).toEqual([
      '30..70 network round-trip #0',
      '70..320 client receive-window #0',
      '320..340 closing',
    ]);
  });

  it('the receive window had little room, and the sender waited for more until a timer let it fill that', () => {
    const spans = (length: number) =>
      spansOf(`${AT_SERVER.replaceAll('65535', '2920')}
      0.050 > P. 1:101(100) ack 1 win 2920
      0.050 < .  1:1461(1460) ack 101
      0.050 < .  1461:2921(1460) ack 101
      0.090 > .  ack 2921 win 1000
      0.400 < P. 2921:${2921 + length}(${length}) ack 101
      0.440 > .  ack ${2921 + length} win 4000`);
    expect(spans(1000)).toContain('70..420 client receive-window #0');
    expect(spans(999)).toContain('70..420 server sending #0');
  });

  it('the congestion window was full: ten segments, and the next after an ACK', () => {
    const burst = Array.from({ length: 10 }, (_, i) => `0.050 < . ${1 + 1460 * i}:${1461 + 1460 * i}(1460) ack 101`);
    const spans = spansOf(`${ASKED}
      ${burst.join('\n')}
      0.090 > .  ack 14601
      0.090 < .  14601:16061(1460) ack 101
      0.130 > .  ack 16061`);
    expect(spans.slice(2)).toEqual([
      '30..70 network round-trip #0',
      '70..110 network congestion-window #0',
      '110..130 closing',
    ]);
  });
});

describe('pauses', () => {
  const pause = (seconds: number, more = '') => `${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < P. 1:201(200) ack 101
      0.090 > .  ack 201${more}
      ${(0.09 + seconds).toFixed(6)} > P. 101:201(100) ack 201
      ${(0.13 + seconds).toFixed(6)} < P. 201:301(100) ack 201
      ${(0.13 + seconds).toFixed(6)} > . ack 301`;

  it.each([
    [4.999999, '90..5089.999 client thinking #1', 4999.999],
    [5, '90..5090 idle', Number.NaN],
  ])('of the client of %s s: %s', (seconds, span, thinking) => {
    expect(spansOf(pause(seconds))[3]).toBe(span);
    expect(Math.round(exchangesOf(pause(seconds))[1].clientThinking / 1e3) / 1e3).toBe(thinking);
  });

  it('in which a keep-alive passes are idle', () => {
    const more = '\n      1.090 > .  seq 100 ack 201\n      1.130 < .  seq 201 ack 101';
    expect(spansOf(pause(2, more))[3]).toBe('90..2090 idle');
    expect(spansOf(pause(2))[3]).toBe('90..2090 client thinking #1');
  });

  const push = (seconds: number) => `${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < P. 1:201(200) ack 101
      0.090 > .  ack 201
      ${(0.11 + seconds).toFixed(6)} < P. 201:301(100) ack 101
      ${(0.11 + seconds).toFixed(6)} > . ack 301`;

  it('of the server within an answer: from 5 s on what follows was not asked for', () => {
    expect(exchangesOf(push(4.999999)).map(({ requestBytes, answerBytes }) => [requestBytes, answerBytes])).toEqual([
      [100, 300],
    ]);
    expect(exchangesOf(push(5)).map(({ requestBytes, answerBytes }) => [requestBytes, answerBytes])).toEqual([
      [100, 200],
      [0, 100],
    ]);
    expect(spansOf(push(5)).slice(3)).toEqual(['90..5090 idle', '5090..5110 network round-trip #1']);
  });

  it.each([
    [4.999, 'closing'],
    [5.001, 'idle'],
  ])('of %s s before the end: %s', (seconds, owner) => {
    const spans = spansOf(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < P. 1:201(200) ack 101
      0.090 > .  ack 201
      ${(0.09 + seconds).toFixed(3)} > F. seq 101 ack 201
      ${(0.13 + seconds).toFixed(3)} < F. seq 201 ack 102
      ${(0.13 + seconds).toFixed(3)} > .  ack 202`);
    expect(spans[3]).toContain(owner);
  });
});

describe('exchanges', () => {
  const sizes = (text: string) => exchangesOf(text).map(({ requestBytes, answerBytes }) => [requestBytes, answerBytes]);

  it('requests that were sent together are one', () => {
    expect(
      sizes(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.060 > P. 101:201(100) ack 1
      0.100 < P. 1:201(200) ack 201
      0.120 < P. 201:401(200) ack 201
      0.120 > .  ack 401`),
    ).toEqual([[200, 400]]);
  });

  it('a request begins when the client has heard of the answer, by its ACK number', () => {
    const text = (ack: number) => `${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < P. 1:201(200) ack 101
      0.091 > P. 101:201(100) ack ${ack}
      0.131 < P. 201:401(200) ack 201
      0.131 > .  ack 401`;
    expect(sizes(text(1))).toEqual([[200, 400]]);
    expect(sizes(text(2))).toEqual([
      [100, 200],
      [100, 200],
    ]);
  });

  it('a server that speaks first thinks from the arrival of the handshake on', () => {
    const text = `${AT_CLIENT}
      0.180 < P. 1:71(70) ack 1
      0.180 > .  ack 71
      0.190 > P. 1:25(24) ack 71
      0.230 < P. 71:101(30) ack 25
      0.230 > .  ack 101`;
    expect(sizes(text)).toEqual([
      [0, 70],
      [24, 30],
    ]);
    expect(spansOf(text).slice(1, 5)).toEqual([
      '40..60 network round-trip #0',
      '60..160 server thinking #0',
      '160..180 network round-trip #0',
      '180..190 client thinking #1',
    ]);
  });

  it('without an answer have no thinking of the server', () => {
    const [exchange] = exchangesOf(`${AT_CLIENT}\n 0.050 > P. 1:101(100) ack 1\n 0.090 < . ack 101`);
    expect(exchange).toMatchObject({ requestBytes: 100, answerBytes: 0, serverThinking: Number.NaN });
  });

  it('half-closing changes nothing while the other end still sends', () => {
    const spans = spansOf(`${AT_CLIENT}
      0.050 > FP. 1:101(100) ack 1
      3.090 < P. 1:201(200) ack 102
      3.090 > .  ack 201`);
    expect(spans[3]).toBe('70..3070 server thinking #0');
  });
});

describe('a request that comes again before it is acknowledged', () => {
  /** At the client, over 40 ms: the request leaves after 50 ms and once more after `again`; `acks` acknowledge it, the answer comes after 600. */
  const waits = (acks: string, again = '0.280 > P. 1:101(100) ack 1') =>
    spansOf(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      ${again}
      ${acks}
      0.600 < P. 1:201(200) ack 101 id 9
      0.600 > .  ack 201`).slice(2, 4);

  it('was held up on its way where the ACK came later than any receiver delays it: 200 ms', () => {
    const thought = ['50..70 network round-trip #0', '70..580 server thinking #0'];
    expect(waits('0.290 < . ack 101 win 65535')).toEqual(thought);
    expect(waits('0.2901 < . ack 101 win 65535')).toEqual([
      '50..270.1 network round-trip #0',
      '270.1..580 server thinking #0',
    ]);
    // Nothing shows that its sender had no ACK before.
    expect(waits('0.2901 < . ack 101 win 65535', '')).toEqual(thought);
    // A program that does not read lets its host wait with the ACK.
    expect(waits('0.2901 < . ack 101 win 65434')).toEqual(thought);
  });

  it('was held up by as much as it took longer than that where the answer is the ACK', () => {
    const answered = (seconds: number) =>
      spansOf(`${AT_CLIENT}
        0.050 > P. 1:101(100) ack 1
        0.280 > P. 1:101(100) ack 1
        ${seconds.toFixed(4)} < P. 1:201(200) ack 101
        ${seconds.toFixed(4)} > .  ack 201`).slice(2, 4);
    expect(answered(0.29)).toEqual(['50..70 network round-trip #0', '70..270 server thinking #0']);
    expect(answered(0.3)).toEqual(['50..80 network round-trip #0', '80..280 server thinking #0']);
  });

  it('may have been acknowledged before by a packet that did not pass', () => {
    const counted = (id: number) =>
      spansOf(`
        0.000 > S  seq 0 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 0>
        0.040 < S. seq 0 ack 1 win 65535 <mss 1460,nop,nop,sackOK,nop,wscale 0> id 1
        0.040 > .  ack 1 win 65535
        0.045 < .  ack 1 win 65535 id 2
        0.046 < .  ack 1 win 65535 id 3
        0.050 > P. 1:101(100) ack 1
        0.280 > P. 1:101(100) ack 1
        0.300 < .  ack 101 win 65535 id ${id}
        0.600 < P. 1:201(200) ack 101 id ${id + 1}
        0.600 > .  ack 201`)[2];
    expect([counted(4), counted(5)]).toEqual(['50..280 network round-trip #0', '50..70 network round-trip #0']);
  });
});

describe('handshakes of another order', () => {
  const request = (ms: number) => `
      ${(ms / 1000).toFixed(4)} > P. 1:101(100) ack 1
      ${((ms + 40) / 1000).toFixed(4)} < P. 1:201(200) ack 101
      ${((ms + 40) / 1000).toFixed(4)} > .  ack 201`;
  /** The request is 10 ms after the handshake, and its answer a round trip later: all of that is the network's. */
  const after = (ms: number) => [
    `${ms}..${ms + 10} client thinking #0`,
    `${ms + 10}..${ms + 50} network round-trip #0`,
  ];

  it('a SYN,ACK that is not in the capture', () => {
    const ends =
      '0.000 > S seq 0 win 65535 <mss 1460>\n 0.040 < S. seq 0 ack 1 win 65535 <mss 1460> missed\n 0.040 > . ack 1';
    expect(spansOf(`${ends}${request(50)}`)).toEqual(['0..40 network handshake', ...after(40)]);
    expect(exchangesOf(`${ends}${request(50)}`).map(({ requestBytes }) => requestBytes)).toEqual([100]);
  });

  it('a SYN,ACK that is not in the capture, and a server that thinks: the ACK of it tells how long the way is', () =>
    expect(
      spansOf(`0.000 > S seq 0 win 65535 <mss 1460>
      0.040 < S. seq 0 ack 1 win 65535 <mss 1460> missed
      0.040 > .  ack 1
      0.050 > P. 1:101(100) ack 1
      0.590 < P. 1:201(200) ack 101
      0.590 > .  ack 201`),
    ).toEqual([
      '0..40 network handshake',
      '40..50 client thinking #0',
      '50..70 network round-trip #0',
      '70..570 server thinking #0',
      '570..590 network round-trip #0',
    ]));

  it('a SYN,ACK that is not in the capture, and a client that asks with its ACK of it: it may have thought', () => {
    const ends = (first: string) =>
      spansOf(`0.000 > S seq 0 win 65535 <mss 1460>
        0.040 < S. seq 0 ack 1 win 65535 <mss 1460> missed
        0.040 > ${first} ack 1
        0.050 > P. 1:101(100) ack 1
        0.090 < P. 1:201(200) ack 101
        0.090 > .  ack 201`).at(-1);
    expect([ends('.'), ends('P. 1:101(100)')]).toEqual(['50..90 network round-trip #0', '40..90 unknown #0']);
  });

  /** The SYN that is answered is the second; the client's first packet after that comes at `at` (s). */
  const late = (at: number, flags: string) => `0.000 > S seq 0 win 65535 <mss 1460>
      1.000 > S seq 0 win 65535 <mss 1460>
      1.020 < S. seq 0 ack 1 win 65535 <mss 1460>
      ${at.toFixed(6)} > ${flags} ack 1
      ${(at + 0.03).toFixed(6)} < P. 1:201(200) ack 101
      ${(at + 0.03).toFixed(6)} > .  ack 201`;

  it.each([
    [4.019999, 'network handshake'],
    [4.02, 'client thinking #0'],
  ])('data at %s s after a SYN,ACK at 1.02 s is its answer while no SYN has to come again: else %s', (at, last) => {
    const spans = spansOf(late(at, 'P. 1:101(100)'));
    const requestAt = spans.findIndex((span) => span.includes('round-trip'));
    expect(spans[requestAt - 1]).toContain(last);
  });

  it('of several SYNs none of which is seen answered, the last is taken to be the one', () =>
    expect(
      spansOf(`0.000 > S seq 0 win 65535 <mss 1460>
      1.000 > S seq 0 win 65535 <mss 1460>
      1.040 < S. seq 0 ack 1 win 65535 <mss 1460> missed
      1.040 > . ack 1${request(1050)}`).slice(0, 2),
    ).toEqual(['0..1000 network timeout', '1000..1040 network handshake']));

  it('SYNs that cross: none of them is a repeat, and each is answered after a round trip', () =>
    expect(
      spansOf(`0.000 > S seq 0 win 65535 <mss 1460>
      0.020 < S  seq 0 win 65535 <mss 1460>
      0.020 > S. seq 0 ack 1 win 65535 <mss 1460>
      0.040 < S. seq 0 ack 1 win 65535 <mss 1460>
      0.040 > .  ack 1${request(50)}`),
    ).toEqual(['0..40 network handshake', ...after(40)]));

  it('an ACK of the SYN, and the SYN of the server later', () =>
    expect(
      spansOf(`0.000 > S seq 0 win 65535 <mss 1460>
      0.040 < .  seq 0 ack 1 win 65535
      0.041 < S  seq 0 win 65535 <mss 1460>
      0.041 > S. seq 0 ack 1 win 65535 <mss 1460>
      0.081 < .  ack 1${request(91)}`),
    ).toEqual(['0..81 network handshake', ...after(81)]));

  const fastOpen = (ack: number, answer: string) => `
      0.000 > S  0:100(100) win 65535 <mss 1460>
      0.040 < S. seq 0 ack ${ack} win 65535 <mss 1460>${answer}`;

  it('data in the SYN is the request where the SYN,ACK acknowledges it, and else when it is sent again', () => {
    const taken = fastOpen(101, '\n 0.090 < P. 1:201(200) ack 101\n 0.090 > . seq 101 ack 201');
    const told = ({ requestBytes, answerBytes, requestStart }: ReturnType<typeof exchangesOf>[number]) => [
      requestBytes,
      answerBytes,
      Math.round(requestStart / 1e6),
    ];
    expect(exchangesOf(taken).map(told)).toEqual([[100, 200, 0]]);
    // No more than the SYN carried was asked for, whatever is acknowledged.
    const tooMuch = fastOpen(1_000_001, '\n 0.090 < P. 1:201(200) ack 101\n 0.090 > . seq 101 ack 201');
    expect(exchangesOf(tooMuch).map(({ requestBytes }) => requestBytes)).toEqual([100]);
    const refused = fastOpen(1, `\n 0.040 > . seq 1 ack 1${request(50)}`);
    expect(exchangesOf(refused).map(told)).toEqual([[100, 200, 50]]);
  });
  it('data in the SYN is the request also where the SYN,ACK is not in the capture, as the answer tells', () => {
    const unseen = (ack: number, more = '') =>
      `${fastOpen(101, ' missed')}\n 0.040 > . seq 101 ack 1${more}\n 0.090 < P. 1:201(200) ack ${ack}\n 0.090 > . seq 101 ack 201`;
    expect(spansOf(unseen(101))).toEqual([
      '0..20 network round-trip #0',
      '20..40 network handshake',
      '40..70 server thinking #0',
      '70..90 network round-trip #0',
    ]);
    const requests = (text: string) => exchangesOf(text).map(({ requestBytes }) => requestBytes);
    expect(requests(unseen(2))).toEqual([1]);
    expect(requests(unseen(1))).toEqual([0]);
    expect(requests(unseen(101, '\n 0.041 > P. 1:101(100) ack 1'))).toEqual([100]);
  });

  const proxied = (ttl: number) => `0.0000 > S seq 0 win 65535 <mss 1460>
      0.0005 < S. seq 0 ack 1 win 65535 <mss 1460> ttl ${ttl}
      0.0005 > .  ack 1${request(10).replaceAll('ack 101', 'ack 101 ttl 52')}`;

  it('a SYN,ACK with another TTL than the server has does not tell how far the server is', () => {
    const thinking = (ttl: number) =>
      spansOf(proxied(ttl))
        .filter((span) => span.includes('thinking #0'))
        .slice(1);
    expect(thinking(52)).toEqual(['10.25..49.75 server thinking #0']);
    for (const ttl of [51, 53]) expect(thinking(ttl)).toEqual([]);
    // Nor is it the network's, then: nothing tells one from the other.
    for (const ttl of [51, 53]) expect(spansOf(proxied(ttl)).join()).not.toMatch(/round-trip #[1-9]/);
  });

  it('nor do SYN,ACKs of two TTLs, of which one was seen at another place', () => {
    const joined = (ttl: number) =>
      spansOf(`0.000 > S seq 0 win 65535 <mss 1460>
        0.020 < S. seq 0 ack 1 win 65535 <mss 1460> ttl 64
        0.040 dup 2 ttl ${ttl}
        0.041 > .  ack 1
        0.042 > P. 1:101(100) ack 1
        0.102 < P. 1:201(200) ack 101 ttl ${ttl}
        0.102 > .  ack 201`).join();
    expect(joined(64)).toContain('server thinking #0');
    for (const ttl of [63, 65]) expect(joined(ttl)).not.toContain('server thinking');
  });

  it('a clock that is set back between SYN and SYN,ACK does not tell either', () => {
    const stepped = (answered: string) =>
      spansOf(`0.0300 > S seq 0 win 65535 <mss 1460>
      ${answered} < S. seq 0 ack 1 win 65535 <mss 1460>
      0.0315 > .  ack 1
      0.0500 > P. 1:101(100) ack 1
      0.2300 < P. 1:201(200) ack 101
      0.2300 > .  ack 201
      0.2400 > F. seq 101 ack 201`).join();
    expect(stepped('0.0310')).toContain('server thinking');
    expect(stepped('0.0100')).toContain('unknown');
  });
});

describe('a window that is closed', () => {
  const closed = (later: string) => `${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < P. 1:1461(1460) ack 101
      0.090 > .  ack 1461 win 0
      0.390 < .  seq 1460 ack 101
      0.390 > .  ack 1461 win 0
      0.990 < .  seq 1460 ack 101${later}`;

  it('and probed is waited for, until the connection ends', () =>
    expect(spansOf(closed('\n 0.990 > . ack 1461 win 0\n 9.000 > R. ack 1461')).slice(-1)).toEqual([
      '90..9000 client receive-window #0',
    ]));

  it('until the last probe, where there is room again and nothing comes', () =>
    expect(spansOf(closed('\n 0.990 > . ack 1461 win 65535\n 9.000 > R. ack 1461')).slice(-2)).toEqual([
      '90..990 client receive-window #0',
      '990..9000 idle',
    ]));

  it('is not waited for where nobody has more to send', () =>
    expect(spansOf(`${closed('').split('\n').slice(0, 6).join('\n')}\n 9.000 > R. ack 1461`).slice(-1)).toEqual([
      '90..9000 idle',
    ]));
});

describe('a sender that has not heard what passed the capture, beside its receiver', () => {
  /** After the second segment something comes, and half a second later the third. */
  const story = (between: string, window = 65535) => {
    const spans = spansOf(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.100 < .  1:1461(1460) ack 101
      0.100 > .  ack 1461
      0.140 < .  1461:2921(1460) ack 101
      0.140 > .  ack 2921 win ${window}
      ${between}
      0.640 < .  2921:4381(1460) ack 101
      0.640 > .  ack 4381
      0.700 > F. seq 101 ack 4381
      0.740 < F. seq 4381 ack 102
      0.740 > .  ack 4382`);
    return spans.find((span) => span.startsWith('140..640'));
  };

  it('waited for a timer where it sends again what was acknowledged', () => {
    const again = '\n0.600 > . ack 2921';
    expect(story(`0.600 < . 1461:2921(1460) ack 101${again}`)).toBe('140..640 network timeout #0');
    // A part of it.
    expect(story(`0.600 < . 2000:2921(921) ack 101${again}`)).toBe('140..640 network timeout #0');
    expect(story('')).toBe('140..640 unknown #0');
  });

  it('waited for a timer where it probes a window that was open a round trip before', () => {
    const probed = (probe: number) =>
      story(`0.200 > . ack 2921 win 65535\n${probe.toFixed(6)} < . seq 2920 ack 101\n+0 > . ack 2921`, 0);
    expect([0.24, 0.240001].map(probed)).toEqual(['140..640 unknown #0', '140..640 network timeout #0']);
  });
});

describe('a pause after which bytes are missing behind the first segment', () => {
  /** At the client: nothing comes for more than a second. The next segment comes at `time`, and a round trip later what `follows`. */
  const story = (follows: string, time = '1.500') => {
    const spans = spansOf(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.100 < .  1:1461(1460) ack 101
      0.100 > .  ack 1461
      ${time} < .  1461:2921(1460) ack 101
      ${time} > .  ack 2921
      ${follows}`);
    return spans.filter((span) => span.startsWith('100..'));
  };
  const beyond = `1.540 < . 10001:11461(1460) ack 101
    1.540 > . ack 2921
    1.600 < . 2921:10001(7080) ack 101
    1.600 > . ack 11461`;

  it('was spent waiting for a timer: all that had been sent before it was lost', () => {
    expect(story(beyond)).toEqual(['100..1500 network timeout #0']);
    expect(story('1.540 < . 2921:4381(1460) ack 101\n1.540 > . ack 4381')).toEqual(['100..1500 unknown #0']);
  });

  it('was the shortest timeout at the least, 180 ms', () => {
    const short = (time: string) => story(beyond, time)[0].replace(/^\S+ /, '');
    expect([short('0.280001'), short('0.280000')]).toEqual(['network timeout #0', 'unknown #0']);
  });
});

describe('a sender that paces', () => {
  const MS = 1e-3;
  /** Two segments, of `bytes` together, or one of 1460, leave every 5 ms, and `last` ms pass before the latest. The round trip takes 40 ms. */
  const story = ({ pauses = 4, last = 5, bytes = 2920, round = 40, delay = 0, flags = '.' }) => {
    const lines = [`0.000 > S seq 0 win 65535 <mss 1460>`, `0.000 < S. seq 0 ack 1 win 65535 <mss 1460>`];
    const at = (seconds: number) => seconds.toFixed(6);
    lines.push(`${at(round * MS)} > . ack 1 win 65535`, `0.050 > P. 1:101(100) ack 1`);
    for (let i = 0; i <= pauses; i++) {
      const time = 0.06 + 5 * MS * (i - (i === pauses ? 1 : 0)) + (i === pauses ? last * MS : 0);
      const from = 1 + bytes * i;
      const rest = bytes - 1460;
      lines.push(`${at(time)} < ${rest > 0 ? '.' : flags} ${from}:${from + 1460}(1460) ack 101`);
      if (rest > 0) lines.push(`${at(time)} < ${flags} ${from + 1460}:${from + bytes}(${rest}) ack 101`);
    }
    const acks = lines.slice(4).filter((_, i) => bytes === 1460 || i % 2 === 1);
    for (const [i, line] of acks.entries())
      lines.push(`${at(Number(line.slice(0, 8)) + (round + delay) * MS)} > . ack ${1 + bytes * (i + 1)}`);
    lines.sort((one, other) => Number(one.slice(0, 5)) - Number(other.slice(0, 5)));
    return spansOf(lines.join('\n')).filter((span) => /sending|congestion/.test(span));
  };
  const holdsBack = (given: Parameters<typeof story>[0]) => story(given).some((span) => /congestion/.test(span));

  it('is held back by its congestion control, from the third pause on that is as long as the one before', () => {
    expect(story({})).toEqual(['80..95 server sending #0', '95..100 network congestion-window #0']);
    expect([holdsBack({ pauses: 4 }), holdsBack({ pauses: 3 })]).toEqual([true, false]);
    expect([5.49, 5.51, 4.51, 4.49].map((last) => holdsBack({ last }))).toEqual([true, false, true, false]);
  });

  it('is none that writes less than full segments, or ends a write before each pause, or sends only once in a round trip', () => {
    expect(holdsBack({ bytes: 2919 })).toBe(false);
    const pushed = (bytes: number) => ['.', 'P.'].map((flags) => holdsBack({ bytes, flags, round: 12 }));
    expect(pushed(1460)).toEqual([true, false]);
    // Linux sends two segments at a time when it paces, and sets PSH on each packet of several.
    expect([pushed(2920), pushed(4380)]).toEqual([
      [true, true],
      [true, false],
    ]);
    // No ACK comes just before what is sent.
    const rounds = [5.1, 5].map((round) => holdsBack({ round, delay: 2.5 }));
    expect(rounds).toEqual([true, false]);
  });
});

describe('a window whose scale is not known', () => {
  /** The connection was open already. The client lets the server go on at 0.581. */
  const story = (window: number, opens = '0.581 > . ack 2921 win 300') =>
    spansOf(`
      0.000 < . 1:1461(1460) ack 1 win 500
      0.040 > . ack 1461 win 300
      0.040 < . 1461:2921(1460) ack 1
      0.080 > . ack 2921 win ${window}
      ${opens}
      0.582 < . 2921:4381(1460) ack 1
      0.622 > . ack 4381
      0.622 < . 4381:5841(1460) ack 1
      0.662 > . ack 5841`);

  it('is closed when it is 0, by any scale, until it is open', () => {
    const at60 = (window: number, opens?: string) => story(window, opens).find((span) => span.startsWith('60..'));
    expect([at60(0), at60(1)]).toEqual(['60..602 client receive-window #0', '60..602 unknown #0']);
    // It had been open for long, or the capture lacks the ACK that opened it.
    expect(at60(0, '0.300 > . ack 2921 win 300')).toBe('60..602 unknown #0');
    expect(at60(0, '')).toBe('60..642 client receive-window #0');
  });
});

describe('data that a closed window holds up to the end', () => {
  /** The server answers `answers` times and closes its window; the client probes it twice. */
  const asked = (answer: string) => `${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < .  ack 101 win 0${answer}
      2.000 > .  seq 100 ack 201
      2.040 < .  seq 201 ack 101 win 0
      9.000 > R. seq 101 ack 201`;
  const answered = `
      1.000 < P. 1:201(200) ack 101 win 0
      1.000 > .  ack 201`;
  const unfinished = (text: string) => exchangesOf(text).map((exchange) => exchange.unfinished);

  it('is no part of an exchange that has had its answer', () => {
    expect(spansOf(asked(answered)).slice(-3)).toEqual([
      '70..980 server thinking #0',
      '980..1000 network round-trip #0',
      '1000..9000 server receive-window',
    ]);
    const [{ limit, unfinished }] = exchangesOf(asked(answered));
    expect(TIME_USES[limit].cause).toBe('thinking');
    expect(unfinished).toBeNull();
  });

  it('is the rest of a request that has had none', () => {
    const text = asked('').replaceAll(' 201', ' 1');
    expect(spansOf(text).slice(-1)).toEqual(['70..9000 server receive-window #0']);
    expect(unfinished(text)).toEqual(['request']);
  });

  it('is the rest of the answer where the server probes', () => {
    const text = `${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < P. 1:1461(1460) ack 101
      0.090 > .  ack 1461 win 0
      0.390 < .  seq 1460 ack 101
      0.390 > .  ack 1461 win 0
      9.000 > R. ack 1461`;
    expect(spansOf(text).slice(-1)).toEqual(['90..9000 client receive-window #0']);
    expect(unfinished(text)).toEqual(['answer']);
  });

  it('is a part of the answer, however long the window was closed', () => {
    const text = (probe: string) => `${AT_CLIENT.replaceAll('65535', '1000')}
      0.050 > P. 1:101(100) ack 1 win 1000
      0.090 < P. 1:1001(1000) ack 101
      0.090 > .  ack 1001 win 0${probe}
      9.000 > .  ack 1001 win 1000
      9.040 < P. 1001:2001(1000) ack 101
      9.040 > .  ack 2001 win 1000`;
    const probed = text('\n 0.390 < . seq 1000 ack 101\n 0.390 > . ack 1001 win 0');
    expect(spansOf(probed).slice(-1)).toEqual(['90..9040 client receive-window #0']);
    expect(exchangesOf(probed)).toHaveLength(1);
    expect(exchangesOf(text(''))).toHaveLength(2);
  });

  it('is sent where the next request begins, and no part of the one before', () => {
    const text = asked(answered).replace('9.000 > R. seq 101', '9.000 > P. 101:201(100)');
    expect(spansOf(text.replace('2.040 < .  seq 201 ack 101 win 0', '8.960 < . seq 201 ack 101 win 65535'))).toContain(
      '1000..2000 server receive-window',
    );
  });
});

describe('a request without an answer', () => {
  const asked = (more: string) => `${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < .  ack 101${more}`;
  const last = (more: string) => spansOf(asked(more)).slice(3).join(', ');

  it('was waited for by a client that asked in one segment and then gave up', () => {
    expect(last('\n 3.000 > F. seq 101 ack 1')).toBe('70..3000 server thinking');
    expect(last('\n 3.000 > R. seq 101 ack 1')).toBe('70..3000 server thinking');
  });

  it('was waited for where that took longer than half a round trip, also when a RST had ended the connection', () => {
    // Captured at the client: 70 ms after the beginning the request is at the server, whose answer needs half of 40 ms.
    const reset = (time: string) => last(`\n ${time} > R. seq 101 ack 1`);
    expect(reset('0.091')).toBe('70..91 server thinking');
    expect(reset('0.090')).toBe('70..90 unknown');
    // Beside a connection of which a question is asked first, and which is far away: its round trip takes ten seconds.
    const far = `
      0.000 > S  seq 0 <mss 1460> conn far
      10.00 < S. seq 0 ack 1 <mss 1460> conn far
      10.00 > .  ack 1 conn far
      10.01 > P. 1:101(100) ack 1 conn far
      20.01 < .  ack 101 conn far`;
    const { connections } = analyseScenario(`${asked('\n 3.000 > R. seq 101 ack 1')}${far}`, {
      connections: { far: { client: '10.0.0.9:50000', server: '10.0.0.8:80' } },
    }).analyzer;
    expect(spanTexts(connections[1])[0]).toBe('0..10000 network handshake');
    expect(spanTexts(connections[0]).at(-1)).toBe('70..3000 server thinking');
  });

  it('in one segment, also where it was sent again', () => {
    const again = '\n 0.400 > P. 1:101(100) ack 1\n 0.440 < . ack 101';
    expect(spansOf(`${AT_CLIENT}\n 0.050 > P. 1:101(100) ack 1${again}\n 3.000 > F. seq 101 ack 1`).slice(-1)).toEqual([
      '420..3000 server thinking',
    ]);
  });

  it('is not known to be one where the capture does not show that it arrived, or that nothing came', () => {
    const unknown = /70\.\.\d+ unknown$/;
    // Nobody acknowledged it; the client acknowledges what is not in the capture.
    expect(spansOf(`${AT_CLIENT}\n 0.050 > P. 1:101(100) ack 1\n 0.300 > R. seq 101 ack 1`).join()).not.toContain(
      'server thinking',
    );
    expect(last('\n 2.000 > . ack 501\n 3.000 > F. seq 101 ack 501')).toMatch(unknown);
    // The answer could not have come back yet: one way takes 20 ms, and the request arrived at 70 ms.
    expect(last('\n 0.090 > F. seq 101 ack 1')).toMatch(unknown);
    expect(last('\n 0.091 > F. seq 101 ack 1')).toBe('70..91 server thinking');
    // Whoever stays for more than two minutes may only have delivered something.
    expect(last('\n 120.070 > F. seq 101 ack 1')).toBe('70..120070 server thinking');
    expect(last('\n 120.071 > F. seq 101 ack 1')).toMatch(unknown);
    // What was said before the capture is not known.
    const midway = '0 > P. 1:101(100) ack 1\n 0.040 < . ack 101\n 3.000 > F. seq 101 ack 1';
    expect(spansOf(midway).join()).not.toContain('thinking');
  });

  it('is not known to be one where the client sent more, or goes on', () => {
    const second = '\n 0.100 > P. 101:201(100) ack 1\n 0.140 < . ack 201';
    expect(last(`${second}\n 9.000 > F. seq 201 ack 1`)).toMatch(/120\.\.9000 unknown$/);
    expect(last('\n 9.000 < . ack 101')).toBe('70..9000 unknown');
    expect(last('\n 5.069 < . ack 101')).toBe('70..5069 closing');
  });

  it('may be the last word of a dialogue, which needs none', () => {
    const dialogue = '\n 0.090 < P. 1:201(200) ack 101\n 0.090 > . ack 201\n 0.100 > P. 101:131(30) ack 201';
    expect(last(`${dialogue}\n 0.140 < . ack 131\n 9.000 > F. seq 131 ack 201`)).toMatch(/120\.\.9000 idle$/);
  });

  it('that never arrives left after the pause before it', () =>
    expect(
      last(`
      0.090 < P. 1:201(200) ack 101
      0.090 > .  ack 201
      9.000 > P. 101:201(100) ack 201
      9.300 > P. 101:201(100) ack 201
      9.900 > P. 101:201(100) ack 201`),
    ).toMatch(/90\.\.9000 idle, 9000\.\.9900 network timeout #1$/));
});

describe('a pause of the server after what was whole', () => {
  /** News, or pieces of an answer: 60 ms apart, and 100 bytes each. `follows` comes after them, the last of which has arrived at 0.210 s. */
  const story = (follows: string, flags = 'P.', bytes = 100) =>
    spansOf(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < ${flags} 1:${1 + bytes}(${bytes}) ack 101
      0.090 > . ack ${1 + bytes}
      0.150 < P. ${1 + bytes}:${101 + bytes}(100) ack 101
      0.150 > . ack ${101 + bytes}
      0.210 < P. ${101 + bytes}:${201 + bytes}(100) ack 101
      0.210 > . ack ${201 + bytes}
      ${follows}`).filter((span) => /^(90|150)\.\./.test(span));

  it('is told as part of its answer where the end of that brought a request about, or the close', () => {
    const pieces = ['90..210 server sending #0'];
    expect(story('0.300 > P. 101:201(100) ack 301')).toEqual(pieces);
    expect(story('0.300 > F. seq 101 ack 301')).toEqual(pieces);
    expect(story('0.300 < F. seq 301 ack 101')).toEqual(pieces);
    expect(story('0.300 > R. seq 101 ack 301')).toEqual(pieces);
  });

  it('is not known where nothing follows, or what follows comes of itself: it may have been news', () => {
    const news = ['90..210 unknown #0'];
    expect(story('')).toEqual(news);
    // From 5 s on nobody waited: the request, the close, or what the server sends without being asked.
    expect([story('5.2099 > P. 101:201(100) ack 301'), story('5.2101 > P. 101:201(100) ack 301')]).toEqual([
      ['90..210 server sending #0'],
      news,
    ]);
    expect([story('5.2099 > F. seq 101 ack 301'), story('5.2101 > F. seq 101 ack 301')]).toEqual([
      ['90..210 server sending #0'],
      news,
    ]);
    expect(story('5.3 < P. 301:401(100) ack 101\n5.3 > . ack 401')).toEqual(news);
  });

  it('is one in the middle where the segment before it was full, and did not end a write', () => {
    const atServer = (flags: string, bytes: number) =>
      spansOf(`${AT_SERVER}
        0.050 > P. 1:101(100) ack 1
        0.050 < ${flags} 1:${1 + bytes}(${bytes}) ack 101
        0.090 > . ack ${1 + bytes}
        0.150 < P. ${1 + bytes}:${101 + bytes}(100) ack 101
        0.190 > . ack ${101 + bytes}`).filter((span) => span.startsWith('70..'));
    expect(atServer('.', 1460)).toEqual(['70..170 server sending #0']);
    expect(atServer('.', 1459)).toEqual(['70..170 unknown #0']);
    expect(atServer('P.', 1460)).toEqual(['70..170 unknown #0']);
    // Away from the server, the ACK may have come late.
    expect(story('', '.', 1460)).toEqual(['90..210 unknown #0']);
  });

  it('is the server’s before it greets where the client asks then, and not known where it only listens', () => {
    const greets = (follows: string) =>
      spansOf(`${AT_CLIENT}
        2.000 < P. 1:101(100) ack 1
        2.000 > . ack 101
        ${follows}`).filter((span) => /#0/.test(span));
    const arrives = '1980..2000 network round-trip #0';
    expect(greets('2.010 > P. 1:101(100) ack 101').slice(-2)).toEqual(['60..1980 server thinking #0', arrives]);
    expect(greets('').slice(-2)).toEqual(['60..1980 unknown #0', arrives]);
  });
});

describe('a pause of 5 s within what a server sends', () => {
  const paused = (bytes: number) => `${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < .  1:1461(1460) ack 101
      0.090 < P. 1461:${1461 + bytes}(${bytes}) ack 101
      0.090 > .  ack ${1461 + bytes}
      8.090 < P. ${1461 + bytes}:${1561 + bytes}(100) ack 101
      8.090 > F. seq 101 ack ${1561 + bytes}`;

  it('is the middle of an answer where the segment before it was full', () => {
    expect(exchangesOf(paused(1460))).toHaveLength(1);
    expect(spansOf(paused(1460))).toContainEqual('90..8090 unknown #0');
    expect(exchangesOf(paused(1459))).toHaveLength(2);
  });
});

describe('what the capture does not show is unknown', () => {
  it('one direction only', () => {
    expect(spansOf('0.0 > P. 1:101(100) ack 1\n 0.2 > P. 101:201(100) ack 301\n 0.4 > F. seq 201 ack 401')).toEqual([
      '0..400 unknown',
    ]);
    expect(spansOf('0.0 > S seq 0 win 1000\n 0.1 > . seq 1 ack 1\n 0.2 > P. 1:101(100) ack 1')).toEqual([
      '0..200 unknown',
    ]);
  });

  it('the other end may only not have been heard yet: up to an initial window, what was sent before that counts', () => {
    const sent = (segments: number) => {
      const lines = Array.from({ length: segments }, (_, i) => `0.0 > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1`);
      return `${lines.join('\n')}\n 0.1 < P. 1:201(200) ack ${1 + 100 * segments}\n 0.1 > . ack 201`;
    };
    const bytes = (segments: number) => exchangesOf(sent(segments)).map(({ requestBytes }) => requestBytes);
    expect(bytes(10)).toEqual([1000]);
    expect(bytes(11)).toEqual([0]);
  });

  it('what a later ACK shows of the round trip holds for the first answer, too', () =>
    expect(
      spansOf(`0.000 > P. 1:101(100) ack 1
      0.040 < P. 1:201(200) ack 101
      0.040 > .  ack 201
      0.050 > P. 101:201(100) ack 201
      0.090 < .  ack 201
      0.090 < P. 201:401(200) ack 201
      0.090 > .  ack 401`),
    ).toEqual(['0..40 network round-trip #0', '40..50 client thinking #1', '50..90 network round-trip #1']));

  it('the round trip, where all that was seen are requests and answers', () => {
    const data = (ofClient: string, ofServer = '') => `
      0.000 > P. 1:101(100) ack 1${ofServer}
      0.040 < P. 1:201(200) ack 101${ofClient}
      0.090 > P. 101:201(100) ack 201
      0.130 < P. 201:401(200) ack 201`;
    expect(spansOf(data(''))).toEqual(['0..65 unknown #0', '65..130 unknown #1']);
    // An ACK of one end alone tells nothing of the way to the other, unless that is too short to tell anything.
    const [client, server] = ['\n 0.040 > . ack 201', '\n 0.040 < . ack 101'];
    expect(spansOf(data(client))).toContainEqual('0..40 unknown #0');
    expect(spansOf(data(client, server))).toContainEqual('0..40 network round-trip #0');
    const thought = (...acks: [string, string?]) => {
      const [, { serverThinking, clientThinking, answerStart }] = exchangesOf(data(...acks));
      return [serverThinking, clientThinking, answerStart].map((time) => !Number.isNaN(time));
    };
    expect([thought(''), thought(client), thought('', server), thought(client, server)]).toEqual([
      [false, false, false],
      [false, true, false],
      [true, false, true],
      [true, true, true],
    ]);
    const near = (time: string) => spansOf(data(client).replaceAll('0.040', time).replace('0.130', '0.190'))[0];
    expect([near('0.0009'), near('0.0010')]).toEqual(['0..0.9 network round-trip #0', '0..1 unknown #0']);
  });

  it('how a server far away sends, to which no way was measured', () => {
    const pieces = (start: string) => `0.000 > . seq 101 ack 1
      ${start}
      0.100 < P. 1:101(100) ack 101
      0.100 > .  ack 101
      0.200 < P. 101:201(100) ack 101
      0.200 > F. seq 101 ack 201`;
    expect(spansOf(pieces(''))).toEqual(['0..100 unknown', '100..200 unknown #0']);
    expect(spansOf(pieces('0.020 > P. 1:101(100) ack 1\n 0.060 < . ack 101'))).toContainEqual(
      '100..200 server sending #0',
    );
  });

  it('what passed between the SYNs and the FINs that alone are in the capture', () =>
    expect(
      spansOf(`0.000 > S seq 0 win 65535 <mss 1460>
      0.040 < S. seq 0 ack 1 win 65535 <mss 1460>
      0.500 > F. seq 141 ack 2201
      0.540 < F. seq 2201 ack 142`),
    ).toEqual(['0..40 network handshake', '40..500 unknown', '500..540 closing']));

  it('before the first data of a connection that was open already', () => {
    const text = `
      0.000 < .  seq 1 ack 1 win 1000
      0.100 > P. 1:101(100) ack 1 win 1000
      0.200 < P. 1:201(200) ack 101
      0.200 > .  ack 201`;
    expect(spansOf(text)[0]).toMatch(/^0\.\.100 unknown|^0\.\.\d+ unknown/);
    expect(exchangesOf(text)[0].isPartial).toBe(true);
  });

  it('a refused port is a handshake, and an empty one nothing', () => {
    expect(spansOf('0.00 > S seq 0 win 1000\n 0.03 < R. seq 0 ack 1')).toEqual(['0..30 network handshake']);
    expect(spansOf('0.00 > S seq 0 win 1000')).toEqual([]);
  });
});

it('a clock that is set back stands still until it has caught up', () => {
  const spans = spansOf(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.030 < P. 1:201(200) ack 101
      0.031 > .  ack 201
      0.060 > F. seq 101 ack 201`);
  expect(spans[0]).toBe('0..40 network handshake');
  expect(spans.at(-1)).toMatch(/\.\.60 /);
});

describe('an exchange of which a part never arrives has no end', () => {
  const asked = `${AT_SERVER}
    0.050 > P. 1:101(100) ack 1
    0.051 < .  ack 101
    0.060 < .  1:1461(1460) ack 101
    0.060 < .  1461:2921(1460) ack 101
    0.060 < P. 2921:4000(1079) ack 101`;
  const ends = (text: string) => exchangesOf(text).map(({ unfinished }) => unfinished);
  const first = (text: string) => exchangesOf(text)[0];

  it('sent again in vain', () => {
    expect(ends(`${asked}\n0.100 > . ack 2921\n 0.400 < P. 2921:4000(1079) ack 101`)).toEqual(['answer']);
    expect(durationOf(first(`${asked}\n0.100 > . ack 2921\n 0.400 < P. 2921:4000(1079) ack 101`))).toBeNaN();
  });

  it('and a beginning, where the server sends it in vain without being asked', () => {
    const [, pushed] = exchangesOf(`${asked}
      0.100 > . ack 4000
      9.000 < P. 4000:4100(100) ack 101
      9.300 < P. 4000:4100(100) ack 101
      9.900 < P. 4000:4100(100) ack 101`);
    expect([pushed.unfinished, Math.round(pushed.answerStart / 1e6)]).toEqual(['answer', 9000]);
    expect(pushed.answerFirst).toBeNaN();
  });

  it('missing as SACK tells, at either place of capture', () => {
    expect(ends(`${asked}\n0.100 > . ack 1461 <nop,nop,sack 2921:4000>`)).toEqual(['answer']);
    expect(
      ends(`${AT_CLIENT}
        0.050 > P. 1:101(100) ack 1
        0.100 < .  1:1461(1460) ack 101
        0.100 > .  ack 1461
        0.100 < P. 2921:4000(1079) ack 101
        0.100 > .  ack 1461 <nop,nop,sack 2921:4000>`),
    ).toEqual(['answer']);
  });

  it('but has one when all was acknowledged, or nothing tells that it was not', () => {
    expect(ends(`${asked}\n0.100 > . ack 4000`)).toEqual([null]);
    expect(ends(asked)).toEqual([null]);
    // A duplicate ACK without SACK names nothing.
    expect(ends(`${asked}\n0.100 > . ack 1461\n0.100 > . ack 1461`)).toEqual([null]);
    const repaired = `${asked}
      0.100 > . ack 1461 <nop,nop,sack 2921:4000>
      0.100 < . 1461:2921(1460) ack 101
      0.140 > . ack 4000`;
    expect(ends(repaired)).toEqual([null]);
    // The answer leaves after 10 ms, and its repaired part arrives 20 ms after 0.1 s.
    expect(durationOf(first(repaired)) / 1e6).toBeCloseTo(90, 5);
  });

  it('the same for a request', () => {
    expect(
      ends(`${AT_CLIENT}
        0.050 > P. 1:1101(1100) ack 1
        0.350 > P. 1:1101(1100) ack 1`),
    ).toEqual(['request']);
  });
});

describe('an acknowledgment of nothing new', () => {
  /** An answer of three segments, the first of which is sent again in vain, and what the client says after 5 s. */
  const unrepaired = (said: string, handshake = AT_SERVER) => `${handshake}
    0.050 > P. 1:101(100) ack 1
    0.051 < .  ack 101
    0.060 < .  1:1461(1460) ack 101
    0.060 < .  1461:2921(1460) ack 101
    0.060 < P. 2921:4000(1079) ack 101
    0.360 < .  1:1461(1460) ack 101
    0.960 < .  1:1461(1460) ack 101
    5.000 > ${said}
    6.000 < .  1:1461(1460) ack 101`;
  const noSack = AT_SERVER.replaceAll('nop,nop,sackOK', 'nop,nop,nop,nop');
  const waits = (text: string) => spansOf(text).filter((span) => /timeout|round-trip/.test(span));
  const asked = '30..50 network round-trip #0';
  // What was sent once has arrived, as far as anybody can tell.
  const inVain = [asked, '60..80 network round-trip #0', '80..6000 network timeout #0'];

  it('that closes is no duplicate ACK: nothing has arrived', () => {
    expect(waits(unrepaired('F. seq 101 ack 1', noSack))).toEqual(inVain);
    expect(waits(unrepaired('.  seq 101 ack 1', noSack))).toEqual([
      asked,
      '60..4980 network round-trip #0',
      '4980..6000 network timeout #0',
    ]);
  });

  it('tells of something that arrived only where SACK would not', () => {
    expect(waits(unrepaired('.  seq 101 ack 1'))).toEqual(inVain);
  });
});

describe('a copy of a part of a large segment', () => {
  /** The first of two segments is lost, sent again whole at once, and then by the timer, one part of it after the other. */
  const repaired = (first: string, second: string) => `${AT_SERVER}
    0.050 > P. 1:101(100) ack 1
    0.051 < .  ack 101
    0.060 < .  1:2921(2920) ack 101
    0.060 < P. 2921:4000(1079) ack 101
    0.100 > .  ack 1 <nop,nop,sack 2921:4000>
    0.110 < .  1:2921(2920) ack 101
    0.400 < .  ${first} ack 101
    1.000 < .  ${first} ack 101
    1.040 > .  ack 1461 <nop,nop,sack 2921:4000>
    1.040 < .  ${second} ack 101
    1.080 > .  ack 4000`;
  const losses = (text: string) => spansOf(text).filter((span) => /timeout|recovery/.test(span));

  it('by which the timer sent it says how long the timer was waited for', () => {
    expect(losses(repaired('1:1461(1460)', '1461:2921(1460)'))).toEqual([
      '80..1020 network timeout #0',
      '1020..1060 network recovery #0',
    ]);
  });

  it('may be its end, too', () => {
    const spans = losses(`${AT_SERVER}
    0.050 > P. 1:101(100) ack 1
    0.051 < .  ack 101
    0.060 < P. 1:2921(2920) ack 101
    0.100 > .  ack 1461
    0.400 < P. 1461:2921(1460) ack 101
    0.440 > .  ack 2921`);
    expect(spans).toEqual(['80..420 network timeout #0']);
  });
});

it('data that is sent again in vain keeps its sender waiting for the timer until the last copy', () => {
  const asked = `${AT_SERVER}
    0.050 > P. 1:101(100) ack 1
    0.051 < .  ack 101
    0.060 < P. 1:301(300) ack 101`;
  const known = ['0..20 network handshake', '20..30 client thinking #0', '30..50 network round-trip #0'];
  expect(
    spansOf(`${asked}
    0.360 < P. 1:301(300) ack 101
    0.960 < P. 1:301(300) ack 101
    2.160 < P. 1:301(300) ack 101
    7.300 > R  seq 101`),
  ).toEqual([
    ...known,
    '50..60 server thinking #0',
    '60..2160 network timeout #0',
    '2160..7280 idle',
    '7280..7300 closing',
  ]);
  // Sent once: as far as anybody can tell it has arrived.
  expect(spansOf(`${asked}\n7.300 > R  seq 101`)).not.toContainEqual(expect.stringContaining('timeout'));
});

describe('a packet of the sender that was lost before the capture', () => {
  /** An answer of two writes, the second `pause` ms after the first, `ahead` IP IDs after its own. */
  const answer = (pause: number, ahead: number) =>
    spansOf(`${AT_CLIENT}
      0.050 > P. 1:101(100) ack 1
      0.090 < .  seq 1 ack 101 id 500
      0.190 < P. 1:201(200) ack 101 id 501
      ${(0.19 + pause / 1000).toFixed(6)} < P. 201:701(500) ack 101 id ${502 + ahead}
      2.000 > P. 101:201(100) ack 701
      2.040 < P. 701:801(100) ack 201 id ${503 + ahead}`);

  it('may be the first copy of what comes after a pause, which nobody is blamed for then', () => {
    expect(answer(600, 0)).toContain('190..790 server sending #0');
    expect(answer(600, 1)).toContain('190..790 unknown #0');
    // A flight, and its copies; so many more hardly are.
    expect(answer(600, 64)).toContain('190..790 unknown #0');
    expect(answer(600, 65)).toContain('190..790 server sending #0');
  });

  it('is none of it where no repeat can come so soon', () => {
    expect(answer(40, 1)).toContain('190..230 server sending #0');
    expect(answer(41, 1)).toContain('190..231 unknown #0');
  });

  it('may be the first copy of an answer, or of a request', () => {
    const dialogue = (ofAnswer: number, ofRequest: number) =>
      spansOf(`${AT_CLIENT}
        0.050 > P. 1:101(100) ack 1 id 70
        0.090 < .  seq 1 ack 101 id 500
        0.190 < P. 1:201(200) ack 101 id 501
        0.190 > .  seq 101 ack 201 id 71
        0.200 > P. 101:201(100) ack 201 id ${72 + ofRequest}
        0.240 < .  seq 201 ack 201 id 502
        0.840 < P. 201:301(100) ack 201 id ${503 + ofAnswer}`);
    expect(dialogue(0, 0)).toContain('220..820 server thinking #1');
    expect(dialogue(1, 0)).toContain('220..820 unknown #1');
    // The client cannot have sent it again so soon.
    expect(dialogue(0, 1)).toContain('190..200 client thinking #1');
  });

  it('is the first copy where the sequence numbers passed it by: the answer was sent before it is seen', () => {
    // The sequence number of the ACK tells whether the answer had been sent.
    const dialogue = (number: number) =>
      spansOf(`${AT_CLIENT}
        0.050 > P. 1:101(100) ack 1
        0.300 > P. 1:101(100) ack 1
        0.340 < .  seq ${number} ack 101 <nop,nop,sack 1:101>
        0.400 < P. 1:201(200) ack 101
        0.400 > .  seq 101 ack 201`);
    expect(dialogue(1)).toContain('70..380 server thinking #0');
    expect(dialogue(201)).toContain('70..380 unknown #0');
  });

  it('is not one that passed without an effect', () => {
    const dialogue = (between: string) =>
      spansOf(`${AT_CLIENT}
        0.050 > P. 1:101(100) ack 1 id 1002
        0.090 < P. 1:201(200) ack 101 id 500
        0.090 > .  seq 101 ack 201 id 1003
        ${between}
        0.690 > P. 101:201(100) ack 201 id 1005
        0.730 < P. 201:301(100) ack 201 id 501`);
    expect(dialogue('')).toContain('90..690 unknown');
    // The server drops both: they are far beyond its window.
    expect(dialogue('0.390 > R  seq 90001 win 0 id 1004')).toContain('90..690 client thinking #1');
    expect(dialogue('0.390 > P. 200001:200101(100) ack 201 id 1004')).toContain('90..690 client thinking #1');
  });
});
