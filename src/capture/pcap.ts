import { CaptureError } from '../model/errors.ts';
import { CaptureRecord } from '../model/record.ts';
import { MAX_RECORD_LENGTH, UNSTATED_RECORD_LENGTH, USUAL_RECORD_LENGTH } from './limits.ts';
import { LostPlace } from './lost-place.ts';
import {
  isConcatenatedHeader,
  isPcapMagic,
  PCAP_FILE_HEADER_LENGTH,
  type PcapFileHeader,
  readPcapFileHeader,
} from './pcap-header.ts';
import { Oddity, reportOddities } from './pcap-oddities.ts';
import { CAPTURED, FRACTION, ORIGINAL, PACKET_TYPE } from './pcap-record.ts';
import { Chain, PcapResync } from './pcap-resync.ts';
import { isSectionHeader } from './pcapng-block.ts';
import { type CaptureSession, DamageLog, hexBytes } from './session.ts';
import type { CaptureParser, CaptureSink } from './source.ts';

const HEADER = 0;
const RECORDS = 1;
/** A record header made no sense: looking for the next that does. */
const LOST = 2;

const DELIVER = 0;
const WAIT = 1;
const LEAVE = 2;

/** Classic pcap: both magic numbers and the modified one, both byte orders, several files one after the other. */
export class PcapParser implements CaptureParser {
  need = PCAP_FILE_HEADER_LENGTH;
  done = false;
  nextFile = false;
  littleEndian = true;

  private readonly session: CaptureSession;
  private readonly sink: CaptureSink;
  private readonly log: DamageLog;
  private readonly lost: LostPlace;
  private readonly record = new CaptureRecord();
  /** File offset of the byte that `consume` is offered first. */
  private position: number;
  private readonly continued: boolean;
  private state = HEADER;
  private ending = false;

  private headerLength = 16;
  private nanosPerUnit = 1000;
  private fractionLimit = 1_000_000;
  /** Above this a captured length is odd, above `hardLimit` it is corrupt. */
  private quietLimit = 0;
  private hardLimit = 0;
  /** Versions before 2.4 had the two lengths the other way round, or left it open. */
  private lengthsMaySwap = false;

  private resync: PcapResync | null = null;
  private firstSeconds = -1;
  private lastSeconds = -1;
  /** Up to there it is known where a chain of records to the end of the file begins: last at `chainAt`. */
  private searchedTo = 0;
  private chainAt = -1;

  /**
   * `position` is the file offset of the header; `continued` says that another capture came before it in the same file,
   * so that a cut header is damage and not a reason to refuse the file.
   */
  constructor(session: CaptureSession, sink: CaptureSink, file: string, position = 0, continued = false) {
    this.session = session;
    this.sink = sink;
    this.log = new DamageLog(session, sink, file);
    this.lost = new LostPlace(this.log, 'record');
    this.position = position;
    this.continued = continued;
  }

  consume(bytes: Uint8Array, data: DataView, start: number, end: number): number {
    let at = start;
    if (this.state === HEADER) {
      if (end - start < PCAP_FILE_HEADER_LENGTH) return 0;
      this.openFile(readPcapFileHeader(data, at)!);
      at += PCAP_FILE_HEADER_LENGTH;
    }
    const shift = this.position - start;
    for (;;) {
      const before: number = this.state;
      at = before === LOST ? this.seek(data, at, end, shift) : this.readRecords(bytes, data, at, end, shift);
      if (this.state === before || this.nextFile) break;
    }
    this.position = shift + at;
    return at - start;
  }

  end(bytes: Uint8Array, data: DataView, start: number, end: number): number {
    this.ending = true;
    if (this.state === HEADER && end - start < PCAP_FILE_HEADER_LENGTH) {
      const found = `${end - start} bytes`;
      const expected = `a file header of ${PCAP_FILE_HEADER_LENGTH} bytes`;
      if (!this.continued)
        throw new CaptureError('the capture file is cut in its header', this.position, found, expected);
      this.log.report(this.position, 'the file ends in the header of a second capture', found, expected);
      return end - start;
    }
    const used = this.consume(bytes, data, start, end);
    if (this.nextFile) {
      this.log.finish();
      return used;
    }
    if (this.state === LOST) this.lost.foundNone(this.position);
    else if (!this.session.stopped && start + used < end) this.reportCut(data, start + used, end);
    this.done = true;
    this.log.finish();
    return end - start;
  }

