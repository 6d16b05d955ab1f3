import { type Command, CommanderError } from 'commander';
import { Context } from './context.ts';
import { Exit, outcomeOf } from './exit.ts';
import { buildProgram } from './program.ts';
import { packageVersion } from './version.ts';

/** Runs the command line and sets the exit status of the process. `argv` begins after the program's name. */
export async function main(argv: readonly string[]): Promise<void> {
  endWithReader(process.stdout);
  endWithReader(process.stderr);
  const context = new Context();
  process.on('uncaughtException', (error) => process.exit(reportBug(error, context)));
  const program = await buildProgram(context, argv);
  try {
    await program.parseAsync(argv, { from: 'user' });
    await context.output.flush();
  } catch (error) {
    await context.output.flush();
    context.status = fail(error, context);
    if (context.status === Exit.USAGE) context.say(helpPointer(program, argv));
  }
  await context.output.end();
  process.exitCode = context.status;
}

/**
 * Whoever reads the output has had enough (`| head`): that is no error. Other errors (a full disk) are. Either way there is
 * nothing left to do.
 */
function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(Exit.DONE);
    if (stream === process.stdout)
      process.stderr.write(`tcpscope: error: the output cannot be written: ${error.message}\n`);
    process.exit(Exit.UNREADABLE);
  });
}

/** Says what went wrong and returns the exit status. */
function fail(error: unknown, context: Context): number {
  // Already said by commander.
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.DONE : Exit.USAGE;
  const outcome = outcomeOf(error);
  if (outcome === null) return reportBug(error, context);
  context.error(...outcome.lines);
  return outcome.status;
}

/** A status of its own: to a script it must not look like the answer to what it asked. */
function reportBug(error: unknown, context: Context): number {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.error('internal error: this is a bug in tcpscope, not in the capture. Please report it with these lines:');
  context.error(...`tcpscope ${packageVersion()}, Node ${process.version}\n${stack}`.split('\n'));
  return Exit.INTERNAL;
}

function helpPointer(program: Command, argv: readonly string[]): string {
  // The first word that is a command: compare is one, and one of baseline as well.
  const name = argv.find((word) => program.commands.some((known) => known.name() === word));
  const command = program.commands.find((known) => known.name() === name);
  return `Try: ${program.name()} ${command === undefined ? '' : `${command.name()} `}--help\n`;
}
