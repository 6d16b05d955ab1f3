/**
 * For every finding a capture that must raise it and a near miss that must not, in the words of `test/support/scenario.ts`.
 * What they expect follows from the page about the finding and the RFC that it cites.
 */
import type { FindingId } from '../../src/detect/catalogue.ts';
import type { Severity } from '../../src/model/finding.ts';
import type { ScenarioOptions } from '../support/scenario.ts';

export interface Example {
  text: string;
  options?: ScenarioOptions;
}

export interface Case {
  /** Raises it exactly once; null where a scenario cannot write what it takes. */
  raises:
    | null
    | (Example & {
        /** Frame that it is attached to. */
        frame?: number;
        severity?: Severity;
        /** What its sentence must say. */
        says?: RegExp;
      });
  /** Looks alike and is something else. */
  not: Example;
}

/** Round trip 20 ms, captured at the client. Three frames. */
export const HANDSHAKE = `
  0.000000 > S   seq 0 win 64240 <mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7>
  0.020000 < S.  seq 0 ack 1 win 65160 <mss 1460,sackOK,TS val 7000 ecr 1000,nop,wscale 7>
  0.020050 > .   ack 1 win 502 <nop,nop,TS val 1020 ecr 7000>`;

/** The same without options but the MSS, so that windows are as they stand. */
export const PLAIN = `
  0.000000 > S   seq 0 win 64240 <mss 1460>
  0.020000 < S.  seq 0 ack 1 win 65160 <mss 1460>
  0.020050 > .   ack 1 win 64240`;

/** The same with window scale 7 on both sides and nothing else. */
const SCALED = `
  0.000000 > S   seq 0 win 64240 <mss 1460,nop,wscale 7>
  0.020000 < S.  seq 0 ack 1 win 65160 <mss 1460,nop,wscale 7>
  0.020050 > .   ack 1 win 502`;

const REQUEST = `
  0.030000 > P.  1:101(100) ack 1
  0.050000 < .   ack 101
  0.060000 < P.  1:201(200) ack 101
  0.060100 > .   ack 201`;

const CLOSE = `
  0.100000 > F.  seq 101 ack 201
  0.120000 < F.  seq 201 ack 102
  0.120100 > .   ack 202`;

/** `count` full segments from segment `first` on at `seconds`, ten microseconds apart. */
function segments(seconds: number, first: number, count: number): string {
  const line = (i: number) => {
    const start = 1 + (first + i) * 1460;
    return `${(seconds + i / 1e5).toFixed(6)} > . ${start}:${start + 1460}(1460) ack 1`;
  };
  return `\n${Array.from({ length: count }, (_, i) => line(i)).join('\n')}`;
}

const acknowledge = (seconds: number, upTo: number, times = 1) =>
  Array.from({ length: times }, (_, i) => `\n${(seconds + i / 1e5).toFixed(6)} < . ack ${1 + upTo * 1460}`).join('');

/** Three flights of twenty that lose their first segment, each with a flight of `after` segments in the round after it. */
function losses(after: number): string {
  let text =
    PLAIN.replace(/win \d+/g, 'win 65000') + segments(0.03, 0, 10) + acknowledge(0.051, 10) + segments(0.0511, 10, 20);
  let next = 30;
  let start = 0.0511;
  for (let i = 0; i < 3; i++) {
    const lost = next - 20;
    text += acknowledge(start + 0.021, lost, 10) + segments(start + 0.0212, lost, 1) + acknowledge(start + 0.042, next);
    text += segments(start + 0.0421, next, after) + acknowledge(start + 0.063, next + after);
    text += segments(start + 0.0631, next + after, 20);
    next += after + 20;
    start += 0.0631;
  }
  return text + acknowledge(start + 0.021, next);
}

/** A whole connection with nothing wrong. */
export const CLEAN = PLAIN + REQUEST + CLOSE;

const lines = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join('\n');

/** So many SYNs to one server, one each 10 ms from another address, that nobody completes. */
const flood = (n: number, more: (i: number, time: string) => string = () => ''): Example => ({
  options: {
    connections: Object.fromEntries(
      Array.from({ length: n }, (_, i) => [
        `C${i}`,
        { client: `192.0.2.${1 + (i % 250)}:${2000 + i}`, server: '10.0.0.2:80', clientIsn: (i * 2654435761) >>> 0 },
      ]),
    ),
  },
  text: lines(n, (i) => {
    const time = (i / 100).toFixed(6);
    return `${time} > S seq 0 win 1024 <mss 1460> conn C${i}\n${time} < S. seq 0 ack 1 win 65160 <mss 1460> conn C${i}\n${more(i, time)}`;
  }),
});

/** So many attempts of one host, each refused, at other ports or other hosts. */
const refusals = (n: number, server: (i: number) => string): Example => ({
  options: {
    connections: Object.fromEntries(
      Array.from({ length: n }, (_, i) => [`C${i}`, { client: `192.0.2.1:${2000 + i}`, server: server(i) }]),
    ),
  },
  text: lines(n, (i) => {
    const time = (i / 100).toFixed(6);
    return `${time} > S seq 0 win 1024 <mss 1460> conn C${i}\n${time} < R. seq 0 ack 1 win 0 conn C${i}\n`;
  }),
});

/** So many clients of one host, whose initial sequence numbers are given. */
const isns = (n: number, isn: (i: number) => number): Example => ({
  options: {
    connections: Object.fromEntries(
      Array.from({ length: n }, (_, i) => [
        `C${i}`,
        {
          client: `10.0.0.1:${40000 + i}`,
          server: `10.0.1.${i + 1}:80`,
          clientIsn: isn(i) >>> 0,
          serverIsn: (i * 2654435761) >>> 0,
        },
      ]),
    ),
  },
  text: lines(n, (i) => {
    const at = (ms: number) => (0.137 * i * (1 + i / 7) + ms / 1000).toFixed(6);
    return `${at(0)} > S seq 0 win 64240 <mss 1460> conn C${i}
      ${at(20)} < S. seq 0 ack 1 win 65160 <mss 1460> conn C${i}
      ${at(21)} > . ack 1 conn C${i}`;
  }),
});

/** A download of so many kB, each segment acknowledged. */
const download = (syn: string, synAck: string, bytes: number): Example => ({
  text: `0.000000 > S seq 0 win 64240 ${syn}
    0.020000 < S. seq 0 ack 1 win 65160 ${synAck}
    0.020050 > . ack 1 win 60000
    ${lines(Math.ceil(bytes / 1000), (i) => `${(0.03 + i * 0.001).toFixed(6)} < . ${1 + i * 1000}:${1001 + i * 1000}(1000) ack 1\n+0.000100 > . ack ${1001 + i * 1000}`)}`,
});

/** So many segments that are sent again after 250 ms, two milliseconds before the ACK of the first copy comes. */
function needlessTimeouts(timeouts: number): string {
  return lines(timeouts, (i) => {
    const [start, sent] = [1 + i * 1000, 0.1 + i];
    const data = `> P. ${start}:${start + 1000}(1000) ack 1`;
    return `${sent.toFixed(6)} ${data}\n${(sent + 0.25).toFixed(6)} ${data}\n${(sent + 0.252).toFixed(6)} < . ack ${start + 1000}`;
  });
}

/** Flights of thirty segments, of which the first is lost and sent again; `pause` (s) until the next one. */
function lossesEvery(flights: number, pause: (i: number) => number): string {
  let sent = 0.1;
  return lines(flights, (i) => {
    const first = 30 * i;
    const at = sent;
    sent += pause(i);
    const repaired = `${segments(at, first, 10)}${acknowledge(at + 0.02, first, 4)}${segments(at + 0.0201, first, 1)}${acknowledge(at + 0.0401, first + 10)}`;
    // Each of the rest is acknowledged by itself: the round trip is that of the empty path again.
    const acks = Array.from({ length: 20 }, (_, k) => acknowledge(at + 0.0702 + k / 1e5, first + 11 + k)).join('');
    return repaired + segments(at + 0.05, first + 10, 20) + acks;
  });
}

/**
 * Eight hundred segments, sent as fast as slow start lets them go until 44 are under way. The path takes 20 ms and one segment a
 * millisecond, but for the first so many in a row.
 */
