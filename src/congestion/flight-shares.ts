/** Shares of a flight by which its sender is judged; the models and the rules of RFC 5681 take the same. */

/** A window of which this share was in flight was used; a smaller flight says nothing about the window. */
export const USED = 0.8;

/** A round in which less than this share of the flight at the loss was sent shows no reduction. */
export const STILL_SENDING = 0.7;

/** A flight of at least this share of the one at the loss was not reduced: CUBIC, the mildest, goes on from 0.7 of it. */
export const UNREDUCED = 0.9;
