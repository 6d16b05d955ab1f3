import { CaptureSession } from '../../src/capture/session.ts';
import { Comparison } from '../../src/compare/comparison.ts';
import { named } from '../../src/compare/place-names.ts';
import { PlacesReader, readPlaces } from '../../src/compare/places.ts';
import type { Point } from '../../src/compare/point.ts';
import { sourceOf } from '../check/support.ts';
import type { Journey } from './journey.ts';

/** The places that a capture shows. */
export async function placesOf(bytes: Uint8Array, name: string): Promise<readonly Point[]> {
  const places = await readPlaces(sourceOf(bytes, name), (isOnePlace) => {
    const session = new CaptureSession();
    return { session, reader: new PlacesReader(name, session, { isOnePlace }) };
  });
  return places.points;
}

/** Compares captures, which are called a, b, c and so on. */
export async function compared(...files: Uint8Array[]): Promise<Comparison> {
  const points: Point[] = [];
  for (const [i, bytes] of files.entries()) points.push(...(await placesOf(bytes, 'abcdefgh'[i])));
  return new Comparison(named(points));
}

export interface Score {
  frames: number;
  wrong: number;
  placed: number;
  unplaced: number;
  madeUp: number;
  fails: string[];
}

/**
 * What the comparison says of each packet, held against what became of it. `order`: the points in the order of the files.
 * `canTell` leaves out what no capture can tell.
 */
export function scoreOf(
  comparison: Comparison,
  { packets }: Journey,
  order: readonly number[],
  canTell: (packet: Journey['packets'][number]) => boolean = () => true,
): Score {
  const score: Score = { frames: 0, wrong: 0, placed: 0, unplaced: 0, madeUp: 0, fails: [] };
  const { packets: table, points } = comparison;
  const rowOf = new Map<string, number>();
  for (const row of comparison.order)
    table.at.forEach((column, p) => {
      if (column[row] >= 0) rowOf.set(`${order[p]} ${points[p].sightings.frame[column[row]]}`, row);
    });
  for (const packet of packets) {
    const seen = packet.frames.flatMap((number, v) => (number === null ? [] : [v]));
    if (seen.length === 0) continue;
    const row = rowOf.get(`${seen[0]} ${packet.frames[seen[0]]}`);
    const said =
      row === undefined
        ? []
        : order.map((v, p) => [v, table.at[p][row] < 0 ? null : points[p].sightings.frame[table.at[p][row]]] as const);
    const where = `conn ${packet.conn} ${packet.direction} ${packet.frames.join('/')}`;
    for (const v of seen) {
      score.frames++;
      const other = rowOf.get(`${v} ${packet.frames[v]}`);
      if (other === row && row !== undefined && said.every(([w, number]) => number === packet.frames[w])) continue;
      score.wrong++;
      score.fails.push(`${where}: said ${said.map(([, number]) => number).join('/')}`);
    }
    if (row === undefined || !canTell(packet)) continue;
    const lost = table.lostFrom[row] < 0 ? null : [order[table.lostFrom[row]], order[table.lostTo[row]]];
    if (packet.lost !== null && lost !== null && packet.lost[0] === lost[0] && packet.lost[1] === lost[1])
      score.placed++;
    else if (packet.lost !== null || lost !== null) {
      if (packet.lost !== null) score.unplaced++;
      if (lost !== null) score.madeUp++;
      score.fails.push(`${where}: lost ${packet.lost}, said ${lost}`);
    }
  }
  return score;
}
