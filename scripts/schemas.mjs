// Keeps each published schema whole in itself: node scripts/schemas.mjs. A definition that several of them need has one
// owner; the others hold a copy whose $comment names the owner's, such as report.schema.json#/$defs/owner. A test compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const FOLDER = new URL('../schema/', import.meta.url);

/** Where the schemas are to be had, which is the beginning of each $id. */
export const BASE = 'https://unpkg.com/tcpscope/schema/';

const COPY = /^([\w-]+\.schema\.json)#\/\$defs\/(\w+)$/;

/** The definitions of its own document that a schema refers to. */
function localNames(schema, names = new Set()) {
  if (schema === null || typeof schema !== 'object') return names;
  const [, name] = /^#\/\$defs\/(\w+)/.exec(typeof schema.$ref === 'string' ? schema.$ref : '') ?? [];
  if (name !== undefined) names.add(name);
  for (const value of Object.values(schema)) localNames(value, names);
  return names;
}

/** All schemas by their file names, as they are. */
export function schemas() {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return new Map(names.map((name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))]));
}

/** The same with every copy made anew, and with those that a copy needs in its turn. */
export function renewed(all = schemas()) {
  return new Map([...all].map(([file, schema]) => [file, renewedOne(file, schema, all)]));
}

function renewedOne(file, schema, all) {
  const { $defs = {}, ...rest } = schema;
  const own = Object.entries($defs).filter(([, { $comment }]) => !COPY.test($comment ?? ''));
  const defs = Object.fromEntries(own);
  const wanted = Object.values($defs).flatMap(({ $comment }) => COPY.exec($comment ?? '')?.slice(1) ?? []);
  const copies = [];
  for (let i = 0; i < wanted.length; i += 2) copies.push([wanted[i], wanted[i + 1]]);
  for (let i = 0; i < copies.length; i++) {
    const [from, name] = copies[i];
    const original = all.get(from)?.$defs?.[name];
    if (original === undefined) throw new Error(`${file}: there is no ${from}#/$defs/${name}`);
    // A copy in its turn: the owner is meant.
    const owner = COPY.exec(original.$comment ?? '');
    if (owner !== null) {
      copies.push([owner[1], owner[2]]);
      continue;
    }
    if (from === file) continue;
    const $comment = `${from}#/$defs/${name}`;
    if (defs[name] !== undefined && defs[name].$comment !== $comment)
      throw new Error(`${file}: ${name} is a definition of its own and that of ${from}`);
    if (defs[name] !== undefined) continue;
    defs[name] = { $comment, ...original };
    for (const next of localNames(original)) copies.push([from, next]);
  }
  const sorted = Object.fromEntries([
    ...own,
    ...Object.entries(defs)
      .slice(own.length)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  return Object.keys(sorted).length === 0 ? rest : { ...rest, $defs: sorted };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [name, schema] of renewed()) writeFileSync(new URL(name, FOLDER), `${JSON.stringify(schema, null, 2)}\n`);
}
