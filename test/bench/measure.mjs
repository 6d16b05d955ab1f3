/** One run of a command, and what several runs come to. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Processor time and peak memory come from it. */
export const hasTime = existsSync('/usr/bin/time');

/** Wall clock, processor seconds and peak memory of one run; its output goes nowhere. Or why there are none (`failure`). */
export function measure([tool, ...args]) {
  const notes = join(tmpdir(), `tcpscope-bench-${process.pid}.time`);
  const command = hasTime ? ['/usr/bin/time', '-o', notes, '-f', '%U %S %M', tool, ...args] : [tool, ...args];
  const begin = process.hrtime.bigint();
  const { error, status, signal } = spawnSync(command[0], command.slice(1), { stdio: 'ignore' });
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const [user, system, kibibytes] = hasTime
    ? readFileSync(notes, 'utf8').trim().split('\n').at(-1).split(' ').map(Number)
    : [];
  rmSync(notes, { force: true });
  if (error?.code === 'ENOENT' || status === 127) return { failure: 'it is not installed' };
  if (status !== 0) return { failure: `it ended with ${signal ?? `status ${status}`}` };
  return { seconds, user, processor: user + system, mebibytes: kibibytes / 1024 };
}

/** Median, least and greatest. */
export function spread(numbers) {
  return `${median(numbers).toFixed(2)} (${Math.min(...numbers).toFixed(2)} to ${Math.max(...numbers).toFixed(2)})`;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
