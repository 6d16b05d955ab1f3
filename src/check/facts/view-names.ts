import type { SeenConnection } from '../../model/sight.ts';
import { field, NUMBER, type Schema, STRING } from '../language/type.ts';
import { exact, unknown } from '../language/value.ts';

/** A connection as several vantages of one capture saw it. */
export const VIEWS: Schema<SeenConnection> = {
  name: 'views',
  fields: {
    analysed: field(STRING, 'the vantage on whose packets the analysis ran', ({ base }) =>
      base === null ? unknown('no view was analysed') : exact(base.name),
    ),
    vantages: field({ kind: 'list', of: STRING }, 'names of the vantages that saw it', ({ shares }) =>
      exact(shares.map(({ vantage }) => vantage.name)),
    ),
    lost: field(NUMBER, 'packets that one vantage saw and the next did not', ({ losses }) =>
      exact(
        losses.reduce((sum, { packets }) => sum + packets, 0),
        losses.flatMap(({ frames }) => [...frames]),
      ),
    ),
  },
};
