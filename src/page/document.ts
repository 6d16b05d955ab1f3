import { base64 } from '../render/base64.ts';
import { escapeAttribute, escapeXml } from '../render/xml.ts';

/** The programs and the style that a page is made of: what the build put together. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  /** The engine, for a page that analyses captures by itself. */
  readonly engine?: string;
  /** Licences of what is inside. */
  readonly notice: string;
}

/** Compressed, packed documents, by the identifiers of their elements. */
export interface Embedded {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** SHA-256 of a text in base64: brought along, since each platform has its own. */
export type Sha256 = (text: string) => string;

/** Identifiers of the elements that hold documents. */
export const PAGE_ID = 'page';
export const detailId = (stream: number) => `stream-${stream}`;
export const ENGINE_ID = 'engine';
export const NOTICE_ID = 'notice';

/**
 * One HTML document that needs nothing else. Its policy lets in the one script and the one style that are inside, by their
 * hashes, and no connection to anywhere. Documents are base64 in elements that no browser executes.
 */
export function* htmlDocument(
  { title, version }: { readonly title: string; readonly version: string },
  parts: PageParts,
  documents: Iterable<Embedded>,
  sha256: Sha256,
): Generator<string> {
  const { script, style, engine, notice } = parts;
  const policy = [
    "default-src 'none'",
    // The engine sums payloads in WebAssembly; it comes out of this document, as a blob.
    `script-src 'sha256-${sha256(script)}'${engine === undefined ? '' : " 'wasm-unsafe-eval'"}`,
    `style-src 'sha256-${sha256(style)}'`,
    ...(engine === undefined ? [] : ['worker-src blob:']),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="tcpscope ${escapeAttribute(version)}">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
<div id="app"><main><p>This page needs JavaScript, which is inside of it: nothing is loaded from anywhere.</p></main></div>
${element(NOTICE_ID, new TextEncoder().encode(notice))}`;
  for (const { id, bytes } of documents) yield element(id, bytes);
  if (engine !== undefined) yield element(ENGINE_ID, new TextEncoder().encode(engine));
  yield `<script>${script}</script>\n</body>\n</html>\n`;
}

function element(id: string, bytes: Uint8Array): string {
  return `<script type="application/octet-stream" id="${id}">${base64(bytes)}</script>\n`;
}

/** What an element with so many bytes takes in a document. */
export function embeddedLength({ id, bytes }: Embedded): number {
  return element(id, NOTHING).length + 4 * Math.ceil(bytes.length / 3);
}

const NOTHING = new Uint8Array(0);
