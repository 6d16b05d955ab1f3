import { formatAddress } from '../model/address.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';

export const GROUPINGS = ['service', 'client', 'server', 'network'] as const;
/** What connections are gathered by. */
export type Grouping = (typeof GROUPINGS)[number];

/** Prefix lengths of a network: what one site usually has. */
const IPV4_PREFIX = 24;
const IPV6_PREFIX = 48;

/**
 * What a connection belongs to: the server's address and port, the client's address, the server's address, or the server's
 * network (/24, or /48 of IPv6).
 */
export function groupOf(connection: Connection | Attempt, grouping: Grouping): string {
  const { client, server } = connection;
  switch (grouping) {
    case 'service':
      return server.name;
    case 'client':
      return client.address;
    case 'server':
      return server.address;
    default: {
      const { w0, w1, w2, w3 } = server;
      if (connection.ipVersion === 4) return `${formatAddress(4, w0, w1, w2, w3).replace(/\d+$/, '0')}/${IPV4_PREFIX}`;
      return `${formatAddress(6, w0, w1 & 0xffff0000, 0, 0)}/${IPV6_PREFIX}`;
    }
  }
}

/** Writes the name of each service once: many connections share few. */
export class ServiceNames {
  private readonly known = new Map<number, string>();

  /** `server.name`. */
  of(server: Endpoint): string {
    if (server.connection.ipVersion !== 4) return server.name;
    const key = (server.w3 >>> 0) * PORTS + server.port;
    let name = this.known.get(key);
    if (name === undefined) {
      name = server.name;
      this.known.set(key, name);
    }
    return name;
  }
}

const PORTS = 1 << 16;
