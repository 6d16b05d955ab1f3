import { describe, expect, test } from 'vitest';
import { baselineOf } from '../../src/check/baseline.ts';
import { gatherFacts } from '../../src/check/check.ts';
import { closing, expectOn, HANDSHAKE, pcapOf, sourceOf } from './support.ts';

/** Two exchanges over 20 ms, captured at the client; the server thinks 100 ms and 30 ms, the client 10 ms and 50 ms. */
const CONNECTION = pcapOf(`${HANDSHAKE}
  0.030 > P.  1:101(100) ack 1
  0.150 < P.  1:201(200) ack 101
  0.150 > .   ack 201
  0.200 > P.  101:151(50) ack 201
  0.250 < P.  201:301(100) ack 151
  0.250 > .   ack 301 ${closing(151, 301, 0.3)}`);

/** The same without the packets of the client. */
const ONE_WAY = pcapOf(`
  0.150 < P.  1:201(200) ack 101 win 500
  0.250 < P.  201:301(100) ack 151`);

describe('where the time went', () => {
  test.each([
    ['budget.server.thinking < 130.1ms', 'pass'],
    ['budget.server.thinking < 129.9ms', 'fail'],
    ['budget.server.total == budget.server.thinking', 'pass'],
    ['budget.client.thinking > 59.9ms', 'pass'],
    ['budget.client.thinking > 60.1ms', 'fail'],
    // The handshake, and two round trips.
    ['budget.network.total < 60.1ms', 'pass'],
    ['budget.network.total < 59.9ms', 'fail'],
    ['budget.network.round_trip < 40.1ms', 'pass'],
    ['budget.network.timeout == 0ms', 'pass'],
    ['exchanges.count == 2', 'pass'],
    ['p(95, exchanges.serverThinking) < 100.1ms', 'pass'],
    ['p(95, exchanges.server_thinking) < 99.9ms', 'fail'],
    ['exchanges.server_thinking.min > 29.9ms', 'pass'],
    ['max(exchanges.first_byte) < 120.1ms', 'pass'],
    ['max(exchanges.first_byte) < 119.9ms', 'fail'],
    ['max(exchanges.duration) < 120.1ms', 'pass'],
  ])('%s: %s', async (condition, outcome) => {
    expect((await expectOn(CONNECTION, condition)).outcome).toBe(outcome);
  });

  test('is not told where only one direction was captured', async () => {
    expect((await expectOn(ONE_WAY, 'budget.server.thinking < 1ms')).outcome).toBe('inconclusive');
  });

  test('stands in a baseline', async () => {
    const { all } = baselineOf(await gatherFacts([sourceOf(CONNECTION)], false, false));
    expect(all['exchanges.count']).toBe(2);
    expect(all['exchanges.server_thinking.p95']).toBeCloseTo(100e6, -3);
    expect(all['exchanges.server_thinking.p50']).toBeCloseTo(30e6, -3);
    expect(all['exchanges.duration.p95']).toBeCloseTo(120e6, -3);
    expect(all['budget.network']).toBeCloseTo(60e6, -3);
    expect(all['budget.server']).toBeCloseTo(130e6, -3);
  });
});
