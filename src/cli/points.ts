import { CaptureSession } from '../capture/session.ts';
import { leftOutText } from '../compare/notes.ts';
import { requirePlaces } from '../compare/place-names.ts';
import { PlacesReader, readPlaces } from '../compare/places.ts';
import type { Point } from '../compare/point.ts';
import { UsageError } from '../model/errors.ts';
import { MAX_VANTAGES } from '../views/packet-table.ts';
import { isAt } from '../views/vantages.ts';
import type { Context } from './context.ts';
import { reportDamages } from './damages.ts';
import { Exit } from './exit.ts';
import { captureSources, inputNames } from './input.ts';
import { heapWatch } from './memory.ts';
import { readWatched, reportShortage } from './run.ts';

/**
 * Reads captures of several points of view one after the other, each for itself, and reports what was wrong with them. A
 * capture that was made at several vantages is as many places. Null where a signal ended the reading; `purpose`: what is not
 * done then.
 * @throws UsageError where there are too few places, or too many
 */
export async function readPoints(
  context: Context,
  captures: readonly string[],
  { interfaceNames, purpose = 'compared' }: { interfaceNames?: ReadonlyMap<number, string>; purpose?: string } = {},
): Promise<Point[] | null> {
  if (captures.length > MAX_VANTAGES) throw new UsageError(`at most ${MAX_VANTAGES} captures can be compared`);
  const names = inputNames(captures);
  const double = names.find((name, i) => names.indexOf(name) !== i);
  if (double !== undefined) throw new UsageError(`${double} is named twice: a capture is not compared with itself`);
  context.files.reads(names);
  const current = { session: new CaptureSession(), reader: null as PlacesReader | null };
  let before = 0;
  const points: Point[] = [];
  const packets = () => before + (current.reader?.packets ?? 0);
  const reading = { names, isStreaming: false, packets, session: () => current.session, live: null };
  const isInterrupted = await readWatched(context, reading, async (watch) => {
    const sources = captureSources(names, watch);
    for (const source of sources) {
      const places = await readPlaces(source, (isOnePlace) => {
        const session = new CaptureSession();
        const reader = new PlacesReader(source.name, session, {
          isMemoryShort: heapWatch(),
          isOnePlace,
          ...(interfaceNames === undefined ? {} : { interfaceNames }),
        });
        Object.assign(current, { session, reader });
        return { session, reader };
      });
      const { session, reader } = current;
      const read = reader!.packets;
      before += read;
      if (reader!.isCutShort) reportShortage(session, read, reader!);
      points.push(...places.points);
      if (places.leftOut.length > 0) context.warn(leftOutText(source.name, places.leftOut));
      reportDamages(context, session.facts.damages, read);
      current.reader = null;
      if (context.status >= Exit.INTERRUPTED) return;
    }
  });
  if (isInterrupted) {
    context.warn(`interrupted: nothing is ${purpose}`);
    return null;
  }
  requirePlaces(points);
  for (const [number, name] of interfaceNames ?? [])
    if (!points.some(({ vantage, leftOut }) => [vantage, ...leftOut].some((one) => one !== null && isAt(one, name))))
      throw new UsageError(
        `--interface ${number}=${name}: no place is called so; there are ${points.map(({ file, vantage }) => vantage ?? file).join(', ')}`,
      );
  return points;
}
