import { InvalidArgumentError } from 'commander';

/** Connections that `--stream` names: numbers and ranges of them, both ends included. */
export class StreamChoice {
  private readonly ranges: readonly (readonly [from: number, to: number])[];

  constructor(ranges: readonly (readonly [from: number, to: number])[]) {
    this.ranges = ranges;
  }

  static of(stream: number): StreamChoice {
    return new StreamChoice([[stream, stream]]);
  }

  /** The one connection that is named; null for several. */
  get only(): number | null {
    const [[from, to]] = this.ranges;
    return this.ranges.every((range) => range[0] === from && range[1] === from) ? to : null;
  }

  has(stream: number): boolean {
    return this.ranges.some(([from, to]) => stream >= from && stream <= to);
  }

  /** The first number or beginning of a range that is not among so many connections; null when all are there. */
  missing(count: number): number | null {
    return this.ranges.find(([from]) => from >= count)?.[0] ?? null;
  }

  and(other: StreamChoice): StreamChoice {
    return new StreamChoice([...this.ranges, ...other.ranges]);
  }
}

/** For options: `3`, `3,7-9`, and more of them when the option is repeated. */
export function collectStreams(text: string, before: StreamChoice | undefined): StreamChoice {
  const ranges = text.split(',').map((part) => {
    const match = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(text === '' ? '' : part);
    if (match === null) throw new InvalidArgumentError('Write numbers of connections, such as 3 or 3,7-9.');
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (from > to) throw new InvalidArgumentError(`The range ${part.trim()} runs backwards.`);
    return [from, to] as const;
  });
  const choice = new StreamChoice(ranges);
  return before === undefined ? choice : before.and(choice);
}
