import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../support/built.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A package.json, as far as it is read here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** What `npm pack` makes of this folder; a path in `folder`. */
export function pack(folder: string): string {
  build();
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  if (status !== 0) throw new Error(`npm pack: ${stderr}`);
  const said = JSON.parse(stdout);
  const [{ filename }] = Array.isArray(said) ? said : (Object.values(said) as { filename: string }[]);
  return join(folder, filename);
}

/** Where a package that `from` needs lies: in its own node_modules, or further up. */
export function locate(name: string, from: string): string | null {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(at) === at) return null;
  }
}

/**
 * A folder of a user who has the packed package and what it depends on, and nothing else: nothing that only the development
 * needs is found from there. The packages are copies of those that are installed here, so that no registry is asked.
 */
export function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tcpscope-installed-'));
  const modules = join(folder, 'node_modules');
  const own = join(modules, 'tcpscope');
  mkdirSync(own, { recursive: true });
  const { status, stderr } = spawnSync('tar', ['-xzf', pack(folder), '-C', own, '--strip-components=1'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`tar: ${stderr}`);
  addDependencies(own, root, modules);
  return folder;
}

/** Copies what a package depends on, and what that depends on in its turn. */
function addDependencies(manifest: string, from: string, modules: string): void {
  for (const name of Object.keys(manifestOf(manifest).dependencies ?? {})) {
    const source = locate(name, from);
    if (source === null) throw new Error(`${name} is not installed: npm ci`);
    const target = join(modules, name);
    if (existsSync(target)) continue;
    cpSync(source, target, { recursive: true, filter: (path) => !path.slice(source.length).includes('node_modules') });
    addDependencies(target, source, modules);
  }
}
