// What runs the tests (`test.runner` of vitest): all of them once as they are, and then, for each mutant, those that reach it, the quick ones
// first, until one fails.
import { setMaxListeners } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { TestRunner, vi } from 'vitest';

/** A changed loop may go on for ever. */
const PATIENCE_MS = 15_000;
const STEPS = 100_000;
/** `slow`: what takes longer (ms) is not run again for each mutant. */
const { mutants, alone, answers, files, slow } = JSON.parse(readFileSync(process.env.MUTATION_ORDER, 'utf8'));
/** All tests: `{ fn, name, ms, reached }`. */
const tests = [];
let filesRun = 0;
let reached = null;
let present = alone === null ? null : mutants[0];
let steps = 0;
let deadline = Number.POSITIVE_INFINITY;

globalThis.mutation = {
  /** What makes the constants of the modules anew. */
  constants: [],
  is(id) {
    reached?.add(id);
    return present !== null && id === present.id;
  },
  goesOn() {
    if (++steps % STEPS === 0 && Date.now() > deadline) throw new Error('took too long');
    return true;
  },
};

export default class extends TestRunner {
  async runTask(test) {
    const fn = TestRunner.getTestFn(test);
    // Each call of `fn` listens to it.
    setMaxListeners(0, test.context.signal);
    const start = performance.now();
    reached = new Set();
    try {
      await fn();
    } finally {
      tests.push({ fn, name: `${test.file.name} > ${test.name}`, ms: performance.now() - start, reached });
      reached = null;
    }
  }

  async onAfterRunFiles(...args) {
    await super.onAfterRunFiles(...args);
    if (++filesRun < files || alone !== null) return;
    tests.splice(0, tests.length, ...tests.filter(({ ms }) => ms < slow).sort((a, b) => a.ms - b.ms));
    for (const mutant of mutants) await look(mutant);
  }
}

async function look(mutant) {
  answer({ tries: mutant.id });
  change(mutant, mutant);
  for (const test of tests) {
    if (!mutant.isAtLoad && !test.reached.has(mutant.id)) continue;
    // vitest's main process wants an answer now and then.
    await setImmediate();
    if (!(await fails(test))) continue;
    change(null, mutant);
    if (!(await fails(test))) return answer({ killed: mutant.id, name: test.name });
    // What is kept from one run to the next makes it fail: it tells nothing any more.
    answer({ unrepeatable: test.name });
    tests.splice(tests.indexOf(test), 1);
    return look(mutant);
  }
  change(null, mutant);
}

function change(next, { isAtLoad }) {
  present = next;
  steps = 0;
  if (isAtLoad) for (const makeAnew of globalThis.mutation.constants) makeAnew();
}

async function fails({ fn }) {
  deadline = Date.now() + PATIENCE_MS;
  try {
    await fn();
    return false;
  } catch {
    return true;
  } finally {
    deadline = Number.POSITIVE_INFINITY;
    // Hooks are not run again.
    vi.restoreAllMocks();
  }
}

function answer(line) {
  appendFileSync(answers, `${JSON.stringify(line)}\n`);
}
