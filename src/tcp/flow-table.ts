import { Connection } from '../model/connection.ts';
import type { ConnectionList } from '../model/connection-list.ts';
import { SYN } from '../model/flags.ts';
import { KeyedHash } from '../model/keyed-hash.ts';
import { SecondChance } from '../model/second-chance.ts';
import { SegmentView } from '../model/segment.ts';
import { hashOfSockets, isBetween, isSource, SOCKET_PAIR_WORDS } from '../model/socket-pair.ts';
import { Flows } from './flows.ts';
import { HalfOpen } from './half-open.ts';
import { LeftSockets } from './left-sockets.ts';
import type { RestingPlace } from './resting-place.ts';
import { SocketSlots } from './socket-slots.ts';

/** Connections that were asked for lately, one for each place; a power of two. */
const LATELY = 1 << 10;

/** Objects that are looked at, in search of a connection that can rest, before one more is made. */
const LOOKS = 4;

/** Connections that were over and have not rested yet, while their last segments may still come; a power of two. */
const ENDING = 1 << 6;

/** Does to a connection what its first SYN does. `serial`: its place among the latest packets. */
export type Replay = (connection: Connection, syn: SegmentView, serial: number) => void;

/**
 * Finds the connection of a segment by its addresses and ports, in either direction: open addressing over a keyed hash, so
 * that a hostile capture cannot choose collisions. Interfaces, VLANs and tunnels are not part of the key: the same packet
 * seen on two of them belongs to one connection.
 *
 * Packets come in bursts: the connections that were asked for last are looked at first, by a cheap mix of the key. One that
 * takes the place of another costs a lookup and no more.
 *
 * A first SYN may wait in a few bytes (`half-open.ts`): it becomes a connection when it is asked for. So may a connection of which
 * nothing was heard lately rest as numbers (`resting.ts`); its object takes another.
 */
export class FlowTable {
  private readonly keyed: KeyedHash;
  /** The newest connection of each pair; where it rests, its place there. */
  private readonly slots: SocketSlots;
  /** Those that were not evicted, do not wait and do not rest. */
  private readonly awake = new SecondChance<Connection>();
  /** Those of them that will not rest. */
  private kept: Connection[] = [];
  /** Null: none rests. */
  private rest: RestingPlace | null = null;
  /** Those that were over last, and how many were. */
  private readonly ending: (Connection | null)[] = new Array(ENDING).fill(null);
  private ended = 0;
  /** Objects of connections that rest. */
  private readonly spare: Connection[] = [];
  /** Is lent to whoever looks at a connection that rests. */
  private guest: Connection | null = null;
  /** All in the order of their numbers, as long as none is added or taken away. */
  private sorted: readonly Connection[] | null = null;
  private listed: Flows | null = null;
  /** First SYNs that nobody has answered. */
  readonly waiting = new HalfOpen();
  private readonly syn = new SegmentView();
  /** The hash of the sockets that were looked for in vain the last time. */
  private missed = 0;
  private readonly replay: Replay;
  /** Connections that there ever were: the next stream number. */
  opened = 0;
  /** Sockets of those that were evicted; null while none was. */
  private left: LeftSockets | null = null;
  private readonly lately: (Connection | null)[] = new Array(LATELY).fill(null);
  /** Their mixed keys: these rule out most other connections without reading them. */
  private readonly latelyMixed = new Int32Array(LATELY);

  constructor(replay: Replay = () => {}, keyed = new KeyedHash(SOCKET_PAIR_WORDS), capacity?: number) {
    this.replay = replay;
    this.keyed = keyed;
    this.slots = new SocketSlots(capacity);
  }

  /** Connections may rest, until somebody asks for all of them (`connections`). */
  letRest(resting: RestingPlace): void {
    this.rest = resting;
  }

  /** Those that were not evicted and do not wait, in the order of their stream numbers. Each has its object from then on. */
  get connections(): readonly Connection[] {
    this.wakeResting();
    this.rest = null;
    this.sorted ??= byId(this.objects);
    return this.sorted;
  }

  /** The same, of which those that rest go on resting. */
  get list(): ConnectionList {
    this.listed ??= new Flows(this, this.objects, this.resting);
    return this.listed;
  }

  /** Those that neither wait nor rest, in no order. */
  get objects(): readonly Connection[] {
    return this.kept.length === 0 ? this.awake.held : [...this.awake.held, ...this.kept];
  }

  /** How many were not evicted. */
  get size(): number {
    return this.awake.size + this.kept.length + (this.rest?.length ?? 0) + this.waiting.length;
  }

  /** The newest connection between the two sockets, or null. */
  find(view: SegmentView): Connection | null {
    const mixed = mixOf(view);
    const place = mixed & (LATELY - 1);
    if (this.latelyMixed[place] === mixed) {
      const likely = this.lately[place];
      if (likely !== null && isBetween(likely, view)) {
        likely.wasUsed = true;
        return likely;
      }
    }
    const hash = hashOfSockets(this.keyed, view);
    const slot = this.slotOf(hash, view);
    const connection = this.slots.entries[slot];
    // `slotOf` has woken the one that it found.
    if (connection !== null && typeof connection !== 'number') {
      connection.wasUsed = true;
      this.lately[place] = connection;
      this.latelyMixed[place] = mixed;
      return connection;
    }
    this.missed = hash;
    if (this.waiting.length === 0) return null;
    const row = this.waiting.find(hash, view);
    return row < 0 ? null : this.wake(row);
  }

