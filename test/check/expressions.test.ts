import { describe, expect, test } from 'vitest';
import { FINDING_IDS } from '../../src/detect/catalogue.ts';
import { closing, expectOn, fixture, HANDSHAKE, pcapOf, RESENT, say } from './support.ts';

// Timeline of the scenario, by hand: the SYN at 0, data at 30 ms, the same again at 330 ms, FIN at 400 ms.

/** Opened, one answer of 1000 bytes, not closed: the capture ends at 70 ms. */
const OPEN = pcapOf(`${HANDSHAKE}
  0.030 > P.  1:101(100) ack 1
  0.050 < P.  1:1001(1000) ack 101
  0.070 > .   ack 1001`);

/** The file ends in the middle of its last packet. */
const CUT = OPEN.subarray(0, OPEN.length - 3);

/** Begins after the handshake. */
const MIDSTREAM = pcapOf(`
  0.000 > P.  1:101(100) ack 1 win 500
  0.020 < .   ack 101 win 400
  0.030 > P.  101:201(100) ack 1 win 500
  0.050 < .   ack 201 win 400`);

/** The server has room for 100 bytes, and none from 50 ms to 250 ms. */
const CLOSED_WINDOW = pcapOf(`${HANDSHAKE.replace('win 65160', 'win 100')}
  0.030 > P.  1:101(100) ack 1
  0.050 < .   ack 101 win 0
  0.250 < .   ack 101 win 255 ${closing(101, 1, 0.4)}`);

const RESET = pcapOf(`${HANDSHAKE}
  0.030 > P.  1:101(100) ack 1
  0.050 < R.  seq 1 ack 101`);

const REFUSED = pcapOf(`
  0.000 > S   seq 0 win 64240 <mss 1460>
  0.020 < R.  seq 0 ack 1`);

type Row = [outcome: 'pass' | 'fail' | 'inconclusive', capture: Uint8Array, expression: string];

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    test.each(rows.map(([outcome, capture, expression]) => ({ outcome, capture, expression })))(
      '$outcome: $expression',
      async ({ outcome, capture, expression }) => {
        const result = await expectOn(capture, expression);
        expect(result.outcome, await say(capture, expression)).toBe(outcome);
      },
    );
  });
}

table('counts and ratios', [
  ['fail', RESENT, 'retransmissions.count == 0'],
  ['pass', RESENT, 'retransmissions.count == 1'],
  ['pass', OPEN, 'retransmissions.count == 0'],
  // Cut: there may have been one after the cut, but not fewer than none.
  ['inconclusive', CUT, 'retransmissions.count == 0'],
  ['pass', CUT, 'retransmissions.count >= 0'],
  // Two packets with data, one of them a repeat.
  ['pass', RESENT, 'retransmissions.ratio == 50%'],
  ['fail', RESENT, 'retransmissions.ratio < 1%'],
  ['pass', RESENT, 'retransmissions.bytes == 100'],
  ['pass', RESENT, 'client.retransmissions.count == 1 && server.retransmissions.count == 0'],
  ['pass', RESENT, 'client.data_packets == 2'],
  ['pass', RESENT, 'client.payload_bytes == 200 && client.stream_bytes == 100'],
  ['pass', OPEN, 'server.payload_bytes == 1kB'],
  ['fail', OPEN, 'server.payload_bytes >= 1KiB'],
  ['pass', RESET, 'resets.count == 1 && server.resets.count == 1'],
]);

table('aggregations', [
  // Round trips of the client's side: SYN 20 ms, FIN 20 ms; the data was sent twice and gives none (Karn).
  ['pass', RESENT, 'p(95, rtt) < 50ms'],
  ['pass', RESENT, 'max(rtt) == 20ms && min(rtt) == 20ms && avg(rtt) == 20ms'],
  ['fail', RESENT, 'rtt.p95 < 10ms'],
  ['pass', RESENT, 'count(packets) == 9'],
  ['pass', RESENT, 'count(packets, flags.fin) == 2'],
  ['fail', RESENT, 'count(packets, flags.rst) == 1'],
  ['inconclusive', CUT, 'count(packets, flags.rst) == 0'],
  // 9 packets in 0.42 s.
  ['pass', RESENT, 'rate(packets) > 21/s && rate(packets) < 22/s'],
  ['fail', RESENT, 'rate(packets) > 1000/s'],
  ['inconclusive', CUT, 'rate(packets) > 1/s'],
  ['pass', RESENT, 'sum(packets.map(p, p.payload)) == 200B'],
  ['fail', RESENT, 'max(packets.map(p, p.gap)) < 100ms'],
  ['inconclusive', CUT, 'p(95, rtt) < 1s'],
  // The longest that was seen may be less than the longest that was.
  ['fail', CUT, 'max(rtt) < 1ms'],
  ['inconclusive', CUT, 'max(rtt) < 1s'],
  ['pass', RESENT, 'rate(client.payload_bytes) > 3.8kbit/s && rate(client.payload_bytes) < 3.9kbit/s'],
]);

