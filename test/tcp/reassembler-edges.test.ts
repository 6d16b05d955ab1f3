/** What belongs to a stream, where it begins and ends, and what is told of the rest: each comparison with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Reassembler } from '../../src/tcp/reassembler.ts';
import { DEFAULT_REASSEMBLY, type ReassemblyOptions } from '../../src/tcp/reassembly-options.ts';
import { PIECE_COST } from '../../src/tcp/waiting-bytes.ts';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';
import { Streams, streamsOf } from './reassemble.ts';

const OPEN = `
  0.000 > S   seq 0 <mss 1460>
  0.010 < S.  seq 0 ack 1 <mss 1460>
  0.020 > .   ack 1`;
const SMALL_WINDOW = `
  0.000 > S   seq 0 <mss 1460>
  0.010 < S.  seq 0 ack 1 win 5 <mss 1460>
  0.020 > .   ack 1`;
const ZERO = { clientIsn: 0, serverIsn: 0 };

/** What was told when the last packet had been seen, before the end of the input. */
function toldBeforeEnd(text: string, options: Partial<ReassemblyOptions> = {}): string[] {
  let streams: Streams | null = null;
  let reassembler: Reassembler | null = null;
  analyse(scenario(ZERO, text).pcap, {
    onSegment: (t, view) => {
      streams ??= new Streams(t.connection);
      reassembler ??= new Reassembler(t.connection, streams, options);
      reassembler.segment(t, view);
    },
  });
  return streams!.log;
}

describe('what is no part of a stream', () => {
  it.each([
    ['one byte without ACK', '0.1 > P 1:2(1) "x"', ['> 0-1 excluded no-ack frame 4']],
    ['nothing without ACK', '0.1 > P 1:1(0)', []],
    ['one byte of a reset', '0.1 > R. 1:2(1) ack 1 "x"', ['> 0-1 excluded reset-text frame 4']],
    ['no byte of a reset', '0.1 > R. 1:1(0) ack 1', []],
  ])('%s', (_, line, log) => {
    expect(streamsOf(`${OPEN}\n ${line}`).log).toEqual(log);
  });

  it('only the data of a SYN that its answer does not acknowledge: what followed it waits', () => {
    const streams = streamsOf(`
      0.000 > S   0:10(10) <mss 1460> "abcdefghij"
      0.001 > .   11:14(3) ack 1 "klm"
      0.010 < S.  seq 0 ack 1 <mss 1460>
      0.020 > .   1:11(10) ack 1 "ABCDEFGHIJ"
      0.030 < .   ack 14`);
    expect(streams.text('client')).toBe('ABCDEFGHIJklm');
    expect(streams.log[0]).toBe('> 0-10 excluded syn-data-ignored frame 1');
    expect(streams.excluded_).toHaveLength(1);
  });

  it('what came before the SYN whose numbers count; what was handed over stays, and the rest follows it', () => {
    const streams = streamsOf(
      `0.00 < .  900:910(10) ack 5000 "0123456789"
       0.10 > .  seq 5000 ack 910
       0.15 < .  920:923(3) ack 5000 "xyz"
       0.20 > S  seq 4999
       0.21 < S. seq 70 ack 5000
       0.22 < .  71:74(3) ack 5000 "abc"
       0.23 > .  seq 5000 ack 74`,
      {},
      ZERO,
    );
    expect(streams.log.filter((line) => line.startsWith('<'))).toEqual([
      '< 0-0 before-start',
      '< 0 "0123456789" frame 1',
      '< 20-23 excluded stray frame 3',
      '< 10 "abc" frame 6',
    ]);
  });
});

