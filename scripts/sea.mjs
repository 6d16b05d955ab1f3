// Makes one executable file of Node and the command line (a single executable application): node scripts/sea.mjs [FILE]. It is
// for the platform and the version of Node that make it. The default is dist/tcpscope, dist/tcpscope.exe on Windows.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'postject';
import { rolldown } from 'rolldown';
import { isCurrent } from './stamp.mjs';

const output = resolve(process.argv[2] ?? (process.platform === 'win32' ? 'dist/tcpscope.exe' : 'dist/tcpscope'));
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
if (!isCurrent()) await import('./build.mjs');

/** What Node looks for in itself; the number is that of Node's documentation. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const PARTS = 'dist/page-parts';
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const ENTRY = `
import { main } from ${JSON.stringify(resolve('dist/cli/main.js'))};
main(process.argv.slice(2)).catch((error) => {
  process.exitCode = 70;
  console.error(error);
});`;

/** The two places that read files of the package: here its files are in the executable. */
const REPLACED = [
  [
    /JSON\.parse\(readFileSync\(new URL\('\.\.\/\.\.\/package\.json', import\.meta\.url\), 'utf8'\)\)\.version/,
    JSON.stringify(version),
  ],
  [
    /readFileSync\(new URL\(`\.\.\/\.\.\/dist\/page-parts\/\$\{name\}`, import\.meta\.url\), 'utf8'\)/,
    "process.getBuiltinModule('node:sea').getAsset(name, 'utf8')",
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-sea-'));
try {
  const main = join(folder, 'main.cjs');
  await bundle(main);
  const config = join(folder, 'config.json');
  const blob = join(folder, 'blob');
  const assets = Object.fromEntries(readdirSync(PARTS).map((name) => [name, resolve(PARTS, name)]));
  const sea = { main, output: blob, assets, disableExperimentalSEAWarning: true, useCodeCache: true };
  writeFileSync(config, JSON.stringify(sea));
  run(process.execPath, ['--experimental-sea-config', config]);
  const executable = join(folder, 'tcpscope');
  copyFileSync(process.execPath, executable);
  chmodSync(executable, 0o755);
  // A signature is of what was signed: it is taken off, and made anew below.
  const isMac = process.platform === 'darwin';
  if (isMac) run('codesign', ['--remove-signature', executable]);
  await inject(executable, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: FUSE,
    ...(isMac ? { machoSegmentName: 'NODE_SEA' } : {}),
  });
  if (isMac) run('codesign', ['--sign', '-', executable]);
  copyFileSync(executable, output);
  chmodSync(output, 0o755);
  console.log(output);
} finally {
  rmSync(folder, { recursive: true });
}

/** Everything in one CommonJS file, packages too: that is what Node takes into an executable. */
async function bundle(file) {
  const replaced = new Set();
  const build = await rolldown({
    input: 'entry',
    platform: 'node',
    external: (id) => id.startsWith('node:'),
    // Used where the SDK of the Model Context Protocol is installed; else the command says that it lacks it.
    plugins: [
      {
        name: 'files-of-the-package',
        resolveId: (id) => (id === 'entry' ? id : null),
        load: (id) => (id === 'entry' ? ENTRY : null),
        transform(code) {
          let text = code;
          for (const [pattern, replacement] of REPLACED) {
            if (pattern.test(text)) replaced.add(pattern);
            text = text.replace(pattern, () => replacement);
          }
          return text === code ? null : text;
        },
      },
    ],
  });
  await build.write({ file, format: 'cjs', codeSplitting: false });
  await build.close();
  if (replaced.size < REPLACED.length)
    throw new Error('a place that reads files of the package has changed: see REPLACED in scripts/sea.mjs');
}

function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
