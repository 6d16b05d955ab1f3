import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { environment } from '../cli/tcpscope.ts';
import { root } from './installed.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-api-'));
afterAll(() => rmSync(folder, { recursive: true }));
const typedoc = join(root, 'node_modules/typedoc/bin/typedoc');

describe('the documentation of the library', { timeout: 300_000 }, () => {
  it('is made without a warning: every type that the library names is exported', () => {
    // The types are checked by a step of their own, in a quarter of the time.
    const strict = ['--treatWarningsAsErrors', '--skipErrorChecking', '--logLevel', 'Warn'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [typedoc, ...strict, '--out', folder], {
      cwd: root,
      encoding: 'utf8',
      env: environment(),
    });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
    for (const page of ['index.html', 'functions/index.analyze.html', 'interfaces/index.Packet.html'])
      expect(existsSync(join(folder, page)), page).toBe(true);
  });
});