function shaped(burst: number): string {
  const acks: number[] = [];
  const packets: [time: number, line: string][] = [];
  let tokens = burst;
  let refilled = 100;
  let next = 0;
  let free = 100;
  for (let sent = 0, time = 100, window = 10; sent < 800; sent++) {
    if (sent - next >= window) {
      time = Math.max(time, acks[next++]);
      if (window < 44) window++;
    }
    packets.push([time, `> . ${1 + 1460 * sent}:${1461 + 1460 * sent}(1460) ack 1`]);
    tokens = Math.min(burst, tokens + Math.max(time - refilled, 0));
    refilled = Math.max(time, refilled);
    if (tokens >= 1 && free <= time) tokens -= 1;
    else {
      free = Math.max(free, time) + 1 - tokens;
      tokens = 0;
      refilled = free;
    }
    acks.push(Math.max(free, time) + 20);
    packets.push([acks[sent], `< . ack ${1461 + 1460 * sent}`]);
  }
  packets.sort(([one], [other]) => one - other);
  return packets.map(([time, line]) => `${(time / 1000).toFixed(6)} ${line}`).join('\n');
}

/** So many segments; the round trip is 20 ms for the first ten and `loaded` ms afterwards. */
function queue(segments: number, loaded: number): string {
  return lines(segments, (i) => {
    const sent = 0.1 + i * 0.2;
    const start = 1 + i * 1460;
    return `${sent.toFixed(6)} > . ${start}:${start + 1460}(1460) ack 1
      ${(sent + (i < 10 ? 0.02 : loaded / 1000)).toFixed(6)} < . ack ${start + 1460}`;
  });
}

/** So many segments of so many bytes from the server, each acknowledged. */
function pieces(segments: number, bytes: number): string {
  return lines(segments, (i) => {
    const start = 1 + i * bytes;
    return `${(0.1 + i * 0.01).toFixed(6)} < P. ${start}:${start + bytes}(${bytes}) ack 1
      ${(0.1001 + i * 0.01).toFixed(6)} > . ack ${start + bytes}`;
  });
}

/** Four segments, of which the second is lost and sent again. */
const LOSS = `${HANDSHAKE}
  0.030000 > .   1:1001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>
  0.030010 > .   1001:2001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>
  0.030020 > .   2001:3001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>
  0.030030 > P.  3001:4001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>
  0.050000 < .   ack 1001 win 501 <nop,nop,TS val 7030 ecr 1030>
  0.050010 < .   ack 1001 win 501 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 2001:3001>
  0.050020 < .   ack 1001 win 501 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 2001:4001>
  0.050100 > .   1001:2001(1000) ack 1 <nop,nop,TS val 1050 ecr 7030>
  0.070100 < .   ack 4001 win 501 <nop,nop,TS val 7050 ecr 1050>`;

