/** Segments that were put aside and that their receiver took all the same: an ACK revises what they were taken for. */
import { describe, expect, it } from 'vitest';
import type { Question } from '../../src/model/row.ts';
import type { SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Verdict } from '../../src/model/verdict.ts';
import { SetAside } from '../../src/verdict/set-aside.ts';
import { analyseScenario, fateText, statesAfter, verdictText } from '../support/analyze.ts';

/** Round trip 20 ms, captured at the client. Frames 1 to 3. */
const OPEN = `
  0.000000 > S  seq 0 win 64240 <mss 1460>
  0.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
  0.020050 > .  ack 1`;
/** The same with timestamps. */
const STAMPED = `
  0.000000 > S  seq 0 win 64240 <mss 1460,nop,nop,TS val 1000 ecr 0>
  0.020000 < S. seq 0 ack 1 win 65160 <mss 1460,nop,nop,TS val 7000 ecr 1000>
  0.020050 > .  ack 1 <nop,nop,TS val 1020 ecr 7000>`;

const analysed = (text: string) => {
  const { analyzer, rows } = analyseScenario(text);
  const findings = [...analyzer.findings, ...analyzer.connections.flatMap((connection) => connection.findings)];
  return { connection: analyzer.connections[0], rows, findings, ids: findings.map(({ id }) => id) };
};

describe('a damaged segment', () => {
  const requests = (n: number) =>
    Array.from(
      { length: n },
      (_, i) =>
        `0.${100 + 30 * i} > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1\n0.${120 + 30 * i} < . ack ${101 + 100 * i}`,
    ).join('\n');
  const before = `${OPEN}\n${requests(6)}\n0.700 > P. 601:701(100) ack 1 badcksum`;

  it('that is acknowledged at once arrived whole: only the capture has it otherwise', () => {
    const { ids, rows } = analysed(`${before}\n0.720 < . ack 701\n0.730 > P. 701:801(100) ack 1\n0.750 < . ack 801`);
    expect(ids).not.toContain('corrupted-segment');
    expect(ids).not.toContain('missing-in-capture');
    expect(fateText(rows[15])).toBe('delivered');
    expect(verdictText(rows[17])).toBe('new');
  });

  it('and that another overtook before the ACK, too', () => {
    const { ids, rows } = analysed(`${before}\n0.7001 > P. 701:801(100) ack 1\n0.720 < . ack 801`);
    expect(ids).not.toContain('corrupted-segment');
    expect(ids).not.toContain('missing-in-capture');
    expect(rows.slice(15, 17).map(fateText)).toEqual(['delivered', 'delivered']);
  });

  it('that is sent again was dropped', () => {
    const { findings, rows } = analysed(`${before}\n1.0 > P. 601:701(100) ack 1\n1.02 < . ack 701`);
    expect(findings.find(({ id }) => id === 'corrupted-segment')).toMatchObject({ severity: 'warning' });
    expect(fateText(rows[15])).toBe('lost');
  });

  describe('beside which the same packet stands whole', () => {
    const beside = (first: string, second: string) => {
      const { rows, ids } = analysed(`${OPEN}
        ${requests(6)}
        0.700000 > P. 601:701(100) ack 1 ${first}
        ${second}
        0.730 < . ack 701
        0.740 > P. 701:801(100) ack 1
        0.760 < . ack 801`);
      return [...rows.slice(15, 17).map(verdictText), ids.includes('corrupted-segment')];
    };
    // Half a round trip of 20.05 ms.
    it('is a copy that the capture made, whichever comes first', () => {
      expect(beside('id 77', '0.710024 > P. 601:701(100) ack 1 id 77 badcksum')).toEqual(['new', 'duplicate', false]);
      expect(beside('id 77 badcksum', '0.710024 > P. 601:701(100) ack 1 id 77')).toEqual(['duplicate', 'new', false]);
    });

    it('but for one that comes later, with another IP ID, or with other numbers', () => {
      expect(beside('id 77', '0.710025 > P. 601:701(100) ack 1 id 77 badcksum')).toEqual(['new', 'new', true]);
      expect(beside('id 77 badcksum', '0.710025 > P. 601:701(100) ack 1 id 77')).toEqual(['new', 'new', true]);
      expect(beside('id 77', '0.700024 > P. 601:701(100) ack 1 id 78 badcksum')).toEqual(['new', 'new', true]);
      expect(beside('id 77 badcksum', '0.700024 > P. 601:701(100) ack 1 id 78')).toEqual(['new', 'new', true]);
      expect(beside('id 77', '0.700024 > P. 601:701(100) ack 1 win 100 id 77 badcksum')).toEqual(['new', 'new', true]);
      expect(beside('id 77', '0.700024 > P. 601:700(99) ack 1 id 77 badcksum')).toEqual(['new', 'new', true]);
    });

    it('also where every packet stands there twice, once with a checksum that the card had not filled in', () => {
      const twice = Array.from({ length: 6 }, (_, i) => {
        const [at, line] = [`0.${100 + 30 * i}`, `> P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1 id ${100 + i}`];
        return `${at} ${line} cksum 0xdead\n${at}02 ${line}\n0.${120 + 30 * i} < . ack ${101 + 100 * i}`;
      }).join('\n');
      const { rows, ids } = analysed(`${OPEN}\n${twice}`);
      const data = rows.filter(({ view }) => view.payloadLength > 0).map(verdictText);
      expect(data.filter((text) => text !== 'new' && text !== 'duplicate')).toEqual([]);
      expect(data.filter((text) => text === 'duplicate')).toHaveLength(6);
      expect(ids).not.toContain('corrupted-segment');
    });
  });

  it('that was not acknowledged to its end was dropped', () => {
    expect(analysed(`${before}\n0.720 < . ack 700\n1.0 > P. 601:701(100) ack 1`).ids).toContain('corrupted-segment');
  });

  it('counts as one of its sender where the capture was made beside the receiver: no card completes what arrives', () => {
    const answer = `${OPEN}
      0.030 > P. 1:101(100) ack 1
      0.050 < . ack 101
      0.060 < P. 1:11(10) ack 101 badcksum
      0.061 < P. 11:21(10) ack 101 badcksum
      0.062 < P. 21:31(10) ack 101 badcksum
      0.300 < P. 1:31(30) ack 101
      0.3001 > . ack 31`;
    expect(analysed(answer).ids).toContain('corrupted-segment');
    expect(analysed(answer).ids).not.toContain('checksum-offload');
    // What leaves from there may be completed by the card.
    const request = `${OPEN}
      0.030 > P. 1:101(100) ack 1 badcksum
      0.031 > P. 101:201(100) ack 1 badcksum
      0.032 > P. 201:301(100) ack 1 badcksum
      0.052 < . ack 301`;
    expect(analysed(request).ids).toContain('checksum-offload');
    expect(analysed(request).ids).not.toContain('corrupted-segment');
  });
});

