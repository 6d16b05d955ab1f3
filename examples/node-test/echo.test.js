import assert from 'node:assert/strict';
import test from 'node:test';
import { analyze, check } from 'tcpscope';

const capture = new URL('../../fixtures/linux-echo.pcap', import.meta.url);

test('connections to the echo service are healthy', async () => {
  const { outcome, results } = await check(capture, {
    select: 'server.port == 5001',
    expect: ['handshake.complete', 'retransmissions.count == 0', 'p(95, rtt) < 100ms'],
  });
  assert.equal(outcome, 'pass', JSON.stringify(results, null, 2));
});

test('nothing grave was found', async () => {
  const { findings } = await analyze(capture);
  assert.deepEqual(
    findings.filter(({ severity }) => severity !== 'info'),
    [],
  );
});
