import { UsageError } from '../../model/errors.ts';
import { type Location, locationText } from '../outcome.ts';

/** One thing that is wrong in a rules file or an expression. */
export interface Problem {
  readonly location: Location;
  readonly message: string;
  /** Lines that show the place. */
  readonly shown?: readonly string[];
}

/** Problems that are told of one file. */
export const MAX_PROBLEMS = 20;

/** Rules that cannot be used. The problems are told at once, each with its place and what to write instead. */
export class RulesError extends UsageError {
  readonly problems: readonly Problem[];
  /** How many more there are. */
  readonly more: number;

  constructor(problems: readonly Problem[], more = 0) {
    const kept = problems.slice(0, MAX_PROBLEMS);
    const rest = more + problems.length - kept.length;
    const lines = kept.flatMap(({ location, message, shown = [] }) => [
      `${locationText(location)}: ${message}`,
      ...shown,
    ]);
    super(...lines, ...(rest > 0 ? [`and ${rest} more`] : []));
    this.problems = kept;
    this.more = rest;
  }
}
