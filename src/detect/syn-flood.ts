import type { Defence } from '../messages/en/findings/handshake.ts';
import { say } from '../messages/message.ts';
import type { Attempt, AttemptEnd } from '../model/attempt.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, SYN } from '../model/flags.ts';
import type { Account, Where } from './account.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Gathering } from './detector.ts';
import { DistinctAddresses, type DistinctFacts } from './distinct.ts';
import { sameAddress } from './hosts.ts';
import { remember } from './memory.ts';

/** Half-open connections that make a flood, and how many of them in a second. */
const MANY = 50;
const RATE = 10;
/** A server that repeats its SYN,ACKs does so within this time (ns) (RFC 6298 section 2, with some delay). */
const FIRST_TIMEOUT = 2e9;

/** Server sockets with half-open connections that are remembered of those that left the analysis. */
const MOST_LISTENERS = 4096;
const SAMPLES = 8;

/** The handshakes of one server socket, as plain data. */
export interface ListenerFacts {
  readonly name: string;
  readonly attempts: number;
  readonly halfOpen: number;
  readonly sources: DistinctFacts;
  readonly frame: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly samples: readonly number[];
  readonly answered: number;
  readonly repeated: number;
  readonly overdue: number;
}

/** An address and a port: an endpoint would keep its connection. */
type Socket = Pick<Endpoint, 'w0' | 'w1' | 'w2' | 'w3' | 'port'>;

/** The handshakes of one server socket. */
class Listener {
  readonly name: string;
  /** All connections to it, as far as they are counted. */
  attempts = 0;
  halfOpen = 0;
  readonly sources = new DistinctAddresses();
  /** The first of the half-open, the time of the last. */
  frame = 0;
  firstTime = 0;
  lastTime = 0;
  samples: number[] = [];
  /** Half-open ones whose SYN,ACK was sent; sent again; sent once though it was time for another. */
  answered = 0;
  repeated = 0;
  overdue = 0;
  /** A finding tells of it. */
  isTold = false;

  constructor(name: string) {
    this.name = name;
  }

  /** A connection that is half open at `now`. */
  add({ client, server, firstFrame, firstTime }: Attempt, now: number): void {
    if (this.halfOpen === 0 || firstFrame < this.frame) {
      this.frame = firstFrame;
      this.firstTime = firstTime;
    }
    if (this.halfOpen === 0 || firstTime > this.lastTime) this.lastTime = firstTime;
    this.halfOpen++;
    this.sources.add(client);
    if (this.samples.length < SAMPLES) this.samples.push(firstFrame);
    if (server.unansweredKind !== (SYN | ACK)) return;
    this.answered++;
    if (server.unansweredCopies > 1) this.repeated++;
    else if (now - firstTime > FIRST_TIMEOUT) this.overdue++;
  }

  get gathered(): ListenerFacts {
    const { name, attempts, halfOpen, frame, firstTime, lastTime, samples, answered, repeated, overdue } = this;
    const sources = this.sources.gathered;
    return { name, attempts, halfOpen, sources, frame, firstTime, lastTime, samples, answered, repeated, overdue };
  }

  join(other: ListenerFacts): void {
    if (other.halfOpen > 0 && (this.halfOpen === 0 || other.frame < this.frame)) {
      this.frame = other.frame;
      this.firstTime = other.firstTime;
    }
    if (other.halfOpen > 0 && (this.halfOpen === 0 || other.lastTime > this.lastTime)) this.lastTime = other.lastTime;
    this.attempts += other.attempts;
    this.halfOpen += other.halfOpen;
    this.sources.join(other.sources);
    this.samples = [...this.samples, ...other.samples].sort((one, two) => one - two).slice(0, SAMPLES);
    this.answered += other.answered;
    this.repeated += other.repeated;
    this.overdue += other.overdue;
  }

  get perSecond(): number {
    return this.halfOpen / (Math.max(this.lastTime - this.firstTime, 1e9) / 1e9);
  }

  get isFlood(): boolean {
    return this.halfOpen >= MANY && this.halfOpen * 2 >= this.attempts && this.perSecond >= RATE;
  }
}

/**
 * Servers that get many SYNs whose handshakes are never completed: one finding in place of thousands. Of connections that
 * leave the analysis only what is counted stays.
 */
export class SynFlood implements Gathering<ListenerFacts[]> {
  readonly ids = ['syn-flood'] as const;
  readonly when = [];
  private readonly findings: Collector;
  private readonly halfOpen: Connection[] = [];
  private listeners = new Map<string, Listener>();
  /** That of the connection before: floods come in a row. */
  private latest: { readonly server: Socket; readonly listener: Listener } | null = null;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  concludeConnection(connection: Connection, end: CaptureEnd): void {
    const isSuspect = connection.sawHandshake && isHalfOpen(connection);
    if (!connection.hasLeft) {
      if (isSuspect) this.keep(connection);
      return;
    }
    const listener = isSuspect ? this.listenerOf(connection.server) : this.knownListener(connection.server);
    if (listener === undefined) return;
    listener.attempts++;
    if (isSuspect) this.counts(listener, connection, end);
  }

  private keep(connection: Connection): void {
    this.halfOpen.push(connection);
    remember(connection);
  }

