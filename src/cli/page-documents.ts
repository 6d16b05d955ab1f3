import type { Analyzer } from '../analyze.ts';
import type { Connection } from '../model/connection.ts';
import { listOf } from '../model/connection-list.ts';
import { UsageError } from '../model/errors.ts';
import { formatBytes, formatCount, formatNumberOf } from '../model/units.ts';
import { worstConnections } from '../page/build/choose.ts';
import { DetailBuilder } from '../page/build/detail.ts';
import { pageData } from '../page/build/page.ts';
import { detailId, type Embedded, embeddedLength, PAGE_ID } from '../page/document.ts';
import { pack } from '../page/pack.ts';
import { sortedFindings } from '../report/finding.ts';
import { summarize } from '../summary/summary.ts';
import { chosenConnections } from './choice.ts';
import type { Context } from './context.ts';
import { reportDamages } from './damages.ts';
import { HeldInput } from './held-input.ts';
import { captureWords } from './input.ts';
import type { CaptureOptions } from './options.ts';
import { compress } from './page-parts.ts';
import { analyzeCaptures } from './run.ts';
import { packageVersion } from './version.ts';

/** What decides how much of a capture a page holds. */
export interface Bounds {
  /** Connections in full. */
  readonly streams: number;
  /** Bytes of the page, programs included. */
  readonly size: number;
  readonly hasPayload: boolean;
}

/** By which what is said of the connections that are left out may grow with their number. */
const ROOM_FOR_SENTENCES = 200;
/** A packet takes no less in a page, compressed: more of them than fit need not be gathered. */
const LEAST_BYTES_OF_PACKET = 12;

/**
 * Reads the captures twice, first to learn which connections are worst, then for all packets of these. The documents of a page,
 * the worst connections first, as many as fit; null where the captures could not be read. Throws a `UsageError` where not even
 * the answer fits.
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
  const first = await analyzeCaptures(context, { captures, sourcesOf: held.first }, () => ({
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
    : await analyzeCaptures(context, { captures, isRepeated: true, sourcesOf: held.again }, () => ({
        ...passOptions,
        roundTrips: true,
        onSegment: (t, view) => builders.of(t.connection)?.segment(t, view),
        ...(chosen.length === 0
          ? {}
          : {
              rowsOf: (connection) => builders.of(connection) !== null,
              onRow: (row) => builders.of(row.connection)?.row(row),
            }),
      }));
  if (context.isCutOff) return null;
  const { analyzer, facts } = second;
  // The second reading gathers more, and may have to end before the first one did.
  const isShort = analyzer.isCutShort && analyzer.counts.total < first.analyzer.counts.total;
  if (isShort) reportDamages(context, facts.damages.slice(-1), analyzer.counts.total);
  const connections = chosenConnections(analyzer.connections, options, context, first.analyzer.connections.length);
  const ranked = rankedOf(connections, analyzer);
  const origin = facts.firstTimestamp ?? 0n;
  const names = captureWords(captures);
  const page = (rows: number, inFull: number): Embedded => {
    const listed =
      rows === connections.length ? connections : ranked.slice(0, rows).sort((one, other) => one.id - other.id);
    const leftOut = leftOutOf(connections.length, rows, inFull, bounds, held);
    if (isShort)
      leftOut.push(`What came after packet ${formatCount(analyzer.counts.total)}: the memory was nearly full.`);
    const data = pageData(analyzer, facts, { version: packageVersion(), names, connections, listed, leftOut });
    return { id: PAGE_ID, bytes: compress(pack(data)) };
  };
  const leastRows = Math.min(1, connections.length);
  const least = embeddedLength(page(leastRows, 0)) + ROOM_FOR_SENTENCES;
  const left = room - partsLength - least;
  if (left < 0)
    throw new UsageError(
      `--max-size ${formatBytes(room)} is too small: the least page of these captures has ${formatBytes(partsLength + least)}`,
    );
  // Rows and connections in full share what is left: the table waits for its half only where it needs it.
  const table = embeddedLength(page(connections.length, 0)) - least;
  let free = left - Math.min(Math.max(table, 0), Math.floor(left / 2));
  const details: Embedded[] = [];
  for (const { id } of chosen) {
    const builder = builders.take(id);
    if (builder === null) continue;
    const detail = { id: detailId(id), bytes: compress(pack(builder.build(origin))) };
    const length = embeddedLength(detail);
    if (length > free) continue;
    free -= length;
    details.push(detail);
  }
  const forPage = room - partsLength - details.reduce((sum, detail) => sum + embeddedLength(detail), 0);
  return [fittingPage((rows) => page(rows, details.length), connections.length, leastRows, forPage), ...details];
}

/** The page with as many rows as fit. What a row takes is learned from each page that is too long. */
function fittingPage(page: (rows: number) => Embedded, most: number, least: number, room: number): Embedded {
  let rows = most;
  let made = page(rows);
  if (embeddedLength(made) <= room) return made;
  const fixed = embeddedLength(page(least));
  while (rows > least && embeddedLength(made) > room) {
    const fitting = least + Math.floor(((rows - least) * (room - fixed)) / (embeddedLength(made) - fixed));
    // A little less: fewer rows compress less well.
    rows = Math.max(least, Math.min(rows - 1, Math.floor(0.98 * fitting)));
    made = page(rows);
  }
  return made;
}

/** All of them, the worst first. */
function rankedOf(connections: readonly Connection[], analyzer: Analyzer): Connection[] {
  const all = { streams: Number.POSITIVE_INFINITY, packets: Number.POSITIVE_INFINITY };
  return worstOf(connections, analyzer, all);
}

function worstOf(
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

  /** All its packets have come; it is not kept any longer. Null where none came: the memory was full before. */
  take(stream: number): DetailBuilder | null {
    const builder = this.builders.get(stream) ?? null;
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
