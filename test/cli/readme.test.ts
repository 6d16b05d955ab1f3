import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bin, environment, root } from './tcpscope.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** `$ tcpscope ...` and what stands below it, up to the next command; `...` stands for lines that are left out. */
const examples = [...readme.matchAll(/^```\n(\$ [\s\S]*?)^```/gm)].flatMap(([, block]) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((example) => {
      const [command, ...lines] = example.trimEnd().split('\n');
      return [command, lines.filter((line) => line !== '...')] as const;
    }),
);

/** Columns of the screens that the examples were made on; without any, nothing is wrapped. */
const SCREENS = [{}, { COLUMNS: '113' }];

describe('the README', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(5);
  });

  it.each(examples)('shows what is printed: %s', (command, shown) => {
    const script = `tcpscope() { ${process.execPath} ${bin} "$@"; }; ${command}`;
    const printed = SCREENS.map((screen) => {
      const { stdout } = spawnSync('bash', ['-c', script], { cwd: root, encoding: 'utf8', env: environment(screen) });
      const wanted = new Set(shown);
      return stdout.split('\n').filter((line) => wanted.has(line));
    });
    // Blank lines may come more often than they are shown.
    const text = (lines: readonly string[]) => lines.filter((line) => line !== '').join('\n');
    expect(printed.map(text)).toContain(text(shown));
  });
});