describe('a segment far beyond the window', () => {
  const before = `${OPEN}\n0.030 > P. 1:101(100) ack 1\n0.050 < . ack 101\n0.060 < P. 1:1461(1460) ack 101`;

  it('that is acknowledged follows packets that the capture missed', () => {
    const { ids, rows } = analysed(`${before}\n0.08 < P. 300000:301000(1000) ack 101\n0.0801 > . ack 301000`);
    expect(ids).toContain('missing-in-capture');
    expect(ids).not.toContain('injected-segment');
    expect(ids).not.toContain('ack-of-unsent-data');
    expect(fateText(rows[6])).toBe('delivered');
  });

  it('with a FIN closes its end', () => {
    const { connection, rows } = analysed(`${before}
      0.0800 < F. seq 300000 ack 101
      0.0801 > .  seq 101 ack 300001
      0.0900 > F. seq 101 ack 300001
      0.1100 < .  seq 300001 ack 102`);
    expect(statesAfter(rows.at(-1)!)).toBe('CLOSED TIME-WAIT');
    expect(connection.historyText).toContain('f');
  });

  it('follows what was filtered out where only SYN and FIN were captured', () => {
    const { ids, rows } = analysed(`
      0.000 > S  seq 0 win 64240 <mss 1460>
      0.020 < S. seq 0 ack 1 win 65160 <mss 1460>
      0.500 > F. 1500001:1500101(100) ack 1
      0.520 < F. seq 1 ack 1500102`);
    for (const id of ['injected-segment', 'syn-answered-by-ack', 'ack-of-unsent-data']) expect(ids).not.toContain(id);
    expect(ids).toContain('missing-in-capture');
    // The ACK of the second FIN was filtered out: whether it has arrived is not known.
    expect(statesAfter(rows.at(-1)!)).toMatch(/^(FIN-WAIT-2|TIME-WAIT) LAST-ACK$/);
  });

  it("that nobody acknowledges is not its sender's", () => {
    const { ids } = analysed(`${before}\n0.08 < P. 300000:301000(1000) ack 101\n0.0801 > . ack 1461`);
    expect(ids).toContain('injected-segment');
  });
});

