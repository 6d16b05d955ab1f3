/** The words of the page about one finding. */
export interface Page {
  /** A few words, as in a heading. */
  readonly title: string;
  /** What it means and how it is recognised. */
  readonly meaning: string;
  /** What to do about it. */
  readonly advice: string;
  /** When it is no anomaly, or not this one: what is told apart and why. */
  readonly not: string;
  /** What Wireshark calls it, or calls it instead; null where it has no equivalent. */
  readonly wireshark: string | null;
}
