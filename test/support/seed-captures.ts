/** The captures of the documents that this project began with, made again from what the documents print. */
import { type Scenario, scenario } from './scenario.ts';

/** The link header of `lo` on Linux, an Ethernet of zeros. */
const LOOPBACK_HEADER = `${'00'.repeat(12)}0800`;

/** A capture from what `tcpdump -v -X` printed: the hexadecimal columns begin at the IP header. */
export function loopbackFromListing(listing: string, date: string): Scenario {
  const packets = listing.split(/^(?=\d\d:\d\d:\d\d\.\d{6} IP )/m).filter((text) => / IP /.test(text));
  const lines = packets.map((text) => {
    const rows = text.matchAll(/^\s+0x[0-9a-f]{4}: {2}((?:[0-9a-f]{2,4} )+) /gm);
    const hex = [...rows].map((row) => row[1].replaceAll(' ', '')).join('');
    return `${text.slice(0, 15)} raw ${LOOPBACK_HEADER}${hex}`;
  });
  return scenario({ start: `${date}T00:00:00Z` }, lines.join('\n'));
}

/**
 * The lo0 trace of the fifth document. Both checksums were left to an interface that computes none: 0 in the IP header, the
 * sum of the pseudo-header in the TCP header. Their right values, printed beside them, are the proof of all else.
 */
export const bsdLoopback = (): Scenario =>
  scenario(
    {
      client: '127.0.0.1:57273',
      server: '127.0.0.1:8080',
      clientIsn: 84347051,
      serverIsn: 2958367133,
      link: 'null',
      start: '2021-08-02T00:00:00Z',
    },
    `
00:35:50.265450 > S   seq 0 win 65535 <mss 16344,nop,wscale 5,nop,nop,TS val 1525310591 ecr 0,sackOK,eol> id 35702 tos 0x10 ipcksum 0 offload
00:35:50.265585 < S.  seq 0 ack 1 win 65535 <mss 16344,nop,wscale 5,nop,nop,TS val 1525310591 ecr 1525310591,sackOK,eol> id 10086 ipcksum 0 offload
00:35:50.265599 > .   ack 1 win 12759 <nop,nop,TS val 1525310591 ecr 1525310591> id 54858 tos 0x10 ipcksum 0 offload
00:35:50.265614 < .   ack 1 win 12759 <nop,nop,TS val 1525310591 ecr 1525310591> id 63250 ipcksum 0 offload
00:56:40.220526 > F.  ack 1 <nop,nop,TS val 1526558843 ecr 1525310591> id 33599 tos 0x10 ipcksum 0 offload
00:56:40.220579 < .   ack 2 <nop,nop,TS val 1526558843 ecr 1526558843> id 224 ipcksum 0 offload
00:56:40.220608 > .   ack 1 <nop,nop,TS val 1526558843 ecr 1526558843> id 40943 tos 0x10 ipcksum 0 offload
00:56:40.227383 < F.  ack 2 <nop,nop,TS val 1526558849 ecr 1526558843> id 49366 ipcksum 0 offload
00:56:40.227473 > .   ack 2 <nop,nop,TS val 1526558849 ecr 1526558849> id 26769 tos 0x10 ipcksum 0 offload`,
  );

const HTTP_SEGMENT = 1448;
const HTTP_SEGMENTS = 16;
const HTTP_LAST_SEGMENT = 325;
/** Seconds: no answer of the server passes sooner after what it answers. */
const HTTP_ROUND_TRIP = 0.0469;

/**
 * The walk through an HTTP exchange of 40 packets of the third document: a request of 725 bytes, a response in segments of
 * 1448 with an ACK after each, and a close in packets 38 to 40. What the text leaves open is chosen here.
 */
export function http40Packets(): Scenario {
  const request = fill(
    'GET /download.html HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\nCookie: ',
    721,
    '\r\n\r\n',
  );
  const total = (HTTP_SEGMENTS - 1) * HTTP_SEGMENT + HTTP_LAST_SEGMENT;
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ';
  const body = total - head.length - '00000\r\n\r\n'.length;
  const response = fill(`${head}${body}\r\n\r\n`, total, '');

  let time = 0;
  const clocks = { '>': 352_400, '<': 7_961_000 };
  /** Of each end: when its segments passed, and their TSvals. */
  const passed = { '>': [{ time: 0, stamp: 0 }], '<': [{ time: 0, stamp: 0 }] };
  const lines: string[] = [];
  const add = (wait: number, direction: '>' | '<', fields: string, options = 'nop,nop'): void => {
    time += wait;
    const stamp = clocks[direction] + Math.floor(time * 1000);
    // The client is at the capture. The server echoes what had reached it: nothing that passed less than a round trip ago.
    const heard = direction === '>' ? time : time - HTTP_ROUND_TRIP;
    const echo = passed[direction === '>' ? '<' : '>'].findLast((other) => other.time <= Math.max(heard, 0));
    passed[direction].push({ time, stamp });
    const stamps = `TS val ${stamp} ecr ${echo?.stamp ?? 0}`;
    lines.push(`${time.toFixed(6)} ${direction} ${fields} <${options},${stamps}>`);
  };
  add(0, '>', 'S seq 0 win 5840', 'mss 1460,sackOK,nop,wscale 7');
  add(0.0475, '<', 'S. seq 0 ack 1 win 5792', 'mss 1460,sackOK,nop,wscale 6');
  add(0.00004, '>', '. ack 1 win 46');
  add(0.00062, '>', `P. 1:726(725) ack 1 ${JSON.stringify(request)}`);
  add(0.0482, '<', '. ack 726 win 114');
  for (let i = 0; i < HTTP_SEGMENTS; i++) {
    const from = i * HTTP_SEGMENT;
    const text = response.slice(from, from + HTTP_SEGMENT);
    const [begin, end] = [1 + from, 1 + from + text.length];
    const flags = end > total ? 'P.' : '.';
    const startsFlight = [1, 3, 7].includes(i); // a slow start: flights of 1, 2, 4 and the rest
    add(startsFlight ? 0.047 : 0.0011, '<', `${flags} ${begin}:${end} ack 726 ${JSON.stringify(text)}`);
    add(0.00003, '>', `. ack ${end} win ${46 + 23 * (i + 1)}`);
  }
  add(0.0085, '>', `F. seq 726 ack ${1 + total}`);
  add(0.0477, '<', `F. seq ${1 + total} ack 727`);
  add(0.00004, '>', `. seq 727 ack ${2 + total}`);
  return scenario(
    {
      client: '192.0.2.10:54841',
      server: '198.51.100.80:80',
      clientIsn: 2387613953,
      serverIsn: 3344080264,
      clientMac: '02:00:5e:00:53:0a',
      serverMac: '02:00:5e:00:53:50',
      start: '2021-03-25T12:00:00Z',
    },
    lines.join('\n'),
  );
}

/** `head`, then letters up to `length` characters, then `tail`. */
function fill(head: string, length: number, tail: string): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26));
  return head + letters.slice(0, length - head.length) + tail;
}
