import { DEFAULT_WIDTH, MIN_WIDTH, type ScreenOptions } from './screen-options.ts';
import { textWidth } from './text.ts';

/** What to type next: on one line where that fits. `commandsFor` gives the commands for the capture by a name. */
export function nextLines(
  commandsFor: (capture: string) => readonly string[],
  { capture, width, style }: ScreenOptions,
): string[] {
  const columns = Math.max(width ?? DEFAULT_WIDTH, MIN_WIDTH);
  const full = commandsFor(capture);
  const commands = full.every((command) => textWidth(command) + 2 <= columns) ? full : commandsFor('CAPTURE');
  const line = `Next: ${commands.join('   ')}`;
  const lines = textWidth(line) <= columns ? [line] : ['Next:', ...commands.map((command) => `  ${command}`)];
  return ['', ...lines.map(style.quiet)];
}
