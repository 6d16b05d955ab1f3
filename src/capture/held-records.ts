import { CaptureRecord, copyRecord } from '../model/record.ts';

/** Records that were read ahead, in their order: those of one buffer of a reader. */
export class HeldRecords {
  /** Their bytes are in the arena. The objects stay for the next batch. */
  private readonly held: CaptureRecord[] = [];
  private from = 0;
  private to = 0;
  private arena = new Uint8Array(0);
  private arenaData = new DataView(this.arena.buffer);
  private used = 0;

  get isEmpty(): boolean {
    return this.from === this.to;
  }

  /** Time of the first. */
  get nextTime(): number {
    return this.held[this.from].time;
  }

  /** Takes the first away; valid until the next call of a method. */
  take(): CaptureRecord {
    const record = this.held[this.from++];
    record.bytes = this.arena;
    record.data = this.arenaData;
    if (this.isEmpty) {
      this.from = 0;
      this.to = 0;
      this.used = 0;
    }
    return record;
  }

  /** Moves the times of all that wait by so many nanoseconds. */
  shift(by: number): void {
    for (let i = this.from; i < this.to; i++) this.held[i].time += by;
  }

  push(record: CaptureRecord): void {
    const { capturedLength } = record;
    if (this.used + capturedLength > this.arena.length) {
      const grown = new Uint8Array(Math.max(2 * this.arena.length, this.used + capturedLength, 0x10000));
      grown.set(this.arena.subarray(0, this.used));
      this.arena = grown;
      this.arenaData = new DataView(grown.buffer);
    }
    this.arena.set(record.bytes.subarray(record.offset, record.offset + capturedLength), this.used);
    if (this.to === this.held.length) this.held.push(new CaptureRecord());
    const held = this.held[this.to];
    copyRecord(record, held);
    held.offset = this.used;
    this.to++;
    this.used += capturedLength;
  }
}
