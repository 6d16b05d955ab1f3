import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Of the heap that V8 allows, so much may be in use while captures are read, and so many bytes are left at the least: the
 * report is made with the rest, which takes something for each connection and for each of up to 50,000 findings.
 */
const SHARE = 0.5;
const RESERVE = 150 * 2 ** 20;
/** The heap is cleaned for a measurement no sooner than when it has grown by this share. */
const STEP = 0.05;

/**
 * Tells whether the heap is nearly full of what is needed. A heap that is full ends the process with nothing of what was
 * found (status 134), so whoever reads stops before. What looks full may be garbage: that is collected first.
 */
export function heapWatch(): () => boolean {
  let next = 0;
  return () => {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    const most = Math.min(SHARE * limit, limit - RESERVE);
    if (used < Math.max(next, most)) return false;
    collectGarbage();
    const needed = getHeapStatistics().used_heap_size;
    next = needed + STEP * limit;
    return needed >= most;
  };
}

/** There is no other way to ask for it without an option of the command line. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
}
