import { getHeapStatistics, type HeapInfo, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { InvalidArgumentError } from 'commander';
import { BYTE_UNITS } from './byte-units.ts';

/**
 * Of the heap that V8 allows, so much may be in use while captures are read, and at least so many bytes are left: the
 * report is made with the rest, which takes something for each connection and for each of up to 50,000 findings.
 */
const SHARE = 0.5;
const RESERVE = 150 * 2 ** 20;
/** What the process takes beside what it keeps: Node.js itself, its code, buffers, and young objects. */
const PROCESS = 110 * 2 ** 20;
/** The least that `--memory` may be: with less not even a small capture is read. */
const LEAST = 160 * 2 ** 20;
/** Of what is allowed, so much is full: between two measurements comes more. */
const FULL = 0.8;
/** The heap is cleaned for a measurement no sooner than when it has grown by this share of its limit. */
const STEP = 0.05;
/** While less than half of that is in use V8 is asked every so many times only: it takes some 12 us to answer. */
const SELDOM = 4;

/** `--memory`: `500M`, `2G`: bytes that the process may take. */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG])(?:i?B)?$/i.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be an amount of memory, such as 500M or 2G.');
  const bytes = Number(match[1]) * BYTE_UNITS[match[2].toUpperCase()];
  if (bytes < LEAST) throw new InvalidArgumentError(`It must be at least ${LEAST / 2 ** 20}M.`);
  return bytes;
}

/**
 * Tells whether the memory is nearly full of what is needed: that which `--memory` allows (bytes), or a share of the heap. A heap
 * that is full ends the process with nothing of what was found (status 134), so whoever reads makes room before. What looks
 * full may be garbage: that is collected first.
 */
export function heapWatch(allowed: number | null = null): () => boolean {
  let next = 0;
  let skipped = SELDOM;
  return () => {
    if (++skipped < SELDOM) return false;
    const statistics = getHeapStatistics();
    const limit = statistics.heap_size_limit;
    const byHeap = Math.min(SHARE * limit, limit - RESERVE);
    const most = allowed === null ? byHeap : Math.min(byHeap, allowed - PROCESS);
    const full = allowed === null ? most : FULL * most;
    const used = usedOf(statistics, allowed);
    if (2 * used < full) skipped = 0;
    if (used < Math.max(next, full)) return false;
    collectGarbage();
    const needed = usedOf(getHeapStatistics(), allowed);
    next = Math.min(needed + STEP * limit, Math.max(full, needed + STEP * most));
    // So little came free that the next measurement would come soon, and each takes long.
    return needed >= full - STEP * most;
  };
}

/**
 * Where no rows are kept, hardly anything that is made for a packet outlives it: objects that are young need no more room than they
 * have in the beginning. V8 would let that grow to three times 16 MiB, which is a tenth of the peak of a large capture and saves no time.
 */
export function keepYoungSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** A limit that the user set counts what lies outside of the heap as well. */
function usedOf({ used_heap_size: heap, external_memory: external }: HeapInfo, allowed: number | null): number {
  return allowed === null ? heap : heap + external;
}

/** There is no other way to ask for it without an option of the command line. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
}
