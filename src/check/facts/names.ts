import { FINDING_IDS } from '../../detect/catalogue.ts';
import { type Endpoint, ROLE_REASON_NAMES } from '../../model/connection.ts';
import { ending } from '../../model/ending.ts';
import { SEVERITIES } from '../../model/finding.ts';
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../../model/flags.ts';
import { Option } from '../../model/segment.ts';
import { BASIS_NAMES, STATE_NAMES, State } from '../../model/state.ts';
import { CAUSE_NAMES, KIND_NAMES, Kind } from '../../model/verdict.ts';
import type { AddressValue } from '../language/compile.ts';
import { TIME } from '../language/dimension.ts';
import {
  ADDRESS,
  BOOL,
  DURATION,
  type Field,
  listOf,
  NUMBER,
  oneOf,
  record,
  type Schema,
  SIZE,
  SPEED,
  STRING,
  type Type,
} from '../language/type.ts';
import { counted, estimated, exact, MAX_FRAMES, seen, unknown, type Val } from '../language/value.ts';
import type { CaptureState } from './capture-state.ts';
import { type AnomalyFact, type FlowFacts, type SideFacts, statesOf } from './flow-facts.ts';
import type { PacketFact } from './packet-fact.ts';

const STATES = STATE_NAMES.filter((_, state) => state !== State.UNKNOWN);
const ROLES = ['client', 'server'] as const;
const CAUSES = CAUSE_NAMES.filter((cause) => cause !== null);
const WHO = ['network', 'sender', 'receiver', 'application', 'capture', 'unknown'] as const;

/** How a connection ended, in one word each. */
const CLOSINGS = ['fin', 'reset', 'refused', 'abandoned', 'half-closed', 'unanswered', 'unfinished', 'open'] as const;

function field<T>(type: Type, about: string, get: (of: T) => Val): Field<T> {
  return { type, about, get };
}

// Packets

const FLAG_BITS = { fin: FIN, syn: SYN, rst: RST, psh: PSH, ack: ACK, urg: URG, ece: ECE, cwr: CWR };

const FLAGS: Schema<PacketFact> = {
  name: 'flags',
  fields: Object.fromEntries(
    Object.entries(FLAG_BITS).map(([name, bit]) => [
      name,
      field<PacketFact>(BOOL, `the ${name.toUpperCase()} bit`, ({ flags }) => exact((flags & bit) !== 0)),
    ]),
  ),
};

function atPacket(get: (packet: PacketFact) => unknown): (packet: PacketFact) => Val {
  return (packet) => exact(get(packet), [packet.frame]);
}

const PACKET_FIELDS: Record<string, Field<PacketFact>> = {
  frame: field(
    NUMBER,
    'number of the packet in the capture',
    atPacket(({ frame }) => frame),
  ),
  time: field(
    DURATION,
    'since the first packet of the connection',
    atPacket(({ time }) => time),
  ),
  gap: field(
    DURATION,
    'since the packet before',
    atPacket(({ gap }) => gap),
  ),
  from: field(
    oneOf(ROLES),
    'client or server',
    atPacket(({ sender }) => sender.role),
  ),
  flags: field(record(FLAGS), 'fin, syn, rst, psh, ack, urg, ece, cwr', exact),
  seq: field(
    NUMBER,
    'sequence number, relative to the SYN',
    atPacket(({ seq }) => seq),
  ),
  end: field(
    NUMBER,
    'sequence number behind it',
    atPacket(({ end }) => end),
  ),
  ack_number: field(NUMBER, 'acknowledgment number, relative; none without ACK', (packet) =>
    exact(packet.ack < 0 ? null : packet.ack, [packet.frame]),
  ),
  payload: field(
    SIZE,
    'bytes of data',
    atPacket(({ payload }) => payload),
  ),
  window: field(SIZE, 'window in bytes', ({ window, frame }) =>
    window < 0 ? unknown('the handshake was not captured, so the window scale is unknown') : exact(window, [frame]),
  ),
  ttl: field(
    NUMBER,
    'TTL or hop limit',
    atPacket(({ ttl }) => ttl),
  ),
  kind: field(
    oneOf(KIND_NAMES),
    KIND_NAMES.join(', '),
    atPacket(({ kind }) => kind),
  ),
  cause: field(
    oneOf(CAUSES),
    'why it was retransmitted, none for others',
    atPacket(({ cause }) => cause),
  ),
  retransmission: field(
    BOOL,
    'data or a SYN or FIN sent again',
    atPacket(({ verdict }) => verdict.kind === Kind.RETRANSMISSION),
  ),
  reordered: field(
    BOOL,
    'seen behind a packet that was sent later',
    atPacket(({ verdict }) => verdict.kind === Kind.REORDERED),
  ),
  duplicate: field(
    BOOL,
    'the same packet once more',
    atPacket(({ verdict }) => verdict.kind === Kind.DUPLICATE),
  ),
  spurious: field(
    BOOL,
    'a retransmission that was not needed',
    atPacket(({ verdict }) => verdict.spurious),
  ),
  lost: field(
    BOOL,
    'this copy did not arrive',
    atPacket(({ isLost }) => isLost),
  ),
  mss: field(
    SIZE,
    'MSS option, none without',
    atPacket(({ options }) => (options.present & Option.MSS ? options.mss : null)),
  ),
  anomaly_ids: field(
    { kind: 'list', of: STRING },
    'ids of the findings attached to it',
    atPacket(({ anomalies }) => anomalies),
  ),
};