  concludeFirstSyn(syn: Attempt, end: CaptureEnd): void {
    const listener = this.listenerOf(syn.server);
    listener.attempts++;
    this.counts(listener, syn, end);
  }

  /** One more that is half open. */
  private counts(listener: Listener, attempt: Attempt, end: CaptureEnd): void {
    listener.add(attempt, end.time);
    if (listener.isTold || !listener.isFlood) return;
    listener.isTold = true;
    // It goes on: what is said of it is what is known when it is read.
    this.findings.defer(whereOf(listener), 'syn-flood', () => (listener.isFlood ? accountOf(listener) : null));
  }

  gathered(): ListenerFacts[] {
    return [...this.listeners.values()].map(({ gathered }) => gathered);
  }

  /** Takes up the handshakes of connections that left the shards before their end. */
  join(shards: readonly (readonly ListenerFacts[])[]): void {
    for (const facts of shards.flat()) {
      let listener = this.listeners.get(facts.name);
      if (listener === undefined) {
        if (this.listeners.size >= MOST_LISTENERS) this.dropSmall();
        listener = new Listener(facts.name);
        this.listeners.set(facts.name, listener);
      }
      listener.join(facts);
    }
  }

  concludeCapture(end: CaptureEnd): void {
    if (this.halfOpen.length < MANY && this.listeners.size === 0) return;
    for (const connection of this.halfOpen) this.listenerOf(connection.server).add(connection, end.time);
    const suspects = new Map([...this.listeners].filter(([, { halfOpen }]) => halfOpen >= MANY));
    if (suspects.size === 0) return;
    end.connections.visit(({ server }) => {
      const listener = suspects.get(server.name);
      if (listener !== undefined) listener.attempts++;
    });
    const floods = new Map([...suspects].filter(([, listener]) => listener.isFlood));
    for (const listener of floods.values())
      if (!listener.isTold) this.findings.raise(whereOf(listener), accountOf(listener));
    for (const connection of this.halfOpen) {
      if (floods.has(connection.server.name)) this.findings.withdraw(connection, REPLACED);
    }
  }

  /** It was told that SYNs to this socket are a flood. */
  isFlooded(server: AttemptEnd): boolean {
    return this.knownListener(server)?.isTold === true;
  }

  private knownListener(server: AttemptEnd): Listener | undefined {
    const { latest } = this;
    if (latest !== null && latest.server.port === server.port && sameAddress(latest.server, server))
      return latest.listener;
    return this.listeners.size === 0 ? undefined : this.listeners.get(server.name);
  }

  private listenerOf(server: AttemptEnd): Listener {
    let listener = this.knownListener(server);
    if (listener === undefined) {
      listener = new Listener(server.name);
      if (this.listeners.size >= MOST_LISTENERS) this.dropSmall();
      this.listeners.set(listener.name, listener);
    }
    if (this.latest?.listener !== listener) {
      const { w0, w1, w2, w3, port } = server;
      this.latest = { server: { w0, w1, w2, w3, port }, listener };
    }
    return listener;
  }

  /** Scans leave thousands of sockets with one each. */
  private dropSmall(): void {
    const sorted = [...this.listeners].sort(
      ([, one], [, other]) => Number(other.isTold) - Number(one.isTold) || other.halfOpen - one.halfOpen,
    );
    this.listeners = new Map(sorted.slice(0, MOST_LISTENERS / 2));
    this.latest = null;
  }
}

function whereOf({ frame, firstTime }: Listener): Where {
  return { connection: null, row: null, frame, time: firstTime };
}

function accountOf(listener: Listener): Account {
  const { name, attempts, halfOpen, sources, firstTime, lastTime, samples } = listener;
  return {
    id: 'syn-flood',
    evidence: samples,
    confidence: 0.9,
    message: say('syn-flood', {
      server: name,
      syns: halfOpen,
      // An estimate may be a little beyond what can be.
      sources: Math.min(sources.count, halfOpen),
      isEstimate: sources.isEstimate,
      span: lastTime - firstTime,
      perSecond: Math.round(listener.perSecond),
      share: halfOpen / attempts,
      answered: listener.answered,
      repeated: listener.repeated,
      defence: defence(listener),
    }),
  };
}

/** What the finding says for all of its connections. */
export const REPLACED = ['half-open', 'syn-unanswered', 'syn-retransmission', 'syn-ack-retransmission'] as const;

/** A SYN,ACK shows a SYN that the capture lacks once: more of them between the same two sockets may answer it, or nothing. */
function isHalfOpen({ client, server, previousId }: Connection): boolean {
  if (!client.seen && previousId >= 0) return false;
  if (client.rstFrame > 0 || server.rstFrame > 0 || client.lastAck >= 1) return false;
  return client.unansweredKind === SYN || server.unansweredKind === (SYN | ACK);
}

/** How the server takes it, by its SYN,ACKs. */
function defence({ answered, repeated, overdue }: Listener): Defence {
  if (answered === 0) return 'silent';
  if (overdue > repeated) return 'cookies';
  // A server with SYN cookies still keeps the few that fit into its backlog, and repeats its SYN,ACK for those.
  if (repeated > 0) return repeated * 2 < answered ? 'backlog-or-cookies' : 'backlog';
  return 'answers';
}
