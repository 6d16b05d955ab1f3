/** SYNs that trace a path, as traceroute sends them: `syn-probes.ts`, with an example on either side. */
import { describe, expect, it } from 'vitest';
import { analyseScenario } from '../support/analyze.ts';

/** What is found of a client whose SYNs have these TTLs. */
function found(ttls: readonly number[], more = '') {
  const syns = ttls.map((ttl, i) => `${i} > S seq 0 ttl ${ttl}`).join('\n');
  const [connection] = analyseScenario(`${syns}\n${more}`).analyzer.connections;
  return connection.findings.map(({ id, severity, cause, text }) => ({ id, severity, cause, text }));
}

const severities = (...of: Parameters<typeof found>) => found(...of).map(({ id, severity }) => `${severity} ${id}`);

describe('SYNs with TTLs that rise', () => {
  it('twice and never fall trace the path: nothing was lost', () => {
    expect(severities([1, 2, 3])).toEqual(['info syn-unanswered']);
    expect(severities([1, 2, 2, 3, 3])).toEqual(['info syn-unanswered']);
    // A route that changes gives one other TTL, or the old one again.
    expect(severities([1, 2, 2])).toEqual(['warning syn-unanswered']);
    expect(severities([1, 2, 3, 2])).toEqual(['warning syn-unanswered']);
    expect(severities([3, 2, 1])).toEqual(['warning syn-unanswered']);
    expect(severities([64, 64, 64])).toEqual(['warning syn-unanswered']);
  });

  it('say so', () => {
    expect(found([1, 2, 3])[0]).toMatchObject({
      cause: 'a traceroute',
      text: expect.stringMatching(/3 times with TTLs that rise from 1 to 3/),
    });
  });

  const answer = '3.1 < S. seq 0 ack 1';

  it('to an end that answers at last are no lost SYNs', () => {
    expect(severities([1, 2, 3, 4], `${answer}\n 9 < . seq 1 ack 1`)).toContain('info syn-retransmission');
    expect(severities([1, 1, 1, 1], `${answer}\n 9 < . seq 1 ack 1`)).toContain('warning syn-retransmission');
  });

  it('want no connection, though the answer is repeated', () => {
    const repeated = `${answer}\n 4.1 < S. seq 0 ack 1\n 6.1 < S. seq 0 ack 1`;
    const of = (ttls: readonly number[]) => severities(ttls, repeated).filter((one) => one.includes('half-open'));
    expect([of([1, 2, 3, 4]), of([1, 1, 1, 1])]).toEqual([['info half-open'], ['warning half-open']]);
  });
});
