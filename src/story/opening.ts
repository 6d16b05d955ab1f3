import { type Told, tell } from '../messages/story.ts';
import { type TimeBudget, TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { endingOf } from '../model/ending.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { State } from '../model/state.ts';

/** Frame of the packet that took `end` into `state` for the first time; 0 where none did. */
export function frameOf(end: Endpoint, state: number): number {
  const { timeline } = end;
  for (let i = 0; i < timeline.length; i++) if (timeline.stateOf(i) === state) return timeline.frameOf(i);
  return 0;
}

/** How the connection was opened, and what was negotiated. */
export function openingOf(connection: Connection, budget: TimeBudget | null): Told[] {
  const { client, server } = connection;
  const told = [attempt(connection)];
  const waited = openingTimeouts(budget);
  if (waited > 0) told.push(tell('connect.waited', { time: waited }));
  if (client.hasIss && server.hasIss) told.push(tell('connect.negotiated', negotiated(connection)));
  return told;
}

function attempt(connection: Connection): Told {
  const { client, server, handshakeDuration } = connection;
  const opened = [frameOf(client, State.ESTABLISHED), frameOf(server, State.ESTABLISHED)];
  const syns = [frameOf(client, State.SYN_SENT), frameOf(server, State.SYN_SENT)];
  if (syns[0] > 0 && syns[1] > 0 && opened.some((frame) => frame > 0)) {
    const [first, second] = syns.sort((a, b) => a - b);
    return tell('connect.simultaneous', { first, second, time: handshakeDuration });
  }
  switch (endingOf(connection).kind) {
    case 'refused':
      return tell('connect.refused', { frame: frameOf(client, State.CLOSED) });
    case 'unanswered':
    case 'abandoned':
      return tell('connect.unanswered', { packets: client.packets });
    default:
  }
  if (!client.hasIss && !server.hasIss) return tell('connect.unseen', {});
  if (opened[0] === 0 || opened[1] === 0) return tell('connect.unfinished', {});
  return tell('connect.done', { syn: syns[0], synAck: opened[0], ack: opened[1], roundTrip: handshakeDuration });
}

/** Time (ns) in timers before anything but the handshake had happened. */
export function openingTimeouts(budget: TimeBudget | null): number {
  let time = 0;
  for (const { start, end, use, exchange } of budget?.spans ?? []) {
    if (exchange >= 0 || (use !== TimeUse.TIMEOUT && use !== TimeUse.HANDSHAKE)) break;
    if (use === TimeUse.TIMEOUT) time += end - start;
  }
  return time;
}

/** What both ends agreed on by the options of their SYNs (RFC 9293 section 3.7.1, RFC 7323, RFC 2018); -1 without. */
export function negotiated({ client, server }: Connection) {
  const isScaled = client.offeredShift >= 0 && server.offeredShift >= 0;
  return {
    mss: { client: client.mss, server: server.mss },
    shift: { client: isScaled ? client.windowShift : -1, server: isScaled ? server.windowShift : -1 },
    sack: client.sackPermitted && server.sackPermitted,
    timestamps: client.timestamps && server.timestamps,
  };
}
