import type { Severity, Who } from '../model/finding.ts';
import type { Citation } from './rfc.ts';

/** What holds for all findings of one id. Its words are a page in `messages/`. */
export interface FindingKind {
  /** The usual one. A finding may be milder or graver than its kind when its figures say so. */
  readonly severity: Severity;
  /** The usual cause. */
  readonly who: Who;
  readonly cite: Citation | null;
}
