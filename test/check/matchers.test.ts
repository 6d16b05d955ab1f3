import { describe, expect, test } from 'vitest';
import '../../src/vitest/index.ts';
import { fixture, PLAIN, pcapOf, RESENT } from './support.ts';

const MIDSTREAM = pcapOf('0.0 > P. 1:101(100) ack 1\n0.1 < . ack 101');

/** The message of an assertion that must fail. */
async function failure(assertion: Promise<void>): Promise<string> {
  const error = await assertion.then(
    () => null,
    (reason: Error) => reason,
  );
  expect(error).not.toBeNull();
  return error!.message;
}

describe('matchers', () => {
  test('pass', async () => {
    await expect(PLAIN).toHaveNoRetransmissions();
    await expect(PLAIN).toCompleteHandshake();
    await expect(PLAIN).toStayBelow('rtt.p95', '50ms');
    await expect(PLAIN).toHaveNoAnomalies();
    await expect(PLAIN).toHold('close == fin');
    await expect(PLAIN).toMatchTcpScript('+0 > S\n+20ms < S.\n* > .');
    await expect(RESENT).toHaveNoRetransmissions({ except: ['tlp'] });
    await expect(PLAIN).toHaveNoRetransmissions({ except: ['tlp', 'syn-ack'] });
  });

  test('fail with what was found and its packets', async () => {
    expect(await failure(expect(RESENT).toHaveNoRetransmissions())).toBe(`input
FAIL  retransmissions.count == 0
      stream 0 (10.0.0.1:40000 -> 10.0.0.2:80): retransmissions.count is 1, wanted 0 (packets 4, 5)
fail: 0 passed, 1 failed`);
    expect(await failure(expect(RESENT).toHaveNoRetransmissions({ except: ['rto'] }))).toContain(
      'packet 5 client P. retransmission (tlp)',
    );
    expect(await failure(expect(PLAIN).toStayBelow('rtt.p95', '5ms'))).toContain('rtt.p95 is 20 ms');
    expect(await failure(expect(PLAIN).toMatchTcpScript('+0 > S\n* < R'))).toContain('line 2: * < R is packet 2: ');
    expect(await failure(expect(RESENT).toHaveNoAnomalies())).toContain('tail-loss');
  });

  test('not', async () => {
    await expect(RESENT).not.toHaveNoRetransmissions();
    await expect(PLAIN).not.toMatchTcpScript('+0 < S');
    expect(await failure(expect(PLAIN).not.toCompleteHandshake())).toContain(
      'expected it not to hold, but it does:\n  handshake.complete',
    );
  });

  test('what cannot be told passes neither way', async () => {
    expect(await failure(expect(MIDSTREAM).toCompleteHandshake())).toContain('the handshake was not captured');
    expect(await failure(expect(MIDSTREAM).not.toCompleteHandshake())).toContain('the handshake was not captured');
    const cut = PLAIN.subarray(0, PLAIN.length - 3);
    expect(await failure(expect(cut).toHaveNoRetransmissions())).toContain('inconclusive');
    expect(await failure(expect(cut).not.toHaveNoRetransmissions())).toContain('inconclusive');
  });

  test('a selector that chooses nothing passes neither way', async () => {
    const nobody = { select: 'server.port == 9' };
    expect(await failure(expect(PLAIN).toCompleteHandshake(nobody))).toContain('matches none of the 1 connections');
    expect(await failure(expect(PLAIN).not.toCompleteHandshake(nobody))).toContain('matches none of the 1 connections');
  });

  test('mistakes are errors', async () => {
    await expect(expect(PLAIN).toStayBelow('rtt.p95', 50)).rejects.toThrow('rtt.p95 is a time');
    await expect(expect(PLAIN).toHold('nonsense == 1')).rejects.toThrow('unknown name nonsense');
    await expect(expect(Buffer.from('hello, world, no capture')).toHold('true')).rejects.toThrow('no capture');
  });

  test('a path, bytes, a stream, several', async () => {
    const url = new URL('../../fixtures/linux-echo.pcap', import.meta.url);
    await expect(url).toCompleteHandshake();
    await expect(fixture('linux-echo.pcap')).toCompleteHandshake();
    async function* chunks() {
      const bytes = fixture('linux-echo.pcap');
      for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
    }
    await expect(chunks()).toCompleteHandshake();
    await expect([url, fixture('linux-half-close.pcap')]).toCompleteHandshake({ expectFlows: '1' });
  });
});
