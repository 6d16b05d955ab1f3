import { describe, expect, it } from 'vitest';
import { OVERLAP_POLICIES, type OverlapPolicy } from '../../src/model/stream.ts';
import { streamsOf } from './reassemble.ts';

const HANDSHAKE = `
  0.000 > S   seq 0 <mss 1460>
  0.010 < S.  seq 0 ack 1 <mss 1460>
  0.020 > .   ack 1`;

interface Cell {
  relation: string;
  /** Range of the later segment; the earlier one is 11:21. */
  later: [number, number];
  /** The stream if the later segment's bytes are taken, and if not. */
  taken: string;
  refused: string;
  takenBy: OverlapPolicy[];
}

// Novak and Sturges 2007, as Suricata's stream engine applies it.
const MATRIX: Cell[] = [
  {
    relation: 'same start, shorter',
    later: [11, 16],
    taken: '----------NNNNNOOOOO',
    refused: '----------OOOOOOOOOO',
    takenBy: ['last'],
  },
  {
    relation: 'same start, same end',
    later: [11, 21],
    taken: '----------NNNNNNNNNN',
    refused: '----------OOOOOOOOOO',
    takenBy: ['last', 'solaris'],
  },
  {
    relation: 'same start, longer',
    later: [11, 26],
    taken: '----------NNNNNNNNNNNNNNN',
    refused: '----------OOOOOOOOOONNNNN',
    takenBy: ['last', 'linux', 'solaris'],
  },
  {
    relation: 'starts earlier, ends inside',
    later: [6, 16],
    taken: '-----NNNNNNNNNNOOOOO',
    refused: '-----NNNNNOOOOOOOOOO',
    takenBy: ['last', 'linux', 'bsd', 'windows'],
  },
  {
    relation: 'starts earlier, same end',
    later: [6, 21],
    taken: '-----NNNNNNNNNNNNNNN',
    refused: '-----NNNNNOOOOOOOOOO',
    takenBy: ['last', 'linux', 'bsd', 'windows', 'solaris'],
  },
  {
    relation: 'starts earlier, covers',
    later: [6, 26],
    taken: '-----NNNNNNNNNNNNNNNNNNNN',
    refused: '-----NNNNNOOOOOOOOOONNNNN',
    takenBy: ['last', 'linux', 'bsd', 'windows', 'solaris'],
  },
  {
    relation: 'starts later, same end',
    later: [16, 21],
    taken: '----------OOOOONNNNN',
    refused: '----------OOOOOOOOOO',
    takenBy: ['last'],
  },
  {
    relation: 'starts later, ends inside',
    later: [13, 17],
    taken: '----------OONNNNOOOO',
    refused: '----------OOOOOOOOOO',
    takenBy: ['last'],
  },
  {
    relation: 'starts later, ends after',
    later: [16, 26],
    taken: '----------OOOOONNNNNNNNNN',
    refused: '----------OOOOOOOOOONNNNN',
    takenBy: ['last', 'solaris'],
  },
];

describe.each(MATRIX)('bytes after a hole, the later segment $relation', ({ later, taken, refused, takenBy }) => {
  const [start, end] = later;
  const text = `${HANDSHAKE}
    0.030 > P.  11:21(10) ack 1 "OOOOOOOOOO" id 7 ttl 64
    0.031 > P.  ${start}:${end}(${end - start}) ack 1 "${'N'.repeat(end - start)}" id 9999 ttl 31
    0.032 > P.  1:${Math.min(11, start)}(${Math.min(11, start) - 1}) ack 1 "${'-'.repeat(Math.min(11, start) - 1)}"`;

  it.each([...OVERLAP_POLICIES])('%s', (overlap) => {
    const streams = streamsOf(text, { overlap });
    const wins = takenBy.includes(overlap);
    expect(streams.text('client')).toBe(wins ? taken : refused);
    expect(streams.conflicts).toHaveLength(1);
    const [conflict] = streams.conflicts;
    const common = [Math.max(start, 11) - 1, Math.min(end, 21) - 1];
    expect([conflict.start, conflict.end]).toEqual(common);
    expect(conflict.kept).toBe(wins ? 'later' : 'earlier');
    expect(conflict.delivered).toBe(false);
    expect(conflict.earlier).toMatchObject({ frame: 4, ttl: 64, ipId: 7 });
    expect(conflict.later).toMatchObject({ frame: 5, ttl: 31, ipId: 9999 });
    const expected = OVERLAP_POLICIES.map((policy) => [policy, takenBy.includes(policy) ? 'later' : 'earlier']);
    expect(conflict.picks).toEqual(Object.fromEntries(expected));
  });
});

