import { readCaptures } from '../capture/merge.ts';
import type { CaptureSession } from '../capture/session.ts';
import type { CaptureSink, CaptureSource } from '../capture/source.ts';
import type { CaptureDamage, CaptureFacts, CaptureInterface } from '../model/capture-facts.ts';
import { InputError } from '../model/errors.ts';
import type { CaptureRecord } from '../model/record.ts';
import type { SeenConnection } from '../model/sight.ts';
import { levelOf, PLAIN } from '../views/level.ts';
import { pathOfAll } from '../views/report.ts';
import { hasInterfaces, ViewStage } from '../views/stage.ts';
import { type CaptureVantage, Means } from '../views/vantages.ts';
import { type Point, PointReader } from './point.ts';

/** Most vantages of a capture that are followed before it is known which are on the way. */
export const MAX_FOLLOWED = 64;

/** What a capture shows of the way: a point for each of its vantages that is on it, or one for all. */
export interface Places {
  readonly points: readonly Point[];
  /** Vantages of which packets were left out: they stand beside the way, or share no packet with another. */
  readonly leftOut: readonly string[];
}

/**
 * Reads one capture into places. One whose points of view share no packet (each saw one direction, or traffic of its own) is
 * one place: it is read once more. `begin` makes what reads it, and is told so.
 * @throws InputError where that cannot be, because the capture came through a pipe
 */
export async function readPlaces(
  source: CaptureSource,
  begin: (isOnePlace: boolean) => { reader: PlacesReader; session: CaptureSession },
): Promise<Places> {
  const first = begin(false);
  await readCaptures([source], first.reader, first.session);
  const places = first.reader.end(first.session.facts);
  if (places.points.length > 0 || first.reader.isCutShort || first.session.stopped) return places;
  if (!source.rewinds)
    throw new InputError(
      source.name,
      'has several points of view that share no packet, and came through a pipe: save it',
    );
  const again = begin(true);
  await readCaptures([source], again.reader, again.session);
  return again.reader.end(again.session.facts);
}

/** Reads one capture. Where it was made at several vantages (interfaces, VLANs, tunnels) each is a place of its own. */
export class PlacesReader implements CaptureSink {
  private readonly name: string;
  private readonly session: CaptureSession;
  private readonly isMemoryShort: (() => boolean) | undefined;
  private readonly interfaces: CaptureInterface[] = [];
  private readonly isOnePlace: boolean;
  private readonly interfaceNames: ReadonlyMap<number, string>;
  private stage: ViewStage | null = null;
  /** Takes what shows no vantage: all, in a capture with one. */
  private readonly whole: PointReader;
  private readonly readers = new Map<CaptureVantage, PointReader>();
  /** Vantages too many: their packets are left out. */
  private readonly unfollowed = new Set<CaptureVantage>();
  private readonly connections = new Set<SeenConnection>();
  private first = Number.POSITIVE_INFINITY;
  private last = Number.NEGATIVE_INFINITY;
  private records = 0;
  private damagedAfter = -1;

  /** `isOnePlace`: whatever points of view it shows, they are one. `interfaceNames`: of interfaces that have a number only. */
  constructor(
    name: string,
    session: CaptureSession,
    {
      isMemoryShort,
      isOnePlace = false,
      interfaceNames = new Map(),
    }: {
      isMemoryShort?: () => boolean;
      isOnePlace?: boolean;
      interfaceNames?: ReadonlyMap<number, string>;
    } = {},
  ) {
    this.name = name;
    this.session = session;
    this.isMemoryShort = isMemoryShort;
    this.isOnePlace = isOnePlace;
    this.interfaceNames = interfaceNames;
    this.whole = this.reader();
  }

  /** Records read so far. */
  get packets(): number {
    return this.records;
  }

  /** The memory became short: the rest was not read. */
  get isCutShort(): boolean {
    return this.whole.isCutShort || [...this.readers.values()].some(({ isCutShort }) => isCutShort);
  }

  interfaceSeen(_: number, described: CaptureInterface): void {
    this.interfaces.push(described);
  }

  record(record: CaptureRecord): void {
    this.records++;
    this.first = Math.min(this.first, record.time);
    this.last = Math.max(this.last, record.time);
    if (this.stage === null && !this.isOnePlace) {
      const byInterface = this.records === 1 && hasInterfaces(record, this.interfaces.length);
      if (byInterface || levelOf(record) > PLAIN)
        this.stage = new ViewStage((one) => this.pass(one), this.interfaces, {
          byInterface,
          interfaceNames: this.interfaceNames,
        });
    }
    if (this.stage === null) this.whole.record(record);
    else this.stage.record(record);
  }

  damage(damage: CaptureDamage): void {
    if (damage.losesPackets || damage.fatal) this.damagedAfter = this.records;
  }

  /** Its input has ended; `facts` are what the file says of itself. No points: its vantages share no packet. */
  end(facts: CaptureFacts): Places {
    this.stage?.flush();
    const { first, last } = this;
    const isCut = this.damagedAfter === this.records;
    const running = (point: Point) => ({ ...point, first, last, isCut: point.isCut || isCut });
    if (this.readers.size === 0) return { points: [running(this.whole.end(facts))], leftOut: [] };
    const seen = [...this.readers.keys()];
    const path = pathOfAll(seen, this.connections);
    const isOnWay = (vantage: CaptureVantage) =>
      path.length > 1 ? path.includes(vantage) : this.stage!.vantages.told.includes(vantage);
    const kept = seen.filter(isOnWay);
    if (!kept.some(({ isShared }) => isShared)) return { points: [], leftOut: [] };
    const leftOut = [...seen.filter((vantage) => !kept.includes(vantage)), ...this.unfollowed].map(({ name }) => name);
    const points = kept.map((vantage) => {
      const point = this.readers.get(vantage)!.end(factsAt(vantage, facts));
      return { ...running(point), vantage: vantage.name, leftOut };
    });
    return { points, leftOut };
  }

  private pass(record: CaptureRecord): void {
    const { sight } = record;
    if (sight === null) {
      if (!this.stage!.hasSeveral) this.whole.record(record);
      return;
    }
    this.connections.add(sight.seen);
    const vantage = sight.vantage as CaptureVantage;
    record.sight = null;
    this.readerOf(vantage)?.record(record);
  }

  /** Null for a vantage too many. */
  private readerOf(vantage: CaptureVantage): PointReader | null {
    let reader = this.readers.get(vantage);
    if (reader === undefined) {
      if (this.readers.size >= MAX_FOLLOWED) {
        this.unfollowed.add(vantage);
        return null;
      }
      // What came while there was one vantage was seen at the first.
      const isFirst = this.readers.size === 0 || vantage.index === 0;
      const isFree = ![...this.readers.values()].includes(this.whole);
      reader = isFirst && isFree && this.whole.packets > 0 ? this.whole : this.reader();
      this.readers.set(vantage, reader);
    }
    return reader;
  }

  private reader(): PointReader {
    return new PointReader(this.name, this.session, this.isMemoryShort);
  }
}

/** What the file says of the vantage's interface. */
function factsAt({ means, interfaceId, ifIndex }: CaptureVantage, facts: CaptureFacts): CaptureFacts {
  if (means !== Means.INTERFACE || ifIndex >= 0 || facts.interfaces[interfaceId] === undefined) return facts;
  return { ...facts, interfaces: [facts.interfaces[interfaceId]] };
}
