import type { Tone } from '../../picture/graph.ts';

/** Dots of a braille character, by row and column (Unicode Standard, Braille Patterns). */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];
const BLANK = 0x2800;

/** A drawing of dots, two columns and four rows to a character. Letters lie over dots; what is drawn later lies on top. */
export class BrailleCanvas {
  readonly columns: number;
  readonly rows: number;
  private readonly dots: Uint8Array;
  private readonly letters = new Map<number, string>();
  private readonly tones: (Tone | null)[];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.dots = new Uint8Array(columns * rows);
    this.tones = new Array(columns * rows).fill(null);
  }

  /** Dots from the left and from the bottom. */
  get width(): number {
    return this.columns * 2;
  }

  get height(): number {
    return this.rows * 4;
  }

  dot(x: number, y: number, tone: Tone): void {
    if (!(x >= 0 && x < this.width && y >= 0 && y < this.height)) return;
    const [left, top] = [Math.floor(x), this.height - 1 - Math.floor(y)];
    const cell = (top >> 2) * this.columns + (left >> 1);
    this.dots[cell] |= DOTS[top & 3][left & 1];
    this.tones[cell] = tone;
  }

  /** A straight line of dots; nothing longer than the canvas is walked. */
  line(x1: number, y1: number, x2: number, y2: number, tone: Tone): void {
    const steps = Math.min(Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1))), this.width + this.height);
    for (let i = 0; i <= steps; i++) {
      const share = steps === 0 ? 0 : i / steps;
      this.dot(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share, tone);
    }
  }

  letter(x: number, y: number, letter: string, tone: Tone): void {
    if (!(x >= 0 && x < this.width && y >= 0 && y < this.height)) return;
    const cell = ((this.height - 1 - Math.floor(y)) >> 2) * this.columns + (Math.floor(x) >> 1);
    this.letters.set(cell, letter);
    this.tones[cell] = tone;
  }

  /** A row of characters from the top, each run of one tone painted by `paint`. */
  row(index: number, paint: (text: string, tone: Tone) => string): string {
    let line = '';
    for (let from = 0; from < this.columns; ) {
      const tone = this.tones[index * this.columns + from];
      let to = from;
      let run = '';
      for (; to < this.columns && this.tones[index * this.columns + to] === tone; to++)
        run += this.character(index * this.columns + to);
      line += tone === null ? run : paint(run, tone);
      from = to;
    }
    return line;
  }

  private character(cell: number): string {
    const letter = this.letters.get(cell);
    if (letter !== undefined) return letter;
    return this.dots[cell] === 0 ? ' ' : String.fromCharCode(BLANK + this.dots[cell]);
  }
}
