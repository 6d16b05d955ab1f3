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
  /** State before the first entry. */
  initial: number;
  readonly frames: number[] = [];
  readonly times: number[] = [];
  readonly states: number[] = [];
  readonly bases: number[] = [];

  constructor(initial: number) {
    this.initial = initial;
  }

  get state(): number {
    const n = this.states.length;
    return n === 0 ? this.initial : this.states[n - 1];
  }

  get basis(): number {
    const n = this.bases.length;
    return n === 0 ? Basis.INFERRED : this.bases[n - 1];
  }

  /** Frame of the latest change, 0 before any. */
  get frame(): number {
    const n = this.frames.length;
    return n === 0 ? 0 : this.frames[n - 1];
  }

  /** Appends a change caused by `frame`; a frame before the latest change counts as that one (order is what is known). */
  append(frame: number, time: number, state: number, basis: number): void {
    const n = this.frames.length;
    if (n > 0 && frame < this.frames[n - 1]) {
      frame = this.frames[n - 1];
      time = this.times[n - 1];
    }
    this.frames.push(frame);
    this.times.push(time);
    this.states.push(state);
    this.bases.push(basis);
  }

  /** Takes back the latest change. */
  revoke(): void {
    this.frames.pop();
    this.times.pop();
    this.states.pop();
    this.bases.pop();
  }

  /** The endpoint has shown that it is in its present state. */
  confirm(): void {
    for (let i = this.bases.length - 1; i >= 0 && this.bases[i] === Basis.INFERRED; i--)
      this.bases[i] = Basis.CONFIRMED;
  }

  /** Index of the last entry at or before `frame`, -1 before the first. */
  indexAt(frame: number): number {
    let i = this.frames.length - 1;
    while (i >= 0 && this.frames[i] > frame) i--;
    return i;
  }

  stateAt(frame: number): number {
    const i = this.indexAt(frame);
    return i < 0 ? this.initial : this.states[i];
  }

  basisAt(frame: number): number {
    const i = this.indexAt(frame);
    return i < 0 ? Basis.INFERRED : this.bases[i];
  }
}
