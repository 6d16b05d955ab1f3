/**
 * Takes `word` into `hash`: a round of MurmurHash3 (Austin Appleby), 32 bits, signed. It has no key: the same on every machine, and
 * whoever chooses the words can make them collide. Tables whose keys come from the wire take `KeyedHash`.
 */
export function murmurRound(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let mixed = hash ^ Math.imul(k, 0x1b873593);
  mixed = (mixed << 13) | (mixed >>> 19);
  return (Math.imul(mixed, 5) + 0xe6546b64) | 0;
}
