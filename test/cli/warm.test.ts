import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { warm, warmSync, wordsOf } from '../support/warm.ts';
import { fixture, cold as run } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-warm-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LOSS = fixture('linux-single-loss-sack.pcap');

describe('a run in a process that has run before', () => {
  it.each([
    [[LOSS]],
    [['packets', '--ndjson', LOSS]],
    [['--json', LOSS]],
    [['packets', '--no-such-option', LOSS]],
    [['packets', 'no-such-file.pcap']],
    [['--version']],
    [['check', LOSS, '--expect', 'retransmissions.count == 0']],
    [['follow', LOSS, '--stream', '7']],
  ])('is that of a new one: %j', async (args) => {
    const cold = run(args);
    expect(await warm(args)).toEqual(cold);
    expect(await warm(args)).toEqual(cold);
    expect(warmSync(args)).toEqual(cold);
    expect(warmSync(args)).toEqual(cold);
  });

  it('has the environment that it is given, and no other', async () => {
    const wide = await warm([LOSS], { env: { COLUMNS: '60' } });
    expect(wide).toEqual(run([LOSS], { env: { COLUMNS: '60' } }));
    expect(await warm([LOSS])).toEqual(run([LOSS]));
  });

  it('is ended when it takes too long, and the next one begins anew', async () => {
    // Waits for files to come.
    const args = ['connections', '--follow', join(folder, 'trace-*.pcap')];
    expect((await warm(args, { patience: 500 })).status).toBeNull();
    expect((await warm(['--version'])).status).toBe(0);
  });
});

it.each([
  ['packets a.pcap', ['packets', 'a.pcap']],
  [`packets -f 'port 80 and (tcp)' "a b.pcap"`, ['packets', '-f', 'port 80 and (tcp)', 'a b.pcap']],
  [`--expect='a < 1' x`, ['--expect=a < 1', 'x']],
  ['packets a.pcap | head', null],
  ['packets "$HOME"', null],
  ['packets *.pcap', null],
  ['packets ~/a', null],
])('the words of %s are %j, null where the shell does more', (line, words) => {
  expect(wordsOf(line)).toEqual(words);
});
