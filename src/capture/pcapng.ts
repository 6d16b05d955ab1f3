import { formatAddress } from '../model/address.ts';
import type { CaptureInterface } from '../model/capture-facts.ts';
import { CaptureError } from '../model/errors.ts';
import { CaptureRecord } from '../model/record.ts';
import { AlikeCounter } from './interface-list.ts';
import { MAX_INTERFACE_TEXT, MAX_INTERFACES } from './limits.ts';
import { LostPlace } from './lost-place.ts';
import { isConcatenatedHeader, isPcapMagic, PCAP_FILE_HEADER_LENGTH } from './pcap-header.ts';
import {
  Block,
  isBlockLike,
  isSectionHeader,
  MAX_BLOCK_LENGTH,
  MIN_BLOCK_LENGTH,
  minimumLength,
  sectionByteOrder,
  soundBlockLength,
} from './pcapng-block.ts';
import { Option, OptionCursor, readText } from './pcapng-options.ts';
import { type CaptureSession, DamageLog, hexBytes } from './session.ts';
import type { CaptureParser, CaptureSink } from './source.ts';
import { TimeScale } from './time.ts';

const BLOCKS = 0;
/** A block made no sense: looking for the next that does. */
const LOST = 1;

/** Blocks of a file that are followed in search of a chain to its end: a hostile file could make that quadratic. */
const SEARCH_BUDGET = 1_000_000;

const DEFAULT_TSRESOL = 6;
/** The kind of the damage. */
const TOO_MANY = 'interfaces';
const NO_DROP_COUNT = 0xffff;

interface SectionInterface {
  /** Index into the interfaces of the whole input. */
  id: number;
  linkType: number;
  snaplen: number;
  scale: TimeScale;
  described: CaptureInterface;
  /** The interface's own statistics are in a statistics block: drop counts of single packets add nothing to them. */
  hasStatistics: boolean;
}

/** pcapng (draft-ietf-opsawg-pcapng): all sections, both byte orders. Blocks that hold no packets are skipped. */
export class PcapngParser implements CaptureParser {
  need = MIN_BLOCK_LENGTH;
  done = false;
  nextFile = false;
  littleEndian = true;

  private readonly session: CaptureSession;
  private readonly sink: CaptureSink;
  private readonly log: DamageLog;
  private readonly lost: LostPlace;
  private readonly record = new CaptureRecord();
  private readonly options = new OptionCursor();
  /** Of a packet in a file of a shard. */
  private packetId: ReturnType<OptionCursor['packetId']> | null = null;
  private position: number;
  private readonly continued: boolean;
  private state = BLOCKS;
  private ending = false;
  private interfaces: SectionInterface[] = [];
  private alike = new AlikeCounter();
  /** The section describes more than there may be: what comes after the first of these has no place either. */
  private isFull = false;
  /** Interfaces of earlier files, which a later file of a rotation describes again. Those of one file are all distinct. */
  private readonly earlierInterfaces: number;
  /** No section header was read yet. */
  private virgin = true;
  /** The section is of a version that we do not know: skip everything until the next section header. */
  private foreign = false;
  /** Simple packets have no time: they get that of the packet before. */
  private lastTime = 0;
  private searchBudget = SEARCH_BUDGET;
  /** Up to there it is known where a chain of blocks to the end of the file begins: last at `chainAt`. */
  private searchedTo = 0;
  private chainAt = -1;

  /** As for `PcapParser`. */
  constructor(session: CaptureSession, sink: CaptureSink, file: string, position = 0, continued = false) {
    this.session = session;
    this.sink = sink;
    this.log = new DamageLog(session, sink, file);
    this.lost = new LostPlace(this.log, 'block');
    this.position = position;
    this.continued = continued;
    this.earlierInterfaces = session.interfaces.length;
  }

  consume(bytes: Uint8Array, data: DataView, start: number, end: number): number {
    const shift = this.position - start;
    this.record.bytes = bytes;
    this.record.data = data;
    let at = start;
    for (;;) {
      const before: number = this.state;
      at = before === LOST ? this.seek(data, at, end, shift) : this.readBlocks(bytes, data, at, end, shift);
      if (this.state === before || this.nextFile) break;
    }
    this.position = shift + at;
    return at - start;
  }

