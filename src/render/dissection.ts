/**
 * Text that grows while bytes are read, with a fence: what `netdissect_options` is to tcpdump's printers.
 *
 * Reading beyond `end` throws `CUT`. The text written so far stays, as tcpdump's output does when a printer gives up.
 */
export const CUT: Error = new Error('the capture ends here');

export class Dissection {
  text = '';
  bytes: Uint8Array = new Uint8Array(0);
  data: DataView = new DataView(new ArrayBuffer(0));
  /** First offset that may not be read: end of the capture, or of the IP packet when that comes first. */
  end = 0;
  /** Name for the `[|name]` mark. */
  protocol = '';

  /** True when `length` bytes at `offset` may be read. */
  has(offset: number, length: number): boolean {
    return offset + length <= this.end;
  }

  u8(offset: number): number {
    if (offset + 1 > this.end) throw CUT;
    return this.bytes[offset];
  }

  u16(offset: number): number {
    if (offset + 2 > this.end) throw CUT;
    return this.data.getUint16(offset);
  }

  u32(offset: number): number {
    if (offset + 4 > this.end) throw CUT;
    return this.data.getUint32(offset);
  }

  u64(offset: number): bigint {
    if (offset + 8 > this.end) throw CUT;
    return this.data.getBigUint64(offset);
  }

  /** `length` bytes as hexadecimal digits. */
  hex(offset: number, length: number): string {
    let text = '';
    for (let i = 0; i < length; i++)
      text += this.u8(offset + i)
        .toString(16)
        .padStart(2, '0');
    return text;
  }
}
