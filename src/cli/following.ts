import type { Command } from 'commander';
import { UsageError } from '../model/errors.ts';
import { type CaptureOptions, captureNames } from './options.ts';

export interface FollowOptions {
  follow?: string;
}

/** Captures by name, or those of a ring as they come. */
export interface FollowedCaptures {
  readonly captures: readonly string[];
  readonly follow?: string;
}

/** Adds `--follow`. */
export function withFollow(command: Command, when = ''): Command {
  return command.option(
    '--follow <pattern>',
    `${when}files that tcpdump -G or -C writes, as they come: '/captures/trace-*.pcap'; ends with Ctrl-C`,
  );
}

/** The captures of the command line, or the ring that takes their place. */
export function followedCaptures(
  captures: readonly string[],
  options: CaptureOptions & FollowOptions,
): FollowedCaptures {
  const names = captureNames(captures, options);
  const { follow } = options;
  if (follow === undefined) return { captures: names };
  if (names.length > 0) throw new UsageError('--follow reads the files of its pattern: name no others');
  return { captures: [], follow };
}
