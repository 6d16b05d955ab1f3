import type { KnownTimes } from '../model/capture-facts.ts';
import { CaptureRecord } from '../model/record.ts';
import { formatHex16 } from '../model/units.ts';
import { HexdumpLine } from './hexdump-line.ts';
import { DayCounter, LineTime, TimeKind } from './hexdump-time.ts';
import { USUAL_RECORD_LENGTH } from './limits.ts';
import { guessLinkType, wireLength } from './link-guess.ts';
import { isPcapMagic } from './pcap-header.ts';
import { isSectionHeader } from './pcapng-block.ts';
import { type CaptureSession, DamageLog } from './session.ts';
import { dumpOfCapture, noDumpInText } from './sniff.ts';
import type { CaptureParser, CaptureSink } from './source.ts';

const LINE_FEED = 10;
/** Longer lines are not those of a dump: they are skipped without being kept. */
const MAX_LINE = 0x10000;
/** So much text without a single dump line is no trace. */
const MAX_PROSE = 0x1000000;
const HEAD_LENGTH = 200;
/** Packets that may wait until it is clear whether differences are to the first or to the previous packet. */
const MAX_HELD = 16;
const RAW = 101;

/** How times of day that begin with 00:00:00.000000 are to be understood (tcpdump -ttt and -ttttt look the same). */
const Delta = { NO: 0, OPEN: 1, PREVIOUS: 2, FIRST: 3 } as const;

interface HeldPacket {
  bytes: Uint8Array;
  seconds: number;
  nanoseconds: number;
  fileOffset: number;
  direction: number;
}

/**
 * Text of tcpdump -x, -X, -xx or -XX, as it is pasted into tickets and blogs: everything around the dumps is ignored.
 *
 * A packet's time is that of the last time stamp before its dump. Times without a date count from 1970-01-01, in the
 * zone of TZ like dates; without time stamps all packets are at the same time. The link type is guessed packet by packet.
 */
export class HexdumpParser implements CaptureParser {
  need = 1;
  done = false;
  readonly nextFile = false;

  private readonly session: CaptureSession;
  private readonly sink: CaptureSink;
  private readonly log: DamageLog;
  private readonly record = new CaptureRecord();
  private readonly line = new HexdumpLine();
  private readonly decoder = new TextDecoder('utf-8');
  private position = 0;
  private lineNumber = 0;
  private skippingLine = false;
  private head = '';
  private sawDump = false;
  private lastLineWasCut = false;

  // The packet that is being put together.
  private packet = new Uint8Array(0x1000);
  private view = new DataView(this.packet.buffer);
  private length = 0;
  private collecting = false;
  /** The rest of the packet's lines cannot be placed any more. */
  private broken = false;
  private packetOffset = 0;

  // Time.
  private readonly time = new LineTime();
  private readonly days = new DayCounter();
  private hasTime = false;
  private times: KnownTimes = 'unknown';
  private seconds = 0;
  private nanoseconds = 0;
  private direction = 0;
  private digits = 6;
  private delta: number = Delta.NO;
  private sawClock = false;
  private readonly held: HeldPacket[] = [];
  /** Where differences to the previous packet have led. */
  private sumSeconds = 0;
  private sumNanoseconds = 0;

  private linkType = RAW;
  private readonly interfaces = new Map<number, number>();

  constructor(session: CaptureSession, sink: CaptureSink, file: string) {
    this.session = session;
    this.sink = sink;
    this.log = new DamageLog(session, sink, file);
  }

  consume(bytes: Uint8Array, _data: DataView, start: number, end: number): number {
    const shift = this.position - start;
    let at = start;
    while (at < end && !this.session.stopped) {
      const found = bytes.subarray(at, end).indexOf(LINE_FEED);
      if (found < 0) {
        if (end - at > MAX_LINE || this.skippingLine) {
          this.skippingLine = true;
          at = end;
        }
        break;
      }
      const next = at + found + 1;
      this.lineNumber++;
      if (this.skippingLine) this.skippingLine = false;
      else this.readLine(this.decoder.decode(bytes.subarray(at, next - 1)).replace(/\r$/, ''), shift + at);
      at = next;
    }
    this.position = shift + at;
    this.need = end - at + 256;
    if (!this.sawDump && this.position > MAX_PROSE) throw noDumpInText(this.head);
    return at - start;
  }

