import type { Signal } from '@preact/signals';
import { escapeText } from '../../model/escape.ts';
import { detailId, NOTICE_ID, PAGE_ID } from '../document.ts';
import type { Detail, PageData } from '../model.ts';
import { unpack } from '../pack.ts';
import type { Progress } from './reading.tsx';

/** Where connections in full come from. */
export interface Details {
  has(stream: number): boolean;
  /** Rejects with an Error that says why. */
  load(stream: number): Promise<Detail>;
  /** How far it is with what is being loaded; null when nothing is. Left out where that takes no time. */
  readonly progress?: Signal<Progress | null>;
}

/** The documents of a report lie in the page. */
export class EmbeddedDetails implements Details {
  has(stream: number): boolean {
    return document.getElementById(detailId(stream)) !== null;
  }

  async load(stream: number): Promise<Detail> {
    return await documentOf<Detail>(detailId(stream));
  }
}

/** Null for a page without a capture. */
export async function embeddedPage(): Promise<PageData | null> {
  if (document.getElementById(PAGE_ID) === null) return null;
  return await documentOf<PageData>(PAGE_ID);
}

async function documentOf<T>(id: string): Promise<T> {
  const inflater = inflaterOf();
  try {
    const stream = new Blob([bytesOf(id)]).stream().pipeThrough(inflater);
    return shown(unpack<T>(new Uint8Array(await new Response(stream).arrayBuffer())));
  } catch {
    throw new Error(`the document "${id}" inside of it is damaged: perhaps the file is not complete`);
  }
}

/** Older browsers do not have it, or only for formats with a head. */
function inflaterOf(): DecompressionStream {
  try {
    return new DecompressionStream('deflate-raw');
  } catch {
    throw new Error('this browser is too old, it lacks DecompressionStream for "deflate-raw"');
  }
}

export function noticeText(): string {
  return new TextDecoder().decode(bytesOf(NOTICE_ID));
}

/** The content of an element that holds bytes in base64. */
export function bytesOf(id: string): Uint8Array<ArrayBuffer> {
  const text = document.getElementById(id)?.textContent ?? '';
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Documents of SVG, which escape for themselves. */
const MARKUP: ReadonlySet<string> = new Set(['flow', 'states']);

/**
 * The document with every text as it may be shown: what came from the wire or from names of files can hold control characters and
 * marks that turn the direction of writing, which are written out, as in the terminal. In place: the document is fresh.
 */
export function shown<T>(value: T): T {
  return show(value, '') as T;
}

function show(value: unknown, key: string): unknown {
  if (typeof value === 'string') return MARKUP.has(key) ? value : escapeText(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = show(value[i], '');
    return value;
  }
  const record = value as Record<string, unknown>;
  for (const name of Object.keys(record)) record[name] = show(record[name], name);
  return value;
}
