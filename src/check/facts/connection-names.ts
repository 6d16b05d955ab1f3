import { ROLE_REASON_NAMES } from '../../model/connection.ts';
import { ending } from '../../model/ending.ts';
import { TIME } from '../language/dimension.ts';
import { BOOL, DURATION, field, listOf, NUMBER, oneOf, record, type Schema, SIZE, STRING } from '../language/type.ts';
import { counted, estimated, exact, seen, unknown, type Val } from '../language/value.ts';
import { ANOMALY, listed } from './anomaly-names.ts';
import { BUDGET, EXCHANGES } from './budget-names.ts';
import { type Closed, ENDPOINT, ZERO_WINDOW } from './endpoint-names.ts';
import type { FlowFacts } from './flow-facts.ts';
import { FLOW_GROUPS } from './group-names.ts';
import { MOMENT } from './moment-names.ts';
import { PACKET } from './packet-names.ts';
import { shortRoundTrips } from './place.ts';
import { VIEWS } from './view-names.ts';

/** How a connection ended, in one word each. */
const CLOSINGS = ['fin', 'reset', 'refused', 'abandoned', 'half-closed', 'unanswered', 'unfinished', 'open'] as const;

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

/** A text that tells of all packets. */
function untold(text: string, missing: string | null): Val {
  return missing === null ? exact(text) : unknown(missing);
}

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
    views: field(listOf(VIEWS), 'what the points of view of the capture saw of it; empty with one', ({ connection }) =>
      exact(connection.views === null ? [] : [connection.views]),
    ),
    client_by: field(oneOf(ROLE_REASON_NAMES), 'why one end is called the client', ({ connection }) =>
      exact(ROLE_REASON_NAMES[connection.roleReason]),
    ),
    handshake: field(record(HANDSHAKE), 'captured, complete, duration', exact),
    close: field(oneOf(CLOSINGS), CLOSINGS.join(', '), closingOf),
    conn_state: field(STRING, 'as in the connection log of Zeek', ({ connection, missing }) =>
      untold(connection.connState, missing),
    ),
    history: field(
      STRING,
      'what happened, a letter each, as in the connection log of Zeek',
      ({ connection, missing }) => untold(connection.historyText, missing),
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
      (flow) => {
        const { rtt } = flow.farSide;
        if (flow.missing !== null) return { v: rtt, why: flow.missing };
        const short = shortRoundTrips(flow);
        if (short === null) return exact(rtt);
        return { v: { values: rtt.values, frames: rtt.frames, more: short.most }, why: short.reason };
      },
    ),
    zero_window: field(record(ZERO_WINDOW), 'times when either window was closed', ({ a, b, missing }) =>
      exact({ spans: [...a.zeroWindows, ...b.zeroWindows], missing } satisfies Closed),
    ),
    budget: field(record(BUDGET), 'where its time went (docs/time-budget.md)', exact),
    exchanges: field(record(EXCHANGES), 'requests and answers', exact),
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
