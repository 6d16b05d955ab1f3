import { unlinkSync } from 'node:fs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Files that are not whole yet, and go with the process however it ends; only SIGKILL leaves them. */
const names = new Set<string>();

/** The file is removed when the process ends, unless `forgetTemporary` is called before. */
export function addTemporary(name: string): void {
  if (names.size === 0) {
    process.on('exit', removeAll);
    // First in the row: whether somebody else hears the signal is known only before that one goes.
    for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  }
  names.add(name);
}

/** It was renamed or removed. */
export function forgetTemporary(name: string): void {
  names.delete(name);
  if (names.size > 0) return;
  process.off('exit', removeAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

/** Where nobody else listens, the signal ends the process: as it would have without this listener. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  process.kill(process.pid, signal);
}

function removeAll(): void {
  for (const name of names) {
    try {
      unlinkSync(name);
    } catch {
      // Gone already.
    }
    forgetTemporary(name);
  }
}
