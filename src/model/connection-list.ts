import type { Connection } from './connection.ts';

/** Connections in the order of their numbers, of which some may have no object of their own. */
export interface ConnectionList {
  readonly length: number;
  /**
   * Calls `see` with each. The object is lent until that returns: whoever keeps it says so (`isRemembered`), and of one about which
   * something was found it stays.
   */
  visit(see: (connection: Connection, index: number) => void): void;
  /** The one with this index, lent until the next is asked for. */
  lend(index: number): Connection;
  /** The same in an object of its own. */
  at(index: number): Connection;
}

/** A list of those that have an object each. */
export function listOf(connections: readonly Connection[]): ConnectionList {
  return {
    length: connections.length,
    visit: (see) => connections.forEach(see),
    lend: (index) => connections[index],
    at: (index) => connections[index],
  };
}

/** All of a list, in objects of their own. */
export function objectsOf(list: ConnectionList): Connection[] {
  return Array.from({ length: list.length }, (_, i) => list.at(i));
}
