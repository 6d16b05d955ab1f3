/**
 * One line of a hex dump: an offset and up to sixteen bytes. Understood are the dumps of tcpdump (-x -X -xx -XX), xxd,
 * hexdump -C, od -Ax -tx1, tshark -x and Wireshark's export.
 *
 *         0x0010:  7f00 0001 bd70 7532 1281 b873 0000 0000  .....pu2...s....     tcpdump
 *     00000010  7f 00 00 01 bd 70 75 32  12 81 b8 73 00 00 00 00  |.....pu2...s....|  hexdump -C
 */

// A quote mark of mail or Markdown may come first. An offset without 0x must be as long as dumpers write it.
const START = /^[\s>|]*(?:(0x)([0-9a-f]{4,8})(:?)|([0-9a-f]{4}|[0-9a-f]{6,8}):?)(?:\s|$)/i;
const BYTES_PER_LINE = 16;

/** What `read` found; reused. */
export class HexdumpLine {
  offset = 0;
  /** The offset is written `0x0010:`: it is a dump line, whatever else may be wrong with it. */
  marked = false;
  length = 0;
  /** Column (from 0) of a group that is no hexadecimal number although bytes were due there; -1 without. */
  badColumn = -1;
  readonly bytes = new Uint8Array(BYTES_PER_LINE);

  /** False when the line is not one of a dump. */
  read(line: string): boolean {
    const start = START.exec(line);
    if (start === null) return false;
    this.marked = start[3] === ':';
    this.offset = Number.parseInt(start[2] ?? start[4], 16);
    this.length = 0;
    this.badColumn = -1;
    let at = start[0].length;
    while (line[at] === ' ' || line[at] === '\t') at++;
    const first = at;
    let width = 0;
    while (this.length < BYTES_PER_LINE && at < line.length) {
      let stop = at;
      while (stop < line.length && line[stop] !== ' ' && line[stop] !== '\t') stop++;
      const digits = stop - at;
      if (!this.isGroup(line, at, stop, width)) {
        // Where the bytes end, two blanks and the characters follow; garbage right after a single blank is damage.
        if (at === first || (line[at - 1] !== '\t' && line[at - 2] !== ' ')) this.badColumn = at;
        break;
      }
      if (width === 0) width = digits;
      for (let i = at; i < stop && this.length < BYTES_PER_LINE; i += 2) {
        this.bytes[this.length++] = Number.parseInt(line.slice(i, i + 2), 16);
      }
      // tcpdump ends an odd packet with half a group.
      if (digits < width) break;
      at = stop + 1;
      if (line[at] === ' ' || line[at] === '\t') {
        // hexdump -C has a gap in the middle; every other gap is the end.
        const middle = width === 2 && this.length === 8 && /^ [0-9a-f]{2}( |$)/i.test(line.slice(at, at + 4));
        if (!middle) break;
        at++;
      }
    }
    return this.length > 0 || this.marked;
  }

  private isGroup(line: string, start: number, stop: number, width: number): boolean {
    const digits = stop - start;
    if (digits !== 2 && digits !== 4) return false;
    if (width !== 0 && digits > width) return false;
    for (let i = start; i < stop; i++) {
      const code = line.charCodeAt(i) | 32;
      if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
    }
    return true;
  }
}
