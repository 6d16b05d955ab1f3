const { join } = require('node:path');

// tcpscope is an ES module: a test in CommonJS imports it before the first test.
beforeAll(async () => {
  const { matchers } = await import('tcpscope/matchers');
  expect.extend(matchers);
});

const capture = join(__dirname, '../../fixtures/linux-echo.pcap');

test('connections to the echo service are healthy', async () => {
  const echo = { select: 'server.port == 5001' };
  await expect(capture).toCompleteHandshake(echo);
  await expect(capture).toHaveNoRetransmissions(echo);
  await expect(capture).toStayBelow('rtt.p95', '100ms', echo);
  await expect(capture).not.toHold('close == reset');
});