  private openFile(header: PcapFileHeader): void {
    const { snaplen, linkField, major, minor } = header;
    const linkType = linkField & 0xffff;
    this.littleEndian = header.littleEndian;
    this.headerLength = header.recordHeaderLength;
    this.nanosPerUnit = header.nanosPerUnit;
    this.fractionLimit = 1e9 / header.nanosPerUnit;
    const stated = snaplen > 0 && snaplen <= MAX_RECORD_LENGTH;
    this.hardLimit = stated ? Math.max(snaplen, USUAL_RECORD_LENGTH) : UNSTATED_RECORD_LENGTH;
    this.quietLimit = stated ? snaplen : this.hardLimit;
    this.lengthsMaySwap = major === 2 && minor < 4;
    this.resync = new PcapResync(header.littleEndian, this.headerLength, this.fractionLimit, this.hardLimit);
    if (major !== 2 || minor > 4)
      this.log.report(this.position + 4, 'unknown version of the classic format', `${major}.${minor}`, '2.0 to 2.4', {
        losesPackets: false,
      });
    if ((linkField & 0x0bff0000) !== 0)
      this.log.report(
        this.position + 20,
        'reserved bits of the link type are set, and were ignored',
        `0x${linkField.toString(16).padStart(8, '0')}`,
        `0x${linkType.toString(16)} with at most an FCS length`,
        { losesPackets: false },
      );
    this.record.linkType = linkType;
    this.record.interfaceId = this.interfaceFor(linkType, snaplen);
    this.state = RECORDS;
    this.need = this.headerLength;
  }

  /** Files of a rotation describe the same interface again and again: it is listed once. */
  private interfaceFor(linkType: number, snaplen: number): number {
    const timeResolution = this.nanosPerUnit === 1 ? '1e-9' : '1e-6';
    const described = {
      linkType,
      snaplen,
      name: null,
      description: null,
      timeResolution,
      received: null,
      dropped: null,
    };
    return this.session.interfaceFor(described, this.sink);
  }

  private readRecords(bytes: Uint8Array, data: DataView, at: number, end: number, shift: number): number {
    const { session, sink, record, littleEndian, headerLength, quietLimit, fractionLimit, nanosPerUnit } = this;
    const { origin } = session;
    const modified = headerLength !== 16;
    record.bytes = bytes;
    record.data = data;
    this.need = headerLength;
    while (end - at >= headerLength && !session.stopped) {
      const seconds = data.getUint32(at, littleEndian);
      const fraction = data.getUint32(at + FRACTION, littleEndian);
      let captured = data.getUint32(at + CAPTURED, littleEndian);
      let original = data.getUint32(at + ORIGINAL, littleEndian);
      if (captured > quietLimit || captured > original || captured === 0 || fraction >= fractionLimit) {
        if (this.lengthsMaySwap && captured > original) [captured, original] = [original, captured];
        const verdict = this.judge(bytes, data, at, end, shift + at, captured, original);
        if (verdict === WAIT) return at;
        if (verdict === LEAVE) return this.nextFile ? at : at + 1;
        if (original < captured) original = captured;
      }
      if (captured > end - at - headerLength) {
        this.need = headerLength + captured;
        if (this.ending && this.isWrongRatherThanCut(data, at, end, shift)) {
          this.lose(
            shift + at,
            `a captured length of ${captured}`,
            `at most the ${end - at - headerLength} bytes that follow`,
          );
          return at + 1;
        }
        return at;
      }
      if (this.firstSeconds < 0) this.firstSeconds = seconds;
      this.lastSeconds = seconds;
      record.number = ++session.records;
      record.time = origin.since(seconds, fraction * nanosPerUnit);
      record.hasImpossibleTime = fraction >= this.fractionLimit;
      record.offset = at + headerLength;
      record.capturedLength = captured;
      record.originalLength = original;
      record.fileOffset = shift + at;
      if (modified) record.direction = directionOf(data.getUint8(at + PACKET_TYPE));
      at += headerLength + captured;
      sink.record(record);
    }
    return at;
  }

  /** The slow path: a header that is not quite as it should be. Reports, and says what to do with the record. */
  private judge(
    bytes: Uint8Array,
    data: DataView,
    at: number,
    end: number,
    offset: number,
    captured: number,
    original: number,
  ): number {
    const { littleEndian, headerLength } = this;
    const seconds = data.getUint32(at, littleEndian);
    const fraction = data.getUint32(at + FRACTION, littleEndian);

    const pcap = isPcapMagic(data, at);
    if (pcap && end - at < PCAP_FILE_HEADER_LENGTH && !this.ending) {
      this.need = PCAP_FILE_HEADER_LENGTH;
      return WAIT;
    }
    if ((pcap && isConcatenatedHeader(data, at, end)) || isSectionHeader(data, at, end)) {
      this.nextFile = true;
      return LEAVE;
    }
    if (captured > this.hardLimit) {
      this.lose(offset, `a captured length of ${captured}`, `at most ${this.hardLimit}`);
      return LEAVE;
    }
    if (seconds === 0 && fraction === 0 && captured === 0 && original === 0) {
      // Space that was allocated and never written, not an empty packet of 1970.
      this.lose(offset, hexBytes(bytes, at, at + headerLength), 'a record header');
      return LEAVE;
    }
    const oddities =
      (fraction >= this.fractionLimit ? Oddity.FRACTION : 0) |
      (captured > original ? Oddity.ORIGINAL : 0) |
      (captured > this.quietLimit ? Oddity.SNAPLEN : 0);
    return oddities === 0 ? DELIVER : this.judgeOdd(bytes, data, at, end, offset, captured, original, oddities);
  }

