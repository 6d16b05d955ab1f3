/** Bytes that are written at a time: a multiple of three. */
const PIECE = 3 * 0x2000;

/** The bytes in base64 (RFC 4648 section 4). */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  return text;
}
