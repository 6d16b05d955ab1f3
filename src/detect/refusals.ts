import type { Accepted } from '../messages/en/findings/close.ts';
import { type MessageKey, say, type ValuesOf } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import type { Account } from './account.ts';
import type { CaptureEnd } from './detector.ts';
import { HostTable } from './hosts.ts';
import { RaisedFinding } from './raised-finding.ts';

/*
 * Beside a RST that answers a SYN there is no other packet of its host in the connection. When the capture has ended, the other
 * connections of that host are asked for its usual TTL, and whether the same port accepted any.
 */

const KEY = 'connection-refused' satisfies MessageKey;
type Refusal = ValuesOf<typeof KEY>;

/** Confidence where the RST has a TTL that none of the host's other packets has: most such are of a middlebox, not all. */
const FOREIGN = 0.7;

/** What the connections show that a host accepted. */
class Host {
  /** How many of them have each TTL. */
  private readonly ttls = new Map<number, number>();
  private readonly ports = new Map<number, Accepted>();

  accepted({ server, firstFrame }: Connection): void {
    const { ttl, port } = server;
    if (ttl >= 0) this.ttls.set(ttl, (this.ttls.get(ttl) ?? 0) + 1);
    const { connections, first } = this.at(port);
    this.ports.set(port, {
      connections: connections + 1,
      first: connections === 0 ? firstFrame : first,
      last: firstFrame,
    });
  }

  at(port: number): Accepted {
    return this.ports.get(port) ?? { connections: 0, first: 0, last: 0 };
  }

  /** The TTL of most; null where none is known, or where some have `ttl` itself. */
  usualBeside(ttl: number): number | null {
    if (this.ttls.size === 0 || this.ttls.has(ttl)) return null;
    return [...this.ttls].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  }
}

/** Of the connections of a capture that has ended: which were refused, and what the hosts that refused them accepted. */
export class Refusals {
  private readonly refused: { readonly finding: RaisedFinding; readonly host: Host; readonly port: number }[] = [];
  private readonly hosts = new HostTable<Host>(() => new Host());

  see(connection: Connection): void {
    const { server, findings } = connection;
    const finding = findings.find(isRefusal);
    if (finding === undefined && !isAccepted(connection)) return;
    const host = this.hosts.of(server);
    if (host === null) return;
    if (finding === undefined) host.accepted(connection);
    else this.refused.push({ finding, host, port: server.port });
  }

  /** All were seen: adds to each refusal what the other connections of its host show. `left`: connections that left before. */
  weigh(left: CaptureEnd['left']): void {
    // Attempts were never accepted.
    const isAll = left === null || left.connections === left.by.attempt;
    for (const { finding, host, port } of this.refused)
      finding.reword((account) => besides(account, host.at(port), host, isAll));
  }
}

function isRefusal(finding: Finding): finding is RaisedFinding {
  return finding instanceof RaisedFinding && finding.id === KEY;
}

function isAccepted({ client, server }: Connection): boolean {
  return server.hasIss && client.lastAck >= FIRST_BYTE;
}

function besides(account: Account, accepted: Accepted, host: Host, isAll: boolean): Account {
  const values = account.message.values as Refusal;
  const usual = host.usualBeside(values.ttl);
  const known: Refusal = { ...values, usual, accepted: accepted.connections > 0 ? { ...accepted, isAll } : null };
  const message = say(KEY, known);
  return usual === null ? { ...account, message } : { ...account, who: 'network', confidence: FOREIGN, message };
}
