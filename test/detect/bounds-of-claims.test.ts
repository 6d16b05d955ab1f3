/** What a finding must not claim: each condition with a capture just on either side of it. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import { analyseScenario } from '../support/analyze.ts';
import type { ScenarioOptions } from '../support/scenario.ts';
import { HANDSHAKE, PLAIN } from './cases.ts';

const OTHER: ScenarioOptions = { connections: { B: { client: '10.0.0.9:50000', server: '10.0.0.8:80' } } };
/** A packet of another connection, with which the capture ends. */
const endsAt = (seconds: string) => `\n ${seconds} > S seq 0 win 8192 <mss 1460> conn B`;

function find(text: string, id: string): Finding | undefined {
  const { analyzer } = analyseScenario(text, OTHER);
  return [...analyzer.findings, ...analyzer.connections.flatMap(({ findings }) => findings)].find((f) => f.id === id);
}
const textOf = (text: string, id: string) => find(text, id)?.text ?? null;

describe('a closed window', () => {
  const closed = (rest: string) => `${PLAIN}
    0.1 > P. 1:1001(1000) ack 1
    0.2 < . ack 1001 win 0
    0.5 > . seq 1000 ack 1
    0.52 < . ack 1001 win 0${rest}${endsAt('9')}`;

  it('lasts until a reset, not until the end of the capture', () => {
    expect(textOf(closed('\n 0.6 < R. seq 1 ack 1001 win 0'), 'zero-window')).toMatch(
      /had not opened it 400 ms later, when the connection was reset; /,
    );
    expect(textOf(closed(''), 'zero-window')).toMatch(/had not opened it 8\.80 s later; /);
  });

  it('for which nobody asks in five seconds keeps nobody waiting', () => {
    const unasked = (end: string) =>
      find(`${PLAIN}\n0.1 > P. 1:1001(1000) ack 1\n0.2 < . ack 1001 win 0${endsAt(end)}`, 'zero-window')?.severity;
    expect([unasked('5.199999'), unasked('5.2')]).toEqual(['warning', 'info']);
  });

  it('is not ended by a reset that nobody believes', () => {
    expect(textOf(closed('\n 0.6 < R. seq 900001 ack 1001 win 0'), 'zero-window')).toMatch(/8\.80 s later; /);
  });
});

describe('a window that shrinks', () => {
  const late = (stamp: number) => `${HANDSHAKE}
    0.030 > . 1:1449(1448) ack 1 <nop,nop,TS val 1030 ecr 7000>
    0.031 > . 1449:2897(1448) ack 1 <nop,nop,TS val 1031 ecr 7000>
    0.050 < . ack 1449 win 520 <nop,nop,TS val 7030 ecr 1030>
    0.051 < . ack 1449 win 510 <nop,nop,TS val ${stamp} ecr 1030>`;

  it('is none where the ACK with the smaller one left first', () => {
    expect([7029, 7030].map((stamp) => textOf(late(stamp), 'window-shrunk') !== null)).toEqual([false, true]);
  });
});

describe('a handshake', () => {
  const answered = (rest: string) => `0.0 > S seq 0 win 64240 <mss 1460>
    0.02 < S. seq 0 ack 1 win 65160 <mss 1460>${rest}${endsAt('9')}`;

  it('whose client resets the connection later is not half-open: what is between is not in the capture', () => {
    expect(textOf(answered('\n 5 > R. seq 300 ack 900'), 'half-open')).toBeNull();
    expect(textOf(answered(''), 'half-open')).toMatch(/never acknowledged the SYN,ACK/);
  });

  it('whose SYN is repeated says that it was answered, where it was', () => {
    const repeated = (answer: string) => `0.0 > S seq 0 win 64240 <mss 1460>
      ${answer}
      1.0 > S seq 0 win 64240 <mss 1460>${endsAt('9')}`;
    expect(textOf(repeated('0.02 < S. seq 0 ack 1 win 65160 <mss 1460>'), 'syn-retransmission')).toMatch(
      /; 10\.0\.0\.2:80 \(server\) answered, but nothing shows that an answer arrived\.$/,
    );
    expect(textOf(repeated(''), 'syn-retransmission')).toBeNull();
  });
});

