import { Exit } from './exit.ts';

const STATUS = { SIGINT: Exit.INTERRUPTED, SIGTERM: Exit.TERMINATED } as const;
type Signal = keyof typeof STATUS;

/**
 * The first SIGINT or SIGTERM ends the reading, so that what was read is still reported; the second one kills the process
 * as if nobody had listened. Returns the function that stops listening.
 */
export function onInterrupt(stop: (status: number) => void): () => void {
  const listener = (signal: Signal) => {
    stopListening();
    stop(STATUS[signal]);
  };
  const stopListening = () => process.off('SIGINT', listener).off('SIGTERM', listener);
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return stopListening;
}
