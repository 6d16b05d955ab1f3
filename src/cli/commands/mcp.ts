import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { withExamples, withNote } from '../options.ts';

export function registerMcp(program: Command, _context: Context): void {
  const command = program
    .command('mcp')
    .description(
      'Answers questions about captures on standard input and output by the Model Context Protocol, for assistants and editors.',
    )
    .argument('[folders...]', 'where captures may be read; a client that gives roots narrows it down');
  withExamples(command, [
    ['tcpscope mcp', 'captures inside the roots that the client gives'],
    ['tcpscope mcp ~/captures', 'captures in this folder'],
  ]);
  withNote(command, 'Needs the package @modelcontextprotocol/sdk beside tcpscope. docs/mcp.md has the tools.');
  command.action(async (folders: string[]) => {
    const { serveMcp } = await import('../mcp/server.ts');
    await serveMcp(folders);
  });
}
