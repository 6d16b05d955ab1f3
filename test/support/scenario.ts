/**
 * Captures written as text, one packet a line, in the words of tcpdump:
 *
 *      0.000  > S    seq 0 win 65535 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>
 *      0.020  < S.   seq 0 ack 1 <mss 1460>                     # after a hash stands the line's note
 *     +0.000  > .    ack 1
 *      0.030  > P.   1:6(5) ack 1 "hello" id 77 ttl 63
 *      0.050  icmp host-unreachable quotes 4 from 10.9.9.9
 *      0.051  dup 4 ttl 62
 *
 * TIME is in seconds (or hours:minutes:seconds) from `start`, or with a plus from the line before. Sequence numbers are
 * relative to the initial ones; with ISNs of 0 they are those of an RFC's figure.
 *
 *     TIME > FLAGS ...   from client to server; < the other way. Flags as tcpdump writes them (FSRP.UEWe), or none
 *         1:101(100)     the bytes of the payload; or `seq 1` alone. Left out: where the sender's stream stands
 *         ack N          needed with the ACK flag
 *         win N          not scaled. Left out: as the sender's last one
 *         urg N          needed with the U flag
 *         <...>          options, see tcp-option-text.ts
 *         "text"         the payload; without it, a pattern that follows from the place in the stream
 *         conn NAME      one of `connections`
 *         missed         sent, but not in the capture
 *         id N, ttl N, tos N, nodf, iplen0, ipcksum N             of the IP header (numbers may be 0x..)
 *         badcksum, offload, cksum N                              instead of the right TCP checksum
 *         vlan N, pad N (to that length), snap N (kept of it)     of the frame
 *     TIME dup FRAME ...                                          that frame again; the last three rows may be changed
 *     TIME icmp ERROR quotes FRAME from ADDRESS mtu N bytes N     an error for the sender of that frame
 *     TIME raw HEX                                                any frame at all
 */
import {
  type Address,
  type ChecksumRule,
  type Endpoint,
  ethernetFrame,
  fromHex,
  icmpError,
  ipPacket,
  join,
  parseAddress,
  parseEndpoint,
  tcpSegment,
  u32,
} from './packet-bytes.ts';
import { type PcapRecord, writePcap } from './pcap-file.ts';
import { encodeOptions, parseRange } from './tcp-option-text.ts';

export interface ConnectionOptions {
  client?: string;
  server?: string;
  clientIsn?: number;
  serverIsn?: number;
}

export interface ScenarioOptions extends ConnectionOptions {
  /** Further connections, for lines that end in `conn NAME`. */
  connections?: Record<string, ConnectionOptions>;
  link?: 'ethernet' | 'raw' | 'null' | 'sll2';
  clientMac?: string;
  serverMac?: string;
  /** When time 0.000 is: anything that Date reads. */
  start?: string;
  resolution?: 'us' | 'ns';
  byteOrder?: 'little' | 'big';
  snaplen?: number;
}

export interface ScenarioLine {
  /** Number of the frame in the capture, from 1. */
  frame: number;
  /** The line as it was written, and what stood after its hash. */
  text: string;
  note: string;
  /** Nanoseconds since 1970. */
  time: bigint;
  connection: string;
  /** Null for frames that are no segment of their own (icmp, raw). */
  from: 'client' | 'server' | null;
  /** As on the wire, not relative. */
  seq: number;
  ack: number;
  flags: number;
  payload: Uint8Array;
}

export interface Scenario {
  pcap: Uint8Array;
  lines: ScenarioLine[];
  /** The link layer frames whole, not cut by the snaplen. */
  packets: Uint8Array[];
}

/** These straddle 2^32: the server's first bytes and the client's first kilobyte cross it. */
export const DEFAULT_CLIENT_ISN = 4294966900;
export const DEFAULT_SERVER_ISN = 4294967290;

export const LINK_TYPES = { null: 0, ethernet: 1, raw: 101, sll2: 276 } as const;

