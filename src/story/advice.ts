import type { Certainty } from '../messages/story.ts';
import { EXPLANATIONS, type Explanation, type Role, type Told, tell } from '../messages/story.ts';
import { Doing, type TimeBudget, TimeUse } from '../model/budget.ts';
import { isAway, isNear, roundTrip } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import { endingOf } from '../model/ending.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { busyOf } from '../summary/tally.ts';
import { SHORTEST_RTO } from '../verdict/timer.ts';
import type { Advice } from './item.ts';
import { openingTimeouts } from './opening.ts';

/** What took so long (ns) needs advice, and so does what took this share of the busy time, and not next to nothing. */
export const LONG = 1e9;
const WORTH_SHARE = 0.1;
const WORTH_TIME = 1e6;
/** So many exchanges one after the other are worth a word about round trips. */
const MANY_EXCHANGES = 5;

/** Whether so many nanoseconds are worth a word, where somebody waited for somebody for `busy` of them. */
export function isWorthTelling(time: number, busy: number): boolean {
  return time >= LONG || (time >= WORTH_TIME && time >= WORTH_SHARE * busy);
}

/** What would help, the most first. Nothing is blamed that the capture does not show. */
export function adviceOf(connection: Connection, budget: TimeBudget | null): Advice[] {
  const ids = new Set(connection.findings.map(({ id }) => id));
  const found: (Advice & { time: number })[] = [];
  const add = (time: number, certainty: Certainty, told: Told) => found.push({ time, certainty, told });
  if (ids.has('path-mtu-black-hole')) add(Number.POSITIVE_INFINITY, 'shown', tell('help.mtu', {}));
  else if (['path-mtu-retransmission', 'icmp-too-big'].some((id) => ids.has(id))) add(0, 'shown', tell('help.mtu', {}));
  if (isNotTaken(connection)) aboutQueue(connection.server, add);
  aboutEnding(connection, budget, add);
  if (budget !== null) aboutTime(connection, budget, add);
  const burst = connection.findings.find(({ id }) => id === 'initial-window-exceeded');
  if (burst !== undefined) {
    const { client, server } = connection;
    const role = client.dataPackets > server.dataPackets ? 'client' : 'server';
    add(0, 'possible', tell('help.bursts', { role }));
  }
  if (ids.has('mid-stream') || ids.has('one-way-capture') || ids.has('missing-in-capture'))
    add(-1, 'shown', tell('help.capture', {}));
  found.sort((a, b) => b.time - a.time);
  return found;
}

type Add = (time: number, certainty: Certainty, told: Told) => void;

/** What a finding explains needs no guesses: only without one is it told what usually ends a connection so. */
function aboutEnding(connection: Connection, budget: TimeBudget | null, add: Add): void {
  const explanation = explanationOf(connection);
  if (explanation === 'peer-forgot') add(Number.POSITIVE_INFINITY, 'possible', tell('help.keep-alive', {}));
  else if (explanation !== null) add(Number.POSITIVE_INFINITY, 'possible', tell('help.finding', { id: explanation }));
  else {
    const { kind, by } = endingOf(connection);
    const isGivenUp = budget !== null && unansweredTime(budget) > 0;
    if (kind === 'reset' && !isWindowClosed(connection) && !isGivenUp)
      add(Number.POSITIVE_INFINITY, 'possible', tell('help.reset', { role: by! }));
    else if (kind === 'refused') add(Number.POSITIVE_INFINITY, 'likely', tell('help.refused', {}));
    else if (kind === 'unanswered' || kind === 'abandoned')
      add(Number.POSITIVE_INFINITY, 'possible', tell('help.no-answer', {}));
  }
}

/** Repeats of data without an answer after which the server is taken not to answer. */
const NOT_TAKEN = 2;

/** The server accepted the connection, and answered to nothing after that though it came again. */
function isNotTaken({ client, server, sawHandshake }: Connection): boolean {
  const isSilent =
    server.dataPackets === 0 && server.lastAck <= FIRST_BYTE && server.finEnd < 0 && server.rstFrame === 0;
  return sawHandshake && isSilent && client.lastAck >= FIRST_BYTE && client.retransmissions >= NOT_TAKEN;
}

/** Where its packets are not shown to come to the server's host, the path is the first suspect. */
function aboutQueue(server: Endpoint, add: Add): void {
  const isShown = isNear(server);
  const told = tell('help.listen-queue', { isShown });
  if (isShown) add(Number.POSITIVE_INFINITY, 'likely', told);
  else add(Number.MAX_VALUE, 'possible', told);
}

/** The finding that says how the connection ended, or why it stuck. */
function explanationOf(connection: Connection): Explanation | null {
  const { findings } = connection;
  const isReset = endingOf(connection).kind === 'reset';
  const isFound = (id: Explanation) =>
    findings.some((found) => found.id === id && (found.severity !== 'info' || (id === 'idle-close' && isReset)));
  return EXPLANATIONS.find(isFound) ?? null;
}

/** Time (ns) that went into the only request there was, which had no answer. */
function unansweredTime({ totals, exchanges }: TimeBudget): number {
  return exchanges.length === 1 && exchanges[0].answerBytes === 0 ? totals[TimeUse.SERVER + Doing.THINKING] : 0;
}

/** An end did not read until it was over: that is told by the time that it cost. */
function isWindowClosed({ a, b, findings }: Connection): boolean {
  const wasClosed = findings.some(({ id, severity }) => id === 'zero-window' && severity !== 'info');
  return wasClosed && (a.rawWindow === 0 || b.rawWindow === 0);
}

