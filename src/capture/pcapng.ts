import { CaptureError } from '../model/errors.ts';
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
import { PcapngSection } from './pcapng-section.ts';
import { type CaptureSession, DamageLog, hexBytes } from './session.ts';
import type { CaptureParser, CaptureSink } from './source.ts';

const BLOCKS = 0;
/** A block made no sense: looking for the next that does. */
const LOST = 1;

/** Blocks of a file that are followed in search of a chain to its end: a hostile file could make that quadratic. */
const SEARCH_BUDGET = 1_000_000;

/**
 * The framing of pcapng (draft-ietf-opsawg-pcapng): all sections, both byte orders. What the blocks say is read by `PcapngSection`.
 */
export class PcapngParser implements CaptureParser {
  need = MIN_BLOCK_LENGTH;
  done = false;
  nextFile = false;
  private littleEndian = true;

  private readonly session: CaptureSession;
  private readonly log: DamageLog;
  private readonly lost: LostPlace;
  private readonly section: PcapngSection;
  private position: number;
  private readonly continued: boolean;
  private state = BLOCKS;
  private ending = false;
  /** No section header was read yet. */
  private virgin = true;
  private searchBudget = SEARCH_BUDGET;
  /** Up to there it is known where a chain of blocks to the end of the file begins: last at `chainAt`. */
  private searchedTo = 0;
  private chainAt = -1;

  /** As for `PcapParser`. */
  constructor(session: CaptureSession, sink: CaptureSink, file: string, position = 0, continued = false) {
    this.session = session;
    this.log = new DamageLog(session, sink, file);
    this.lost = new LostPlace(this.log, 'block');
    this.section = new PcapngSection(session, sink, this.log);
    this.position = position;
    this.continued = continued;
  }

  consume(bytes: Uint8Array, data: DataView, start: number, end: number): number {
    const shift = this.position - start;
    this.section.reads(bytes, data);
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
    const { session, section } = this;
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
      const minimum = section.isForeign && type !== Block.SECTION ? MIN_BLOCK_LENGTH : minimumLength(type);
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
      if (type === Block.SECTION) {
        this.littleEndian = order;
        this.virgin = false;
      }
      section.read(type, at, at + length - 4, shift + at, order);
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
}
