/**
 * Runs tcpscope over the captures of other tools' test suites and compares it with what those expect.
 *
 *     node test/peers/run.mjs [--dist DIR] [--only PART-OF-AN-ID] [--verbose]
 *
 * Needs a build (npm run build) and the cases in ../shared/peers; without those it says so and does nothing. Exit: 0 when
 * nothing fails beyond known-differences.json, 1 when something does, 2 without a build.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from './library.mjs';
import { isPresent, missingNotice, run, summarize } from './runner.mjs';

const { values } = parseArgs({
  options: { dist: { type: 'string' }, only: { type: 'string' }, verbose: { type: 'boolean', short: 'v' } },
});
const dist = resolve(values.dist ?? fileURLToPath(new URL('../../dist', import.meta.url)));

if (!isPresent) {
  console.log(missingNotice);
} else if (!existsSync(dist)) {
  console.error(`${dist} is missing. Run: npm run build`);
  process.exitCode = 2;
} else {
  const results = run(await load(pathToFileURL(`${dist}/`)), values.only ?? null);
  for (const { outcome, id, failures, reason } of results) {
    if (outcome === 'failed') console.log(`FAILED ${id}\n${failures.map((text) => `    ${text}`).join('\n')}`);
    else if (values.verbose && reason !== undefined) console.log(`${outcome}: ${id}\n    ${reason}`);
  }
  for (const line of summarize(results)) console.log(line);
  if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}
