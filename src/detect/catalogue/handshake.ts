import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** Opening a connection and what is agreed there. */
export const HANDSHAKE_KINDS = {
  'syn-retransmission': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.8.1'),
    restsOn: ['times'],
  },
  'syn-ack-retransmission': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.8.1'),
    restsOn: ['times'],
  },
  'syn-unanswered': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.8.3'),
    restsOn: ['absence'],
  },
  'connection-refused': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(9293, '3.10.7.1'),
    restsOn: ['order'],
  },
  'handshake-reset': {
    severity: 'info',
    who: 'sender',
    cite: rfc(9293, '3.5'),
    restsOn: ['order'],
  },
  'half-open': {
    severity: 'warning',
    who: 'network',
    cite: rfc(4987, '2'),
    restsOn: ['absence'],
  },
  'syn-flood': {
    severity: 'error',
    who: 'unknown',
    cite: rfc(4987, '2'),
  },
  'port-scan': {
    severity: 'warning',
    who: 'sender',
    cite: null,
  },
  'host-sweep': {
    severity: 'warning',
    who: 'sender',
    cite: null,
  },
  'syn-answered-by-ack': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(9293, '3.5.1'),
    restsOn: ['order'],
  },
  'ecn-refused': {
    severity: 'info',
    who: 'network',
    cite: rfc(3168, '6.1.1.1'),
    restsOn: ['absence'],
  },
  'simultaneous-open': {
    severity: 'info',
    who: 'application',
    cite: rfc(9293, '3.5'),
  },
  'split-handshake': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(9293, '3.5'),
  },
  'tfo-accepted': {
    severity: 'info',
    who: 'application',
    cite: rfc(7413, '3'),
  },
  'tfo-ignored': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(7413, '4.2.2'),
  },
  'mss-missing': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(9293, '3.7.1'),
  },
  'no-window-scaling': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(7323, '1.1'),
  },
  'no-sack': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(2018, '2'),
  },
  'no-timestamps': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(7323, '3.1'),
  },
  'isn-constant': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.4.1'),
  },
  'isn-predictable': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.4.1'),
    restsOn: ['order'],
  },
} as const satisfies Record<string, FindingKind>;
