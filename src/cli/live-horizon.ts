import type { Analyzer } from '../analyze.ts';
import { WINDOW } from '../views/window.ts';

/** How often it is looked whether rows have waited for long enough (ms). */
const TICK = 200;

/** As long as packets wait for other views of them, in capture time (ms). */
const VIEWS = (WINDOW.order + WINDOW.transit) / 1e6;

/**
 * On a live input the horizon of rows runs on while nothing comes: a link that is idle would hold back the packets before
 * the silence, since no later packet moves the capture's clock. Only the time counts in which the input was waited for; a
 * slow reader of the output or much work makes no packet leave early.
 */
export class LiveHorizon {
  private readonly analyzer: Analyzer;
  /** Milliseconds. */
  private readonly horizon: number;
  private readonly released: () => void;
  private readonly timer: NodeJS.Timeout;
  private isWaiting = false;
  private waited = 0;
  /** Milliseconds without anything since it last came. */
  private idle = 0;
  private last = performance.now();
  /** How many rows there had been when so much time had been waited. */
  private readonly marks: { waited: number; rows: number }[] = [];

  /** `horizon` in milliseconds; `released` is called when rows have left. */
  constructor(analyzer: Analyzer, horizon: number, released: () => void) {
    this.analyzer = analyzer;
    this.horizon = horizon;
    this.released = released;
    this.timer = setInterval(() => this.tick(), TICK);
  }

  /** The input is waited for. */
  waits(): void {
    this.isWaiting = true;
  }

  /** Something came. */
  reads(): void {
    this.isWaiting = false;
    this.idle = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = performance.now();
    // Whatever kept the event loop busy was no waiting.
    const passed = Math.min(now - this.last, 2 * TICK);
    this.last = now;
    if (!this.isWaiting) return;
    this.waited += passed;
    this.idle += passed;
    // What waits for its other views has waited long enough: none has come.
    if (this.idle >= VIEWS && this.idle - passed < VIEWS) {
      this.analyzer.releaseHeld();
      this.released();
    }
    const { marks, analyzer } = this;
    const rows = analyzer.rows;
    if (rows > (marks.at(-1)?.rows ?? 0)) marks.push({ waited: this.waited, rows });
    let due = 0;
    while (marks.length > 0 && this.waited - marks[0].waited >= this.horizon) due = marks.shift()!.rows;
    if (due === 0) return;
    analyzer.releaseRows(due);
    this.released();
  }
}
