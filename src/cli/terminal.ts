import { Chalk } from 'chalk';
import { PLAIN, type Style } from '../render/style.ts';

export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColorChoice = (typeof COLOR_CHOICES)[number];
type Environment = Readonly<Record<string, string | undefined>>;

/** What is known of the screen behind a stream. */
export interface Screen {
  readonly isTerminal: boolean;
  /** Columns; null when nothing limits a line (a file, a pipe). */
  readonly width: number | null;
  readonly style: Style;
}

export function screenOf(stream: { isTTY?: boolean; columns?: number }, choice: ColorChoice, env: Environment): Screen {
  const isTerminal = stream.isTTY === true;
  return {
    isTerminal,
    width: widthOf(stream, env),
    style: wantsColor(isTerminal, choice, env) ? colored() : PLAIN,
  };
}

/** COLUMNS is obeyed for pipes as well, so that `COLUMNS=80 tcpscope ... | less` fits. */
function widthOf(stream: { isTTY?: boolean; columns?: number }, env: Environment): number | null {
  const wanted = Number(env.COLUMNS);
  if (Number.isInteger(wanted) && wanted >= 20) return wanted;
  return stream.isTTY === true ? stream.columns || 80 : null;
}

/** The option comes first, then NO_COLOR (no-color.org), FORCE_COLOR, CLICOLOR_FORCE, and last what the stream is. */
export function wantsColor(isTerminal: boolean, choice: ColorChoice, env: Environment): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (isSet(env.NO_COLOR)) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (isSet(env.CLICOLOR_FORCE) && env.CLICOLOR_FORCE !== '0') return true;
  return isTerminal && env.TERM !== 'dumb' && env.CLICOLOR !== '0';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

/** The sixteen colours that every terminal has, in its user's own choice of shades. */
function colored(): Style {
  const chalk = new Chalk({ level: 1 });
  // Chalk's functions join all their arguments: as they are, `lines.map(style.quiet)` would print the indices too.
  const only = (paint: (text: string) => string) => (text: string) => paint(text);
  return {
    title: only(chalk.bold),
    heading: only(chalk.bold),
    quiet: only(chalk.dim),
    strong: only(chalk.bold),
    good: only(chalk.green),
    info: only(chalk.cyan),
    warning: only(chalk.yellow),
    error: only(chalk.red.bold),
    client: only(chalk.blue),
    server: only(chalk.magenta),
  };
}