describe('the urgent octet', () => {
  const urgentOf = (lines: string, options: Partial<ReassemblyOptions> = {}) =>
    streamsOf(`${OPEN}\n ${lines}`, options).log.filter((line) => line.includes('urgent'));

  it('is named by a pointer that is not 0, where the flag is set', () => {
    expect(urgentOf('0.1 > U. 1:6(5) ack 1 urg 1 "hello"')).toEqual(['> 0 urgent "h" frame 4']);
    expect(urgentOf('0.1 > U. 1:6(5) ack 1 urg 0 "hello"')).toEqual([]);
    expect(urgentOf('0.1 > .  1:6(5) ack 1 urg 3 "hello"')).toEqual([]);
  });

  it('is next in the stream, or later; not one that was delivered', () => {
    const hello = '0.1 > . 1:6(5) ack 1 "hello"\n';
    expect(urgentOf(`${hello} 0.2 > U. 1:6(5) ack 1 urg 5 "hello"\n 0.3 > . 6:7(1) ack 1 "x"`)).toEqual([]);
    expect(urgentOf(`${hello} 0.2 > U. 6:7(1) ack 1 urg 1 "x"`)).toEqual(['> 5 urgent "x" frame 5']);
  });

  it.each([
    ['drop', ['> 0 "a" frame 4', '> 1 "b" frame 5', '> 3 "de" frame 6', '> 6 "ghi" frame 6']],
    [
      'separate',
      [
        ...['> 0 "a" frame 4', '> 1 "b" frame 5', '> 2 urgent "c" frame 6', '> 3 "de" frame 6'],
        ...['> 5 urgent "f" frame 6', '> 6 "ghi" frame 6'],
      ],
    ],
  ] as const)('is taken out wherever it lies among the bytes: %s', (urgent, log) => {
    const text = `${OPEN}
      0.1 > U. 1:2(1) ack 1 urg 3 "a"
      0.2 > U. 2:3(1) ack 1 urg 5 "b"
      0.3 > .  3:10(7) ack 1 "cdefghi"`;
    const streams = streamsOf(text, { urgent: urgent as ReassemblyOptions['urgent'] });
    expect(streams.log).toEqual(log);
    expect(streams.endOf('client')).toMatchObject({ bytes: 7, urgentBytes: 2, length: 9 });
  });

  it('may lie in a hole that is given up', () => {
    const text = `${OPEN}
      0.1 > U. 1:2(1) ack 1 urg 3 "a"
      0.2 > .  5:9(4) ack 1 "efgh"
      0.3 < .  ack 9`;
    expect(streamsOf(text, { urgent: 'drop' }).log).toEqual([
      '> 0 "a" frame 4',
      '> 1-4 missing-in-capture',
      '> 4 "efgh" frame 5',
    ]);
  });
});

describe('where a stream ends', () => {
  const end = (lines: string) => {
    const { by, length } = streamsOf(`${OPEN}\n ${lines}`).endOf('client');
    return [by, length];
  };

  it('is told by its FIN, its reset, or the capture', () => {
    const data = '0.1 > . 1:6(5) ack 1\n';
    expect(end(data)).toEqual(['capture', 5]);
    expect(end(`${data} 0.2 > R. seq 6 ack 1`)).toEqual(['reset', 5]);
    expect(end(`${data} 0.2 > F. 6:6(0) ack 1`)).toEqual(['fin', 5]);
    expect(streamsOf('0.0 > . 1:2(1) ack 1').endOf('server').length).toBe(0);
    expect(streamsOf('0.0 > P 1:2(1)').endOf('server').length).toBe(0);
  });

  it('is no FIN beyond whose number something is acknowledged', () => {
    const after = (ack: number) => end(`0.1 > F. 1:6(5) ack 1\n 0.2 > . 6:20(14) ack 1\n 0.3 < . ack ${ack}`);
    expect([after(6), after(7), after(8)]).toEqual([
      ['fin', 5],
      ['fin', 5],
      ['capture', 19],
    ]);
  });

  it('is no FIN before the last number that was acknowledged, captured or not', () => {
    const fin = (at: number) =>
      end(`0.1 > . 1:6(5) ack 1\n 0.2 > . 11:12(1) ack 1\n 0.3 < . ack 11\n 0.4 > F. ${at}:${at}(0) ack 1`)[0];
    expect([fin(9), fin(10)]).toEqual(['capture', 'fin']);
  });

  it('is no FIN before what was delivered, acknowledged or not', () => {
    const fin = (at: number) => end(`0.1 > . 1:11(10) ack 1\n 0.2 > F. ${at}:${at}(0) ack 1`);
    expect([fin(5), fin(10), fin(11)]).toEqual([
      ['capture', 10],
      ['capture', 10],
      ['fin', 10],
    ]);
  });
});

