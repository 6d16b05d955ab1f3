import type { Defence } from '../messages/en/findings/handshake.ts';
import { say } from '../messages/message.ts';
import type { Connection, Endpoint } from '../model/connection.ts';
import { ACK, SYN } from '../model/flags.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';

/** Half-open connections that make a flood, and how many of them in a second. */
const MANY = 50;
const RATE = 10;
/** A server that repeats its SYN,ACKs does so within this time (ns) (RFC 6298 section 2, with some delay). */
const FIRST_TIMEOUT = 2e9;

/** The handshakes of one server socket. */
interface Listener {
  server: Endpoint;
  attempts: number;
  halfOpen: Connection[];
  /** Half-open ones whose SYN,ACK was sent; sent again; sent once though it was time for another. */
  answered: number;
  repeated: number;
  overdue: number;
}

/** Servers that get many SYNs whose handshakes are never completed: one finding in place of thousands. */
export class SynFlood implements Detector {
  readonly ids = ['syn-flood'] as const;
  readonly when = [];
  private readonly findings: Collector;
  private readonly halfOpen: Connection[] = [];

  constructor(findings: Collector) {
    this.findings = findings;
  }

  concludeConnection(connection: Connection): void {
    if (connection.sawHandshake && isHalfOpen(connection)) this.halfOpen.push(connection);
  }

  concludeCapture(end: CaptureEnd): void {
    if (this.halfOpen.length < MANY) return;
    const listeners = new Map<string, Listener>();
    for (const connection of this.halfOpen) {
      const { server } = connection;
      let listener = listeners.get(server.name);
      if (listener === undefined) {
        listener = { server, attempts: 0, halfOpen: [], answered: 0, repeated: 0, overdue: 0 };
        listeners.set(server.name, listener);
      }
      listener.halfOpen.push(connection);
      if (server.unansweredKind !== (SYN | ACK)) continue;
      listener.answered++;
      if (server.unansweredCopies > 1) listener.repeated++;
      else if (end.time - connection.firstTime > FIRST_TIMEOUT) listener.overdue++;
    }
    const suspects = new Map([...listeners].filter(([, { halfOpen }]) => halfOpen.length >= MANY));
    if (suspects.size === 0) return;
    for (const { server } of end.connections) {
      const listener = suspects.get(server.name);
      if (listener !== undefined) listener.attempts++;
    }
    for (const listener of suspects.values()) if (isFlood(listener)) this.report(listener);
  }

  private report(listener: Listener): void {
    const { server, attempts, halfOpen } = listener;
    const sources = new Set(halfOpen.map(({ client }) => client.address));
    const first = halfOpen[0];
    const span = halfOpen[halfOpen.length - 1].firstTime - first.firstTime;
    for (const connection of halfOpen) {
      this.findings.withdraw(connection, [
        'half-open',
        'syn-unanswered',
        'syn-retransmission',
        'syn-ack-retransmission',
      ]);
    }
    const rate = halfOpen.length / (Math.max(span, 1e9) / 1e9);
    this.findings.raise(
      { connection: null, row: null, frame: first.firstFrame, time: first.firstTime },
      {
        id: 'syn-flood',
        evidence: halfOpen.slice(0, 8).map((connection) => connection.firstFrame),
        confidence: 0.9,
        message: say('syn-flood', {
          server: server.name,
          syns: halfOpen.length,
          sources: sources.size,
          span,
          perSecond: Math.round(rate),
          share: halfOpen.length / attempts,
          answered: listener.answered,
          repeated: listener.repeated,
          defence: defence(listener),
        }),
      },
    );
  }
}

function isHalfOpen({ client, server }: Connection): boolean {
  if (client.rstFrame > 0 || server.rstFrame > 0 || client.lastAck >= 1) return false;
  return client.unansweredKind === SYN || server.unansweredKind === (SYN | ACK);
}

function isFlood({ halfOpen, attempts }: Listener): boolean {
  if (halfOpen.length * 2 < attempts) return false;
  const span = halfOpen[halfOpen.length - 1].firstTime - halfOpen[0].firstTime;
  return halfOpen.length / (Math.max(span, 1e9) / 1e9) >= RATE;
}

/** How the server takes it, by its SYN,ACKs. */
function defence({ answered, repeated, overdue }: Listener): Defence {
  if (answered === 0) return 'silent';
  if (overdue > repeated) return 'cookies';
  // A server with SYN cookies still keeps the few that fit into its backlog, and repeats its SYN,ACK for those.
  if (repeated > 0) return repeated * 2 < answered ? 'backlog-or-cookies' : 'backlog';
  return 'answers';
}