table('states', [
  ['pass', RESENT, 'client.state == "TIME-WAIT"'],
  ['pass', RESENT, 'server.state == CLOSED'],
  ['fail', OPEN, 'client.state == TIME_WAIT'],
  ['inconclusive', CUT, 'client.state == "ESTABLISHED"'],
  ['pass', RESENT, 'reached("CLOSE-WAIT")'],
  ['fail', RESENT, 'reached("CLOSING")'],
  ['pass', fixture('linux-simultaneous-close.pcap'), 'client.reached(CLOSING) && server.reached(CLOSING)'],
  ['pass', fixture('linux-simultaneous-open.pcap'), 'reached("SYN-RECEIVED")'],
  ['inconclusive', CUT, 'reached("CLOSING")'],
  ['pass', CUT, 'reached("ESTABLISHED")'],
]);

table('handshake and options', [
  ['pass', OPEN, 'handshake.complete'],
  ['pass', OPEN, 'handshake.duration == 20ms'],
  ['fail', REFUSED, 'handshake.complete'],
  ['inconclusive', MIDSTREAM, 'handshake.complete'],
  ['pass', OPEN, 'client.options.wscale >= 7 && server.options.wscale == 8'],
  ['fail', OPEN, 'client.options.wscale > 7'],
  ['inconclusive', MIDSTREAM, 'client.options.wscale >= 7'],
  // Not offered is no number: every comparison but != is false.
  ['fail', REFUSED, 'client.options.wscale >= 0'],
  ['pass', REFUSED, '!has(client.options.wscale) && client.options.wscale == null'],
  ['pass', OPEN, 'has(client.options.wscale)'],
  ['pass', OPEN, 'server.options.mss == 1400 && server.options.sack_permitted && !server.options.timestamps'],
  // 502 with a scale of 7 are 64256 bytes.
  ['pass', OPEN, 'client.window.max == 64256'],
  ['inconclusive', MIDSTREAM, 'client.window.max > 1kB'],
]);

table('windows', [
  ['pass', CLOSED_WINDOW, 'zero_window.total_time == 200ms'],
  ['pass', CLOSED_WINDOW, 'server.zero_window.count == 1 && client.zero_window.count == 0'],
  ['fail', CLOSED_WINDOW, 'zero_window.total_time < 100ms'],
  ['inconclusive', CUT, 'zero_window.total_time < 100ms'],
]);

table('how it ended', [
  ['pass', RESENT, 'close == "fin"'],
  ['pass', RESENT, 'close in [fin, open]'],
  ['pass', OPEN, 'close in ["fin", "open"]'],
  ['fail', RESET, 'close in [fin, open]'],
  ['pass', REFUSED, 'close == refused'],
  ['inconclusive', CUT, 'close == open'],
  ['pass', RESENT, 'conn_state == "SF" && conn_state.matches("^S[0-3F]$")'],
  ['fail', RESET, 'history.contains("F")'],
  ['pass', RESENT, 'history.startsWith("S") && !history.endsWith("R")'],
]);

table('order and time', [
  // The client's last ACK, at 420 ms, takes it to TIME-WAIT.
  ['pass', RESENT, 'eventually(client.state == "TIME-WAIT", within: 2s)'],
  ['fail', RESENT, 'eventually(client.state == "TIME-WAIT", within: 300ms)'],
  ['inconclusive', OPEN, 'eventually(client.state == "TIME-WAIT", within: 2s)'],
  ['fail', OPEN, 'eventually(client.state == "TIME-WAIT", within: 60ms)'],
  ['inconclusive', OPEN, 'eventually(flags.fin)'],
  ['inconclusive', CUT, 'eventually(client.state == "TIME-WAIT", within: 60ms)'],
  ['pass', RESENT, 'eventually(client.state == ESTABLISHED && server.state == ESTABLISHED)'],
  ['pass', RESENT, 'never(flags.rst)'],
  ['fail', RESET, 'never(flags.rst)'],
  ['inconclusive', CUT, 'never(flags.rst)'],
  ['pass', RESENT, 'before(flags.syn, payload > 0)'],
  ['fail', RESENT, 'before(flags.fin, payload > 0)'],
  ['inconclusive', RESENT, 'before(flags.rst, flags.urg)'],
  ['inconclusive', CUT, 'before(flags.syn, payload > 0)'],
  ['pass', RESENT, 'followed_by(retransmission, flags.fin, within: 100ms)'],
  ['fail', RESENT, 'followed_by(retransmission, flags.fin, within: 50ms)'],
  // Nothing to follow: a rule about nothing does not pass.
  ['inconclusive', RESENT, 'followed_by(flags.rst, flags.fin)'],
  ['inconclusive', OPEN, 'followed_by(flags.syn, flags.fin, within: 10s)'],
  ['fail', OPEN, 'followed_by(flags.syn, flags.fin, within: 10ms)'],
  ['inconclusive', CUT, 'followed_by(flags.syn, payload > 0, within: 1s)'],
]);

