import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { concat, Pcapng, text } from '../capture/build.ts';
import { root, tcpscope } from '../cli/tcpscope.ts';
import { scenario } from '../support/scenario.ts';

/** Pages and captures of one test file, in a folder of its own. */
export class Pages {
  readonly folder = mkdtempSync(join(tmpdir(), 'tcpscope-page-'));
  /** Numbers of those that were written, by their arguments. */
  private readonly pages = new Map<string, number>();

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  file(name: string, bytes: Uint8Array | string): string {
    writeFileSync(this.path(name), bytes);
    return this.path(name);
  }

  /** The address of a report. What was asked for before is there. */
  report(captures: readonly string[], ...options: string[]): string {
    return this.written(['report', ...captures, ...options]);
  }

  app(): string {
    return this.written(['app']);
  }

  size(url: string): number {
    return statSync(new URL(url)).size;
  }

  private written(args: readonly string[]): string {
    const asked = JSON.stringify(args);
    const path = this.path(`page-${this.pages.get(asked) ?? this.pages.size}.html`);
    if (!this.pages.has(asked)) {
      this.pages.set(asked, this.pages.size);
      const { status, stderr, stdout } = tcpscope([...args, '-o', path]);
      expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: '' });
    }
    return pathToFileURL(path).href;
  }

  /** A hundred connections or more, as a busy server sees them. */
  many(connections = 120): string {
    const path = this.path('many.pcap');
    const sizes = ['--packets', String(20 * connections), '--bytes', String(7500 * connections)];
    const options = [...sizes, '--connections', String(connections), '--seed', '7'];
    const { status } = spawnSync(process.execPath, ['test/bench/generate.mjs', ...options, '--out', path], {
      cwd: root,
    });
    expect(status).toBe(0);
    return path;
  }
}

/** What a page could obey, or a terminal. */
export const HOSTILE =
  '</script><script>globalThis.hit=1</script><img src=x onerror="globalThis.hit=1">\u2028\x1b]0;t\x07\x1b[31m\u202egpj.exe\u2066x\0"\'&amp;{{1}}';

/** A capture in which everything that may be text is hostile. */
export function hostileCapture(): Uint8Array {
  const builder = new Pcapng();
  const { lines, packets } = scenario(
    {},
    `0.000 > S   seq 0 <mss 1460>
     0.010 < S.  seq 0 ack 1 <mss 1460>
     0.020 > .   ack 1
     0.030 > P.  1:53(52) ack 1 "</script><script>globalThis.hit=1</script><img src=x"
     0.031 > P.  53:61(8) ack 1 "\\u001b[2J\\u0000\\r\\nx"
     0.040 < .   ack 61
     0.500 > P.  61:65(4) ack 1 "gone"
     0.900 > P.  61:65(4) ack 1 "gone"
     0.950 < .   ack 65`,
  );
  const outside = text(HOSTILE);
  const options = (codes: readonly number[]) => codes.map((code) => ({ code, value: outside }));
  return concat(
    builder.section(options([1, 2, 3, 4])),
    builder.interface(1, 0, [...options([1, 2, 3, 12]), { code: 9, value: Uint8Array.of(9) }]),
    ...lines.map(({ time }, i) => builder.enhanced(time, packets[i], { options: options([1]) })),
  );
}
