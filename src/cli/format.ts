import { type Command, Option } from 'commander';
import { UsageError } from '../model/errors.ts';

const SHORTHANDS: Readonly<Record<string, string>> = {
  json: 'one JSON document',
  ndjson: 'one JSON object a line',
  csv: 'comma-separated values, with a header line',
};

/** Adds `--format`, the first of the names being the default, and shorthands for the machine formats: `--json`. */
export function withFormats(command: Command, formats: readonly string[]): Command {
  command.addOption(new Option('--format <name>', 'how to print').choices(formats).default(formats[0]));
  for (const format of formats) {
    const about = SHORTHANDS[format];
    if (about !== undefined) command.option(`--${format}`, about);
  }
  return command;
}

/** The one format that the options ask for. */
export function chosenFormat<Format extends string>(command: Command, formats: readonly Format[]): Format {
  const options = command.opts();
  const asked = new Set(formats.filter((format) => options[format] === true));
  if (command.getOptionValueSource('format') === 'cli') asked.add(options.format);
  const [first, second] = asked;
  if (second !== undefined) throw new UsageError(`${first} and ${second}: choose one format`);
  return first ?? formats[0];
}
