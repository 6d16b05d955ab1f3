import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion.ts';
import type { Context } from '../context.ts';
import { withExamples } from '../options.ts';

export function registerCompletion(program: Command, context: Context): void {
  const command = program
    .command('completion')
    .description('Prints a script that completes commands, options and file names.')
    .addArgument(new Argument('<shell>').choices(SHELLS));
  withExamples(command, [
    ['source <(tcpscope completion bash)', 'bash, now; or in ~/.bashrc'],
    ['tcpscope completion zsh > ~/.zfunc/_tcpscope', 'zsh, in a folder of $fpath'],
    ['tcpscope completion fish | source', 'fish'],
  ]);
  command.action((shell: Shell) => context.output.write(completionScript(shell, program)));
}