export const PACKET: Schema<PacketFact> = { name: 'packet', fields: PACKET_FIELDS };

// Groups of packets

/** Packets of one sort, and what they are a part of. */
export interface Group {
  readonly items: readonly PacketFact[];
  readonly missing: string | null;
  /** Packets with data, and bytes of data, of the ends concerned. */
  readonly dataPackets: number;
  readonly dataBytes: number;
}

/** The packets, and those that they repeat. */
function framesOf(items: readonly PacketFact[]): number[] {
  return [...new Set(items.slice(0, MAX_FRAMES).flatMap(({ evidence }) => evidence))].sort((a, b) => a - b);
}

function bytesOf(items: readonly PacketFact[]): number {
  return items.reduce((sum, { payload }) => sum + payload, 0);
}

const GROUP_FIELDS: Record<string, Field<Group>> = Object.fromEntries(
  Object.entries<Field<Group>>({
    count: field(NUMBER, 'how many', ({ items, missing }) => counted(items.length, missing, framesOf(items))),
    bytes: field(SIZE, 'their bytes of data', ({ items, missing }) =>
      counted(bytesOf(items), missing, framesOf(items)),
    ),
    ratio: field(NUMBER, 'their share of the packets with data', ({ items, missing, dataPackets }) =>
      estimated(items.length / Math.max(dataPackets, 1), missing, framesOf(items)),
    ),
    bytes_ratio: field(NUMBER, 'their share of the bytes of data', ({ items, missing, dataBytes }) =>
      estimated(bytesOf(items) / Math.max(dataBytes, 1), missing, framesOf(items)),
    ),
    packets: field(listOf(PACKET), 'the packets themselves', ({ items, missing }) =>
      missing === null ? exact(items) : { v: items, why: missing },
    ),
  }).map(([name, rest]) => [name, { ...rest, cost: ({ items }: Group) => items.length }]),
);

export const GROUP: Schema<Group> = { name: 'group of packets', fields: GROUP_FIELDS, main: 'count' };

function part(about: string, belongs: (packet: PacketFact) => boolean): Field<Group> {
  return {
    ...field<Group>(record(GROUP), about, (group) =>
      exact({ ...group, items: group.items.filter(belongs) } satisfies Group),
    ),
    cost: ({ items }) => items.length,
  };
}

const CAUSE_ABOUT: Record<string, string> = {
  syn: 'a SYN sent again',
  'syn-ack': 'a SYN,ACK sent again',
  fast: 'by duplicate ACKs or SACK (RFC 5681 section 3.2, RFC 6675)',
  rto: 'by the retransmission timer (RFC 6298)',
  'rto-recovery': 'what followed such a timeout',
  tlp: 'tail loss probes (RFC 8985 section 7)',
  pmtu: 'after ICMP said that a packet was too big',
  unknown: 'for no visible reason',
};

export const RETRANSMISSIONS: Schema<Group> = {
  name: 'retransmissions',
  main: 'count',
  fields: {
    ...GROUP_FIELDS,
    ...Object.fromEntries(
      CAUSES.map((cause) => [cause.replaceAll('-', '_'), part(CAUSE_ABOUT[cause], (packet) => packet.cause === cause)]),
    ),
    spurious: part('those that were not needed', ({ verdict }) => verdict.spurious),
    lost: part('those that were lost again', ({ isLost }) => isLost),
  },
};

