import type { CongestionOptions } from '../congestion/stage.ts';
import type { PacketRow } from '../model/row.ts';
import { isStream } from './choice.ts';
import type { Context } from './context.ts';
import { givenOf, jobsFor } from './jobs-option.ts';
import { type CaptureOptions, captureNames, type SelectOptions } from './options.ts';
import { attemptsLeave } from './others-leave.ts';
import { analyzeCaptures, type ConcludedAnalysis, tellNoneThen } from './run.ts';
import { wordsOf } from './time-window.ts';

/** An option that changes which packets are looked at together, or of which connections. */
const ALONE = ['select', 'view', 'interface'] as const;

/** What a command needs of connections that have ended. */
interface Needs {
  readonly congestion: boolean | CongestionOptions;
  /** Every packet is needed as well. */
  readonly onRow?: (row: PacketRow) => void;
  /** What one thread has to answer, beside `ALONE`. */
  readonly alone?: string | undefined;
}

/** Analyses the captures of a command, with as many threads as `--jobs` says. */
export async function analyzeDivided(
  context: Context,
  given: readonly string[],
  options: CaptureOptions & SelectOptions & { readonly jobs?: number },
  { congestion, onRow, alone }: Needs,
): Promise<ConcludedAnalysis> {
  const captures = captureNames(given, options);
  const { select, filter } = options;
  const jobs = jobsFor(captures, options.jobs, alone ?? givenOf(options, ALONE), context);
  let run: Parameters<typeof analyzeCaptures>[1] = { captures, select };
  if (jobs > 1) {
    const { analyzeInJobs } = await import('./jobs.ts');
    const made = await analyzeInJobs(context, jobs, {
      captures,
      limit: undefined,
      congestion,
      timeBudget: true,
      roundTrips: false,
      hasSpans: true,
      grouping: undefined,
      filter: wordsOf(filter),
      isEnough: ({ connections, by }) => connections === by.attempt,
    });
    if (made.analysis !== null) {
      tellNoneThen(context, made.analysis, filter);
      return made.analysis;
    }
    run = { ...run, sourcesOf: made.sourcesOf };
  }
  const { stream } = options;
  const stays = stream === undefined ? null : (id: number) => isStream(id, { stream });
  return analyzeCaptures(context, run, () => ({
    congestion,
    ...attemptsLeave(stays),
    ...(onRow === undefined ? {} : { onRow }),
    ...(filter === undefined ? {} : { filter }),
  }));
}