  end(bytes: Uint8Array, data: DataView, start: number, end: number): number {
    this.ending = true;
    const used = this.consume(bytes, data, start, end);
    if (this.nextFile) {
      this.log.finish();
      return used;
    }
    const left = end - start - used;
    if (this.state === LOST) this.lost.foundNone(this.position);
    else if (left > 0 && !this.session.stopped) {
      const expected = left < 8 ? 'a block' : `${data.getUint32(start + used + 4, this.littleEndian)} bytes of a block`;
      if (this.virgin && !this.continued) {
        throw new CaptureError(
          'the capture file is cut in its section header',
          this.position,
          `${left} bytes`,
          expected,
        );
      }
      this.log.report(this.position, 'the file ends inside a block', `${left} bytes`, expected);
    }
    this.done = true;
    this.log.finish();
    return end - start;
  }

  private readBlocks(bytes: Uint8Array, data: DataView, at: number, end: number, shift: number): number {
    const { session } = this;
    this.need = MIN_BLOCK_LENGTH;
    while (end - at >= MIN_BLOCK_LENGTH && !session.stopped) {
      let order = this.littleEndian;
      const type = data.getUint32(at, order);
      if (type === Block.SECTION) {
        const own = sectionByteOrder(data, at);
        if (own === null) {
          const message = 'section header without a byte-order magic';
          this.lose(shift + at, message, hexBytes(bytes, at + 8, at + 12), '1a 2b 3c 4d in either order');
          return at + 1;
        }
        order = own;
        if (this.virgin) this.littleEndian = own;
      } else if (type > Block.SECRETS && isPcapMagic(data, at)) {
        if (end - at < PCAP_FILE_HEADER_LENGTH && !this.ending) {
          this.need = PCAP_FILE_HEADER_LENGTH;
          return at;
        }
        if (isConcatenatedHeader(data, at, end)) {
          this.nextFile = true;
          return at;
        }
      }
      let length = data.getUint32(at + 4, order);
      // Of a version that we do not know, only the frame of a block is promised.
      const minimum = this.foreign && type !== Block.SECTION ? MIN_BLOCK_LENGTH : minimumLength(type);
      if (length < minimum || length > MAX_BLOCK_LENGTH || (length & 3) !== 0) {
        const sound = this.oddLength(bytes, data, at, end, shift + at, type, length, order);
        if (sound < 0) return at;
        if (sound === 0) return at + 1;
        length = sound;
      } else {
        if (length > end - at) {
          this.need = length;
          if (this.ending && this.isWrongRatherThanCut(data, at, end, shift)) {
            this.lose(shift + at, 'corrupt block length', `${length}`, `at most the ${end - at} bytes that follow`);
            return at + 1;
          }
          return at;
        }
        if (data.getUint32(at + length - 4, order) !== length) {
          const verdict = this.disagreement(data, at, end, shift + at, length, order);
          if (verdict < 0) return at;
          if (verdict === 0) return at + 1;
        }
      }
      this.readBlock(bytes, data, type, at, at + length - 4, shift + at, order);
      at += length;
    }
    return at;
  }

  /**
   * A total length that is no such thing. Returns the length to go by, 0 when the block is lost, -1 when more bytes are needed to tell.
   */
  private oddLength(
    bytes: Uint8Array,
    data: DataView,
    at: number,
    end: number,
    offset: number,
    type: number,
    length: number,
    order: boolean,
  ): number {
    const found = `${length} (bytes ${hexBytes(bytes, at, at + 8)})`;
    const expected = `a multiple of 4 from ${minimumLength(type)} to ${MAX_BLOCK_LENGTH}`;
    if (length >= minimumLength(type) && length <= MAX_BLOCK_LENGTH) {
      // Some writers forgot the padding, in the length or altogether. The second length tells which.
      const padded = (length + 3) & ~3;
      if (end - at < padded && !this.ending) {
        this.need = padded;
        return -1;
      }
      for (const total of [padded, length]) {
        if (end - at < total || data.getUint32(at + total - 4, order) !== length) continue;
        if (this.log.first('padding')) {
          const message = 'a block length is not a multiple of 4; the block was read all the same';
          this.log.report(offset + 4, message, found, expected, { losesPackets: false, kind: 'padding' });
        }
        return total;
      }
    }
    this.lose(offset, 'corrupt block length', found, expected);
    return 0;
  }