function groupOf(items: readonly PacketFact[], ...sides: SideFacts[]): Val {
  return exact({
    items,
    missing: sides[0].flow.missing,
    dataPackets: sides.reduce((sum, { endpoint }) => sum + endpoint.dataPackets, 0),
    dataBytes: sides.reduce((sum, { endpoint }) => sum + endpoint.payloadBytes, 0),
  } satisfies Group);
}

type Kept =
  | 'retransmissions'
  | 'reordered'
  | 'duplicates'
  | 'keepAlives'
  | 'windowProbes'
  | 'lost'
  | 'resets'
  | 'fins'
  | 'syns'
  | 'badChecksums';

const GROUPS: readonly [name: string, kept: Kept, about: string][] = [
  [
    'retransmissions',
    'retransmissions',
    'what was sent again: count, bytes, ratio, packets, and by cause rto, fast, tlp ...',
  ],
  ['reordered', 'reordered', 'packets that later ones overtook'],
  ['duplicates', 'duplicates', 'packets seen twice, by the capture or the network'],
  ['keep_alives', 'keepAlives', 'keep-alive probes'],
  ['window_probes', 'windowProbes', 'probes into a closed window'],
  ['lost', 'lost', 'packets that did not arrive'],
  ['resets', 'resets', 'RST segments'],
  ['fins', 'fins', 'FIN segments'],
  ['syns', 'syns', 'SYN segments'],
  ['bad_checksums', 'badChecksums', 'segments with a wrong TCP checksum'],
];

function groupType(name: string): Type {
  return record(name === 'retransmissions' ? RETRANSMISSIONS : GROUP);
}

const SIDE_GROUPS = Object.fromEntries(
  GROUPS.map(([name, kept, about]) => [
    name,
    field<SideFacts>(groupType(name), about, (side) => groupOf(side[kept], side)),
  ]),
);

const FLOW_GROUPS = Object.fromEntries(
  GROUPS.map(([name, kept, about]) => [
    name,
    {
      ...field<FlowFacts>(groupType(name), about, ({ a, b }) => {
        const items = [...a[kept], ...b[kept]].sort((x, y) => x.frame - y.frame);
        return groupOf(items, a, b);
      }),
      cost: ({ a, b }: FlowFacts) => a[kept].length + b[kept].length,
    },
  ]),
);

// Zero windows

interface Closed {
  readonly spans: readonly { frame: number; start: number; end: number }[];
  readonly missing: string | null;
}

const ZERO_WINDOW: Schema<Closed> = {
  name: 'zero windows',
  main: 'count',
  fields: {
    count: field(NUMBER, 'how often a window closed', ({ spans, missing }) =>
      counted(
        spans.length,
        missing,
        spans.map(({ frame }) => frame),
      ),
    ),
    total_time: field(DURATION, 'how long it was closed in all', ({ spans, missing }) =>
      estimated(
        spans.reduce((sum, { start, end }) => sum + end - start, 0),
        missing,
        spans.map(({ frame }) => frame),
      ),
    ),
    longest: field(DURATION, 'the longest time that it was closed', ({ spans, missing }) => {
      const longest = spans.reduce(
        (best, span) => (span.end - span.start > best.end - best.start ? span : best),
        NO_SPAN,
      );
      return estimated(longest.end - longest.start, missing, longest.frame > 0 ? [longest.frame] : []);
    }),
  },
};

const NO_SPAN = { frame: 0, start: 0, end: 0 };

// Endpoints

function option(endpoint: Endpoint, value: () => unknown): Val {
  if (!endpoint.hasIss) return unknown(`the SYN of the ${endpoint.role} was not captured, so its options are unknown`);
  return exact(value());
}

const OPTIONS: Schema<Endpoint> = {
  name: 'options',
  fields: {
    mss: field(SIZE, 'MSS that it announced, none without', (end) => option(end, () => (end.mss < 0 ? null : end.mss))),
    wscale: field(NUMBER, 'window scale that it offered, none without', (end) =>
      option(end, () => (end.offeredShift < 0 ? null : end.offeredShift)),
    ),
    sack_permitted: field(BOOL, 'it permitted SACK', (end) => option(end, () => end.sackPermitted)),
    timestamps: field(BOOL, 'it offered timestamps', (end) => option(end, () => end.timestamps)),
  },
};

function windowFigure(side: SideFacts, value: number): Val {
  if (value >= 0) return estimated(value, side.flow.missing);
  if (side.endpoint.windowShift < 0) return unknown('the handshake was not captured, so the window scale is unknown');
  return unknown(`the ${side.endpoint.role} sent nothing after the handshake`);
}

