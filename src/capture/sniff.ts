import { CaptureError } from '../model/errors.ts';
import { isPcapMagic } from './pcap-header.ts';
import { isSectionHeader } from './pcapng-block.ts';
import { hexBytes } from './session.ts';

export type Format = 'pcap' | 'pcapng' | 'text';
export type Compression = 'gzip' | 'zstd';

const EXPECTED = 'a pcap or pcapng capture (plain, gzip or zstd) or the text of tcpdump -x/-X';

/** Compression of the bytes at `start`, by their magic number; 4 bytes tell. */
export function compressionOf(bytes: Uint8Array, start: number, end: number): Compression | null {
  if (startsWith(bytes, start, end, '1f8b')) return 'gzip';
  if (startsWith(bytes, start, end, '28b52ffd')) return 'zstd';
  // A skippable frame may come first (RFC 8878 section 3.1.2): 50 to 5f, then 2a 4d 18.
  const skippable = end - start >= 4 && (bytes[start] & 0xf0) === 0x50 && startsWith(bytes, start + 1, end, '2a4d18');
  return skippable ? 'zstd' : null;
}

/**
 * The format of what begins at `start`, judged by at most 24 bytes so that the answer does not hang on how they came in.
 * Throws a CaptureError that says what it looks like instead.
 */
export function formatOf(bytes: Uint8Array, data: DataView, start: number, end: number): Format {
  const length = Math.min(end - start, 24);
  if (length >= 4 && isPcapMagic(data, start)) return 'pcap';
  if (isSectionHeader(data, start, end)) return 'pcapng';
  if (length === 0) throw new CaptureError('the file is empty', 0, 'no bytes', EXPECTED);
  for (const [magic, name, advice] of OTHERS) {
    if (startsWith(bytes, start, start + length, magic)) throw notACapture(bytes, start, start + length, name, advice);
  }
  if (isText(bytes, start, start + length)) return 'text';
  throw notACapture(bytes, start, start + length, '', 'editcap -F pcap converts other capture formats');
}

/** The error for text in which no hex dump was found. `head` is how the text begins. */
export function noDumpInText(head: string): CaptureError {
  const text = head.trimStart();
  let guess = 'text without a hex dump';
  if (/^[{[]/.test(text)) guess = 'what looks like JSON';
  else if (/^<(!doctype html|html)/i.test(text)) guess = 'what looks like HTML';
  else if (text.startsWith('<')) guess = 'what looks like XML';
  else if (text.startsWith('#!')) guess = 'what looks like a script';
  else if (/^\d\d:\d\d:\d\d\.\d+ (IP|ARP)/m.test(text)) guess = 'tcpdump output without packet bytes';
  const advice = 'save packets with tcpdump -w, or print them with -x or -X';
  return new CaptureError('not a capture', 0, `${guess} (${quote(head)})`, EXPECTED, advice);
}

/** The error for a hex dump whose bytes are a capture file, not a packet. */
export function dumpOfCapture(offset: number): CaptureError {
  const advice = 'turn it back with: xxd -r FILE | tcpscope -';
  return new CaptureError('not a trace', offset, 'the hex dump of a capture file', 'hex dumps of packets', advice);
}

/** First bytes of what people hand to a capture reader by mistake, or that another tool must convert first. */
const OTHERS: ReadonlyArray<readonly [magic: string, name: string, advice: string]> = [
  ['fd377a585a00', 'xz compressed data', 'xz -dc FILE | tcpscope -'],
  ['425a68', 'bzip2 compressed data', 'bzip2 -dc FILE | tcpscope -'],
  ['04224d18', 'LZ4 compressed data', 'lz4 -dc FILE | tcpscope -'],
  ['4c5a4950', 'lzip compressed data', 'lzip -dc FILE | tcpscope -'],
  ['504b0304', 'a ZIP archive', 'unzip -p FILE | tcpscope -'],
  ['736e6f6f70000000', 'a snoop capture', 'editcap -F pcap FILE out.pcap'],
  ['62746e6f6f7000', 'a Bluetooth btsnoop capture', ''],
  ['474d4255', 'a Network Monitor capture', 'editcap -F pcap FILE out.pcap'],
  ['52545353', 'a Network Monitor 1 capture', 'editcap -F pcap FILE out.pcap'],
  ['5452534e49464620', 'a Sniffer capture', 'editcap -F pcap FILE out.pcap'],
  ['58435000', 'a NetXRay capture', 'editcap -F pcap FILE out.pcap'],
  ['ac01001c', 'an IXIA lcap capture', 'editcap -F pcap FILE out.pcap'],
  ['ab01001c', 'an IXIA lcap capture', 'editcap -F pcap FILE out.pcap'],
  ['d4c3b234', 'an unknown variant of pcap', ''],
  ['89504e47', 'a PNG image', ''],
  ['ffd8ff', 'a JPEG image', ''],
  ['47494638', 'a GIF image', ''],
  ['25504446', 'a PDF document', ''],
  ['7f454c46', 'an ELF program', ''],
  ['4d5a', 'a Windows program', ''],
  ['53514c69746520666f726d6174', 'an SQLite database', ''],
  ['fffe', 'UTF-16 text', 'iconv -f UTF-16 -t UTF-8 FILE | tcpscope -'],
  ['feff', 'UTF-16 text', 'iconv -f UTF-16 -t UTF-8 FILE | tcpscope -'],
];

function notACapture(bytes: Uint8Array, start: number, end: number, name: string, advice: string): CaptureError {
  const hex = hexBytes(bytes, start, end);
  return new CaptureError('not a capture', 0, name === '' ? hex : `${name} (${hex})`, EXPECTED, advice);
}

function startsWith(bytes: Uint8Array, start: number, end: number, magic: string): boolean {
  const length = magic.length / 2;
  if (end - start < length) return false;
  for (let i = 0; i < length; i++) {
    if (bytes[start + i] !== Number.parseInt(magic.slice(2 * i, 2 * i + 2), 16)) return false;
  }
  return true;
}

/**
 * No control characters but white space, form feed and escape (coloured terminal output), and what lies beyond ASCII is
 * UTF-8 or the exception (a name in Latin-1).
 */
function isText(bytes: Uint8Array, start: number, end: number): boolean {
  let high = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) return false;
    if (byte > 127) high++;
  }
  if (3 * high <= end - start) return true;
  try {
    // As a stream: the last character may go on after the bytes that are looked at.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end), { stream: true });
    return true;
  } catch {
    return false;
  }
}

function quote(head: string): string {
  return JSON.stringify(head.length > 32 ? `${head.slice(0, 32)}...` : head);
}
