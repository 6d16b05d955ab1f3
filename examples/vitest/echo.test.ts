import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import 'tcpscope/vitest';

const capture = new URL('../../fixtures/linux-echo.pcap', import.meta.url);

test('connections to the echo service are healthy', async () => {
  const echo = { select: 'server.port == 5001' };
  await expect(capture).toCompleteHandshake(echo);
  await expect(capture).toHaveNoRetransmissions(echo);
  await expect(capture).toStayBelow('rtt.p95', '100ms', echo);
  await expect(capture).toHaveNoAnomalies();
  await expect(capture).toHold('client.options.wscale >= 7 && close == fin');
});

test('a connection begins as expected', async () => {
  await expect(capture).toMatchTcpScript(
    `
      +0    > S  0:0(0)           <mss 1460,...>
      +20ms < S. 0:0(0)   ack 1   <...>
      *     > .  1:1(0)   ack 1
      ...
      *     > P. 1:12(11) ack 1
      *     < .           ack 12
    `,
    { tolerance: '10ms' },
  );
});

test('all rules pass', async () => {
  const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
  await expect(capture).toPassRules(new URL('../tcpscope.yaml', import.meta.url), { controls: [fixtures] });
});