const WINDOW: Schema<SideFacts> = {
  name: 'window',
  main: 'last',
  fields: {
    min: field(SIZE, 'the least window that it announced after the handshake', (side) =>
      windowFigure(side, side.leastWindow),
    ),
    max: field(SIZE, 'the greatest', (side) => windowFigure(side, side.greatestWindow)),
    last: field(SIZE, 'the last', (side) => windowFigure(side, side.lastWindow)),
  },
};

/** The state of an end where the capture ends; in doubt when packets are missing and more could have come. */
function stateNow({ flow, endpoint }: SideFacts): Val {
  const { timeline } = endpoint;
  if (timeline.state === State.UNKNOWN) return unknown(`nothing shows the state of the ${endpoint.role}`);
  if (flow.missing !== null && !flow.connection.isOver) return unknown(flow.missing);
  return exact(STATE_NAMES[timeline.state], timeline.frame > 0 ? [timeline.frame] : []);
}

function sideCount(about: string, type: Type, get: (endpoint: Endpoint) => number): Field<SideFacts> {
  return field(type, about, ({ endpoint, flow }) => counted(get(endpoint), flow.missing));
}

const ENDPOINT_FIELDS: Record<string, Field<SideFacts>> = {
  ip: field(ADDRESS, 'its address', ({ endpoint }) => exact(addressOf(endpoint))),
  port: field(NUMBER, 'its port', ({ endpoint }) => exact(endpoint.port)),
  state: field(oneOf(STATES), 'its state where the capture ends (RFC 9293 section 3.3.2)', stateNow),
  state_basis: field(oneOf(BASIS_NAMES), 'confirmed by what it sent, or inferred', ({ endpoint }) =>
    exact(BASIS_NAMES[endpoint.timeline.basis]),
  ),
  states: field(
    { kind: 'list', of: record({ name: 'state', fields: {} }) },
    'all states in order; see reached(...)',
    ({ endpoint, flow }) =>
      flow.missing === null ? exact(statesOf(endpoint)) : { v: statesOf(endpoint), why: flow.missing },
  ),
  packets: sideCount('packets that it sent', NUMBER, (end) => end.packets),
  data_packets: sideCount('packets with data', NUMBER, (end) => end.dataPackets),
  payload_bytes: sideCount('bytes of data in all its packets, repeats included', SIZE, (end) => end.payloadBytes),
  stream_bytes: sideCount('bytes of its stream by sequence numbers', SIZE, (end) => end.streamBytes),
  ip_bytes: sideCount('bytes of its IP packets', SIZE, (end) => end.ipBytes),
  goodput: field(SPEED, 'stream bytes through the duration of the connection', ({ endpoint, flow }) =>
    flow.duration === 0
      ? unknown('all of it happened at one time: there is no rate')
      : estimated(endpoint.streamBytes / flow.duration, flow.missing),
  ),
  options: field(record(OPTIONS), 'options of its SYN: mss, wscale, sack_permitted, timestamps', ({ endpoint }) =>
    exact(endpoint),
  ),
  window: field(record(WINDOW), 'windows that it announced: min, max, last', exact),
  rtt: field(
    { kind: 'series', dimension: TIME },
    'round trips of what it sent, seen from the point of capture',
    ({ rtt, flow }) => (flow.missing === null ? exact(rtt) : { v: rtt, why: flow.missing }),
  ),
  zero_window: field(
    record(ZERO_WINDOW),
    'times when it announced a window of zero: count, total_time, longest',
    ({ zeroWindows, flow }) => exact({ spans: zeroWindows, missing: flow.missing } satisfies Closed),
  ),
  ...SIDE_GROUPS,
};

const ENDPOINT: Schema<SideFacts> = { name: 'endpoint', fields: ENDPOINT_FIELDS };

function addressOf(endpoint: Endpoint): AddressValue {
  const { w0, w1, w2, w3, address: text } = endpoint;
  return { version: endpoint.connection.ipVersion, words: [w0, w1, w2, w3], text };
}

// Moments: a packet, and the ends as they were after it

interface EndThen {
  readonly side: SideFacts;
  readonly packet: PacketFact;
}

function stateThen({ side, packet }: EndThen): Val {
  const { timeline } = side.endpoint;
  const state = timeline.stateAt(packet.frame);
  if (state === State.UNKNOWN)
    return unknown(`nothing shows the state of the ${side.endpoint.role} at packet ${packet.frame}`);
  return exact(STATE_NAMES[state], [packet.frame]);
}

