import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** Loss, retransmission, reordering and duplication. */
export const LOSS_KINDS = {
  'packet-loss': {
    severity: 'warning',
    who: 'network',
    cite: rfc(5681, '3.2'),
    restsOn: ['times', 'order'],
  },
  'retransmission-timeout': {
    severity: 'warning',
    who: 'network',
    cite: rfc(6298, '5'),
    restsOn: ['times'],
  },
  'tail-loss': {
    severity: 'warning',
    who: 'network',
    cite: rfc(8985, '7'),
    restsOn: ['times', 'absence'],
  },
  'spurious-retransmission': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(3522, '3.2'),
    restsOn: ['order'],
  },
  'path-mtu-retransmission': {
    severity: 'info',
    who: 'network',
    cite: rfc(9293, '3.7.2'),
  },
  retransmission: {
    severity: 'warning',
    who: 'unknown',
    cite: rfc(9293, '3.8.1'),
    restsOn: ['order'],
  },
  'peer-unresponsive': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.8.3'),
    restsOn: ['times', 'absence'],
  },
  'timeout-too-short': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(6298, '2'),
    restsOn: ['times', 'order'],
  },
  'rate-policed': {
    severity: 'info',
    who: 'network',
    cite: null,
    restsOn: ['times', 'absence'],
  },
  'rate-shaped': {
    severity: 'info',
    who: 'network',
    cite: null,
    restsOn: ['times', 'absence'],
  },
  'gap-not-filled': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.8.1'),
    restsOn: ['times', 'absence'],
  },
  'path-mtu-black-hole': {
    severity: 'warning',
    who: 'network',
    cite: rfc(2923, '2.1'),
    restsOn: ['times', 'absence'],
  },
  reordering: {
    severity: 'info',
    who: 'network',
    cite: rfc(5681, '3.2'),
    restsOn: ['times', 'order', 'absence'],
  },
  'network-duplicate': {
    severity: 'warning',
    who: 'network',
    cite: rfc(2883, '5.1'),
    restsOn: ['times', 'order'],
  },
  'payload-conflict': {
    severity: 'error',
    who: 'unknown',
    cite: rfc(9293, '3.8'),
    restsOn: ['times'],
  },
} as const satisfies Record<string, FindingKind>;