  end(bytes: Uint8Array, data: DataView, start: number, end: number): number {
    const at = start + this.consume(bytes, data, start, end);
    if (at < end && !this.session.stopped) {
      this.lineNumber++;
      this.readLine(this.decoder.decode(bytes.subarray(at, end)).replace(/\r$/, ''), this.position);
      this.lastLineWasCut = this.collecting;
    }
    this.finishPacket();
    this.release(Delta.FIRST);
    if (!this.sawDump && !this.session.stopped) throw noDumpInText(this.head);
    this.done = true;
    this.log.finish();
    return end - start;
  }

  private readLine(text: string, offset: number): void {
    if (this.head.length < HEAD_LENGTH) this.head += `${text.slice(0, HEAD_LENGTH)}\n`;
    const { line } = this;
    if (line.read(text) && this.readDumpLine(text, offset)) return;
    // hexdump -C and od close with an offset alone: it ends the packet like any other line.
    this.finishPacket();
    if (this.time.read(text)) this.takeTime();
  }

  /** False when the line is not of a dump after all. */
  private readDumpLine(text: string, offset: number): boolean {
    const { line } = this;
    if (line.offset === 0) {
      if (!line.marked && line.badColumn >= 0) return false;
      if (line.length === 0 && line.badColumn < 0) return false;
      this.finishPacket();
      this.begin(offset);
    } else if (!this.collecting) {
      if (!line.marked) return false;
      this.report(offset, 'a dump line without the beginning of its packet', text, 'a line with offset 0x0000 first');
      return true;
    } else if (this.broken) {
      return true;
    } else if (line.offset !== this.length) {
      if (!line.marked && line.badColumn >= 0) return false;
      const expected = `offset ${formatHex16(this.length)}`;
      this.report(offset, 'lines of a packet are missing; it was used up to there', text, expected);
      this.broken = true;
      return true;
    }
    if (line.badColumn >= 0) {
      this.report(offset, 'a dump line is damaged; its packet was used up to there', text, 'hexadecimal bytes');
      this.broken = true;
    }
    this.append();
    return true;
  }

  private report(offset: number, message: string, found: string, expected: string): void {
    const text = found.trim();
    const quoted = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
    this.log.report(offset, `line ${this.lineNumber}: ${message}`, quoted, expected);
  }

  private begin(offset: number): void {
    this.sawDump = true;
    this.collecting = true;
    this.broken = false;
    this.length = 0;
    this.packetOffset = offset;
  }

  private append(): void {
    const { line } = this;
    const total = this.length + line.length;
    if (total > USUAL_RECORD_LENGTH) {
      if (!this.broken)
        this.report(this.packetOffset, 'a packet is too long', `${total} bytes`, `at most ${USUAL_RECORD_LENGTH}`);
      this.broken = true;
      return;
    }
    if (total > this.packet.length) {
      const grown = new Uint8Array(2 * this.packet.length);
      grown.set(this.packet);
      this.packet = grown;
      this.view = new DataView(grown.buffer);
    }
    this.packet.set(line.bytes.subarray(0, line.length), this.length);
    this.length = total;
  }

  private takeTime(): void {
    const { time } = this;
    this.digits = Math.max(this.digits, time.digits > 6 ? 9 : 6);
    this.direction = time.direction;
    this.hasTime = true;
    this.times = time.kind === TimeKind.ABSOLUTE ? 'dated' : 'undated';
    this.nanoseconds = time.nanoseconds;
    this.seconds = time.seconds;
    if (time.kind !== TimeKind.CLOCK) return;
    if (!this.sawClock) {
      // tcpdump's differences begin with 0; a capture that begins at midnight to the microsecond is not expected.
      this.sawClock = true;
      if (time.seconds === 0 && time.nanoseconds === 0 && time.digits > 0) this.delta = Delta.OPEN;
    }
    if (this.delta === Delta.NO) this.seconds = this.days.place(time.seconds);
  }

