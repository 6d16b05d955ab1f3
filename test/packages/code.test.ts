import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment, fixture } from '../cli/tcpscope.ts';
import { build } from '../support/built.ts';
import { root } from './installed.ts';

let folder = '';
const file = (name: string) => join(folder, 'dist/bundle', name);
const chunk = (name: RegExp) => readdirSync(file('.')).find((entry) => name.test(entry))!;

beforeAll(() => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'tcpscope-code-'));
  for (const name of ['bin', 'package.json', 'dist/bundle'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function node(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: environment() });
  return { status, stdout, stderr };
}

/** Whether the code of main.cjs is good for a Node that is started so: else Node loads the file itself. */
function isUsed(...flags: string[]): boolean {
  const script = `
    const { load } = require(${JSON.stringify(join(folder, 'bin/bundle.js'))});
    console.log(typeof load('main.cjs').main, Object.keys(require.cache).some((name) => name.endsWith('main.cjs')));`;
  const { stdout } = node(...flags, '-e', script);
  expect(stdout).toMatch(/^function (true|false)\n$/);
  return stdout === 'function false\n';
}

/** Does something to a file, looks, and undoes it. */
function changed<T>(path: string, change: (bytes: Buffer) => Buffer | null, look: () => T): T {
  const whole = readFileSync(path);
  try {
    const other = change(Buffer.from(whole));
    if (other === null) rmSync(path);
    else writeFileSync(path, other);
    return look();
  } finally {
    writeFileSync(path, whole);
  }
}

/** The same bytes, one of them another. */
const flipped = (at: number) => (bytes: Buffer) => {
  bytes[at] ^= 1;
  return bytes;
};

/** The same, but for a comment. */
function otherSource(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  expect(text).toContain('// dist/cli/main.js');
  return Buffer.from(text.replace('// dist/cli/main.js', '// dist/cli/name.js'), 'latin1');
}

describe('the code that is kept beside the bundle', () => {
  it('is used by a run, and is there for the commands that a user meets first', () => {
    expect(isUsed()).toBe(true);
    for (const name of ['start', 'packets', 'checking'])
      expect(readdirSync(file('.'))).toContainEqual(expect.stringMatching(`^${name}-.*\\.cjs\\.code$`));
  });

  it('is not used where V8 has other flags', () => {
    expect(isUsed('--stack-size=900')).toBe(false);
  });

  it.each<[string, (bytes: Buffer) => Buffer | null]>([
    ['is missing', () => null],
    ['is empty', () => Buffer.alloc(0)],
    ['is cut', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['has another byte', flipped(40)],
  ])('is not used where it %s', (_, change) => {
    expect(changed(file('main.cjs.code'), change, () => isUsed())).toBe(false);
  });

  it('is not used for another source of the same length', () => {
    expect(changed(file('main.cjs'), otherSource, () => isUsed())).toBe(false);
  });

  it('is that of the source that was loaded, also where the file has changed before it is kept', () => {
    const keep = (isChanged: boolean) => {
      const script = `
        const { keepCode, loadKept } = require(${JSON.stringify(join(folder, 'bin/bundle.js'))});
        loadKept('main.cjs');
        const { readFileSync, writeFileSync } = require('node:fs');
        const name = ${JSON.stringify(file('main.cjs'))};
        const text = readFileSync(name, 'latin1');
        if (${isChanged}) writeFileSync(name, text.replace('// dist/cli/main.js', '// dist/cli/name.js'), 'latin1');
        keepCode();`;
      expect(node('-e', script)).toEqual({ status: 0, stdout: '', stderr: '' });
      return isUsed();
    };
    const same = (bytes: Buffer) => bytes;
    expect(changed(file('main.cjs'), same, () => keep(true))).toBe(false);
    expect(isUsed()).toBe(true);
    expect(keep(false)).toBe(true);
  });

  it('changes nothing of what is printed', () => {
    const run = () => node(join(folder, 'bin/tcpscope.js'), fixture('linux-single-loss-sack.pcap'));
    const whole = run();
    expect(whole).toMatchObject({ status: 0, stderr: '' });
    expect(changed(file('main.cjs.code'), () => null, run)).toEqual(whole);
    expect(changed(file(`${chunk(/^start-.*\.cjs$/)}.code`), flipped(40), run)).toEqual(whole);
  });
});

it('says that nothing is built where the bundle is missing', () => {
  const place = mkdtempSync(join(tmpdir(), 'tcpscope-unbuilt-'));
  try {
    cpSync(join(root, 'bin'), join(place, 'bin'), { recursive: true });
    expect(node(join(place, 'bin/tcpscope.js'), '--version')).toEqual({
      status: 70,
      stdout: '',
      stderr: 'tcpscope: not built yet (dist/ is missing). Run: npm run build\n',
    });
  } finally {
    rmSync(place, { recursive: true });
  }
});
