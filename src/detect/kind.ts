import type { Severity, Who } from '../model/finding.ts';
import type { Citation } from './rfc.ts';

/**
 * What a finding's claim rests on, beside the packet itself. A capture that was edited, joined, filtered or given its times
 * later takes away one or the other: see `CaptureNature`.
 *
 * - `times`: when packets came, measured in this capture.
 * - `order`: which packet came first.
 * - `absence`: that some packet did not come. A capture with holes does not show that.
 * - `entirety`: that the capture was to hold every packet. What was left out on purpose is not missing.
 */
export type Basis = 'times' | 'order' | 'absence' | 'entirety';

/** What holds for all findings of one id. Its words are a page in `messages/`. */
export interface FindingKind {
  /** The usual one. A finding may be milder or graver than its kind when its figures say so. */
  readonly severity: Severity;
  /** The usual cause. */
  readonly who: Who;
  readonly cite: Citation | null;
  /** Left out: the packets that it names show it by themselves. */
  readonly restsOn?: readonly Basis[];
}
