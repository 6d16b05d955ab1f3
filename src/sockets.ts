import type { Connection } from './model/connection.ts';
import type { Endpoint } from './model/endpoint.ts';
import { PacketClock } from './model/packet-clock.ts';
import { BASIS_NAMES, type BasisName, State } from './model/state.ts';

/** A socket of a host at one moment, as far as a capture shows it. */
export interface SocketEntry {
  ipVersion: number;
  localAddress: string;
  localPort: number;
  /** Null for a socket that listens. */
  remoteAddress: string | null;
  remotePort: number | null;
  /** One of `State`. */
  state: number;
  basis: BasisName;
  /** Sent (SYN and FIN count) and not yet acknowledged when the capture saw it. */
  sendQueue: number;
  /** Stream number, null for a socket that listens. */
  stream: number | null;
}

/** The sockets of all hosts from one moment on, until the next. */
export interface Moment {
  /** Nanoseconds since the first record. */
  time: number;
  /** The packet that changed something; null for the beginning and for a timer. */
  frame: number | null;
  sockets: SocketEntry[];
  /** False where only the sockets that changed are listed, with those that went as CLOSED. */
  complete: boolean;
}

/** What `FlightLog` wants to know of a segment: offsets in the sequence spaces of its sender and of its peer. */
export interface FlownSegment {
  sender: Endpoint;
  seq: number;
  end: number;
  ack: number;
}

/**
 * How much each end had in flight, over time. Told of every segment in the order of the capture; it keeps a note of each
 * change.
 */
export class FlightLog {
  readonly clock = new PacketClock();
  private readonly frames: number[] = [];
  private readonly keys: number[] = [];
  private readonly values: number[] = [];
  private readonly ends = new Map<number, { next: number; acked: number; unacked: number }>();

  note({ sender, seq, end, ack }: FlownSegment, { time, frame }: { time: number; frame: number }): void {
    this.clock.note(frame, time);
    const own = this.endOf(sender, seq);
    if (end > own.next) own.next = end;
    this.update(sender, own, frame);
    const peer = this.ends.get(keyOf(sender.peer));
    if (peer === undefined || ack <= peer.acked) return;
    peer.acked = ack;
    this.update(sender.peer, peer, frame);
  }

  /** Nothing more comes of it, and nobody asks. */
  forget({ a, b }: Connection): void {
    this.ends.delete(keyOf(a));
    this.ends.delete(keyOf(b));
  }

  private endOf(endpoint: Endpoint, seq: number) {
    const key = keyOf(endpoint);
    let end = this.ends.get(key);
    if (end === undefined) {
      end = { next: seq, acked: seq, unacked: 0 };
      this.ends.set(key, end);
    }
    return end;
  }

  private update(endpoint: Endpoint, end: { next: number; acked: number; unacked: number }, frame: number): void {
    const unacked = Math.max(0, end.next - end.acked);
    if (unacked === end.unacked) return;
    end.unacked = unacked;
    this.frames.push(frame);
    this.keys.push(keyOf(endpoint));
    this.values.push(unacked);
  }

  /** Calls back for every change up to packet `frame`, from change `from` on; returns where it stopped. */
  replay(from: number, frame: number, set: (key: number, unacked: number) => void): number {
    let i = from;
    for (; i < this.frames.length && this.frames[i] <= frame; i++) set(this.keys[i], this.values[i]);
    return i;
  }
}

function keyOf(endpoint: Endpoint): number {
  return 2 * endpoint.connection.id + endpoint.index;
}

/** The state of an endpoint. */
interface Standing {
  endpoint: Endpoint;
  state: number;
  basis: BasisName;
}

/** The end of a state, or its beginning. */
interface Change extends Standing {
  /** By the clock of the packets. */
  time: number;
  /** 0 for a timer. */
  frame: number;
}

/**
 * The sockets that the hosts of a capture had, moment by moment.
 *
 * LISTEN is inferred from a passive open, over the whole capture: nothing tells when it began, or from which addresses it
 * would have accepted. TIME-WAIT ends 2 MSL after it began, which no packet shows.
 */
export class SocketHistory {
  private readonly connections: readonly Connection[];
  private readonly flights: FlightLog;
  private readonly changes: Change[];
  private readonly listeners: readonly SocketEntry[];

  /** `msl` is the maximum segment lifetime in nanoseconds. */
  constructor(connections: readonly Connection[], flights: FlightLog, msl: number) {
    this.connections = connections;
    this.flights = flights;
    this.changes = connections.flatMap((connection) => [
      ...changesOf(connection.client, flights.clock, msl),
      ...changesOf(connection.server, flights.clock, msl),
    ]);
    for (const connection of connections) this.changes.push(...replacements(connection, flights.clock));
    this.changes.sort((a, b) => a.time - b.time || a.frame - b.frame);
    this.listeners = listenersOf(connections);
  }

  /** What there was at `time`, in nanoseconds since the first record. */
  at(time: number): Moment {
    return { time, frame: null, sockets: this.socketsAt(time, this.flights.clock.frameAt(time)), complete: true };
  }

  /** What there was when packet `frame` had passed. */
  after(frame: number): Moment {
    const time = this.flights.clock.timeAt(frame);
    return { time, frame, sockets: this.socketsAt(time, frame), complete: true };
  }

