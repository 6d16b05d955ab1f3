// Compiles src/ to dist/ and bundles the command of it: loading some two hundred small modules would take longer than
// analysing a small capture. Packages that most commands load are in the bundle. The library keeps its modules. The parts of
// HTML pages are bundled for browsers.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { buildPageParts } from './page-parts.mjs';
import { stampOfSources, writeStamp } from './stamp.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const absolute = (path) => join(process.cwd(), path);

/** Packages that nearly every run loads: finding and opening their files would take a tenth of the start. */
const BUNDLED = ['commander', 'chalk', 'cli-table3', 'yaml', '@marcbachmann/cel-js', 'hyparquet-writer'];
/** What is loaded in one file each, where it is not in one before: every further file takes half a millisecond to open. */
const FILES = {
  start: ['cli/main.js', 'cli/commands/analyze.js'],
  packets: ['cli/commands/packets.js'],
  checking: ['cli/commands/check.js', 'cli/checking.js', 'render/check-terminal.js'],
};

/** `node:process` as a module reads all that the process has, its three streams too, which takes 3 ms; the global is the same object. */
const GLOBAL_PROCESS = {
  name: 'global-process',
  resolveId: (id) => (id === 'node:process' ? 'global-process' : null),
  load: (id) => (id === 'global-process' ? 'module.exports = globalThis.process;' : null),
};

const stamp = stampOfSources();
rmSync('dist/.stamp', { force: true });

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });

rmSync('dist/bundle', { recursive: true, force: true });
const bundle = await rolldown({
  // The second is what threads run: it has a name that they can ask for.
  input: { main: 'dist/cli/main.js', 'shard-worker': 'dist/cli/shard-worker.js' },
  platform: 'node',
  external: isExternal,
  plugins: [GLOBAL_PROCESS],
  // What one command loads late another loads at once.
  checks: { ineffectiveDynamicImport: false, bundlerTimings: false },
});
const { output } = await bundle.write({
  dir: 'dist/bundle',
  // The code that V8 compiles for a module cannot be kept (bin/bundle.js); and V8 keeps an exported binding of a module in a cell,
  // which whoever reads it looks into each time: that took some 4 % of the processor time of a capture of 1,000,000 packets.
  format: 'cjs',
  // A script that is not a module of Node has no import() of its own.
  dynamicImportInCjs: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
  // V8 keeps a source without other characters in half of the memory, and compiles it in nine tenths of the time.
  charset: 'ascii',
  comments: false,
  codeSplitting: { groups: Object.entries(FILES).map(groupOf) },
});
await bundle.close();
writeLicences(output);
await buildPageParts();
const kept = spawnSync(process.execPath, ['scripts/code-cache.cjs'], { stdio: 'inherit' });
process.exitCode = (status ?? 1) || (kept.status ?? 1);
if (process.exitCode === 0) writeStamp(stamp);

/** Packages stay what they are and are found as usual, but for those above and what they depend on. */
function isExternal(id, importer) {
  if (id.startsWith('.') || isAbsolute(id)) return false;
  if (isBuiltin(id)) return id !== 'node:process';
  return !BUNDLED.includes(id) && !importer?.includes('node_modules');
}

/** The modules that these import, and whether one is among them. */
function groupOf([name, roots], index) {
  let modules;
  return {
    debugName: name,
    priority: Object.keys(FILES).length - index,
    name: (id, context) => {
      modules ??= reachable(
        roots.map((root) => absolute(`dist/${root}`)),
        context,
      );
      return modules.has(id) && id !== absolute('dist/cli/main.js') ? name : null;
    },
  };
}

function reachable(ids, context) {
  const found = new Set(ids);
  for (const id of found) for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  return found;
}

/** The licences of the packages that are in the bundle, beside it. */
function writeLicences(chunks) {
  const ids = chunks.flatMap(({ moduleIds = [] }) => moduleIds);
  const folders = new Set(ids.flatMap((id) => /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(id) ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence that could be given with it`);
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  writeFileSync('dist/bundle/LICENCES', `The bundle holds these packages.\n\n${texts.join('\n\n')}`);
}
