import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cold, environment, fixture, root, tcpscope } from '../cli/tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-sea-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const executable = join(folder, process.platform === 'win32' ? 'tcpscope.exe' : 'tcpscope');

/** Why no executable can be made of this Node; null where it can. */
function obstacle(): string | null {
  // Node in a library of its own: the executable would need that beside it.
  const { variables } = process.config as unknown as { variables: Record<string, unknown> };
  if (variables.node_shared === true) return 'this Node lies in a shared library';
  try {
    const copy = join(folder, 'copy');
    copyFileSync(process.execPath, copy);
    const { status } = spawnSync(copy, ['--version']);
    rmSync(copy);
    return status === 0 ? null : 'a copy of this Node does not run';
  } catch (error) {
    return `this Node cannot be copied: ${(error as Error).message}`;
  }
}

const reason = obstacle();
if (reason !== null) console.warn(`no single executable is tried: ${reason}`);

/** From a folder that has no packages: everything must be inside. */
function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: environment(),
    input: '',
  });
  return { status, stdout, stderr };
}

describe.skipIf(reason !== null)('the single executable', () => {
  beforeAll(() => {
    const made = spawnSync(process.execPath, ['scripts/sea.mjs', executable], { cwd: root, encoding: 'utf8' });
    expect(made.status, made.stderr).toBe(0);
    expect(made.stdout).toBe(`${executable}\n`);
  }, 300_000);

  it.each(
    [
      ['--version'],
      [fixture('linux-single-loss-sack.pcap')],
      ['--json', fixture('seed-http-40-packets.pcap')],
      ['packets', fixture('tshark-08-tail-loss.pcap')],
      ['explain', '--lang', 'zh', fixture('linux-echo.pcap')],
      ['flow', '--format', 'svg', fixture('linux-reset.pcap')],
      ['check', fixture('linux-echo.pcap'), '--expect', 'handshake.complete', '--report', 'sarif'],
      ['report', fixture('linux-echo.pcap'), '-o', '-'],
      ['findings', 'tail-loss'],
      ['mcp'],
      ['packets', '--nonsense'],
      ['no-such-file.pcap'],
    ].map((args) => [args]),
  )('does what the command does: %j', (args) => {
    // A server reads its standard input as a process of its own does.
    const expected = (args[0] === 'mcp' ? cold : tcpscope)(args, { cwd: folder });
    expect(run(executable, args)).toEqual(expected);
  });
});