  private socketsAt(time: number, frame: number): SocketEntry[] {
    const table = new Table(this.connections);
    for (const change of this.changes) {
      if (change.time > time) break;
      if (change.frame <= frame) table.apply(change);
    }
    this.flights.replay(0, frame, (key, unacked) => table.setQueue(key, unacked));
    return this.listing(table);
  }

  /**
   * The beginning, and every moment until `end` at which something changed: with all sockets of that moment when `complete`,
   * else with those that changed.
   */
  *moments(end: number, complete = true): Generator<Moment> {
    const table = new Table(this.connections);
    yield { time: 0, frame: null, sockets: this.listing(table), complete: true };
    let flown = 0;
    let changed = new Map<number, Change>();
    for (let i = 0; i < this.changes.length; i++) {
      const { time, frame } = this.changes[i];
      if (time > end) return;
      table.apply(this.changes[i]);
      changed.set(keyOf(this.changes[i].endpoint), this.changes[i]);
      const next = this.changes[i + 1];
      if (next !== undefined && next.time === time && next.frame === frame) continue;
      const upTo = frame === 0 ? this.flights.clock.frameAt(time) : frame;
      flown = this.flights.replay(flown, upTo, (key, unacked) => table.setQueue(key, unacked));
      const sockets = complete ? this.listing(table) : Array.from(changed.values(), (change) => table.entry(change));
      yield { time, frame: frame === 0 ? null : frame, sockets, complete };
      changed = new Map();
    }
  }

  private listing(table: Table): SocketEntry[] {
    return [...this.listeners, ...table.list()];
  }
}

/** The sockets with a peer. */
class Table {
  private readonly open = new Map<number, Standing>();
  private readonly queues = new Map<number, number>();
  /** Ends of connections that were not asked for, or have left, are in the log as well. */
  private readonly ends = new Set<number>();

  /** Begins with what was open before the first packet. */
  constructor(connections: readonly Connection[]) {
    for (const { client, server } of connections) {
      for (const endpoint of [client, server]) {
        this.ends.add(keyOf(endpoint));
        const { initial } = endpoint.timeline;
        if (isSocket(initial)) this.open.set(keyOf(endpoint), { endpoint, state: initial, basis: 'inferred' });
      }
    }
  }

  apply({ endpoint, state, basis }: Change): void {
    const key = keyOf(endpoint);
    if (isSocket(state)) this.open.set(key, { endpoint, state, basis });
    else this.open.delete(key);
  }

  setQueue(key: number, unacked: number): void {
    if (this.ends.has(key)) this.queues.set(key, unacked);
  }

  *list(): Generator<SocketEntry> {
    for (const standing of this.open.values()) yield this.entry(standing);
  }

  entry({ endpoint, state, basis }: Standing): SocketEntry {
    const { peer, connection } = endpoint;
    // What is left of a connection in TIME-WAIT has no buffers.
    const hasBuffers = state !== State.TIME_WAIT && state !== State.CLOSED;
    return {
      ipVersion: connection.ipVersion,
      localAddress: endpoint.address,
      localPort: endpoint.port,
      remoteAddress: peer.address,
      remotePort: peer.port,
      state,
      basis,
      sendQueue: hasBuffers ? (this.queues.get(keyOf(endpoint)) ?? 0) : 0,
      stream: connection.id,
    };
  }
}

/** A state in which the endpoint has a socket of its own, with a peer. */
function isSocket(state: number): boolean {
  return state !== State.CLOSED && state !== State.LISTEN && state !== State.UNKNOWN;
}

function changesOf(endpoint: Endpoint, clock: PacketClock, msl: number): Change[] {
  const { timeline } = endpoint;
  const changes = Array.from(
    { length: timeline.length },
    (_, i): Change => ({
      endpoint,
      frame: timeline.frameOf(i),
      time: clock.timeAt(timeline.frameOf(i)),
      state: timeline.stateOf(i),
      basis: BASIS_NAMES[timeline.basisOf(i) as 0 | 1],
    }),
  );
  const last = changes.at(-1);
  if (last?.state === State.TIME_WAIT) {
    changes.push({ endpoint, frame: 0, time: last.time + 2 * msl, state: State.CLOSED, basis: 'inferred' });
  }
  return changes;
}

/** The first packet of a connection ends what its sockets still held of the one before. */
function replacements({ previous, firstFrame }: Connection, clock: PacketClock): Change[] {
  if (previous === null) return [];
  return [previous.client, previous.server].map((endpoint) => ({
    endpoint,
    frame: firstFrame,
    time: clock.timeAt(firstFrame),
    state: State.CLOSED,
    basis: 'inferred',
  }));
}

function listenersOf(connections: readonly Connection[]): SocketEntry[] {
  const listeners = new Map<string, SocketEntry>();
  for (const connection of connections) {
    for (const endpoint of [connection.client, connection.server]) {
      if (endpoint.timeline.initial !== State.LISTEN || !endpoint.seen) continue;
      listeners.set(endpoint.name, {
        ipVersion: connection.ipVersion,
        localAddress: endpoint.address,
        localPort: endpoint.port,
        remoteAddress: null,
        remotePort: null,
        state: State.LISTEN,
        basis: 'inferred',
        sendQueue: 0,
        stream: null,
      });
    }
  }
  return [...listeners.values()];
}
