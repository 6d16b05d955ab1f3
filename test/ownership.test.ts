import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src/', import.meta.url));
const read = (name: string) => readFileSync(join(src, name), 'utf8');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => /\.tsx?$/.test(name));

/** The table of the map: owner by field. */
const map = read('README.md');
const section = map.slice(map.indexOf('## Who writes what'), map.indexOf("An endpoint's `outbound`"));
const listed = new Map(
  [...section.matchAll(/^\| `([^`]+?)\/?` +\| (.*) \|$/gm)].flatMap(([, owner, fields]) =>
    [...fields.matchAll(/`(\w+)`/g)].map(([, field]) => [field, owner] as const),
  ),
);
const ownerOf = (field: string) => listed.get(field) ?? 'tcp';

/** The classes, and the names under which the sources hold their instances. */
const CLASSES = {
  Endpoint: ['endpoint.ts', 'sender|receiver|endpoint|peer|client|server|own|other|owner|side|prober|from|to'],
  Connection: ['connection.ts', 'connection'],
  TrackedSegment: ['tracked.ts', 't|segment|tracked'],
  AckEffect: ['ack-effect.ts', 'effect'],
  Transition: ['transition.ts', 'transition'],
} as const;

interface Write {
  field: string;
  file: string;
}

function fieldsOf(name: string, file: string): string[] {
  const text = read(`model/${file}`);
  const body = text.slice(text.indexOf(`export class ${name}`));
  const end = body.indexOf('\n}\n');
  const matches = body.slice(0, end).matchAll(/^ {2}(?:readonly )?(?:declare )?(\w+)!?(?:: [^=;\n]+)?(?: =|;)/gm);
  return [...matches].map(([, field]) => field);
}

const writes: Write[] = Object.entries(CLASSES).flatMap(([name, [file, receivers]]) => {
  const slot = name === 'AckEffect' ? 'effect' : name === 'Transition' ? 'transition' : null;
  return fieldsOf(name, file).flatMap((field) => {
    const place = `\\b(?:${receivers})!?\\.${field}`;
    const pattern = new RegExp(
      `${place} (?:=|\\+=|-=|\\|=|\\*=|\\?\\?=) |${place}(?:\\+\\+|--)|(?:\\+\\+|--)${place}\\b`,
    );
    const writers = files.filter((path) => !path.startsWith('model/') && pattern.test(read(path)));
    return writers.map((path) => ({ field: slot ?? field, file: path }));
  });
});

describe('every field has one owner', () => {
  it('finds the writes', () => {
    expect(writes.length).toBeGreaterThan(80);
    expect(listed.size).toBeGreaterThan(15);
  });

  it('who writes it is who owns it', () => {
    const wrong = writes.filter(({ field, file }) => {
      // The outcome of a segment's transition is entered by the state machine.
      const owner = field === 'transition' ? 'tcp' : ownerOf(field);
      // It makes objects again that their owners had filled.
      if (file.startsWith('shard/')) return false;
      return file !== owner && !file.startsWith(`${owner}/`);
    });
    expect(wrong.map(({ field, file }) => `${file} writes ${field}, which ${ownerOf(field)} owns`)).toEqual([]);
  });

  it('the table names fields that are there', () => {
    const all = new Set(Object.entries(CLASSES).flatMap(([name, [file]]) => fieldsOf(name, file)));
    expect([...listed.keys()].filter((field) => !all.has(field))).toEqual([]);
  });
});

it('no module imports itself by a detour, types aside', () => {
  const imports = new Map(
    files.map((file) => [
      file,
      [...read(file).matchAll(/^(?:import|export) (?!type )[^;]*? from '(\.[^']+)';/gm)].map(([, to]) =>
        join(dirname(file), to),
      ),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file) || path.includes(file)) return;
    for (const to of imports.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect([...imports.values()].flat().length).toBeGreaterThan(300);
  expect(circles).toEqual([]);
});
