import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
// @ts-expect-error a script without types
import { OTHERS } from '../../scripts/stamp.mjs';
import { toolVersion } from '../support/tools.ts';
import { manifestOf, root } from './installed.ts';
import { makeStandIns } from './stand-ins.ts';

const text = readFileSync(join(root, 'Dockerfile'), 'utf8');

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Instructions with their lines joined, without comments. */
const instructions: Instruction[] = text
  .replace(/^#.*$/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line.trim()))
  .flatMap((match) => (match === null ? [] : [{ word: match[1], rest: match[2] }]));
const stages = instructions.flatMap(({ word }, i) => (word === 'FROM' ? [i] : []));
const last = instructions.slice(stages.at(-1));
const of = (list: readonly Instruction[], word: string) =>
  list.filter((one) => one.word === word).map(({ rest }) => rest);

/** Whether .dockerignore lets a path of the project into the build: everything is out, but for what is named. */
const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').trim().split('\n');
const isSent = (path: string) =>
  ignored.some((line) => line.startsWith('!') && `${path}/`.startsWith(`${line.slice(1)}/`));

describe('the Dockerfile', () => {
  it('has nothing that a linter objects to', () => {
    expect(validate(text)).toEqual([]);
    expect(validate('FROM a\nFROMM b\n')).not.toEqual([]);
  });

  it.skipIf(toolVersion('hadolint') === null)('has nothing that hadolint objects to, where that is installed', () => {
    const { status, stdout } = spawnSync('hadolint', ['-'], { input: text, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it('names versions of its base images', () => {
    expect(stages.length).toBeGreaterThan(1);
    for (const image of of(instructions, 'FROM')) {
      const [name] = image.split(' ');
      expect(name).toMatch(/:[\w.-]+$|@sha256:/);
      expect(name).not.toMatch(/:latest$/);
    }
  });

  it('runs as nobody that is root, without a shell', () => {
    expect(of(last, 'FROM')[0]).toContain('distroless');
    expect(of(last, 'RUN')).toEqual([]);
    expect(of(last, 'USER').at(-1)).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    // In brackets: without them a shell would be asked to run it.
    for (const word of ['ENTRYPOINT', 'CMD', 'RUN'])
      for (const rest of of(instructions, word)) expect(JSON.parse(rest), word).toBeInstanceOf(Array);
    expect(of(last, 'ENTRYPOINT')).toHaveLength(1);
  });

  it('takes nothing from the network by itself, and holds no secrets', () => {
    expect(of(instructions, 'ADD')).toEqual([]);
    expect(text).not.toMatch(/\b(token|password|secret)\b/i);
    expect(text).not.toMatch(/^\s*RUN.*\b(curl|wget|sudo)\b/m);
  });

  it('copies what is there, and what .dockerignore lets through', () => {
    for (const path of ['src', 'bin', 'schema', 'scripts', ...OTHERS]) expect(isSent(path), path).toBe(true);
    for (const path of ['test', 'node_modules', 'dist', '.git', 'fixtures', '.env'])
      expect(isSent(path), path).toBe(false);
    const copied = of(last, 'COPY').flatMap((rest) => rest.split(' ').slice(1, -1));
    const made = ['dist', 'node_modules'];
    for (const path of copied.map((name) => name.replace('/build/', '')))
      expect(made.includes(path) || (existsSync(join(root, path)) && isSent(path)), path).toBe(true);
    // What bin/tcpscope.js and the bundle read.
    for (const path of ['package.json', 'bin', 'dist', 'node_modules', 'schema'])
      expect(copied).toContain(`/build/${path}`);
  });
});

/** A tool that builds images here and now; null where there is none. */
const builder = ['docker', 'podman', 'buildah'].find(
  (tool) => spawnSync(tool, tool === 'buildah' ? ['info'] : ['version'], { timeout: 20_000 }).status === 0,
);
if (builder === undefined) console.warn('no image is built: neither docker nor podman nor buildah works here');

describe.skipIf(builder === undefined)('the image', () => {
  it('is built, and says its version', { timeout: 900_000 }, ({ skip }) => {
    const tag = 'tcpscope-test';
    const built = spawnSync(builder!, [builder === 'buildah' ? 'bud' : 'build', '-t', tag, root], { encoding: 'utf8' });
    const said = built.stdout + built.stderr;
    if (
      built.status !== 0 &&
      /(pull|resolve|registry|dial tcp|lookup|EAI_AGAIN|timeout|denied|unauthorized)/i.test(said)
    )
      skip('the base images or the registry cannot be reached');
    expect(built.status, said).toBe(0);
    if (builder === 'buildah') return;
    const run = spawnSync(builder!, ['run', '--rm', '--network', 'none', '--read-only', tag, '--version'], {
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0, stdout: `${manifestOf(root).version}\n` });
    expect(spawnSync(builder!, ['run', '--rm', '--entrypoint', '/bin/sh', tag, '-c', 'id']).status).not.toBe(0);
  });
});

/** Takes minutes: asked for by TCPSCOPE_STAND_INS=1, where buildah works. */
const hasBuildah = spawnSync('buildah', ['--version']).status === 0;
const isAsked = process.env.TCPSCOPE_STAND_INS === '1' && process.platform === 'linux';
if (hasBuildah && !isAsked)
  console.warn('the image is not built on stand-ins of its base images: TCPSCOPE_STAND_INS=1');

describe.skipIf(!hasBuildah || !isAsked)('the image, on stand-ins of its base images', () => {
  it('is built, runs as nobody that is root, and analyses a capture', { timeout: 900_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'tcpscope-image-'));
    const storage = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
    const buildah = (args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync('buildah', [...storage, ...args], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      expect(status, stdout + stderr).toBe(0);
      return stdout;
    };
    try {
      makeStandIns(
        folder,
        of(instructions, 'FROM').map((image) => image.split(' ')[0]),
        buildah,
      );
      buildah(['bud', '--pull-never', '--isolation', 'chroot', '-t', 'tcpscope-test', root]);
      const container = buildah(['from', '--pull-never', 'tcpscope-test']).trim();
      const { config } = JSON.parse(buildah(['inspect', '--type', 'image', 'tcpscope-test'])).OCIv1;
      const run = (...args: string[]) =>
        buildah(['run', '--isolation', 'chroot', '-v', `${join(root, 'fixtures')}:/data:ro`, container, '--', ...args]);
      const [node] = config.Entrypoint;
      expect(run(...config.Entrypoint, ...config.Cmd)).toContain('Usage: tcpscope');
      expect(run(...config.Entrypoint, '--version')).toBe(`${manifestOf(root).version}\n`);
      expect(run(...config.Entrypoint, 'linux-echo.pcap')).toContain('Capture: good');
      expect(run(node, '-p', 'process.getuid()')).toBe('65532\n');
      // What only the development needs is not in it.
      expect(run(node, '-p', "require('fs').existsSync('/app/node_modules/vitest')")).toBe('false\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