const END_THEN: Schema<EndThen> = {
  name: 'endpoint',
  fields: {
    ...Object.fromEntries(
      Object.entries(ENDPOINT_FIELDS).map(([name, { get, ...rest }]) => [
        name,
        { ...rest, get: ({ side }: EndThen) => get(side) },
      ]),
    ),
    state: field(oneOf(STATES), 'its state after the packet', stateThen),
    state_basis: field(oneOf(BASIS_NAMES), 'confirmed or inferred', ({ side, packet }) =>
      exact(BASIS_NAMES[side.endpoint.timeline.basisAt(packet.frame)]),
    ),
  },
};

const MOMENT: Schema<PacketFact> = {
  name: 'packet',
  fields: {
    ...PACKET_FIELDS,
    ...Object.fromEntries(
      ROLES.map((role) => [
        role,
        field<PacketFact>(record(END_THEN), `the ${role} as it was after the packet`, (packet) =>
          exact({ side: packet.flow[role], packet } satisfies EndThen),
        ),
      ]),
    ),
  },
};

// Findings

export const ANOMALY: Schema<AnomalyFact> = {
  name: 'anomaly',
  fields: {
    id: field(oneOf(FINDING_IDS), 'as tcpscope findings lists them', ({ id, evidence }) => exact(id, evidence)),
    severity: field(oneOf(SEVERITIES, true), 'info < warning < error', ({ severity, evidence }) =>
      exact(severity, evidence),
    ),
    cause: field(STRING, 'what brought it about', ({ cause }) => exact(cause)),
    who: field(oneOf(WHO), WHO.join(', '), ({ who }) => exact(who)),
    confidence: field(NUMBER, '0 to 1', ({ confidence }) => exact(confidence)),
    frame: field(NUMBER, 'number of the packet that it is attached to', ({ frame }) => exact(frame, [frame])),
    text: field(STRING, 'one sentence', ({ text }) => exact(text)),
    stream: field(NUMBER, 'number of the connection, -1 for the capture', ({ stream }) => exact(stream)),
  },
};

function listed(items: readonly unknown[], missing: string | null): Val {
  return missing === null ? exact(items) : { v: items, why: missing };
}

// Connections

const HANDSHAKE: Schema<FlowFacts> = {
  name: 'handshake',
  main: 'complete',
  fields: {
    captured: field(BOOL, 'a SYN or SYN,ACK was captured', ({ connection }) => exact(connection.sawHandshake)),
    complete: field(BOOL, 'SYN, SYN,ACK and ACK', (flow) => {
      const { connection, missing } = flow;
      if (!Number.isNaN(connection.handshakeTime)) return exact(true);
      if (!connection.sawHandshake)
        return unknown('the handshake was not captured: the capture begins in the middle of the connection');
      return seen(false, missing, [connection.firstFrame]);
    }),
    duration: field(DURATION, 'from the first SYN to the ACK that completes it', ({ connection, missing }) => {
      const value = connection.handshakeDuration;
      if (!Number.isNaN(value)) return exact(value);
      if (!connection.sawHandshake) return unknown('the handshake was not captured');
      return missing === null ? exact(null) : unknown(missing);
    }),
  },
};

function closingOf({ connection, missing }: FlowFacts): Val {
  if (missing !== null && !connection.isOver) return unknown(missing);
  return exact(closingWord(ending(connection)));
}

function closingWord(text: string): (typeof CLOSINGS)[number] {
  if (text === 'closed') return 'fin';
  if (text.startsWith('reset by')) return 'reset';
  if (text.startsWith('abandoned')) return 'abandoned';
  if (text.startsWith('half-closed')) return 'half-closed';
  if (text === 'handshake unfinished') return 'unfinished';
  if (text === 'still open') return 'open';
  return text as 'refused' | 'unanswered';
}

