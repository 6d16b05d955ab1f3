import type { Connection } from '../model/connection.ts';
import type { SegmentView } from '../model/segment.ts';

/** Where connections rest that were not heard lately: see `RestingConnections`. Each is known by a place. */
export interface RestingPlace {
  /** Connections that have an object, beside those that cannot rest. */
  readonly mostAwake: number;
  readonly length: number;
  /** Writes one down, whose object may then take another; its place, or -1 where it cannot rest after all. */
  rest(connection: Connection): number;
  /** This one will not rest. */
  keep(connection: Connection): void;
  /** An object becomes the one at `place`, which is free from then on. */
  wake(place: number, object: Connection): void;
  /** The same for a while: it stays written down. */
  lend(place: number, object: Connection): void;
  /** What was lent stays awake: its place is free. */
  leave(place: number, object: Connection): void;
  /** An object becomes that of a connection that begins with `view`. */
  restart(object: Connection, id: number, view: SegmentView): void;
  idOf(place: number): number;
  /** One of `STANDINGS`, by its place there, and the time of its latest packet (ns): who leaves is chosen by these. */
  standingOf(place: number): number;
  latestOf(place: number): number;
}
