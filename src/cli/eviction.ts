import { type Command, InvalidArgumentError, Option } from 'commander';
import { type EvictionRules, KEEP_ALL } from '../tcp/eviction.ts';
import { parseMemory } from './memory.ts';

export interface EvictionOptions {
  memory?: number;
  evict?: EvictionRules;
}

/** Connections that are finished leave soon, as in Zeek; nanoseconds. */
export const AS_THEY_END: EvictionRules = {
  attempt: 10e9,
  closed: 5e9,
  halfClosed: 300e9,
  open: 3600e9,
  attempts: KEEP_ALL.attempts,
};

const NAMES = {
  attempt: 'attempt',
  closed: 'closed',
  'half-closed': 'halfClosed',
  idle: 'open',
  attempts: 'attempts',
} as const;

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400 };

/** Adds `--memory` and `--evict`, which changes some of `rules`. */
export function withEviction(command: Command, rules: EvictionRules): Command {
  return command
    .option('--memory <size>', 'use at most this much memory, such as 500M (default: half of the heap)', parseMemory)
    .addOption(
      new Option(
        '--evict <rules>',
        'when connections leave: attempt=10s,closed=5s,half-closed=5m,idle=1h after the last packet, attempts=N are kept',
      ).argParser((text: string) => parseRules(text, rules)),
    );
}

function parseRules(text: string, rules: EvictionRules): EvictionRules {
  const changed: Record<string, number> = { ...rules };
  for (const part of text.split(',')) {
    const [name, value = ''] = part.split('=');
    const key = NAMES[name.trim() as keyof typeof NAMES];
    if (key === undefined)
      throw new InvalidArgumentError(`${name} is none of ${Object.keys(NAMES).join(', ')}: write closed=5s.`);
    changed[key] = key === 'attempts' ? countOf(value) : timeOf(value);
  }
  return changed as unknown as EvictionRules;
}

function countOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('attempts takes a whole number from 1 on.');
  return Number(text);
}

/** Nanoseconds of `5s`, `1.5h`, `never`. */
export function timeOf(text: string): number {
  if (text === 'never') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError(`${text} is no time: write 5s, 10m, 1h or never.`);
  return Number(match[1]) * SECONDS[match[2]] * 1e9;
}