/** In the order of their bits. */
const FLAG_LETTERS = 'FSRP.UEWe';
const SYN = 2;
const FIN = 1;
const ACK = 16;
const URG = 32;

/** Type and code of ICMP errors, for IPv4 and for IPv6 (RFC 792, RFC 1122 section 3.2.2.1, RFC 4443). */
const ICMP_ERRORS: Record<string, { 4?: [number, number]; 6?: [number, number] }> = {
  'net-unreachable': { 4: [3, 0], 6: [1, 0] },
  'host-unreachable': { 4: [3, 1], 6: [1, 3] },
  'protocol-unreachable': { 4: [3, 2], 6: [4, 1] },
  'port-unreachable': { 4: [3, 3], 6: [1, 4] },
  'frag-needed': { 4: [3, 4] },
  'too-big': { 6: [2, 0] },
  'admin-prohibited': { 4: [3, 13], 6: [1, 1] },
  'source-quench': { 4: [4, 0] },
  'time-exceeded': { 4: [11, 0], 6: [3, 0] },
};

interface Side {
  name: 'client' | 'server';
  endpoint: Endpoint;
  mac: Uint8Array;
  isn: number;
  /** Where its stream stands: the highest end it has sent. */
  next: number;
  window: number;
  ipId: number;
}

interface Packet {
  line: ScenarioLine;
  from: Side;
  to: Side;
  segment: Uint8Array;
  /** The packet from its IP header on. */
  ip: Uint8Array;
  extras: Extras;
}

/** What a line may say of the layers below TCP. `dup` copies them and changes some. */
interface Extras {
  id: number;
  ttl: number;
  tos: number;
  dontFragment: boolean;
  lengthZero: boolean;
  headerChecksum: number | null;
  checksum: ChecksumRule;
  vlan: number | null;
  pad: number;
  snap: number | null;
}

/** The words of a line, taken from the front. */
class Words {
  readonly #words: string[];

  constructor(text: string) {
    this.#words = text.match(/"(?:[^"\\]|\\.)*"|<\S[^>]*>|\S+/g) ?? [];
  }

  get empty(): boolean {
    return this.#words.length === 0;
  }

  peek(): string {
    return this.#words[0] ?? '';
  }

  next(what: string): string {
    const word = this.#words.shift();
    if (word === undefined) throw new Error(`${what} is missing`);
    return word;
  }

  /** Takes the next word if it is `word`. */
  skip(word: string): boolean {
    if (this.#words[0] !== word) return false;
    this.#words.shift();
    return true;
  }

  number(what: string): number {
    const word = this.next(what);
    const value = Number(word);
    if (!Number.isInteger(value)) throw new Error(`${what} is no number: ${word}`);
    return value;
  }
}

export function scenario(options: ScenarioOptions, text: string): Scenario {
  return new ScenarioWriter(options).write(text);
}

class ScenarioWriter {
  readonly #options: ScenarioOptions;
  readonly #connections = new Map<string, { client: Side; server: Side }>();
  readonly #packets = new Map<number, Packet>();
  readonly #lines: ScenarioLine[] = [];
  readonly #records: PcapRecord[] = [];
  readonly #start: bigint;
  #time: bigint;

  constructor(options: ScenarioOptions) {
    this.#options = options;
    this.#start = BigInt(Date.parse(options.start ?? '2026-01-01T00:00:00Z')) * 1_000_000n;
    this.#time = this.#start;
    this.#connect('A', options);
    for (const [name, connection] of Object.entries(options.connections ?? {})) this.#connect(name, connection);
  }

