/** A range of addresses: those whose first `bits` bits are those of `words` (as in `SegmentView`). */
export interface Network {
  readonly version: 4 | 6;
  readonly words: readonly number[];
  readonly bits: number;
}

/** `10.0.0.0/8`, `10.1.2.3`, `2001:db8::/32`; null when the text is no address. */
export function parseNetwork(text: string): Network | null {
  const [address, length, ...rest] = text.split('/');
  if (rest.length > 0) return null;
  const words = address.includes(':') ? parseV6(address) : parseV4(address);
  if (words === null) return null;
  const version = address.includes(':') ? 6 : 4;
  const most = version === 4 ? 32 : 128;
  if (length === undefined) return { version, words, bits: most };
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) return null;
  return { version, words, bits: Number(length) };
}

/** The address, in words of 32 bits (IPv4 in the last), lies in the network. */
export function contains(network: Network, version: number, words: readonly number[]): boolean {
  if (version !== network.version) return false;
  // An IPv4 address is in the last word.
  const first = version === 4 ? 3 : 0;
  let left = network.bits;
  for (let i = first; i < 4 && left > 0; i++, left -= 32) {
    const mask = left >= 32 ? -1 : ~(0xffffffff >>> left);
    if ((words[i] & mask) !== (network.words[i] & mask)) return false;
  }
  return true;
}

function parseV4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null;
  const [a, b, c, d] = parts.map(Number);
  return [0, 0, 0, (a << 24) | (b << 16) | (c << 8) | d];
}

function parseV6(text: string): number[] | null {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail !== null) {
    const words = parseV4(tail[2]);
    if (words === null) return null;
    text = `${tail[1]}${((words[3] >>> 16) & 0xffff).toString(16)}:${(words[3] & 0xffff).toString(16)}`;
  }
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [left, right] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups = right === undefined ? left : [...left, ...zeros(8 - left.length - right.length), ...right];
  if (groups.length !== 8 || !groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  const values = groups.map((group) => Number.parseInt(group, 16));
  return [0, 2, 4, 6].map((i) => (values[i] << 16) | values[i + 1]);
}

function zeros(count: number): string[] {
  return count < 1 ? [] : new Array(count).fill('0');
}

/** An address is known by its words and version. */
export interface AddressValue {
  readonly version: number;
  readonly words: readonly number[];
  readonly text: string;
}

/** An address and an address, or a network that holds it. */
export function sameAddress(a: unknown, b: unknown): boolean {
  if (isNetwork(a)) return !isNetwork(b) && sameAddress(b, a);
  const { version, words, text } = a as AddressValue;
  return isNetwork(b) ? contains(b, version, words) : text === (b as AddressValue).text;
}

function isNetwork(value: unknown): value is Network {
  return (value as Network).bits !== undefined;
}
