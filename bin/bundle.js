// Loads dist/bundle with the code that V8 compiled when it was built (scripts/code-cache.cjs): compiling takes half of the start.
'use strict';
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire, enableCompileCache } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

const FOLDER = join(__dirname, '../dist/bundle');
/** Before the code its file has two sums: of the source, and of the code. */
const SUMS = 8;
const requireOther = createRequire(join(FOLDER, 'main.cjs'));

/** The scripts that were run, by the names of their files, and what each of them exports. */
const loaded = new Map();

/**
 * What the file of the bundle exports. Where the code is missing, or another Node made it, Node compiles the file as any other; from
 * Node 22 on it keeps what it compiled for the next start, as tsc and npm have it do.
 */
function load(name) {
  const compiled = compile(name);
  // Undefined where there is none.
  if (compiled.script.cachedDataRejected === false) return run(name, compiled);
  enableCompileCache?.();
  return requireOther(`./${name}`);
}

/** As `load`, whether there is code for it or not. */
function loadKept(name) {
  return loaded.get(name)?.exports ?? run(name, compile(name));
}

function compile(name) {
  const filename = join(FOLDER, name);
  const source = readFileSync(filename);
  const sum = crc32(source);
  // The bundle is ASCII, which is read sooner so.
  const text = `(function (exports, require, module, __filename, __dirname) { ${source.latin1Slice()}\n})`;
  return { script: new Script(text, { filename, cachedData: codeOf(filename, sum) }), sum };
}

function run(name, compiled) {
  const module = { exports: {}, ...compiled };
  loaded.set(name, module);
  compiled.script.runInThisContext()(module.exports, requireIn, module, join(FOLDER, name), FOLDER);
  return module.exports;
}

function requireIn(id) {
  return id.startsWith('./') ? loadKept(id.slice(2)) : requireOther(id);
}

/** The code of a file; undefined where there is none, or none that is whole and of the source with this sum: V8 looks at its length only. */
function codeOf(filename, sum) {
  let kept;
  try {
    kept = readFileSync(`${filename}.code`);
  } catch {
    return undefined;
  }
  if (kept.length < SUMS) return undefined;
  const code = kept.subarray(SUMS);
  return kept.readUInt32LE(0) === sum && kept.readUInt32LE(4) === crc32(code) ? code : undefined;
}

/** Keeps the code of all that was loaded. Whoever starts meanwhile reads a file of code as it was or as it becomes. */
function keepCode() {
  for (const [name, { script, sum }] of loaded) {
    const filename = join(FOLDER, name);
    const code = script.createCachedData();
    const sums = Buffer.alloc(SUMS);
    // Of what was loaded: another build may have written the file since.
    sums.writeUInt32LE(sum, 0);
    sums.writeUInt32LE(crc32(code), 4);
    writeFileSync(`${filename}.code.new`, Buffer.concat([sums, code]));
    renameSync(`${filename}.code.new`, `${filename}.code`);
  }
}

module.exports = { keepCode, load, loadKept };
