import { MAX_RECORD_LENGTH, RESYNC_RECORD_LENGTH } from './limits.ts';

/** Block types (draft-ietf-opsawg-pcapng, section Block Type registry). */
export const Block = {
  SECTION: 0x0a0d0d0a,
  INTERFACE: 1,
  /** Obsolete. */
  PACKET: 2,
  SIMPLE_PACKET: 3,
  NAMES: 4,
  STATISTICS: 5,
  ENHANCED_PACKET: 6,
  JOURNAL: 9,
  SECRETS: 10,
  CUSTOM: 0x00000bad,
  CUSTOM_PRIVATE: 0x40000bad,
} as const;

/** Type, total length and the total length once more. */
export const MIN_BLOCK_LENGTH = 12;
/** Type, total length and the byte-order magic of a section header. */
const SECTION_PREFIX_LENGTH = 12;
export const MAX_BLOCK_LENGTH = MAX_RECORD_LENGTH;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Is the section whose header stands at `at` little-endian; null when there is no byte-order magic. Needs 12 bytes. */
export function sectionByteOrder(data: DataView, at: number): boolean | null {
  const magic = data.getUint32(at + 8, true);
  if (magic === BYTE_ORDER_MAGIC) return true;
  return data.getUint32(at + 8, false) === BYTE_ORDER_MAGIC ? false : null;
}

/** False also when fewer than 12 bytes are there. The block type reads the same in both byte orders, on purpose. */
export function isSectionHeader(data: DataView, at: number, end: number): boolean {
  return (
    end - at >= SECTION_PREFIX_LENGTH &&
    data.getUint32(at, true) === Block.SECTION &&
    sectionByteOrder(data, at) !== null
  );
}

/** Shortest possible block of a type: its fixed fields and the 12 bytes around them. */
export function minimumLength(type: number): number {
  switch (type) {
    case Block.SECTION:
      return 28;
    case Block.INTERFACE:
      return 20;
    case Block.PACKET:
    case Block.ENHANCED_PACKET:
      return 32;
    case Block.SIMPLE_PACKET:
    case Block.CUSTOM:
    case Block.CUSTOM_PRIVATE:
      return 16;
    case Block.STATISTICS:
      return 24;
    default:
      return MIN_BLOCK_LENGTH;
  }
}

function isKnownType(type: number): boolean {
  return (
    (type >= Block.INTERFACE && type <= Block.SECRETS) ||
    type === Block.SECTION ||
    type === Block.CUSTOM ||
    type === Block.CUSTOM_PRIVATE
  );
}

/** Could a block that we know begin at `at`, by its first 8 bytes (12 for a section header) alone? */
export function isBlockLike(data: DataView, at: number, end: number, littleEndian: boolean): boolean {
  if (end - at < MIN_BLOCK_LENGTH) return false;
  const type = data.getUint32(at, littleEndian);
  if (!isKnownType(type)) return false;
  let order = littleEndian;
  if (type === Block.SECTION) {
    const own = sectionByteOrder(data, at);
    if (own === null) return false;
    order = own;
  }
  const length = data.getUint32(at + 4, order);
  return length >= minimumLength(type) && length <= MAX_BLOCK_LENGTH && (length & 3) === 0;
}

/** The length of the block that is surely at `at`, its two lengths agreeing; 0 for none, -1 when more bytes are needed. */
export function soundBlockLength(data: DataView, at: number, end: number, littleEndian: boolean): number {
  if (!isBlockLike(data, at, end, littleEndian)) return 0;
  const order = data.getUint32(at, true) === Block.SECTION ? sectionByteOrder(data, at)! : littleEndian;
  const length = data.getUint32(at + 4, order);
  if (length > RESYNC_RECORD_LENGTH * 2) return 0;
  if (length > end - at) return -1;
  return data.getUint32(at + length - 4, order) === length ? length : 0;
}
