import { DOUBLE_ZERO } from './packed.ts';
import type { Sight } from './sight.ts';

export const EMPTY_BYTES = new Uint8Array(0);
export const EMPTY_DATA = new DataView(new ArrayBuffer(0));

/**
 * One record of a capture file, reused for every record that a reader delivers.
 *
 * `bytes` and `data` view the reader's own buffer: they are valid until the sink returns. Whoever keeps them copies.
 */
export class CaptureRecord {
  /** 1-based number of the record over the whole input, as tshark counts frames. */
  number = 0;
  /** Nanoseconds since the first record of the input; negative when the capture's clock stepped back. */
  time: number = DOUBLE_ZERO;
  /** Its fraction of a second is a second and more (classic pcap): the time is used as it stands, and no clock is judged by it. */
  hasImpossibleTime = false;
  /** The buffer that holds the captured bytes, from `offset` on for `capturedLength` bytes. */
  bytes: Uint8Array = EMPTY_BYTES;
  /** DataView over exactly the same memory as `bytes` (same origin: `data` offset i is `bytes[i]`). */
  data: DataView = EMPTY_DATA;
  offset = 0;
  /** Bytes in the file. */
  capturedLength = 0;
  /** Bytes on the wire. */
  originalLength = 0;
  /** LINKTYPE_ value (16 bits; the FCS bits of the classic header are masked off). */
  linkType = 0;
  /** Index into the capture's interfaces. */
  interfaceId = 0;
  /** Byte offset of the record in its (decompressed) file. */
  fileOffset = 0;
  /** pcapng epb_flags or SLL packet type, where known: 0 unknown, 1 inbound, 2 outbound. */
  direction = 0;
  /** Comment of the packet (pcapng opt_comment), or null. */
  comment: string | null = null;
  /** In a file of one shard: how many segments of other shards the capture holds between the shard's one before and this one. */
  passedBefore = 0;
  /** What one of several vantages saw; null where the capture has one only. */
  sight: Sight | null = null;
}

/** Makes `to` equal to `from`: each field, which takes a fraction of the time of Object.assign. The bytes stay those of `from`. */
export function copyRecord(from: CaptureRecord, to: CaptureRecord): void {
  to.number = from.number;
  to.time = from.time;
  to.hasImpossibleTime = from.hasImpossibleTime;
  to.bytes = from.bytes;
  to.data = from.data;
  to.offset = from.offset;
  to.capturedLength = from.capturedLength;
  to.originalLength = from.originalLength;
  to.linkType = from.linkType;
  to.interfaceId = from.interfaceId;
  to.fileOffset = from.fileOffset;
  to.direction = from.direction;
  to.comment = from.comment;
  to.passedBefore = from.passedBefore;
  to.sight = from.sight;
}
