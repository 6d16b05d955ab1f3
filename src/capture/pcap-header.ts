/**
 * The file header of a classic capture (draft-ietf-opsawg-pcap, section File Header).
 */
export const PCAP_FILE_HEADER_LENGTH = 24;

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
/** Alexey Kuznetzov's libpcap of old Red Hat systems: microseconds, and eight more bytes in each record header. */
const MODIFIED = 0xa1b2cd34;

export interface PcapFileHeader {
  littleEndian: boolean;
  /** Nanoseconds in a unit of the fraction field: 1000 or 1. */
  nanosPerUnit: number;
  /** 16, or 24 for the modified format. */
  recordHeaderLength: number;
  major: number;
  minor: number;
  snaplen: number;
  /** The whole field: LINKTYPE_ in the low 16 bits. */
  linkField: number;
}

/** What the first four bytes say: 0 is not a classic capture, else the magic number as its own writer read it. */
function magicAt(data: DataView, at: number): { magic: number; littleEndian: boolean } | null {
  for (const littleEndian of [true, false]) {
    const magic = data.getUint32(at, littleEndian);
    if (magic === MICROSECONDS || magic === NANOSECONDS || magic === MODIFIED) return { magic, littleEndian };
  }
  return null;
}

/** One of the magic numbers of the classic format, in either byte order, stands at `at`. */
export function isPcapMagic(data: DataView, at: number): boolean {
  return magicAt(data, at) !== null;
}

/** Reads the header at `at`, where 24 bytes are; null when the magic number is none of the classic ones. */
export function readPcapFileHeader(data: DataView, at: number): PcapFileHeader | null {
  const found = magicAt(data, at);
  if (found === null) return null;
  const { magic, littleEndian } = found;
  return {
    littleEndian,
    nanosPerUnit: magic === NANOSECONDS ? 1 : 1000,
    recordHeaderLength: magic === MODIFIED ? 24 : 16,
    major: data.getUint16(at + 4, littleEndian),
    minor: data.getUint16(at + 6, littleEndian),
    snaplen: data.getUint32(at + 16, littleEndian),
    linkField: data.getUint32(at + 20, littleEndian),
  };
}

/**
 * Is there a file header where a record header is due? The magic numbers are also dates (2055 for one), so the version and
 * the reserved link bits have to agree as well. At least 8 bytes must be there; of a cut header they have to do.
 */
export function isConcatenatedHeader(data: DataView, at: number, end: number): boolean {
  const found = magicAt(data, at);
  if (found === null) return false;
  const { littleEndian } = found;
  if (data.getUint16(at + 4, littleEndian) !== 2 || data.getUint16(at + 6, littleEndian) > 4) return false;
  return end - at < PCAP_FILE_HEADER_LENGTH || (data.getUint32(at + 20, littleEndian) & 0x0bff0000) === 0;
}
