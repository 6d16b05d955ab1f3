import { CAPTURE_PAGES } from './capture.ts';
import { CLOSE_PAGES } from './close.ts';
import { CONGESTION_PAGES } from './congestion.ts';
import { HANDSHAKE_PAGES } from './handshake.ts';
import { LOSS_PAGES } from './loss.ts';
import { PROTOCOL_PAGES } from './protocol.ts';
import { WINDOW_PAGES } from './window.ts';

/** The page of every finding, by its identifier. */
export const PAGES = {
  ...CAPTURE_PAGES,
  ...LOSS_PAGES,
  ...WINDOW_PAGES,
  ...CONGESTION_PAGES,
  ...HANDSHAKE_PAGES,
  ...CLOSE_PAGES,
  ...PROTOCOL_PAGES,
};
