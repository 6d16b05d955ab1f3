import { escapeText } from '../../model/escape.ts';
import { detailId, NOTICE_ID, PAGE_ID } from '../document.ts';
import type { Detail, PageData } from '../model.ts';
import { unpack } from '../pack.ts';

/** Where connections in full come from. */
export interface Details {
  has(stream: number): boolean;
  /** Rejects with an Error that says why. */
  load(stream: number): Promise<Detail>;
}

/** The documents of a report lie in the page. */
export class EmbeddedDetails implements Details {
  has(stream: number): boolean {
    return document.getElementById(detailId(stream)) !== null;
  }

  async load(stream: number): Promise<Detail> {
    return shown(unpack<Detail>(await inflated(bytesOf(detailId(stream)))));
  }
}

/** Null for a page without a capture. */
export async function embeddedPage(): Promise<PageData | null> {
  if (document.getElementById(PAGE_ID) === null) return null;
  return shown(unpack<PageData>(await inflated(bytesOf(PAGE_ID))));
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

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
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