export const CONNECTION: Schema<FlowFacts> = {
  name: 'connection',
  fields: {
    stream: field(NUMBER, 'its number, from 0', ({ connection }) => exact(connection.id)),
    ip_version: field(NUMBER, '4 or 6', ({ connection }) => exact(connection.ipVersion)),
    client: field(record(ENDPOINT), 'the end that opened it', ({ client }) => exact(client)),
    server: field(record(ENDPOINT), 'the other end', ({ server }) => exact(server)),
    client_by: field(oneOf(ROLE_REASON_NAMES), 'why one end is called the client', ({ connection }) =>
      exact(ROLE_REASON_NAMES[connection.roleReason]),
    ),
    handshake: field(record(HANDSHAKE), 'captured, complete, duration', exact),
    close: field(oneOf(CLOSINGS), CLOSINGS.join(', '), closingOf),
    conn_state: field(STRING, 'as in the connection log of Zeek', ({ connection }) => exact(connection.connState)),
    history: field(STRING, 'what happened, a letter each, as in the connection log of Zeek', ({ connection }) =>
      exact(connection.historyText),
    ),
    start: field(DURATION, 'its first packet, since the first of the capture', ({ connection }) =>
      exact(connection.firstTime),
    ),
    duration: field(DURATION, 'from its first to its last packet', ({ duration, missing, connection }) =>
      counted(duration, missing, [connection.lastFrame]),
    ),
    idle: field(DURATION, 'the longest time without a packet', ({ longestGap, longestGapFrame, missing }) =>
      estimated(longestGap, missing, longestGapFrame > 0 ? [longestGapFrame] : []),
    ),
    packet_count: field(NUMBER, 'packets of both ends', ({ connection, missing }) =>
      counted(connection.packets, missing),
    ),
    payload_bytes: field(SIZE, 'bytes of data of both ends, repeats included', ({ connection: { a, b }, missing }) =>
      counted(a.payloadBytes + b.payloadBytes, missing),
    ),
    rtt: field(
      { kind: 'series', dimension: TIME },
      'round trips of the end that is farther from the point of capture',
      ({ farSide, missing }) => (missing === null ? exact(farSide.rtt) : { v: farSide.rtt, why: missing }),
    ),
    zero_window: field(record(ZERO_WINDOW), 'times when either window was closed', ({ a, b, missing }) =>
      exact({ spans: [...a.zeroWindows, ...b.zeroWindows], missing } satisfies Closed),
    ),
    ...FLOW_GROUPS,
    packets: {
      ...field<FlowFacts>(listOf(PACKET), 'all packets, as a list', ({ packets, missing }) => listed(packets, missing)),
      needsPackets: true,
    },
    anomalies: field(listOf(ANOMALY), 'its findings', ({ anomalies, missing, unlisted }) =>
      listed(anomalies, missing ?? unlisted),
    ),
  },
  course: {
    moments: MOMENT,
    course: ({ packets, missing, watched, connection }) => ({
      moments: packets,
      missing,
      watched,
      isOver: connection.isOver,
    }),
  },
};

// The capture

function captureCount(type: Type, about: string, get: (state: CaptureState) => number): Field<CaptureState> {
  return field(type, about, (state) => counted(get(state), state.missing));
}

const CAPTURE: Schema<CaptureState> = {
  name: 'capture',
  fields: {
    packets: captureCount(NUMBER, 'packets of all sorts', ({ counts }) => counts.total),
    tcp_packets: captureCount(NUMBER, 'TCP segments', ({ counts }) => counts.tcp),
    icmp_errors: captureCount(NUMBER, 'ICMP errors about a TCP segment', ({ counts }) => counts.icmpErrors),
    other_packets: captureCount(NUMBER, 'packets that are not TCP', ({ counts }) => counts.notTcp),
    malformed: captureCount(NUMBER, 'packets whose headers contradict themselves', ({ counts }) => counts.malformed),
    bytes: captureCount(SIZE, 'bytes on the wire', ({ counts }) => counts.wireBytes),
    duration: captureCount(
      DURATION,
      'from the first to the last packet',
      ({ counts }) => counts.lastTime - counts.firstTime,
    ),
    dropped: field(NUMBER, 'packets that the capturing system dropped, by its own count', ({ dropped }) =>
      dropped === null ? unknown('the capture does not say how many packets were dropped') : exact(dropped),
    ),
    complete: field(BOOL, 'neither cut nor damaged, and nothing known to be dropped', ({ missing }) =>
      exact(missing === null),
    ),
    anomalies: field(
      listOf(ANOMALY),
      'findings on all connections and on the capture itself',
      ({ anomalies, missing, unlisted }) => listed(anomalies, missing ?? unlisted),
    ),
  },
};

/** Names that are known everywhere. */
export const ROOT: Schema<CaptureState> = {
  name: 'root',
  fields: {
    capture: field(record(CAPTURE), 'the capture as a whole', exact),
    flows: field(listOf(CONNECTION), 'all connections', ({ flows, missing }) => listed(flows, missing)),
  },
};