  /** The two lengths of a block differ: 1 to go by the first, 0 when it leads nowhere, -1 when more bytes are needed. */
  private disagreement(
    data: DataView,
    at: number,
    end: number,
    offset: number,
    length: number,
    order: boolean,
  ): number {
    const next = at + length;
    const again = data.getUint32(next - 4, order);
    if (end - next < MIN_BLOCK_LENGTH && !this.ending) {
      this.need = length + MIN_BLOCK_LENGTH;
      return -1;
    }
    const message = 'the two lengths of a block differ';
    if (next !== end && !isBlockLike(data, next, end, order)) {
      this.lose(offset, message, `${length} and ${again}`, 'the same twice');
      return 0;
    }
    if (this.log.first('trailer')) {
      const text = `${message}; the first was right`;
      this.log.report(offset, text, `${length} and ${again}`, 'the same twice', {
        losesPackets: false,
        kind: 'trailer',
      });
    }
    return 1;
  }

  private lose(offset: number, message: string, found: string, expected: string): void {
    this.lost.lose(offset, message, found, expected);
    this.state = LOST;
  }

  /** Scans for the next block whose two lengths agree. At every byte: what damaged the file may have shifted it. */
  private seek(data: DataView, at: number, end: number, shift: number): number {
    this.need = MIN_BLOCK_LENGTH;
    for (; end - at >= MIN_BLOCK_LENGTH; at++) {
      const length = soundBlockLength(data, at, end, this.littleEndian);
      if (length === 0 || (length < 0 && this.ending)) continue;
      if (length < 0) {
        this.need = data.getUint32(
          at + 4,
          isSectionHeader(data, at, end) ? sectionByteOrder(data, at)! : this.littleEndian,
        );
        return at;
      }
      this.state = BLOCKS;
      this.lost.foundAt(shift + at);
      return at;
    }
    return this.ending ? end : at;
  }

  /**
   * At the end of the file: do whole blocks follow inside of the one that seems cut, up to the very end? No place is looked
   * at twice, however many blocks seem cut.
   */
  private isWrongRatherThanCut(data: DataView, at: number, end: number, shift: number): boolean {
    if (this.chainAt > shift + at) return true;
    for (let p = Math.max(at + 4, this.searchedTo - shift); end - p >= MIN_BLOCK_LENGTH; p++) {
      let q = p;
      while (this.searchBudget-- > 0) {
        const length = soundBlockLength(data, q, end, this.littleEndian);
        if (length <= 0) break;
        q += length;
        if (q !== end) continue;
        this.chainAt = shift + p;
        this.searchedTo = this.chainAt + 1;
        return true;
      }
    }
    this.searchedTo = shift + end;
    return false;
  }

  /** `end` is where the block's second length stands. */
  private readBlock(
    bytes: Uint8Array,
    data: DataView,
    type: number,
    at: number,
    end: number,
    offset: number,
    order: boolean,
  ): void {
    if (type === Block.SECTION) {
      this.readSection(bytes, data, at, end, offset, order);
      return;
    }
    if (this.foreign) return;
    switch (type) {
      case Block.ENHANCED_PACKET:
        this.readEnhancedPacket(bytes, data, at, end, offset);
        break;
      case Block.SIMPLE_PACKET:
        this.readSimplePacket(data, at, end, offset);
        break;
      case Block.PACKET:
        this.readPacket(bytes, data, at, end, offset);
        break;
      case Block.INTERFACE:
        this.readInterface(bytes, data, at, end, offset);
        break;
      case Block.STATISTICS:
        this.readStatistics(bytes, data, at, end, offset);
        break;
      case Block.NAMES:
        this.readNames(bytes, data, at, end);
        break;
    }
  }

  private readSection(
    bytes: Uint8Array,
    data: DataView,
    at: number,
    end: number,
    offset: number,
    order: boolean,
  ): void {
    this.littleEndian = order;
    this.virgin = false;
    this.interfaces = [];
    this.alike = new AlikeCounter();
    this.isFull = false;
    const major = data.getUint16(at + 12, order);
    const minor = data.getUint16(at + 14, order);
    // Minor version 2 was written by some and means 0.
    this.foreign = major !== 1 || (minor !== 0 && minor !== 2);
    if (this.foreign) {
      const message = 'a section of an unknown version was skipped';
      this.log.report(offset + 12, message, `${major}.${minor}`, '1.0');
      return;
    }
    const { options } = this;
    options.begin(data, at + 24, end, order);
    while (options.next()) if (options.code === Option.COMMENT) this.session.addComment(options.text(bytes));
    this.checkOptions(offset);
  }

