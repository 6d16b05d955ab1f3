import type { Severity } from '../model/finding.ts';

/**
 * How a piece of text is emphasised. The names say what the text is, not how it looks: the command line decides that, or
 * passes `PLAIN`.
 */
export interface Style {
  title(text: string): string;
  heading(text: string): string;
  /** Less important than what stands around it. */
  quiet(text: string): string;
  strong(text: string): string;
  good(text: string): string;
  info(text: string): string;
  warning(text: string): string;
  error(text: string): string;
  client(text: string): string;
  server(text: string): string;
}

const same = (text: string) => text;

export const PLAIN: Style = {
  title: same,
  heading: same,
  quiet: same,
  strong: same,
  good: same,
  info: same,
  warning: same,
  error: same,
  client: same,
  server: same,
};

/** How what belongs to an owner of time is drawn: `client`, `server`, `network`, or anybody else. */
export function ownerStyle(owner: string, style: Style): (text: string) => string {
  if (owner === 'client') return style.client;
  if (owner === 'server') return style.server;
  return owner === 'network' ? style.warning : style.quiet;
}

/** How text of that severity is shown. */
export function severityStyle(severity: Severity, style: Style): (text: string) => string {
  return severity === 'error' ? style.error : severity === 'warning' ? style.warning : style.info;
}
