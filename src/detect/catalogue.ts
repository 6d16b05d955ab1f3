import { ENGLISH } from '../messages/en/index.ts';
import type { Page } from '../messages/page.ts';
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
  capture: CAPTURE_KINDS,
  loss: LOSS_KINDS,
  window: WINDOW_KINDS,
  congestion: CONGESTION_KINDS,
  handshake: HANDSHAKE_KINDS,
  close: CLOSE_KINDS,
  protocol: PROTOCOL_KINDS,
} as const satisfies Record<keyof typeof ENGLISH.families, Record<string, FindingKind>>;

export type Family = keyof typeof FAMILIES;

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

/** The page about each of them. */
export const PAGES: Readonly<Record<FindingId, Page>> = ENGLISH.pages;
/** The heading over each family. */
export const FAMILY_TITLES: Readonly<Record<Family, string>> = ENGLISH.families;

/** There is a finding of this identifier. */
export function isFindingId(text: string): text is FindingId {
  return Object.hasOwn(ALL, text);
}
