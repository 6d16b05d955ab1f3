import { FINDING_IDS } from '../../detect/catalogue.ts';
import { SEVERITIES } from '../../model/finding.ts';
import { field, NUMBER, oneOf, type Schema, STRING } from '../language/type.ts';
import { exact, type Val } from '../language/value.ts';
import type { AnomalyFact } from './flow-facts.ts';

const WHO = ['network', 'sender', 'receiver', 'application', 'capture', 'unknown'] as const;

export const ANOMALY: Schema<AnomalyFact> = {
  name: 'anomaly',
  fields: {
    id: field(oneOf(FINDING_IDS), 'as tcpscope findings lists them', ({ id, evidence }) => exact(id, evidence)),
    severity: field(oneOf(SEVERITIES, true), 'info < warning < error', ({ severity, evidence }) =>
      exact(severity, evidence),
    ),
    cause: field(STRING, 'what brought it about', ({ cause }) => exact(cause)),
    who: field(oneOf(WHO), WHO.join(', '), ({ who }) => exact(who)),
    confidence: field(NUMBER, '0 to 1', ({ confidence }) => exact(confidence)),
    frame: field(NUMBER, 'number of the packet that it is attached to', ({ frame }) => exact(frame, [frame])),
    text: field(STRING, 'one sentence', ({ text }) => exact(text)),
    stream: field(NUMBER, 'number of the connection, -1 for the capture', ({ stream }) => exact(stream)),
  },
};

/** A list that may lack some. */
export function listed(items: readonly unknown[], missing: string | null): Val {
  return missing === null ? exact(items) : { v: items, why: missing };
}
