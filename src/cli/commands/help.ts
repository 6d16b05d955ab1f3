import type { Command } from 'commander';
import { UsageError } from '../../model/errors.ts';
import { didYouMean } from '../../model/suggest.ts';
import { withExamples } from '../options.ts';

export function registerHelp(program: Command): void {
  const command = program
    .command('help')
    .description('Prints the help of tcpscope, or of one of its commands.')
    .argument('[command...]', 'a command, and perhaps one of its own');
  withExamples(command, [
    ['tcpscope help', 'what there is'],
    ['tcpscope help packets', 'one command: the same as tcpscope packets --help'],
    ['tcpscope help baseline compare', 'a command of a command'],
  ]);
  command.action((words: string[]) => commandOf(program, words).outputHelp());
}

/** The command that the words name, beginning at the program. */
function commandOf(program: Command, words: readonly string[]): Command {
  let found = program;
  for (const word of words) {
    const next = found.commands.find((command) => command.name() === word);
    if (next === undefined) {
      const names = found.commands.map((command) => command.name());
      throw new UsageError(`${found.name()} has no command ${word}${didYouMean(word, names)}`);
    }
    found = next;
  }
  return found;
}
