import type { FindingId } from '../detect/catalogue.ts';
import type { Severity } from '../model/finding.ts';

/** What a finding of severity warning or error means for the first screen. */
export type Weight = 'failure' | 'notable' | 'minor';

/** A connection came to nothing, broke off or stuck, or was nobody's in earnest: told before what costs time. */
const FAILURES: ReadonlySet<string> = new Set<FindingId>([
  'connection-refused',
  'syn-unanswered',
  'handshake-reset',
  'half-open',
  'syn-answered-by-ack',
  'icmp-unreachable',
  'peer-unresponsive',
  'path-mtu-black-hole',
  'gap-not-filled',
  'keep-alive-failure',
  'peer-forgot',
  'forged-reset',
  'connection-aborted',
  'reset-after-fin',
  'fin-unanswered',
  'close-wait-stuck',
  'port-scan',
  'host-sweep',
]);

/**
 * Faults that end no connection by themselves. What they cost in time is counted where it was spent, and is told there if it is
 * much. All others stand out where nothing worse does: a finding that is new to this list, too.
 */
const MINOR: ReadonlySet<string> = new Set<FindingId>([
  // Sent again, and the time that it took is the timer's or the recovery's.
  'spurious-retransmission',
  'retransmission',
  'timeout-too-short',
  'reordering',
  'network-duplicate',
  // How a sender uses its window.
  'window-growth-too-fast',
  'burst-after-timeout',
  'loss-without-reduction',
  // How a receiver offers it; waits for it are the receive window's.
  'silly-window',
  'window-shrunk',
  'window-update-lost',
  'data-beyond-window',
  // Slips in headers that the other end passes over.
  'reserved-bits',
  'window-scale-too-large',
  'malformed-options',
  'urgent-pointer-zero',
  'timestamps-missing',
  'timestamps-backwards',
  'sack-outside-window',
  // The new attempt is a connection of its own.
  'port-reused-early',
]);

/** An error is never less than a failure. */
export function weightOf(id: string, severity: Severity): Weight {
  if (severity === 'error' || FAILURES.has(id)) return 'failure';
  return MINOR.has(id) ? 'minor' : 'notable';
}
