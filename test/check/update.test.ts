import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fixture, tcpscope } from '../cli/tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-update-'));
afterAll(() => rmSync(folder, { recursive: true }));
const ECHO = fixture('linux-echo.pcap');
const LOSS = fixture('linux-single-loss-sack.pcap');
const at = (name: string) => join(folder, name);
const update = (base: string, capture: string, env: Record<string, string> = {}) =>
  tcpscope(['baseline', 'compare', base, capture, '--update'], { env });

describe('baseline compare --update', () => {
  test('writes what there is not yet, and says what changed of what there is', () => {
    const base = at('new.json');
    const first = update(base, ECHO);
    expect(first).toMatchObject({ status: 0, stdout: '' });
    expect(first.stderr).toContain('new.json is written');
    expect(readFileSync(base, 'utf8')).toBe(tcpscope(['baseline', 'save', ECHO]).stdout);
    const changed = tcpscope(['baseline', 'compare', base, LOSS]).stdout;
    expect(changed).toMatch(/^retransmissions\.count +0 +1 +worse$/m);
    const second = update(base, LOSS);
    expect(second).toMatchObject({ status: 0, stdout: changed });
    expect(second.stderr).toContain('new.json is updated');
    expect(readFileSync(base, 'utf8')).toBe(tcpscope(['baseline', 'save', LOSS]).stdout);
    expect(tcpscope(['baseline', 'compare', base, LOSS, '--max-regression', 'retransmissions.count=0']).status).toBe(0);
  });

  test('is refused in CI, as other tools with snapshots do it', () => {
    const base = at('ci.json');
    for (const CI of ['true', '1', 'woodpecker']) {
      const { status, stderr } = update(base, ECHO, { CI });
      expect(status).toBe(2);
      expect(stderr).toContain('--update is refused in CI');
      expect(existsSync(base)).toBe(false);
    }
    for (const CI of ['', '0', 'false']) expect(update(base, ECHO, { CI }).status).toBe(0);
  });

  test.each([
    ['the capture itself', readFileSync(ECHO)],
    ['other JSON', '{ "kind": "something else" }'],
    ['text', 'notes that nobody wants to lose\n'],
  ])('leaves what is not its own: %s', (_, content) => {
    const name = at('own.json');
    writeFileSync(name, content);
    const { status, stderr } = tcpscope(['baseline', 'compare', name, LOSS, '--update']);
    expect(status).toBe(2);
    expect(stderr).toContain('own.json is no baseline and stays as it is');
    expect(readFileSync(name)).toEqual(Buffer.from(content));
  });

  test('leaves the baseline where the capture cannot be read, or holds nothing', () => {
    const base = at('kept.json');
    update(base, ECHO);
    const before = readFileSync(base, 'utf8');
    copyFileSync(ECHO, at('empty.pcap'));
    writeFileSync(at('empty.pcap'), readFileSync(ECHO).subarray(0, 24));
    for (const capture of [at('missing.pcap'), at('empty.pcap')]) {
      expect(update(base, capture).status).toBe(3);
      expect(readFileSync(base, 'utf8')).toBe(before);
    }
  });

  test('saves over a baseline of another version', () => {
    const base = at('old.json');
    writeFileSync(base, '{ "kind": "tcpscope baseline", "schemaVersion": 1, "all": {}, "servers": {} }');
    expect(update(base, ECHO).stderr).toContain('a baseline of version 1, expected 2');
    expect(tcpscope(['baseline', 'save', ECHO, '-o', base]).status).toBe(0);
    expect(update(base, ECHO).status).toBe(0);
  });
});
