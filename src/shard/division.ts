import type { Overview } from '../analysis.ts';
import { MOST_PASSED, type PacketId, type WrittenRecord } from '../capture/write-pcapng.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import type { CaptureRecord } from '../model/record.ts';
import { isFacts, isOverview, PartError, readFacts, type WrittenFacts, writtenFacts } from './part-lines.ts';
import { isCount, isText, listOf, objectOf } from './shape.ts';

/** Raised when the files of a division that was made before cannot be read any more. */
const DIVISION_VERSION = 1;

/** One file of a division. */
interface ShardFile {
  readonly name: string;
  /** Packets in it, those that other shards need too among them, and bytes of the file. */
  readonly packets: number;
  readonly bytes: number;
}

/** A capture that was divided: what all of it shows, and the files of its shards, the first that of shard 0. */
export interface Division {
  readonly division: string;
  readonly facts: CaptureFacts;
  readonly overview: Overview;
  readonly shards: readonly ShardFile[];
}

/** The division as its manifest has it. */
export function manifestOf({ division, facts, overview, shards }: Division) {
  return { tcpscopeDivision: DIVISION_VERSION, division, shards, facts: writtenFacts(facts), overview };
}

/** The division that a manifest describes. Throws a PartError. */
export function readManifest(text: string): Division {
  let value: Partial<ReturnType<typeof manifestOf>> | null = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (typeof value?.tcpscopeDivision !== 'number')
    throw new PartError('it is no manifest (tcpscope split writes them)');
  const { tcpscopeDivision: version, division, shards, facts, overview } = value;
  if (version !== DIVISION_VERSION)
    throw new PartError(`it has version ${version}, and this tcpscope reads version ${DIVISION_VERSION}`);
  if (!isWhole(value)) throw new PartError('it is damaged: it does not say what the shards are, and of what capture');
  return { division: division!, facts: readFacts(facts as WrittenFacts), overview: overview!, shards: shards! };
}

const isWhole = objectOf({
  division: isText,
  shards: listOf(objectOf({ name: isText, packets: isCount, bytes: isCount })),
  facts: isFacts,
  overview: isOverview,
});

/** Takes the packets of one shard. */
type Taker = (record: WrittenRecord, time: number, id: PacketId, comment: string | null) => void;

/**
 * Hands every packet to its shard, with its number in the capture. Fragments go to all: whose they are shows when the last has
 * come. What has no ends goes to shard 0, which only keeps it.
 */
export class Divider {
  private readonly takers: readonly Taker[];
  private readonly facts: CaptureFacts;
  /** Segments so far, and which of them was the latest of each shard. */
  private segments = 0;
  private readonly latest: Float64Array;

  constructor(takers: readonly Taker[], facts: CaptureFacts) {
    this.takers = takers;
    this.facts = facts;
    this.latest = new Float64Array(takers.length);
  }

  /** `shard`: whose it is, null without ends. `isSegment`: it counts for those that look for copies. */
  take(record: CaptureRecord, shard: number | null, isSegment: boolean, isForAll: boolean): void {
    if (isSegment) this.segments++;
    if (isForAll) {
      for (let i = 0; i < this.takers.length; i++) this.give(record, i, isSegment && i === shard);
    } else this.give(record, shard ?? 0, isSegment);
  }

  private give(record: CaptureRecord, shard: number, isItsSegment: boolean): void {
    const passed = isItsSegment ? Math.min(this.segments - 1 - this.latest[shard], MOST_PASSED) : 0;
    if (isItsSegment) this.latest[shard] = this.segments;
    const { bytes, offset, capturedLength, originalLength, linkType, direction, interfaceId, number, time } = record;
    const described = this.facts.interfaces[interfaceId];
    const written = { bytes, offset, capturedLength, originalLength, linkType, direction, interface: described };
    this.takers[shard](written, time, { number, passed }, record.comment);
  }
}
