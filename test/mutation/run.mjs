// Changes one small thing in a rule, runs the tests that can notice, and says whether one did.
//
//     node test/mutation/run.mjs --folder verdict --count 40 --seed 1
//     node test/mutation/run.mjs --only src/verdict/cause.ts:16        every mutant of one line (or of a file)
//
// Sources on the disk are not touched: the changes are made, each with a switch, while vitest loads the modules.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createVitest } from 'vitest/node';
import { mutantsOf } from './mutants.mjs';
import { switched } from './switches.mjs';
import { testsOf } from './tests.mjs';

/** The catalogue of findings says what they are called and which RFC they cite; catalogue.test.ts reads that as a whole. */
const NO_RULES = /^catalogue/;

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: 'verdict' },
    count: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    tests: { type: 'string' },
    slow: { type: 'string', default: '10000' },
    quick: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const [onlyFile, onlyLine] = options.only?.split(':') ?? [];
const folder = onlyFile?.split('/')[1] ?? options.folder;
const paths = options.tests?.split(',') ?? testsOf(folder);
const mutants = chosen();
const place = mkdtempSync(join(tmpdir(), 'mutation-'));
const how = new Map();
process.env.MUTATION_ORDER = join(place, 'order.json');
// As they are now, though they may be edited while this runs.
const texts = new Map();
const vitest = await started();
try {
  await runTogether();
  // The tests that had made something before they ran, and what else a module made of its constants, know only what is changed from the start.
  for (const { id, isAtLoad } of mutants) if (isAtLoad && !how.has(id) && !options.quick) await runAlone(id);
} finally {
  await vitest.close();
  rmSync(place, { recursive: true });
}
tell();

/** All mutants in one process, as long as that goes well. */
async function runTogether() {
  let others = mutants;
  while (others.length > 0) {
    const { answers, wrong } = await run(others, null);
    for (const { killed, name, unrepeatable } of answers) {
      if (killed !== undefined) how.set(killed, name);
      if (unrepeatable !== undefined) console.log(`  fails when it is run again: ${unrepeatable}`);
    }
    if (wrong === null) return;
    const last = answers.findLast(({ tries }) => tries !== undefined);
    if (last === undefined) throw new Error(wrong);
    const at = others.findIndex(({ id }) => id === last.tries);
    await runAlone(others[at].id);
    others = others.slice(at + 1);
  }
}

async function runAlone(id) {
  const { wrong } = await run([mutants[id]], id);
  if (wrong !== null) how.set(id, wrong);
}

/** The answers of `runner.mjs`, and the first test that failed. */
async function run(tried, alone) {
  const answers = join(place, 'answers');
  writeFileSync(answers, '');
  const wanted = await vitest.globTestSpecifications(paths);
  writeFileSync(
    process.env.MUTATION_ORDER,
    JSON.stringify({ mutants: tried, alone, answers, files: wanted.length, slow: Number(options.slow) }),
  );
  if (wanted.length === 0) throw new Error(`No tests: ${paths.join(' ')}`);
  vitest.state.filesMap.clear();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(wanted);
  const lines = readFileSync(answers, 'utf8').split('\n').filter(Boolean);
  return { answers: lines.map((line) => JSON.parse(line)), wrong: firstFailure(testModules, unhandledErrors) };
}

function firstFailure(modules, errors) {
  for (const module of modules) {
    for (const test of module.children.allTests('failed')) return `${module.relativeModuleId} > ${test.fullName}`;
    if (module.errors().length > 0) return `${module.relativeModuleId}: ${String(module.errors()[0].message)}`;
  }
  return errors.length > 0 ? String(errors[0].message ?? JSON.stringify(errors[0])) : null;
}

function started() {
  const sources = resolve('src');
  const load = (id) => {
    const path = id.split('?')[0];
    if (!path.startsWith(sources) || !path.endsWith('.ts')) return null;
    const own = mutants.filter(({ file }) => resolve(file) === path);
    if (!texts.has(path)) texts.set(path, switched(path, readFileSync(path, 'utf8'), own));
    return texts.get(path);
  };
  return createVitest(
    'test',
    {
      watch: false,
      bail: 1,
      pool: 'forks',
      isolate: false,
      fileParallelism: false,
      maxWorkers: 1,
      runner: resolve(import.meta.dirname, 'runner.mjs'),
      execArgv: ['--max-old-space-size=2000'],
      reporters: [{}],
      onConsoleLog: () => false,
      testTimeout: 3_600_000,
    },
    { plugins: [{ name: 'mutants', enforce: 'pre', load }] },
  );
}

/** The mutants that are asked for, by file and line. */
function chosen() {
  const files = onlyFile
    ? [onlyFile]
    : readdirSync(`src/${folder}`, { recursive: true })
        .filter((name) => name.endsWith('.ts') && !NO_RULES.test(name))
        .map((name) => `src/${folder}/${name}`)
        .sort();
  const all = files.flatMap((file) =>
    mutantsOf(file, readFileSync(file, 'utf8')).map((mutant) => ({ ...mutant, file })),
  );
  const some = onlyFile
    ? all.filter(({ line }) => !onlyLine || line === Number(onlyLine))
    : sample(all, Number(options.count), Number(options.seed));
  return some
    .sort((a, b) => (a.file === b.file ? a.start - b.start : a.file < b.file ? -1 : 1))
    .map((mutant, id) => ({ ...mutant, id }));
}

/** `count` of `all` by a seeded shuffle (mulberry32). */
function sample(all, count, seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const rest = [...all];
  const drawn = [];
  while (drawn.length < count && rest.length > 0) drawn.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return drawn;
}

function tell() {
  const line = ({ file, line, before, after }) => `${file}:${line}  ${before.replaceAll(/\s+/g, ' ')}  ->  ${after}`;
  if (options.verbose)
    for (const mutant of mutants)
      if (how.has(mutant.id)) console.log(`  killed    ${line(mutant)}   [${how.get(mutant.id)}]`);
  for (const mutant of mutants) if (!how.has(mutant.id)) console.log(`  survived  ${line(mutant)}`);
  const share = Math.round((100 * how.size) / mutants.length);
  console.log(`\n${onlyFile ?? `src/${folder}`}: ${how.size} of ${mutants.length} killed (${share} %)`);
}
