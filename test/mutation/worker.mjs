// One vitest for many runs: each message names a mutant (or null) and the stages of test files, the answer names the first
// test that failed, or null.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createVitest } from 'vitest/node';

let mutant = null;

const plugin = {
  name: 'mutant',
  enforce: 'pre',
  load(id) {
    if (mutant === null || id.split('?')[0] !== resolve(mutant.file)) return null;
    const text = readFileSync(mutant.file, 'utf8');
    return text.slice(0, mutant.start) + mutant.after + text.slice(mutant.end);
  },
};

const vitest = await createVitest(
  'test',
  {
    watch: false,
    bail: 1,
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    reporters: [{}],
    onConsoleLog: () => false,
    testTimeout: 60_000,
  },
  { plugins: [plugin] },
);

process.on('message', async ({ mutant: next, stages }) => {
  change(next);
  let test = null;
  for (const stage of stages) {
    test = await firstFailure(stage);
    if (test !== null) break;
  }
  change(null);
  process.send({ test });
});

function change(next) {
  const file = next?.file ?? mutant?.file;
  mutant = next;
  if (file !== undefined) vitest.invalidateFile(resolve(file));
}

async function firstFailure(paths) {
  const wanted = await vitest.globTestSpecifications(paths);
  // The results of other stages and of earlier mutants are kept with the rest.
  vitest.state.filesMap.clear();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(wanted);
  const asked = new Set(wanted.map(({ moduleId }) => moduleId));
  for (const module of testModules.filter(({ moduleId }) => asked.has(moduleId))) {
    for (const test of module.children.allTests('failed')) return test.fullName;
    if (module.errors().length > 0) return `${module.relativeModuleId}: ${String(module.errors()[0].message)}`;
  }
  if (wanted.length === 0) return `no tests: ${paths.join(' ')}`;
  return unhandledErrors.length > 0 ? String(unhandledErrors[0]) : null;
}
