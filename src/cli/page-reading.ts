import type { Analyzer } from '../analyze.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection } from '../model/connection.ts';
import { listOf } from '../model/connection-list.ts';
import { worstConnections } from '../page/build/choose.ts';
import { DetailBuilder } from '../page/build/detail.ts';
import { sortedFindings } from '../report/finding.ts';
import { summarize } from '../summary/summary.ts';
import { chosenConnections } from './choice.ts';
import type { Context } from './context.ts';
import { reportDamages } from './damages.ts';
import { HeldInput } from './held-input.ts';
import type { CaptureOptions } from './options.ts';
import { analyzeCaptures } from './run.ts';

/** What decides how much of a capture a page holds. */
export interface Bounds {
  /** Connections in full. */
  readonly streams: number;
  /** Bytes of the page, programs included. */
  readonly size: number;
  readonly hasPayload: boolean;
}

/** A packet takes no less in a page, compressed: more of them than fit need not be gathered. */
const LEAST_BYTES_OF_PACKET = 12;

/** Captures as a page tells of them. */
export interface PageReading {
  readonly analyzer: Analyzer;
  readonly facts: CaptureFacts;
  /** Those that are chosen, in the order of the capture. */
  readonly connections: readonly Connection[];
  /** Those of which all packets were gathered, as far as memory sufficed: the worst first. */
  readonly worst: readonly Connection[];
  readonly builders: Builders;
  /** The captures came through a pipe and were too long to be read twice: no packets were gathered. */
  readonly isTooLong: boolean;
  /** The memory was full before the second reading came as far as the first one: it gathers more. */
  readonly isShort: boolean;
}

/**
 * Reads the captures twice, first to learn which connections are worst, then for all packets of these. Null where they could not be
 * read.
 */
export async function readTwice(
  captures: readonly string[],
  options: CaptureOptions,
  { streams, size, hasPayload }: Bounds,
  context: Context,
): Promise<PageReading | null> {
  const held = new HeldInput();
  const { filter } = options;
  const passOptions = filter === undefined ? {} : { filter };
  const first = await analyzeCaptures(context, { captures, sourcesOf: held.first }, () => ({
    ...passOptions,
    congestion: false,
  }));
  if (context.isCutOff) return null;
  const all = chosenConnections(first.analyzer.connections, options, context);
  const { isTooLong } = held;
  const fitting = { streams, packets: Math.ceil(size / LEAST_BYTES_OF_PACKET) };
  const worst = isTooLong ? [] : worstOf(all, first.analyzer, fitting);
  const builders = new Builders(new Set(worst.map(({ id }) => id)), hasPayload);
  const second = isTooLong
    ? first
    : await analyzeCaptures(context, { captures, isRepeated: true, sourcesOf: held.again }, () => ({
        ...passOptions,
        roundTrips: true,
        onSegment: (t, view) => builders.of(t.connection)?.segment(t, view),
        ...(worst.length === 0
          ? {}
          : {
              rowsOf: (connection) => builders.of(connection) !== null,
              onRow: (row) => builders.of(row.connection)?.row(row),
            }),
      }));
  if (context.isCutOff) return null;
  const { analyzer, facts } = second;
  const isShort = analyzer.isCutShort && analyzer.counts.total < first.analyzer.counts.total;
  if (isShort) reportDamages(context, facts.damages.slice(-1), analyzer.counts.total);
  const connections = chosenConnections(analyzer.connections, options, context, first.analyzer.connections.length);
  return { analyzer, facts, connections, worst, builders, isTooLong, isShort };
}

/** The worst first, as many as fit. */
export function worstOf(
  connections: readonly Connection[],
  analyzer: Analyzer,
  bounds: Parameters<typeof worstConnections>[2],
): Connection[] {
  return worstConnections(
    connections,
    summarize(listOf(connections), sortedFindings(analyzer), { dropped: null, damages: [] }),
    bounds,
  );
}

/** The connections that are wanted in full, each from its first packet on. */
export class Builders {
  private readonly wanted: ReadonlySet<number>;
  private readonly hasPayload: boolean;
  private readonly builders = new Map<number, DetailBuilder>();

  constructor(wanted: ReadonlySet<number>, hasPayload: boolean) {
    this.wanted = wanted;
    this.hasPayload = hasPayload;
  }

  /** Null for one that is not wanted. */
  of(connection: Connection): DetailBuilder | null {
    const { id } = connection;
    if (!this.wanted.has(id)) return null;
    let builder = this.builders.get(id);
    if (builder === undefined) {
      builder = new DetailBuilder(connection, { hasPayload: this.hasPayload });
      this.builders.set(id, builder);
    }
    return builder;
  }

  /** All its packets have come; it is not kept any longer. Null where none came: the memory was full before. */
  take(stream: number): DetailBuilder | null {
    const builder = this.builders.get(stream) ?? null;
    this.builders.delete(stream);
    return builder;
  }
}