  write(text: string): Scenario {
    for (const [index, line] of text.split('\n').entries()) {
      try {
        this.#line(line);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`scenario line ${index + 1}: ${message}\n    ${line.trim()}`, { cause: error });
      }
    }
    const { link = 'ethernet', resolution = 'us', byteOrder = 'little', snaplen = 262144 } = this.#options;
    return {
      pcap: writePcap({ linkType: LINK_TYPES[link], resolution, byteOrder, snaplen }, this.#records),
      lines: this.#lines,
      packets: this.#records.map((record) => record.bytes),
    };
  }

  #connect(name: string, options: ConnectionOptions): void {
    const side = (which: 'client' | 'server', endpoint: string, isn: number, mac: string, ipId: number): Side => ({
      name: which,
      endpoint: parseEndpoint(endpoint),
      mac: fromHex(mac.replaceAll(':', '')),
      isn,
      next: 0,
      window: 65535,
      ipId,
    });
    const { client = '10.0.0.1:40000', server = '10.0.0.2:80' } = options;
    const { clientMac = '02:00:00:00:00:01', serverMac = '02:00:00:00:00:02' } = this.#options;
    this.#connections.set(name, {
      client: side('client', client, options.clientIsn ?? DEFAULT_CLIENT_ISN, clientMac, 1000),
      server: side('server', server, options.serverIsn ?? DEFAULT_SERVER_ISN, serverMac, 5000),
    });
  }

  #line(text: string): void {
    const [code, note = ''] = splitNote(text);
    const words = new Words(code);
    if (words.empty) return;
    this.#setTime(words.next('the time'));
    const line: ScenarioLine = {
      frame: this.#lines.length + 1,
      text: code.trim(),
      note,
      time: this.#time,
      connection: 'A',
      from: null,
      seq: 0,
      ack: 0,
      flags: 0,
      payload: new Uint8Array(0),
    };
    const what = words.next('the direction');
    if (what === '>' || what === '<') this.#segment(line, what, words);
    else if (what === 'dup') this.#duplicate(line, words);
    else if (what === 'icmp') this.#icmp(line, words);
    else if (what === 'raw') this.#emit(line, fromHex(words.next('the bytes')), null);
    else throw new Error(`not > or < or dup or icmp or raw: ${what}`);
    if (!words.empty) throw new Error(`not understood: ${words.peek()}`);
  }

  #setTime(word: string): void {
    const found = /^(\+?)(?:(\d+):(\d+):)?(\d+)(?:\.(\d{1,9}))?$/.exec(word);
    if (!found) throw new Error(`not a time: ${word}`);
    const seconds = Number(found[2] ?? 0) * 3600 + Number(found[3] ?? 0) * 60 + Number(found[4]);
    const offset = BigInt(seconds) * 1_000_000_000n + BigInt((found[5] ?? '').padEnd(9, '0'));
    this.#time = (found[1] ? this.#time : this.#start) + offset;
  }

  #segment(line: ScenarioLine, direction: string, words: Words): void {
    const flags = parseFlags(words.next('the flags'));
    const fields: { seq?: number; end?: number; ack?: number; win?: number; urg?: number } = {};
    let optionText = '';
    let literal: Uint8Array | null = null;
    let missed = false;
    const extras = { ...DEFAULT_EXTRAS };
    let id: number | null = null;

    while (!words.empty) {
      const word = words.next('a field');
      if (/^-?\d+:-?\d+/.test(word)) [fields.seq, fields.end] = parseRange(word);
      else if (word === 'seq') {
        if (words.peek().includes(':')) [fields.seq, fields.end] = parseRange(words.next('seq'));
        else fields.seq = words.number('seq');
      } else if (word === 'ack' || word === 'win' || word === 'urg') fields[word] = words.number(word);
      else if (word.startsWith('<')) optionText = word.slice(1, -1);
      else if (word.startsWith('"')) literal = new TextEncoder().encode(JSON.parse(word));
      else if (word === 'conn') line.connection = words.next('the name of the connection');
      else if (word === 'missed') missed = true;
      else if (word === 'id') id = words.number('id');
      else if (!takeExtra(word, words, extras)) throw new Error(`not understood: ${word}`);
    }

    const ends = this.#connections.get(line.connection);
    if (!ends) throw new Error(`no connection has the name ${line.connection}`);
    const [from, to] = direction === '>' ? [ends.client, ends.server] : [ends.server, ends.client];
    if (flags & ACK && fields.ack === undefined) throw new Error('the ACK flag needs an ack number');
    if (flags & URG && fields.urg === undefined) throw new Error('the U flag needs an urg pointer');

    const seq = fields.seq ?? from.next;
    const length = fields.end !== undefined ? fields.end - seq : (literal?.length ?? 0);
    if (length < 0) throw new Error('the range ends before it begins');
    if (literal && literal.length !== length) throw new Error(`the text has ${literal.length} bytes, not ${length}`);
    const firstByte = seq + (flags & SYN ? 1 : 0);
    const payload = literal ?? patternBytes(firstByte, length, from.name);
    from.next = Math.max(from.next, firstByte + length + (flags & FIN ? 1 : 0));
    from.window = fields.win ?? from.window;
    extras.id = id ?? from.ipId++;
    if (missed) return;

    Object.assign(line, {
      from: from.name,
      seq: (from.isn + seq) >>> 0,
      ack: fields.ack === undefined ? 0 : (to.isn + fields.ack) >>> 0,
      flags,
      payload,
    });
    const segment = tcpSegment({
      source: from.endpoint,
      destination: to.endpoint,
      seq: line.seq,
      ack: line.ack,
      flags,
      window: from.window,
      urgent: fields.urg ?? 0,
      options: encodeOptions(optionText, to.isn),
      payload,
      checksum: extras.checksum,
    });
    this.#emitSegment({ line, from, to, segment, ip: segment, extras });
  }

  /** The same segment once more, as a mirror port, a bridge or a loop makes it. */
  #duplicate(line: ScenarioLine, words: Words): void {
    const original = this.#quoted(words);
    const extras = { ...original.extras };
    while (!words.empty) {
      const word = words.next('a field');
      if (!takeExtra(word, words, extras)) throw new Error(`not understood: ${word}`);
    }
    const { frame, text, note, time } = line;
    this.#emitSegment({ ...original, line: { ...original.line, frame, text, note, time }, extras });
  }

  #icmp(line: ScenarioLine, words: Words): void {
    const name = words.next('the kind of error');
    if (!ICMP_ERRORS[name]) throw new Error(`not one of ${Object.keys(ICMP_ERRORS).join(', ')}: ${name}`);
    if (!words.skip('quotes')) throw new Error('quotes is missing');
    const original = this.#quoted(words);
    let router: Address = original.to.endpoint.address;
    let mtu = 0;
    const version = router.version;
    let bytes = version === 4 ? 28 : 1232; // RFC 792: the header and 64 bits; RFC 4443: as much as fits in 1280
    while (!words.empty) {
      const word = words.next('a field');
      if (word === 'from') router = parseAddress(words.next('the address'));
      else if (word === 'mtu') mtu = words.number('mtu');
      else if (word === 'bytes') bytes = words.number('bytes');
      else throw new Error(`not understood: ${word}`);
    }
    const kind = ICMP_ERRORS[name][version];
    if (!kind) throw new Error(`IPv${version} has no ${name}`);
    const { from, to } = original;
    const target = from.endpoint.address;
    const payload = icmpError(router, target, kind[0], kind[1], mtu, original.ip.subarray(0, bytes));
    const protocol = version === 4 ? 1 : 58;
    const extras = { ...DEFAULT_EXTRAS, dontFragment: false };
    const ip = ipPacket({ ...extras, source: router, destination: target, protocol, payload });
    line.connection = original.line.connection;
    this.#emit(line, this.#frame(to.mac, from.mac, version, ip, extras), null);
  }

  #quoted(words: Words): Packet {
    const frame = words.number('the number of the frame');
    const packet = this.#packets.get(frame);
    if (!packet) throw new Error(`frame ${frame} is no segment before this line`);
    return packet;
  }

  #emitSegment(packet: Packet): void {
    const { from, to, segment, extras } = packet;
    const [source, destination] = [from.endpoint.address, to.endpoint.address];
    packet.ip = ipPacket({ ...extras, source, destination, protocol: 6, payload: segment });
    this.#packets.set(packet.line.frame, packet);
    this.#emit(packet.line, this.#frame(from.mac, to.mac, source.version, packet.ip, extras), extras.snap);
  }

  #frame(source: Uint8Array, destination: Uint8Array, version: 4 | 6, ip: Uint8Array, extras: Extras): Uint8Array {
    const { link = 'ethernet', byteOrder = 'little' } = this.#options;
    if (link !== 'ethernet' && (extras.vlan !== null || extras.pad)) throw new Error(`${link} has no vlan and no pad`);
    if (link === 'raw') return ip;
    if (link === 'null') {
      const family = u32(version === 4 ? 2 : 30); // AF_INET, and AF_INET6 as macOS counts, in the order of the host
      return join(byteOrder === 'little' ? family.reverse() : family, ip);
    }
    if (link === 'sll2') {
      // Protocol, reserved, interface 1 (of Linux: lo), ARPHRD_ETHER, to this host, an address of 6 bytes in 8.
      const head = [version === 4 ? [0x08, 0x00] : [0x86, 0xdd], [0, 0], [0, 0, 0, 1], [0, 1], [0], [6]].flat();
      return join(Uint8Array.from([...head, ...source, 0, 0]), ip);
    }
    const frame = ethernetFrame(source, destination, extras.vlan, version, ip);
    return join(frame, new Uint8Array(Math.max(0, extras.pad - frame.length)));
  }

  #emit(line: ScenarioLine, bytes: Uint8Array, keep: number | null): void {
    this.#lines.push(line);
    this.#records.push(keep === null ? { time: line.time, bytes } : { time: line.time, bytes, keep });
  }
}

