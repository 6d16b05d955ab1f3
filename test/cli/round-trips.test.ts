import { expect, it } from 'vitest';
import { tcpscope } from './tcpscope.ts';

const CAPTURE = 'fixtures/linux-single-loss-sack.pcap';

it('prints the round trips of the one connection that is asked for', () => {
  const { stdout } = tcpscope(['--stream', '0', CAPTURE]);
  expect(stdout).toMatch(/^round trips +samples +min +median +p95 +p99 +max +what they measure$/m);
  // The capture was made at the client, and the link delays by 20 ms each way.
  expect(stdout).toMatch(/^client → server +60 +40\.1 ms +40\.\d ms .* to the other end and back$/m);
  expect(stdout).toMatch(/^server → client .* response time of the nearby host, not of the path$/m);
  expect(tcpscope([CAPTURE]).stdout).not.toContain('what they measure');
});

it('says below the table what they measure where the screen has no room beside it', () => {
  const { stdout } = tcpscope(['--stream', '0', CAPTURE], { env: { COLUMNS: '80' } });
  const lines = stdout.slice(stdout.indexOf('round trips')).split('\n');
  expect(lines[0]).toMatch(/ max$/);
  expect(lines.slice(3, 5)).toEqual([
    'client → server: to the other end and back',
    'server → client: response time of the nearby host, not of the path',
  ]);
  for (const line of lines.slice(0, 5)) expect(line.length).toBeLessThanOrEqual(80);
});

it('has them in all documents', () => {
  const { client, server } = JSON.parse(tcpscope(['--json', CAPTURE]).stdout).connections[0];
  expect(client.roundTrips).toMatchObject({ samples: 60, measures: 'whole path' });
  expect(server.roundTrips.measures).toBe('host of the peer');
  const { minMs, medianMs, p95Ms, p99Ms, maxMs } = client.roundTrips;
  const sorted = [minMs, medianMs, p95Ms, p99Ms, maxMs];
  expect(sorted).toEqual([...sorted].sort((a, b) => a - b));
  expect(minMs).toBe(client.minRttMs);
  const [header, row] = tcpscope(['--csv', CAPTURE]).stdout.split('\n');
  const csv = Object.fromEntries(header.split(',').map((key, i) => [key, row.split(',')[i]]));
  expect(csv['client.roundTrips.medianMs']).toBe(String(medianMs));
});