  private readInterface(bytes: Uint8Array, data: DataView, at: number, end: number, offset: number): void {
    if (this.isFull) {
      this.log.first(TOO_MANY);
      return;
    }
    const { options, littleEndian } = this;
    const linkType = data.getUint16(at + 8, littleEndian);
    const snaplen = data.getUint32(at + 12, littleEndian);
    let name: string | null = null;
    let description: string | null = null;
    let resolution = DEFAULT_TSRESOL;
    let timeOffset = 0;
    options.begin(data, at + 16, end, littleEndian);
    while (options.next()) {
      if (options.code === Option.IF_NAME) name = options.text(bytes).slice(0, MAX_INTERFACE_TEXT);
      else if (options.code === Option.IF_DESCRIPTION) description = options.text(bytes).slice(0, MAX_INTERFACE_TEXT);
      else if (options.code === Option.IF_TSRESOL && options.length > 0) resolution = bytes[options.value];
      else if (options.code === Option.IF_TSOFFSET) timeOffset = options.int64();
      else if (options.code === Option.COMMENT) this.session.addComment(options.text(bytes));
    }
    this.checkOptions(offset);
    const scale = new TimeScale(resolution, timeOffset);
    const timeResolution = scale.resolution;
    const described = { linkType, snaplen, name, description, timeResolution, received: null, dropped: null };
    const nth = this.alike.next(described);
    const id = this.session.interfaceFor(described, this.sink, nth, this.earlierInterfaces);
    if (id < 0) {
      this.isFull = true;
      if (this.log.first(TOO_MANY)) {
        const message = 'too many interfaces; packets of those beyond were skipped';
        const found = `${MAX_INTERFACES} before this one`;
        this.log.report(offset, message, found, `at most ${MAX_INTERFACES}`, { kind: TOO_MANY });
      }
      return;
    }
    const shared = this.session.facts.interfaces[id];
    this.interfaces.push({ id, linkType, snaplen, scale, described: shared, hasStatistics: false });
  }

  private interfaceOf(id: number, offset: number): SectionInterface | null {
    const known = this.interfaces[id];
    if (known !== undefined) return known;
    if (this.log.first('undeclared')) {
      const message = 'a block refers to an interface that its section does not describe; it was skipped';
      const expected =
        this.interfaces.length === 0 ? 'an interface description first' : `0 to ${this.interfaces.length - 1}`;
      this.log.report(offset, message, `interface ${id}`, expected, { kind: 'undeclared' });
    }
    return null;
  }

  private readEnhancedPacket(bytes: Uint8Array, data: DataView, at: number, end: number, offset: number): void {
    const { littleEndian, record } = this;
    const source = this.interfaceOf(data.getUint32(at + 8, littleEndian), offset);
    if (source === null) return;
    const captured = this.bound(data.getUint32(at + 20, littleEndian), end - at - 28, offset);
    source.scale.split(data.getUint32(at + 12, littleEndian), data.getUint32(at + 16, littleEndian));
    record.direction = 0;
    record.comment = null;
    this.packetId = null;
    const options = at + 28 + ((captured + 3) & ~3);
    if (end - options >= 4) this.readPacketOptions(bytes, data, options, end, offset, source);
    this.deliver(source, at + 28, captured, data.getUint32(at + 24, littleEndian), offset, true);
  }

  private readPacketOptions(
    bytes: Uint8Array,
    data: DataView,
    start: number,
    end: number,
    offset: number,
    source: SectionInterface,
  ): void {
    const { options, record } = this;
    options.begin(data, start, end, this.littleEndian);
    while (options.next()) {
      if (options.code === Option.EPB_FLAGS) {
        const direction = options.uint32() & 3;
        record.direction = direction === 3 ? 0 : direction;
      } else if (options.code === Option.EPB_PACKETID && this.session.hasPacketIds) {
        this.packetId = options.packetId();
      } else if (options.code === Option.EPB_DROPCOUNT) this.addDrops(source, options.uint64());
      else if (options.code === Option.COMMENT) {
        const text = options.text(bytes);
        record.comment = record.comment === null ? text : `${record.comment}\n${text}`;
      }
    }
    this.checkOptions(offset);
  }

  private addDrops(source: SectionInterface, drops: number): void {
    if (source.hasStatistics) return;
    source.described.dropped = (source.described.dropped ?? 0) + drops;
  }