  private finishPacket(): void {
    if (!this.collecting) return;
    this.collecting = false;
    if (this.length === 0) return;
    const isFile = this.length >= 12 && (isPcapMagic(this.view, 0) || isSectionHeader(this.view, 0, this.length));
    if (isFile && this.session.records === 0) throw dumpOfCapture(this.packetOffset);
    if (this.delta === Delta.NO || !this.hasTime) {
      this.deliver(
        this.packet,
        this.view,
        this.length,
        this.seconds,
        this.nanoseconds,
        this.packetOffset,
        this.direction,
      );
    } else this.hold();
    this.direction = 0;
  }

  /** Differences: wait until one is smaller than its predecessor, which those to the first packet never are. */
  private hold(): void {
    const packet: HeldPacket = {
      bytes: this.packet.slice(0, this.length),
      seconds: this.seconds,
      nanoseconds: this.nanoseconds,
      fileOffset: this.packetOffset,
      direction: this.direction,
    };
    const before = this.held.at(-1);
    this.held.push(packet);
    if (this.delta !== Delta.OPEN) {
      this.release(this.delta);
      return;
    }
    const smaller = before !== undefined && span(packet) < span(before);
    if (smaller) this.release(Delta.PREVIOUS);
    else if (this.held.length >= MAX_HELD) this.release(Delta.FIRST);
  }

  private release(delta: number): void {
    if (this.delta === Delta.OPEN) this.delta = delta;
    for (const packet of this.held.splice(0)) {
      let { seconds, nanoseconds } = packet;
      if (this.delta === Delta.PREVIOUS) {
        this.sumSeconds += seconds;
        this.sumNanoseconds += nanoseconds;
        seconds = this.sumSeconds;
        nanoseconds = this.sumNanoseconds;
      }
      const view = new DataView(packet.bytes.buffer);
      this.deliver(packet.bytes, view, packet.bytes.length, seconds, nanoseconds, packet.fileOffset, packet.direction);
    }
  }

  private deliver(
    bytes: Uint8Array,
    view: DataView,
    length: number,
    seconds: number,
    nanoseconds: number,
    fileOffset: number,
    direction: number,
  ): void {
    if (this.session.stopped) return;
    const { record, session } = this;
    const guess = guessLinkType(view, length);
    if (guess >= 0) this.linkType = guess;
    record.number = ++session.records;
    record.time = session.origin.since(seconds, nanoseconds);
    record.bytes = bytes;
    record.data = view;
    record.offset = 0;
    record.capturedLength = length;
    record.originalLength = wireLength(view, length, this.linkType);
    record.linkType = this.linkType;
    record.interfaceId = this.interfaceFor(this.linkType);
    record.fileOffset = fileOffset;
    record.direction = direction;
    if (this.lastLineWasCut && record.originalLength > length) {
      const found = `${length} bytes`;
      this.log.report(fileOffset, 'the file ends in the dump of a packet', found, `${record.originalLength} bytes`);
    }
    session.facts.times = this.times;
    this.sink.record(record);
  }

  private interfaceFor(linkType: number): number {
    let id = this.interfaces.get(linkType);
    if (id === undefined) {
      const timeResolution = this.digits > 6 ? '1e-9' : '1e-6';
      const described = {
        linkType,
        snaplen: 0,
        name: null,
        description: 'hex dump',
        timeResolution,
        received: null,
        dropped: null,
      };
      id = this.session.interfaceFor(described, this.sink);
      this.interfaces.set(linkType, id);
    }
    return id;
  }
}

function span(packet: HeldPacket): number {
  return packet.seconds * 1e9 + packet.nanoseconds;
}
