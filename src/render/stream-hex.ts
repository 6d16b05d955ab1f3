import type { Endpoint } from '../model/endpoint.ts';
import { breakCommands } from '../model/escape.ts';
import type { GapType, StreamSink } from '../model/stream.ts';
import { formatSeconds } from '../model/units.ts';
import { BYTES_PER_LINE } from './hex.ts';
import { gapText } from './stream-notes.ts';
import type { StreamTextOptions } from './stream-text.ts';

/** Sixteen times two digits and a blank, and a blank in the middle. */
const HEX_WIDTH = 49;

const PAIRS: string[] = [];
for (let i = 0; i < 256; i++) PAIRS.push(i.toString(16).padStart(2, '0'));

/** The streams as a hex dump: a heading for each segment's bytes, then lines that begin with their offset in the stream. */
export class StreamHex implements StreamSink {
  private readonly write: (text: string) => void;
  private readonly options: StreamTextOptions;

  constructor(write: (text: string) => void, options: StreamTextOptions) {
    this.write = write;
    this.options = options;
  }

  chunk(sender: Endpoint, offset: number, bytes: Uint8Array, frame: number, time: number): void {
    const { style } = this.options;
    const paint = sender.isClient ? style.client : style.server;
    const mark = this.mark(sender);
    this.write(`${style.quiet(`${mark}frame ${frame} at ${formatSeconds(time)}, ${bytes.length} bytes`)}\n`);
    for (let from = 0; from < bytes.length; from += BYTES_PER_LINE) {
      const row = bytes.subarray(from, from + BYTES_PER_LINE);
      this.write(`${mark}${paint(line(offset + from, row))}\n`);
    }
  }

  gap(sender: Endpoint, start: number, end: number, type: GapType): void {
    if (this.options.marksGaps) this.note(sender, gapText(start, end, type));
  }

  urgent(sender: Endpoint, offset: number, octet: number): void {
    if (this.options.marksUrgent) this.note(sender, `[urgent at ${offset}: ${PAIRS[octet]}]`);
  }

  private note(sender: Endpoint, text: string): void {
    this.write(`${this.mark(sender)}${this.options.style.warning(text)}\n`);
  }

  private mark(sender: Endpoint): string {
    if (!this.options.marksSides) return '';
    return sender.isClient ? '> ' : '< ';
  }
}

/** As `hexdump -C` has it. */
function line(offset: number, row: Uint8Array): string {
  let hex = '';
  let ascii = '';
  for (let i = 0; i < row.length; i++) {
    hex += `${i === 8 ? ' ' : ''}${PAIRS[row[i]]} `;
    ascii += row[i] > 0x1f && row[i] < 0x7f ? String.fromCharCode(row[i]) : '.';
  }
  return `${offset.toString(16).padStart(8, '0')}  ${hex.padEnd(HEX_WIDTH)} |${breakCommands(ascii, '.', '.')}|`;
}
