import { CaptureError, InputError, UsageError } from '../model/errors.ts';

/** What the process ends with. Every command uses these and no others. */
export const Exit = {
  DONE: 0,
  /** An assertion of `check` failed, a stream has a gap that `follow` is not to have, one of several files was unreadable, the
   *  memory was too small for all of the input. */
  FAILED: 1,
  /** The command line is wrong. */
  USAGE: 2,
  /** There was nothing to analyse: no capture could be read. Or the results could not be written. */
  UNREADABLE: 3,
  /** `check` only: the capture cannot tell. */
  INCONCLUSIVE: 4,
  /** A mistake in tcpscope itself (EX_SOFTWARE of sysexits.h): says nothing about the capture. */
  INTERNAL: 70,
  /** 128 + SIGINT, 128 + SIGTERM: what was read until then is reported. */
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

/** The exit status and the lines for stderr that an error stands for; null for a bug (`Exit.INTERNAL`), which keeps its stack. */
export function outcomeOf(error: unknown): { status: number; lines: readonly string[] } | null {
  if (error instanceof UsageError) return { status: Exit.USAGE, lines: error.lines };
  if (error instanceof CaptureError) {
    return { status: Exit.UNREADABLE, lines: [`${error.file ?? 'input'}: ${error.message}`] };
  }
  if (error instanceof InputError) return { status: Exit.UNREADABLE, lines: error.lines };
  return null;
}
