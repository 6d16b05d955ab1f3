import type { Severity, Who } from '../model/finding.ts';
import type { Citation } from './rfc.ts';

/** What there is to know about all findings of one id: the page about it. */
export interface FindingKind {
  /** A few words, as in a heading. */
  readonly title: string;
  /** The usual one. A finding may be milder or graver than its kind when its figures say so. */
  readonly severity: Severity;
  /** Who brings it about, as a rule. */
  readonly who: Who;
  readonly cite: Citation | null;
  /** What it means and how it is recognised. */
  readonly meaning: string;
  /** What to do about it. */
  readonly advice: string;
  /** When it is no anomaly, or not this one: what is told apart and why. */
  readonly not: string;
  /** What Wireshark calls it, or calls it instead; null where it has nothing of the sort. */
  readonly wireshark: string | null;
}
