import type { Analyzer } from '../analyze.ts';
import type { Connection } from '../model/connection.ts';
import { formatBytes, formatCount, formatNumberOf } from '../model/units.ts';
import { worstConnections } from '../page/build/choose.ts';
import { DetailBuilder } from '../page/build/detail.ts';
import { pageData } from '../page/build/page.ts';
import { detailId, type Embedded, embeddedLength, PAGE_ID } from '../page/document.ts';
import { pack } from '../page/pack.ts';
import { sortedFindings } from '../report.ts';
import { summarize } from '../summary/summary.ts';
import { chosenConnections } from './choice.ts';
import type { Context } from './context.ts';
import { HeldInput } from './held-input.ts';
import type { CaptureOptions } from './options.ts';
import { compress } from './page-parts.ts';
import { analyzeCaptures } from './run.ts';
import { shellWord } from './shell-word.ts';
import { packageVersion } from './version.ts';

/** What decides how much of a capture a page holds. */
export interface Bounds {
  /** Connections in full. */
  readonly streams: number;
  /** Bytes of the page, programs included. */
  readonly size: number;
  readonly hasPayload: boolean;
}

/** Rows that a page has, whatever its size. */
const LEAST_ROWS = 1000;
/** By which what is said of the connections that are left out may grow with their number. */
const ROOM_FOR_SENTENCES = 200;
/** A packet takes no less in a page, compressed: more of them than fit need not be gathered. */
const LEAST_BYTES_OF_PACKET = 12;

/**
 * Reads the captures twice, first to learn which connections are worst, then for all packets of these. The documents of a page,
 * the worst connections first, as many as fit; null where the captures could not be read.
 */
export async function pageDocuments(
  captures: readonly string[],
  options: CaptureOptions,
  bounds: Bounds,
  partsLength: number,
  context: Context,
): Promise<Embedded[] | null> {
  const held = new HeldInput();
  const { filter } = options;
  const passOptions = filter === undefined ? {} : { filter };
  const first = await analyzeCaptures(context, { captures, through: held.keep }, () => ({
    ...passOptions,
    congestion: false,
  }));
  if (context.isCutOff) return null;
  const all = chosenConnections(first.analyzer.connections, options, context);
  const { streams, size: room } = bounds;
  const fitting = { streams, packets: Math.ceil(room / LEAST_BYTES_OF_PACKET) };
  const chosen = held.isTooLong ? [] : worstOf(all, first.analyzer, fitting);
  const builders = new Builders(new Set(chosen.map(({ id }) => id)), bounds.hasPayload);
  const second = held.isTooLong
    ? first
    : await analyzeCaptures(context, { captures, isRepeated: true, through: held.again }, () => ({
        ...passOptions,
        roundTrips: true,
        onSegment: (t, view) => builders.of(t.connection)?.segment(t, view),
        ...(chosen.length === 0 ? {} : { onRow: (row) => builders.of(row.connection)?.row(row) }),
      }));
  if (context.isCutOff) return null;
  const { analyzer, facts } = second;
  const connections = chosenConnections(analyzer.connections, options, context);
  const origin = facts.firstTimestamp ?? 0n;
  const names = captures.length === 0 ? '-' : captures.map(shellWord).join(' ');
  let listed = connections;
  const page = (leftOut: readonly string[]): Embedded => {
    const data = pageData(analyzer, facts, { version: packageVersion(), names, connections, listed, leftOut });
    return { id: PAGE_ID, bytes: compress(pack(data)) };
  };
  const sentences = (inFull: number) => leftOutOf(connections.length, listed.length, inFull, bounds, held);
  const details: Embedded[] = [];
  const sizeOfFirst = () => partsLength + embeddedLength(page(sentences(0))) + ROOM_FOR_SENTENCES;
  let size = sizeOfFirst();
  while (size > bounds.size && listed.length > LEAST_ROWS) {
    const rows = { streams: listed.length >> 1, packets: Number.POSITIVE_INFINITY };
    listed = worstOf(listed, analyzer, rows).sort((a, b) => a.id - b.id);
    size = sizeOfFirst();
  }
  for (const { id } of chosen) {
    const detail = { id: detailId(id), bytes: compress(pack(builders.take(id).build(origin))) };
    const length = embeddedLength(detail);
    if (size + length > bounds.size) continue;
    size += length;
    details.push(detail);
  }
  return [page(sentences(details.length)), ...details];
}

function worstOf(
  connections: readonly Connection[],
  analyzer: Analyzer,
  bounds: Parameters<typeof worstConnections>[2],
): Connection[] {
  return worstConnections(connections, summarize(connections, sortedFindings(analyzer), { dropped: null }), bounds);
}

/** The connections that are wanted in full, each from its first packet on. */
class Builders {
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

  /** All its packets have come; it is not kept any longer. */
  take(stream: number): DetailBuilder {
    const builder = this.builders.get(stream)!;
    this.builders.delete(stream);
    return builder;
  }
}

function leftOutOf(
  all: number,
  listed: number,
  inFull: number,
  { streams, size, hasPayload }: Bounds,
  held: HeldInput,
): string[] {
  const sentences: string[] = [];
  if (held.isTooLong)
    sentences.push(
      'Connections in full: the capture came through a pipe and was too long to be read twice. Give a file.',
    );
  else if (inFull < all) {
    const why = inFull >= streams ? `--streams ${streams}` : `--max-size ${formatBytes(size)}`;
    const which =
      inFull === 0 ? 'none is here' : `${formatCount(inFull)} of ${formatNumberOf(all, 'connection')} are here`;
    sentences.push(`Most connections in full: ${which} in full, the worst ones; the others have their row (${why}).`);
  }
  if (listed < all)
    sentences.push(
      `The rows of ${formatNumberOf(all - listed, 'connection')}: the ${formatCount(listed)} worst have one (--max-size ${formatBytes(size)}).`,
    );
  if (!hasPayload) sentences.push('The bytes that the connections carried (--no-payload).');
  return sentences;
}