  /** The slot of the connection between the two sockets, which has its object; an empty one where there is none. */
  private slotOf(hash: number, view: SegmentView): number {
    const { entries, hashes, mask } = this.slots;
    let i = hash & mask;
    for (let entry = entries[i]; entry !== null; entry = entries[i]) {
      if (hashes[i] === hash) {
        if (typeof entry === 'number') {
          // Its words could be those of other sockets with the same hash: that costs a lookup and no more.
          const object = this.object();
          this.wakeAt(i, object);
          entry = object;
        }
        if (isBetween(entry, view)) return i;
      }
      i = (i + 1) & mask;
    }
    return i;
  }

  /** Lets a plain SYN wait that was just looked for in vain; its row, or -1 where a connection of its sockets was evicted. */
  wait(view: SegmentView): number {
    const { missed } = this;
    if (this.left !== null && this.left.idOf(missed, mixOf(view)) >= 0) return -1;
    return this.waiting.add(view, missed, this.opened++);
  }

  /** The connection of a SYN that waited. */
  wake(row: number): Connection {
    const { waiting, syn } = this;
    const id = waiting.idOf(row);
    const hash = waiting.hashOf(row);
    const serial = waiting.serialOf(row);
    waiting.read(row, syn);
    waiting.remove(row);
    const connection = this.begin(id, syn);
    this.enter(connection, hash, this.slots.freeFor(hash), syn);
    this.replay(connection, syn, serial);
    return connection;
  }

  /** Nobody waits any more. */
  wakeAll(): void {
    while (this.waiting.length > 0) this.wake(this.waiting.first);
  }

  /** Opens a connection for the sockets of `view`, in place of an earlier incarnation. The sender becomes side `a`. */
  open(view: SegmentView): Connection {
    const hash = hashOfSockets(this.keyed, view);
    const slot = this.slotOf(hash, view);
    const previous = this.slots.entries[slot] as Connection | null;
    // It stays where it is while an object is looked for.
    if (previous !== null) previous.hasFollowed = true;
    const connection = this.begin(this.opened++, view);
    if (previous !== null) connection.follow(previous);
    else if (this.left !== null) recognise(connection, this.left.idOf(hash, mixOf(view)), view);
    this.enter(connection, hash, slot, view);
    return connection;
  }

  private begin(id: number, view: SegmentView): Connection {
    const { rest: resting } = this;
    if (resting === null) return new Connection(id, view, null);
    if (this.awake.size >= resting.mostAwake) this.restOne(resting);
    const object = this.spare.pop();
    if (object === undefined) return new Connection(id, view, null);
    resting.restart(object, id, view);
    return object;
  }

  /** An object for a connection that rested. */
  private object(): Connection {
    if (this.rest !== null && this.awake.size >= this.rest.mostAwake) this.restOne(this.rest);
    return this.spare.pop() ?? newConnection();
  }

  /**
   * The connection is over: little of it will come. It rests when others have ended after it, and its object takes the next one. False:
   * it goes on as it is.
   */
  ends(connection: Connection): boolean {
    if (this.rest === null) return false;
    if (connection.hasEnded) return true;
    connection.hasEnded = true;
    const place = this.ended++ & (ENDING - 1);
    const earlier = this.ending[place];
    this.ending[place] = connection;
    // The object may have rested before, or take another connection already.
    if (earlier !== null && earlier.place >= 0 && earlier.isOver) this.restOrKeep(earlier, this.rest);
    return true;
  }

  /** One that was not heard lately makes room; where none can there is one more. */
  private restOne(resting: RestingPlace): void {
    for (let i = 0; i < LOOKS; i++) {
      const connection = this.awake.next(LOOKS);
      if (connection === null || this.restOrKeep(connection, resting)) return;
    }
  }

  /** Whether it rests now. One that never will is no longer asked. */
  private restOrKeep(connection: Connection, resting: RestingPlace): boolean {
    const { keepsObject } = connection;
    const place = keepsObject || !connection.canRest ? -1 : resting.rest(connection);
    if (place >= 0) {
      this.lay(connection, place);
      return true;
    }
    if (keepsObject || connection.isOver) {
      this.awake.remove(connection);
      this.kept.push(connection);
      resting.keep(connection);
    } else connection.wasUsed = true;
    return false;
  }

  /** It rests at `place` from now on. */
  private lay(connection: Connection, place: number): void {
    this.slots.entries[this.slots.slotOf(connection, connection.hash)] = place;
    const mixed = mixOfConnection(connection);
    if (this.lately[mixed & (LATELY - 1)] === connection) this.lately[mixed & (LATELY - 1)] = null;
    this.awake.remove(connection);
    this.spare.push(connection);
    this.changed();
  }

