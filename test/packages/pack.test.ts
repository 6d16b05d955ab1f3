import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, environment, fixture, tcpscope } from '../cli/tcpscope.ts';
import { installed, manifestOf, root } from './installed.ts';

let folder = '';
beforeAll(() => {
  folder = installed();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs Node in the folder of the user. */
function node(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: environment(),
  });
  return { status, stdout, stderr };
}

function script(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

const CAPTURE = fixture('linux-single-loss-sack.pcap');
const own = () => join(folder, 'node_modules/tcpscope/bin/tcpscope.js');

describe('the package, with its dependencies and nothing else', () => {
  it.each([
    [[CAPTURE]],
    [['--json', CAPTURE]],
    [['explain', CAPTURE]],
    [['packets', CAPTURE]],
    [['flow', '--format', 'svg', CAPTURE]],
    [['check', CAPTURE, '--expect', 'handshake.complete', '--report', 'junit']],
    [['findings', 'tail-loss']],
  ])('prints what the project prints: %j', (args) => {
    const packed = node(own(), ...args);
    expect(packed).toEqual(tcpscope(args, { cwd: folder }));
    expect(packed).toMatchObject({ status: 0, stderr: '' });
  });

  it('is imported', () => {
    const path = script(
      'main.mjs',
      "import { analyze } from 'tcpscope';",
      "import { matchers } from 'tcpscope/matchers';",
      `const { connections } = await analyze(${JSON.stringify(CAPTURE)});`,
      'console.log(connections.length, typeof matchers.toHold);',
    );
    expect(node(path)).toEqual({ status: 0, stdout: '1 function\n', stderr: '' });
  });

  it('is required from CommonJS', () => {
    const path = script(
      'main.cjs',
      "const { analyze, check, readPackets } = require('tcpscope');",
      "const { matchers } = require('tcpscope/matchers');",
      "const { version } = require('tcpscope/package.json');",
      "const { $id } = require('tcpscope/schema/rules.schema.json');",
      `analyze(${JSON.stringify(CAPTURE)}).then(({ connections }) =>`,
      '  console.log(connections.length, typeof check, typeof readPackets, typeof matchers.toHold, version, $id));',
    );
    const { status, stdout } = node(path);
    const { version } = manifestOf(root);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `1 function function function ${version} https://unpkg.com/tcpscope/schema/rules.schema.json\n`,
    });
  });

  it('brings its documents, schemas and types, and neither its sources nor its tests', () => {
    const at = (name: string) => existsSync(join(folder, 'node_modules/tcpscope', name));
    for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/check.md', 'schema/report.schema.json'])
      expect(at(name), name).toBe(true);
    expect(at('dist/index.d.ts')).toBe(true);
    for (const name of ['src', 'test', 'fixtures', 'scripts', '.ci']) expect(at(name), name).toBe(false);
  });

  it('says what mcp lacks where the optional package is not installed', () => {
    expect(node(own(), 'mcp')).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'tcpscope: error: mcp needs the package @modelcontextprotocol/sdk, which is not installed\n' +
        'Install it beside tcpscope: npm install @modelcontextprotocol/sdk (with -g where tcpscope is installed so)\n' +
        'Try: tcpscope mcp --help\n',
    });
  });

  it('writes rules that name its own schema to editors', () => {
    const schemaOf = (file: string) =>
      /^# yaml-language-server: \$schema=(\S+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    for (const place of ['.', 'deeper/and deeper']) {
      mkdirSync(join(folder, place), { recursive: true });
      const rules = join(folder, place, 'tcp.yaml');
      expect(node(own(), 'init', CAPTURE, '-q', '-o', rules)).toEqual({ status: 0, stdout: '', stderr: '' });
      const schema = new URL(schemaOf(rules), pathToFileURL(rules));
      expect(JSON.parse(readFileSync(schema, 'utf8'))).toMatchObject({ title: 'tcpscope rules' });
    }
    // Elsewhere the schema is that of the published package, of the same version.
    const elsewhere = node(own(), 'init', CAPTURE, '-o', '-').stdout;
    expect(elsewhere).toContain('$schema=./node_modules/tcpscope/schema/rules.schema.json');
    const { stdout } = spawnSync(process.execPath, [bin, 'init', CAPTURE, '-o', '-'], { cwd: '/', encoding: 'utf8' });
    expect(stdout).toContain(`$schema=https://unpkg.com/tcpscope@${manifestOf(root).version}/schema/rules.schema.json`);
  });
});

describe('package.json', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

  it('says where the project lives, and asks for provenance', () => {
    expect(manifest).toMatchObject({
      repository: { type: 'git', url: 'git+https://github.com/tcpscope/tcpscope.git' },
      homepage: expect.stringMatching(/^https:/),
      bugs: { url: expect.stringMatching(/^https:/) },
      license: 'MIT',
      publishConfig: { access: 'public', provenance: true },
    });
  });

  it('has a version that the changelog knows, and pins what it depends on', () => {
    expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
    const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
    const versions = [...changelog.matchAll(/^## \[(.+?)\]/gm)].map(([, name]) => name);
    expect(versions[0]).toBe('Unreleased');
    expect(['Unreleased', manifest.version]).toContain(versions[1] ?? 'Unreleased');
    for (const [name, version] of Object.entries(manifest.dependencies))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

it('installs by npm', { timeout: 120_000 }, ({ skip }) => {
  const place = join(folder, 'by-npm');
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{ "private": true }');
  const { version } = manifestOf(root);
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=0'];
  const { error, status, stderr } = spawnSync('npm', [...install, join(folder, `tcpscope-${version}.tgz`)], {
    cwd: place,
    encoding: 'utf8',
    timeout: 90_000,
  });
  if (error !== undefined || (status !== 0 && /E(NOTFOUND|AI_AGAIN|CONN|TIMEDOUT|NOTCACHED|4\d\d|5\d\d)/.test(stderr)))
    skip('the registry does not answer');
  expect(stderr).toBe('');
  expect(existsSync(join(place, 'node_modules/vitest'))).toBe(false);
  const command = join(place, 'node_modules/.bin/tcpscope');
  const run = spawnSync(command, ['--version'], { encoding: 'utf8', env: environment() });
  expect(run).toMatchObject({ status: 0, stdout: `${version}\n` });
});
