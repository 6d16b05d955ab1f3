import type { Stamp } from '../model/stream.ts';
import type { Extent } from './overlap.ts';

/** A segment some of whose bytes wait; `start` and `end` are its own, whatever is left of it. */
export interface Origin extends Extent, Stamp {
  /** It is a SYN with data. */
  readonly syn: boolean;
}

/** Bytes `[start, end)` of one segment. */
export interface Piece {
  start: number;
  end: number;
  /** Its own memory; null when the capture cut them off. */
  bytes: Uint8Array | null;
  readonly origin: Origin;
}

/** Most pieces in one block: an insertion moves half a block of them. */
const BLOCK = 256;
/** What a piece costs beside its bytes, about. */
export const PIECE_COST = 128;

/**
 * Pieces without overlap, in order, with a cursor. Kept in blocks, so that neither bytes that come backwards nor bytes that
 * come in a hostile order cost more than a block each.
 */
export class WaitingBytes {
  /** Memory that the pieces take, about. */
  cost = 0;
  private readonly blocks: Piece[][] = [];
  private block = 0;
  private index = 0;

  get head(): Piece | null {
    return this.blocks.length === 0 ? null : this.blocks[0][0];
  }

  /** Puts the cursor before the first piece that ends after `offset`. */
  seek(offset: number): void {
    const { blocks } = this;
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const block = blocks[middle];
      if (block[block.length - 1].end <= offset) low = middle + 1;
      else high = middle;
    }
    this.block = low;
    this.index = 0;
    if (low === blocks.length) return;
    const block = blocks[low];
    high = block.length;
    low = 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (block[middle].end <= offset) low = middle + 1;
      else high = middle;
    }
    this.index = low;
  }

  /** The piece after the cursor, null at the end. */
  get current(): Piece | null {
    return this.block === this.blocks.length ? null : this.blocks[this.block][this.index];
  }

  next(): void {
    this.index++;
    if (this.index < this.blocks[this.block].length) return;
    this.block++;
    this.index = 0;
  }

  /** Inserts before the cursor. */
  insert(piece: Piece): void {
    const { blocks } = this;
    this.cost += costOf(piece);
    if (blocks.length === 0) blocks.push([]);
    else if (this.block > 0 && this.index === 0) {
      // Between two blocks: after the earlier one, so that appending fills it.
      this.block--;
      this.index = blocks[this.block].length;
    }
    const block = blocks[this.block];
    block.splice(this.index, 0, piece);
    if (block.length > BLOCK) this.split(block);
    this.next();
  }

  /** Takes the piece after the cursor out. */
  remove(): void {
    const block = this.blocks[this.block];
    const [piece] = block.splice(this.index, 1);
    this.cost -= costOf(piece);
    if (block.length === 0) this.blocks.splice(this.block, 1);
    else if (this.index === block.length) {
      this.block++;
      this.index = 0;
    }
  }

  /** Leaves `[start, end)` of a piece in the list. Does not hold on to much more memory than that. */
  trim(piece: Piece, start: number, end: number): void {
    this.cost -= costOf(piece);
    if (piece.bytes !== null) {
      const rest = piece.bytes.subarray(start - piece.start, end - piece.start);
      piece.bytes = rest.length * 2 < rest.buffer.byteLength ? new Uint8Array(rest) : rest;
    }
    piece.start = start;
    piece.end = end;
    this.cost += costOf(piece);
  }

  removeHead(): void {
    this.block = 0;
    this.index = 0;
    this.remove();
  }

  private split(block: Piece[]): void {
    // Uneven where bytes are appended, so that blocks fill up; in the middle elsewhere.
    const appending = this.index === block.length - 1;
    const keep = appending ? block.length - 1 : block.length >> 1;
    const rest = block.splice(keep);
    this.blocks.splice(this.block + 1, 0, rest);
    if (this.index < keep) return;
    this.block++;
    this.index -= keep;
  }
}

function costOf(piece: Piece): number {
  return PIECE_COST + (piece.bytes === null ? 0 : piece.bytes.length);
}
