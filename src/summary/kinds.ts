import type { CostlyKind } from '../messages/answer.ts';
import { Doing, TimeUse } from '../model/budget.ts';
import { busyOf } from './tally.ts';

/** What went wrong, by what it cost: each kind is one use of lost time, and the findings that tell of it. */
interface Kind {
  readonly kind: CostlyKind;
  /** One of `TimeUse`. */
  readonly use: number;
  readonly findings: readonly string[];
}

export const KINDS: readonly Kind[] = [
  { kind: 'server-thinking', use: TimeUse.SERVER + Doing.THINKING, findings: [] },
  { kind: 'server-sending', use: TimeUse.SERVER + Doing.SENDING, findings: [] },
  {
    kind: 'timeout',
    use: TimeUse.TIMEOUT,
    findings: ['retransmission-timeout', 'tail-loss', 'syn-retransmission', 'syn-ack-retransmission'],
  },
  { kind: 'recovery', use: TimeUse.RECOVERY, findings: ['packet-loss'] },
  { kind: 'client-window', use: TimeUse.CLIENT + Doing.RECEIVE_WINDOW, findings: ['zero-window', 'window-full'] },
  { kind: 'server-window', use: TimeUse.SERVER + Doing.RECEIVE_WINDOW, findings: ['zero-window', 'window-full'] },
  { kind: 'client-delayed-ack', use: TimeUse.CLIENT + Doing.DELAYED_ACK, findings: ['delayed-acks'] },
  { kind: 'server-delayed-ack', use: TimeUse.SERVER + Doing.DELAYED_ACK, findings: ['delayed-acks'] },
  { kind: 'path-rate', use: TimeUse.PATH_RATE, findings: [] },
];

/** Findings whose cost in time is counted with a kind above. */
export const FINDINGS_WITH_COST: ReadonlySet<string> = new Set(KINDS.flatMap(({ findings }) => findings));

/** A connection is affected by a kind that cost it so much (nanoseconds), or so large a part of its busy time. */
const COST = 50e6;
const SHARE = 0.1;
/** Less than this is no cost, whatever part of a short connection it is. */
const LEAST_COST = 1e6;

/** A kind is worth a sentence from this share of all busy time on. */
const SENTENCE_SHARE = 0.01;

/** Is what a kind cost (nanoseconds), of so much busy time, worth a sentence? */
export function isWorthSentence(cost: number, busy: number): boolean {
  return cost >= SENTENCE_SHARE * busy;
}

/** Does what a kind cost a connection (nanoseconds) count, of so much busy time? */
export function isAffected(cost: number, busy: number): boolean {
  return cost >= COST || (cost >= LEAST_COST && cost >= SHARE * busy);
}

/** Is a connection whose time went there affected by any kind? */
export function hasCosts(totals: ArrayLike<number>): boolean {
  const busy = busyOf(totals);
  return KINDS.some(({ use }) => isAffected(totals[use], busy));
}
