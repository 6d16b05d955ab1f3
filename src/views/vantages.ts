import { OUTGOING, SLL_ADDRESS, SLL_HEADER, SLL_PACKET_TYPE, SLL2_HEADER, SLL2_IF_INDEX } from '../decode/cooked.ts';
import type { CaptureInterface } from '../model/capture-facts.ts';
import { LinkType } from '../model/link-type.ts';
import type { CaptureRecord } from '../model/record.ts';
import type { PlacedLoss, Vantage } from '../model/sight.ts';
import { levelName, levelOf, NO_LEVEL, PLAIN } from './level.ts';
import { Misses } from './misses.ts';

/** Frames at further vantages are analysed as they come. */
const MAX_CAPTURE_VANTAGES = 4096;

/** Keys of vantages that an interface shows on the way out are below this. */
const TURNED = -(2 ** 40);

/** How a vantage is told from others. */
export const Means = {
  /** The interface of the capture, or its number in the second cooked header. */
  INTERFACE: 0,
  /** First cooked header: received, from the host with that address. */
  RECEIVED: 1,
  /** First cooked header: sent. Which interface that was shows what comes from the other side. */
  SENT: 2,
  /** First cooked header: received once more, as a bridge hands on what one of its ports received. */
  AGAIN: 3,
  /** Second cooked header: sent out of the interface that had received it. */
  TURNED: 4,
} as const;

/** A vantage, and what it saw. */
export class CaptureVantage implements Vantage {
  readonly index: number;
  readonly means: number;
  /** Of the capture's interfaces; number in the second cooked header, -1 without. */
  readonly interfaceId: number;
  readonly ifIndex: number;
  /** The same for all levels of one interface (or neighbour, by the first cooked header). */
  readonly key: number;
  /** VLAN tags and tunnel around the packets: see `levelOf`. */
  readonly level: number;
  /** TCP frames, and connections that have one here. */
  frames = 0;
  connections = 0;
  /** Connections that are analysed as this vantage saw them. */
  chosen = 0;
  /** Packets that were lost on the way from here to the next vantage. */
  readonly losses: PlacedLoss[] = [];
  /** Those of the whole capture. */
  readonly misses: Misses;
  /** Some packet was seen here and at another vantage. */
  isShared = false;
  private known: string | null = null;
  private readonly nameOf: (vantage: CaptureVantage) => string;

  constructor(
    index: number,
    means: number,
    { interfaceId, ifIndex, key, level }: { interfaceId: number; ifIndex: number; key: number; level: number },
    misses: Misses,
    nameOf: (vantage: CaptureVantage) => string,
  ) {
    this.misses = misses;
    this.index = index;
    this.means = means;
    this.interfaceId = interfaceId;
    this.ifIndex = ifIndex;
    this.key = key;
    this.level = level;
    this.nameOf = nameOf;
  }

  /** Does not change any more once it was asked for: by then the interface may have shown several levels. */
  get name(): string {
    this.known ??= this.nameOf(this);
    return this.known;
  }

  isAtInterfaceOf({ key }: CaptureVantage): boolean {
    return key === this.key;
  }
}

/** Tells at which vantage a record was made. */
export class Vantages {
  readonly all: CaptureVantage[] = [];
  private readonly interfaces: readonly CaptureInterface[];
  /** What the user calls interfaces that have a number only. */
  private readonly given: ReadonlyMap<number, string>;
  /** By interface, by what the cooked header adds, and by level. */
  private readonly byKey = new Map<number, Map<number, CaptureVantage>>();
  /** False: all interfaces count as one, the first. */
  private readonly byInterface: boolean;
  private readonly names = new Set<string>();
  private readonly misses = new Misses();
  private last: CaptureVantage | null = null;
  private lastKey = -1;
  private lastLevel = PLAIN;

  constructor(interfaces: readonly CaptureInterface[], given: ReadonlyMap<number, string>, byInterface = true) {
    this.interfaces = interfaces;
    this.given = given;
    this.byInterface = byInterface;
  }

  /** The same for all records of one interface; -1 where the record is too short to tell. */
  keyOf(record: CaptureRecord): number {
    return this.byInterface ? vantageKey(record) : 0;
  }

  /** The record tells neither an interface nor a level: it holds no TCP, or is too short. */
  isMute(record: CaptureRecord): boolean {
    return this.keyOf(record) === -1 || levelOf(record) === NO_LEVEL;
  }

  /** Those that are points of view: levels of one interface are, where some packet was seen at two of them. */
  get told(): readonly CaptureVantage[] {
    const { all } = this;
    if (all.some((vantage) => !vantage.isAtInterfaceOf(all[0]))) return all;
    return all.filter(({ isShared }) => isShared);
  }

  /** Null where there are too many, and where the record is too short to tell. */
  of(record: CaptureRecord): CaptureVantage | null {
    const key = this.keyOf(record);
    const level = levelAt(record);
    if (key === this.lastKey && level === this.lastLevel) return this.last;
    let vantage = this.find(key, level);
    if (vantage === null && key >= 0 && this.all.length < MAX_CAPTURE_VANTAGES) {
      vantage = this.add(record, key, level);
      this.keep(key, level, vantage);
    }
    this.last = vantage;
    this.lastKey = key;
    this.lastLevel = level;
    return vantage;
  }

