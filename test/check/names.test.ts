import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listNames } from '../../src/check/facts/name-list.ts';
import { METRICS } from '../../src/check/metrics.ts';
import { compileCondition } from '../../src/check/rules/expressions.ts';

const page = new URL('../../docs/check.md', import.meta.url);

function section(): string {
  const parts = listNames().map(({ title, names }) => {
    const rows = names.map(({ name, type, about }) => `| \`${name}\` | ${type} | ${about} |`);
    return `### ${title}\n\n| name | | |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `<!-- names -->\n${parts.join('\n')}<!-- /names -->`;
}

test('docs/check.md lists every name; UPDATE_DOCS=1 writes them anew', () => {
  const text = readFileSync(page, 'utf8');
  const pattern = /<!-- names -->[\s\S]*<!-- \/names -->/;
  if (process.env.UPDATE_DOCS)
    writeFileSync(
      page,
      text.replace(pattern, () => section()),
    );
  expect(pattern.exec(readFileSync(page, 'utf8'))?.[0]).toBe(section());
});

test('every name of a connection can be used in a condition', () => {
  const [{ names }] = listNames();
  for (const { name, type } of names)
    if (type !== '' && !/list|series|group/.test(type))
      expect(() => compileCondition(`has(${name})`, 'flow'), name).not.toThrow();
});

test('docs/check.md names every metric of baselines', () => {
  const text = readFileSync(page, 'utf8');
  for (const metric of Object.keys(METRICS)) expect(text).toContain(metric);
});
