import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** What the RFCs forbid, what looks forged, and what routers say. */
export const PROTOCOL_KINDS = {
  'illegal-flags': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.10.7'),
  },
  'reserved-bits': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.1'),
  },
  'window-scale-too-large': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(7323, '2.3'),
  },
  'malformed-options': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.1'),
  },
  'urgent-data': {
    severity: 'info',
    who: 'application',
    cite: rfc(9293, '3.8.5'),
  },
  'urgent-pointer-zero': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.8.5'),
  },
  'urgent-pointer-unused': {
    severity: 'info',
    who: 'sender',
    cite: rfc(9293, '3.1'),
  },
  'timestamps-missing': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(7323, '3.2'),
  },
  'timestamps-backwards': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(7323, '5.3'),
    restsOn: ['order'],
  },
  'sack-outside-window': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(2018, '3'),
    restsOn: ['absence'],
  },
  'illegal-transition': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.3.2'),
    restsOn: ['order', 'absence'],
  },
  'blind-syn': {
    severity: 'warning',
    who: 'unknown',
    cite: rfc(5961, '4.2'),
    restsOn: ['order'],
  },
  'injected-segment': {
    severity: 'warning',
    who: 'unknown',
    cite: rfc(5961, '5.1'),
    restsOn: ['order', 'absence'],
  },
  'icmp-unreachable': {
    severity: 'warning',
    who: 'network',
    cite: rfc(1122, '4.2.3.9'),
  },
  'icmp-too-big': {
    severity: 'info',
    who: 'network',
    cite: rfc(9293, '3.7.2'),
  },
  'icmp-other': {
    severity: 'info',
    who: 'network',
    cite: rfc(1122, '4.2.3.9'),
  },
} as const satisfies Record<string, FindingKind>;
