/** The states of RFC 9293 section 3.3.2, spelled as there, and what an observer knows before it has seen anything. */
export const State = {
  CLOSED: 0,
  LISTEN: 1,
  SYN_SENT: 2,
  SYN_RECEIVED: 3,
  ESTABLISHED: 4,
  FIN_WAIT_1: 5,
  FIN_WAIT_2: 6,
  CLOSE_WAIT: 7,
  CLOSING: 8,
  LAST_ACK: 9,
  TIME_WAIT: 10,
  /** Nothing of this end has been seen yet, and nothing implies its state. */
  UNKNOWN: 11,
} as const;

export const STATE_NAMES = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
  'UNKNOWN',
] as const;
export type StateName = (typeof STATE_NAMES)[number];

/**
 * How a state is known. `confirmed`: the endpoint itself sent a segment that only fits this state. `inferred`: a segment
 * that would take it there was seen on its way, and nothing that the endpoint sent has shown yet that it arrived.
 */
export const Basis = { INFERRED: 0, CONFIRMED: 1 } as const;
export const BASIS_NAMES = ['inferred', 'confirmed'] as const;
export type BasisName = (typeof BASIS_NAMES)[number];

/**
 * The states that one endpoint went through, by the frame that caused each change. Evidence may come later than the cause
 * (the answer shows which copy of a FIN arrived), so entries are appended with an earlier frame and can be taken back.
 */
export class Timeline {
  private first: number;
  /** State and basis of the latest change, at hand: every packet asks for them. */
  private latest: number;
  private latestBasis: number = Basis.INFERRED;
  /** Four numbers for each entry: frame, time (ns), state, basis. One array: there are two timelines to every connection. */
  private readonly entries: number[] = [];

  constructor(initial: number) {
    this.first = initial;
    this.latest = initial;
  }

  /** State before the first entry. */
  get initial(): number {
    return this.first;
  }

  set initial(state: number) {
    this.first = state;
    if (this.entries.length === 0) this.latest = state;
  }

  /** How many changes there are. */
  get length(): number {
    return this.entries.length / WIDTH;
  }

  frameOf(entry: number): number {
    return this.entries[entry * WIDTH];
  }

  /** Nanoseconds since the first record. */
  timeOf(entry: number): number {
    return this.entries[entry * WIDTH + 1];
  }

  stateOf(entry: number): number {
    return this.entries[entry * WIDTH + 2];
  }

  basisOf(entry: number): number {
    return this.entries[entry * WIDTH + 3];
  }

  get state(): number {
    return this.latest;
  }

  get basis(): number {
    return this.latestBasis;
  }

  /** Frame of the latest change, 0 before any. */
  get frame(): number {
    const n = this.length;
    return n === 0 ? 0 : this.frameOf(n - 1);
  }

  /** Time of the latest change, NaN before any. */
  get time(): number {
    const n = this.length;
    return n === 0 ? Number.NaN : this.timeOf(n - 1);
  }

  /** Appends a change caused by `frame`; a frame before the latest change counts as that one (order is what is known). */
  append(frame: number, time: number, state: number, basis: number): void {
    const n = this.length;
    if (n > 0 && frame < this.frameOf(n - 1)) {
      frame = this.frameOf(n - 1);
      time = this.timeOf(n - 1);
    }
    this.entries.push(frame, time, state, basis);
    this.latest = state;
    this.latestBasis = basis;
  }

  /** Takes back the latest change; what was so from the beginning stays. */
  revoke(): void {
    const n = this.length;
    if (n === 0) return;
    this.entries.length -= WIDTH;
    this.latest = n === 1 ? this.first : this.stateOf(n - 2);
    this.latestBasis = n === 1 ? Basis.INFERRED : this.basisOf(n - 2);
  }

  /** The endpoint has shown that it is in its present state. */
  confirm(): void {
    if (this.latestBasis === Basis.CONFIRMED) return;
    if (this.entries.length > 0) this.latestBasis = Basis.CONFIRMED;
    for (let i = this.length - 1; i >= 0 && this.basisOf(i) === Basis.INFERRED; i--) {
      this.entries[i * WIDTH + 3] = Basis.CONFIRMED;
    }
  }

  /** Index of the last entry at or before `frame`, -1 before the first. */
  indexAt(frame: number): number {
    let i = this.length - 1;
    while (i >= 0 && this.frameOf(i) > frame) i--;
    return i;
  }

  stateAt(frame: number): number {
    const i = this.indexAt(frame);
    return i < 0 ? this.initial : this.stateOf(i);
  }

  basisAt(frame: number): number {
    const i = this.indexAt(frame);
    return i < 0 ? Basis.INFERRED : this.basisOf(i);
  }
}

const WIDTH = 4;
