import { describe, expect, test } from 'vitest';
import { baselineDocument, baselineOf, parseBaseline } from '../../src/check/baseline.ts';
import { gatherFacts } from '../../src/check/check.ts';
import { compareWithBaseline, parseAllowances } from '../../src/check/regression.ts';
import { closing, HANDSHAKE, pcapOf, sourceOf } from './support.ts';

const facts = (capture: Uint8Array) => gatherFacts([sourceOf(capture)], false, false);

/** Data and its answer `delay` seconds later. */
function echo(delay: number, more = ''): Uint8Array {
  return pcapOf(`${HANDSHAKE}
  0.030 > P.  1:101(100) ack 1 ${more}
  ${(0.4 + delay).toFixed(3)} < .   ack 101 ${closing(101, 1, 1)}`);
}

const FAST = pcapOf(`${HANDSHAKE}
  0.030 > P.  1:101(100) ack 1
  0.050 < .   ack 101 ${closing(101, 1, 0.4)}`);
const SLOW = pcapOf(`${HANDSHAKE}
  0.030 > P.  1:101(100) ack 1
  0.080 < .   ack 101 ${closing(101, 1, 0.4)}`);
const RESENT = echo(0.1, '\n  0.330 > P.  1:101(100) ack 1');

async function compare(before: Uint8Array, after: Uint8Array, ...allowed: string[]) {
  const baseline = parseBaseline(JSON.stringify(baselineDocument(await facts(before))), 'base.json');
  return compareWithBaseline(await facts(after), baseline, parseAllowances(allowed), 'base.json');
}

describe('a baseline', () => {
  test('holds figures of all connections and of each server', async () => {
    const { all, servers } = baselineOf(await facts(FAST));
    // By hand: every round trip of the client takes 20 ms.
    expect(all).toMatchObject({
      connections: 1,
      packets: 8,
      'rtt.p50': 20e6,
      'rtt.max': 20e6,
      'handshake.max': 20e6,
      'retransmissions.count': 0,
      payload_bytes: 100,
    });
    expect(servers).toEqual({ '10.0.0.2:80': all });
  });

  test('is written in units that it names', async () => {
    const { units, all, servers } = baselineDocument(await facts(FAST));
    expect(units).toMatchObject({ 'rtt.max': 'ms', goodput: 'bit/s', payload_bytes: 'B', 'retransmissions.ratio': '' });
    expect(Object.keys(units)).toEqual(Object.keys(all));
    // By hand: 100 bytes in the 420 ms from the SYN to the last ACK.
    expect(all).toMatchObject({ 'rtt.max': 20, 'handshake.max': 20, 'duration.p95': 420, payload_bytes: 100 });
    expect(all.goodput).toBeCloseTo(800 / 0.42, 6);
    expect(servers['10.0.0.2:80']).toEqual(all);
  });

  test('an amount is answered in its unit', async () => {
    const [{ cases }] = await compare(FAST, SLOW, 'rtt.max=1us');
    expect(cases[0].found[0]).toMatchObject({ value: '50000 us, it was 20000 us', wanted: '<= 20001 us' });
  });

  test('is compared with what may be worse', async () => {
    expect((await compare(FAST, FAST, 'rtt.max=0%', 'retransmissions.count=0'))[0].outcome).toBe('pass');
    const [share] = await compare(FAST, SLOW, 'rtt.max=20%');
    expect(share.outcome).toBe('fail');
    expect(share.cases.map(({ found }) => found[0])).toEqual([
      { text: 'rtt.max', value: '50.0 ms, it was 20.0 ms', wanted: '<= 24.0 ms', examples: [], packets: [] },
      {
        text: 'rtt.max of 10.0.0.2:80',
        value: '50.0 ms, it was 20.0 ms',
        wanted: '<= 24.0 ms',
        examples: [],
        packets: [],
      },
    ]);
    expect((await compare(FAST, SLOW, 'rtt.max=150%'))[0].outcome).toBe('pass');
    expect((await compare(FAST, SLOW, 'rtt.max=30ms'))[0].outcome).toBe('pass');
    expect((await compare(FAST, SLOW, 'rtt.max=29ms'))[0].outcome).toBe('fail');
    // Better is never a regression.
    expect((await compare(SLOW, FAST, 'rtt.max=0%'))[0].outcome).toBe('pass');
  });

  test('of nothing, any is more', async () => {
    expect((await compare(FAST, RESENT, 'retransmissions.count=50%'))[0].outcome).toBe('fail');
    expect((await compare(FAST, RESENT, 'retransmissions.count=1'))[0].outcome).toBe('pass');
  });

  test('what is better the more there is of it', async () => {
    expect((await compare(FAST, RESENT, 'goodput=10%'))[0].outcome).toBe('fail');
    expect((await compare(RESENT, FAST, 'goodput=10%'))[0].outcome).toBe('pass');
  });

  test('a figure that one side does not tell is inconclusive, and so is a cut capture', async () => {
    const empty = pcapOf('');
    expect((await compare(FAST, empty, 'rtt.max=20%'))[0].outcome).toBe('inconclusive');
    expect((await compare(FAST, FAST.subarray(0, FAST.length - 3), 'rtt.max=20%'))[0].outcome).toBe('inconclusive');
  });

  test.each([
    ['rtt.p96=20%', 'unknown metric rtt.p96 (did you mean rtt.p95?)'],
    ['rtt.p95', 'a regression is METRIC=AMOUNT'],
    ['rtt.p95=5', 'expected a share such as 20%, or an amount such as 5.00ms'],
    ['rtt.p95=-5%', 'expected a share'],
    ['retransmissions.count=5ms', 'expected a share such as 20%, or an amount such as 5'],
  ])('%s', (text, message) => {
    expect(() => parseAllowances([text])).toThrow(message);
  });

  test.each([
    ['{', 'base.json:1:1: not JSON'],
    ['{"a":1}', 'not a baseline'],
    ['null', 'not a baseline'],
    [
      '{"kind":"tcpscope baseline","schemaVersion":9,"all":{},"servers":{}}',
      'a baseline of version 9, expected 2: save it again',
    ],
  ])('%s is refused', (text, message) => {
    expect(() => parseBaseline(text, 'base.json')).toThrow(message);
  });
});
