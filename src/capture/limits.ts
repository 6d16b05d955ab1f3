/**
 * Bounds on what a capture may claim of itself. A length field is 32 bits of somebody else's disk: without bounds one
 * flipped bit makes a reader buffer gigabytes.
 */

/** Largest packet and largest block that is ever taken for real, whatever the header's snaplen says: 64 MiB. */
export const MAX_RECORD_LENGTH = 0x4000000;

/** Largest packet when the snaplen is smaller than this: libpcap's own MAXIMUM_SNAPLEN, which editors and offloads reach. */
export const USUAL_RECORD_LENGTH = 0x40000;

/** Largest packet when the snaplen is 0 or absurd: room for BIG TCP (512 KiB) without trusting anything. */
export const UNSTATED_RECORD_LENGTH = 0x100000;

/** While looking for the next record after damage, larger records are not believed: they would have to be buffered first. */
export const RESYNC_RECORD_LENGTH = USUAL_RECORD_LENGTH;

/** Comments and names that are kept for reports. */
export const MAX_COMMENTS = 1000;

/** Interfaces of an input, and characters that are kept of the name and the description of each. */
export const MAX_INTERFACES = 0x10000;
export const MAX_INTERFACE_TEXT = 256;

/** Damages that are listed; those beyond are counted in the last one. */
export const MAX_DAMAGES = 1000;

/** The reader's one buffer. 256 KiB to 1 MiB measured alike; more falls out of the processor's cache. */
export const BUFFER_SIZE = 0x40000;

/** Bytes that are needed to tell the format: the length of the classic file header. */
export const SNIFF_LENGTH = 24;
