import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { closing, HANDSHAKE, pcapOf, say } from './support.ts';

/** What a capture at the server shows of the same handshake. */
const HANDSHAKE_AT_SERVER = `
  0.000    > S   seq 0 win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 7>
  0.000010 < S.  seq 0 ack 1 win 65160 <mss 1400,nop,nop,sackOK,nop,wscale 8>
  0.020010 > .   ack 1 win 502`;

/** The same at the client. */
const HANDSHAKE_AT_CLIENT = HANDSHAKE.replace('0.020 > .', '0.020010 > .');

/** Of a capture that was made where `lines` are seen. */
function capture(lines: string): Uint8Array {
  return pcapOf(lines);
}

/** Two segments arrive, the first of three was lost and comes again: as the receiver (the server) sees it. */
const HOLE = capture(`${HANDSHAKE_AT_SERVER}
  0.020020 > P.  seq 101:201 ack 1 win 502
  0.020030 < .   ack 1 win 255 <sack 101:201,nop,nop>
  0.020040 > P.  seq 201:301 ack 1 win 502
  0.020050 < .   ack 1 win 255 <sack 101:301,nop,nop>
  0.020060 > P.  seq 301:401 ack 1 win 502
  0.020070 < .   ack 1 win 255 <sack 101:401,nop,nop>
  0.041 > P.  seq 1:101 ack 1 win 502
  0.041 < .   ack 401 win 255`);

describe('what was lost before the point of capture', () => {
  test('lost does not count it, and says so', async () => {
    expect(await say(HOLE, 'client.lost.count == 0')).toMatch(
      /^inconclusive: captured at the receiver \(10\.0\.0\.2\): what was lost before/,
    );
    expect(await say(HOLE, 'lost.count == 0')).toMatch(/^inconclusive/);
    expect(await say(HOLE, 'lost.packets.none()')).toMatch(/^inconclusive/);
  });

  test('undelivered counts what shows of it', async () => {
    expect(await say(HOLE, 'client.undelivered.count == 0')).toBe('fail: client.undelivered.count is at least 1');
    expect(await say(HOLE, 'client.undelivered.count >= 1')).toBe('pass');
    expect(await say(HOLE, 'client.undelivered.count <= 1')).toMatch(/^inconclusive: .*at least one copy was lost/);
    expect(await say(HOLE, 'server.undelivered.count == 0')).toBe('pass');
  });

  test('a segment that comes in order after a pause may be a repetition', async () => {
    const at = (pause: number) => {
      const time = (0.02001 + pause).toFixed(6);
      return capture(`${HANDSHAKE_AT_SERVER}
        0.020010 > P.  seq 1:101 ack 1 win 502 id 0
        0.020010 < .   ack 101 win 255
        ${time} > P.  seq 101:201 ack 1 win 502 id 0
        ${time} < .   ack 201 win 255`);
    };
    // The round trip is 20 ms: one microsecond less than that is no time for a retransmission.
    for (const name of ['retransmissions', 'undelivered', 'lost', 'retransmissions.rto']) {
      expect(await say(at(0.019999), `client.${name}.count == 0`), name).toBe('pass');
      expect(await say(at(0.02), `client.${name}.count == 0`), name).toMatch(/^inconclusive: captured at the receiver/);
    }
  });
});

