import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { PageParts, Sha256 } from '../page/document.ts';

/** What the build put together for pages. */
export function pageParts(): PageParts {
  return { script: part('page.js'), style: part('page.css'), notice: part('NOTICE.txt') };
}

/** The same with the engine: a page that analyses captures by itself. */
export function appParts(): PageParts {
  return { ...pageParts(), engine: part('engine.js') };
}

export const sha256: Sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('base64');

/** As the page takes it off. */
export function compress(bytes: Uint8Array): Uint8Array {
  return deflateRawSync(bytes, { level: 6 });
}

/** The bundle of the command line lies two folders deep in the package, as this file does. */
function part(name: string): string {
  return readFileSync(new URL(`../../dist/page-parts/${name}`, import.meta.url), 'utf8');
}
