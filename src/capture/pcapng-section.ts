import type { CaptureInterface } from '../model/capture-facts.ts';
import { CaptureRecord } from '../model/record.ts';
import { AlikeCounter } from './interface-list.ts';
import { MAX_INTERFACE_TEXT, MAX_INTERFACES } from './limits.ts';
import { Block } from './pcapng-block.ts';
import { readNames } from './pcapng-names.ts';
import { Option, OptionCursor } from './pcapng-options.ts';
import type { CaptureSession, DamageLog } from './session.ts';
import type { CaptureSink } from './source.ts';
import { TimeScale } from './time.ts';

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

/** What the blocks of a pcapng section say (draft-ietf-opsawg-pcapng section 4). Blocks of other types are skipped. */
export class PcapngSection {
  /** It is of a version that we do not know: everything is skipped until the next begins. */
  isForeign = false;

  private readonly session: CaptureSession;
  private readonly sink: CaptureSink;
  private readonly log: DamageLog;
  private readonly record = new CaptureRecord();
  private readonly options = new OptionCursor();
  private littleEndian = true;
  /** Of a packet in a file of a shard. */
  private packetId: ReturnType<OptionCursor['packetId']> | null = null;
  private interfaces: SectionInterface[] = [];
  private alike = new AlikeCounter();
  /** The section describes more interfaces than there may be: what comes after the first of these has no place either. */
  private isFull = false;
  /** Interfaces of earlier files, which a later file of a rotation describes again. Those of one file are all distinct. */
  private readonly earlierInterfaces: number;
  /** Simple packets have no time: they get that of the packet before. */
  private lastTime = 0;

  constructor(session: CaptureSession, sink: CaptureSink, log: DamageLog) {
    this.session = session;
    this.sink = sink;
    this.log = log;
    this.earlierInterfaces = session.interfaces.length;
  }

  /** The blocks to come lie in this memory. */
  reads(bytes: Uint8Array, data: DataView): void {
    this.record.bytes = bytes;
    this.record.data = data;
  }

  /** Reads a block that lies from `at` to `end`, where its second length stands. `offset`: of the block in the file. */
  read(type: number, at: number, end: number, offset: number, littleEndian: boolean): void {
    this.littleEndian = littleEndian;
    if (type === Block.SECTION) {
      this.begin(at, end, offset);
      return;
    }
    if (this.isForeign) return;
    switch (type) {
      case Block.ENHANCED_PACKET:
        this.readEnhancedPacket(at, end, offset);
        break;
      case Block.SIMPLE_PACKET:
        this.readSimplePacket(at, end, offset);
        break;
      case Block.PACKET:
        this.readPacket(at, end, offset);
        break;
      case Block.INTERFACE:
        this.readInterface(at, end, offset);
        break;
      case Block.STATISTICS:
        this.readStatistics(at, end, offset);
        break;
      case Block.NAMES:
        readNames(this.record.bytes, this.record.data, at, end, this.littleEndian, (text) =>
          this.session.addComment(text),
        );
        break;
    }
  }

  private begin(at: number, end: number, offset: number): void {
    const { bytes, data } = this.record;
    const { littleEndian } = this;
    this.interfaces = [];
    this.alike = new AlikeCounter();
    this.isFull = false;
    const major = data.getUint16(at + 12, littleEndian);
    const minor = data.getUint16(at + 14, littleEndian);
    // Minor version 2 was written by some and means 0.
    this.isForeign = major !== 1 || (minor !== 0 && minor !== 2);
    if (this.isForeign) {
      const message = 'a section of an unknown version was skipped';
      this.log.report(offset + 12, message, `${major}.${minor}`, '1.0');
      return;
    }
    const { options } = this;
    options.begin(data, at + 24, end, littleEndian);
    while (options.next()) if (options.code === Option.COMMENT) this.session.addComment(options.text(bytes));
    this.checkOptions(offset);
  }

  private readInterface(at: number, end: number, offset: number): void {
    if (this.isFull) {
      this.log.first(TOO_MANY);
      return;
    }
    const { options, littleEndian } = this;
    const { bytes, data } = this.record;
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

  private readEnhancedPacket(at: number, end: number, offset: number): void {
    const { littleEndian, record } = this;
    const { data } = record;
    const source = this.interfaceOf(data.getUint32(at + 8, littleEndian), offset);
    if (source === null) return;
    const captured = this.bound(data.getUint32(at + 20, littleEndian), end - at - 28, offset);
    source.scale.split(data.getUint32(at + 12, littleEndian), data.getUint32(at + 16, littleEndian));
    record.direction = 0;
    record.comment = null;
    this.packetId = null;
    const options = at + 28 + ((captured + 3) & ~3);
    if (end - options >= 4) this.readPacketOptions(options, end, offset, source);
    this.deliver(source, at + 28, captured, data.getUint32(at + 24, littleEndian), offset, true);
  }

  private readPacketOptions(start: number, end: number, offset: number, source: SectionInterface): void {
    const { options, record } = this;
    const { bytes, data } = record;
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

  private readPacket(at: number, end: number, offset: number): void {
    const { littleEndian, record } = this;
    const { bytes, data } = record;
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

  private readSimplePacket(at: number, end: number, offset: number): void {
    const source = this.interfaceOf(0, offset);
    if (source === null) return;
    const original = this.record.data.getUint32(at + 8, this.littleEndian);
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

  private readStatistics(at: number, end: number, offset: number): void {
    const { options, littleEndian } = this;
    const { bytes, data } = this.record;
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

  private checkOptions(offset: number): void {
    if (!this.options.broken || !this.log.first('options')) return;
    const message = 'an option is longer than its block; it and those after it were ignored';
    const found = `option ${this.options.code} of ${this.options.length} bytes`;
    this.log.report(offset, message, found, 'options inside the block', { losesPackets: false, kind: 'options' });
  }
}
