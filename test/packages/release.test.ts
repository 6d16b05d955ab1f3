import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
// @ts-expect-error a script without types
import { obstacles } from '../../scripts/release.mjs';
import { root } from './installed.ts';

const CHANGELOG = '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n\n## [1.2.2] - 2026-01-01\n';

describe('a release', () => {
  it('is of the version that package.json and the changelog name', () => {
    expect(obstacles('v1.2.3', '1.2.3', CHANGELOG)).toEqual([]);
  });

  it.each([
    ['v1.2.4', '1.2.3', CHANGELOG, 'the tag is v1.2.4'],
    ['1.2.3', '1.2.3', CHANGELOG, 'v1.2.3 is expected'],
    ['v1.2.4', '1.2.4', CHANGELOG, 'the latest version in CHANGELOG.md is 1.2.3'],
    ['v1.2.2', '1.2.2', CHANGELOG, 'the latest version in CHANGELOG.md is 1.2.3'],
    ['v1.2.3', '1.2.3', '## [Unreleased]\n', 'is none'],
    ['v1.2.3', '1.2.3', '## [1.2.3]\n', 'has no date'],
  ])('is refused otherwise: %s of %s', (tag, version, changelog, reason) => {
    expect(obstacles(tag, version, changelog).join('\n')).toContain(reason);
  });

  it('is published with provenance, by a job that holds no token and may write nothing', () => {
    const text = readFileSync(join(root, '.github/workflows/publish.yml'), 'utf8');
    const { permissions, jobs } = parse(text);
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    const runs = jobs.publish.steps.map(({ run }: { run?: string }) => run ?? '');
    expect(runs.at(-1)).toBe('npm publish --provenance --access public');
    expect(text).not.toContain('secrets.');
  });
});
