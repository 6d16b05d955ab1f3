// Says which packages of the lockfile have a licence that is not known to go with MIT: node scripts/licences.mjs. Nothing is asked
// of a registry: the lockfile has the licences.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** What a user of tcpscope gets with it: permissive licences only. */
const PERMISSIVE = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
];
/** What only the development needs, and nobody is given, may be under these as well. */
const FOR_DEVELOPMENT = [...PERMISSIVE, 'MPL-2.0', 'CC-BY-4.0', 'CC-BY-3.0', 'Python-2.0'];

/** Packages, by their names without a licence in the lockfile, whose texts were read. */
const READ = { khroma: 'MIT' };

/** `MIT`, `(MPL-2.0 OR Apache-2.0)`: one of the choices, or all parts of a sum, must be allowed. */
export function isAllowed(licence, allowed) {
  const text = licence.replace(/^\((.*)\)$/, '$1');
  if (text.includes(' OR ')) return text.split(' OR ').some((part) => isAllowed(part, allowed));
  return text.split(' AND ').every((part) => allowed.includes(part));
}

/** `name version: licence` of those that are not allowed. */
export function refused({ packages }) {
  return Object.entries(packages).flatMap(([path, { version, license, dev, devOptional, peer }]) => {
    if (path === '') return [];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const licence = license ?? READ[name] ?? 'unknown';
    const allowed = dev || devOptional || peer ? FOR_DEVELOPMENT : PERMISSIVE;
    return isAllowed(licence, allowed) ? [] : [`${name} ${version}: ${licence}`];
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const found = refused(JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')));
  for (const line of found) console.error(`licences: ${line}`);
  if (found.length === 0) console.log('licences: all known, and compatible with MIT');
  process.exitCode = found.length === 0 ? 0 : 1;
}
