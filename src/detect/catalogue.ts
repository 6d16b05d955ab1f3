import { CAPTURE_KINDS } from './catalogue/capture.ts';
import { CLOSE_KINDS } from './catalogue/close.ts';
import { CONGESTION_KINDS } from './catalogue/congestion.ts';
import { HANDSHAKE_KINDS } from './catalogue/handshake.ts';
import { LOSS_KINDS } from './catalogue/loss.ts';
import { PROTOCOL_KINDS } from './catalogue/protocol.ts';
import { WINDOW_KINDS } from './catalogue/window.ts';
import type { FindingKind } from './kind.ts';

/** Every finding there is, in families: what `tcpscope findings` lists. */
export const FAMILIES = {
  'The capture itself': CAPTURE_KINDS,
  'Loss and retransmission': LOSS_KINDS,
  'Acknowledgments and windows': WINDOW_KINDS,
  'Congestion control': CONGESTION_KINDS,
  Handshake: HANDSHAKE_KINDS,
  'Closing and resets': CLOSE_KINDS,
  'Protocol errors and forgeries': PROTOCOL_KINDS,
} as const satisfies Record<string, Record<string, FindingKind>>;

const ALL = {
  ...CAPTURE_KINDS,
  ...LOSS_KINDS,
  ...WINDOW_KINDS,
  ...CONGESTION_KINDS,
  ...HANDSHAKE_KINDS,
  ...CLOSE_KINDS,
  ...PROTOCOL_KINDS,
};

export type FindingId = keyof typeof ALL;

export const CATALOGUE: Readonly<Record<FindingId, FindingKind>> = ALL;
export const FINDING_IDS = Object.keys(ALL) as readonly FindingId[];

export function isFindingId(text: string): text is FindingId {
  return Object.hasOwn(ALL, text);
}
