import { breakCommands } from '../model/escape.ts';
import { ACK, FIN, flagLetters, RST, SYN, URG } from '../model/flags.ts';
import { ChecksumStatus, DecodeStatus, type SegmentView } from '../model/segment.ts';
import { formatHex16 } from '../model/units.ts';
import { CUT, Dissection } from './dissection.ts';
import { asciiDump, hexAsciiDump, hexDump } from './hex.ts';
import { compareAddresses, destinationOf, type Payload, printIp, sourceOf } from './tcpdump-ip.ts';
import { type InterfaceName, linkHeaderLength, linkText } from './tcpdump-link.ts';
import { OptionsEnd, printTcpOptions } from './tcpdump-options.ts';
import { SequenceBases } from './tcpdump-sequence.ts';
import { type TimeForm, TimeWriter } from './time-form.ts';

/** `x` digits, `X` digits and text, `A` text; doubled with the link layer header. */
export type DumpForm = 'none' | 'x' | 'xx' | 'X' | 'XX' | 'A' | 'AA';

export interface TcpdumpOptions {
  /** How many times `-v` was given. */
  verbose?: number;
  /** `-S`: sequence numbers as on the wire. */
  absolute?: boolean;
  /** `-t` to `-ttttt`. */
  time?: TimeForm;
  /** `--nano`. */
  precision?: 'micro' | 'nano';
  /** `-e`. */
  link?: boolean;
  /** For the second Linux cooked header, which has numbers; `?` without. */
  interfaceName?: InterfaceName;
  dump?: DumpForm;
  /** `-K`: checksums are not shown. */
  ignoreChecksums?: boolean;
  /** `-#`. */
  number?: boolean;
}

const TCP_PROTOCOL = 6;
const TCP_HEADER = 20;
/** More of a RST's payload than this is announced by a `+` only. */
const MAX_RST_TEXT = 30;

/**
 * Prints segments as `tcpdump -n` of the 4.99 series does, up to `length N`: what tcpdump makes of the payload
 * (`: HTTP: ...`) is left out, and so are the headers around a tunnel. Text from the wire is escaped as tcpdump does
 * it, so nothing but printable ASCII and line feeds (and tabs, under `-A`) comes out.
 *
 * One printer per output: it keeps the sequence number bases and the time of the packet before.
 */
export class TcpdumpPrinter {
  readonly #verbose: number;
  readonly #absolute: boolean;
  readonly #link: boolean;
  readonly #interfaceName: InterfaceName;
  readonly #dump: DumpForm;
  readonly #checksums: boolean;
  readonly #number: boolean;
  readonly #time: TimeWriter;
  readonly #bases = new SequenceBases();
  readonly #d = new Dissection();

  constructor(options: TcpdumpOptions = {}) {
    this.#verbose = options.verbose ?? 0;
    this.#absolute = options.absolute ?? false;
    this.#link = options.link ?? false;
    this.#interfaceName = options.interfaceName ?? (() => null);
    this.#dump = options.dump ?? 'none';
    this.#checksums = !(options.ignoreChecksums ?? false);
    this.#number = options.number ?? false;
    this.#time = new TimeWriter(options.time, options.precision);
  }

