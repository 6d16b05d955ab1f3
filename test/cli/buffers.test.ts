import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { bin, environment, fixture } from './tcpscope.ts';

/** What V8 gives up to assume while this runs. */
function givenUp(...args: string[]): string {
  const options = { encoding: 'utf8', env: environment() } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--trace-protector-invalidation', ...args], options);
  expect(status).toBe(0);
  return stdout + stderr;
}

// From the first detached buffer on V8 looks at every access to a typed array, wherever it is, whether its buffer is detached.
it('detaches no buffer while a capture is read', () => {
  expect(givenUp('-e', 'new WebAssembly.Memory({ initial: 1 }).grow(1)')).toContain('ArrayBufferDetaching');
  expect(givenUp(bin, fixture('linux-slow-reader.pcap'))).not.toContain('ArrayBufferDetaching');
});
