import { UsageError } from '../../model/errors.ts';
import { type Location, locationText } from '../outcome.ts';

/** One thing that is wrong in a rules file or an expression. */
export interface Problem {
  readonly location: Location;
  readonly message: string;
}

/** Rules that cannot be used. All problems are told at once, each with its place and what to write instead. */
export class RulesError extends UsageError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ location, message }) => `${locationText(location)}: ${message}`).join('\n'));
    this.problems = problems;
  }
}