const DEFAULT_EXTRAS: Extras = {
  id: 0,
  ttl: 64,
  tos: 0,
  dontFragment: true,
  lengthZero: false,
  headerChecksum: null,
  checksum: 'right',
  vlan: null,
  pad: 0,
  snap: null,
};

function takeExtra(word: string, words: Words, extras: Extras): boolean {
  switch (word) {
    case 'id':
    case 'ttl':
    case 'tos':
    case 'vlan':
    case 'pad':
    case 'snap':
      extras[word] = words.number(word);
      return true;
    case 'nodf':
      extras.dontFragment = false;
      return true;
    case 'iplen0':
      extras.lengthZero = true;
      return true;
    case 'ipcksum':
      extras.headerChecksum = words.number(word);
      return true;
    case 'cksum':
      extras.checksum = words.number(word);
      return true;
    case 'badcksum':
      extras.checksum = 'wrong';
      return true;
    case 'offload':
      extras.checksum = 'offload';
      return true;
    default:
      return false;
  }
}

/** Separates the note after the first hash that stands in no quotes. */
function splitNote(line: string): [string, string] {
  const code = /^(?:"(?:[^"\\]|\\.)*"|[^"#])*/.exec(line)?.[0] ?? '';
  if (line[code.length] === '"') throw new Error('the text has no end');
  return [code, line.slice(code.length + 1).trim()];
}

function parseFlags(word: string): number {
  if (word === 'none') return 0;
  let flags = 0;
  for (const letter of word) {
    const bit = FLAG_LETTERS.indexOf(letter);
    if (bit < 0) throw new Error(`no flag has the letter ${letter}: ${word}`);
    flags |= 1 << bit;
  }
  return flags;
}

/** Printable bytes that follow from the place in the stream: what is sent again is the same again. */
export function patternBytes(firstByte: number, length: number, side: 'client' | 'server'): Uint8Array {
  const [base, step] = side === 'client' ? [0x61, 7] : [0x41, 11]; // small letters from the client, capitals from the server
  const bytes = new Uint8Array(length);
  let letter = (((firstByte * step) % 26) + 26) % 26;
  for (let i = 0; i < length; i++) {
    bytes[i] = base + letter;
    letter = (letter + step) % 26;
  }
  return bytes;
}
