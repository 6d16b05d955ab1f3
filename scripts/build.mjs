// Compiles src/ to dist/ and bundles the command of it: loading some two hundred small modules would take longer than
// analysing a small capture. The library keeps its modules. The parts of HTML pages are bundled for browsers.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { buildPageParts } from './page-parts.mjs';
import { stampOfSources, writeStamp } from './stamp.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const absolute = (path) => join(process.cwd(), path);
let startModules;

const stamp = stampOfSources();
rmSync('dist/.stamp', { force: true });

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });

rmSync('dist/bundle', { recursive: true, force: true });
const bundle = await rolldown({
  // The second is what threads run: it has a name that they can ask for.
  input: { main: 'dist/cli/main.js', 'shard-worker': 'dist/cli/shard-worker.js' },
  platform: 'node',
  // Packages stay what they are and are found as usual.
  external: (id) => !id.startsWith('.') && !isAbsolute(id),
});
await bundle.write({
  dir: 'dist/bundle',
  format: 'esm',
  comments: false,
  // What each run of the default command loads lies in one file: every further one takes half a millisecond to open.
  codeSplitting: { groups: [{ name: atStart, debugName: 'start' }] },
});
await bundle.close();
await buildPageParts();
process.exitCode = status ?? 1;
if (status === 0) writeStamp(stamp);

/** The group of a module: whether the default command imports it. */
function atStart(id, context) {
  startModules ??= reachable(['dist/cli/main.js', 'dist/cli/commands/analyze.js'].map(absolute), context);
  return startModules.has(id) && id !== absolute('dist/cli/main.js') ? 'start' : null;
}

function reachable(ids, context) {
  const found = new Set(ids);
  for (const id of found) for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  return found;
}