  private readPacket(bytes: Uint8Array, data: DataView, at: number, end: number, offset: number): void {
    const { littleEndian, record } = this;
    const source = this.interfaceOf(data.getUint16(at + 8, littleEndian), offset);
    if (source === null) return;
    const drops = data.getUint16(at + 10, littleEndian);
    if (drops !== NO_DROP_COUNT) this.addDrops(source, drops);
    const captured = this.bound(data.getUint32(at + 20, littleEndian), end - at - 28, offset);
    source.scale.split(data.getUint32(at + 12, littleEndian), data.getUint32(at + 16, littleEndian));
    record.direction = 0;
    record.comment = null;
    const start = at + 28 + ((captured + 3) & ~3);
    const { options } = this;
    // pack_flags and comments have the codes of the enhanced block; code 4 has not.
    options.begin(data, start, end, littleEndian);
    while (options.next()) {
      if (options.code === Option.EPB_FLAGS) record.direction = [0, 1, 2, 0][options.uint32() & 3];
      else if (options.code === Option.COMMENT) record.comment = options.text(bytes);
    }
    this.checkOptions(offset);
    this.deliver(source, at + 28, captured, data.getUint32(at + 24, littleEndian), offset, true);
  }

  private readSimplePacket(data: DataView, at: number, end: number, offset: number): void {
    const source = this.interfaceOf(0, offset);
    if (source === null) return;
    const original = data.getUint32(at + 8, this.littleEndian);
    const kept = source.snaplen > 0 ? Math.min(original, source.snaplen) : original;
    this.record.direction = 0;
    this.record.comment = null;
    this.deliver(source, at + 12, this.bound(kept, end - at - 12, offset), original, offset, false);
  }

  /** A packet cannot be longer than its block. */
  private bound(captured: number, room: number, offset: number): number {
    if (captured <= room) return captured;
    if (this.log.first('captured')) {
      const message = 'a packet claims more bytes than its block holds; what is there was used';
      this.log.report(offset, message, `${captured} bytes`, `at most ${room}`, { kind: 'captured' });
    }
    return room;
  }

  private deliver(
    source: SectionInterface,
    start: number,
    captured: number,
    original: number,
    offset: number,
    timed: boolean,
  ): void {
    const { record, session } = this;
    if (timed) this.lastTime = session.origin.since(source.scale.seconds, source.scale.nanoseconds);
    else session.origin.untimed();
    record.number = ++session.records;
    if (this.packetId !== null) {
      record.number = this.packetId.number;
      record.passedBefore = this.packetId.passed;
    }
    record.time = this.lastTime;
    record.offset = start;
    record.capturedLength = captured;
    record.originalLength = Math.max(original, captured);
    record.linkType = source.linkType;
    record.interfaceId = source.id;
    record.fileOffset = offset;
    this.sink.record(record);
  }

  private readStatistics(bytes: Uint8Array, data: DataView, at: number, end: number, offset: number): void {
    const { options, littleEndian } = this;
    const source = this.interfaceOf(data.getUint32(at + 8, littleEndian), offset);
    if (source === null) return;
    let received: number | null = null;
    let dropped: number | null = null;
    options.begin(data, at + 20, end, littleEndian);
    while (options.next()) {
      if (options.code === Option.ISB_IFRECV) received = options.uint64();
      else if (options.code === Option.ISB_IFDROP || options.code === Option.ISB_OSDROP)
        dropped = (dropped ?? 0) + options.uint64();
      else if (options.code === Option.COMMENT) this.session.addComment(options.text(bytes));
    }
    this.checkOptions(offset);
    // Counters since the start of the capture: a later block replaces an earlier one.
    if (received !== null) source.described.received = received;
    if (dropped !== null) {
      source.described.dropped = dropped;
      source.hasStatistics = true;
    }
  }

  /** Name resolution records: kept as `address name`, one a name. */
  private readNames(bytes: Uint8Array, data: DataView, at: number, end: number): void {
    const { littleEndian } = this;
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
          this.session.addComment(`${address} ${name}`);
          const zero = bytes.subarray(from, value + length).indexOf(0);
          if (zero < 0) break;
          from += zero + 1;
        }
      }
      p = value + ((length + 3) & ~3);
    }
  }

  private checkOptions(offset: number): void {
    if (!this.options.broken || !this.log.first('options')) return;
    const message = 'an option is longer than its block; it and those after it were ignored';
    const found = `option ${this.options.code} of ${this.options.length} bytes`;
    this.log.report(offset, message, found, 'options inside the block', { losesPackets: false, kind: 'options' });
  }
}