table('lists', [
  ['pass', RESENT, 'packets.exists(p, p.payload == 100)'],
  ['fail', RESENT, 'packets.exists(p, p.payload > 100)'],
  ['inconclusive', CUT, 'packets.exists(p, p.payload > 2000)'],
  ['pass', CUT, 'packets.exists(p, p.flags.syn)'],
  ['pass', RESENT, 'packets.all(p, p.payload <= 100)'],
  ['fail', RESENT, 'packets.all(p, p.from == client)'],
  ['inconclusive', CUT, 'packets.all(p, p.payload <= 1400)'],
  // What is said of all of nothing is true, and worthless.
  ['inconclusive', OPEN, 'retransmissions.packets.all(p, p.gap > 1s)'],
  ['pass', RESENT, 'packets.none(flags.rst)'],
  ['fail', RESENT, 'packets.none(retransmission)'],
  ['pass', RESENT, 'packets.any(retransmission)'],
  ['pass', RESENT, 'packets.filter(p, p.from == client && p.payload > 0).count == 2'],
  ['pass', RESENT, 'packets[0].flags.syn && packets[1].from == server'],
  ['pass', RESENT, 'packets[4].kind == retransmission'],
  ['pass', RESENT, 'packets.size() == 9 && size(packets) == 9'],
]);

table('findings', [
  ['fail', CLOSED_WINDOW, 'anomalies.none(severity >= warning)'],
  ['pass', CLOSED_WINDOW, 'anomalies.none(severity >= warning, except: [zero-window, window-full])'],
  ['pass', CLOSED_WINDOW, 'anomalies.any(id == "zero-window" && severity == warning)'],
  ['pass', CLOSED_WINDOW, 'anomalies.count(id == zero-window) == 1'],
  ['pass', CLOSED_WINDOW, 'never(anomaly(packet-loss))'],
  ['fail', CLOSED_WINDOW, 'never(anomaly(zero-window))'],
  ['inconclusive', CUT, 'anomalies.none(severity >= error)'],
  ['pass', OPEN, 'anomalies.none(severity >= error)'],
]);

table('addresses and ports', [
  ['pass', OPEN, 'client.ip in 10.0.0.0/8'],
  ['fail', OPEN, 'client.ip in 192.168.0.0/16'],
  ['pass', OPEN, 'client.ip in [192.168.0.0/16, 10.0.0.1]'],
  ['pass', OPEN, 'client.ip == "10.0.0.1" && client.ip != server.ip'],
  ['fail', OPEN, 'client.ip in ::/0'],
  ['pass', OPEN, 'server.port in [80, 443] || server.port == 2222 || server.port > 0'],
  ['fail', OPEN, 'server.port in [1, 2]'],
]);

table('the capture as a whole', [
  ['pass', OPEN, 'capture.packets == 6 && capture.tcp_packets == 6'],
  ['pass', OPEN, 'capture.duration == 70ms'],
  ['pass', OPEN, 'capture.complete'],
  ['fail', CUT, 'capture.complete'],
  ['inconclusive', CUT, 'capture.packets == 5'],
  ['pass', CUT, 'capture.packets >= 5'],
  ['inconclusive', OPEN, 'capture.dropped == 0'],
  ['pass', OPEN, 'flows.count == 1 && flows.all(f, f.handshake.complete)'],
  ['fail', OPEN, 'flows.exists(f, f.server.port == 9999)'],
  ['pass', RESENT, 'flows.all(f, eventually(client.state == "TIME-WAIT"))'],
  ['pass', OPEN, 'rate(capture.packets) > 85/s'],
  ['fail', CLOSED_WINDOW, 'capture.anomalies.none(severity >= warning)'],
]);

