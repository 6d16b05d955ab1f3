import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment, fixture } from '../cli/tcpscope.ts';
import { toolVersion } from '../support/tools.ts';
import { installed } from './installed.ts';

const RUNTIMES = [
  ['bun', []],
  ['deno', ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual']],
] as const;
const there = RUNTIMES.filter(([name]) => toolVersion(name) !== null);
for (const [name] of RUNTIMES)
  if (!there.some(([other]) => other === name)) console.warn(`${name} is not installed: it is not tried`);

const CAPTURE = fixture('linux-single-loss-sack.pcap');
let folder = '';
beforeAll(() => {
  if (there.length === 0) return;
  folder = installed();
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "dependencies": { "tcpscope": "*" } }');
}, 120_000);
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

describe.each(there)('%s', (name, words) => {
  const run = (command: string, args: readonly string[], input: string | Uint8Array = '') => {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      env: environment({ NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' }),
      input,
      timeout: 60_000,
    });
    return { status, stdout, stderr };
  };
  const main = 'node_modules/tcpscope/bin/tcpscope.js';

  it.each([
    [[CAPTURE]],
    [['--json', CAPTURE]],
    [['packets', CAPTURE]],
    [['check', CAPTURE, '--expect', 'retransmissions.count == 0']],
    [['no-such-file.pcap']],
  ])('prints what Node prints: %j', (args) => {
    expect(run(name, [...words, main, ...args])).toEqual(run(process.execPath, [main, ...args]));
  });

  it('reads a pipe', () => {
    const input = readFileSync(CAPTURE);
    expect(run(name, [...words, main, '-'], input)).toEqual(run(process.execPath, [main, '-'], input));
  });

  it('runs the library', () => {
    writeFileSync(
      join(folder, 'library.mjs'),
      `import { analyze } from 'tcpscope';
      const { connections } = await analyze(${JSON.stringify(CAPTURE)});
      console.log(connections.length);`,
    );
    expect(run(name, [...words, 'library.mjs'])).toEqual({ status: 0, stdout: '1\n', stderr: '' });
  });
});

// vitest wants a test in each file.
it.skipIf(there.length > 0)('needs bun or deno', ({ skip }) => skip('neither is installed'));
