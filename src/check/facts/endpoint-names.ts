import type { Endpoint } from '../../model/endpoint.ts';
import { BASIS_NAMES, STATE_NAMES, State } from '../../model/state.ts';
import { TIME } from '../language/dimension.ts';
import type { AddressValue } from '../language/network.ts';
import {
  ADDRESS,
  BOOL,
  DURATION,
  type Field,
  field,
  NUMBER,
  oneOf,
  record,
  type Schema,
  SIZE,
  SPEED,
  type Type,
} from '../language/type.ts';
import { counted, estimated, exact, unknown, type Val } from '../language/value.ts';
import { type FlowFacts, statesOf } from './flow-facts.ts';
import { SIDE_GROUPS } from './group-names.ts';
import type { SideFacts } from './side-facts.ts';

/** An end of a connection. */
export type Side = SideFacts<FlowFacts>;

export const STATES = STATE_NAMES.filter((_, state) => state !== State.UNKNOWN);

export interface Closed {
  readonly spans: readonly { frame: number; start: number; end: number }[];
  readonly missing: string | null;
}

export const ZERO_WINDOW: Schema<Closed> = {
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
        spans.reduce((sum, { start, end }) => sum + (end - start), 0),
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

function windowFigure(side: Side, value: number): Val {
  if (value >= 0) return estimated(value, side.flow.missing);
  if (side.endpoint.windowShift < 0) return unknown('the handshake was not captured, so the window scale is unknown');
  return unknown(`the ${side.endpoint.role} sent nothing after the handshake`);
}

const WINDOW: Schema<Side> = {
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
function stateNow({ flow, endpoint }: Side): Val {
  const { timeline } = endpoint;
  if (timeline.state === State.UNKNOWN) return unknown(`nothing shows the state of the ${endpoint.role}`);
  if (flow.missing !== null && !flow.connection.isOver) return unknown(flow.missing);
  return exact(STATE_NAMES[timeline.state], timeline.frame > 0 ? [timeline.frame] : []);
}

function sideCount(about: string, type: Type, get: (endpoint: Endpoint) => number): Field<Side> {
  return field(type, about, ({ endpoint, flow }) => counted(get(endpoint), flow.missing));
}

export const ENDPOINT_FIELDS: Record<string, Field<Side>> = {
  ip: field(ADDRESS, 'its address', ({ endpoint }) => exact(addressOf(endpoint))),
  port: field(NUMBER, 'its port', ({ endpoint }) => exact(endpoint.port)),
  state: field(oneOf(STATES), 'its state where the capture ends (RFC 9293 section 3.3.2)', stateNow),
  state_basis: field(oneOf(BASIS_NAMES), 'confirmed by what it sent, or inferred', ({ endpoint }) =>
    exact(BASIS_NAMES[endpoint.timeline.basis]),
  ),
  states: field(
    { kind: 'list', of: record({ name: 'state', fields: {} }) },
    'all states in order; see reached(...)',
    ({ endpoint, flow }) => {
      const isWhole = flow.trusts || flow.connection.sawHandshake;
      const why = flow.missing ?? (isWhole ? null : `nothing shows the first states of the ${endpoint.role}`);
      return why === null ? exact(statesOf(endpoint)) : { v: statesOf(endpoint), why };
    },
  ),
  packets: sideCount('packets that it sent', NUMBER, (end) => end.packets),
  data_packets: sideCount('packets with data', NUMBER, (end) => end.dataPackets),
  payload_bytes: sideCount('bytes of data in all its packets, repeats included', SIZE, (end) => end.payloadBytes),
  stream_bytes: sideCount('bytes of its stream by sequence numbers', SIZE, (end) => end.streamBytes),
  ip_bytes: sideCount('bytes of its IP packets', SIZE, (end) => end.ipBytes),
  goodput: field(SPEED, 'data by sequence numbers, divided by the duration of the connection', ({ endpoint, flow }) =>
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

export const ENDPOINT: Schema<Side> = { name: 'endpoint', fields: ENDPOINT_FIELDS };

/** The address of an end as conditions compare it. */
export function addressOf(endpoint: Endpoint): AddressValue {
  const { w0, w1, w2, w3, address: text } = endpoint;
  return { version: endpoint.connection.ipVersion, words: [w0, w1, w2, w3], text };
}
