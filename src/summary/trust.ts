import { MOST_ASKED } from '../detect/capture-position.ts';
import { FAMILIES } from '../detect/catalogue.ts';
import type { InventedTimes } from '../detect/nature.ts';
import { valuesOf } from '../detect/raised-finding.ts';
import type { Place, TimesWorth, Trust } from '../messages/answer.ts';
import type { CaptureDamage } from '../model/capture-facts.ts';
import { shownPosition } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Finding } from '../model/finding.ts';
import { Phase } from '../model/summary.ts';
import type { Departed } from './departed.ts';

/** A place is told when so large a part of the connections agrees on it. */
const MAJORITY = 0.75;

/** How much of the connections the capture shows, and where it was made. */
export class Extent {
  oneWay = 0;
  midStream = 0;
  private readonly votes = new Map<string, { place: Place; count: number }>();
  private readonly positions = new Map<Place['position'], number>();
  private asked = 0;

  /** One after the other, in the order of their numbers. */
  see(connection: Connection): void {
    if (isOneWay(connection)) this.oneWay++;
    if (isMidStream(connection)) this.midStream++;
    if (this.asked < MOST_ASKED) this.ask(connection);
  }

  private ask(connection: Connection): void {
    const position = shownPosition(connection);
    if (position === null) return;
    this.asked++;
    const address = position === 'client' || position === 'server' ? connection[position].address : null;
    const key = `${position} ${address}`;
    const vote = this.votes.get(key) ?? { place: { position, address }, count: 0 };
    vote.count++;
    this.votes.set(key, vote);
    this.positions.set(position, (this.positions.get(position) ?? 0) + 1);
  }

  get place(): Place | null {
    const agreed = (count: number) => count >= MAJORITY * this.asked;
    for (const { place, count } of this.votes.values()) if (agreed(count)) return place;
    for (const [position, count] of this.positions) if (agreed(count)) return { position, address: null };
    return null;
  }
}

/** Nothing of one end is in the capture. */
export function isOneWay({ a, b }: Connection): boolean {
  return a.packets === 0 || b.packets === 0;
}

/** The connection had begun before the capture did. What a stray packet meets was perhaps never a connection: a scan sends such. */
export function isMidStream({ a, b, sawHandshake, continues }: Connection): boolean {
  if (sawHandshake || continues >= 0) return false;
  // Whose acknowledgments go on has received something.
  const hasPassed = a.streamBytes + b.streamBytes > 0 || a.lastAck > 1 || b.lastAck > 1;
  return hasPassed || (isAnything(a) && isAnything(b));
}

/** It was seen to send something else than a reset. */
function isAnything({ seen, phase, previousPhase }: Endpoint): boolean {
  return seen && (phase !== Phase.RESET || previousPhase !== Phase.INACTIVE);
}

/** What is known of the capture before its packets are looked at. */
export interface CaptureWorth {
  /** Packets that the capturing system dropped; null where it does not say. */
  readonly dropped: number | null;
  readonly damages: readonly Pick<CaptureDamage, 'losesPackets'>[];
}

/** `connections`: how many there are, those that left before the end among them. */
export function trustOf(
  { oneWay, midStream, place }: Extent,
  connections: number,
  findings: readonly Finding[],
  { dropped, damages }: CaptureWorth,
  departed: Departed | null = null,
): Trust {
  const doubts = new Set(findings.filter(isDoubt).map(({ id }) => id));
  for (const [id, { severity }] of departed?.findings ?? []) if (isDoubt({ id, severity })) doubts.add(id);
  const times = timesWorth(findings);
  return {
    doubts: [...doubts],
    times,
    damaged: damages.some(({ losesPackets }) => losesPackets),
    dropped,
    oneWay: oneWay + (departed?.oneWay ?? 0),
    midStream: midStream + (departed?.midStream ?? 0),
    connections,
    place,
  };
}

/** What the findings about a capture say of its times. */
function timesWorth(findings: readonly Finding[]): TimesWorth {
  const finding = findings.find(({ id }) => id === 'invented-times');
  const sign = finding === undefined ? null : (valuesOf(finding) as { sign: InventedTimes }).sign;
  if (sign !== null && sign !== 'early' && sign !== 'whole-seconds') return 'invented';
  if (findings.some(isOfDirections)) return 'two-clocks';
  return sign === null ? 'clock' : sign === 'early' ? 'unset' : 'whole-seconds';
}

/** The clocks of the two directions differ, as handshakes in an impossible order show. */
function isOfDirections(finding: Finding): boolean {
  return finding.id === 'capture-joined' && 'late' in (valuesOf(finding) as object);
}

/** Whether one clock gave the times of a capture with these findings. */
export function isClocked(findings: readonly Finding[]): boolean {
  return isTimed(timesWorth(findings));
}

/** Durations of such times mean something. */
export function isTimed(times: TimesWorth): boolean {
  return times !== 'invented' && times !== 'two-clocks';
}

/** What kind of capture it is: nobody has to act, but all else is weighed by it. */
const NATURES: ReadonlySet<string> = new Set([
  'capture-joined',
  'capture-edited',
  'capture-filtered',
  'invented-times',
]);

/** Whether a finding is about the capture itself and says that what it shows is to be read with care. */
export function isDoubt({ id, severity }: Pick<Finding, 'id' | 'severity'>): boolean {
  return NATURES.has(id) || (severity !== 'info' && Object.hasOwn(FAMILIES.capture, id));
}
