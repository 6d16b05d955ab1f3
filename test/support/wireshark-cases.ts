/**
 * Captures that tshark 4.0 misjudges, each with the true verdict on every frame as the note of its line:
 * `kind`, then the cause of a retransmission, then `spurious` if an earlier copy had already arrived.
 */
import { CAUSE_NAMES, type CauseName, KIND_NAMES, type KindName } from '../../src/model/verdict.ts';
import { type Scenario, type ScenarioOptions, scenario } from './scenario.ts';

export interface ExpectedVerdict {
  frame: number;
  kind: KindName;
  /** Of a retransmission; null for everything else. */
  cause: CauseName | null;
  spurious: boolean;
}

export interface WiresharkCase {
  /** Of the list of weaknesses, with a letter where one has several captures. */
  row: number;
  name: string;
  title: string;
  options: ScenarioOptions;
  text: string;
  /** What makes the verdict true, and by what the capture shows it. */
  why: string;
  /**
   * What tshark 4.0.17 says instead: all its tcp.analysis flags, frame by frame, and some other fields (`rto=0.2`, `!ack_rtt`
   * for one that is not there).
   */
  tshark: Record<number, string>;
}

export function build(wiresharkCase: WiresharkCase): { capture: Scenario; verdicts: ExpectedVerdict[] } {
  const capture = scenario(wiresharkCase.options, wiresharkCase.text);
  const verdicts = capture.lines.map(({ frame, note }): ExpectedVerdict => {
    const [first, second, ...rest] = note.split(' ');
    const kind = KIND_NAMES.find((name) => name === first);
    const cause = CAUSE_NAMES.find((name) => name === second) ?? null;
    if (!kind || (kind === 'retransmission') !== (cause !== null)) throw new Error(`not a verdict: ${note}`);
    return { frame, kind, cause, spurious: rest.includes('spurious') };
  });
  return { capture, verdicts };
}

/** Three frames, round trip time 20 ms, seen at the client unless a case says otherwise. */
const HANDSHAKE = `
  0.000000 > S   seq 0 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7>              # new
  0.020000 < S.  seq 0 ack 1 win 65160 <mss 1460,sackOK,TS val 7000 ecr 1000,nop,wscale 7>     # new
  0.020050 > .   ack 1 win 502 <nop,nop,TS val 1020 ecr 7000>                                  # ack`;

/** The same without SACK, time stamps or window scale. */
const PLAIN_HANDSHAKE = `
  0.000000 > S   seq 0 win 64240 <mss 1460>                                                    # new
  0.020000 < S.  seq 0 ack 1 win 65160 <mss 1460>                                              # new
  0.020050 > .   ack 1 win 64240                                                               # ack`;

/** With time stamps but without SACK: such a sender has no tail loss probe (RFC 8985 section 7.1), only its timer. */
const TIMED_HANDSHAKE = `
  0.000000 > S   seq 0 win 64240 <mss 1460,nop,nop,TS val 1000 ecr 0,nop,wscale 7>             # new
  0.020000 < S.  seq 0 ack 1 win 65160 <mss 1460,nop,nop,TS val 7000 ecr 1000,nop,wscale 7>    # new
  0.020050 > .   ack 1 win 502 <nop,nop,TS val 1020 ecr 7000>                                  # ack`;

