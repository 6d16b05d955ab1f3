import { FAMILIES } from '../detect/catalogue.ts';
import type { Place, Trust } from '../messages/answer.ts';
import { positionOf } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';
import type { Departed } from './departed.ts';

/** Connections that are asked for their place. */
const ENOUGH = 2000;
/** A place is told when so large a part of the connections agrees on it. */
const MAJORITY = 0.75;

export function trustOf(
  connections: readonly Connection[],
  findings: readonly Finding[],
  { dropped }: { readonly dropped: number | null },
  departed: Departed | null = null,
): Trust {
  const doubts = [...new Set(findings.filter(isDoubt).map(({ id }) => id))];
  let oneWay = departed?.oneWay ?? 0;
  let midStream = departed?.midStream ?? 0;
  for (const { a, b, sawHandshake, continues } of connections) {
    if (a.packets === 0 || b.packets === 0) oneWay++;
    if (!sawHandshake && continues < 0) midStream++;
  }
  const all = connections.length + (departed?.connections ?? 0);
  return { doubts, dropped, oneWay, midStream, connections: all, place: placeOf(connections) };
}

/** What kind of capture it is: nobody has to act, but all else is weighed by it. */
const NATURES: ReadonlySet<string> = new Set([
  'capture-joined',
  'capture-edited',
  'capture-filtered',
  'invented-times',
]);

/** Whether a finding is about the capture itself and says that what it shows is to be read with care. */
export function isDoubt({ id, severity }: Finding): boolean {
  return NATURES.has(id) || (severity !== 'info' && Object.hasOwn(FAMILIES.capture, id));
}

function placeOf(connections: readonly Connection[]): Place | null {
  const votes = new Map<string, { place: Place; count: number }>();
  const positions = new Map<Place['position'], number>();
  let asked = 0;
  for (const connection of connections) {
    const position = positionOf(connection);
    if (position === null) continue;
    if (++asked > ENOUGH) break;
    const address = position === 'client' || position === 'server' ? connection[position].address : null;
    const key = `${position} ${address}`;
    const vote = votes.get(key) ?? { place: { position, address }, count: 0 };
    vote.count++;
    votes.set(key, vote);
    positions.set(position, (positions.get(position) ?? 0) + 1);
  }
  const agreed = (count: number) => count >= MAJORITY * Math.min(asked, ENOUGH);
  for (const { place, count } of votes.values()) if (agreed(count)) return place;
  for (const [position, count] of positions) if (agreed(count)) return { position, address: null };
  return null;
}
