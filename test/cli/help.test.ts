import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { output, tcpscope } from './tcpscope.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('help', () => {
  it('knows its version', () => {
    expect(output(['--version'])).toBe(`${version}\n`);
    expect(output(['-V'])).toBe(`${version}\n`);
  });

  it('lists every command', () => {
    const text = output(['--help']);
    expect(output(['-h'])).toBe(text);
    for (const { name, about } of COMMANDS) expect(text).toMatch(new RegExp(`^  ${name} +${about.slice(0, 20)}`, 'm'));
  });

  it.each(COMMANDS.map(({ name }) => name))('of %s has examples first, and fits 80 columns', (name) => {
    const text = output([name, '--help']);
    expect(text).toMatch(/^Examples:\n {2}\S/);
    expect(text.indexOf('Usage: tcpscope')).toBeGreaterThan(0);
    for (const line of text.slice(text.indexOf('Usage: ')).split('\n'))
      expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it.each(COMMANDS.map(({ name }) => name))('of %s breaks a line only where the next word does not fit', (name) => {
    const text = output([name, '--help']);
    const [, described = ''] = text.slice(text.indexOf('Usage: ')).split('\n\n');
    const lines = described.split('\n');
    lines.slice(1).forEach((line, i) => {
      expect(`${lines[i]} ${line.split(' ')[0]}`.length, lines[i]).toBeGreaterThan(80);
    });
  });

  it('is a command as well', () => {
    expect(output(['help'])).toBe(output(['--help']));
    expect(output(['help', 'packets'])).toBe(output(['packets', '--help']));
    expect(output(['help', 'baseline', 'compare'])).toBe(output(['baseline', 'compare', '--help']));
    expect(tcpscope(['help', 'pakets'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('tcpscope has no command pakets (did you mean packets?)'),
    });
    expect(tcpscope(['help', 'packets', 'x']).stderr).toContain('packets has no command x');
  });

  it('is pointed to by the command that was typed, not by a word after it', () => {
    const { stderr } = tcpscope(['baseline', 'compare', 'package.json', 'fixtures/linux-echo.pcap']);
    expect(stderr).toMatch(/Try: tcpscope baseline --help\n$/);
  });

  it('stands in the README as the command prints it', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(output(['--help']).trimEnd());
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s names all commands and their options', (shell) => {
    const script = output(['completion', shell]);
    for (const { name } of COMMANDS) expect(script).toContain(name);
    for (const word of ['ndjson', 'stream', 'color', 'msl']) expect(script).toContain(word);
  });

  it('of another shell is not there', () => {
    const { status, stderr } = tcpscope(['completion', 'tcsh']);
    expect(status).toBe(2);
    expect(stderr).toContain('Allowed choices are bash, zsh, fish');
  });
});
