import { expect, test } from '@jest/globals';
import { matchers } from 'tcpscope/matchers';

expect.extend(matchers);

const capture = new URL('../../fixtures/linux-echo.pcap', import.meta.url);

test('connections to the echo service are healthy', async () => {
  const echo = { select: 'server.port == 5001' };
  await expect(capture).toCompleteHandshake(echo);
  await expect(capture).toHaveNoRetransmissions(echo);
  await expect(capture).toStayBelow('rtt.p95', '100ms', echo);
  await expect(capture).not.toHold('close == reset');
});
