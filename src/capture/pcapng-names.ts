import { formatAddress } from '../model/address.ts';
import { readText } from './pcapng-options.ts';

/** Reads the block of name resolution records from `at` to `end`, and takes each name as `address name`. */
export function readNames(
  bytes: Uint8Array,
  data: DataView,
  at: number,
  end: number,
  littleEndian: boolean,
  take: (text: string) => void,
): void {
  let p = at + 8;
  while (end - p >= 4) {
    const type = data.getUint16(p, littleEndian);
    const length = data.getUint16(p + 2, littleEndian);
    const value = p + 4;
    const addressLength = type === 1 ? 4 : type === 2 ? 16 : 0;
    if (type === 0 || length > end - value) return;
    if (addressLength > 0 && length > addressLength) {
      const address =
        type === 1
          ? formatAddress(4, 0, 0, 0, data.getUint32(value))
          : formatAddress(
              6,
              data.getUint32(value),
              data.getUint32(value + 4),
              data.getUint32(value + 8),
              data.getUint32(value + 12),
            );
      let from = value + addressLength;
      while (from < value + length) {
        const name = readText(bytes, from, value + length);
        if (name === '') break;
        take(`${address} ${name}`);
        const zero = bytes.subarray(from, value + length).indexOf(0);
        if (zero < 0) break;
        from += zero + 1;
      }
    }
    p = value + ((length + 3) & ~3);
  }
}