describe('an octet that is sent again', () => {
  it('is a keep-alive where it was acknowledged, and a copy where it was not', () => {
    const conflicts = (ack: number) =>
      streamsOf(`${OPEN}\n 0.1 > . 1:6(5) ack 1 "hello"\n 0.2 < . ack ${ack}\n 0.3 > . 5:6(1) ack 1 "X"`).conflicts;
    expect([conflicts(5).length, conflicts(6).length]).toEqual([1, 0]);
    // More than one octet, or another one, is a copy in any case.
    const copy = (line: string) =>
      streamsOf(`${OPEN}\n 0.1 > . 1:6(5) ack 1 "hello"\n 0.2 < . ack 6\n 0.3 > . ${line}`).conflicts.length;
    expect([copy('4:6(2) ack 1 "XX"'), copy('4:5(1) ack 1 "X"')]).toEqual([1, 1]);
  });

  it('and differs may have been taken under `last` until it is acknowledged', () => {
    const picks = (ack: number) => {
      const text = `${OPEN}\n 0.1 > . 1:6(5) ack 1 "hello"\n 0.2 < . ack ${ack}\n 0.3 > . 1:6(5) ack 1 "hEllo"`;
      return streamsOf(text).conflicts.map((conflict) => conflict.picks.last);
    };
    expect([picks(5), picks(6)]).toEqual([['later'], ['earlier']]);
  });
});

describe('an octet sent into a window', () => {
  const HELLO = `${SMALL_WINDOW}\n 0.030 > P. 1:6(5) ack 1 "hello"`;
  const text = (lines: string) => {
    const streams = streamsOf(`${HELLO}\n ${lines}`);
    return [streams.text('client'), streams.conflicts.length, streams.gaps];
  };

  it('that is closed, at its edge or beyond, waits for its ACK and gives way', () => {
    expect(text('0.1 < . ack 6 win 0\n 0.5 > . 6:7(1) ack 1 "x"\n 1 > . 6:8(2) ack 1 "AB"')).toEqual([
      'helloAB',
      0,
      [],
    ]);
    expect(text('0.1 < . ack 6 win 0\n 0.5 > . 6:8(2) ack 1 "xy"\n 1 > . 6:8(2) ack 1 "AB"')).toEqual([
      'helloxy',
      1,
      [],
    ]);
  });

  it('that is open, or before its edge, does not', () => {
    expect(text('0.5 > . 6:7(1) ack 1 "x"\n 1 > . 6:8(2) ack 1 "AB"')).toEqual(['helloxB', 1, []]);
    const taken = `0.1 < . ack 6 win 4\n 0.2 < . ack 6 win 0\n 0.5 > . 9:10(1) ack 1 "x"\n 0.6 > . 9:10(1) ack 1 "y"`;
    expect(text(`${taken}\n 0.7 > . 6:9(3) ack 1 "ABC"`)).toEqual(['helloABCx', 1, []]);
  });

  it('counts though what was before it is sent again, and gives way where that reaches it', () => {
    const probe = '0.1 < . ack 3 win 0\n 0.5 > . 6:7(1) ack 1 "x"\n';
    expect(text(`${probe} 0.6 > . 3:6(3) ack 1 "llo"\n 0.7 < . ack 7 win 0`)).toEqual(['hellox', 0, []]);
    expect(text(`${probe} 0.6 > . 3:7(4) ack 1 "lloA"\n 0.7 < . ack 7 win 9`)).toEqual(['helloA', 0, []]);
  });

  it('does not count by an ACK of what was before it', () => {
    const probe = '0.1 < . ack 3 win 0\n 0.5 > . 6:7(1) ack 1 "x"\n';
    expect(text(`${probe} 0.6 < . ack 6 win 100\n 0.7 > . 6:7(1) ack 1 "A"\n 0.8 < . ack 7`)).toEqual([
      'helloA',
      0,
      [],
    ]);
    expect(text(`${probe} 0.6 < . ack 7 win 100\n 0.7 > . 7:9(2) ack 1 "BC"`)).toEqual(['helloxBC', 0, []]);
  });

  it('may have been cut off', () => {
    const cut =
      '0.1 < . ack 6 win 0\n 0.5 > . 6:7(1) ack 1 "x" snap 54\n 0.6 < . ack 7 win 9\n 0.7 > . 7:8(1) ack 1 "B"';
    expect(text(cut)).toEqual(['helloB', 0, ['> 5-6 snaplen-cut']]);
  });
});

