import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** First line of what the tool says of its version, or null if it is not installed. */
export function toolVersion(tool: string): string | null {
  const { error, stdout, stderr } = spawnSync(tool, ['--version'], { encoding: 'utf8' });
  return error ? null : (stdout || stderr).split('\n')[0];
}

/** What a tool prints on the capture, in UTC; `FILE` among its arguments is where the capture is. */
export function run(tool: string, args: readonly string[], capture: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
  const file = join(folder, 'capture');
  try {
    writeFileSync(file, capture); // a file, since tshark does not read the sockets that Node has for pipes
    return execFileSync(
      tool,
      args.map((arg) => (arg === 'FILE' ? file : arg)),
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28, env: { ...process.env, TZ: 'UTC' } },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What tcpdump prints of each packet, on one line each. */
export function tcpdump(capture: Uint8Array, ...args: string[]): string[] {
  const text = run('tcpdump', ['-n', ...args, '-r', 'FILE'], capture);
  return text
    .trimEnd()
    .split(/\n(?=\S)/)
    .map((packet) => packet.replace(/\s*\n\s+/g, ' '));
}
