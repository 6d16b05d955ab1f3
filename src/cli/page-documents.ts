import type { Analyzer } from '../analyze.ts';
import type { Connection } from '../model/connection.ts';
import { UsageError } from '../model/errors.ts';
import { formatBytes, formatCount, formatNumberOf } from '../model/units.ts';
import { pageData } from '../page/build/page.ts';
import { detailId, type Embedded, embeddedLength, PAGE_ID } from '../page/document.ts';
import { pack } from '../page/pack.ts';
import { isClocked } from '../summary/trust.ts';
import type { Context } from './context.ts';
import { captureWords } from './input.ts';
import type { CaptureOptions } from './options.ts';
import { compress } from './page-parts.ts';
import { type Bounds, type PageReading, readTwice, worstOf } from './page-reading.ts';
import { packageVersion } from './version.ts';

/** By which what is said of the connections that are left out may grow with their number. */
const ROOM_FOR_SENTENCES = 200;
/**
 * The documents of a page: what it says at first, then the worst connections in full, as many as fit; null where the captures could not be
 * read. Throws a `UsageError` where not even the answer fits.
 */
export async function pageDocuments(
  captures: readonly string[],
  options: CaptureOptions,
  bounds: Bounds,
  partsLength: number,
  context: Context,
): Promise<Embedded[] | null> {
  const reading = await readTwice(captures, options, bounds, context);
  if (reading === null) return null;
  const { connections } = reading;
  const page = pagesOf(reading, captureWords(captures), bounds);
  const { size: room } = bounds;
  const leastRows = Math.min(1, connections.length);
  const least = embeddedLength(page(leastRows, 0)) + ROOM_FOR_SENTENCES;
  const left = room - partsLength - least;
  if (left < 0)
    throw new UsageError(
      `--max-size ${formatBytes(room)} is too small: the least page of these captures has ${formatBytes(partsLength + least)}`,
    );
  // Rows and connections in full share what is left: the table waits for its half only where it needs it.
  const table = embeddedLength(page(connections.length, 0)) - least;
  const details = fittingDetails(reading, left - Math.min(Math.max(table, 0), Math.floor(left / 2)));
  const forPage = room - partsLength - details.reduce((sum, detail) => sum + embeddedLength(detail), 0);
  return [fittingPage((rows) => page(rows, details.length), connections.length, leastRows, forPage), ...details];
}

/** Makes the first document, with the rows of so many connections, where so many are there in full. */
function pagesOf(
  { analyzer, facts, connections, isTooLong, isShort }: PageReading,
  names: string,
  bounds: Bounds,
): (rows: number, inFull: number) => Embedded {
  const ranked = rankedOf(connections, analyzer);
  return (rows, inFull) => {
    const listed =
      rows === connections.length ? connections : ranked.slice(0, rows).sort((one, other) => one.id - other.id);
    const leftOut = leftOutOf(connections.length, rows, inFull, bounds, isTooLong);
    if (isShort)
      leftOut.push(`What came after packet ${formatCount(analyzer.counts.total)}: the memory was nearly full.`);
    const data = pageData(analyzer, facts, { version: packageVersion(), names, connections, listed, leftOut });
    return { id: PAGE_ID, bytes: compress(pack(data)) };
  };
}

/** The connections in full that fit into so many bytes, the worst first. */
function fittingDetails({ analyzer, facts, worst, builders }: PageReading, room: number): Embedded[] {
  const origin = facts.firstTimestamp ?? 0n;
  const hasClock = isClocked(analyzer.findings);
  const details: Embedded[] = [];
  let free = room;
  for (const { id } of worst) {
    const builder = builders.take(id);
    if (builder === null) continue;
    const detail = { id: detailId(id), bytes: compress(pack(builder.build(origin, hasClock))) };
    const length = embeddedLength(detail);
    if (length > free) continue;
    free -= length;
    details.push(detail);
  }
  return details;
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

function leftOutOf(
  all: number,
  listed: number,
  inFull: number,
  { streams, size, hasPayload }: Bounds,
  isTooLong: boolean,
): string[] {
  const sentences: string[] = [];
  if (isTooLong)
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
