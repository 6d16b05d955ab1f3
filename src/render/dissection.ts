import { formatAddress } from '../model/address.ts';

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

  /** The IPv4 and the IPv6 address at `offset`. */
  ip4(offset: number): string {
    return formatAddress(4, 0, 0, 0, this.u32(offset));
  }

  ip6(offset: number): string {
    return formatAddress(6, this.u32(offset), this.u32(offset + 4), this.u32(offset + 8), this.u32(offset + 12));
  }

  /** `length` bytes as hexadecimal digits. */
  hex(offset: number, length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += hex(this.u8(offset + i), 2);
    return text;
  }
}

/** A number as so many hexadecimal digits at least. */
export function hex(value: number, digits = 1): string {
  return value.toString(16).padStart(digits, '0');
}