describe('what happens after the point of capture', () => {
  const SENT = capture(`${HANDSHAKE_AT_CLIENT}
    0.020020 > P.  seq 1:101 ack 1 win 502
    0.020030 > P.  seq 101:201 ack 1 win 502
    0.040 < .   ack 201 win 255
    0.040 < P.  seq 1:11 ack 201 win 255
    0.040 > .   ack 11 win 502${closing(201, 11, 0.05)}`);

  test('lost is known at the sender', async () => {
    expect(await say(SENT, 'client.lost.count == 0')).toBe('pass');
    expect(await say(SENT, 'client.undelivered.count == 0')).toBe('pass');
    expect(await say(SENT, 'never(lost)')).toBe('pass');
  });

  test('packets overtake one another unseen, but for the receiver', async () => {
    expect(await say(SENT, 'client.reordered.count == 0')).toMatch(/^inconclusive: captured at the sender/);
    expect(await say(SENT, 'server.reordered.count == 0')).toBe('pass');
  });

  test('what was not acknowledged may have been lost', async () => {
    const open = capture(`${HANDSHAKE_AT_CLIENT}
      0.020020 > P.  seq 1:101 ack 1 win 502
      0.040 < .   ack 101 win 255
      0.040 > P.  seq 101:201 ack 1 win 502`);
    expect(await say(open, 'client.lost.count == 0')).toBe(
      'inconclusive: the capture does not show whether 1 segment of the client arrived',
    );
    expect(await say(open, 'client.lost.count <= 1')).toBe('pass');
    expect(await say(open, 'client.lost.count < 1')).toMatch(/^inconclusive/);
    expect(await say(open, 'never(lost)')).toBe('inconclusive: the capture does not show whether packet 6 arrived');
  });

  test('which retransmissions were not needed', async () => {
    const again = capture(`${HANDSHAKE_AT_CLIENT}
      0.020020 > P.  seq 1:101 ack 1 win 502
      0.320 > P.  seq 1:101 ack 1 win 502
      0.340 < .   ack 101 win 255${closing(101, 1, 0.35)}`);
    expect(await say(again, 'client.retransmissions.spurious.count == 0')).toMatch(/^inconclusive: only a capture/);
    expect(await say(again, 'client.retransmissions.spurious.count <= 1')).toBe('pass');
    expect(await say(again, 'server.retransmissions.spurious.count == 0')).not.toMatch(/only a capture/);
  });
});

describe('one direction', () => {
  const ONE = capture(`
    0.000 > S   seq 0 win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 7>
    0.020 > .   ack 1 win 502
    0.021 > P.  seq 1:101 ack 1 win 502
    0.100 > P.  seq 101:201 ack 1 win 502`);

  test.each([
    'server.packets == 0',
    'server.zero_window.count == 0',
    'server.zero_window.total_time == 0ms',
    'server.resets.count == 0',
    'server.retransmissions.count == 0',
    'retransmissions.count == 0',
    'lost.count == 0',
    'undelivered.count == 0',
    'reordered.count == 0',
    'zero_window.count == 0',
    'resets.count == 0',
    'packet_count == 4',
    'never(flags.rst)',
    'history == "Sad"',
    'conn_state == "OTH"',
    'reached("CLOSING")',
  ])('%s is not known', async (condition) => {
    expect(await say(ONE, condition)).toMatch(
      /^inconclusive: only one direction was captured: no packet of the server/,
    );
  });

  test('an end that never answered is no such case', async () => {
    const unanswered = capture(`
      0.000 > S   seq 0 win 64240 <mss 1460>
      1.000 > S   seq 0 win 64240 <mss 1460>`);
    expect(await say(unanswered, 'server.packets == 0')).toBe('pass');
  });
});

describe('a capture that begins in the middle', () => {
  const MIDDLE = capture(`
    0.000 > P.  seq 1:101 ack 1 win 502
    0.020 < P.  seq 1:11 ack 101 win 255
    0.020 > .   ack 11 win 502`);

  test.each([
    ['syns.count == 0', /^inconclusive: the handshake was not captured/],
    ['client.retransmissions.syn.count == 0', /^inconclusive: a SYN that was lost/],
    ['client.reached("SYN-SENT")', /^inconclusive: nothing shows the first states of the client/],
    ['client.window.last > 0B', /^inconclusive: the handshake was not captured/],
    ['client.options.mss == 1460', /^inconclusive: the SYN/],
    ['handshake.complete', /^inconclusive/],
  ])('%s', async (condition, outcome) => {
    expect(await say(MIDDLE, condition)).toMatch(outcome);
  });
});