  /**
   * The packet's line or lines, without a line feed at the end; null when it is not TCP.
   *
   * @param time nanoseconds since 1970
   */
  print(view: SegmentView, time: bigint): string | null {
    if (!isPrintable(view)) return null;
    const d = this.#d;
    const captureEnd = endOf(view);
    d.bytes = view.bytes;
    d.data = view.data;
    d.end = captureEnd;
    d.text = this.#number ? `${String(view.frame).padStart(5)}  ` : '';
    d.text += this.#time.write(time) + linkText(view, this.#link, this.#interfaceName);
    if (!this.#link) d.text += view.ipVersion === 4 ? 'IP ' : 'IP6 ';

    let headerLength = linkHeaderLength(view);
    try {
      const payload = printIp(d, view, this.#verbose > 0, this.#checksums);
      if (payload !== null) this.#printTcp(view, payload);
    } catch (error) {
      if (error !== CUT) throw error;
      d.text += ` [|${d.protocol}]`;
      // A printer that gives up leaves tcpdump without the length of the link header: dumps begin with it then.
      headerLength = 0;
    }
    // Payload may begin a line, and a log may obey it; dots stand for what is not shown, as elsewhere in a dump.
    return breakCommands(d.text + this.#dumpText(view, headerLength), '.', '.');
  }

  #printTcp(view: SegmentView, payload: Payload): void {
    const d = this.#d;
    const { at } = payload;
    d.protocol = 'tcp';
    if (!d.has(at, 4)) {
      d.text += `${sourceOf(d, view)} > ${destinationOf(d, view)}: [|tcp]`;
      return;
    }
    const srcPort = d.u16(at);
    const dstPort = d.u16(at + 2);
    const source = `${sourceOf(d, view)}.${srcPort}`;
    const destination = `${destinationOf(d, view)}.${dstPort}`;
    d.text += payload.areAddressesWritten ? `${srcPort} > ${dstPort}: ` : `${source} > ${destination}: `;
    if (!d.has(at, TCP_HEADER)) {
      d.text += ' [|tcp]';
      return;
    }
    const headerLength = (d.u8(at + 12) >> 4) * 4;
    if (headerLength < TCP_HEADER) {
      const length = (payload.length - headerLength) >>> 0;
      d.text += ` tcp ${length} [bad hdr length ${headerLength} - too short, < ${TCP_HEADER}]`;
      return;
    }
    // From the bytes: a first fragment has no TCP fields in the view, but tcpdump prints its header.
    const flags = d.u16(at + 12) & 0x0fff;
    d.text += `Flags [${flagLetters(flags)}]`;
    let seq = d.u32(at + 4);
    let ack = d.u32(at + 8);
    let sackBase = 0;
    if (!this.#absolute) {
      const order = srcPort - dstPort || compareAddresses(d, view);
      this.#bases.look(source, destination, order, seq, ack, flags);
      ({ seq, ack, sackBase } = this.#bases);
    }
    if (headerLength > payload.length) {
      d.text += ` [bad hdr length ${headerLength} - too long, > ${payload.length}]`;
      return;
    }
    if (this.#verbose > 0 && this.#checksums && !payload.isFragment) d.text += checksumText(view);
    const length = payload.length - headerLength;
    this.#printFields(at, flags, seq, ack, length);
    if (!this.#printOptions(at, headerLength, flags, sackBase, length)) return;
    this.#printPayload(at, headerLength, flags, length);
  }

  /** The numbers of the header, `length` bytes of payload after it. */
  #printFields(at: number, flags: number, seq: number, ack: number, length: number): void {
    const d = this.#d;
    if (this.#verbose > 1 || length > 0 || flags & (SYN | FIN | RST)) {
      d.text += length > 0 ? `, seq ${seq}:${(seq + length) >>> 0}` : `, seq ${seq}`;
    }
    if (flags & ACK) d.text += `, ack ${ack}`;
    d.text += `, win ${d.u16(at + 14)}`;
    if (flags & URG) d.text += `, urg ${d.u16(at + 18)}`;
  }

  /** False when the line ends with them: nothing is written after options that are bad or cut. */
  #printOptions(at: number, headerLength: number, flags: number, sackBase: number, length: number): boolean {
    if (headerLength <= TCP_HEADER) return true;
    const [first, size] = [at + TCP_HEADER, headerLength - TCP_HEADER];
    return printTcpOptions(this.#d, first, size, flags, sackBase, at + headerLength + length) === OptionsEnd.WHOLE;
  }

  /** How long it is, and what a RST says in it. */
  #printPayload(at: number, headerLength: number, flags: number, length: number): void {
    const d = this.#d;
    d.text += `, length ${length}`;
    if (length > 0 && !d.has(at, headerLength)) {
      // Options that end early (EOL) hide that the header is cut until the payload is looked for.
      d.text += ` [remaining caplen(${d.end - at}) < header length(${headerLength})]`;
      throw CUT;
    }
    if (flags & RST && length > 0 && this.#verbose > 0) this.#printResetText(at + headerLength, length);
  }

  /** A RST may say why in words (RFC 9293 section 3.5.3). */
  #printResetText(at: number, length: number): void {
    const d = this.#d;
    d.text += d.has(at, length) ? ' [RST' : ' [!RST';
    if (length > MAX_RST_TEXT) d.text += '+';
    d.text += ' ';
    const end = Math.min(at + Math.min(length, MAX_RST_TEXT), d.end);
    for (let i = at; i < end; i++) d.text += visible(d.bytes[i]);
    d.text += ']';
  }

  #dumpText(view: SegmentView, headerLength: number): string {
    const form = this.#dump;
    if (form === 'none') return '';
    const skip = form.length === 2 ? 0 : headerLength;
    if (skip >= view.capturedLength) return '';
    const write = form[0] === 'x' ? hexDump : form[0] === 'X' ? hexAsciiDump : asciiDump;
    return write(view.recordBytes, view.recordOffset + skip, view.capturedLength - skip);
  }
}

/** Also what could not be decoded to its end, as long as its IP header says that it is TCP. */
function isPrintable(view: SegmentView): boolean {
  switch (view.status) {
    case DecodeStatus.TCP:
      return true;
    case DecodeStatus.FRAGMENT:
    case DecodeStatus.CUT_SHORT:
    case DecodeStatus.MALFORMED:
      // Not the segment that an ICMP error quotes.
      return view.ipVersion !== 0 && view.protocol === TCP_PROTOCOL && view.icmpType === 0;
    default:
      return false;
  }
}

function endOf(view: SegmentView): number {
  return view.reassembled
    ? Math.min(view.bytes.length, view.ipOffset + view.ipTotalLength)
    : view.recordOffset + view.capturedLength;
}

function checksumText(view: SegmentView): string {
  const found = `, cksum ${formatHex16(view.tcpChecksumFound)}`;
  switch (view.tcpChecksumStatus) {
    case ChecksumStatus.GOOD:
      return `${found} (correct)`;
    case ChecksumStatus.BAD:
    case ChecksumStatus.OFFLOAD:
      return `${found} (incorrect -> ${formatHex16(view.tcpChecksumExpected)})`;
    default:
      return '';
  }
}

/** `M-` for the eighth bit and `^` for control characters, as `cat -v` does it. */
function visible(byte: number): string {
  let text = '';
  if (byte > 0x7f) {
    text = 'M-';
    byte &= 0x7f;
  }
  return text + (byte < 0x20 || byte === 0x7f ? `^${String.fromCharCode(byte ^ 0x40)}` : String.fromCharCode(byte));
}
