import type { FindingReport } from '../report/finding.ts';
import type { Field } from './field.ts';

/** The members of a finding, as a table has them. */
export const FINDING_FIELDS: readonly Field<FindingReport>[] = [
  { key: 'id', type: 'text', about: 'what was found', value: ({ id }) => id },
  { key: 'severity', type: 'text', about: 'how grave it is', value: ({ severity }) => severity },
  { key: 'cause', type: 'text', about: 'why', value: ({ cause }) => cause },
  { key: 'who', type: 'text', about: 'whose fault it is', value: ({ who }) => who },
  { key: 'confidence', type: 'number', about: 'how sure that is, 0 to 1', value: ({ confidence }) => confidence },
  { key: 'evidence', type: 'list', about: 'packet numbers', value: ({ evidence }) => evidence },
  { key: 'text', type: 'text', about: 'what it says', value: ({ text }) => text },
  { key: 'cite', type: 'text', about: 'RFC and section', value: ({ cite }) => cite },
  {
    key: 'stream',
    type: 'number',
    about: 'number of the connection; null for the capture',
    value: ({ stream }) => stream,
  },
  { key: 'packet', type: 'number', about: 'the packet that it is attached to', value: ({ packet }) => packet },
  { key: 'timestamp', type: 'time', about: 'Unix time of that packet', value: ({ timestamp }) => timestamp },
  { key: 'more', type: 'number', about: 'further ones of its sort that are not listed', value: ({ more }) => more },
];
