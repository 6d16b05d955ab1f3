/** Segments that a sender may have under way before the first ACK (RFC 6928 section 2). */
export const INITIAL_WINDOW = 10;
