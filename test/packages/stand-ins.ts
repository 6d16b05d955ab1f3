import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes images of the Node, the npm and the libraries of this machine and gives them the names in `images`, so that the
 * Dockerfile can be built where their registries are out of reach. What it does is shown by that; what the real images hold
 * is not. `buildah` runs it with the arguments that choose the storage; `folder` is for its files.
 */
export function makeStandIns(
  folder: string,
  images: readonly string[],
  buildah: (args: readonly string[]) => void,
): void {
  const base = join(folder, 'base');
  for (const path of [
    'usr/local/bin',
    'usr/local/lib/node_modules',
    'usr/bin',
    'bin',
    'nodejs/bin',
    'tmp',
    'etc',
    'root',
  ])
    mkdirSync(join(base, path), { recursive: true });
  const programs = [
    [process.execPath, 'usr/local/bin/node'],
    ['/bin/sh', 'bin/sh'],
    ['/usr/bin/env', 'usr/bin/env'],
  ];
  for (const [from, to] of programs) copyFileSync(realpathSync(from), join(base, to));
  symlinkSync('/usr/local/bin/node', join(base, 'nodejs/bin/node'));
  const npm = realpathSync(spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim());
  cpSync(join(dirname(npm), '..'), join(base, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(base, 'usr/local/bin/npm'));
  for (const library of librariesOf(programs.map(([from]) => from))) {
    mkdirSync(join(base, dirname(library)), { recursive: true });
    copyFileSync(realpathSync(library), join(base, library));
  }
  const lines = ['FROM scratch', 'COPY base/ /', 'ENV PATH=/usr/local/bin:/usr/bin:/bin'];
  const { NODE_EXTRA_CA_CERTS: certificates } = process.env;
  if (certificates !== undefined && existsSync(certificates)) {
    copyFileSync(certificates, join(base, 'etc/certificates.pem'));
    lines.push('ENV NODE_EXTRA_CA_CERTS=/etc/certificates.pem');
  }
  writeFileSync(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
  buildah(['bud', '--isolation', 'chroot', ...images.flatMap((name) => ['-t', fullName(name)]), folder]);
}

/** `node:24` is docker.io's. */
function fullName(image: string): string {
  return image.includes('/') ? image : `docker.io/library/${image}`;
}

/** The shared libraries of programs, and those of the C library that add-ons of Node may want besides. */
function librariesOf(programs: readonly string[]): string[] {
  const { stdout } = spawnSync('ldd', programs, { encoding: 'utf8' });
  const linked = [...new Set([...stdout.matchAll(/(\/\S*lib\S*\.so\S*)(?= \(|$)/gm)].map(([, path]) => path))];
  const place = dirname(linked.find((path) => /\/libc\.so/.test(path)) ?? '/lib');
  const more = [
    'librt.so.1',
    'libresolv.so.2',
    'libnss_dns.so.2',
    'libnss_files.so.2',
    'libdl.so.2',
    'libpthread.so.0',
  ];
  return [...new Set([...linked, ...more.map((name) => join(place, name)).filter((path) => existsSync(path))])];
}
