/** Option codes (draft-ietf-opsawg-pcapng, section Options and those of each block). */
export const Option = {
  END: 0,
  COMMENT: 1,
  IF_NAME: 2,
  IF_DESCRIPTION: 3,
  IF_TSRESOL: 9,
  IF_TSOFFSET: 14,
  EPB_FLAGS: 2,
  EPB_DROPCOUNT: 4,
  EPB_PACKETID: 5,
  ISB_IFRECV: 4,
  ISB_IFDROP: 5,
  ISB_OSDROP: 7,
} as const;

/**
 * Steps through the options of one block. Reused, so that options cost no allocation:
 *
 *     options.begin(data, start, end, littleEndian);
 *     while (options.next()) switch (options.code) ...
 */
export class OptionCursor {
  code = 0;
  /** Length of the value, without padding. */
  length = 0;
  /** Where the value begins. */
  value = 0;
  /** The list ran over the end of its block. */
  broken = false;
  private data: DataView = new DataView(new ArrayBuffer(0));
  private at = 0;
  private stop = 0;
  private littleEndian = true;

  begin(data: DataView, start: number, end: number, littleEndian: boolean): void {
    this.data = data;
    this.at = start;
    this.stop = end;
    this.littleEndian = littleEndian;
    this.broken = false;
  }

  next(): boolean {
    // An end-of-options mark is promised by writers but must not be relied on: the block's end will do.
    if (this.stop - this.at < 4) return false;
    this.code = this.data.getUint16(this.at, this.littleEndian);
    this.length = this.data.getUint16(this.at + 2, this.littleEndian);
    this.value = this.at + 4;
    if (this.code === Option.END) return false;
    if (this.length > this.stop - this.value) {
      this.broken = true;
      return false;
    }
    this.at = this.value + ((this.length + 3) & ~3);
    return true;
  }

  uint32(): number {
    return this.length >= 4 ? this.data.getUint32(this.value, this.littleEndian) : 0;
  }

  /** Counters beyond 2^53 lose their last digits. */
  uint64(): number {
    if (this.length < 8) return 0;
    const high = this.littleEndian ? this.value + 4 : this.value;
    const low = this.littleEndian ? this.value : this.value + 4;
    return this.data.getUint32(high, this.littleEndian) * 4294967296 + this.data.getUint32(low, this.littleEndian);
  }

  /** The upper 48 bits of eight bytes, and the lower 16. */
  packetId(): { readonly number: number; readonly passed: number } {
    if (this.length < 8) return { number: 0, passed: 0 };
    const low = this.data.getUint32(this.littleEndian ? this.value : this.value + 4, this.littleEndian);
    const high = this.data.getUint32(this.littleEndian ? this.value + 4 : this.value, this.littleEndian);
    return { number: high * 65536 + (low >>> 16), passed: low & 0xffff };
  }

  int64(): number {
    return this.length < 8 ? 0 : Number(this.data.getBigInt64(this.value, this.littleEndian));
  }

  text(bytes: Uint8Array): string {
    return readText(bytes, this.value, this.value + this.length);
  }
}

const decoder = new TextDecoder('utf-8');

/** UTF-8 up to the first zero octet, which ends a string whatever its length says; bad bytes become U+FFFD. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  const part = bytes.subarray(start, end);
  const zero = part.indexOf(0);
  return decoder.decode(zero < 0 ? part : part.subarray(0, zero));
}
