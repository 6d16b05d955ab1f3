import { describe, expect, it } from 'vitest';
import { streamsOf } from './reassemble.ts';

const HANDSHAKE = `
  0.000 > S   seq 0 <mss 1460>
  0.010 < S.  seq 0 ack 1 <mss 1460>
  0.020 > .   ack 1`;

describe('both streams', () => {
  it('come in order, with the frames that brought them', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.040 < P.  1:4(3) ack 6 "abc"
      0.050 < P.  8:11(3) ack 6 "xyz"
      0.060 < P.  4:8(4) ack 6 "defg"
      0.070 > P.  6:8(2) ack 11 "!!"
      0.080 > F.  8:8(0) ack 11
      0.090 < F.  11:11(0) ack 9
      0.100 > .   ack 12`);
    expect(streams.log).toEqual([
      '> 0 "hello" frame 4',
      '< 0 "abc" frame 5',
      '< 3 "defg" frame 7',
      '< 7 "xyz" frame 6',
      '> 5 "!!" frame 8',
    ]);
    expect(streams.endOf('client')).toMatchObject({ by: 'fin', bytes: 7, length: 7, unacknowledged: 0, gaps: 0 });
    expect(streams.endOf('server')).toMatchObject({ by: 'fin', bytes: 10, length: 10, unacknowledged: 0 });
  });

  it('take what is new from a retransmission that carries more', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1
      0.230 > P.  1:11(10) ack 1
      0.240 > P.  4:14(10) ack 1`);
    expect(streams.log.map((line) => line.replace(/".*"/, ''))).toEqual([
      '> 0  frame 4',
      '> 5  frame 5',
      '> 10  frame 6',
    ]);
    expect(streams.data('client')).toHaveLength(13);
  });

  it('leave out Ethernet padding', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:3(2) ack 1 "ab" pad 60
      0.040 > P.  3:4(1) ack 1 "c" pad 60`);
    expect(streams.text('client')).toBe('abc');
  });

  it('leave out damaged segments, and say so', () => {
    // The state machine distrusts checksums only of senders most of whose checksums are right.
    const right = Array.from({ length: 6 }, (_, i) => `0.03${i} > P. ${1 + i}:${2 + i}(1) ack 1 "."`).join('\n');
    const streams = streamsOf(`${HANDSHAKE}
      ${right}
      0.050 > P.  7:10(3) ack 1 "bad" badcksum
      0.260 > P.  7:10(3) ack 1 "new"`);
    expect(streams.text('client')).toBe('......new');
    expect(streams.log).toContain('> 6-9 excluded bad-checksum frame 10');
    expect(streams.conflicts).toEqual([]);
  });

  it('take every checksum of a sender that leaves them to its card', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello" offload
      0.040 > P.  6:11(5) ack 1 "world" badcksum`);
    expect(streams.text('client')).toBe('helloworld');
  });

  it("leave out segments that cannot be the sender's own", () => {
    const streams = streamsOf(`
      0.000 > S   seq 0 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>
      0.010 < S.  seq 0 ack 1 <mss 1460,sackOK,TS val 900 ecr 100,nop,wscale 7>
      0.020 > .   ack 1 <nop,nop,TS val 110 ecr 900>
      0.030 > P.  1:4(3) ack 1 "abc" <nop,nop,TS val 120 ecr 900>
      0.031 > P.  4:8(4) ack 1 "EVIL" ttl 200
      0.040 > P.  4:7(3) ack 1 "def" <nop,nop,TS val 130 ecr 900>`);
    expect(streams.text('client')).toBe('abcdef');
    expect(streams.log).toContain('> 3-7 excluded stray frame 5');
  });

  it('leave out segments without the ACK bit', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > none 1:5(4) "evil"
      0.040 > P.   1:5(4) ack 1 "good"`);
    expect(streams.text('client')).toBe('good');
    expect(streams.log).toContain('> 0-4 excluded no-ack frame 4');
  });
});

describe('gaps', () => {
  it('missing-in-capture: acknowledged and never seen', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.031 > P.  6:11(5) ack 1 missed
      0.032 > P.  11:16(5) ack 1 "world"
      0.040 < .   ack 16
      2.000 > P.  16:17(1) ack 1 "!"
      2.010 < .   ack 17`);
    expect(streams.log).toEqual([
      '> 0 "hello" frame 4',
      '> 5-10 missing-in-capture',
      '> 10 "world" frame 5',
      '> 15 "!" frame 7',
    ]);
    expect(streams.endOf('client')).toMatchObject({ bytes: 11, missing: 5, length: 16, gaps: 1 });
  });

  it('missing-in-capture at the end of the stream, by the FIN and by the ACK', () => {
    const fin = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.031 > P.  6:11(5) ack 1 missed
      0.032 > F.  11:11(0) ack 1
      0.040 < .   ack 12`);
    expect(fin.gaps).toEqual(['> 5-10 missing-in-capture']);
    const ack = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.031 > P.  6:11(5) ack 1 missed
      0.040 < .   ack 11`);
    expect(ack.gaps).toEqual(['> 5-10 missing-in-capture']);
  });

  it('none for a FIN that was not captured', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.032 > F.  6:6(0) ack 1 missed
      0.040 < .   ack 7`);
    expect(streams.gaps).toEqual([]);
    expect(streams.endOf('client')).toMatchObject({ by: 'capture', length: 5, unacknowledged: 0 });
  });

  it('none when the ACK was captured before its data', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.031 > P.  11:16(5) ack 1 "third"
      0.040 < .   ack 16
      0.041 > P.  6:11(5) ack 1 "again"
      3.000 > .   ack 1`);
    expect(streams.text('client')).toBe('helloagainthird');
    expect(streams.gaps).toEqual([]);
  });

  it('lost: the receiver was heard again and lacked it still', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.031 > P.  6:11(5) ack 1 missed
      0.032 > P.  11:16(5) ack 1 "world"
      0.040 < .   ack 6
      0.050 < R.  ack 6`);
    expect(streams.log).toEqual(['> 0 "hello" frame 4', '> 5-10 lost', '> 10 "world" frame 5']);
    expect(streams.endOf('client').unacknowledged).toBe(10);
  });

  it('unacked-at-end: the receiver was not heard again', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.031 < .   ack 6
      0.032 > P.  6:11(5) ack 1 missed
      0.033 > P.  11:16(5) ack 1 "world"`);
    expect(streams.gaps).toEqual(['> 5-10 unacked-at-end']);
    expect(streams.endOf('client')).toMatchObject({ length: 15, unacknowledged: 10 });
  });

  it('two kinds in one hole', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:11(10) ack 1 missed
      0.031 > P.  11:16(5) ack 1 "world"
      0.040 < .   ack 6`);
    expect(streams.gaps).toEqual(['> 0-5 missing-in-capture', '> 5-10 lost']);
  });

  it('snaplen-cut: adjoining ones are one', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:101(100) ack 1 snap 64
      0.031 > P.  101:201(100) ack 1 snap 54
      0.032 > P.  201:301(100) ack 1 snap 54`);
    expect(streams.gaps).toEqual(['> 10-300 snaplen-cut']);
    expect(streams.endOf('client')).toMatchObject({ bytes: 10, missing: 290, gaps: 1 });
  });

  it('snaplen-cut bytes that wait are filled by a copy that has them', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  11:21(10) ack 1 snap 57
      0.031 > P.  11:21(10) ack 1
      0.032 > P.  1:11(10) ack 1`);
    expect(streams.gaps).toEqual([]);
    expect(streams.data('client')).toHaveLength(20);
    const kept = streamsOf(`${HANDSHAKE}
      0.030 > P.  11:21(10) ack 1
      0.031 > P.  6:21(15) ack 1 snap 54
      0.032 > P.  1:6(5) ack 1`);
    expect(kept.gaps).toEqual(['> 5-10 snaplen-cut']);
  });

  it('before-start: of unknown length, and no other gap', () => {
    const streams = streamsOf(`
      0.000 > P.  1000:1005(5) ack 500 "hello"
      0.010 < .   ack 1005
      0.020 < P.  500:503(3) ack 1005 "abc"`);
    expect(streams.log).toEqual([
      '> 0-0 before-start',
      '> 0 "hello" frame 1',
      '< 0-0 before-start',
      '< 0 "abc" frame 3',
    ]);
  });

  it('before-start: as long as the first ACK tells', () => {
    const streams = streamsOf(`
      0.000 < .   seq 500 ack 900
      0.001 > P.  1000:1005(5) ack 500 "hello"
      0.010 < .   ack 1005
      2.000 > P.  1005:1006(1) ack 500 "!"`);
    expect(streams.log).toEqual(['> 0-100 before-start', '> 100 "hello" frame 2', '> 105 "!" frame 4']);
  });

  it('a stream that is picked up begins with its lowest unacknowledged byte', () => {
    const streams = streamsOf(`
      0.000 > P.  1005:1010(5) ack 500 "world"
      0.001 > P.  1000:1005(5) ack 500 "hello"
      0.010 < .   seq 500 ack 1010`);
    expect(streams.text('client')).toBe('helloworld');
  });

  it('none where only the SYN or only the SYN,ACK is missing', () => {
    const noSyn = streamsOf(`
      0.010 < S.  seq 0 ack 1 <mss 1460>
      0.020 > P.  1:3(2) ack 1 "hi"
      0.030 < P.  1:3(2) ack 3 "ho"`);
    expect(noSyn.log).toEqual(['> 0 "hi" frame 2', '< 0 "ho" frame 3']);
    const noSynAck = streamsOf(`
      0.000 > S   seq 0 <mss 1460>
      0.020 > P.  1:3(2) ack 1 "hi"
      0.030 < P.  1:3(2) ack 3 "ho"`);
    expect(noSynAck.log).toEqual(['> 0 "hi" frame 2', '< 0 "ho" frame 3']);
  });

  it('late bytes for a gap that was given up are told', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  6:11(5) ack 1 "world"
      0.040 < .   ack 11
      2.000 > .   ack 1
      2.010 > P.  1:6(5) ack 1 "hello"`);
    expect(streams.log).toEqual(['> 0-5 missing-in-capture', '> 5 "world" frame 4', '> 0-5 excluded late frame 7']);
  });

  it('an ACK that nothing supports makes no gap while the stream goes on', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.040 < .   ack 50000
      0.041 < .   ack 6
      2.000 > P.  6:11(5) ack 1 "world"
      2.010 < .   ack 11`);
    expect(streams.text('client')).toBe('helloworld');
    expect(streams.gaps).toEqual([]);
  });
});

describe('urgent data', () => {
  const text = `${HANDSHAKE}
    0.030 > P.  1:7(6) ack 1 "/malic"
    0.040 > PU. 7:9(2) ack 1 urg 2 "XY"
    0.050 > P.  9:13(4) ack 1 "ious"`;

  it('stays in the stream by default, and is told', () => {
    const streams = streamsOf(text);
    expect(streams.text('client')).toBe('/malicXYious');
    expect(streams.log).toContain('> 7 urgent "Y" frame 5');
  });

  it('is only the octet before the one that the pointer names', () => {
    const streams = streamsOf(text, { urgent: 'oob' });
    expect(streams.log).toEqual([
      '> 0 "/malic" frame 4',
      '> 6 "X" frame 5',
      '> 7 urgent "Y" frame 5',
      '> 8 "ious" frame 6',
    ]);
    expect(streams.endOf('client')).toMatchObject({ bytes: 11, urgentBytes: 1, length: 12 });
  });

  it('can be dropped', () => {
    const streams = streamsOf(text, { urgent: 'drop' });
    expect(streams.text('client')).toBe('/malicXious');
    expect(streams.log.filter((line) => line.includes('urgent'))).toEqual([]);
  });

  it('may be announced before it comes, and be announced again', () => {
    const streams = streamsOf(
      `${HANDSHAKE}
      0.030 > U.  1:4(3) ack 1 urg 5 "abc"
      0.040 > U.  4:7(3) ack 1 urg 2 "d!e"
      0.250 > U.  4:7(3) ack 1 urg 2 "d!e"`,
      { urgent: 'oob' },
    );
    expect(streams.text('client')).toBe('abcde');
    expect(streams.log).toContain('> 4 urgent "!" frame 5');
  });

  it('is taken out of bytes that waited', () => {
    const streams = streamsOf(
      `${HANDSHAKE}
      0.030 > PU. 4:8(4) ack 1 urg 4 "def!"
      0.040 > P.  1:4(3) ack 1 "abc"`,
      { urgent: 'oob' },
    );
    expect(streams.text('client')).toBe('abcdef');
  });

  it('is nothing when the pointer is 0', () => {
    const streams = streamsOf(
      `${HANDSHAKE}
      0.030 > P.  1:4(3) ack 1 "abc"
      0.040 > PU. 4:8(4) ack 1 urg 0 "defg"`,
      { urgent: 'oob' },
    );
    expect(streams.text('client')).toBe('abcdefg');
  });
});

describe('data on the SYN (RFC 7413)', () => {
  it('is the beginning of the stream when the SYN,ACK acknowledges it', () => {
    const streams = streamsOf(`
      0.000 > S   0:5(5) "hello" <mss 1460>
      0.010 < S.  seq 0 ack 6 <mss 1460>
      0.020 > P.  6:11(5) ack 1 "world"`);
    expect(streams.log).toEqual(['> 0 "hello" frame 1', '> 5 "world" frame 3']);
  });

  it('is not when the SYN,ACK acknowledges only the SYN', () => {
    const streams = streamsOf(`
      0.000 > S   0:5(5) "EVIL!" <mss 1460>
      0.010 < S.  seq 0 ack 1 <mss 1460>
      0.020 > P.  1:6(5) ack 1 "hello"`);
    expect(streams.log).toEqual(['> 0-5 excluded syn-data-ignored frame 1', '> 0 "hello" frame 3']);
    expect(streams.conflicts).toEqual([]);
  });

  it('may count in part', () => {
    const streams = streamsOf(`
      0.000 > S   0:8(8) "helloBAD" <mss 1460>
      0.010 < S.  seq 0 ack 6 <mss 1460>
      0.020 > P.  6:11(5) ack 1 "world"`);
    expect(streams.text('client')).toBe('helloworld');
    expect(streams.log).toContain('> 5-8 excluded syn-data-ignored frame 1');
  });

  it('comes with the SYN,ACK as well', () => {
    const streams = streamsOf(`
      0.000 > S   0:5(5) "hello" <mss 1460>
      0.010 < S.  0:3(3) ack 6 "abc" <mss 1460>
      0.020 > .   ack 4`);
    expect(streams.log).toEqual(['> 0 "hello" frame 1', '< 0 "abc" frame 2']);
  });

  it('is handed over at the end if nobody answered', () => {
    const streams = streamsOf('0.000 > S 0:5(5) "hello" <mss 1460>');
    expect(streams.text('client')).toBe('hello');
    expect(streams.endOf('client').unacknowledged).toBe(-1);
  });
});

describe('the end of a stream', () => {
  it('is its FIN: bytes after it do not count', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > FP. 1:6(5) ack 1 "hello"
      0.040 > P.  6:10(4) ack 1 "EVIL"
      0.050 < .   ack 7`);
    expect(streams.text('client')).toBe('hello');
    expect(streams.log).toContain('> 5-9 excluded after-fin frame 5');
  });

  it('is no FIN that the receiver did not take', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.031 > F.  6:6(0) ack 1 ttl 200
      0.040 > P.  6:11(5) ack 1 "world"
      0.050 < .   ack 11`);
    expect(streams.text('client')).toBe('helloworld');
    expect(streams.endOf('client').by).toBe('capture');
  });

  it('is no FIN in the middle of what was acknowledged', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:11(10) ack 1 "helloworld"
      0.031 < .   ack 11
      0.032 > F.  6:6(0) ack 1 ttl 200
      0.040 > P.  11:12(1) ack 1 "!"`);
    expect(streams.text('client')).toBe('helloworld!');
  });

  it('is no FIN of before the SYN,ACK', () => {
    const streams = streamsOf(`
      0.000 > S   seq 0 <mss 1460>
      0.005 < F.  7777:7777(0) ack 1
      0.010 < S.  seq 0 ack 1 <mss 1460>
      0.020 > .   ack 1
      0.030 < P.  1:6(5) ack 1 "hello"
      0.040 > .   ack 6`);
    expect(streams.text('server')).toBe('hello');
  });

  it('bytes that were not acknowledged when the receiver reset count, the text of the RST does not', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.040 < R.  1:7(6) ack 1 "go off"`);
    expect(streams.text('client')).toBe('hello');
    expect(streams.text('server')).toBe('');
    expect(streams.log).toContain('< 0-6 excluded reset-text frame 5');
    expect(streams.endOf('client').unacknowledged).toBe(5);
    expect(streams.endOf('server').by).toBe('reset');
  });

  it("bytes after the sender's own reset are handed over and counted", () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.035 < .   ack 6
      0.040 > R   6:6(0)
      0.050 > P.  6:11(5) ack 1 "world"`);
    expect(streams.text('client')).toBe('helloworld');
    expect(streams.endOf('client').afterReset).toBe(5);
  });
});

