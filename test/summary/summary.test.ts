import { describe, expect, it } from 'vitest';
import type { FindingId } from '../../src/detect/catalogue.ts';
import { ANSWER } from '../../src/messages/en/answer.ts';
import { listOf } from '../../src/model/connection-list.ts';
import { sortedFindings } from '../../src/report/finding.ts';
import { Departed } from '../../src/summary/departed.ts';
import { type Statement, statementsOf } from '../../src/summary/statements.ts';
import { ORDERS, type Summary, summarize } from '../../src/summary/summary.ts';
import { Tally } from '../../src/summary/tally.ts';
import { CASES } from '../detect/cases.ts';
import { analyseScenario } from '../support/analyze.ts';

const WHOLE = { dropped: null, damages: [] };

/** A request and its answer seen at the client: `round` is the round trip, `think` the server's time, both in ms. */
function exchange(round: number, think: number, options: { name?: string; at?: number } = {}): string {
  const { name, at = 0 } = options;
  const conn = name === undefined ? '' : ` conn ${name}`;
  const lines: [number, string][] = [
    [0, '> S seq 0 win 65535 <mss 1460>'],
    [round, '< S. seq 0 ack 1 win 65535 <mss 1460>'],
    [round, '> . ack 1'],
    [round, '> P. 1:101(100) ack 1'],
    [2 * round + think, '< P. 1:501(500) ack 101'],
    [2 * round + think, '> . ack 501'],
    [2 * round + think, '> F. seq 101 ack 501'],
    [3 * round + think, '< F. seq 501 ack 102'],
    [3 * round + think, '> . ack 502'],
  ];
  return lines.map(([ms, text]) => `${((at + ms) / 1000).toFixed(6)} ${text}${conn}`).join('\n');
}

function summaryOf(text: string, connections: Record<string, { client?: string; server?: string }> = {}): Summary {
  const { analyzer } = analyseScenario(text, { connections });
  return summarize(listOf(analyzer.connections), analyzer.findings, WHOLE);
}

const affected = (round: number, think: number): number =>
  summaryOf(exchange(round, think)).kinds.find(({ kind }) => kind === 'server-thinking')?.connections ?? 0;

describe('a connection is affected by what costs it', () => {
  it.each([
    ['50 ms, whatever part of its time that is', 300, 49, 50],
    ['a tenth of the time in which somebody waited', 100, 22.1, 22.4],
    ['1 ms of a short life', 1, 0.98, 1.02],
  ])('%s', (_, round, less, more) => {
    expect(affected(round, less)).toBe(0);
    expect(affected(round, more)).toBe(1);
  });

  it('and only what the affected ones lost is counted', () => {
    const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const text = names.map((name, i) => exchange(300, i === 7 ? 400 : 20, { name, at: 1000 * i })).join('\n');
    const clients = Object.fromEntries(names.map((name, i) => [name, { client: `10.1.0.${i}:4000` }]));
    const [kind] = summaryOf(text, clients).kinds;
    expect(kind).toMatchObject({ kind: 'server-thinking', connections: 1, worst: { stream: 7 } });
    expect(kind.lost / 1e6).toBeCloseTo(400, 3);
  });
});

/** A kind of trouble that so many connections of `service` have, each for so many ms. */
function kindOf(kind: string, losses: readonly (readonly [service: string, ms: number])[]): Summary['kinds'][number] {
  const affectedOnes = losses.map(([name, ms], id) => ({ connection: id, service: name, lost: ms * 1e6 }));
  const lost = losses.reduce((sum, [, ms]) => sum + ms * 1e6, 0);
  return {
    kind,
    severity: 'warning',
    connections: losses.length,
    times: losses.length,
    lost,
    worst: { stream: 0, text: '', frame: 0, time: 0, duration: 0 },
    affected: affectedOnes,
  } as unknown as Summary['kinds'][number];
}

function failure(kind: string, connections: number, severity = 'warning'): Summary['kinds'][number] {
  const worst = { stream: 3, text: '', frame: 9, time: 0, duration: 0 };
  return { kind, severity, connections, times: connections, lost: 0, worst, affected: [] } as Summary['kinds'][number];
}

const trust = {
  doubts: [],
  times: 'clock' as const,
  damaged: false,
  dropped: null,
  oneWay: 0,
  midStream: 0,
  connections: 1000,
  place: null,
};

/** The sentences about 1,000 connections that were busy for 100 s together. */
function said(kinds: Summary['kinds'], connections = 1000): Statement[] {
  const overall = new Tally();
  overall.totals[0] = 100e9;
  overall.connections = connections;
  return statementsOf({ connections, overall, kinds, services: new Map([['s:1', 600]]), trust });
}

