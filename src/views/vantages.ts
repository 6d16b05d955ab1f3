import type { CaptureInterface } from '../model/capture-facts.ts';
import { LinkType } from '../model/link-type.ts';
import type { CaptureRecord } from '../model/record.ts';
import type { PlacedLoss, Vantage } from '../model/sight.ts';

/** Frames at further vantages are analysed as they come. */
export const MAX_VANTAGES = 4096;

/** Offsets in the second Linux cooked header (LINKTYPE_LINUX_SLL2) and in the first one. */
const SLL2_IF_INDEX = 4;
const SLL2_HEADER = 20;
const SLL_TYPE = 0;
const SLL_ADDRESS = 6;
const SLL_HEADER = 16;
/** Packet type of both: sent by the host itself. */
const OUTGOING = 4;

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
} as const;

/** A vantage, and what it saw. */
export class CaptureVantage implements Vantage {
  readonly index: number;
  readonly name: string;
  readonly means: number;
  /** Of the capture's interfaces; number in the second cooked header, -1 without. */
  readonly interfaceId: number;
  readonly ifIndex: number;
  /** TCP frames, and connections that have one here. */
  frames = 0;
  connections = 0;
  /** Connections that are analysed as this vantage saw them. */
  chosen = 0;
  /** Packets that were lost on the way from here to the next vantage. */
  readonly losses: PlacedLoss[] = [];

  constructor(index: number, name: string, means: number, interfaceId: number, ifIndex: number) {
    this.index = index;
    this.name = name;
    this.means = means;
    this.interfaceId = interfaceId;
    this.ifIndex = ifIndex;
  }
}

/** Tells at which vantage a record was made. */
export class Vantages {
  readonly all: CaptureVantage[] = [];
  private readonly interfaces: readonly CaptureInterface[];
  /** What the user calls interfaces that have a number only. */
  private readonly given: ReadonlyMap<number, string>;
  /** By interface and by what the cooked header adds. */
  private readonly byKey = new Map<number, CaptureVantage>();
  private readonly names = new Set<string>();
  private last: CaptureVantage | null = null;
  private lastKey = -1;

  constructor(interfaces: readonly CaptureInterface[], given: ReadonlyMap<number, string>) {
    this.interfaces = interfaces;
    this.given = given;
  }

  /** Null where there are too many, and where the record is too short to tell. */
  of(record: CaptureRecord): CaptureVantage | null {
    const key = vantageKey(record);
    if (key === this.lastKey) return this.last;
    let vantage = this.byKey.get(key) ?? null;
    if (vantage === null && key >= 0 && this.all.length < MAX_VANTAGES) {
      vantage = this.add(record);
      this.byKey.set(key, vantage);
    }
    this.last = vantage;
    this.lastKey = key;
    return vantage;
  }

  /** Where a bridge of the same host shows what it received from there. */
  again(vantage: CaptureVantage): CaptureVantage {
    const key = -2 - vantage.interfaceId;
    let known = this.byKey.get(key);
    if (known === undefined) {
      known = this.make('bridge', Means.AGAIN, vantage.interfaceId, -1);
      this.byKey.set(key, known);
    }
    return known;
  }

  private add({ linkType, interfaceId, data, offset }: CaptureRecord): CaptureVantage {
    if (linkType === LinkType.LINUX_SLL2) {
      const index = data.getInt32(offset + SLL2_IF_INDEX);
      const owner = this.interfaces.length > 1 ? `${this.ownName(interfaceId)} ` : '';
      return this.make(this.given.get(index) ?? `${owner}if${index}`, Means.INTERFACE, interfaceId, index);
    }
    if (linkType === LinkType.LINUX_SLL) {
      const isSent = data.getUint16(offset + SLL_TYPE) === OUTGOING;
      const address = macOf(data, offset + SLL_ADDRESS);
      const name = `${isSent ? 'out of' : 'side of'} ${address}`;
      return this.make(name, isSent ? Means.SENT : Means.RECEIVED, interfaceId, -1);
    }
    return this.make(this.ownName(interfaceId), Means.INTERFACE, interfaceId, -1);
  }

  private ownName(interfaceId: number): string {
    return this.interfaces[interfaceId]?.name ?? this.given.get(interfaceId) ?? `if${interfaceId}`;
  }

  private make(wanted: string, means: number, interfaceId: number, ifIndex: number): CaptureVantage {
    const { all, names } = this;
    let name = wanted;
    for (let n = 2; names.has(name); n++) name = `${wanted} (${n})`;
    names.add(name);
    const vantage = new CaptureVantage(all.length, name, means, interfaceId, ifIndex);
    all.push(vantage);
    return vantage;
  }
}

/** The same for all records of one vantage, as far as a record alone shows it; -1 where it is too short. */
export function vantageKey({ linkType, interfaceId, data, offset, capturedLength }: CaptureRecord): number {
  if (linkType === LinkType.LINUX_SLL2) {
    if (capturedLength < SLL2_HEADER) return -1;
    return interfaceId * 2 ** 33 + 2 ** 32 + data.getUint32(offset + SLL2_IF_INDEX);
  }
  if (linkType !== LinkType.LINUX_SLL) return interfaceId * 2 ** 33;
  if (capturedLength < SLL_HEADER) return -1;
  // Two bits and an address: the interfaces of a file with more than eight such ones are not told apart.
  const isSent = data.getUint16(offset + SLL_TYPE) === OUTGOING ? 1 : 0;
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
