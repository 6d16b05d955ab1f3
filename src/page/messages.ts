/** What the page of the analyzer and its engine, which runs in a worker, tell each other. */

export interface CaptureFile {
  readonly name: string;
  readonly blob: Blob;
}

export type Request =
  /** Analyse these as one capture. */
  | { readonly type: 'analyse'; readonly files: readonly CaptureFile[]; readonly version: string }
  /** One connection of them in full. */
  | { readonly type: 'detail'; readonly stream: number };

export type Answer =
  | { readonly type: 'progress'; readonly read: number; readonly whole: number }
  /** A packed `PageData`. */
  | { readonly type: 'page'; readonly bytes: Uint8Array }
  /** A packed `Detail`. */
  | { readonly type: 'detail'; readonly stream: number; readonly bytes: Uint8Array }
  /** `stream` -1: of the analysis as a whole. */
  | { readonly type: 'error'; readonly stream: number; readonly text: string };
