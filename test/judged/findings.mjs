/** Where captures for judging lie, and what is found in them: shared by the drawing of samples and by the test. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Captures from the test suites of other projects: PROJECT/PATH, slashes of the path written as two underscores. */
export const PEERS = fileURLToPath(new URL('../../../shared/peers/', import.meta.url));
export const hasPeers = existsSync(PEERS);
/** Captures of ours whose truth is known: named by the repository `corpus`. */
export const CORPUS = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));

export const isCapture = (name) => /\.(pcap|pcapng|cap|dmp|trace)(\.gz|\.zst)?$/i.test(name);

/** `{ repository, path }` of a capture of ours under `root`. */
export function sourceOf(root, name) {
  if (resolve(root) === resolve(CORPUS)) return { repository: 'corpus', path: name };
  if (resolve(root) !== resolve(PEERS)) return { capture: name };
  const [repository, file] = name.split('/');
  return { repository, path: file.replaceAll('__', '/') };
}

export function fileOf({ repository, path }) {
  if (repository === 'corpus') return `${CORPUS}${path}`;
  return `${PEERS}${repository}/${path.replaceAll('/', '__')}`;
}

/** All findings of a capture: those of the whole and those of its connections. Empty for what cannot be read. */
export async function findingsOf(analyze, path) {
  try {
    const { findings } = await analyze(path);
    return findings;
  } catch {
    return [];
  }
}
