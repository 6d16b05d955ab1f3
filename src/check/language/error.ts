/** An expression that cannot be used. `at` and `end` are offsets in its text. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly at: number;
  readonly end: number;

  constructor(message: string, at: number, end: number = at + 1) {
    super(message);
    this.at = at;
    this.end = end;
  }
}

/** An evaluation went on for longer than its bound. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}
