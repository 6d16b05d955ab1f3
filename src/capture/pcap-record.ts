// Offsets of the fields of a record header (draft-ietf-opsawg-pcap, section Packet Record).
export const FRACTION = 4;
export const CAPTURED = 8;
export const ORIGINAL = 12;
/** Only in the modified format, after an interface index and a protocol number. */
export const PACKET_TYPE = 22;