describe('the patience', () => {
  const second = DEFAULT_REASSEMBLY.patience / 1e9;

  it('is a second', () => {
    expect(second).toBe(1);
  });

  it('with bytes of which it is not known where their stream begins', () => {
    const told = (seconds: string) =>
      toldBeforeEnd(`0.000 > . 101:103(2) ack 1 "ab"\n ${seconds} > . 103:104(1) ack 1 "c"`);
    expect([told('1.000000'), told('1.000001')]).toEqual([
      [],
      ['> 0-0 before-start', '> 0 "ab" frame 1', '> 2 "c" frame 2'],
    ]);
  });

  it('with bytes that the other end has acknowledged', () => {
    const told = (seconds: string) =>
      toldBeforeEnd(`${OPEN}\n 0.5 > . 4:6(2) ack 1 "de"\n 0.6 < . ack 6\n ${seconds} > . ack 1`);
    expect([told('1.600000'), told('1.600001')]).toEqual([[], ['> 0-3 missing-in-capture', '> 3 "de" frame 4']]);
    // From then on that they are next.
    const later = `${OPEN}\n 0.5 > . 4:6(2) ack 1 "de"\n 0.6 < . ack 6\n 1.5 > . 1:2(1) ack 1 "a"`;
    expect(toldBeforeEnd(`${later}\n 2.4 > . ack 1`)).toEqual(['> 0 "a" frame 6']);
    expect(toldBeforeEnd(`${later}\n 2.6 > . ack 1`)).toHaveLength(3);
    // None where they were not acknowledged.
    expect(toldBeforeEnd(`${OPEN}\n 0.5 > . 4:6(2) ack 1 "de"\n 9 > . ack 1\n 19 > . ack 1`)).toEqual([]);
  });
});