describe('bytes in order', () => {
  const text = `${HANDSHAKE}
    0.030 > P.  1:5(4) ack 1 "GOOD"
    0.031 > P.  1:9(8) ack 1 "EVILMORE"
    0.040 < .   ack 9`;

  it.each(OVERLAP_POLICIES.filter((policy) => policy !== 'last'))('are final under %s', (overlap) => {
    const streams = streamsOf(text, { overlap });
    expect(streams.log).toEqual(['> 0 "GOOD" frame 4', '> 0-4 conflict of 4 and 5: earlier', '> 4 "MORE" frame 5']);
    expect(streams.conflicts[0]).toMatchObject({ delivered: true, picks: { linux: 'earlier', last: 'later' } });
    expect(Buffer.from(streams.conflicts[0].earlier.bytes).toString()).toBe('GOOD');
    expect(Buffer.from(streams.conflicts[0].later.bytes).toString()).toBe('EVIL');
  });

  it('wait for their ACK under last', () => {
    const streams = streamsOf(text, { overlap: 'last' });
    expect(streams.text('client')).toBe('EVILMORE');
  });

  it('are final when they are acknowledged under last', () => {
    const acknowledged = `${HANDSHAKE}
      0.030 > P.  1:5(4) ack 1 "GOOD"
      0.031 < .   ack 5
      0.032 > P.  1:9(8) ack 1 "EVILMORE"
      0.040 < .   ack 9`;
    const streams = streamsOf(acknowledged, { overlap: 'last' });
    expect(streams.log).toEqual(['> 0 "GOOD" frame 4', '> 0-4 conflict of 4 and 6: earlier', '> 4 "MORE" frame 6']);
    expect(streams.conflicts[0].picks.last).toBe('earlier');
  });

  it('go out in part when they are acknowledged in part under last', () => {
    const streams = streamsOf(
      `${HANDSHAKE}
      0.030 > P.  1:9(8) ack 1 "abcdefgh"
      0.031 < .   ack 4
      0.032 > P.  1:9(8) ack 1 "ABCDEFGH"
      0.040 < .   ack 9`,
      { overlap: 'last' },
    );
    expect(streams.text('client')).toBe('abcDEFGH');
  });
});

describe('a conflict report', () => {
  it('shows at most 256 bytes, and the place where they differ among them', () => {
    const ones = '1'.repeat(600);
    const other = `${'1'.repeat(500)}2${'1'.repeat(99)}`;
    const [conflict] = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:601(600) ack 1 "${ones}"
      0.031 > P.  1:601(600) ack 1 "${other}"`).conflicts;
    expect(conflict).toMatchObject({ start: 0, end: 600, differsAt: 500, contentStart: 500 });
    expect(conflict.earlier.bytes).toHaveLength(100);
    expect(String.fromCharCode(...conflict.later.bytes)).toBe(`2${'1'.repeat(99)}`);
  });

  it('is made for each earlier segment that differs', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  1:4(3) ack 1 "abc"
      0.031 > P.  4:7(3) ack 1 "def"
      0.032 > P.  7:10(3) ack 1 "ghi"
      0.033 > P.  1:10(9) ack 1 "aBcdefghI"`);
    expect(streams.conflicts.map(({ earlier, start, end }) => [earlier.frame, start, end])).toEqual([
      [4, 0, 3],
      [6, 6, 9],
    ]);
  });

  it('is not made for equal bytes that are cut up otherwise', () => {
    const streams = streamsOf(`${HANDSHAKE}
      0.030 > P.  4:10(6) ack 1
      0.031 > P.  6:14(8) ack 1
      0.032 > P.  2:8(6) ack 1
      0.033 > P.  1:20(19) ack 1
      0.034 > P.  3:9(6) ack 1`);
    expect(streams.conflicts).toEqual([]);
    expect(streams.data('client')).toHaveLength(19);
  });
});

describe('while it is not known where the stream begins', () => {
  // One direction only, from the middle: no SYN and no ACK of the other end.
  const LATE = '0.001 > P.  3001:3007(6) ack 1 "ABCDEF"';

  it('a conflict counts from the first byte that is there', () => {
    const streams = streamsOf(`${LATE}
      0.002 > P.  1001:1007(6) ack 1 "abcdef"
      0.003 > P.  1001:1007(6) ack 1 "abXdef"`);
    expect(streams.conflicts).toMatchObject([{ start: 0, end: 6, differsAt: 2, contentStart: 0 }]);
    expect(streams.text('client')).toBe('abcdefABCDEF');
  });

  it('a conflict with a byte before the stream is told for the part inside', () => {
    const text = `0.001 > P.  1001:1005(4) ack 1 "abcd"
      0.002 > P.  998:1004(6) ack 1 "xyzabc"
      0.003 > P.  998:1004(6) ack 1 "xYzaBc"
      0.004 > S   seq 1000`;
    const streams = streamsOf(text, {}, { clientIsn: 0 });
    expect(streams.conflicts).toMatchObject([{ start: 0, end: 3, differsAt: 1 }]);
  });

  it.each([
    [15, 'uvwxyzabcdef'],
    [16, 'abcdef'],
  ])('the stream begins with what there is after 16 conflicts: %i', (count, text) => {
    const repeats = Array.from(
      { length: count },
      (_, i) => `0.00${2 + i} > P.  1001:1007(6) ack 1 "ab${String.fromCharCode(65 + i)}def"`,
    );
    const streams = streamsOf(`0.000 > P.  1001:1007(6) ack 1 "abcdef"
      ${repeats.join('\n')}
      0.100 > P.  995:1001(6) ack 1 "uvwxyz"`);
    expect(streams.conflicts.map(({ start }) => start)).toEqual(Array(count).fill(text.indexOf('a')));
    expect(streams.text('client')).toBe(text);
  });

  it('what is excluded has a place all the same', () => {
    const streams = streamsOf(`0.000 > P   1001:1007(6) "abcdef"
      0.001 > P.  1007:1008(1) ack 1 "g"`);
    expect(streams.excluded_).toMatchObject([{ start: 0, end: 6, reason: 'no-ack' }]);
  });
});
