import type { FindingReport } from '../report.ts';
import type { Field } from './field.ts';

/** The members of a finding, as a table has them. */
export const FINDING_FIELDS: readonly Field<FindingReport>[] = [
  { key: 'id', about: 'what was found', value: ({ id }) => id },
  { key: 'severity', about: 'how grave it is', value: ({ severity }) => severity },
  { key: 'cause', about: 'why', value: ({ cause }) => cause },
  { key: 'who', about: 'whose fault it is', value: ({ who }) => who },
  { key: 'confidence', about: 'how sure that is, 0 to 1', value: ({ confidence }) => confidence },
  { key: 'evidence', about: 'packet numbers', value: ({ evidence }) => evidence },
  { key: 'text', about: 'what it says', value: ({ text }) => text },
  { key: 'cite', about: 'RFC and section', value: ({ cite }) => cite },
  { key: 'stream', about: 'number of the connection; null for the capture', value: ({ stream }) => stream },
  { key: 'packet', about: 'the packet that it is attached to', value: ({ packet }) => packet },
  { key: 'timestamp', about: 'Unix time of that packet', value: ({ timestamp }) => timestamp },
  { key: 'more', about: 'further ones of its sort that are not listed', value: ({ more }) => more },
];
