import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyze, type FindingReport } from '../../src/index.ts';
import { fileOf, findingsOf, hasPeers } from './findings.mjs';

/** A finding that somebody judged by hand, against tshark and the RFC. See README.md. */
interface Judgment {
  repository: string;
  path: string;
  id: string;
  /** Null for findings about the capture as a whole. */
  stream: number | null;
  packet: number | null;
  judged: 'true' | 'misleading' | 'wrong';
  reason: string;
}

const HERE = new URL('./', import.meta.url);
const judgments = readdirSync(HERE)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name): Judgment[] => JSON.parse(readFileSync(new URL(name, HERE), 'utf8')));

const isSame = (judgment: Judgment) => (finding: FindingReport) =>
  finding.id === judgment.id && finding.stream === judgment.stream && finding.packet === judgment.packet;

describe('the judgments', () => {
  it('are whole, and each finding is judged once', () => {
    const names = new Set<string>();
    for (const { repository, path, id, stream, packet, judged, reason } of judgments) {
      expect(['true', 'misleading', 'wrong']).toContain(judged);
      expect(reason.length).toBeGreaterThan(10);
      names.add(`${repository} ${path} ${id} ${stream} ${packet}`);
    }
    expect(names.size).toBe(judgments.length);
  });
});

// The captures belong to other projects: without them there is nothing to compare with.
describe.skipIf(!hasPeers)('findings on captures of other projects', () => {
  const captures = new Map<string, Judgment[]>();
  for (const judgment of judgments) {
    const file = fileOf(judgment);
    if (!existsSync(file)) continue;
    const known = captures.get(file);
    if (known === undefined) captures.set(file, [judgment]);
    else known.push(judgment);
  }

  it.each([...captures])('%s', async (file, all) => {
    const findings = await findingsOf(analyze, file);
    const lost = all.filter((one) => one.judged === 'true' && !findings.some(isSame(one)));
    expect(lost, 'true ones that are not found any more').toEqual([]);
    const serious = findings.filter(({ severity }) => severity !== 'info');
    const back = all.filter((one) => one.judged !== 'true' && serious.some(isSame(one)));
    expect(back, 'wrong or misleading ones that are back').toEqual([]);
  });
});