describe('the memory for bytes that wait', () => {
  it('is 16 MiB, and 128 bytes are for each piece', () => {
    expect([DEFAULT_REASSEMBLY.limit, DEFAULT_REASSEMBLY.history, PIECE_COST]).toEqual([2 ** 24, 2 ** 18, 128]);
  });

  const two = 2 * 128 + 5;

  it('is full with a byte more than it holds: the hole is given up', () => {
    const held = (limit: number) => {
      const text = `${OPEN}\n 0.1 > . 1:3(2) ack 1 "ab"\n 0.2 > . 6:8(2) ack 1 "fg"\n 0.3 > . 11:14(3) ack 1 "klm"`;
      const streams = streamsOf(text, { limit });
      return streams.limits.map(({ what, offset, frame }) => [what, offset, frame]);
    };
    expect([held(two), held(two - 1)]).toEqual([[], [['hole given up', 2, 6]]]);
  });

  it('goes on as far as it must, and what is next leaves first', () => {
    const streams = streamsOf(
      `${OPEN}\n 0.1 > . 6:8(2) ack 1 "fg"\n 0.2 > . 11:14(3) ack 1 "klm"\n 0.3 > . 1:4(3) ack 1 "abc"`,
      { limit: 128 + 3 },
    );
    expect(streams.log).toEqual([
      ...['> 0-5 unacked-at-end', '> 5 "fg" frame 4', '> 0-3 excluded late frame 6'],
      ...['> 7-10 unacked-at-end', '> 10 "klm" frame 5'],
    ]);
  });

  it('takes bytes whose beginning is not known', () => {
    const text = `0.1 > . 101:103(2) ack 1 "ab"\n 0.2 > . 111:114(3) ack 1 "klm"\n 0.3 > . 103:104(1) ack 1 "c"`;
    expect(toldBeforeEnd(text, { limit: 3 * 128 + 6 })).toEqual([]);
    expect(toldBeforeEnd(text, { limit: 3 * 128 + 5 })).toEqual([
      '> 0-0 before-start',
      '> 0 "ab" frame 1',
      '> 2 "c" frame 3',
    ]);
  });

  it('under `last` takes what is in order and not acknowledged, and says so once', () => {
    const streams = streamsOf(
      `${OPEN}\n 0.1 > . 1:3(2) ack 1 "ab"\n 0.2 > . 3:6(3) ack 1 "cde"\n 0.3 > . 6:9(3) ack 1 "fgh"`,
      {
        overlap: 'last',
        limit: 128 + 3,
      },
    );
    expect(streams.limits.map(({ what, offset, frame }) => [what, offset, frame])).toEqual([
      ['unacknowledged bytes delivered', 0, 5],
    ]);
    expect(streams.text('client')).toBe('abcdefgh');
  });

  it('lets go of what came after a FIN first', () => {
    const streams = streamsOf(
      `${OPEN}\n 0.1 > F. 3:4(1) ack 1 "c"\n 0.2 > . 4:6(2) ack 1 "xy"\n 0.3 > . 1:2(1) ack 1 "a"`,
      {
        limit: 128 + 2,
      },
    );
    expect(streams.log).toEqual([
      '> 3-5 excluded after-fin frame 5',
      '> 0 "a" frame 6',
      '> 1-2 unacked-at-end',
      '> 2 "c" frame 4',
    ]);
    expect(streams.limits).toEqual([]);
  });
});

describe('a gap before the first byte of a capture', () => {
  it('is before-start as far as nothing was seen, and missing from there on', () => {
    const text = (first: number) => `
      0.000 < .   seq 500 ack 900
      0.001 > P.  ${first}:${first + 5}(5) ack 500 "hello"
      0.002 > P.  1010:1012(2) ack 500 "xy"
      0.010 < .   ack 1012
      2.000 > P.  1012:1013(1) ack 500 "!"`;
    expect(streamsOf(text(1000)).gaps).toEqual(['> 0-100 before-start', '> 105-110 missing-in-capture']);
    expect(streamsOf(text(900)).gaps).toEqual(['> 0-0 before-start', '> 5-110 missing-in-capture']);
  });

  it('holds no conflict', () => {
    const conflicts = (later: string) =>
      streamsOf(
        `0.001 > P.  1001:1005(4) ack 1 "abcd"\n 0.002 > P.  998:1004(6) ack 1 "xyzabc"\n 0.003 > P.  998:1004(6) ack 1 "${later}"\n 0.004 > S   seq 1000`,
        {},
        ZERO,
      ).conflicts.length;
    // The stream begins with number 1001: the fourth byte.
    expect([conflicts('XYZabc'), conflicts('xyZabc'), conflicts('xyzAbc')]).toEqual([0, 0, 1]);
  });
});
