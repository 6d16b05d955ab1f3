// Says whether a tag may be published: node scripts/release.mjs v1.2.3. The version of package.json is that of the tag, and the
// changelog has a section about it.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** What keeps `tag` from being published; empty when nothing does. */
export function obstacles(tag, version, changelog) {
  const found = [];
  if (tag !== `v${version}`)
    found.push(`the tag is ${tag}, and package.json has version ${version}: v${version} is expected`);
  const heading = changelog.match(/^## \[(?!Unreleased)(.+?)\](.*)$/m);
  if (heading?.[1] !== version)
    found.push(`the latest version in CHANGELOG.md is ${heading?.[1] ?? 'none'}: ${version} is expected`);
  else if (!/^ - \d{4}-\d{2}-\d{2}$/.test(heading[2]))
    found.push(`CHANGELOG.md: ${version} has no date ( - YYYY-MM-DD)`);
  return found;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
  const found = obstacles(process.argv[2] ?? '', JSON.parse(read('package.json')).version, read('CHANGELOG.md'));
  for (const line of found) console.error(`release: ${line}`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
