import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../src/model/shell-word.ts';

test.each(['a.pcap', 'a b.pcap', "it's.pcap", 'a$(x)*.pcap', '日本.pcap', 'a\nb.pcap', '-'])(
  '%j reaches a command through bash as it is',
  (name) => {
    const { stdout } = spawnSync('bash', ['-c', `printf %s ${shellWord(name)}`], { encoding: 'utf8' });
    expect(stdout).toBe(name);
  },
);

test.each([
  ['-dash.pcap', './-dash.pcap'],
  ['-a b.pcap', './-a b.pcap'],
])('%j is no option where it is copied', (name, path) => {
  const { stdout } = spawnSync('bash', ['-c', `printf %s ${shellWord(name)}`], { encoding: 'utf8' });
  expect(stdout).toBe(path);
});
