import { describe, expect, it } from 'vitest';
import { ANSWER } from '../../src/messages/en/answer.ts';
import { statementsOf } from '../../src/summary/statements.ts';
import type { Summary } from '../../src/summary/summary.ts';
import { Tally } from '../../src/summary/tally.ts';

/** What is said of the connections that lost so many milliseconds each, of a hundred to the service. */
function waited(...lost: number[]): string {
  const sum = lost.reduce((total, ms) => total + ms * 1e6, 0);
  const kind = {
    kind: 'server-thinking',
    severity: 'warning',
    connections: lost.length,
    times: lost.length,
    lost: sum,
    worst: { stream: 0, text: '', frame: 0, time: 0, duration: 0 },
    affected: lost.map((ms, id) => ({ connection: { id, server: { name: 's:1' } }, lost: ms * 1e6 })),
  } as unknown as Summary['kinds'][number];
  const overall = new Tally();
  overall.totals[0] = 100e9;
  overall.connections = 100;
  const trust = {
    doubts: [],
    times: 'clock' as const,
    damaged: false,
    dropped: null,
    oneWay: 0,
    midStream: 0,
    connections: 100,
    place: null,
  };
  const services = new Map([['s:1', 100]]);
  const [statement] = statementsOf({ connections: 100, overall, kinds: [kind], services, trust });
  if (statement.key !== 'cost') throw new Error(statement.key);
  const text = ANSWER.cost('server-thinking', statement.values);
  return /waited (.*) for the server/.exec(text)![1];
}

describe('how long the affected connections waited', () => {
  it('one connection: its own time', () => {
    expect(waited(5000)).toBe('5.00 s');
  });

  it('up to three: each, where the largest is at most one and a half times the mean', () => {
    expect(waited(5000, 15_000)).toBe('10.0 s each');
    expect(waited(4900, 15_100)).toBe('20.0 s in all (up to 15.1 s)');
    expect(waited(1000, 6000, 7000)).toBe('4.67 s each');
    expect(waited(1000, 6000, 8000)).toBe('15.0 s in all (up to 8.00 s)');
  });

  it('more: the median, and the largest where that is more than one and a half times as much', () => {
    expect(waited(1000, 4000, 6000, 7500)).toBe('5.00 s each');
    expect(waited(1000, 4000, 6000, 7600)).toBe('5.00 s each (median; up to 7.60 s)');
    expect(waited(1000, 2000, 6000, 9000, 9000)).toBe('6.00 s each');
    // Or the median is more than one and a half times the mean: some waited far less.
    expect(waited(500, 500, 3000, 3000, 3000)).toBe('3.00 s each');
    expect(waited(499, 500, 3000, 3000, 3000)).toBe('3.00 s each (median; up to 3.00 s)');
  });
});

describe('which connections waited', () => {
  const who = (connections: number, of: number): string => {
    const cost = { service: 's:1', services: 1, connections, of, lost: 4e9, each: 1e9, worst: 1e9, share: 0.5 };
    return / ?(.*) waited/.exec(ANSWER.cost('server-thinking', cost))![1];
  };

  it('says how many of how many, and has a word for one, for two and for all', () => {
    expect(who(1, 1)).toBe('The connection to s:1');
    expect(who(2, 2)).toBe('Both connections to s:1');
    expect(who(3, 3)).toBe('All 3 connections to s:1');
    expect(who(2, 3)).toBe('2 of 3 connections to s:1');
  });
});

describe('where the capture cannot show whose the time was', () => {
  const of = (connections: number, oneWay: number, midStream: number, isUntimed = false) =>
    ANSWER.unknowable({ connections, oneWay, midStream, isUntimed }).replace('The capture cannot show where ', '');

  it('says of how many connections something is missing', () => {
    expect(of(1, 1, 0)).toBe('the time of the connection went: it holds one direction only. Capture both directions.');
    expect(of(3, 3, 1)).toBe('the time of 3 connections went: it holds one direction only. Capture both directions.');
    expect(of(3, 1, 1)).toBe(
      'most of the time of 3 connections went: it holds one direction only of 1 of them. Capture both directions.',
    );
    expect(of(3, 0, 2)).toBe(
      'most of the time of 3 connections went: 2 of them had begun before it. Start the capture before the connection.',
    );
    expect(of(1, 0, 1)).toBe(
      'the time of the connection went: the connection had begun before it. Start the capture before the connection.',
    );
    expect(of(2, 0, 0)).toMatch(/^the time of 2 connections went: too much is missing from it\./);
  });
});
