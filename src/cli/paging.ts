import type { Command } from 'commander';
import { totalSize } from './input.ts';
import { type CaptureOptions, captureNames } from './options.ts';

/** Formats that people read; `--as` of follow is one of formats too. */
const READ = ['text', 'tcpdump', 'hex'];
/** Commands that have no formats, and print for people. */
const FORMLESS = ['help', 'findings', 'check', 'compare', 'script'];
/** Options that send the result elsewhere, or print it for programs. */
const ELSEWHERE = ['json', 'ndjson', 'csv', 'report', 'output', 'write'];

/** Whether the command prints text for somebody to read, of captures that are whole: of a live one lines appear as they come. */
export function isForReading(command: Command): boolean {
  const options = command.opts();
  if (ELSEWHERE.some((name) => options[name] !== undefined)) return false;
  const form = options.format ?? options.as;
  if (form === undefined ? !FORMLESS.includes(command.name()) : !READ.includes(form)) return false;
  const takesCaptures = command.options.some(({ long }) => long === '--read');
  return !takesCaptures || areFiles(captureNames(command.processedArgs.at(-1) ?? [], options as CaptureOptions));
}

/** What is missing is said by whoever opens it. */
function areFiles(names: readonly string[]): boolean {
  return names.length > 0 && totalSize(names) !== null;
}