describe('a kind of trouble is worth a sentence', () => {
  it('from one hundredth of the busy time on', () => {
    expect(said([kindOf('recovery', [['s:1', 999]])])[0].key).toBe('quiet');
    expect(said([kindOf('recovery', [['s:1', 1000]])])[0]).toMatchObject({ key: 'cost', kind: 'recovery' });
  });

  it('from one twentieth of what the worst kind cost on', () => {
    const worst = kindOf('timeout', [['s:1', 40_000]]);
    expect(said([worst, kindOf('recovery', [['s:1', 1999]])])).toHaveLength(1);
    expect(said([worst, kindOf('recovery', [['s:1', 2000]])])).toHaveLength(2);
  });

  it('and names the service that has four fifths of it', () => {
    const of = (mine: number, other: number) =>
      said([
        kindOf('timeout', [
          ['s:1', mine],
          ['s:2', other],
        ]),
      ])[0] as Extract<Statement, { key: 'cost' }>;
    expect(of(7999, 2001).values).toMatchObject({ service: null, connections: 2, of: 1000, lost: 10e9, share: 0.1 });
    expect(of(8000, 2000).values).toMatchObject({ service: 's:1', connections: 1, of: 600, lost: 8e9, share: 0.08 });
  });

  it('when one hundredth of the connections came to nothing, or the finding is an error', () => {
    expect(said([failure('connection-refused', 9)])[0].key).toBe('quiet');
    expect(said([failure('connection-refused', 10)])[0]).toMatchObject({ key: 'failure', stream: 3, frame: 9 });
    expect(said([failure('silly-window', 900)])[0].key).toBe('quiet');
    expect(said([failure('silly-window', 1, 'error')])[0].key).toBe('failure');
  });

  it('four at the most, two of them about failures', () => {
    const costs = ['timeout', 'recovery', 'server-thinking', 'server-sending'].map((kind) =>
      kindOf(kind, [['s:1', 5000]]),
    );
    const failures = ['connection-refused', 'syn-unanswered', 'handshake-reset'].map((kind) => failure(kind, 100));
    expect(said([...costs, ...failures]).map(({ key }) => key)).toEqual(['failure', 'failure', 'cost', 'cost']);
    expect(said([])).toHaveLength(1);
    expect(said([], 0)).toEqual([{ key: 'no-connections' }]);
  });
});

describe('the worst connections', () => {
  it('come in every order, the largest first', () => {
    const clients = { a: { client: '10.1.0.1:1' }, b: { client: '10.1.0.2:2' } };
    const text = `${exchange(10, 500, { name: 'a' })}\n${exchange(400, 60, { name: 'b', at: 2000 })}`;
    const { analyzer } = analyseScenario(text, { connections: clients });
    const first = (order: (typeof ORDERS)[number]) =>
      summarize(listOf(analyzer.connections), analyzer.findings, WHOLE, { order }).worst.at(0)?.connection.id;
    expect(ORDERS.map((order) => [order, first(order)])).toEqual([
      ['time-lost', 0],
      ['duration', 1],
      ['bytes', 0],
      ['packets', 0],
      ['server-thinking', 0],
      ['retransmission', 0],
    ]);
  });
});