table('logic', [
  // A side that decides does so even when the other cannot be told.
  ['fail', MIDSTREAM, 'handshake.complete && client.port == 1'],
  ['pass', MIDSTREAM, 'handshake.complete || client.port > 1'],
  ['inconclusive', MIDSTREAM, 'handshake.complete && client.port > 1'],
  ['inconclusive', MIDSTREAM, '!handshake.complete'],
  ['pass', RESENT, '!(retransmissions.count == 0)'],
  ['pass', OPEN, 'client.port > 1000 ? handshake.complete : false'],
  ['pass', OPEN, '1kB + 24B == 1KiB && 2 * 50ms == 0.1s && 10MB / 1s == 10MB/s && 7 % 4 == 3 && -1 < 0'],
  ['inconclusive', OPEN, 'client.port / retransmissions.count > 1'],
  // At least five packets, at most any number: their double is at least ten.
  ['pass', CUT, 'capture.packets * 2 >= 10'],
  ['fail', CUT, '10 - capture.packets > 5'],
]);

describe('what is said', () => {
  test('a failure tells the value and the packets', async () => {
    const { cases } = await expectOn(RESENT, 'retransmissions.count == 0');
    expect(cases).toEqual([
      {
        outcome: 'fail',
        stream: 0,
        flow: expect.stringMatching(/^10\.0\.0\.1:\d+ -> 10\.0\.0\.2:\d+$/),
        reason: null,
        found: [{ text: 'retransmissions.count', value: '1', wanted: '0', examples: [], packets: [4, 5] }],
        packets: [4, 5],
      },
    ]);
  });

  test('only what decided is told', async () => {
    expect(await say(RESENT, 'handshake.complete && retransmissions.count == 0')).toBe(
      'fail: retransmissions.count is 1',
    );
  });

  test('values have units', async () => {
    expect(await say(RESENT, 'rtt.max < 10ms')).toBe('fail: rtt.max is 20 ms');
    expect(await say(OPEN, 'server.payload_bytes > 1MB')).toBe('fail: server.payload_bytes is 0.001 MB');
  });

  // By hand: 1000 bytes of the server, round trips of 20 ms, one retransmission.
  test.each([
    [RESENT, 'rtt.max < 1us', 'rtt.max is 20000 us'],
    [RESENT, 'rtt.max > 1s', 'rtt.max is 0.02 s'],
    [RESENT, '1s < rtt.max', 'rtt.max is 0.02 s'],
    [RESENT, 'rtt.max < 2 * 5ms', 'rtt.max is 20 ms'],
    [RESENT, 'retransmissions.count / 16 < 1%', 'retransmissions.count / 16 is 6.25%'],
    [RESENT, 'retransmissions.count / 16 < 0.01', 'retransmissions.count / 16 is 0.0625'],
    [OPEN, 'server.payload_bytes > 1MiB', 'server.payload_bytes is 0.0009537 MiB'],
    [OPEN, 'server.payload_bytes < 1kbit', 'server.payload_bytes is 8 kbit'],
    [OPEN, 'server.payload_bytes < 500', 'server.payload_bytes is 1000 B'],
    [OPEN, 'server.payload_bytes / 1s > 1Mbit/s', 'server.payload_bytes / 1s is 0.008 Mbit/s'],
    [OPEN, 'server.payload_bytes / 1s > 1MB/s', 'server.payload_bytes / 1s is 0.001 MB/s'],
  ])('an answer comes in the unit of the rule: %#', async (capture, condition, found) => {
    expect(await say(capture, condition)).toBe(`fail: ${found}`);
  });

  test.each([
    [CUT, 'retransmissions.count == 0', /the input is cut or damaged: .*\(test\.pcap, byte \d+\)/],
    [MIDSTREAM, 'client.options.wscale >= 7', /the SYN of the client was not captured, so its options are unknown/],
    [MIDSTREAM, 'client.window.max > 1kB', /the handshake was not captured, so the window scale is unknown/],
    [
      OPEN,
      'eventually(flags.fin, within: 2s)',
      /the capture ends 70\.0 ms after the connection began, before the 2\.00 s are over/,
    ],
    [
      fixture('tshark-17-capture-drop.pcap'),
      'retransmissions.count == 0',
      /the capture does not hold \d+ bytes that the server sent|client sent/,
    ],
  ])('inconclusive says why: %#', async (capture, expression, reason) => {
    expect(await say(capture, expression)).toMatch(/^inconclusive: /);
    expect(await say(capture, expression)).toMatch(reason);
  });

  test('every finding of the catalogue can be excepted', async () => {
    const { outcome } = await expectOn(CLOSED_WINDOW, `anomalies.none(except: [${FINDING_IDS.join(', ')}])`);
    expect(outcome).toBe('pass');
  });
});
