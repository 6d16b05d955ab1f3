/** `sack-reneging`: of each condition an example on either side. */
import { expect, it } from 'vitest';
import { Fact } from '../../src/detect/facts.ts';
import { Reneging } from '../../src/detect/reneging.ts';
import { Verdict } from '../../src/model/verdict.ts';
import { ends, listener, shown, valuesOf } from '../support/detector.ts';

interface Repeat {
  seq: number;
  end: number;
  spurious?: boolean;
}

/** So often the server throws away 500 bytes from 101 on and acknowledges up to there; the client then sends these again. */
function told(times: number, ...repeats: Repeat[]) {
  const { findings, raised } = listener();
  const reneging = new Reneging(findings);
  const { client, server, connection } = ends();
  for (let i = 0; i < times; i++) {
    const t = { ack: 101, effect: { discarded: 500 } };
    reneging.inspect(
      shown(server, { facts: [Fact.RENEGED], frame: 20 + i, time: i, t } as Parameters<typeof shown>[1]),
    );
    for (const { seq, end, spurious = false } of repeats) {
      const verdict = Object.assign(new Verdict(), { spurious });
      reneging.inspect(shown(client, { facts: [Fact.RETRANSMISSION], frame: 120, time: 9, verdict, t: { seq, end } }));
    }
  }
  reneging.concludeConnection(connection);
  return raised;
}

it('a receiver threw away what the sender had to send again: the byte at which the ACK stopped', () => {
  const [account] = told(1, { seq: 101, end: 201 });
  expect(account).toMatchObject({ id: 'sack-reneging', confidence: 0.85, evidence: [20], where: { frame: 20 } });
  expect(valuesOf(account)).toMatchObject({ frame: 20, ack: 101, bytes: 500, occasions: 1 });
  expect(told(1, { seq: 1, end: 102 })).toHaveLength(1);
  expect(told(1, { seq: 1, end: 101 })).toEqual([]);
  expect(told(1, { seq: 102, end: 201 })).toEqual([]);
});

it('it had it where nothing was sent again, or the first repeat was not needed', () => {
  expect(told(1)).toEqual([]);
  expect(told(1, { seq: 101, end: 201, spurious: true }, { seq: 101, end: 201 })).toEqual([]);
});

it('64 occasions of one receiver are kept, and 16 packets named', () => {
  const kept = (times: number) => {
    const [account] = told(times, { seq: 101, end: 201 });
    return [valuesOf(account).occasions, account.evidence?.length];
  };
  expect([kept(15), kept(17), kept(64), kept(65)]).toEqual([
    [15, 15],
    [17, 16],
    [64, 16],
    [64, 16],
  ]);
});
