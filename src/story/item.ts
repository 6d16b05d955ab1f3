import type { Certainty, StoryHeading, Told } from '../messages/story.ts';
import type { Owner, TimeCause } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';

/** Something to do, and how sure it is that it helps. */
export interface Advice {
  readonly told: Told;
  readonly certainty: Certainty;
}

/** Time (ns) that went into one thing, and its share of the whole. */
export interface Expense {
  readonly owner: Owner;
  readonly cause: TimeCause;
  readonly time: number;
  readonly share: number;
}

/** One paragraph: sentences, or one of the lists. */
export interface Section {
  readonly heading: StoryHeading;
  readonly told: readonly Told[];
  readonly expenses?: readonly Expense[];
  readonly findings?: readonly Finding[];
  /** That there are findings which are not listed. */
  readonly more?: Told | null;
  readonly advice?: readonly Advice[];
}

/** A connection told as a colleague would, without a word of any language. */
export interface Story {
  readonly connection: Connection;
  readonly overview: readonly Told[];
  readonly sections: readonly Section[];
}
