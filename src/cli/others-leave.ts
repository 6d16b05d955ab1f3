import type { AnalyzeOptions, Concluded } from '../analysis.ts';
import type { Connection } from '../model/connection.ts';
import { formatNumberOf } from '../model/units.ts';
import { MAX_LISTED } from './choice.ts';
import type { Context } from './context.ts';

type Leaving = Pick<AnalyzeOptions, 'onLeave' | 'onLeaveSyn' | 'staysFor' | 'onlyAttemptsLeave'>;

const IGNORED = () => {};

/**
 * Who leaves where packets are told as they come, or one connection only: the attempts of floods, and others where the memory is
 * short, but for those of whose number `stays` is true.
 */
export function othersLeave(stays: ((id: number) => boolean) | null): Leaving {
  return { onLeave: IGNORED, ...(stays === null ? {} : { staysFor: ({ id }: Connection) => stays(id) }) };
}

/** Who leaves where a filter chooses: all that it has not accepted, and of those as many stay as can be listed. */
export class AcceptedStay {
  /** Accepted ones that left. */
  others = 0;
  private readonly listed = new Set<number>();

  readonly staysFor = ({ id, isSelected }: Connection): boolean =>
    isSelected && (this.listed.has(id) || (this.listed.size < MAX_LISTED && !!this.listed.add(id)));

  readonly onLeave = ({ isSelected }: Connection): void => {
    if (isSelected) this.others++;
  };
}

/** Who leaves where something is told of each connection that got further than an attempt: the attempts of floods. */
export function attemptsLeave(stays: ((id: number) => boolean) | null): Leaving {
  return { ...othersLeave(stays), onLeaveSyn: IGNORED, onlyAttemptsLeave: true };
}

/** Says how many left. `effect`: what is different for that. */
export function tellWhoLeft({ left }: Pick<Concluded, 'left'>, effect: string, context: Context): void {
  const { connections, by } = left;
  if (connections === 0) return;
  const which =
    by.attempt === connections
      ? `${formatNumberOf(connections, 'connection')} that came to nothing`
      : `${formatNumberOf(connections, 'connection')}, most of them closed or idle,`;
  context.note(`${which} left while the capture was read, to bound the memory: ${effect}`);
}
