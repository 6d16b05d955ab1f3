import type { Message } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Severity, Who } from '../model/finding.ts';
import type { PacketRow } from '../model/row.ts';
import type { FindingId } from './catalogue.ts';
import type { Basis } from './kind.ts';
import type { Citation } from './rfc.ts';

/** What a finding says, as far as it differs from what the catalogue says of its kind. */
export interface Account {
  id: FindingId;
  message: Message;
  /** Frame numbers, the one that the finding is attached to first. 0, of an end that was not heard yet, is left out. */
  evidence: readonly number[];
  /** 0..1, 1 when left out; what the steps mean stands in docs/findings.md. */
  confidence?: number;
  severity?: Severity;
  who?: Who;
  cite?: Citation;
  /** Where it differs from its kind. */
  restsOn?: readonly Basis[];
}

/** Where a finding belongs. */
export interface Where {
  readonly connection: Connection | null;
  /** What its packet tells, where rows are kept. The row itself is of another packet when it has left. */
  readonly row: Pick<PacketRow, 'findings'> | null;
  readonly frame: number;
  readonly time: number;
}