export const CASES: Record<FindingId, Case> = {
  'timeout-too-short': {
    raises: {
      text: `${PLAIN}\n${needlessTimeouts(3)}`,
      severity: 'warning',
      says: /^3 of 3 timeouts of 10\.0\.0\.1:40000 \(client\) were not needed, the shortest after 250 ms/,
    },
    not: { text: `${PLAIN}\n${needlessTimeouts(2)}` },
  },
  'rate-policed': {
    raises: {
      text: `${PLAIN}\n${lossesEvery(8, () => 0.1)}`,
      says: /^8 losses of 10\.0\.0\.1:40000 \(client\) came at a rate of 3\.50 Mbit\/s each time, without a queue/,
    },
    // Losses by chance: now sooner, now later.
    not: { text: `${PLAIN}\n${lossesEvery(8, (i) => 0.1 + 0.1 * (i % 2))}` },
  },
  'rate-shaped': {
    raises: {
      text: `${PLAIN}\n${shaped(24)}`,
      says: /^The data of 10\.0\.0\.1:40000 \(client\) is shaped to about 11\.7 Mbit\/s: about 34\.\d KiB passed faster at first/,
    },
    // A slow link lets nothing pass faster.
    not: { text: `${PLAIN}\n${shaped(0)}` },
  },
  'gap-not-filled': {
    raises: {
      text: `${PLAIN.replaceAll('<mss 1460>', '<mss 1460,sackOK>')}
        0.030000 < P. 1:201(200) ack 1
        0.030100 > .  ack 201
        0.060000 < .  missed 201:1461(1260) ack 1
        0.060100 < P. 1461:2001(540) ack 1
        0.060200 > .  ack 201 <nop,nop,sack 1461:2001>
        3.000000 > P. 1:101(100) ack 201 <nop,nop,sack 1461:2001>`,
      frame: 7,
      severity: 'warning',
      says: /lacks 1,260 bytes of 10\.0\.0\.2:80 \(server\) from offset 201 on.*No segment of more than 540 bytes arrived/,
    },
    // It is filled after two seconds.
    not: {
      text: `${PLAIN.replaceAll('<mss 1460>', '<mss 1460,sackOK>')}
        0.030000 < P. 1:201(200) ack 1
        0.030100 > .  ack 201
        0.060100 < P. 1461:2001(540) ack 1
        0.060200 > .  ack 201 <nop,nop,sack 1461:2001>
        2.000000 < .  201:1461(1260) ack 1
        2.000100 > .  ack 2001
        3.000000 > P. 1:101(100) ack 2001`,
    },
  },
  'path-mtu-black-hole': {
    raises: {
      text: `${PLAIN.replaceAll('<mss 1460>', '<mss 1460,sackOK>')}
        0.030000 > P. 1:201(200) ack 1
        0.050000 < .  ack 201
        0.060000 > .  201:1661(1460) ack 1
        0.060100 > P. 1661:2001(340) ack 1
        0.080100 < .  ack 201 <nop,nop,sack 1661:2001>
        0.300000 > .  201:1661(1460) ack 1
        0.700000 > .  201:1661(1460) ack 1
        1.500000 > .  201:1661(1460) ack 1`,
      says: /^Segments of 1,460 bytes from 10\.0\.0\.1:40000 \(client\) never arrive \(sent again 3 times\), segments of up to 340 bytes do: /,
    },
    // As large a segment arrived: it is lost for another reason.
    not: {
      text: `${PLAIN.replaceAll('<mss 1460>', '<mss 1460,sackOK>')}
        0.030000 > P. 1:201(200) ack 1
        0.050000 < .  ack 201
        0.060000 > .  201:1661(1460) ack 1
        0.060100 > P. 1661:3121(1460) ack 1
        0.080100 < .  ack 201 <nop,nop,sack 1661:3121>
        0.300000 > .  201:1661(1460) ack 1
        0.700000 > .  201:1661(1460) ack 1
        1.500000 > .  201:1661(1460) ack 1`,
    },
  },
  'syn-answered-by-ack': {
    raises: {
      // RFC 9293 Figure 9, with the SYN that comes after it.
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020000 < .  seq 700000 ack 3000000000
        0.020100 > R  seq 3000000000 win 0
        1.000000 > S seq 0 win 64240 <mss 1460>
        1.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        1.020100 > .  ack 1`,
      frame: 2,
      severity: 'warning',
      says: /answered the SYN of 10\.0\.0\.1:40000 \(client\) with an ACK of an earlier connection \(packet 2\)/,
    },
    // The SYN,ACK was missed by the capture: the ACK is of the SYN.
    not: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020100 < .  seq 1 ack 1
        0.030000 > P. 1:101(100) ack 1
        0.050000 < .  ack 101`,
    },
  },
  'ecn-refused': {
    raises: {
      text: `0.000000 > SEW seq 0 win 64240 <mss 1460>
        1.000000 > S seq 0 win 64240 <mss 1460>
        1.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        1.020100 > .  ack 1`,
      frame: 3,
      severity: 'info',
      says: /in packet 1 asked for ECN and was not answered; the one without ECN in packet 2 was/,
    },
    // Nobody answers at all.
    not: {
      text: `0.000000 > SEW seq 0 win 64240 <mss 1460>
        1.000000 > S seq 0 win 64240 <mss 1460>
        3.000000 > S seq 0 win 64240 <mss 1460>`,
    },
  },
  'ecn-marks': {
    raises: {
      text: `0.000000 > SEW seq 0 win 64240 <mss 1460>
        0.020000 < S.E seq 0 ack 1 win 65160 <mss 1460>
        0.020050 > .   ack 1
        0.030000 > .   1:1461(1460) ack 1
        0.050000 < .E  ack 1461
        0.051000 > .W  1461:2921(1460) ack 1
        0.071000 < .   ack 2921`,
      frame: 5,
      says: /echoed congestion marks \(ECE\) in 1 segment; .* answered once/,
    },
    // ECN was not agreed on.
    not: {
      text: `${PLAIN}
        0.030000 > .   1:1461(1460) ack 1
        0.050000 < .E  ack 1461`,
    },
  },
  'standing-queue': {
    raises: {
      text: `${PLAIN}
        ${queue(200, 150)}`,
      says: /its round trip rose from 20\.0 ms to 1[0-9]{2} ms/,
    },
    // By less than 50 ms.
    not: { text: `${PLAIN}\n${queue(200, 40)}` },
  },
  'out-of-order-discarded': {
    raises: {
      text: `${PLAIN}${segments(0.03, 0, 5)}${acknowledge(0.05, 0, 4)}
        ${lines(5, (i) => `${(0.0501 + 0.02 * i).toFixed(6)} > . ${1 + 1460 * i}:${1461 + 1460 * i}(1460) ack 1\n+0.019900 < . ack ${1461 + 1460 * i}`)}`,
      says: /^10\.0\.0\.2:80 \(server\) keeps nothing that comes out of order: once .*had to send the whole flight again \(7,300 bytes\)/,
    },
    // The last one was kept: it need not be sent again.
    not: {
      text: `${PLAIN}${segments(0.03, 0, 5)}${acknowledge(0.05, 0, 4)}
        ${lines(4, (i) => `${(0.0501 + 0.02 * i).toFixed(6)} > . ${1 + 1460 * i}:${1461 + 1460 * i}(1460) ack 1\n+0.019900 < . ack ${1461 + 1460 * (i < 3 ? i : 4)}`)}`,
    },
  },
  'sack-reneging': {
    raises: {
      text: `0.0 > S seq 0 win 64240 <mss 1460,sackOK>
        0.02 < S. seq 0 ack 1 win 65160 <mss 1460,sackOK>
        0.0201 > . ack 1${segments(0.03, 0, 3)}
        0.0504 < . ack 1 <nop,nop,sack 1461:4381>
        0.1000 < . ack 1461
        0.4000 > . 1461:2921(1460) ack 1
        0.4200 < . ack 2921
        0.4201 > . 2921:4381(1460) ack 1
        0.4401 < . ack 4381`,
      frame: 8,
      severity: 'warning',
      says: /^10\.0\.0\.2:80 \(server\) threw away 2,920 bytes that it had reported by SACK, once: its ACK of 1,461 in packet 8 stops/,
    },
    // The ACK stops a byte below what was reported.
    not: {
      text: `0.0 > S seq 0 win 64240 <mss 1460,sackOK>
        0.02 < S. seq 0 ack 1 win 65160 <mss 1460,sackOK>
        0.0201 > . ack 1${segments(0.03, 0, 3)}
        0.0504 < . ack 1 <nop,nop,sack 1461:4381>
        0.1000 < . ack 1460
        0.4000 > . 1460:2921(1461) ack 1
        0.4200 < . ack 4381`,
    },
  },
  'small-segments': {
    raises: {
      text: `${PLAIN}\n${pieces(50, 75)}`,
      says: /sent 3,750 bytes in 50 segments, 75 bytes each on average/,
    },
    not: { text: `${PLAIN}\n${pieces(50, 76)}` },
  },
  'capture-joined': {
    raises: {
      text: `7200.000000 > S seq 0 win 64240 <mss 1460>
        7200.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        7200.020050 > R. seq 1 ack 1
        0.000000 > S seq 0 win 64240 <mss 1460> conn B
        0.030000 < R. seq 0 ack 1 win 0 conn B`,
      options: { connections: { B: { client: '10.0.0.7:1234', server: '10.0.0.8:80' } } },
      says: /^The file was joined from several captures, at packet 4/,
    },
    // A connection lives through it: the clock was set.
    not: {
      text: `7200.000000 > S seq 0 win 64240 <mss 1460>
        7200.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        7200.020050 > .  ack 1
        0.000000 > P. 1:101(100) ack 1
        0.030000 < . ack 101`,
    },
  },
  'capture-edited': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460> id 1
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460> id 1
        0.020050 > .  ack 1 win 64240 id 1
        0.030000 > P. 1:101(100) ack 1 id 1
        0.050000 < .  ack 101 id 1`,
      says: /all packets of both ends have the same IP ID/,
    },
    not: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460> id 1
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460> id 1
        0.020050 > .  ack 1 win 64240 id 1
        0.030000 > P. 1:101(100) ack 1 id 1
        0.050000 < .  ack 101 id 2`,
    },
  },
  'capture-filtered': {
    raises: {
      text: `${PLAIN.split('\n').slice(0, 3).join('\n')}
        0.100000 > F.  seq 101 ack 201
        0.120000 < F.  seq 201 ack 102
        0.200000 < R.  seq 202 ack 102`,
      says: /^Each of the 5 packets has SYN, FIN or RST/,
    },
    not: { text: CLEAN },
  },
  'invented-times': {
    raises: {
      text: `1.000000 > S seq 0 win 64240 <mss 1460>
        1.100000 < S. seq 0 ack 1 win 65160 <mss 1460>
        1.200000 > .  ack 1 win 64240
        1.300000 > P. 1:101(100) ack 1
        1.400000 < .  ack 101`,
      says: /^All 5 packets come at intervals of exactly 100 ms/,
    },
    not: {
      text: `1.000000 > S seq 0 win 64240 <mss 1460>
        1.100000 < S. seq 0 ack 1 win 65160 <mss 1460>
        1.200000 > .  ack 1 win 64240
        1.300000 > P. 1:101(100) ack 1
        1.400001 < .  ack 101`,
    },
  },
  'missing-in-capture': {
    raises: {
      text: `${PLAIN}
        0.030000 > . 1:1001(1000) ack 1
        0.030010 > . 1001:2001(1000) ack 1 missed
        0.030020 > P. 2001:3001(1000) ack 1
        0.050000 < . ack 3001`,
      frame: 6,
      severity: 'warning',
      says: /^1,000 bytes of 10\.0\.0\.1:40000 \(client\) in 1 gap/,
    },
    not: { text: LOSS },
  },
  'capture-drop': {
    // The statistics come from the file, not from its packets: see capture-facts.test.ts.
    raises: null,
    not: { text: CLEAN },
  },
  'capture-duplicate': {
    raises: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.030005 dup 4 ttl 63
        0.050000 < . ack 101
        0.050002 dup 6 ttl 62`,
      frame: 5,
      severity: 'warning',
      says: /^2 packets/,
    },
    not: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.330000 > P. 1:101(100) ack 1
        0.350000 < . ack 101`,
    },
  },
  'capture-misordered': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020050 > . ack 1 win 64240
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        0.030000 > P. 1:101(100) ack 1
        0.050000 < . ack 101`,
      frame: 3,
      severity: 'info',
      says: /^1 packet is out of time order in the file/,
    },
    not: { text: CLEAN },
  },
  'clock-step': {
    raises: {
      text: `10.000000 > S seq 0 win 64240 <mss 1460>
        10.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        4.000000 > . ack 1 win 64240
        4.010000 > P. 1:101(100) ack 1
        4.030000 < . ack 101`,
      frame: 3,
      severity: 'warning',
      says: /go back by 6\.02 s at packet 3/,
    },
    not: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.520050 > . ack 1 win 64240
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        0.530000 > P. 1:101(100) ack 1`,
    },
  },
  'ack-before-data': {
    raises: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.050000 < . ack 201
        0.050200 > P. 101:201(100) ack 1
        0.060000 < P. 1:51(50) ack 201`,
      frame: 6,
      severity: 'info',
      says: /^1 segment of 10\.0\.0\.1:40000 \(client\) was captured up to 200 µs after/,
    },
    not: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.050000 < . ack 201
        0.350000 > P. 201:301(100) ack 1
        0.370000 < . ack 301`,
    },
  },
  'one-way-capture': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020000 > . ack 1
        0.030000 > P. 1:101(100) ack 1
        0.070000 > . ack 5001
        0.080000 > P. 101:201(100) ack 5001`,
      says: /^Of 1 connection only one direction/,
    },
    not: { text: '0.0 > S seq 0 win 64240 <mss 1460>\n1.0 > S seq 0\n3.0 > S seq 0' },
  },
  'mid-stream': {
    raises: {
      text: `0.000000 > P. 5001:5101(100) ack 9001 win 501
        0.020000 < . ack 5101 win 400
        0.030000 < P. 9001:9101(100) ack 5101`,
      says: /^1 connection began before the capture/,
    },
    not: { text: CLEAN },
  },
  'snaplen-cut': {
    raises: {
      text: `${PLAIN}
        0.030000 > P. 1:501(500) ack 1 snap 96
        0.050000 < . ack 501`,
      says: /^1 packet of 5/,
    },
    not: { text: CLEAN, options: { snaplen: 1000 } },
  },
  'capture-position': {
    raises: {
      text: `${HANDSHAKE}\n0.03 < P. 1:101(100) ack 1 <nop,nop,TS val 7030 ecr 1020>\n0.03005 > . ack 101 <nop,nop,TS val 1030 ecr 7030>`,
      says: /^The capture was made at 10\.0\.0\.1/,
    },
    not: { text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 < R. seq 0 ack 1 win 0' },
  },
  'offload-segments': {
    raises: {
      text: `${SCALED}
        0.030000 > P. 1:8001(8000) ack 1
        0.050000 < . ack 8001`,
      says: /^1 segment of 10\.0\.0\.1 is larger than the MSS, up to 8,000 bytes/,
    },
    not: { text: `${SCALED}\n0.030000 > P. 1:1461(1460) ack 1\n0.050000 < . ack 1461` },
  },
  'checksum-offload': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460> offload
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        0.020050 > . ack 1 offload
        0.030000 > P. 1:101(100) ack 1 offload
        0.050000 < . ack 101`,
      severity: 'info',
      says: /^10\.0\.0\.1 leaves checksums to the network card: 3 with only the sum/,
    },
    not: { text: CLEAN },
  },
  'corrupted-segment': {
    raises: {
      text: `${PLAIN}
        ${lines(6, (i) => `0.0${30 + i} > . ${1 + 100 * i}:${101 + 100 * i}(100) ack 1`)}
        0.036 > . 601:701(100) ack 1 badcksum
        0.037 > . 701:801(100) ack 1
        0.056 < . ack 601`,
      frame: 10,
      severity: 'warning',
      says: /^1 segment \(100 bytes\) of 10\.0\.0\.1:40000 \(client\) arrived damaged/,
    },
    not: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460> badcksum
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        0.020050 > . ack 1 badcksum
        0.030000 > P. 1:101(100) ack 1 badcksum
        0.050000 < . ack 101`,
    },
  },
  'questions-limit': {
    // Takes more packets than a scenario has: see limits.test.ts.
    raises: null,
    not: { text: CLEAN },
  },
  'connections-evicted': {
    // Takes more connections than a scenario has: see eviction.test.ts.
    raises: null,
    not: { text: CLEAN },
  },
  'memory-limit': {
    // Takes a heap that is nearly full: see limits.test.ts.
    raises: null,
    not: { text: CLEAN },
  },
  'findings-limit': {
    // Takes more connections than a scenario has: see collector.test.ts.
    raises: null,
    not: { text: CLEAN },
  },

  'packet-loss': {
    raises: {
      text: LOSS,
      frame: 11,
      severity: 'warning',
      says: /^1 segment of 10\.0\.0\.1:40000 \(client\) \(1,000 bytes\) was lost and sent again by fast retransmission; repaired after 20\.0 ms\./,
    },
    not: { text: CLEAN },
  },
  'retransmission-timeout': {
    raises: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.250000 > P. 1:101(100) ack 1
        0.690000 > P. 1:101(100) ack 1
        0.710000 < . ack 101`,
      frame: 5,
      severity: 'warning',
      says: /expired twice, after 220 ms and 440 ms; repaired after 460 ms\./,
    },
    not: { text: LOSS },
  },
  'tail-loss': {
    raises: {
      text: `${HANDSHAKE}
        0.030000 > .  1:1001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.030010 > P. 1001:2001(1000) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.050000 < .  ack 1001 win 501 <nop,nop,TS val 7030 ecr 1030>
        0.120000 > P. 1001:2001(1000) ack 1 <nop,nop,TS val 1120 ecr 7030>
        0.140000 < .  ack 2001 win 501 <nop,nop,TS val 7120 ecr 1120>`,
      frame: 7,
      severity: 'warning',
      says: /The end of a flight .* was lost; a probe 70\.0 ms later sent it again/,
    },
    not: { text: LOSS },
  },
  'spurious-retransmission': {
    raises: {
      // The D-SACK block 1:101 below the ACK (RFC 2883 section 4.1) says that both copies arrived.
      text: `${HANDSHAKE}
        0.030000 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.260000 > P. 1:101(100) ack 1 <nop,nop,TS val 1260 ecr 7000>
        0.265000 < .  ack 101 win 501 <nop,nop,TS val 7250 ecr 1030>
        0.280000 < .  ack 101 win 501 <nop,nop,TS val 7260 ecr 1030,nop,nop,sack 1:101>`,
      frame: 5,
      says: /was not needed: the receiver had the data already, as its D-SACK in packet 7 says/,
    },
    not: { text: LOSS },
  },
  'path-mtu-retransmission': {
    raises: {
      text: `${PLAIN}
        0.030000 > . 1:1461(1460) ack 1
        0.040000 icmp frag-needed quotes 4 from 10.9.9.9 mtu 1400
        0.040100 > . 1:1361(1360) ack 1
        0.040200 > P. 1361:1461(100) ack 1
        0.060000 < . ack 1461`,
      frame: 6,
      severity: 'info',
      says: /sent 1,460 bytes again in 2 segments/,
    },
    not: {
      text: `${PLAIN}
        0.030000 > . 1:1461(1460) ack 1
        0.250000 > . 1:1461(1460) ack 1
        0.270000 < . ack 1461`,
    },
  },
  retransmission: {
    // Captured far from the sender, which answers something that did not pass here: nothing is outstanding but this one.
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460,sackOK>
        0.010000 < S. seq 0 ack 1 win 65160 <mss 1460,sackOK>
        0.020000 > . ack 1
        0.030000 > P. 1:101(100) ack 1
        0.031000 > P. 101:201(100) ack 1
        0.035000 < P. 1:51(50) ack 1
        0.054000 > P. 201:301(100) ack 51
        0.061500 > P. 1:101(100) ack 51
        0.075000 < . ack 301`,
      says: /again, cause not visible in this capture/,
    },
    not: { text: LOSS },
  },
  'peer-unresponsive': {
    raises: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.250000 > P. 1:101(100) ack 1
        0.690000 > P. 1:101(100) ack 1
        1.570000 > P. 1:101(100) ack 1`,
      frame: 5,
      severity: 'warning',
      says: /again, after 220 ms, 440 ms and 880 ms; no answer from 10\.0\.0\.2:80/,
    },
    not: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.250000 > P. 1:101(100) ack 1
        0.690000 > P. 1:101(100) ack 1
        1.570000 > P. 1:101(100) ack 1
        1.590000 < . ack 101`,
    },
  },
  reordering: {
    raises: {
      text: `${PLAIN}
        0.030000 > . 1:1001(1000) ack 1 id 101
        0.030010 > . 2001:3001(1000) ack 1 id 103
        0.030020 > . 3001:4001(1000) ack 1 id 104
        0.030030 > . 1001:2001(1000) ack 1 id 102
        0.050000 < . ack 4001`,
      frame: 7,
      severity: 'info',
      says: /^1 segment of 10\.0\.0\.1:40000 \(client\) came out of order: overtaken by up to 2 later segments and up to 20\.0 µs late/,
    },
    not: { text: LOSS },
  },
  'network-duplicate': {
    raises: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.050000 < . ack 101
        0.060000 < P. 1:201(200) ack 101
        0.065000 dup 6
        0.065100 > . ack 201`,
      frame: 7,
      severity: 'info',
      says: /^The network delivered 1 packet twice\. The first is packet 7, a copy of 6/,
    },
    not: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.030005 dup 4 ttl 63
        0.050000 < . ack 101`,
    },
  },
  'payload-conflict': {
    raises: {
      text: `${PLAIN}
        0.030000 > P. 1:6(5) ack 1 "first" ttl 64 id 77
        0.031000 > P. 1:6(5) ack 1 "other" ttl 57 id 9999
        0.050000 < . ack 6`,
      frame: 5,
      severity: 'error',
      says: /^Bytes 1 to 5 of 10\.0\.0\.1:40000 \(client\) are "other" in packet 5 \(TTL 57, where its first packet had 64, IP ID 9999\) and were "first" in packet 4 \(TTL 64, IP ID 77\)/,
    },
    not: {
      // Sent again in other pieces, and once a garbage byte below (RFC 9293 section 3.8.4): the content is the same.
      text: `${PLAIN}
        0.030000 > P. 1:6(5) ack 1 "first"
        0.250000 > P. 1:12(11) ack 1 "first secon"
        0.270000 < . ack 12
        5.270000 > .  11:12(1) ack 1 "\\u0000"
        5.290000 < .  ack 12
        6.000000 > P. 3:12(9) ack 1 "rst secon"`,
    },
  },

  'zero-window': {
    raises: {
      text: `${PLAIN}
        0.030000 > P. 1:1001(1000) ack 1
        0.050000 < .  ack 1001 win 0
        0.250000 > .  seq 1000 ack 1
        0.270000 < .  ack 1001 win 0
        0.650000 > .  seq 1000 ack 1
        0.670000 < .  ack 1001 win 0
        0.900000 < .  ack 1001 win 8000
        0.900100 > P. 1001:2001(1000) ack 1`,
      frame: 5,
      severity: 'warning',
      says: /^10\.0\.0\.2:80 \(server\) closed its window for 850 ms; 10\.0\.0\.1:40000 \(client\) probed it twice, after 200 ms and 400 ms/,
    },
    not: {
      // The client has finished: nobody is stopped.
      text: `${PLAIN}
        0.030000 > P. 1:1001(1000) ack 1
        0.030100 > F. seq 1001 ack 1
        0.050000 < .  ack 1002 win 0
        0.060000 < F. seq 1 ack 1002 win 0
        0.060100 > .  ack 2`,
    },
  },
  'window-update-lost': {
    raises: {
      // Captured at the receiver: the update in frame 6 leaves, and a second later the client still probes.
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.000050 < S. seq 0 ack 1 win 1000 <mss 1460>
        0.020000 > . ack 1 win 64240
        0.030000 > P. 1:1001(1000) ack 1
        0.030050 < . ack 1001 win 0
        0.300000 < . ack 1001 win 8000
        1.300000 > . seq 1000 ack 1
        1.300050 < . ack 1001 win 8000
        1.320000 > P. 1001:2001(1000) ack 1`,
      frame: 7,
      severity: 'warning',
      says: /the update in packet 6 opened it 1\.00 s before/,
    },
    not: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.000050 < S. seq 0 ack 1 win 1000 <mss 1460>
        0.020000 > . ack 1 win 64240
        0.030000 > P. 1:1001(1000) ack 1
        0.030050 < . ack 1001 win 0
        0.300000 > . seq 1000 ack 1
        0.300050 < . ack 1001 win 0
        0.400000 < . ack 1001 win 8000
        0.420000 > P. 1001:2001(1000) ack 1`,
    },
  },
  'window-full': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.100000 < S. seq 0 ack 1 win 2000 <mss 1460>
        0.100050 > . ack 1 win 64240
        0.110000 > . 1:1001(1000) ack 1
        0.110010 > . 1001:2001(1000) ack 1
        0.210000 < . ack 2001 win 2000
        0.210100 > . 2001:3001(1000) ack 1
        0.210110 > . 3001:4001(1000) ack 1
        0.310000 < . ack 4001 win 2000
        0.310100 > P. 4001:4101(100) ack 1
        0.410000 < . ack 4101`,
      severity: 'info',
      says: /The window of 10\.0\.0\.2:80 \(server\) \(up to 2,000 bytes\) stopped 10\.0\.0\.1:40000 \(client\) twice, for 200 ms in all/,
    },
    not: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020000 < S. seq 0 ack 1 win 2000 <mss 1460>
        0.020050 > . ack 1 win 64240
        0.030000 > . 1:1001(1000) ack 1
        0.030010 > . 1001:2001(1000) ack 1
        0.050000 < . ack 2001 win 2000
        0.060000 > P. 2001:2101(100) ack 1
        0.080000 < . ack 2101`,
    },
  },
  'data-beyond-window': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020000 < S. seq 0 ack 1 win 2000 <mss 1460>
        0.020050 > . ack 1 win 64240
        0.030000 > . 1:1001(1000) ack 1
        0.030010 > . 1001:2001(1000) ack 1
        0.030020 > . 2001:3001(1000) ack 1
        0.050000 < . ack 2001 win 2000`,
      frame: 6,
      severity: 'warning',
      says: /in 1 segment and by up to 1,000 bytes/,
    },
    not: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020000 < S. seq 0 ack 1 win 2000 <mss 1460>
        0.020050 > . ack 1 win 64240
        0.030000 > . 1:1001(1000) ack 1
        0.030010 > . 1001:2001(1000) ack 1
        0.030020 > F. seq 2001 ack 1
        0.050000 < . ack 2002 win 2000`,
    },
  },
  'window-shrunk': {
    raises: {
      text: `${PLAIN}
        0.030000 > P. 1:1001(1000) ack 1
        0.050000 < .  ack 1001 win 20000
        0.060000 > P. 1001:2001(1000) ack 1
        0.080000 < .  ack 2001 win 65160`,
      frame: 5,
      severity: 'info',
      says: /took back window that it had offered, once and up to 44,160 bytes/,
    },
    not: {
      // Rounding to units of 128: 502 << 7 is 64256, and the edge moves back by 76 bytes.
      text: `${SCALED}
        0.030000 > P. 1:101(100) ack 1
        0.050000 < .  ack 101 win 509
        0.060000 > P. 101:125(24) ack 1
        0.080000 < .  ack 125 win 508`,
    },
  },
  'silly-window': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020000 < S. seq 0 ack 1 win 3000 <mss 1460>
        0.020050 > . ack 1 win 64240
        0.030000 > . 1:1461(1460) ack 1
        0.030010 > . 1461:2921(1460) ack 1
        ${lines(5, (i) => `0.${100 + 50 * i} < . ack ${2921 + 100 * i} win ${200}\n+0.000100 > P. ${2921 + 100 * i}:${3021 + 100 * i}(100) ack 1`)}
        0.400000 < . ack 3421 win 3000`,
      severity: 'warning',
      says: /opens its window in very small steps: 5 times by less than a segment of 1,460 bytes/,
    },
    not: { text: CLEAN },
  },
  'keep-alive': {
    raises: {
      text: `${PLAIN}${REQUEST}
        10.0 > . seq 100 ack 201
        10.02 < . ack 101
        20.0 > . seq 100 ack 201
        20.02 < . ack 101`,
      frame: 8,
      severity: 'info',
      says: /with 2 probes, every 10\.0 s/,
    },
    not: {
      // One byte that was not acknowledged is data.
      text: `${PLAIN}
        0.030000 > P. 1:2(1) ack 1
        0.250000 > P. 1:2(1) ack 1
        0.270000 < . ack 2`,
    },
  },
  'keep-alive-failure': {
    raises: {
      text: `${PLAIN}${REQUEST}
        10.0 > . seq 100 ack 201
        20.0 > . seq 100 ack 201
        30.0 > . seq 100 ack 201
        40.0 > R. seq 101 ack 201 win 0`,
      frame: 8,
      severity: 'warning',
      says: /did not answer 3 keep-alives .* every 10\.0 s; then 10\.0\.0\.1:\d+ \(client\) reset the connection/,
    },
    not: {
      text: `${PLAIN}${REQUEST}
        10.0 > . seq 100 ack 201
        20.0 > . seq 100 ack 201
        20.02 < . ack 101
        30.0 > F. seq 101 ack 201`,
    },
  },
  'duplicate-acks': {
    raises: {
      text: `${PLAIN}
        0.030000 > . 1:1001(1000) ack 1 missed
        ${lines(4, (i) => `0.0300${10 + i} > . ${1001 + 1000 * i}:${2001 + 1000 * i}(1000) ack 1`)}
        ${lines(4, (i) => `0.0500${10 + i} < . ack 1`)}
        0.050100 > . 1:1001(1000) ack 1
        0.070000 < . ack 5001`,
      severity: 'info',
      says: /sent 1 burst of duplicate ACKs, the longest of 4/,
    },
    not: {
      text: `${PLAIN}
        0.030000 > . 1:1001(1000) ack 1 missed
        ${lines(2, (i) => `0.0300${10 + i} > . ${1001 + 1000 * i}:${2001 + 1000 * i}(1000) ack 1`)}
        ${lines(2, (i) => `0.0500${10 + i} < . ack 1`)}
        0.050100 > . 1:1001(1000) ack 1
        0.070000 < . ack 3001`,
    },
  },
  'delayed-acks': {
    raises: {
      text: `${PLAIN}
        ${lines(6, (i) => `${(1 + i).toFixed(3)} > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1\n+0.060000 < . ack ${101 + 100 * i}`)}`,
      severity: 'info',
      says: /^10\.0\.0\.2:80 \(server\) held back 6 ACKs of single segments, by 40\.0 ms on average and 240 ms in all/,
    },
    not: {
      // The path: the delays are nothing like each other.
      text: `${PLAIN}
        ${lines(6, (i) => `${(1 + i).toFixed(3)} > P. ${1 + 100 * i}:${101 + 100 * i}(100) ack 1\n+0.${String(60 + 37 * ((i * i) % 5)).padStart(3, '0')} < . ack ${101 + 100 * i}`)}`,
    },
  },
  'stretch-acks': {
    raises: {
      text: `${SCALED}
        ${lines(25, (round) => `${lines(4, (i) => `${(0.03 + 0.03 * round + i * 1e-5).toFixed(6)} < . ${1 + 5840 * round + 1460 * i}:${1 + 5840 * round + 1460 * (i + 1)}(1460) ack 1`)}\n+0.000100 > . ack ${1 + 5840 * (round + 1)}`)}`,
      severity: 'info',
      says: /^25 ACKs of 10\.0\.0\.1:40000 \(client\)/,
    },
    not: {
      text: `${SCALED}
        ${lines(25, (round) => `${lines(2, (i) => `${(0.03 + 0.03 * round + i * 1e-5).toFixed(6)} < . ${1 + 2920 * round + 1460 * i}:${1 + 2920 * round + 1460 * (i + 1)}(1460) ack 1`)}\n+0.000100 > . ack ${1 + 2920 * (round + 1)}`)}`,
    },
  },
  'challenge-ack': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.500000 > R seq 1101 win 0
        0.500050 < . seq 201 ack 101
        0.600000 > P. 101:201(100) ack 201
        0.620000 < . ack 201`,
      frame: 9,
      severity: 'info',
      says: /answered packet 8 \(a RST in the window\) with a challenge ACK after 50\.0 µs/,
    },
    not: { text: `${PLAIN}${REQUEST}\n10.0 > . seq 100 ack 201\n10.02 < . ack 101` },
  },
  'ack-of-unsent-data': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.500000 < . seq 201 ack 5101
        0.500050 > . seq 101 ack 201
        0.900000 > P. 101:201(100) ack 201
        0.920000 < . ack 201`,
      severity: 'warning',
      says: /^Packet 8 in the name of 10\.0\.0\.2:80 \(server\) acknowledges 5,000 bytes/,
    },
    not: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.050000 < . ack 201
        0.050200 > P. 101:201(100) ack 1`,
    },
  },

  'syn-retransmission': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        1.000000 > S seq 0 win 64240 <mss 1460>
        3.000000 > S seq 0 win 64240 <mss 1460>
        3.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        3.020050 > . ack 1`,
      frame: 2,
      severity: 'warning',
      says: /had to send its SYN 3 times, again after 1\.00 s and 2\.00 s/,
    },
    not: { text: CLEAN },
  },
  'syn-ack-retransmission': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.000050 < S. seq 0 ack 1 win 65160 <mss 1460>
        1.000050 < S. seq 0 ack 1 win 65160 <mss 1460>
        3.000050 < S. seq 0 ack 1 win 65160 <mss 1460>
        3.020050 > . ack 1`,
      frame: 3,
      severity: 'warning',
      says: /had to send its SYN,ACK 3 times, again after 1\.00 s and 2\.00 s/,
    },
    not: { text: CLEAN },
  },
  'syn-unanswered': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        1.000000 > S seq 0 win 64240 <mss 1460>
        3.000000 > S seq 0 win 64240 <mss 1460>`,
      frame: 2,
      severity: 'warning',
      says: /sent its SYN 3 times, waiting 1\.00 s and 2\.00 s in between, and no answer is in the capture/,
    },
    not: {
      text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 icmp host-unreachable quotes 1 from 10.9.9.9\n5.0 > S seq 0 conn B',
      options: { connections: { B: { client: '10.0.0.1:40001' } } },
    },
  },
  'connection-refused': {
    raises: {
      text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 < R. seq 0 ack 1 win 0',
      frame: 2,
      severity: 'warning',
      says: /^10\.0\.0\.2:80 \(server\) refused the connection of 10\.0\.0\.1:40000 \(client\)/,
    },
    not: {
      text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 < S. seq 0 ack 1 win 65160 <mss 1460>\n0.0201 > R seq 1 win 0',
    },
  },
  'handshake-reset': {
    raises: {
      text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 < S. seq 0 ack 1 win 65160 <mss 1460>\n0.0201 > R seq 1 win 0',
      frame: 3,
      severity: 'info',
      says: /reset the handshake after the SYN,ACK/,
    },
    not: { text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 < R. seq 0 ack 1 win 0' },
  },
  'half-open': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.000050 < S. seq 0 ack 1 win 65160 <mss 1460>
        5.000000 > S seq 0 win 64240 conn B
        5.000050 < S. seq 0 ack 1 conn B
        5.020000 > . ack 1 conn B`,
      options: { connections: { B: { client: '10.0.0.1:40001' } } },
      frame: 2,
      severity: 'info',
      says: /^10\.0\.0\.1:40000 \(client\) never acknowledged the SYN,ACK of 10\.0\.0\.2:80 \(server\)/,
    },
    not: { text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 < S. seq 0 ack 1 win 65160 <mss 1460>' },
  },
  'syn-flood': {
    raises: {
      ...flood(60),
      frame: 1,
      severity: 'error',
      says: /^10\.0\.0\.2:80 got 60 SYNs from 60 addresses within 590 ms/,
    },
    not: flood(60, (i, time) => `${time} > . seq 1 ack 1 conn C${i}`),
  },
  'port-scan': {
    raises: {
      ...refusals(15, (i) => `10.0.0.2:${i + 1}`),
      frame: 1,
      severity: 'warning',
      says: /^192\.0\.2\.1 tried 15 ports of 1 host with 15 connections within 140 ms \(15 a second\), and most of it in vain: 15 refused\.$/,
    },
    not: refusals(14, (i) => `10.0.0.2:${i + 1}`),
  },
  'host-sweep': {
    raises: {
      ...refusals(25, (i) => `10.0.0.${i + 2}:445`),
      frame: 1,
      severity: 'warning',
      says: /^192\.0\.2\.1 tried 1 port of 25 hosts/,
    },
    not: refusals(24, (i) => `10.0.0.${i + 2}:445`),
  },
  'simultaneous-open': {
    // RFC 9293 Figure 7.
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.010000 < S seq 0 win 65160 <mss 1460>
        0.010050 > S. seq 0 ack 1 win 64240 <mss 1460>
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        0.020050 > . ack 1`,
      frame: 2,
      severity: 'info',
    },
    not: { text: CLEAN },
  },
  'split-handshake': {
    raises: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020000 < . seq 0 ack 1 win 65160
        0.020100 < S seq 0 win 65160 <mss 1460>
        0.020200 > S. seq 0 ack 1 win 64240
        0.040000 < . ack 1`,
      frame: 3,
      severity: 'warning',
      says: /acknowledged the SYN in packet 2 and sent a SYN of its own/,
    },
    not: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460>
        0.010000 < S seq 0 win 65160 <mss 1460>
        0.010050 > S. seq 0 ack 1 win 64240 <mss 1460>
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460>`,
    },
  },
  'tfo-accepted': {
    raises: {
      text: `0.000000 > S 0:5(5) win 64240 <mss 1460,opt 34 0102030405060708> "hello"
        0.020000 < S. seq 0 ack 6 win 65160 <mss 1460>
        0.020050 > . seq 6 ack 1`,
      frame: 2,
      severity: 'info',
      says: /accepted 5 bytes of data that came on the SYN/,
    },
    not: {
      text: `0.000000 > S seq 0 win 64240 <mss 1460,opt 34>
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460,opt 34 0102030405060708>
        0.020050 > . seq 1 ack 1`,
    },
  },
  'tfo-ignored': {
    raises: {
      text: `0.000000 > S 0:5(5) win 64240 <mss 1460,opt 34 0102030405060708> "hello"
        0.020000 < S. seq 0 ack 1 win 65160 <mss 1460>
        0.020050 > P. 1:6(5) ack 1 "hello"
        0.040000 < . ack 6`,
      frame: 2,
      severity: 'info',
      says: /acknowledged the SYN but not the 5 bytes/,
    },
    not: {
      text: `0.000000 > S 0:5(5) win 64240 <mss 1460,opt 34 0102030405060708> "hello"
        0.020000 < S. seq 0 ack 6 win 65160 <mss 1460>
        0.020050 > . seq 6 ack 1`,
    },
  },
  'mss-missing': {
    raises: {
      ...download('', '<mss 1460>', 4000),
      severity: 'info',
      says: /^10\.0\.0\.1:40000 \(client\) did not tell its MSS: 10\.0\.0\.2:80 must assume 536 bytes/,
    },
    not: download('<mss 1460>', '<mss 1460>', 4000),
  },
  'no-window-scaling': {
    raises: {
      ...download('<mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>', '<mss 1460,sackOK>', 70_000),
      severity: 'info',
      says: /^10\.0\.0\.2:80 \(server\) did not offer window scaling/,
    },
    not: download('<mss 1460>', '<mss 1460>', 4000),
  },
  'no-sack': {
    raises: {
      ...download('<mss 1460>', '<mss 1460>', 70_000),
      severity: 'info',
      says: /\(client\) and .* \(server\) did not permit SACK/,
    },
    not: download('<mss 1460,nop,nop,sackOK>', '<mss 1460,nop,nop,sackOK>', 70_000),
  },
  'no-timestamps': {
    raises: { ...download('<mss 1460>', '<mss 1460>', 70_000), severity: 'info' },
    not: download('<mss 1460>', '<mss 1460>', 4000),
  },
  'isn-constant': {
    raises: {
      ...isns(9, () => 305419896),
      severity: 'warning',
      says: /^10\.0\.0\.1 began its 9 connections with the same initial sequence number, 305,419,896/,
    },
    not: isns(9, (i) => Math.imul(i + 1, 0x9e3779b1) ^ (i << 13)),
  },
  'isn-predictable': {
    raises: {
      ...isns(9, (i) => 4294900000 + 64000 * i),
      severity: 'warning',
      says: /rise by 64,000 from one connection to the next/,
    },
    not: isns(7, (i) => 64000 * i),
  },

  'connection-aborted': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.500000 > R. seq 101 ack 201 win 0`,
      frame: 8,
      severity: 'info',
      says: /^10\.0\.0\.1:40000 \(client\) aborted the connection/,
    },
    not: { text: CLEAN },
  },
  'peer-forgot': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.500000 > P. 101:201(100) ack 201
        0.520000 < R seq 201 win 0`,
      frame: 9,
      severity: 'warning',
      says: /answered packet 8 of 10\.0\.0\.1:40000 \(client\) with a RST as sent by a host without this connection/,
    },
    not: { text: `${PLAIN}${REQUEST}\n0.5 < R. seq 201 ack 101 win 0` },
  },
  'reset-after-fin': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.100000 < F. seq 201 ack 101
        0.120000 > .  ack 202
        0.130000 > P. 101:1101(1000) ack 202
        0.150100 < R  seq 202 win 0`,
      frame: 11,
      severity: 'warning',
      says: /had closed and then sent a RST: it did not take the last 1,000 bytes of 10\.0\.0\.1:40000 \(client\)/,
    },
    not: { text: `${PLAIN}${REQUEST}\n0.5 > R. seq 101 ack 201 win 0` },
  },
  'time-wait-assassination': {
    raises: {
      // RFC 1337 Figure 1: the ACK of an old duplicate meets an end that is closed by then.
      text: `${CLEAN}
        0.200000 < R seq 202 win 0`,
      frame: 11,
      severity: 'info',
    },
    not: { text: `${PLAIN}${REQUEST}\n0.5 < R. seq 201 ack 101 win 0` },
  },
  'forged-reset': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.500000 > R seq 101 win 0 ttl 57
        0.600000 > P. 101:201(100) ack 201
        0.620000 < R seq 201 win 0`,
      frame: 8,
      severity: 'warning',
      says: /^The RST in packet 8 in the name of 10\.0\.0\.1:40000 \(client\) closed the connection at 10\.0\.0\.2:80 \(server\) only: the other end goes on, and is answered with a RST\. Somebody/,
    },
    not: { text: `${PLAIN}${REQUEST}\n0.5 > R. seq 101 ack 201 win 0` },
  },
  'blind-reset': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.500000 > R seq 5101 win 0
        0.600000 > P. 101:201(100) ack 201
        0.620000 < . ack 201`,
      frame: 8,
      severity: 'warning',
      says: /5,000 bytes after the next one that 10\.0\.0\.2:80 \(server\) expects\. It must be challenged/,
    },
    not: { text: `${PLAIN}${REQUEST}\n0.5 > R. seq 101 ack 201 win 0` },
  },
  'half-close': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.100000 > F. seq 101 ack 201
        0.120000 < .  ack 102
        0.200000 < P. 201:701(500) ack 102
        0.200100 > .  ack 701
        0.300000 < F. seq 701 ack 102
        0.300100 > .  ack 702`,
      frame: 10,
      severity: 'info',
      says: /10\.0\.0\.2:80 \(server\) sent 500 bytes more in 1 segment/,
    },
    not: { text: CLEAN },
  },
  'data-after-fin': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.100000 > F. seq 101 ack 201
        0.110000 > P. 102:202(100) ack 201
        0.120000 < .  ack 102`,
      frame: 9,
      severity: 'warning',
      says: /sent 100 bytes after its own FIN/,
    },
    not: {
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1 missed
        0.031000 > F. seq 101 ack 1
        0.250000 > P. 1:101(100) ack 1
        0.270000 < . ack 102`,
    },
  },
  'fin-unanswered': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.100000 > F. seq 101 ack 201
        0.500000 > S seq 0 win 100 conn B
        5.000000 < R. seq 0 ack 1 conn B`,
      options: { connections: { B: { client: '10.0.0.1:40001' } } },
      frame: 8,
      severity: 'info',
      says: /The FIN of 10\.0\.0\.1:40000 \(client\) \(sent once\) was not acknowledged until the end of the capture, 4\.90 s later/,
    },
    not: { text: `${PLAIN}${REQUEST}\n0.1 > F. seq 101 ack 201` },
  },
  'close-wait-stuck': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.100000 > F. seq 101 ack 201
        0.120000 < .  ack 102
        100.0 > S seq 0 win 100 conn B
        100.1 < R. seq 0 ack 1 conn B`,
      options: { connections: { B: { client: '10.0.0.1:40001' } } },
      severity: 'warning',
      says: /^10\.0\.0\.2:80 \(server\) is in CLOSE-WAIT and has sent nothing for 1 min 40 s/,
    },
    not: {
      text: `${CLEAN}
        100.0 > S seq 0 win 100 conn B
        100.1 < R. seq 0 ack 1 conn B`,
      options: { connections: { B: { client: '10.0.0.1:40001' } } },
    },
  },
  'idle-close': {
    raises: {
      text: `${PLAIN}${REQUEST}
        60.060100 < F. seq 201 ack 101
        60.060200 > F. seq 101 ack 202
        60.080000 < .  ack 102`,
      frame: 8,
      severity: 'info',
      says: /^10\.0\.0\.2:80 \(server\) closed the connection after 1 min 00 s without traffic|after 60\.0 s without traffic/,
    },
    not: { text: CLEAN },
  },
  'port-reused': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.500000 > R. seq 101 ack 201 win 0
        1.000000 > S seq 90000 win 64240 <mss 1460>
        1.020000 < S. seq 70000 ack 90001 win 65160 <mss 1460>
        1.020050 > . seq 90001 ack 70001`,
      frame: 9,
      severity: 'info',
      says: /began a new connection 500 ms after their earlier one \(stream 0\), which was over/,
    },
    not: { text: '0.0 > S seq 0 win 64240 <mss 1460>\n1.0 > S seq 0\n1.02 < S. seq 0 ack 1\n1.0201 > . ack 1' },
  },
  'port-reused-early': {
    raises: {
      // The client is in TIME-WAIT, and its new number is below the old ones (RFC 9293 section 3.6.1).
      text: `${CLEAN}
        1.000000 > S seq -5000 win 64240 <mss 1460>
        1.020000 < S. seq 70000 ack -4999 win 65160 <mss 1460>
        1.020050 > . seq -4999 ack 70001`,
      frame: 11,
      severity: 'warning',
      says: /still in TIME-WAIT/,
    },
    not: {
      text: `${CLEAN}
        1.000000 > S seq 90000 win 64240 <mss 1460>
        1.020000 < S. seq 70000 ack 90001 win 65160 <mss 1460>
        1.020050 > . seq 90001 ack 70001`,
    },
  },

  'illegal-flags': {
    raises: {
      text: '0.0 > SF seq 0 win 1024\n0.02 < R. seq 0 ack 2 win 0',
      frame: 1,
      severity: 'warning',
      says: /has the flags \[FS\]: SYN and FIN at once/,
    },
    not: { text: CLEAN },
  },
  'reserved-bits': {
    // A scenario cannot write them: see header-bits.test.ts.
    raises: null,
    not: {
      text: '0.0 > SEWe seq 0 win 64240 <mss 1460>\n0.02 < S.E seq 0 ack 1 win 65160 <mss 1460>\n0.0201 > . ack 1',
    },
  },
  'window-scale-too-large': {
    raises: {
      text: '0.0 > S seq 0 win 64240 <mss 1460,nop,wscale 15>\n0.02 < S. seq 0 ack 1 <mss 1460,nop,wscale 7>\n0.0201 > . ack 1',
      frame: 1,
      severity: 'warning',
      says: /a window scale of 15/,
    },
    not: {
      text: '0.0 > S seq 0 win 64240 <mss 1460,nop,wscale 14>\n0.02 < S. seq 0 ack 1 <mss 1460,nop,wscale 7>\n0.0201 > . ack 1',
    },
  },
  'malformed-options': {
    raises: {
      text: '0.0 > S seq 0 win 64240 <bytes 0209>\n0.02 < S. seq 0 ack 1 <mss 1460>\n0.0201 > . ack 1',
      frame: 1,
      severity: 'warning',
    },
    not: {
      text: '0.0 > S seq 0 win 64240 <mss 1460,opt 200 0102>\n0.02 < S. seq 0 ack 1 <mss 1460>\n0.0201 > . ack 1',
    },
  },
  'urgent-data': {
    raises: {
      text: `${PLAIN}\n0.03 > PU. 1:4(3) ack 1 urg 3\n0.05 < . ack 4`,
      frame: 4,
      severity: 'info',
      says: /sent urgent data in 1 segment/,
    },
    not: { text: `${PLAIN}\n0.03 > P. 1:4(3) ack 1 urg 3\n0.05 < . ack 4` },
  },
  'urgent-pointer-zero': {
    raises: { text: `${PLAIN}\n0.03 > PU. 1:4(3) ack 1 urg 0\n0.05 < . ack 4`, frame: 4, severity: 'warning' },
    not: { text: `${PLAIN}\n0.03 > PU. 1:4(3) ack 1 urg 3\n0.05 < . ack 4` },
  },
  'urgent-pointer-unused': {
    raises: { text: `${PLAIN}\n0.03 > P. 1:4(3) ack 1 urg 3\n0.05 < . ack 4`, frame: 4, severity: 'info' },
    not: { text: CLEAN },
  },
  'timestamps-missing': {
    raises: {
      text: `${HANDSHAKE}
        0.030000 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.050000 < .  ack 101 <nop,nop,TS val 7030 ecr 1030>
        0.060000 > P. 101:201(100) ack 1`,
      frame: 6,
      severity: 'warning',
      says: /^Packet 6 of 10\.0\.0\.1:40000 \(client\) lacks the timestamps/,
    },
    not: {
      text: `${HANDSHAKE}\n0.03 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>\n0.05 < R. seq 1 ack 101 win 0`,
    },
  },
  'timestamps-backwards': {
    raises: {
      text: `${HANDSHAKE}
        0.030000 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.050000 < .  ack 101 <nop,nop,TS val 7030 ecr 1030>
        0.060000 > P. 101:201(100) ack 1 <nop,nop,TS val 500 ecr 7030>`,
      frame: 6,
      severity: 'warning',
      says: /a timestamp 530 ticks older/,
    },
    not: {
      // An old segment comes late: its timestamp is older rightly.
      text: `${HANDSHAKE}
        0.030000 > P. 101:201(100) ack 1 <nop,nop,TS val 1031 ecr 7000>
        0.030010 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.050000 < .  ack 201 <nop,nop,TS val 7030 ecr 1030>`,
    },
  },
  'sack-outside-window': {
    raises: {
      text: `${HANDSHAKE}
        0.030000 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.050000 < .  ack 101 win 501 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 500000:500100>`,
      frame: 5,
      severity: 'warning',
      says: /which lies beyond everything that its own window allowed/,
    },
    not: {
      // RFC 2883 section 4.1: a first block below the ACK is a D-SACK.
      text: `${HANDSHAKE}
        0.030000 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.050000 < .  ack 101 win 501 <nop,nop,TS val 7030 ecr 1030,nop,nop,sack 1:101>`,
    },
  },
  'illegal-transition': {
    raises: {
      // Figure 5 knows no SYN,ACK of an end that is ESTABLISHED and had sent a SYN alone.
      text: `${PLAIN}
        0.030000 > P. 1:101(100) ack 1
        0.060000 < .  ack 101
        0.070000 > S. seq 0 ack 1`,
      frame: 6,
      severity: 'warning',
      says: /\(client\) sent a SYN,ACK in ESTABLISHED, which TCP does not allow/,
    },
    not: {
      // The last ACK was lost: the FIN comes once more and TIME-WAIT remains (RFC 9293 section 3.10.7.4, eighth).
      text: `${CLEAN}
        0.400000 < F. seq 201 ack 102
        0.400100 > .  ack 202`,
    },
  },
  'blind-syn': {
    raises: {
      text: `${PLAIN}${REQUEST}
        0.500000 > S seq 201 win 1024
        0.500050 < . seq 201 ack 101
        0.600000 > P. 101:201(100) ack 201
        0.620000 < . ack 201`,
      frame: 8,
      severity: 'warning',
      says: /in the middle of its connection with 10\.0\.0\.2:80 \(server\)/,
    },
    not: {
      text: `${PLAIN}${REQUEST}
        0.500000 > R. seq 101 ack 201 win 0
        1.000000 > S seq 90000 win 64240 <mss 1460>
        1.020000 < S. seq 70000 ack 90001 win 65160 <mss 1460>`,
    },
  },
  'injected-segment': {
    raises: {
      text: `${HANDSHAKE}
        0.030000 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.050000 < .  ack 101 <nop,nop,TS val 7030 ecr 1030>
        0.060000 > P. 501:510(9) ack 1 "malicious" ttl 57
        0.070000 > P. 101:601(500) ack 1 <nop,nop,TS val 1070 ecr 7030>
        0.090000 < .  ack 601 <nop,nop,TS val 7090 ecr 1070>`,
      frame: 6,
      severity: 'warning',
      says: /lacks the agreed timestamps, the next offset of its sender is 101 and its TTL is 57 instead of 64/,
    },
    not: {
      text: `${HANDSHAKE}
        0.030000 > P. 1:101(100) ack 1 <nop,nop,TS val 1030 ecr 7000>
        0.050000 < .  ack 101 <nop,nop,TS val 7030 ecr 1030>
        0.060000 > P. 101:201(100) ack 1`,
    },
  },
  'icmp-unreachable': {
    raises: {
      text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 icmp admin-prohibited quotes 1 from 10.9.9.9',
      frame: 2,
      severity: 'warning',
      says: /^10\.9\.9\.9 reported "communication administratively prohibited" for a packet of 10\.0\.0\.1:40000 \(client\) to 10\.0\.0\.2:80/,
    },
    not: { text: `${PLAIN}\n0.03 > . 1:1461(1460) ack 1\n0.04 icmp frag-needed quotes 4 from 10.9.9.9 mtu 1400` },
  },
  'icmp-too-big': {
    raises: {
      text: `${PLAIN}\n0.03 > . 1:1461(1460) ack 1\n0.04 icmp frag-needed quotes 4 from 10.9.9.9 mtu 1400`,
      frame: 5,
      severity: 'info',
      says: /which takes 1,400 bytes/,
    },
    not: { text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 icmp host-unreachable quotes 1 from 10.9.9.9' },
  },
  'icmp-other': {
    raises: {
      text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 icmp time-exceeded quotes 1 from 10.9.9.9',
      frame: 2,
      severity: 'info',
      says: /reported "time exceeded"/,
    },
    not: { text: '0.0 > S seq 0 win 64240 <mss 1460>\n0.02 icmp host-unreachable quotes 1 from 10.9.9.9' },
  },

  'initial-window-exceeded': {
    raises: {
      text: PLAIN + segments(0.03, 0, 12) + acknowledge(0.051, 12),
      frame: 14,
      says: /sent 12 segments before anything was acknowledged; 10 are allowed/,
    },
    not: { text: PLAIN + segments(0.03, 0, 10) + acknowledge(0.051, 10) },
  },
  'window-growth-too-fast': {
    // Ten are acknowledged: slow start allows twenty, and our slack 24.
    raises: { text: PLAIN + segments(0.03, 0, 10) + acknowledge(0.051, 10) + segments(0.0511, 10, 26), frame: 39 },
    not: { text: PLAIN + segments(0.03, 0, 10) + acknowledge(0.051, 10) + segments(0.0511, 10, 20) },
  },
  'burst-after-timeout': {
    raises: { text: PLAIN + segments(0.03, 0, 10) + segments(1.1, 0, 8) + acknowledge(1.121, 10), frame: 19 },
    not: {
      text:
        PLAIN +
        segments(0.03, 0, 10) +
        segments(1.1, 0, 1) +
        acknowledge(1.121, 1) +
        segments(1.1211, 1, 2) +
        acknowledge(1.142, 3) +
        segments(1.1421, 3, 4) +
        acknowledge(1.163, 10),
    },
  },
  'loss-without-reduction': {
    raises: { text: losses(20), says: /at last 20 segments after 20 segments/ },
    // CUBIC, the mildest of the standards, goes on with 0.7.
    not: { text: losses(14) },
  },
};