  /** One oddity is some writer's habit, unless no header follows the record: then a length was wrong and this is no header at all. */
  private judgeOdd(
    bytes: Uint8Array,
    data: DataView,
    at: number,
    end: number,
    offset: number,
    captured: number,
    original: number,
    oddities: number,
  ): number {
    const { headerLength } = this;
    const next = at + headerLength + captured;
    if (end - next < headerLength && !this.ending) {
      this.need = next - at + headerLength;
      return WAIT;
    }
    const areTwo = (oddities & Oddity.FRACTION) !== 0 && (oddities & Oddity.ORIGINAL) !== 0;
    if (areTwo || (next <= end - headerLength && !this.isHeaderLike(data, next, end))) {
      this.lose(offset, hexBytes(bytes, at, at + headerLength), 'a record header that leads to the next one');
      return LEAVE;
    }
    if (next <= end) {
      const fraction = data.getUint32(at + FRACTION, this.littleEndian);
      const { fractionLimit, quietLimit } = this;
      reportOddities(this.log, oddities, { offset, fraction, fractionLimit, captured, original, snaplen: quietLimit });
    }
    return DELIVER;
  }

  /** Could a record, or the next file, begin here? Weak: only what no writer would write is excluded. */
  private isHeaderLike(data: DataView, at: number, end: number): boolean {
    const captured = data.getUint32(at + CAPTURED, this.littleEndian);
    const original = data.getUint32(at + ORIGINAL, this.littleEndian);
    if (captured <= this.hardLimit && original <= MAX_RECORD_LENGTH) return true;
    return isPcapMagic(data, at) || isSectionHeader(data, at, end);
  }

  private lose(offset: number, found: string, expected: string): void {
    this.lost.lose(offset, 'corrupt record header', found, expected);
    this.state = LOST;
  }

  /** Scans for the next believable chain of records, or for the header of another file. */
  private seek(data: DataView, at: number, end: number, shift: number): number {
    const resync = this.resync!;
    const { headerLength } = this;
    this.need = PCAP_FILE_HEADER_LENGTH;
    for (; end - at >= PCAP_FILE_HEADER_LENGTH || (this.ending && end - at >= headerLength); at++) {
      const candidate = resync.mayBegin(data, at);
      if (candidate) {
        const verdict = resync.chain(data, at, end, this.ending, this.firstSeconds, this.lastSeconds);
        if (verdict === Chain.WAIT) {
          this.need = resync.need;
          return at;
        }
        if (verdict === Chain.FOUND) {
          this.found(shift + at);
          return at;
        }
      }
      const second = data.getUint8(at);
      if (second !== 0xa1 && second !== 0xd4 && second !== 0x4d && second !== 0x34 && second !== 0x0a) continue;
      if (
        (end - at >= PCAP_FILE_HEADER_LENGTH && isConcatenatedHeader(data, at, end)) ||
        isSectionHeader(data, at, end)
      ) {
        this.found(shift + at);
        this.nextFile = true;
        return at;
      }
    }
    return this.ending ? end : at;
  }

  private found(offset: number): void {
    this.state = RECORDS;
    this.lost.foundAt(offset);
  }

  /**
   * At the end of the file: does the record only seem cut, because records go on inside of it and end with the file? No
   * place is looked at twice, however many records seem cut.
   */
  private isWrongRatherThanCut(data: DataView, at: number, end: number, shift: number): boolean {
    if (this.chainAt > shift + at) return true;
    const resync = this.resync!;
    for (let p = Math.max(at + 1, this.searchedTo - shift); end - p >= this.headerLength; p++) {
      if (!resync.mayBegin(data, p) || !resync.chainToEnd(data, p, end, this.firstSeconds, this.lastSeconds)) continue;
      this.chainAt = shift + p;
      this.searchedTo = this.chainAt + 1;
      return true;
    }
    this.searchedTo = shift + end;
    return false;
  }

  private reportCut(data: DataView, at: number, end: number): void {
    const there = end - at;
    const number = this.session.records + 1;
    if (there < this.headerLength) {
      this.log.report(
        this.position,
        `the file ends in the header of record ${number}`,
        `${there} bytes`,
        `a record header of ${this.headerLength} bytes`,
      );
      return;
    }
    const captured = data.getUint32(at + CAPTURED, this.littleEndian);
    this.log.report(
      this.position,
      `the file ends in the data of record ${number}`,
      `${there - this.headerLength} bytes`,
      `${captured} bytes`,
    );
  }
}

/** Linux packet types, as in LINKTYPE_LINUX_SLL: 4 was sent by us, 3 is for someone else. */
function directionOf(packetType: number): number {
  if (packetType === 4) return 2;
  return packetType <= 2 ? 1 : 0;
}
