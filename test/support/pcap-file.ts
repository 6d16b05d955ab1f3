export interface PcapRecord {
  /** Nanoseconds since 1970. */
  time: bigint;
  /** The packet as it was on the wire; the snaplen cuts it. */
  bytes: Uint8Array;
  /** Captured length of this record, if it is shorter than the snaplen makes it. */
  keep?: number;
}

export interface PcapOptions {
  linkType: number;
  resolution: 'us' | 'ns';
  byteOrder: 'little' | 'big';
  snaplen: number;
}

/** A classic capture file (draft-ietf-opsawg-pcap). */
export function writePcap(options: PcapOptions, records: readonly PcapRecord[]): Uint8Array {
  const little = options.byteOrder === 'little';
  const words = (...values: number[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    for (const [i, value] of values.entries()) view.setUint32(4 * i, value, little);
    return new Uint8Array(view.buffer);
  };
  const nano = options.resolution === 'ns';
  const magic = nano ? 0xa1b23c4d : 0xa1b2c3d4;
  const version = little ? 0x00040002 : 0x00020004; // major 2 and minor 4, two 16-bit fields
  const parts: Uint8Array[] = [words(magic, version, 0, 0, options.snaplen, options.linkType)];
  for (const { time, bytes, keep } of records) {
    const kept = bytes.subarray(0, Math.min(options.snaplen, keep ?? bytes.length));
    const fraction = Number(time % 1_000_000_000n);
    const tick = nano ? fraction : Math.floor(fraction / 1000);
    parts.push(words(Number(time / 1_000_000_000n), tick, kept.length, bytes.length), kept);
  }
  return new Uint8Array(Buffer.concat(parts));
}
