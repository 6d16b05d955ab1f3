// Whether dist/ is what the sources make: a hash over their names and contents, kept beside what was built from them. Times
// of files would not tell after a checkout.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Besides src/, all that has a say in what is built. */
export const OTHERS = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'bin/bundle.js',
  'scripts/build.mjs',
  'scripts/code-cache.cjs',
  'scripts/page-parts.mjs',
];

/** A hash of everything that dist/ is made from. */
export function stampOfSources(root = ROOT) {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const name of [...sources, ...OTHERS.map((other) => join(root, other)).filter(existsSync)]) {
    const content = readFileSync(name);
    hash.update(`${name.slice(root.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

export function isCurrent(root = ROOT) {
  try {
    return (
      existsSync(join(root, 'dist/bundle/main.cjs')) &&
      readFileSync(join(root, 'dist/.stamp'), 'utf8') === stampOfSources(root)
    );
  } catch {
    return false;
  }
}

/** `stamp` is of the sources as they were before they were built. */
export function writeStamp(stamp, root = ROOT) {
  writeFileSync(join(root, 'dist/.stamp'), stamp);
}
