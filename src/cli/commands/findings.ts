import type { Command } from 'commander';
import { FINDING_IDS, isFindingId } from '../../detect/catalogue.ts';
import { UsageError } from '../../model/errors.ts';
import { findingList, findingPage } from '../../render/finding-pages.ts';
import type { Context } from '../context.ts';
import { withExamples } from '../options.ts';
import { closest } from '../suggest.ts';

export function registerFindings(program: Command, context: Context): void {
  const command = program
    .command('findings')
    .description('Lists what can be found in a capture, or prints the page about one finding.')
    .argument('[id]', 'a finding, as reports name it');
  withExamples(command, [
    ['tcpscope findings', 'all of them, one line each'],
    ['tcpscope findings zero-window', 'what it means, what to do, what it is not'],
  ]);
  command.action((id: string | undefined) => findings(id, context));
}

function findings(id: string | undefined, { output, stdout }: Context): void {
  for (const line of id === undefined ? findingList(stdout.style) : page(id, stdout)) output.line(line);
}

function page(id: string, { width, style }: Context['stdout']): string[] {
  const name = id.toLowerCase();
  if (isFindingId(name)) return findingPage(name, width, style);
  const meant = closest(name, FINDING_IDS);
  throw new UsageError(
    `no finding is called ${id}${meant === null ? '' : `; did you mean ${meant}?`} (tcpscope findings lists them all)`,
  );
}
