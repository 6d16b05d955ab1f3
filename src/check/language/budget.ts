import { BudgetError } from './error.ts';

/**
 * Steps that one evaluation of a condition may take: so many, and so many for each packet that it may look at. A step is a
 * part of a condition that is evaluated on an element of a list, well below a microsecond.
 */
const STEPS = { least: 2_000_000, perPacket: 200 };
/** The same for all evaluations of a run together. */
const STEPS_OF_RUN = { least: 20_000_000, perPacket: 2000 };

/** What is left of the steps that an evaluation may take. */
export class Budget {
  private left: number;
  private readonly whole: Budget | null;

  private constructor(steps: number, whole: Budget | null) {
    this.left = steps;
    this.whole = whole;
  }

  /** For all evaluations on a capture with so many packets. */
  static ofRun(packets: number): Budget {
    return new Budget(stepsFor(STEPS_OF_RUN, packets), null);
  }

  /** For one evaluation that may look at so many packets. What it takes is taken from this budget too. */
  part(packets: number): Budget {
    return new Budget(stepsFor(STEPS, packets), this);
  }

  /** So many more packets of the capture may be looked at. */
  grant(packets: number): void {
    this.left += STEPS_OF_RUN.perPacket * packets;
  }

  /** Throws BudgetError when nothing is left. */
  spend(steps = 1): void {
    this.left -= steps;
    if (this.left < 0) {
      throw new BudgetError(
        this.whole === null ? 'the rules take too many steps in all' : 'the condition takes too many steps',
      );
    }
    this.whole?.spend(steps);
  }
}

function stepsFor({ least, perPacket }: typeof STEPS, packets: number): number {
  return least + perPacket * packets;
}