describe('a reset', () => {
  it('is not disowned by what it has overtaken, as timestamps and IP IDs tell', () => {
    const data = Array.from(
      { length: 12 },
      (_, i) => `${(0.1 + i / 100).toFixed(2)} > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1 id ${1001 + i}`,
    ).join('\n');
    const story = (after: string) => `${PLAIN}
      ${data}
      0.24 < P. 1:101(100) ack 1201
      0.25 > R. seq 1201 ack 1 win 0 id 1100
      0.26 > . seq 1201 ack 101 ${after}`;
    const isForged = (after: string) => textOf(story(after), 'forged-reset') !== null;
    expect([isForged('id 1099'), isForged('id 972'), isForged('id 971'), isForged('id 1101')]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    const stamped = (value: number) => `
      0.000 > S seq 0 <mss 1460,TS val 1000 ecr 0>
      0.020 < S. seq 0 ack 1 <mss 1460,TS val 7000 ecr 1000>
      0.021 > . ack 1 <nop,nop,TS val 1021 ecr 7000>
      0.100 > P. 1:101(100) ack 1 <nop,nop,TS val 1100 ecr 7000>
      0.120 < P. 1:101(100) ack 101 <nop,nop,TS val 7100 ecr 1100>
      0.150 > R. seq 101 ack 1 win 0 <nop,nop,TS val 1150 ecr 7000>
      0.160 > . ack 101 <nop,nop,TS val ${value} ecr 7100>`;
    expect([1149, 1150].map((value) => textOf(stamped(value), 'forged-reset') !== null)).toEqual([false, true]);
  });

  it('with another TTL than the packets of its host has overtaken none of them, whatever its numbers are', () => {
    const data = Array.from(
      { length: 12 },
      (_, i) => `${(0.1 + i / 100).toFixed(2)} > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1 id ${1001 + i}`,
    ).join('\n');
    const isForged = (ttl: number) =>
      textOf(
        `${PLAIN}
        ${data}
        0.24 < P. 1:101(100) ack 1201
        0.25 > R. seq 1201 ack 1 win 0 id 1100 ttl ${ttl}
        0.26 > . seq 1201 ack 101 id 1013`,
        'forged-reset',
      ) !== null;
    expect([isForged(63), isForged(64), isForged(65)]).toEqual([true, false, true]);
  });

  it('is disowned by whatever comes later than what it may have overtaken, whatever numbers a forger gave it', () => {
    const isForged = (round: number, seconds: string, [reset, after]: readonly [string, string], stamp = '') => {
      const options = (value: number) => (stamp === '' ? '' : ` <nop,nop,TS val ${value} ecr 7000>`);
      const data = Array.from(
        { length: 12 },
        (_, i) =>
          `${(0.1 + i / 100).toFixed(2)} > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1 id ${1001 + i}${options(1100 + 10 * i)}`,
      ).join('\n');
      const text = `0 > S seq 0 <mss 1460${stamp}>
        ${round} < S. seq 0 ack 1 <mss 1460${stamp}>
        ${round} > . ack 1 id 1000${options(1020)}
        ${data}
        0.24 < P. 1:101(100) ack 1201${options(7140)}
        0.25 > R. seq 1201 ack 1 win 0 ${reset}
        ${seconds} > . seq 1201 ack 101 ${after}`;
      return textOf(text, 'forged-reset') !== null;
    };
    const ids = ['id 1100', 'id 1013'] as const;
    // A round trip of 20 ms, and one that is shorter than any swap.
    expect(['0.27', '0.270001'].map((seconds) => isForged(0.02, seconds, ids))).toEqual([false, true]);
    expect(['0.255', '0.255001'].map((seconds) => isForged(0.001, seconds, ids))).toEqual([false, true]);
    const stamps = ['<nop,nop,TS val 9000 ecr 7000>', '<nop,nop,TS val 1250 ecr 7000>'] as const;
    const stamped = (seconds: string) => isForged(0.02, seconds, stamps, ',TS val 1000 ecr 0');
    expect([stamped('0.27'), stamped('0.270001')]).toEqual([false, true]);
  });

  it('is not disowned by what left before it and stands after it in the file', () => {
    const followed = (seconds: string) => `${PLAIN}
      0.1 > P. 1:101(100) ack 1
      0.2 < R. seq 1 ack 101 win 0
      ${seconds} < . seq 1 ack 101`;
    expect(['0.199999', '0.200000'].map((time) => textOf(followed(time), 'forged-reset') !== null)).toEqual([
      false,
      true,
    ]);
  });

  it('loses nothing that the other end acknowledges with a reset of its own', () => {
    const answered = (ack: number) => `${PLAIN}
      0.1 > P. 1:101(100) ack 1
      0.1001 > R. seq 101 ack 1 win 0
      0.1002 < R. seq 1 ack ${ack} win 0`;
    expect(textOf(answered(100), 'connection-aborted')).toMatch(/; 1 byte of its own was not acknowledged/);
    expect(textOf(answered(101), 'connection-aborted')).not.toMatch(/of its own/);
  });

  it('sooner than 85 % of the round trip after what it would answer is no answer, but for half of a single one', () => {
    // The SYN was answered after 20 ms, and a request after 19.
    const request = `
      0.100000 > P. 1:101(100) ack 1
      0.119000 < P. 1:201(200) ack 101
      0.119100 > . ack 201`;
    const after = (before: string, seq: number, ms: number, round = '0.020000') => {
      const text = `0.000 > S  seq 0 <mss 1460>
      ${round} < S. seq 0 ack 1 <mss 1460>
      ${round} > .  ack 1${before}
      2.000000 > P. ${before === '' ? '1:101' : '101:201'}(100) ack ${seq}
      ${(2 + ms / 1000).toFixed(6)} < R seq ${seq} win 0`;
      return ['peer-forgot', 'connection-aborted'].map((id) => textOf(text, id) !== null);
    };
    expect(after(request, 201, 16.15)).toEqual([true, false]);
    expect(after(request, 201, 16.149)).toEqual([false, true]);
    expect(after('', 1, 8.5)).toEqual([true, false]);
    expect(after('', 1, 8.499)).toEqual([false, true]);
    // Of an end no farther than 3 ms, as far as one round trip tells, the load of the host decides.
    expect(after('', 1, 0.001, '0.006000')).toEqual([true, false]);
    expect(after('', 1, 0.001, '0.006002')).toEqual([false, true]);
  });

  it('sooner than it may answer is told with what it followed, whatever waits for an answer longer', () => {
    const reset = (first: string) => `${PLAIN}
      ${first} > P. 1:101(100) ack 1
      2.001000 > P. 101:201(100) ack 1
      2.002000 < R seq 1 win 0 ttl 50`;
    expect(textOf(reset('2.000000'), 'connection-aborted')).toMatch(
      /^A RST in the name of 10\.0\.0\.2:80 \(server\) ended the connection 1\.00 ms after packet 5 .* in 20\.0 ms at the soonest: .* TTL is 50/,
    );
    // The second segment is not there yet: it is the first that is answered, and none of two copies for certain.
    expect(textOf(reset('1.900000'), 'peer-forgot')).toMatch(/answers packet 4/);
    expect(textOf(reset('1.900000').replace('101:201', '1:101'), 'peer-forgot')).toMatch(/answers packet 5/);
  });

  it('by an end that had sent data less than a second ago is no sign that it had forgotten the connection', () => {
    const sent = (seconds: string) => `${PLAIN}
      ${seconds} < P. 1:201(200) ack 1
      1.5 > P. 1:101(100) ack 1
      1.52 < R seq 1 win 0`;
    expect(textOf(sent('0.520001'), 'peer-forgot')).toBeNull();
    expect(textOf(sent('0.520001'), 'connection-aborted')).toMatch(
      /answered packet 5 of 10\.0\.0\.1:40000 \(client\) with a RST: it did not have .*; 200 bytes of its own .* 100 bytes/,
    );
    expect(textOf(sent('0.520000'), 'peer-forgot')).toMatch(/^10\.0\.0\.2:80 \(server\) answered packet 5/);
  });
});

describe('a reset of a handshake', () => {
  const again = (rest: string) => `
    0.00 > S seq 0 win 64240 <mss 1460>
    0.01 < S. seq 0 ack 1 win 65160 <mss 1460>
    1.00 > S seq 0 win 64240 <mss 1460>
    1.01 < R seq 1 win 0
    3.00 > S seq 0 win 64240 <mss 1460>${rest}
    3.02 > . ack 1
    3.03 < P. 1:11(10) ack 1`;

  it('was no forgery where the SYN comes again and is answered again: that is another attempt', () => {
    expect(textOf(again('\n 3.01 < S. seq 0 ack 1 win 65160 <mss 1460>'), 'forged-reset')).toBeNull();
    expect(textOf(again(''), 'forged-reset')).not.toBeNull();
  });
});

describe('a handshake that is never completed', () => {
  const repeated = (seconds: string, syn = '') => `
    0.00 > S seq 0 win 64240 <mss 1460>
    0.01 < S. seq 0 ack 1 win 65160 <mss 1460>${syn}
    ${seconds} < S. seq 0 ack 1 win 65160 <mss 1460>${endsAt('9')}`;

  it('is worth a warning where the server repeats its answer of its own accord', () => {
    expect(find(repeated('1.01'), 'half-open')?.severity).toBe('warning');
    expect(find(repeated('1.01', '\n 1.00 > S seq 0 win 64240 <mss 1460>'), 'half-open')?.severity).toBe('info');
  });
});

describe('a handshake that the client resets', () => {
  it('is over, though the SYN,ACK had been repeated', () => {
    const repeated = (rest: string) => `
      0.00 > S seq 0 win 64240 <mss 1460>
      0.01 < S. seq 0 ack 1 win 65160 <mss 1460>
      1.01 < S. seq 0 ack 1 win 65160 <mss 1460>${rest}${endsAt('9')}`;
    expect(find(repeated(''), 'half-open')?.severity).toBe('warning');
    expect(find(repeated('\n 1.02 > R seq 1 win 0'), 'half-open')).toBeUndefined();
  });
});

describe('a SYN,ACK that comes again', () => {
  // Captured at the client: the answer to its first SYN, and the answer to its second.
  const lost = (order: readonly string[]) => `
    0.000 > S seq 0 win 64240 <mss 1000,sackOK>
    1.000 > S seq 0 win 64240 <mss 1000,sackOK>
    ${order.join('\n')}
    1.300 < . 1001:2001(1000) ack 1
    1.301 > . ack 1 <nop,nop,sack 1001:2001>
    1.340 < . 1:1001(1000) ack 1
    1.341 > . ack 2001`;
  const first = '1.020 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK>';
  const again = '1.032 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK>';

  it('after its acknowledgment makes no timeout of the losses that follow', () => {
    expect(textOf(lost([first, '1.021 > . ack 1', again, '1.033 > . ack 1']), 'retransmission-timeout')).toBeNull();
    expect(textOf(lost([first, '1.021 > . ack 1', again, '1.033 > . ack 1']), 'packet-loss')).not.toBeNull();
  });
});

describe('an end of which nothing was captured', () => {
  const probed = (answer: string) => `${answer}
    0.1 > P. 1:101(100) ack 1
    10 > . seq 100 ack 1
    11 > . seq 100 ack 1
    12 > R. seq 101 ack 1 win 0`;

  it('may have answered keep-alives', () => {
    expect(textOf(probed('0.05 < . ack 1'), 'keep-alive-failure')).toMatch(/did not answer 2 keep-alives/);
    expect(textOf(probed(''), 'keep-alive-failure')).toBeNull();
  });
});

describe('a reset that is not accepted', () => {
  const after = (seq: number) => `${PLAIN}
    0.1 < P. 1:201(200) ack 1
    0.1001 > . ack 201
    0.2 < R seq ${seq} win 0`;

  it('is its own, late, where its number is one that its sender has sent: nobody guessed it', () => {
    expect([1, 200].map((seq) => textOf(after(seq), 'blind-reset'))).toEqual([null, null]);
    expect(textOf(after(202), 'blind-reset')).toMatch(/1 byte after/);
  });

  it('says nothing where it acknowledges what is not in the capture: what it follows need not be there either', () => {
    const acknowledging = (ack: number) => textOf(`${PLAIN}\n 0.2 > R. seq 8 ack ${ack} win 0`, 'blind-reset');
    expect(acknowledging(1)).toMatch(/7 bytes after/);
    expect(acknowledging(2)).toBeNull();
  });

  it('says nothing where the ACKs of its sender are not in the capture', () => {
    const opened = `
      0.00 > S  seq 0 win 64240 <mss 1460>
      0.02 < S. seq 0 ack 1 win 65160 <mss 1460>`;
    const challenged = (ack: string) => textOf(`${opened}${ack}\n 0.2 > R seq 8 win 0\n 0.22 < . ack 1`, 'blind-reset');
    expect(challenged('')).toBeNull();
    expect(challenged('\n 0.02005 > . ack 1')).toMatch(/7 bytes after/);
    // The numbers after the SYN,ACK are known to who has sent that, and so is what it was sent since; others were guessed.
    const answered = (reset: string) => textOf(`${opened}\n 0.2 < ${reset} win 0`, 'blind-reset') === null;
    expect(['R seq 0', 'R seq 1', 'R seq 2'].map(answered)).toEqual([false, true, true]);
    expect(['R. seq 2 ack 0', 'R. seq 2 ack 2'].map(answered)).toEqual([false, true]);
    // Nothing of the client was captured.
    const alone = '0.02 < S. seq 0 ack 1 win 65160 <mss 1460>\n 0.2 < R seq 2 win 0';
    expect(textOf(alone, 'blind-reset')).toBeNull();
  });

  /** The second connection between the same ports begins with a number that far above the first. */
  const second = (rest: string) => `${PLAIN}
    0.03 > P. 1:101(100) ack 1
    0.05 < . ack 101
    0.1 > R. seq 101 ack 1 win 0
    0.5 > S seq 90000 win 64240 <mss 1460>
    ${rest}`;

  it('is of an earlier connection where its number is lower than all of this one', () => {
    const late = second(`0.52 < S. seq 70000 ack 90001 win 65160 <mss 1460>
      0.5201 > . seq 90001 ack 70001
      0.53 > R seq 101 win 0`);
    expect(textOf(late, 'blind-reset')).toBeNull();
  });

  it('is not asked for by an ACK that comes sooner than its end can answer the SYN: half of 20 ms', () => {
    const ack = (seconds: string) => second(`${seconds} < . seq 1 ack 101`);
    expect(textOf(ack('0.509999'), 'syn-answered-by-ack')).toBeNull();
    expect(textOf(ack('0.510000'), 'syn-answered-by-ack')).toMatch(
      /which that end still has, half-open or in TIME-WAIT/,
    );
  });
});

describe('a SYN in an established connection', () => {
  const again = (syn: string) => `${HANDSHAKE}
    0.1 > P. 1:101(100) ack 1 <nop,nop,TS val 1100 ecr 7000>
    0.12 < . ack 101 <nop,nop,TS val 7100 ecr 1100>
    400 > ${syn}`;

  it('that its sender had sent before is a late copy: it breaks no rule', () => {
    const copy = again('S seq 0 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7>');
    expect([textOf(copy, 'illegal-transition'), textOf(copy, 'split-handshake')]).toEqual([null, null]);
  });
});

describe('a reset after a FIN', () => {
  /** Captured at the client: the server takes 40 ms to answer, and closes; a RST with the number of its FIN comes so much after data. */
  const after = (delay: number, data = 'P. 101:201(100)') => `0 > S seq 0 win 64240 <mss 1460>
      0.04 < S. seq 0 ack 1 win 65160 <mss 1460>
      0.0401 > . ack 1 win 64240
      0.1 > P. 1:101(100) ack 1
      0.14 < F. seq 1 ack 101 win 65160
      0.2 > ${data} ack 2
      ${(0.2 + delay / 1000).toFixed(6)} < R seq 2 win 0`;
  const ids = (...args: Parameters<typeof after>) =>
    ['connection-aborted', 'reset-after-fin'].filter((id) => find(after(...args), id) !== undefined);

  it('is no answer to data of which that end cannot have heard: 0.85 of its shortest answer', () => {
    expect([ids(33.9), ids(34)]).toEqual([['connection-aborted'], ['reset-after-fin']]);
    expect(find(after(33.9), 'connection-aborted')).toMatchObject({ who: 'network', evidence: [7, 6] });
  });

  it('is that of its end where nothing was lost', () => {
    expect(ids(1, '. seq 101')).toEqual(['reset-after-fin']);
  });
});

describe('a reset that answers', () => {
  it('the ACK of a handshake was not taken: nothing was acknowledged after the SYN', () => {
    const early = (acked: number) => `0 > S seq 0 win 64240 <mss 1460>
      0.04 < S. seq 0 ack 1 win 65160 <mss 1460>
      0.0401 > . ack 1 win 64240
      0.0402 > P. 1:101(100) ack 1
      ${acked > 1 ? `0.0802 < . ack ${acked} win 65160\n 2 > P. 101:201(100) ack 1\n 2.04` : '0.0802'} < R seq 1 win 0`;
    expect(textOf(early(1), 'peer-forgot')).toMatch(/it did not take the connection \(its listen queue was full/);
    expect(textOf(early(2), 'peer-forgot')).toMatch(/as sent by a host without this connection/);
  });
});

describe('who aborted', () => {
  const reset = (rst: string) => `${PLAIN}
    0.1 < P. 1:201(200) ack 1
    0.2 > P. 1:101(100) ack 1
    0.22 < ${rst} win 0`;

  it('is not known of an end that answers as one without the connection: only the number of the other end, without ACK', () => {
    const gone = { cause: expect.stringMatching(/^the connection had ended/), who: 'receiver', evidence: [6, 5] };
    const aborted = { cause: expect.stringMatching(/^closed with data unread/), who: 'application', evidence: [6] };
    expect(find(reset('R seq 1'), 'connection-aborted')).toMatchObject(gone);
    expect(find(reset('R. seq 1 ack 101'), 'connection-aborted')).toMatchObject(aborted);
    expect(find(reset('R seq 201'), 'connection-aborted')).toMatchObject(aborted);
    // What it sent since is on its way: the number is still that of the answered packet.
    expect(find(reset('P. 201:301(100) ack 1\n 0.23 < R seq 1'), 'connection-aborted')).toMatchObject({
      ...gone,
      evidence: [7, 5],
    });
  });
});

describe('the growth of a window', () => {
  /** Eleven bytes, one by one, are acknowledged; then so many full segments leave at once. */
  const afterSmall = (full: number) => {
    const small = Array.from(
      { length: 11 },
      (_, i) => `${(0.1 + i / 10).toFixed(3)} > P. ${1 + i}:${2 + i}(1) ack 1
        ${(0.12 + i / 10).toFixed(3)} < . ack ${2 + i} win 65160`,
    );
    const large = Array.from({ length: full }, (_, i) => {
      const start = 12 + 1460 * i;
      return `${(2 + i / 1e5).toFixed(5)} > . ${start}:${start + 1460}(1460) ack 1`;
    });
    return `${PLAIN}\n${small.join('\n')}\n${large.join('\n')}`;
  };

  it('is that of the segments that were acknowledged, however small they were: ten, eleven and a slack of four', () => {
    expect([25, 26].map((full) => textOf(afterSmall(full), 'window-growth-too-fast') !== null)).toEqual([false, true]);
  });

  it('does not hold what was acknowledged before it was captured', () => {
    const full = (from: number, to: number, at: number) =>
      Array.from(
        { length: to - from },
        (_, i) => `${(at + i / 1e5).toFixed(5)} > . ${1 + 1460 * (from + i)}:${1 + 1460 * (from + i + 1)}(1460) ack 1`,
      ).join('\n');
    // Five of ten stand in the file after the ACK of all ten: slow start allows twenty then, and our slack 24.
    const swapped = (more: number) => `${PLAIN}
      ${full(0, 5, 0.03)}
      0.051 < . ack 14601 win 65160
      ${full(5, 10, 0.0511)}
      ${full(10, 10 + more, 0.0515)}`;
    expect(textOf(swapped(24), 'window-growth-too-fast')).toBeNull();
    expect(textOf(swapped(25), 'window-growth-too-fast')).toMatch(/had 25 segments in flight/);
  });
});

describe('what rests on the absence of a packet', () => {
  const other = (line: string) => `${line} conn B`;
  const asks = `0.0 > S seq 0 win 8192 <mss 1460>
    1.0 > S seq 0 win 8192 <mss 1460>
    3.0 > S seq 0 win 8192 <mss 1460>
    9.0 > S seq 0 win 8192 <mss 1460>`;
  const oneWay = ['3.1 > S seq 0 win 8192 <mss 1460>', '3.2 > . ack 1', '3.3 > . ack 500'].map(other).join('\n');

  it('is doubtful where the rest of the capture has one direction only', () => {
    expect(find(asks, 'syn-unanswered')).toMatchObject({ severity: 'warning', confidence: 0.9 });
    expect(find(`${asks}\n${oneWay}`, 'syn-unanswered')).toMatchObject({ severity: 'info', confidence: 0.5 });
  });

  it('is so too of an acknowledgment that a reset shows to be missing', () => {
    const aborts = (missing: string) =>
      find(
        `${PLAIN}
        0.1 < P. 1:201(200) ack 1${missing}
        0.2 > R. seq 1 ack 1 win 0`,
        'connection-aborted',
      );
    expect(aborts('')).toMatchObject({ severity: 'warning' });
    const gap =
      '\n 0.11 < P. 201:301(100) ack 1 missed\n 0.12 < P. 301:401(100) ack 1\n 0.15 > . ack 401\n 0.16 < P. 401:501(100) ack 1';
    expect(aborts(gap)).toMatchObject({ severity: 'info' });
  });

  it('is no breach of the state machine: a SYN,ACK answers a SYN that the capture may not have', () => {
    const crossed = '0.0 > S seq 0 win 8192\n 0.2 > S. seq 0 ack 1 win 8192';
    expect(textOf(crossed, 'illegal-transition')).toBeNull();
  });
});

describe('data beyond the window', () => {
  const beyond = (last: string) => `0.0 > S seq 0 win 64240 <mss 1460>
    0.02 < S. seq 0 ack 1 win 2000 <mss 1460>
    0.02005 > . ack 1 win 64240
    0.03 > . 1:1001(1000) ack 1
    0.03001 > . 1001:2001(1000) ack 1
    0.03002 > . 2001:3001(1000) ack 1${last}`;

  it('is left to a capture that has no answer to it', () => {
    expect(find(beyond('\n0.05 < . ack 2001 win 2000'), 'data-beyond-window')).toMatchObject({ severity: 'warning' });
    expect(find(beyond(''), 'data-beyond-window')).toMatchObject({ severity: 'info', confidence: 0.5 });
  });
});

describe('a gap', () => {
  const gap = (checksum: string, rest = '') => `${PLAIN.replaceAll('<mss 1460>', '<mss 1460,sackOK>')}
    0.03 < P. 1:201(200) ack 1
    0.0301 > .  ack 201
    0.06 < .  missed 201:1461(1260) ack 1
    0.0601 < P. 1461:2001(540) ack 1
    0.0602 > .  ack 201 <nop,nop,sack 1461:2001> ${checksum}
    ${rest}${endsAt('9')}`;

  it('is not told by a damaged packet', () => {
    expect(textOf(gap(''), 'gap-not-filled')).toMatch(/; in the 8\.94 s that followed nothing showed that they came\./);
    expect(textOf(gap('badcksum'), 'gap-not-filled')).toBeNull();
  });

  it('is looked at until a reset: less than a second is too short', () => {
    const until = (seconds: string) => textOf(gap('', `${seconds} < R. seq 2001 ack 1 win 0`), 'gap-not-filled');
    expect(until('1.0602')).toMatch(/in the 1\.00 s that followed/);
    expect(until('1.0601')).toBeNull();
  });
});

describe('damage', () => {
  /** Six segments in one piece, four that are damaged, of which so many are acknowledged at once. */
  const damaged = (taken: number) => {
    const line = (i: number, sum: string) => `0.0${30 + i} > . ${1 + 100 * i}:${101 + 100 * i}(100) ack 1 ${sum}`;
    const whole = Array.from({ length: 40 }, (_, i) => line(i, ''));
    const broken = Array.from({ length: 4 }, (_, i) => line(40 + i, 'badcksum'));
    const acknowledged = 4001 + 100 * taken;
    const again = Array.from({ length: 4 - taken }, (_, i) => {
      const start = acknowledged + 100 * i;
      return `0.4${i} > . ${start}:${start + 100}(100) ack 1`;
    });
    return `${PLAIN}\n${[...whole, ...broken].join('\n')}
      0.1 < . ack ${acknowledged}
      ${again.join('\n')}
      0.5 < . ack 4401`;
  };

  it('of which the receiver took half is in the capture only', () => {
    expect([1, 2].map((taken) => textOf(damaged(taken), 'corrupted-segment') !== null)).toEqual([true, false]);
  });
});

it('a SYN was repaired when its answer came, not when a later packet of the client was captured', () => {
  const repaired = (at: string) =>
    textOf(
      `0.000 > S seq 0 win 65535 <mss 1460>
      1.000 > S seq 0 win 65535 <mss 1460>
      1.020 < S. seq 0 ack 1 win 65535 <mss 1460>
      ${at} > P. 1:101(100) ack 1
      9.000 < . ack 101`,
      'syn-retransmission',
    );
  expect(repaired('4.019')).toMatch(/the answer came 4\.02 s after the first/);
  expect(repaired('4.020')).toMatch(/the answer came 1\.0\d s after the first/);
});
