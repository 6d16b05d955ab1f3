import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environment, root } from '../cli/tcpscope.ts';

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js');

/** Runs Node in a folder of examples. */
function node(folder: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: join(root, folder),
    encoding: 'utf8',
    env: environment({ CI: 'true' }),
  });
  return { status, text: stdout + stderr };
}
const runJest = (folder: string) => node(folder, ['--experimental-vm-modules', jest, '--no-cache']);

describe('the examples for other test runners', () => {
  it.each(['examples/jest', 'examples/jest-commonjs'])('%s passes', (folder) => {
    const { status, text } = runJest(folder);
    expect(status, text).toBe(0);
    expect(text).toMatch(/1 passed, 1 total/);
  });

  it('examples/node-test passes', () => {
    const { status, text } = node('examples/node-test', ['--test', '--test-reporter=tap']);
    expect(status, text).toBe(0);
    expect(text).toContain('# pass 2');
  });

  it('a matcher that fails in Jest says what was found', () => {
    const folder = mkdtempSync(join(root, 'examples/jest-'));
    try {
      copyFileSync(join(root, 'examples/jest/jest.config.js'), join(folder, 'jest.config.js'));
      writeFileSync(
        join(folder, 'loss.test.js'),
        `import { expect, test } from '@jest/globals';
        import { matchers } from 'tcpscope/matchers';
        expect.extend(matchers);
        test('x', () => expect('../../fixtures/linux-single-loss-sack.pcap').toHaveNoRetransmissions());`,
      );
      const { status, text } = runJest(folder.slice(root.length));
      expect(status).toBe(1);
      expect(text).toContain('retransmissions.count is 1');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
