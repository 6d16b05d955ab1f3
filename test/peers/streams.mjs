/** The two streams of every connection of a capture, for the checks that compare bytes. */
import { analyze } from './library.mjs';

/** Keeps what the reassembly hands over: pieces in order, each with its side, its bytes or the length of a gap. */
class Pieces {
  constructor(connection) {
    this.connection = connection;
    this.pieces = [];
    this.conflicts = [];
    this.exclusions = [];
    /** Nanoseconds since the first record. */
    this.lastTime = 0;
  }

  chunk(sender, _offset, bytes, _frame, time) {
    this.lastTime = time;
    this.pieces.push({ sender, bytes: Buffer.from(bytes), gap: 0, type: null });
  }

  gap(sender, start, end, type) {
    this.pieces.push({ sender, bytes: Buffer.alloc(0), gap: end - start, type });
  }

  conflict(conflict) {
    this.conflicts.push(conflict);
  }

  excluded(excluded) {
    this.exclusions.push(excluded);
  }

  of(sender) {
    return this.pieces.filter((piece) => piece.sender === sender);
  }

  /** The stream as text; `marker` stands for a gap. */
  text(sender, marker = (length) => `[${length} bytes missing]`) {
    return this.of(sender)
      .map(({ bytes, gap }) => (gap > 0 ? marker(gap) : bytes.toString('latin1')))
      .join('');
  }

  get chunks() {
    return this.pieces.filter(({ bytes }) => bytes.length > 0);
  }

  gaps(type) {
    return this.pieces.filter((piece) => piece.type === type);
  }
}

/** @param reassembly options of the reassembly, @param analysis options of the analysis */
export function reassemble(lib, path, reassembly = {}, analysis = {}) {
  const running = new Map();
  const result = analyze(lib, path, {
    ...analysis,
    onSegment(t, view) {
      let one = running.get(t.connection);
      if (one === undefined) {
        const pieces = new Pieces(t.connection);
        one = { pieces, reassembler: new lib.Reassembler(t.connection, pieces, reassembly) };
        running.set(t.connection, one);
      }
      one.reassembler.segment(t, view);
    },
  });
  for (const { reassembler } of running.values()) reassembler.end();
  return { ...result, streams: [...running.values()].map(({ pieces }) => pieces) };
}