describe('probes', () => {
  const SMALL_WINDOW = `
  0.000 > S   seq 0 <mss 1460>
  0.010 < S.  seq 0 ack 1 win 5 <mss 1460>
  0.020 > .   ack 1`;

  it('the octet of a keep-alive is no data, whatever it is', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.040 < .   ack 6
      60.00 > .   5:6(1) ack 1 "\\u0000"
      60.01 < .   ack 6
      61.00 > P.  6:7(1) ack 1 "!"`);
    expect(streams.text('client')).toBe('hello!');
    expect(streams.conflicts).toEqual([]);
  });

  it('an octet sent into a closed window counts if it is acknowledged', () => {
    const streams = streamsOf(`${SMALL_WINDOW}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.040 < .   ack 6 win 0
      0.500 > P.  6:7(1) ack 1 "A"
      0.510 < .   ack 7 win 0
      1.000 < .   ack 7 win 100
      1.010 > P.  7:9(2) ack 1 "BC"`);
    expect(streams.text('client')).toBe('helloABC');
  });

  it('an octet sent into a closed window gives way if it is not', () => {
    const streams = streamsOf(`${SMALL_WINDOW}
      0.030 > P.  1:6(5) ack 1 "hello"
      0.040 < .   ack 6 win 0
      0.500 > P.  6:7(1) ack 1 "x"
      0.510 < .   ack 6 win 0
      1.000 < .   ack 6 win 100
      1.010 > P.  6:9(3) ack 1 "ABC"`);
    expect(streams.text('client')).toBe('helloABC');
    expect(streams.conflicts).toEqual([]);
  });
});
