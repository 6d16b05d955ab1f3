import type { Analyzer } from '../analyze.ts';
import type { SettledFinding } from '../detect/raised-finding.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Finding } from '../model/finding.ts';
import { memoryOf, type PackedConnections, packConnections, unpackConnections } from './packed.ts';
import type { Part, ShardKnowledge } from './part.ts';
import { renumber, revive, type ViolationsSnapshot } from './snapshot.ts';
import { type FindingSnapshot, findingOf, renumbered, type Streams } from './telling.ts';

/** Places among the findings of the connection, or the findings themselves. */
type Violations = readonly (number | SettledFinding)[] | null;

/** A connection where all are put together; what was found about it is not attached. */
export interface Brought {
  readonly connection: Connection;
  readonly findings: readonly SettledFinding[];
  /** Of its ends `a` and `b`. */
  readonly violations: readonly [Violations, Violations];
  /** Packets of it are missing in the capture. */
  readonly lacksPackets: boolean;
}

/** What one shard brings to those that are put together, wherever it was analysed. Its connections can be had once. */
export interface Share {
  readonly knowledge: ShardKnowledge;
  connections(streams: Streams): Iterable<Brought>;
}

/** Of a file. */
export function storedShare({ connections, ...knowledge }: Part): Share {
  function* bring(streams: Streams): Generator<Brought> {
    for (const snapshot of connections) {
      const { a, b, findings, lacksPackets } = snapshot;
      const connection = revive(snapshot, streams);
      yield brought(connection, findings, [a.violations, b.violations], lacksPackets, streams);
    }
  }
  return { knowledge, connections: bring };
}

/** What one thread hands to another. */
export interface PackedPart {
  readonly knowledge: ShardKnowledge;
  readonly connections: PackedConnections;
}

/** `spansFor`: with which totals every span of time is wanted as well. With the memory that changes hands. */
export function packedPart(
  analyzer: Analyzer,
  knowledge: ShardKnowledge,
  spansFor: (totals: ArrayLike<number>) => boolean,
): { readonly part: PackedPart; readonly memory: ArrayBuffer[] } {
  const lacksPackets = (connection: Connection) => analyzer.lacksPackets(connection);
  const connections = packConnections(analyzer.connections, lacksPackets, spansFor);
  return { part: { knowledge, connections }, memory: memoryOf(connections) };
}

/** Of another thread. */
export function packedShare({ knowledge, connections }: PackedPart): Share {
  function* bring(streams: Streams): Generator<Brought> {
    for (const { connection, findings, violations, lacksPackets } of unpackConnections(connections, streams))
      yield brought(connection, findings, violations, lacksPackets, streams);
  }
  return { knowledge, connections: bring };
}

function brought(
  connection: Connection,
  findings: readonly FindingSnapshot[],
  violations: readonly [ViolationsSnapshot, ViolationsSnapshot],
  lacksPackets: boolean,
  streams: Streams,
): Brought {
  const settled = (finding: FindingSnapshot) => findingOf(finding, connection, streams);
  const settledAll = (list: ViolationsSnapshot) =>
    list?.map((one) => (typeof one === 'number' ? one : settled(one))) ?? null;
  return {
    connection,
    findings: findings.length === 0 ? NO_FINDINGS : findings.map(settled),
    violations: [settledAll(violations[0]), settledAll(violations[1])],
    lacksPackets,
  };
}

/** Of the thread that puts all together: its connections are those that it analysed. */
export function ownShare(analyzer: Analyzer, knowledge: ShardKnowledge): Share {
  const bring = (streams: Streams): Brought[] => {
    const settled = (finding: Finding) => renumbered(finding, streams);
    const all = analyzer.connections.map((connection) => ({
      connection,
      findings: connection.findings.length === 0 ? NO_FINDINGS : connection.findings.map(settled),
      violations: [settledOf(connection.a, settled), settledOf(connection.b, settled)] as const,
      lacksPackets: analyzer.lacksPackets(connection),
    }));
    // Not before: findings of one connection may tell the number of another.
    for (const { connection, findings } of all) {
      if (findings.length > 0) connection.withdrawFindings(() => true);
      renumber(connection, streams);
    }
    return all;
  };
  return { knowledge, connections: bring };
}

const NO_FINDINGS: readonly SettledFinding[] = [];

function settledOf({ connection, violations }: Endpoint, settled: (finding: Finding) => SettledFinding): Violations {
  if (violations === null) return null;
  return violations.map((finding) => {
    const place = connection.findings.indexOf(finding);
    return place < 0 ? settled(finding) : place;
  });
}
