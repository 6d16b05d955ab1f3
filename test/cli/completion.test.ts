import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { environment, output, root } from './tcpscope.ts';

const isThere = (shell: string) => spawnSync(shell, ['--version']).status === 0;

const script = output(['completion', 'bash']);

/** What bash offers for the last of the words. */
function offered(...words: string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const test = `
    ${script}
    COMP_WORDS=(${list}) COMP_CWORD=${words.length - 1}
    _tcpscope
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', test], {
    cwd: root,
    encoding: 'utf8',
    env: environment(),
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe.skipIf(!isThere('bash'))('completion in bash', () => {
  it('offers commands and files first', () => {
    expect(offered('tcpscope', 'pack')).toEqual(['packets', 'package-lock.json', 'package.json']);
    expect(offered('tcpscope', 'stat')).toEqual(['states']);
  });

  it('offers the options of the command', () => {
    expect(offered('tcpscope', 'packets', '--nd')).toEqual(['--ndjson']);
    expect(offered('tcpscope', 'states', '--ms')).toEqual(['--msl']);
    expect(offered('tcpscope', 'packets', '--ms')).toEqual([]);
  });

  it('offers the values of an option', () => {
    expect(offered('tcpscope', '--color', 'a')).toEqual(['auto', 'always']);
    expect(offered('tcpscope', 'states', '--style', '')).toEqual(['linux', 'macos']);
  });

  it('offers the formats that the command has, and no others', () => {
    expect(offered('tcpscope', 'packets', '--format', '')).toEqual(['text', 'tcpdump', 'ndjson', 'csv', 'parquet']);
    expect(offered('tcpscope', 'congestion', '--format', '')).toEqual(['text', 'json', 'qlog']);
    expect(offered('tcpscope', 'x.pcap', '--format', 'c')).toEqual(['csv']);
  });

  it('offers subcommands, findings, kinds of reports and columns', () => {
    expect(offered('tcpscope', 'baseline', '')).toEqual(['save', 'compare']);
    expect(offered('tcpscope', 'baseline', 'save', '--out')).toEqual(['--output']);
    expect(offered('tcpscope', 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(offered('tcpscope', 'findings', 'zero-w')).toContain('zero-window');
    expect(offered('tcpscope', 'check', '--fail-on', 'e')).toContain('error');
    expect(offered('tcpscope', 'check', '--report', 'j')).toEqual(['json', 'junit']);
    expect(offered('tcpscope', 'packets', '--fields', 'payloadL')).toEqual(['payloadLength']);
  });

  it('offers files after a command', () => {
    expect(offered('tcpscope', 'packets', 'fixtures/linux-e')).toEqual(['fixtures/linux-echo.pcap']);
  });
});

describe.skipIf(!isThere('zsh'))('completion in zsh', () => {
  it('is a script that zsh reads', () => {
    const { status, stderr } = spawnSync('zsh', ['-n'], { input: output(['completion', 'zsh']), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe.skipIf(!isThere('fish'))('completion in fish', () => {
  it('is a script that fish reads', () => {
    const { status, stdout, stderr } = spawnSync(
      'fish',
      ['-c', `${output(['completion', 'fish'])}\ncomplete -C 'tcpscope baseline '`],
      {
        cwd: root,
        encoding: 'utf8',
        env: environment(),
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['save', 'compare']));
  });
});