describe('what a capture can be trusted with', () => {
  const doubtsOf = (id: FindingId) => {
    const { text, options } = CASES[id].raises!;
    const { analyzer } = analyseScenario(text, options);
    return summarize(listOf(analyzer.connections), analyzer.findings, WHOLE).trust.doubts;
  };

  it.each(['capture-joined', 'capture-edited', 'capture-filtered', 'invented-times', 'capture-duplicate'] as const)(
    'it is read with care: %s',
    (id) => expect(doubtsOf(id)).toContain(id),
  );

  it('the clocks of its two directions differ: nobody waited for anybody, as far as it can show', () => {
    const { trust, statements, kinds } = summaryOf(`0.001 < S. seq 0 ack 1
      0.031 > S seq 0
      0.033 > . ack 1
      0.034 > P. 1:101(100) ack 1
      3.000 < P. 1:101(100) ack 101
      3.050 > . ack 101`);
    expect(trust).toMatchObject({ times: 'two-clocks', doubts: ['capture-joined'] });
    expect(statements).toMatchObject([{ key: 'unknowable', values: { isUntimed: true } }]);
    expect(kinds).toEqual([]);
    const again = CASES['capture-joined'].raises!;
    const { analyzer } = analyseScenario(again.text, again.options);
    expect(analyzer.findings.map(({ id }) => id)).toContain('capture-joined');
    expect(summarize(listOf(analyzer.connections), analyzer.findings, WHOLE).trust.times).toBe('clock');
  });

  it.each(['snaplen-cut', 'one-way-capture', 'mid-stream'] as const)(
    'what it is like tells nothing against it: %s',
    (id) => expect(doubtsOf(id)).toEqual([]),
  );

  const wordsOf = (id: FindingId, losesPackets: readonly boolean[]) => {
    const { text, options } = CASES[id].raises!;
    const { analyzer } = analyseScenario(text, options);
    const damages = losesPackets.map((loses) => ({ losesPackets: loses }));
    const { trust } = summarize(listOf(analyzer.connections), analyzer.findings, { dropped: null, damages });
    return ANSWER.trust(trust).split(';')[0];
  };

  it('a file that is cut or damaged lacks packets, so it is not good', () => {
    expect(wordsOf('snaplen-cut', [])).toBe('good, nothing seems to be missing');
    expect(wordsOf('snaplen-cut', [false, true])).toBe('with care: the file is cut or damaged');
    expect(wordsOf('capture-duplicate', [true])).toMatch(/^with care: the file is cut or damaged and /);
  });

  /** An exchange whose SYN,ACK is `missed`, with all that is found about it. */
  const lacking = (missed: string) => {
    const { analyzer } = analyseScenario(exchange(20, 10).replace(/(< S\. .*)/, `$1 ${missed}`));
    return { connections: analyzer.connections, findings: sortedFindings(analyzer) };
  };

  it('a SYN,ACK that the client acknowledges and nobody captured is missing', () => {
    const doubts = (missed: string) => {
      const { connections, findings } = lacking(missed);
      return summarize(listOf(connections), findings, WHOLE).trust.doubts;
    };
    expect(doubts('missed')).toEqual(['missing-in-capture']);
    expect(doubts('')).toEqual([]);
  });

  it('what connections lack that left the analysis is missing too, and no failure of theirs', () => {
    const rest = (missed: string) => {
      const departed = new Departed();
      for (const connection of lacking(missed).connections) departed.add(connection);
      return summarize(listOf([]), [], WHOLE, { departed });
    };
    expect(rest('missed').trust.doubts).toEqual(['missing-in-capture']);
    expect(rest('missed').statements.map(({ key }) => key)).toEqual(['quiet']);
    expect(rest('').trust.doubts).toEqual([]);
  });

  it('stray packets are no connections that had begun before it', () => {
    const trustIn = (text: string) => summaryOf(text).trust.midStream;
    expect(trustIn('0.0 > . seq 1 ack 1\n 0.1 < R seq 1')).toBe(0);
    expect(trustIn('0.0 > . seq 1 ack 1')).toBe(0);
    expect(trustIn('0.0 > . seq 1 ack 1\n 0.1 < . seq 1 ack 2')).toBe(1);
    expect(trustIn('0.0 > . seq 1 ack 1\n 0.1 > . seq 1 ack 1')).toBe(0);
    expect(trustIn('0.0 > . seq 1 ack 1\n 0.1 > . seq 1 ack 2')).toBe(1);
    expect(trustIn('0.0 > P. 1:2(1) ack 1\n 0.1 < R seq 1')).toBe(1);
  });

  it('and nothing is missing that would show where their time went', () => {
    const [stray] = summaryOf('0.0 > . seq 1 ack 1\n 0.1 < R seq 1').statements;
    expect(stray).toMatchObject({ key: 'quiet', values: { share: 0 } });
    const [begun] = summaryOf('0.0 > . seq 1 ack 1\n 0.1 < . seq 1 ack 2').statements;
    expect(begun.key).toBe('unknowable');
  });

  it('a window that was closed is told where one direction shows no time, and else by its cost', () => {
    const closed = (answers: string) => {
      const { analyzer } = analyseScenario(`0.000 > S seq 0 win 1000 <mss 1460>
        0.040 < S. seq 0 ack 1 win 65535 <mss 1460>${answers}
        0.040 > .  ack 1 win 1000
        0.050 < P. 1:1001(1000) ack 1${answers}
        0.051 > .  ack 1001 win 0
        0.300 < .  seq 1000 ack 1${answers}
        0.301 > .  ack 1001 win 0
        9.000 > .  ack 1001 win 1000
        9.040 < P. 1001:2001(1000) ack 1${answers}
        9.041 > .  ack 2001 win 1000`);
      const { statements } = summarize(listOf(analyzer.connections), sortedFindings(analyzer), WHOLE);
      return statements.map((told) =>
        told.key === 'failure' ? told.values.id : told.key === 'cost' ? told.kind : told.key,
      );
    };
    expect(closed(' missed')).toEqual(['zero-window']);
    expect(closed('')).toEqual(['client-window']);
  });

  it('a flaw that loses nothing takes nothing from it', () =>
    expect(wordsOf('snaplen-cut', [false])).toBe('good, nothing seems to be missing'));
});