describe('round trips', () => {
  test('between the hosts they are a part of the whole, and the two parts bound it', async () => {
    const middle = capture(`
      0.000 > S   seq 0 win 64240 <mss 1460>
      0.020 < S.  seq 0 ack 1 win 65160 <mss 1400>
      0.030 > .   ack 1 win 502
      0.030 > P.  seq 1:101 ack 1 win 502
      0.050 < .   ack 101 win 255
      0.060 > F.  seq 101 ack 1 win 502
      0.080 < F.  seq 1 ack 102 win 255
      0.090 > .   ack 2 win 502`);
    expect(await say(middle, 'rtt.max < 31ms')).toBe('pass');
    expect(await say(middle, 'rtt.p95 < 25ms')).toMatch(/^inconclusive: captured between the hosts/);
    expect(await say(middle, 'rtt.p95 < 20ms')).toBe('fail: rtt.p95 is at least 20 ms');
    expect(await say(middle, 'avg(rtt) > 31ms')).toMatch(/^fail/);
  });

  test('where nothing shows the place, a short one may be that to the nearer host', async () => {
    const download = capture(`
      0.000000 < P.  seq 1:101 ack 1 win 255
      0.000005 > .   ack 101 win 502
      0.001000 < P.  seq 101:201 ack 1 win 255
      0.001005 > .   ack 201 win 502`);
    expect(await say(download, 'rtt.p95 < 50ms')).toMatch(/^inconclusive: the capture does not show where it was made/);
  });
});

describe('snaplen', () => {
  const lines = `${HANDSHAKE_AT_CLIENT}
    0.020020 > P.  seq 1:101 ack 1 win 502
    0.040 < .   ack 101 win 255${closing(101, 1, 0.05)}`;
  const cut = pcapOf(lines, { snaplen: 80 });

  test('checksums of cut packets are not known', async () => {
    expect(await say(cut, 'client.bad_checksums.count == 0')).toBe(
      'inconclusive: the checksums of 1 segments could not be verified',
    );
    expect(await say(cut, 'client.bad_checksums.count <= 1')).toBe('pass');
    expect(await say(pcapOf(lines), 'client.bad_checksums.count == 0')).toBe('pass');
  });

  test('what the headers tell is known', async () => {
    expect(await say(cut, 'client.retransmissions.count == 0')).toBe('pass');
    expect(await say(cut, 'client.payload_bytes == 100B')).toBe('pass');
  });
});

const corpus = new URL('../../../shared/corpus/open/', import.meta.url);

/** The kernel's own record of what was lost, for captures at both ends of the same transfers. */
describe.skipIf(!existsSync(corpus))('captures of real transfers, at both ends', () => {
  const read = (name: string) => readFileSync(new URL(name, corpus));

  test.each([
    'single_loss_download',
    'burst_loss',
    'multi_loss_sack',
    'ipv6_loss',
    'no_options_loss',
    'fin_lost',
    'bulk_reno',
  ])('%s: a loss is denied at neither end', async (name) => {
    const lost = JSON.parse(read(`${name}/truth.json`).toString()).counts.lost as number;
    expect(lost).toBeGreaterThan(0);
    for (const end of ['client', 'server']) {
      const pcap = read(`${name}/${end}.pcap`);
      for (const figure of ['lost', 'undelivered', 'retransmissions'])
        expect(await say(pcap, `${figure}.count == 0`), `${figure} at the ${end}`).not.toBe('pass');
      expect(await say(pcap, `undelivered.count > ${lost}`), `at the ${end}`).not.toBe('pass');
    }
  });

  test.each(['single_loss_download', 'burst_loss', 'multi_loss_sack', 'ipv6_loss', 'bulk_reno'])(
    '%s: both ends tell what did not arrive',
    async (name) => {
      const lost = JSON.parse(read(`${name}/truth.json`).toString()).counts.lost as number;
      for (const end of ['client', 'server'])
        expect(await say(read(`${name}/${end}.pcap`), `undelivered.count >= ${lost}`), end).toBe('pass');
    },
  );

  test.each(['client', 'server'])('a transfer without a loss passes at the %s', async (end) => {
    const pcap = read(`ecn_ce/${end}.pcap`);
    for (const figure of ['undelivered', 'retransmissions'])
      expect(await say(pcap, `${figure}.count == 0`)).toBe('pass');
  });
});
