import { describe, expect, it } from 'vitest';
import { type Case, Cases } from '../../src/check/outcome.ts';

const caseOf = (outcome: Case['outcome'], stream: number): Case => ({
  outcome,
  stream,
  flow: null,
  reason: null,
  found: [],
  packets: [],
});

describe('cases of an assertion', () => {
  it('are all counted; the first hundred of each outcome are made', () => {
    const cases = new Cases();
    let made = 0;
    const add = (outcome: Case['outcome'], stream: number) =>
      cases.add(outcome, () => {
        made++;
        return caseOf(outcome, stream);
      });
    for (let i = 0; i < 150; i++) add('fail', i);
    for (let i = 0; i < 99; i++) add('inconclusive', i);
    add('error', 0);
    expect(made).toBe(100 + 99 + 1);
    expect(cases.count).toBe(250);
    const streams = cases.list.map(({ outcome, stream }) => `${outcome} ${stream}`);
    expect(streams.slice(0, 2)).toEqual(['error 0', 'fail 0']);
    expect(streams[100]).toBe('fail 99');
    expect(streams[101]).toBe('inconclusive 0');
  });
});
