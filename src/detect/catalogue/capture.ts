import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** Errors and limits of the measurement itself. They come first, so that the network is not blamed for them. */
export const CAPTURE_KINDS = {
  'capture-joined': {
    severity: 'info',
    who: 'capture',
    cite: null,
  },
  'capture-edited': {
    severity: 'info',
    who: 'capture',
    cite: null,
  },
  'capture-filtered': {
    severity: 'info',
    who: 'capture',
    cite: null,
  },
  'invented-times': {
    severity: 'info',
    who: 'capture',
    cite: null,
  },
  'missing-in-capture': {
    severity: 'warning',
    who: 'capture',
    cite: rfc(9293, '3.4'),
    restsOn: ['entirety'],
  },
  'capture-drop': {
    severity: 'warning',
    who: 'capture',
    cite: null,
  },
  'capture-duplicate': {
    severity: 'warning',
    who: 'capture',
    cite: null,
  },
  'capture-misordered': {
    severity: 'warning',
    who: 'capture',
    cite: null,
    restsOn: ['times'],
  },
  'clock-step': {
    severity: 'warning',
    who: 'capture',
    cite: null,
    restsOn: ['times'],
  },
  'ack-before-data': {
    severity: 'info',
    who: 'capture',
    cite: rfc(9293, '3.4'),
    restsOn: ['order'],
  },
  'one-way-capture': {
    severity: 'info',
    who: 'capture',
    cite: null,
  },
  'mid-stream': {
    severity: 'info',
    who: 'capture',
    cite: rfc(7323, '2.2'),
  },
  'snaplen-cut': {
    severity: 'info',
    who: 'capture',
    cite: null,
  },
  'capture-position': {
    severity: 'info',
    who: 'capture',
    cite: null,
  },
  'offload-segments': {
    severity: 'info',
    who: 'capture',
    cite: rfc(9293, '3.7.1'),
  },
  'checksum-offload': {
    severity: 'info',
    who: 'capture',
    cite: rfc(9293, '3.1'),
  },
  'corrupted-segment': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.1'),
  },
  'questions-limit': {
    severity: 'info',
    who: 'capture',
    cite: null,
  },
  'connections-evicted': {
    severity: 'warning',
    who: 'capture',
    cite: null,
  },
  'memory-limit': {
    severity: 'warning',
    who: 'capture',
    cite: null,
  },
  'findings-limit': {
    severity: 'info',
    who: 'capture',
    cite: null,
  },
} as const satisfies Record<string, FindingKind>;
