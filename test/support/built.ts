import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const lock = join(tmpdir(), `tcpscope-build-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
const PATIENCE = 180_000;

/** Brings dist/ up to date with src/. Test files run side by side: one of them builds, the others wait. */
export function build(): void {
  const begin = Date.now();
  while (!take(lock)) {
    if (Date.now() - begin > PATIENCE)
      throw new Error(`another test seems to build dist/ still; if not, remove ${lock}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  try {
    if (isStale()) compile();
  } finally {
    rmdirSync(lock);
  }
}

function take(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function isStale(): boolean {
  const main = join(root, 'dist/bundle/main.cjs');
  if (!existsSync(main)) return true;
  const builtAt = statSync(main).mtimeMs;
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return sources.some((name) => statSync(join(root, 'src', name)).mtimeMs > builtAt);
}

function compile(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: root,
    encoding: 'utf8',
  });
  // Type errors alone, which have a test of their own, do not keep the compiler from writing.
  if (status !== 0 && isStale()) throw new Error(`src/ does not build:\n${stdout}${stderr}`);
}
