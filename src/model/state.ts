import { capacityOf, type Room, WIDTH, widen } from './change-rooms.ts';

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

/** Changes of one end that are kept: resets that nobody believes can move it for ever. */
export const MOST_CHANGES = 4096;

/**
 * The fields of an endpoint in which its timeline lies. Two numbers tell each change: time (ns), and frame, state and basis in one.
 */
export interface StateHistory extends Room {
  /** State before the first change. */
  initialState: number;
  /** State and basis of the latest change. */
  state: number;
  basis: number;
  changeCount: number;
}

const STATES = 16;
const BASES = 2;

/** Whether these are the two numbers of a change. */
export function isChange(time: number, code: number): boolean {
  return (
    Number.isFinite(time) && Number.isSafeInteger(code) && code >= 0 && (code / BASES) % STATES < STATE_NAMES.length
  );
}

/**
 * The states that one endpoint went through, by the frame that caused each change. Evidence may come later than the cause
 * (the answer shows which copy of a FIN arrived), so entries are appended with an earlier frame and can be taken back.
 */
export class Timeline {
  private readonly of: StateHistory;

  constructor(of: StateHistory) {
    this.of = of;
  }

  /** State before the first entry. */
  get initial(): number {
    return this.of.initialState;
  }

  set initial(state: number) {
    this.of.initialState = state;
    if (this.length === 0) this.of.state = state;
  }

  /** How many changes there are. */
  get length(): number {
    return this.of.changeCount;
  }

  frameOf(entry: number): number {
    return Math.floor(this.codeOf(entry) / (STATES * BASES));
  }

  /** Nanoseconds since the first record. */
  timeOf(entry: number): number {
    const { changes, changesAt } = this.of;
    return changes[changesAt + entry * WIDTH];
  }

  stateOf(entry: number): number {
    return Math.floor(this.codeOf(entry) / BASES) % STATES;
  }

  basisOf(entry: number): number {
    return this.codeOf(entry) % BASES;
  }

  private codeOf(entry: number): number {
    const { changes, changesAt } = this.of;
    return changes[changesAt + entry * WIDTH + 1];
  }

  get state(): number {
    return this.of.state;
  }

  get basis(): number {
    return this.of.basis;
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
    const { of } = this;
    const n = this.length;
    const isEarlier = n > 0 && frame < this.frameOf(n - 1) && time <= this.timeOf(n - 1);
    const shown = isEarlier ? this.frameOf(n - 1) : frame;
    const code = (shown * STATES + state) * BASES + basis;
    const shownTime = isEarlier ? this.timeOf(n - 1) : time;
    // Of more changes than anybody reads the latest takes the place of the one before it.
    const entry = Math.min(n, MOST_CHANGES - 1);
    if (entry === capacityOf(of)) widen(of);
    const at = of.changesAt + entry * WIDTH;
    of.changes[at] = shownTime;
    of.changes[at + 1] = code;
    of.changeCount = entry + 1;
    of.state = state;
    of.basis = basis;
  }

  /** Takes back the latest change; what was so from the beginning stays. */
  revoke(): void {
    const { of } = this;
    const n = this.length;
    if (n === 0) return;
    of.changeCount = n - 1;
    of.state = n === 1 ? of.initialState : this.stateOf(n - 2);
    of.basis = n === 1 ? Basis.INFERRED : this.basisOf(n - 2);
  }

  /** The endpoint has shown that it is in its present state. */
  confirm(): void {
    const { of } = this;
    if (of.basis === Basis.CONFIRMED || of.changeCount === 0) return;
    of.basis = Basis.CONFIRMED;
    const { changes, changesAt } = of;
    for (let i = this.length - 1; i >= 0 && this.basisOf(i) === Basis.INFERRED; i--)
      changes[changesAt + i * WIDTH + 1]++;
  }

  /** Index of the last entry at or before `frame`, -1 before the first. */
  indexAt(frame: number): number {
    let i = this.length - 1;
    while (i >= 0 && this.frameOf(i) > frame) i--;
    return i;
  }

  /** Index of the last entry that the packet `frame` of that time, or one before it, caused; for packets that are not in the order of the file. */
  indexAtTime(time: number, frame: number): number {
    let i = this.length - 1;
    while (i >= 0 && (this.timeOf(i) > time || (this.timeOf(i) === time && this.frameOf(i) > frame))) i--;
    return i;
  }

  stateAt(frame: number): number {
    return this.stateAfter(this.indexAt(frame));
  }

  /** State after an entry, or before the first (-1). */
  stateAfter(entry: number): number {
    return entry < 0 ? this.initial : this.stateOf(entry);
  }

  basisAt(frame: number): number {
    return this.basisAfter(this.indexAt(frame));
  }

  basisAfter(entry: number): number {
    return entry < 0 ? Basis.INFERRED : this.basisOf(entry);
  }
}