  /** Where a bridge of the same host shows what it received from there. */
  again({ interfaceId }: CaptureVantage): CaptureVantage {
    const key = -2 - interfaceId;
    let known = this.find(key, PLAIN);
    if (known === null) {
      known = this.make(Means.AGAIN, { interfaceId, ifIndex: -1, key, level: PLAIN }, () => 'bridge');
      this.keep(key, PLAIN, known);
    }
    return known;
  }

  /** Where an interface shows what it received on its way out again, as a router with one interface does. */
  turned(vantage: CaptureVantage): CaptureVantage {
    const key = TURNED - vantage.index;
    let known = this.find(key, PLAIN);
    if (known === null) {
      const { interfaceId, ifIndex, level } = vantage;
      known = this.make(Means.TURNED, { interfaceId, ifIndex, key, level }, () => `${vantage.name} out`);
      this.keep(key, PLAIN, known);
    }
    return known;
  }

  private find(key: number, level: number): CaptureVantage | null {
    return this.byKey.get(key)?.get(level) ?? null;
  }

  private keep(key: number, level: number, vantage: CaptureVantage): void {
    const levels = this.byKey.get(key);
    if (levels === undefined) this.byKey.set(key, new Map([[level, vantage]]));
    else levels.set(level, vantage);
  }

  private add({ linkType, interfaceId, data, offset }: CaptureRecord, key: number, level: number): CaptureVantage {
    if (linkType === LinkType.LINUX_SLL2) {
      const index = data.getInt32(offset + SLL2_IF_INDEX);
      const owner = this.interfaces.length > 1 ? `${this.ownName(interfaceId)} ` : '';
      const name = this.given.get(index) ?? `${owner}if${index}`;
      return this.make(Means.INTERFACE, { interfaceId, ifIndex: index, key, level }, (vantage) =>
        this.withLevel(vantage, name),
      );
    }
    if (linkType === LinkType.LINUX_SLL) {
      const isSent = data.getUint16(offset + SLL_PACKET_TYPE) === OUTGOING;
      const address = macOf(data, offset + SLL_ADDRESS);
      const name = `${isSent ? 'out of' : 'side of'} ${address}`;
      return this.make(isSent ? Means.SENT : Means.RECEIVED, { interfaceId, ifIndex: -1, key, level }, () => name);
    }
    const owner = this.byInterface ? interfaceId : 0;
    return this.make(Means.INTERFACE, { interfaceId: owner, ifIndex: -1, key, level }, (vantage) => {
      const isNamed = (this.byInterface && this.interfaces.length > 1) || this.interfaces[0]?.name || this.given.has(0);
      return this.withLevel(vantage, isNamed ? this.ownName(vantage.interfaceId) : '');
    });
  }

  /** The name of its interface, with the level where the interface shows several. */
  private withLevel(vantage: CaptureVantage, name: string): string {
    const isOnly = this.all.every((other) => other === vantage || !other.isAtInterfaceOf(vantage));
    if (isOnly) return name || this.ownName(vantage.interfaceId);
    const level = levelName(vantage.level);
    if (name === '') return level || 'plain';
    return level === '' ? name : `${name} ${level}`;
  }

  private ownName(interfaceId: number): string {
    return this.interfaces[interfaceId]?.name ?? this.given.get(interfaceId) ?? `if${interfaceId}`;
  }

  private make(
    means: number,
    where: { interfaceId: number; ifIndex: number; key: number; level: number },
    nameOf: (vantage: CaptureVantage) => string,
  ): CaptureVantage {
    const { all, names } = this;
    const vantage = new CaptureVantage(all.length, means, where, this.misses, (one) => {
      const wanted = nameOf(one);
      let name = wanted;
      for (let n = 2; names.has(name); n++) name = `${wanted} (${n})`;
      names.add(name);
      return name;
    });
    all.push(vantage);
    return vantage;
  }
}

/** Whether a vantage of that name is the interface, or a level or a direction of it. */
export function isAt(vantage: string, interfaceName: string): boolean {
  return vantage === interfaceName || vantage.startsWith(`${interfaceName} `);
}

/** The level that tells vantages apart. The first cooked header has none: its vantages are neighbours, not interfaces. */
export function levelAt(record: CaptureRecord): number {
  return record.linkType === LinkType.LINUX_SLL ? PLAIN : Math.max(PLAIN, levelOf(record));
}

/** The same for all records of one interface, as far as a record alone shows it; -1 where it is too short. */
function vantageKey({ linkType, interfaceId, data, offset, capturedLength }: CaptureRecord): number {
  if (linkType === LinkType.LINUX_SLL2) {
    if (capturedLength < SLL2_HEADER) return -1;
    return interfaceId * 2 ** 33 + 2 ** 32 + data.getUint32(offset + SLL2_IF_INDEX);
  }
  if (linkType !== LinkType.LINUX_SLL) return interfaceId * 2 ** 33;
  if (capturedLength < SLL_HEADER) return -1;
  // Two bits and an address: the interfaces of a file with more than eight such ones are not told apart.
  const isSent = data.getUint16(offset + SLL_PACKET_TYPE) === OUTGOING ? 1 : 0;
  const address = data.getUint16(offset + SLL_ADDRESS) * 2 ** 32 + data.getUint32(offset + SLL_ADDRESS + 2);
  return ((interfaceId % 8) * 4 + 2 + isSent) * 2 ** 48 + address;
}

function macOf(data: DataView, offset: number): string {
  const octets: string[] = [];
  for (let i = 0; i < 6; i++)
    octets.push(
      data
        .getUint8(offset + i)
        .toString(16)
        .padStart(2, '0'),
    );
  return octets.join(':');
}
