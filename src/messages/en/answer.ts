import type { AnswerWords, Cost, CostlyKind, Failure, Quiet, Trust, Unknowable } from '../answer.ts';
import { count, duration, list, percent, plural } from './grammar.ts';
import { PAGES } from './pages/index.ts';

const TITLES: Readonly<Record<string, { readonly title: string }>> = PAGES;

/** `3 of 412 connections to 10.1.2.3:5432`. */
function who({ service, services, connections, of }: Cost): string {
  const to = service === null ? (services > 1 ? ` (${plural(services, 'service')})` : '') : ` to ${service}`;
  if (of === 1) return `The connection${to}`;
  if (connections === of) return `${of === 2 ? 'Both' : `All ${count(of)}`} connections${to}`;
  return `${count(connections)} of ${plural(of, 'connection')}${to}`;
}

/** So few connections are told by their sum, where they differ. */
const FEW = 3;
/** The largest is so many times the mean, or the median, where they differ; or the median so many times the mean. */
const UNLIKE = 1.5;

/** `1.2 s each (median; up to 3.1 s)`; of few, unless they are alike, `2.2 s in all (up to 1.8 s)`. */
function howLong({ connections, lost, each, worst }: Cost): string {
  if (connections === 1) return duration(worst);
  if (connections <= FEW)
    return worst * connections > UNLIKE * lost
      ? `${duration(lost)} in all (up to ${duration(worst)})`
      : `${duration(lost / connections)} each`;
  const differ = worst > UNLIKE * each || each * connections > UNLIKE * lost;
  return differ ? `${duration(each)} each (median; up to ${duration(worst)})` : `${duration(each)} each`;
}

const SENTENCES: { readonly [K in CostlyKind]: (who: string, time: string) => string } = {
  'server-thinking': (who, time) => `${who} waited ${time} for the server to begin its answers`,
  'server-sending': (who, time) => `${who} waited ${time} for the server, which wrote its answers in pieces`,
  timeout: (who, time) => `${who} stood still for ${time} until a retransmission timer expired`,
  recovery: (who, time) => `${who} spent ${time} on the repair of losses`,
  'client-window': (who, time) =>
    `${who} waited ${time} for room in the client's receive window: it reads too slowly, or its buffer is small`,
  'server-window': (who, time) =>
    `${who} waited ${time} for room in the server's receive window: it reads too slowly, or its buffer is small`,
  'client-delayed-ack': (who, time) =>
    `${who} waited ${time} because the client held small segments back until the earlier one was acknowledged (Nagle's algorithm)`,
  'server-delayed-ack': (who, time) =>
    `${who} waited ${time} because the server held small segments back until the earlier one was acknowledged (Nagle's algorithm)`,
  'path-rate': (who, time) => `${who} spent ${time} in the queue of the bottleneck: the path was full`,
};

function failure({ id, connections, of, text }: Failure): string {
  const title = TITLES[id]?.title ?? id;
  if (text !== null) return text;
  if (of <= 1 || connections === 0) return `${title}.`;
  return `${title}: ${count(connections)} of ${plural(of, 'connection')}.`;
}

function quiet({ connections, owner, share, lost }: Quiet): string {
  const all = connections === 1 ? 'The connection' : `${plural(connections, 'connection')}`;
  if (owner === 'unknown')
    return `Nothing stands out. The packets do not show what ${connections === 1 ? 'the connection' : all} waited for.`;
  if (share === 0) return `Nothing stands out. ${all} carried no data that somebody waited for.`;
  const rest = lost > 0 ? ` Time lost to losses, slow servers and small windows: ${duration(lost)}.` : '';
  return `Nothing stands out. Most of the busy time belongs to ${OWNERS[owner]} (${percent(share)}).${rest}`;
}

function unknowable({ connections, oneWay, midStream, isUntimed }: Unknowable): string {
  const where = connections === 1 ? 'the connection' : `${plural(connections, 'connection')}`;
  if (isUntimed) return `The capture cannot show where the time of ${where} went: no one clock gave its times.`;
  const isOneWay = oneWay > 0 && oneWay >= midStream;
  const affected = isOneWay ? oneWay : midStream;
  const isPart = affected > 0 && affected < connections;
  const they = isPart ? `${count(affected)} of them` : connections === 1 ? 'the connection' : 'the connections';
  const why = isOneWay
    ? `it holds one direction only${isPart ? ` of ${they}` : ''}. Capture both directions`
    : midStream > 0
      ? `${they} had begun before it. Start the capture before the connection`
      : 'too much is missing from it. Capture whole connections, on a host that keeps up with them';
  return `The capture cannot show where ${isPart ? 'most of the time' : 'the time'} of ${where} went: ${why}.`;
}