function aboutTime(connection: Connection, budget: TimeBudget, add: Add): void {
  const { totals, exchanges } = budget;
  const busy = busyOf(totals);
  const isWorth = (time: number) => isWorthTelling(time, busy);
  const trip = roundTrip(connection.client);
  for (const end of [connection.client, connection.server]) aboutEnd(end, budget, isWorth, add);
  const opening = openingTimeouts(budget);
  if (isWorth(opening)) add(opening, 'possible', tell('help.syn-timeout', { time: opening }));
  const timeouts = totals[TimeUse.TIMEOUT] - opening;
  if (isWorth(timeouts)) add(timeouts, 'likely', tell('help.timeout', { time: timeouts }));
  const recovery = totals[TimeUse.RECOVERY];
  if (isWorth(recovery)) add(recovery, 'possible', tell('help.loss', { time: recovery }));
  const queue = totals[TimeUse.PATH_RATE];
  if (isWorth(queue))
    add(queue, 'likely', tell('help.bottleneck', { time: queue, bitsPerSecond: bottleneck(connection) }));
  const growing = totals[TimeUse.CONGESTION_WINDOW];
  if (isWorth(growing) && growing > 2 * trip) add(growing, 'likely', aboutWindow(connection, growing, trip, budget));
  const asking = totals[TimeUse.ROUND_TRIP];
  if (isWorth(asking) && exchanges.length >= MANY_EXCHANGES && trip > 0)
    add(asking, 'possible', tell('help.round-trips', { time: asking, exchanges: exchanges.length, roundTrip: trip }));
}

/** A congestion window that is full for several round trips grows: what does not is another limit of the sender, or what losses left of it. */
function aboutWindow(connection: Connection, time: number, trip: number, budget: TimeBudget): Told {
  const { steady } = budget;
  if (steady !== null && steady.time >= time / 2 && trip > 0) {
    const role: Role = steady.isClient ? 'client' : 'server';
    const bitsPerSecond = (8e9 * steady.bytes) / trip;
    const trips = Math.floor(steady.time / trip);
    return tell('help.steady-flight', { role, time, bytes: steady.bytes, trips, bitsPerSecond });
  }
  const sender = mainSender(connection);
  const isReduced = sender.retransmissions > 0 && windowAfterLoss(budget) > time / 2;
  if (isReduced) return tell('help.window-after-loss', { role: sender.role, time, roundTrip: trip });
  return tell('help.congestion-window', { time, roundTrip: trip });
}

/** Time (ns) with the congestion window full after the first loss of data. */
function windowAfterLoss({ spans }: TimeBudget): number {
  const loss = spans.findIndex(
    ({ use, exchange }) => exchange >= 0 && (use === TimeUse.RECOVERY || use === TimeUse.TIMEOUT),
  );
  if (loss < 0) return 0;
  return spans
    .slice(loss)
    .reduce((sum, { use, start, end }) => sum + (use === TimeUse.CONGESTION_WINDOW ? end - start : 0), 0);
}

function aboutEnd(end: Endpoint, budget: TimeBudget, isWorth: (time: number) => boolean, add: Add): void {
  const { totals, exchanges } = budget;
  const role: Role = end.role;
  const base = end.isClient ? TimeUse.CLIENT : TimeUse.SERVER;
  const full = totals[base + Doing.RECEIVE_WINDOW];
  if (isWorth(full)) {
    if (end.zeroWindows > 0) add(full, 'shown', tell('help.read-faster', { role, time: full }));
    else add(full, 'likely', tell('help.receive-buffer', { role, time: full, needed: needed(end) }));
  }
  const held = totals[base + Doing.DELAYED_ACK];
  if (isWorth(held)) add(held, 'likely', tell('help.nagle', { role, time: held }));
  // A client's pauses are its own affair.
  if (end.isClient) return;
  const known = exchanges.filter(({ serverThinking }) => serverThinking > 0);
  const unanswered = unansweredTime(budget);
  if (isWorth(unanswered))
    add(
      unanswered,
      'likely',
      tell('help.unanswered', { role, time: unanswered, frame: exchanges[0].frame, mayBeLoss: isAway(end) }),
    );
  const thinking = totals[base + Doing.THINKING] - unanswered;
  if (isWorth(thinking)) {
    const slowest = known.reduce(
      (most, exchange) => (exchange.serverThinking > most.serverThinking ? exchange : most),
      known[0],
    );
    // Not every answer is lost: of several that are slow the server is the reason.
    const slow = known.filter(({ serverThinking }) => serverThinking >= SHORTEST_RTO).length;
    const mayBeLoss = isAway(end) && slow === 1;
    if (slowest !== undefined)
      add(
        thinking,
        mayBeLoss ? 'likely' : 'shown',
        tell('help.thinking', {
          role,
          time: thinking,
          slowest: slowest.serverThinking,
          frame: slowest.frame,
          asked: slowest.requestBytes > 0,
          mayBeLoss,
        }),
      );
  }
  const sending = totals[base + Doing.SENDING];
  if (isWorth(sending)) add(sending, 'likely', tell('help.sending', { role, time: sending }));
}

/** Bytes that would be under way to `end` if its window did not hold them up; 0 unknown. */
function needed(end: Endpoint): number {
  const bytes = end.peer.congestion?.bdp ?? Number.NaN;
  return bytes > 0 ? bytes : 0;
}

/** Bits per second that the bottleneck let pass, in the direction of more data; 0 unknown. */
function bottleneck(connection: Connection): number {
  const rate = mainSender(connection).congestion?.bottleneckRate ?? Number.NaN;
  return rate > 0 ? 8 * rate : 0;
}

/** The end that sent more data. */
function mainSender({ client, server }: Connection): Endpoint {
  return client.payloadBytes > server.payloadBytes ? client : server;
}