describe('a segment without timestamps', () => {
  const unstamped = `${STAMPED}
    0.030 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
    0.050 < .  ack 101 <nop,nop,TS val 7050 ecr 1030>
    0.060 > P. 101:201(100) ack 1`;
  const ECHO = '<nop,nop,TS val 7080 ecr 1030>';

  it('that is acknowledged shows that its receiver does not ask for them', () => {
    const { ids } = analysed(
      `${unstamped}\n0.080 < . ack 201 ${ECHO}\n0.090 > P. 201:301(100) ack 1\n0.110 < . ack 301 ${ECHO}`,
    );
    expect(ids).not.toContain('timestamps-missing');
    expect(ids).not.toContain('missing-in-capture');
  });

  it('that is not may be dropped (RFC 7323 section 3.2)', () => {
    expect(analysed(`${unstamped}\n0.080 < . ack 101 ${ECHO}`).ids).toContain('timestamps-missing');
  });
});

describe('an end that sends no timestamps any more', () => {
  it('is believed from its fourth segment in a row on', () => {
    const acks = (n: number, stampOfThird = '') => {
      const rows = Array.from({ length: n }, (_, i) => {
        const stamp = i === 2 ? stampOfThird : '';
        return `0.${100 + 30 * i} > P. ${101 + 100 * i}:${201 + 100 * i}(100) ack 1 <nop,nop,TS val ${1100 + i} ecr 7050>
          0.${120 + 30 * i} < . ack ${201 + 100 * i} ${stamp}`;
      });
      const open = `${STAMPED}
        0.030 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.050 < .  ack 101 <nop,nop,TS val 7050 ecr 1030>`;
      const { ids } = analysed([open, ...rows].join('\n'));
      return ids.includes('injected-segment') || ids.includes('timestamps-missing');
    };
    expect([acks(3), acks(4)]).toEqual([true, false]);
    expect([acks(5, '<nop,nop,TS val 7180 ecr 1102>'), acks(7, '<nop,nop,TS val 7180 ecr 1102>')]).toEqual([
      true,
      false,
    ]);
  });
});

describe('what is kept aside', () => {
  const NOWHERE = () => null;
  const rowOf = () => {
    let held = 0;
    const row = { hold: () => held++, release: () => held--, awaitSilence: () => {} } as unknown as Question;
    return { row, held: () => held };
  };
  const put = (aside: SetAside, seq: number, row: Question | null = null) =>
    aside.add(
      { seq, end: seq + 10, ack: 1, window: 0, windowShift: 0 } as TrackedSegment,
      {} as SegmentView,
      new Verdict(),
      row,
    );

  it('are 32 segments: the oldest goes first', () => {
    const aside = new SetAside();
    const rows = Array.from({ length: 33 }, rowOf);
    const held = () => rows.reduce((sum, row) => sum + row.held(), 0);
    for (const [i, { row }] of rows.slice(0, 32).entries()) put(aside, 100 + 10 * i, row);
    expect([rows[0].held(), held()]).toEqual([1, 32]);
    put(aside, 420, rows[32].row);
    expect([rows[0].held(), held()]).toEqual([0, 32]);
    const taken = aside.takenBy(430, 100, NOWHERE).map(({ seq }) => seq);
    expect([taken.length, taken[0], taken.at(-1)]).toEqual([32, 110, 420]);
    expect(held()).toBe(0);
  });

  it('is a flight of ten whose checksums are of other payloads: the capture was changed, and nothing lost', () => {
    const lines = (count: number, line: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => line(i)).join('\n');
    const { rows } = analysed(`${OPEN}
      ${lines(50, (i) => `0.${100 + i} < . seq 1 ack 1`)}
      ${lines(10, (i) => `0.${300 + i} < . ${1 + 100 * i}:${101 + 100 * i}(100) ack 1 badcksum`)}
      0.9 > . ack 1001`);
    expect(rows.slice(-11, -1).map(fateText)).toEqual(Array(10).fill('delivered'));
  });

  it('is taken from its last byte on, where nothing else brought its first', () => {
    const taken = (ack: number, sndNxt: number) => {
      const aside = new SetAside();
      put(aside, 100);
      return aside.takenBy(ack, sndNxt, NOWHERE).length;
    };
    expect([taken(109, 100), taken(110, 100)]).toEqual([0, 1]);
    expect([taken(110, 100), taken(110, 101)]).toEqual([1, 0]);
  });

  it('lies in a hole as a whole', () => {
    const taken = (start: number, end: number) => {
      const aside = new SetAside();
      put(aside, 100);
      return aside.takenBy(200, 200, () => ({ start, end }) as never).length;
    };
    expect([taken(100, 110), taken(101, 110), taken(100, 109)]).toEqual([1, 0, 0]);
  });
});