const OWNERS = {
  network: 'the network',
  server: 'the server',
  client: 'the client',
  idle: 'nobody',
  closing: 'the end of the connection',
  unknown: 'what the capture cannot show',
} as const;

function trust({ doubts, times, damaged, dropped, oneWay, midStream, connections, place }: Trust): string {
  const parts: string[] = [];
  const reasons = doubts.map((id) =>
    id === 'invented-times' && times !== 'invented' ? TIMES[times] : (TITLES[id]?.title ?? id).toLowerCase(),
  );
  if (damaged) reasons.unshift('the file is cut or damaged');
  if (reasons.length > 0) parts.push(`with care: ${list(reasons)}`);
  else if (oneWay > 0 && oneWay === connections) parts.push('one direction only: what the other end did is not known');
  else parts.push(dropped === null ? 'good, nothing seems to be missing' : 'good, nothing was dropped');
  if (oneWay > 0 && oneWay < connections) parts.push(`${plural(oneWay, 'connection')} in one direction only`);
  if (midStream > 0) parts.push(`${plural(midStream, 'connection')} began before the capture`);
  if (place !== null) parts.push(PLACES[place.position](place.address));
  return parts.join('; ');
}

const TIMES = {
  clock: 'the times may be wrong',
  'whole-seconds': 'the times are whole seconds',
  unset: 'the clock was not set, or the times of the capture are invented',
  'two-clocks': 'the times may be wrong',
} as const;

const PLACES = {
  client: (address: string | null) => (address === null ? 'made near the clients' : `made at the client ${address}`),
  server: (address: string | null) => (address === null ? 'made near the servers' : `made at the server ${address}`),
  middle: () => 'made between the ends',
  loopback: () => 'made inside of one host',
} as const;

export const ANSWER: AnswerWords = {
  cost: (kind, cost) => `${SENTENCES[kind](who(cost), howLong(cost))} (${percent(cost.share)} of the busy time).`,
  failure,
  quiet,
  unknowable,
  noConnections: 'There is no TCP connection in the capture.',
  trust,
  kinds: {
    'server-thinking': 'server slow to answer',
    'server-sending': 'server wrote in pieces',
    timeout: 'retransmission timeouts',
    recovery: 'losses, under repair',
    'client-window': "client's receive window",
    'server-window': "server's receive window",
    'client-delayed-ack': "client's small segments held",
    'server-delayed-ack': "server's small segments held",
    'path-rate': 'queue at the bottleneck',
  },
  because: {
    'server-thinking': (lost) => `the server thought ${duration(lost)}`,
    'server-sending': (lost) => `the server wrote its answers in pieces, ${duration(lost)}`,
    timeout: (lost) => `waited ${duration(lost)} for retransmission timers`,
    recovery: (lost) => `repaired losses for ${duration(lost)}`,
    'client-window': (lost) => `the client's window was full for ${duration(lost)}`,
    'server-window': (lost) => `the server's window was full for ${duration(lost)}`,
    'client-delayed-ack': (lost) => `the client held small segments back for ${duration(lost)}`,
    'server-delayed-ack': (lost) => `the server held small segments back for ${duration(lost)}`,
    'path-rate': (lost) => `stood in a queue for ${duration(lost)}`,
  },
  owners: {
    network: 'network',
    server: 'server',
    client: 'client',
    idle: 'idle',
    closing: 'closing',
    unknown: 'unknown',
  },
  causes: {
    handshake: 'handshake',
    timeout: 'retransmission timers',
    'round-trip': 'round trips',
    'congestion-window': 'congestion window',
    'path-rate': 'queue at the bottleneck',
    recovery: 'repair of losses',
    thinking: 'thinking',
    sending: 'writing in pieces',
    'receive-window': 'receive window full',
    'delayed-ack': 'small segments held back',
    idle: 'idle',
    closing: 'closing',
    unknown: 'unknown',
  },
};
