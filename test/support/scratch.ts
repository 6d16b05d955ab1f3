import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for the files of one test file, removed after its last test. */
export interface Scratch {
  readonly folder: string;
  /** Writes a file there; returns its path. */
  file(name: string, content: string | Uint8Array): string;
  /** The text of a file there. */
  read(name: string): string;
}

/** Makes the folder; called at the top of a test file. */
export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    file: (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    read: (name) => readFileSync(join(folder, name), 'utf8'),
  };
}
