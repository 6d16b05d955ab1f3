// Changes one small thing in a rule, runs the tests that can notice, and says whether one did.
//
//     node test/mutation/run.mjs --folder verdict --count 40 --seed 1
//     node test/mutation/run.mjs --only src/verdict/cause.ts:16        every mutant of one line (or of a file)
//
// Sources on the disk are not touched: the change is made while vitest loads the module.
import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { mutantsOf } from './mutants.mjs';
import { testsOf } from './tests.mjs';

/** A mutant may loop for ever. */
const PATIENCE_MS = 120_000;
/** The catalogue of findings says what they are called and which RFC they cite; catalogue.test.ts reads that as a whole. */
const NO_RULES = /^catalogue/;

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: 'verdict' },
    count: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});

const [onlyFile, onlyLine] = options.only?.split(':') ?? [];
const folder = onlyFile?.split('/')[1] ?? options.folder;
const stages = testsOf(folder);
const mutants = chosen();
let worker = null;
let killed = 0;
const survivors = [];

await run(null, 'the sources as they are');
for (const [i, mutant] of mutants.entries()) {
  const text = `${mutant.file}:${mutant.line}  ${mutant.before.replaceAll(/\s+/g, ' ')}  ->  ${mutant.after}`;
  const how = await run(mutant, text);
  if (how === null) survivors.push(text);
  else killed++;
  console.log(
    `${String(i + 1).padStart(4)} ${how === null ? 'SURVIVED' : 'killed  '} ${text}${how ? `   [${how}]` : ''}`,
  );
}
worker?.kill('SIGKILL');
console.log(
  `\nsrc/${folder}: ${killed} of ${mutants.length} killed (${Math.round((100 * killed) / mutants.length)} %)`,
);
for (const text of survivors) console.log(`  survived  ${text}`);

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
  if (onlyFile) return onlyLine ? all.filter(({ line }) => line === Number(onlyLine)) : all;
  return sample(all, Number(options.count), Number(options.seed)).sort((a, b) =>
    a.file === b.file ? a.start - b.start : a.file < b.file ? -1 : 1,
  );
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

/** The name of the test that noticed, or why the run ended otherwise; null where all tests passed. */
async function run(mutant, text) {
  worker ??= fork(new URL('worker.mjs', import.meta.url), { execArgv: ['--max-old-space-size=2000'] });
  const answer = await new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ how: 'took too long' }), PATIENCE_MS);
    const answered = (message) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      resolve(message);
    };
    worker.once('message', answered);
    worker.once('exit', () => answered({ how: 'ended the process' }));
    worker.send({ mutant, stages });
  });
  if (!('test' in answer)) {
    worker.removeAllListeners();
    worker.kill('SIGKILL');
    worker = null;
  }
  const how = answer.how ?? answer.test;
  if (mutant === null && how !== null) {
    worker?.kill('SIGKILL');
    throw new Error(`${text} fail already: ${how}`);
  }
  return how;
}