export const WIRESHARK_CASES: readonly WiresharkCase[] = [
  {
    row: 1,
    name: '01-duplicate-frames',
    title: 'Frames that the capture holds twice are called retransmissions and duplicate ACKs',
    options: {},
    text: `${HANDSHAKE}
  0.030000 > P.  1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>                               # new
  0.030005 dup 4                                                                               # duplicate
  0.050000 < .   ack 101 win 509 <nop,nop,TS val 7030 ecr 1030>                                # ack
  0.050004 dup 6 vlan 20                                                                       # duplicate
  0.060000 < P.  1:501(500) ack 101 <nop,nop,TS val 7040 ecr 1030>                             # new
  0.060040 dup 8 ttl 63                                                                        # duplicate
  0.060050 > .   ack 501 <nop,nop,TS val 1060 ecr 7040>                                        # ack
  0.060090 dup 10 ttl 63                                                                       # duplicate`,
    why: `Same IP ID, same time stamps, same bytes, microseconds apart: no host sends like that. Twice from a mirror port,
      once with another VLAN tag, and before and after a router (TTL one less).`,
    tshark: { 5: 'retransmission rto=0.000005000', 7: 'duplicate_ack', 9: 'retransmission', 11: 'duplicate_ack' },
  },
  {
    row: 2,
    name: '02-keystroke-resent',
    title: 'One byte of data sent again is called a keep-alive',
    options: { server: '10.0.0.2:2222' },
    text: `${PLAIN_HANDSHAKE}
  0.100000 > P.  1:2(1) ack 1 "l"                                                              # new
  0.120000 < P.  1:2(1) ack 2 "l"                                                              # new
  0.120050 > .   ack 2                                                                         # ack
  0.300000 > P.  2:3(1) ack 2 "s"                                                              # new
  0.620000 > P.  2:3(1) ack 2 "s"                                                              # retransmission rto
  0.640000 < P.  2:3(1) ack 3 "s"                                                              # new
  0.640050 > .   ack 3                                                                         # ack`,
    why: `The byte was outstanding when it was sent again 320 ms later: a keep-alive begins below what is acknowledged
      (RFC 9293 section 3.8.4), at 1 here. The answer comes one round trip after the second copy.`,
    tshark: { 8: 'keep_alive' },
  },
  {
    row: 3,
    name: '03-ack-before-its-data',
    title: 'An ACK captured just before the data it acknowledges makes that data a spurious retransmission',
    options: {},
    text: `${HANDSHAKE}
  0.030000 > P.  1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>                               # new
  0.050000 < .   ack 101 win 509 <nop,nop,TS val 7030 ecr 1030>                                # ack
  0.050010 < P.  1:701(700) ack 101 <nop,nop,TS val 7030 ecr 1030>                             # new
  0.050060 > .   ack 1401 <nop,nop,TS val 1050 ecr 7030>                                       # ack
  0.050063 < P.  701:1401(700) ack 101 <nop,nop,TS val 7030 ecr 1030>                          # new`,
    why: `Only one copy of 701:1401 exists. It arrived before the ACK left; two queues of the capture were merged in the
      wrong order.`,
    tshark: { 7: 'ack_lost_segment', 8: 'retransmission spurious_retransmission' },
  },
  {
    row: 4,
    name: '04-repacketised',
    title: 'A retransmission that carries new bytes too makes the ACK of them "unseen"',
    options: {},
    text: `${TIMED_HANDSHAKE}
  0.030000 > P.  1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>                               # new
  0.330000 > P.  1:201(200) ack 1 <nop,nop,TS val 1330 ecr 7000>                               # retransmission rto
  0.350000 < .   ack 201 win 509 <nop,nop,TS val 7330 ecr 1330>                                # ack
  0.360000 > P.  201:301(100) ack 1 <nop,nop,TS val 1360 ecr 7330>                             # new
  0.380000 < .   ack 301 <nop,nop,TS val 7360 ecr 1360>                                        # ack`,
    why: `Frame 5 holds 1:101 again and 101:201 for the first time, so the ACK of 201 is of bytes that were seen. TSecr 1330
      says that the first copy had not arrived.`,
    tshark: { 5: 'retransmission', 6: 'ack_lost_segment' },
  },
  {
    row: 5,
    name: '05-dupacks-with-changing-window',
    title: 'Duplicate ACKs whose window shrinks are window updates, and the fast retransmission a plain one',
    options: {},
    text: `${PLAIN_HANDSHAKE}
  0.030000 > .   1:1001(1000) ack 1                                                            # new
  0.030010 > .   1001:2001(1000) ack 1                                                         # new
  0.030020 > .   2001:3001(1000) ack 1                                                         # new
  0.030030 > .   3001:4001(1000) ack 1                                                         # new
  0.030040 > .   4001:5001(1000) ack 1                                                         # new
  0.050100 < .   ack 1001 win 64000                                                            # ack
  0.050110 < .   ack 1001 win 63000                                                            # ack
  0.050120 < .   ack 1001 win 62000                                                            # ack
  0.050130 < .   ack 1001 win 61000                                                            # ack
  0.050180 > .   1001:2001(1000) ack 1                                                         # retransmission fast
  0.070200 < .   ack 5001 win 64000                                                            # ack`,
    why: `Three ACKs without data repeat 1001 while data is outstanding; that this receiver's window shrinks by what waits
      after the hole breaks condition (e) of RFC 5681's definition but not what they say. The retransmission leaves 50 us
      after the third.`,
    tshark: { 10: 'window_update', 11: 'window_update', 12: 'window_update', 13: 'retransmission' },
  },
  {
    row: 6,
    name: '06-second-hole',
    title: 'The second hole that SACK recovery repairs is a plain retransmission with an RTO',
    options: {},
    text: `${HANDSHAKE}
  0.030000 > .   1:1001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                             # new
  0.030010 > .   1001:2001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.030020 > .   2001:3001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.030030 > .   3001:4001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.030040 > .   4001:5001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.030050 > .   5001:6001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.030060 > .   6001:7001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.050100 < .   ack 1001 win 509 <nop,nop,TS val 7030 ecr 1030>                               # ack
  0.050120 < .   ack 1001 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 2001:3001>                # ack
  0.050140 < .   ack 1001 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 4001:5001 2001:3001>      # ack
  0.050150 < .   ack 1001 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 4001:6001 2001:3001>      # ack
  0.050160 < .   ack 1001 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 4001:7001 2001:3001>      # ack
  0.050200 > .   1001:2001(1000) ack 1 <nop,nop,TS val 1050 ecr 7030>                          # retransmission fast
  0.050210 > .   3001:4001(1000) ack 1 <nop,nop,TS val 1050 ecr 7030>                          # retransmission fast
  0.070300 < .   ack 3001 <nop,nop,TS val 7050 ecr 1050,nop,nop,sack 4001:7001>                # ack
  0.070310 < .   ack 7001 <nop,nop,TS val 7050 ecr 1050>                                       # ack`,
    why: `Both holes are sent again in one recovery, 20 ms after the first copies: no timer of 200 ms or more has run. The
      SACK blocks name both (RFC 6675).`,
    tshark: {
      12: 'duplicate_ack',
      13: 'duplicate_ack',
      14: 'duplicate_ack',
      15: 'duplicate_ack',
      16: 'retransmission fast_retransmission',
      17: 'retransmission rto=0.020200000',
    },
  },
  {
    row: 7,
    name: '07-fast-retransmission-over-a-wan',
    title: 'A fast retransmission that arrives more than 20 ms after the last duplicate ACK is called out of order',
    options: {},
    text: `
  0.000000 > S   seq 0 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7>              # new
  0.000040 < S.  seq 0 ack 1 win 65160 <mss 1460,sackOK,TS val 7000 ecr 1000,nop,wscale 7>     # new
  0.200000 > .   ack 1 win 502 <nop,nop,TS val 1200 ecr 7000>                                  # ack
  0.210000 > .   1:1449(1448) ack 1 <nop,nop,TS val 1210 ecr 7000>                             # new
  0.210040 < .   ack 1449 win 509 <nop,nop,TS val 7210 ecr 1210>                               # ack
  0.240000 > .   1449:2897(1448) ack 1 <nop,nop,TS val 1240 ecr 7000> missed
  0.270000 > .   2897:4345(1448) ack 1 <nop,nop,TS val 1270 ecr 7000>                          # new
  0.270040 < .   ack 1449 <nop,nop,TS val 7270 ecr 1210,nop,nop,sack 2897:4345>                # ack
  0.300000 > .   4345:5793(1448) ack 1 <nop,nop,TS val 1300 ecr 7000>                          # new
  0.300040 < .   ack 1449 <nop,nop,TS val 7300 ecr 1210,nop,nop,sack 2897:5793>                # ack
  0.330000 > .   5793:7241(1448) ack 1 <nop,nop,TS val 1330 ecr 7000>                          # new
  0.330040 < .   ack 1449 <nop,nop,TS val 7330 ecr 1210,nop,nop,sack 2897:7241>                # ack
  0.500000 > .   7241:8689(1448) ack 1 <nop,nop,TS val 1500 ecr 7000>                          # new
  0.500040 < .   ack 1449 <nop,nop,TS val 7500 ecr 1210,nop,nop,sack 2897:8689>                # ack
  0.530100 > .   1449:2897(1448) ack 1 <nop,nop,TS val 1530 ecr 7330>                          # retransmission fast
  0.530140 < .   ack 8689 <nop,nop,TS val 7530 ecr 1530>                                       # ack`,
    why: `Seen at the server, 200 ms away. The hole is filled one round trip after the third duplicate ACK left, by a segment
      whose IP ID and time stamp are later than those of all that came before it: it was sent again, not overtaken.`,
    tshark: {
      6: 'lost_segment',
      7: 'duplicate_ack',
      9: 'duplicate_ack',
      11: 'duplicate_ack',
      13: 'duplicate_ack',
      14: 'out_of_order',
    },
  },
  {
    row: 8,
    name: '08-tail-loss',
    title: 'A tail loss probe, a timeout and the recovery after it all look alike, with a wrong rto',
    options: {},
    text: `${HANDSHAKE}
  0.100000 > .   1:1449(1448) ack 1 <nop,nop,TS val 1100 ecr 7000>                             # new
  0.100010 > .   1449:2897(1448) ack 1 <nop,nop,TS val 1100 ecr 7000>                          # new
  0.100020 > P.  2897:3001(104) ack 1 <nop,nop,TS val 1100 ecr 7000>                           # new
  0.120100 < .   ack 2897 win 509 <nop,nop,TS val 7100 ecr 1100>                               # ack
  0.345000 > P.  2897:3001(104) ack 1 <nop,nop,TS val 1345 ecr 7100>                           # retransmission tlp
  0.365100 < .   ack 3001 <nop,nop,TS val 7345 ecr 1345>                                       # ack
  1.000000 > .   3001:4449(1448) ack 1 <nop,nop,TS val 2000 ecr 7345>                          # new
  1.000010 > .   4449:5897(1448) ack 1 <nop,nop,TS val 2000 ecr 7345>                          # new
  1.000020 > P.  5897:6001(104) ack 1 <nop,nop,TS val 2000 ecr 7345>                           # new
  1.042000 > P.  5897:6001(104) ack 1 <nop,nop,TS val 2042 ecr 7345>                           # retransmission tlp
  1.262000 > .   3001:4449(1448) ack 1 <nop,nop,TS val 2262 ecr 7345>                          # retransmission rto
  1.282100 < .   ack 4449 <nop,nop,TS val 8262 ecr 2262>                                       # ack
  1.282150 > .   4449:5897(1448) ack 1 <nop,nop,TS val 2282 ecr 8262>                          # retransmission rto-recovery
  1.282160 > P.  5897:6001(104) ack 1 <nop,nop,TS val 2282 ecr 8262>                           # retransmission rto-recovery
  1.302200 < .   ack 6001 <nop,nop,TS val 8282 ecr 2282>                                       # ack`,
    why: `With SACK agreed, the first repetition of a lost tail is a probe (RFC 8985 section 7.2): frame 8 repeats one
      segment, 225 ms after the last ACK, and frame 13 the end of a flight, two round trips after it was sent. The beginning
      of the flight 220 ms after the unanswered probe is the timer (frame 14); what follows on its first ACK needed no timer of
      its own.`,
    tshark: {
      8: 'retransmission',
      13: 'retransmission rto=0.042000000',
      14: 'retransmission rto=0.262000000',
      16: 'retransmission',
      17: 'retransmission rto=0.282150000',
    },
  },
  {
    row: 9,
    name: '09-window-probe-accepted',
    title: 'A window probe whose byte is accepted breaks the sequence: "unseen", then "not captured"',
    options: {},
    text: `${PLAIN_HANDSHAKE}
  0.030000 > P.  1:1001(1000) ack 1                                                            # new
  0.050000 < .   ack 1001 win 0                                                                # ack
  0.350000 > .   1001:1002(1) ack 1                                                            # window-probe
  0.370000 < .   ack 1001 win 0                                                                # ack
  0.970000 > .   1001:1002(1) ack 1                                                            # window-probe
  0.990000 < .   ack 1002 win 4000                                                             # ack
  0.990050 > .   1002:2002(1000) ack 1                                                         # new
  1.010000 < .   ack 2002 win 4000                                                             # ack`,
    why: `The probe's one byte was new data (RFC 9293 section 3.8.6.1); the receiver took it when its window opened, and the
      sender went on after it. Nothing is missing.`,
    tshark: {
      5: 'zero_window',
      6: 'zero_window_probe',
      7: 'zero_window zero_window_probe_ack',
      8: 'zero_window_probe',
      9: 'ack_lost_segment',
      10: 'lost_segment',
      11: 'ack_lost_segment',
    },
  },
  {
    row: 10,
    name: '10-port-and-isn-reused',
    title: 'A new connection with the old ISN, 100 s after a reset, is a retransmitted SYN with an RTO of 100 s',
    options: { connections: { B: { serverIsn: 305419896 } } },
    text: `${PLAIN_HANDSHAKE}
  0.030000 > P.  1:101(100) ack 1                                                              # new
  0.050000 < R.  ack 101                                                                       # ack
100.000000 > S   seq 0 win 64240 <mss 1460> conn B id 2000                                     # new
100.020000 < S.  seq 0 ack 1 win 65160 <mss 1460> conn B id 6000                               # new
100.020050 > .   ack 1 win 64240 conn B id 2001                                                # ack
100.030000 > P.  1:101(100) ack 1 conn B id 2002                                               # new
100.050000 < .   ack 101 conn B id 6001                                                        # ack`,
    why: `The reset ended the first connection; a SYN after it opens another, whatever its number.`,
    tshark: {
      6: 'retransmission rto=99.970000000',
      7: 'reused_ports lost_segment',
      8: 'ack_lost_segment',
      9: 'retransmission rto=100.000000000',
    },
  },
  {
    row: 11,
    name: '11-simultaneous-open',
    title: 'In a simultaneous open both SYN,ACKs are retransmissions and the last ACK a duplicate',
    options: { client: '10.0.0.1:5001', server: '10.0.0.2:5001' },
    text: `
  0.000000 > S   seq 0 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0>                           # new
  0.010000 < S   seq 0 win 64240 <mss 1460,sackOK,TS val 7000 ecr 0>                           # new
  0.010040 > S.  seq 0 ack 1 win 64240 <mss 1460,sackOK,TS val 1010 ecr 7000>                  # new
  0.020000 < S.  seq 0 ack 1 win 64240 <mss 1460,sackOK,TS val 7010 ecr 1000>                  # new
  0.020040 > .   ack 1 <nop,nop,TS val 1020 ecr 7010,nop,nop,sack 0:1>                         # ack
  0.030000 < .   ack 1 <nop,nop,TS val 7020 ecr 1010,nop,nop,sack 0:1>                         # ack
  0.040000 > P.  1:101(100) ack 1 <nop,nop,TS val 1040 ecr 7020>                               # new
  0.060000 < .   ack 101 <nop,nop,TS val 7050 ecr 1040>                                        # ack`,
    why: `RFC 9293 Figure 7: each side answers the other's SYN with its own SYN and the ACK. Nothing was lost and no timer
      ran; the SACK blocks name the SYN that came twice, as Linux does.`,
    tshark: { 3: 'retransmission', 4: 'retransmission', 5: 'duplicate_ack', 6: 'duplicate_ack' },
  },
  {
    row: 12,
    name: '12-blind-reset',
    title: 'A reset outside the window makes the stream "complete", though data goes on',
    options: {},
    text: `${HANDSHAKE}
  0.030000 > P.  1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>                               # new
  0.050000 < .   ack 101 win 509 <nop,nop,TS val 7030 ecr 1030>                                # ack
  0.100000 < R   seq 900000 win 0 id 31337 ttl 241                                             # ack
  0.100030 > .   ack 1 <nop,nop,TS val 1100 ecr 7030>                                          # ack
  0.200000 > P.  101:201(100) ack 1 <nop,nop,TS val 1200 ecr 7030>                             # new
  0.220000 < P.  1:501(500) ack 201 win 509 <nop,nop,TS val 7200 ecr 1200>                     # new
  0.220050 > .   ack 501 <nop,nop,TS val 1220 ecr 7200>                                        # ack`,
    why: `900000 is beyond the client's window (64256 bytes from 1), so the reset must be dropped (RFC 9293 section 3.10.7.4,
      RFC 5961 section 3.2); another TTL and IP ID show another sender. The states stay ESTABLISHED.`,
    tshark: { 7: 'duplicate_ack', 9: 'retransmission', 10: 'tcp.completeness=47' },
  },
  {
    row: 13,
    name: '13-other-bytes-in-the-same-place',
    title: 'Other bytes for a place in the stream that was already filled are only a retransmission',
    options: {},
    text: `${HANDSHAKE}
  0.030000 > P.  1:19(18) ack 1 "GET / HTTP/1.0\\r\\n\\r\\n" <nop,nop,TS val 1030 ecr 7000>         # new
  0.045000 < P.  1:30(29) ack 19 "HTTP/1.0 302 Go elsewhere\\r\\n\\r\\n" id 31337 ttl 241 <nop,nop,TS val 7030 ecr 1030> # new
  0.071000 < P.  1:30(29) ack 19 "HTTP/1.0 200 OK\\r\\n\\r\\nWelcome!\\r\\n" win 509 <nop,nop,TS val 7051 ecr 1030>  # retransmission unknown spurious
  0.085000 > .   ack 30 <nop,nop,TS val 1085 ecr 7030>                                         # ack`,
    why: `Frames 5 and 6 claim the same 29 bytes with different text, TTL and IP ID: the first was injected. Frame 6 repeats
      sequence numbers that had arrived; a finding has to say that its bytes differ.`,
    tshark: { 6: 'retransmission' },
  },
  {
    row: 14,
    name: '14-next-sequence-number-zero',
    title: 'When the next sequence number is exactly 0, a retransmission goes unseen',
    options: { clientIsn: 2 ** 32 - 101 },
    text: `${TIMED_HANDSHAKE}
  0.030000 > P.  1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>                               # new
  0.330000 > P.  1:101(100) ack 1 <nop,nop,TS val 1330 ecr 7000>                               # retransmission rto
  0.350000 < .   ack 101 win 509 <nop,nop,TS val 7330 ecr 1330>                                # ack`,
    why: `The data ends at 2^32, which is sequence number 0 and no "unset".`,
    tshark: {},
  },
  {
    row: 15,
    name: '15a-beyond-the-window',
    title: 'Data beyond the offered window is not mentioned',
    options: {},
    text: `
  0.000000 > S   seq 0 win 64240 <mss 1460>                                                    # new
  0.020000 < S.  seq 0 ack 1 win 2000 <mss 1460>                                               # new
  0.020050 > .   ack 1 win 64240                                                               # ack
  0.030000 > .   1:1001(1000) ack 1                                                            # new
  0.030010 > .   1001:1501(500) ack 1                                                          # new
  0.030020 > .   1501:2501(1000) ack 1                                                         # new
  0.030030 > .   2501:3501(1000) ack 1                                                         # new
  0.050000 < .   ack 2001 win 0                                                                # ack`,
    why: `The window ends at 2001: frame 6 goes over it and frame 7 lies beyond it, and the receiver keeps only what fits.`,
    tshark: { 8: 'zero_window' },
  },
  {
    row: 15,
    name: '15b-scale-unknown',
    title: 'Without the handshake a window is shown as if it were not scaled, and window full is never said',
    options: {},
    text: `
  0.000000 < .   100001:101449(1448) ack 5001 win 509 <nop,nop,TS val 7030 ecr 1030>           # new
  0.000010 < .   101449:102897(1448) ack 5001 <nop,nop,TS val 7030 ecr 1030>                   # new
  0.000040 > .   5001:5001(0) ack 102897 win 2 <nop,nop,TS val 1031 ecr 7030>                  # ack
  0.000050 < .   102897:103153(256) ack 5001 <nop,nop,TS val 7030 ecr 1030>                    # new
  0.200000 > .   5001:5001(0) ack 103153 win 0 <nop,nop,TS val 1231 ecr 7030>                  # ack`,
    why: `A window of "2" took 256 bytes at once: the shift is 7 at least. Frame 4 fills it.`,
    tshark: { 3: 'tcp.window_size=2', 5: 'zero_window' },
  },
  {
    row: 16,
    name: '16-round-trips',
    title: 'No RTT from a partial ACK, and one from the first copy after a retransmission',
    options: {},
    text: `
  0.000000 > S   seq 0 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7>              # new
  1.000000 > S   seq 0 win 64240 <mss 1460,sackOK,TS val 2000 ecr 0,nop,wscale 7>              # retransmission syn
  1.050000 < S.  seq 0 ack 1 win 65160 <mss 1460,sackOK,TS val 7000 ecr 2000,nop,wscale 7>     # new
  1.050050 > .   ack 1 win 502 <nop,nop,TS val 2050 ecr 7000>                                  # ack
  1.100000 > P.  1:14481(14480) ack 1 <nop,nop,TS val 2100 ecr 7000> offload                   # new
  1.150100 < .   ack 7241 win 509 <nop,nop,TS val 7100 ecr 2100>                               # ack
  1.150300 < .   ack 14481 <nop,nop,TS val 7100 ecr 2100>                                      # ack`,
    why: `TSecr 2000 says that the second SYN was answered: 50 ms, not 1050 (Karn; RFC 6298 section 3, RFC 7323 section 4).
      Frame 6 acknowledges the first half of one super-segment of segmentation offload, sent 50.1 ms before.`,
    tshark: { 2: 'retransmission', 3: 'ack_rtt=1.050000000', 6: '!ack_rtt' },
  },
  {
    row: 17,
    name: '17-capture-drop',
    title: 'A segment that only the capture missed is announced twice, without saying that it arrived',
    options: {},
    text: `${HANDSHAKE}
  0.030000 > .   1:1001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                             # new
  0.030010 > .   1001:2001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000> missed
  0.030020 > .   2001:3001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.030030 > P.  3001:4001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.050100 < .   ack 2001 win 509 <nop,nop,TS val 7030 ecr 1030>                               # ack
  0.050110 < .   ack 4001 <nop,nop,TS val 7030 ecr 1030>                                       # ack`,
    why: `The ACK of 2001 one round trip later, without a duplicate ACK or a retransmission, proves that the receiver had
      what the capture has not. An IP ID is missing in the row too.`,
    tshark: { 5: 'lost_segment', 7: 'ack_lost_segment' },
  },
  {
    row: 18,
    name: '18a-reordered-late',
    title: 'Reordering by more than a round trip is called a retransmission, and never revised',
    options: {},
    text: `
  0.000000 > S   seq 0 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7>              # new
  0.000040 < S.  seq 0 ack 1 win 65160 <mss 1460,sackOK,TS val 7000 ecr 1000,nop,wscale 7>     # new
  0.020000 > .   ack 1 win 502 <nop,nop,TS val 1020 ecr 7000>                                  # ack
  0.030000 > .   1:1001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000> id 1002                     # new
  0.030040 < .   ack 1001 win 509 <nop,nop,TS val 7030 ecr 1030>                               # ack
  0.031000 > .   2001:3001(1000) ack 1 <nop,nop,TS val 1031 ecr 7000> id 1004                  # new
  0.031040 < .   ack 1001 <nop,nop,TS val 7031 ecr 1030,nop,nop,sack 2001:3001>                # ack
  0.061000 > .   1001:2001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000> id 1003                  # reordered
  0.061040 < .   ack 3001 <nop,nop,TS val 7061 ecr 1030>                                       # ack
  0.071000 > P.  3001:4001(1000) ack 1 <nop,nop,TS val 1071 ecr 7061> id 1005                  # new
  0.071040 < .   ack 4001 <nop,nop,TS val 7071 ecr 1071>                                       # ack`,
    why: `Seen at the server. Frame 8 has an IP ID and a time stamp from before frame 6: it was sent first and overtaken.
      One duplicate ACK retransmits nothing, and no second copy ever comes.`,
    tshark: { 6: 'lost_segment', 7: 'duplicate_ack', 8: 'retransmission' },
  },
  {
    row: 18,
    name: '18b-needless-fast-retransmission',
    title: 'A fast retransmission that a later D-SACK proves needless stays a plain loss repair',
    options: {},
    text: `${HANDSHAKE}
  0.030000 > .   1:1001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                             # new
  0.030010 > .   1001:2001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.030020 > .   2001:3001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.030030 > .   3001:4001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.030040 > .   4001:5001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>                          # new
  0.050100 < .   ack 1001 win 509 <nop,nop,TS val 7030 ecr 1030>                               # ack
  0.050110 < .   ack 1001 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 2001:3001>                # ack
  0.050120 < .   ack 1001 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 2001:4001>                # ack
  0.050130 < .   ack 1001 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 2001:5001>                # ack
  0.050180 > .   1001:2001(1000) ack 1 <nop,nop,TS val 1050 ecr 7030>                          # retransmission fast spurious
  0.051000 < .   ack 5001 <nop,nop,TS val 7031 ecr 1030>                                       # ack
  0.070300 < .   ack 5001 <nop,nop,TS val 7050 ecr 1030,nop,nop,sack 1001:2001>                # ack`,
    why: `Frame 14 acknowledges everything 0.8 ms after the retransmission left, with the time stamp of the first copy (Eifel,
      RFC 3522), and frame 15 reports 1001:2001 as received twice (RFC 2883).`,
    tshark: {
      10: 'duplicate_ack',
      11: 'duplicate_ack',
      12: 'duplicate_ack',
      13: 'retransmission fast_retransmission',
      15: 'duplicate_ack',
    },
  },
  {
    row: 20,
    name: '20-port-guess',
    title: 'A dissector chosen by the port number reports errors in the payload',
    options: { server: '10.0.0.2:1723' },
    text: `${HANDSHAKE}
  0.030000 > P.  1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>                               # new
  0.050000 < .   ack 101 win 509 <nop,nop,TS val 7030 ecr 1030>                                # ack`,
    why: `The TCP of it is in order. What the bytes mean to an application is not asked.`,
    tshark: { 4: 'pptp.magic_cookie.incorrect' },
  },
];