  /** The connection that rests in that slot goes on in `object`. */
  private wakeAt(slot: number, object: Connection): void {
    this.rest!.wake(this.slots.entries[slot] as number, object);
    this.arouse(slot, object);
  }

  private arouse(slot: number, object: Connection): void {
    this.slots.entries[slot] = object;
    this.awake.add(object);
    this.sorted = null;
    this.listed?.wakes(object);
  }

  /** The lists of all connections are no longer valid: connections were added or taken away, or have other objects. */
  private changed(): void {
    this.sorted = null;
    this.listed = null;
  }

  private wakeResting(): void {
    if (this.rest === null || this.rest.length === 0) return;
    const { entries } = this.slots;
    for (let i = 0; i < entries.length; i++)
      if (typeof entries[i] === 'number') this.wakeAt(i, this.spare.pop() ?? newConnection());
  }

  /** Places of those that rest, in no order. */
  get resting(): readonly number[] {
    if (this.rest === null || this.rest.length === 0) return [];
    return this.slots.entries.filter((entry) => typeof entry === 'number');
  }

  standingOf(place: number): number {
    return this.rest!.standingOf(place);
  }

  latestOf(place: number): number {
    return this.rest!.latestOf(place);
  }

  /** The connection that rests at `place` has its object from then on. */
  wakePlace(place: number): Connection {
    const object = this.spare.pop() ?? newConnection();
    this.rest!.wake(place, object);
    this.arouse(this.slots.slotOf(place, object.hash), object);
    return object;
  }

  /** Shows the connection that rests at `place`, in a lent object. The connection no longer rests where it must keep that object (`keepsObject`). */
  show(place: number, see: (connection: Connection, index: number) => void, index: number): void {
    const guest = this.lend(place);
    see(guest, index);
    if (!guest.keepsObject) return;
    this.rest!.leave(place, guest);
    this.guest = null;
    this.arouse(this.slots.slotOf(place, guest.hash), guest);
  }

  /** The connection that rests at `place`, in an object that is lent until the next one is. */
  lend(place: number): Connection {
    this.guest ??= this.spare.pop() ?? newConnection();
    this.rest!.lend(place, this.guest);
    return this.guest;
  }

  idOf(place: number): number {
    return this.rest!.idOf(place);
  }

  private enter(connection: Connection, hash: number, slot: number, view: SegmentView): void {
    connection.hash = hash;
    this.awake.add(connection);
    this.changed();
    this.slots.put(slot, connection, hash);
    const mixed = mixOf(view);
    this.lately[mixed & (LATELY - 1)] = connection;
    this.latelyMixed[mixed & (LATELY - 1)] = mixed;
  }

  /** Takes out SYNs that wait, and remembers their hashes likewise. */
  evictWaiting(rows: readonly number[]): void {
    const { waiting, syn } = this;
    this.left ??= new LeftSockets();
    for (const row of rows) {
      waiting.read(row, syn);
      this.left.note(waiting.hashOf(row), mixOf(syn), waiting.idOf(row));
      waiting.remove(row);
    }
  }

  /**
   * Takes out the connections that are marked (`hasLeft`). Later connections of their sockets no longer refer to
   * them. The hash of each is kept, so that its late packets are recognised.
   */
  evict(): void {
    for (const connection of this.objects) if (connection.previous?.hasLeft) connection.previous = null;
    this.awake.forget(({ hasLeft }) => hasLeft);
    this.kept = this.kept.filter(({ hasLeft }) => !hasLeft);
    this.changed();
    const left = this.left ?? new LeftSockets();
    this.left = left;
    this.slots.dropLeft((connection, hash) => left.note(hash, mixOfConnection(connection), connection.id));
    for (let i = 0; i < LATELY; i++) if (this.lately[i]?.hasLeft) this.lately[i] = null;
  }
}

/** A connection of these sockets was evicted, with the number `id` (-1: none): a SYN begins another, and all else is late. */
function recognise(connection: Connection, id: number, view: SegmentView): void {
  if (id < 0) return;
  connection.previousId = id;
  if (!(view.flags & SYN)) connection.continues = id;
}

function byId(connections: readonly Connection[]): readonly Connection[] {
  return connections.toSorted((one, other) => one.id - other.id);
}

const NO_VIEW = new SegmentView();

function newConnection(): Connection {
  return new Connection(0, NO_VIEW, null);
}

/** Alike for both directions. */
function mixOf(view: SegmentView): number {
  return mix(view.src3 ^ view.dst3, view.srcPort + view.dstPort);
}

function mixOfConnection({ a, b }: Connection): number {
  return mix(a.w3 ^ b.w3, a.port + b.port);
}

function mix(addresses: number, ports: number): number {
  const mixed = addresses ^ Math.imul(ports, 0x9e3779b1);
  return mixed ^ (mixed >>> 16);
}

/** The side of `connection` that sent `view`. */
export function senderIsA(connection: Connection, view: SegmentView): boolean {
  return isSource(connection.a, view);
}
