import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { floodBlocks } from '../bench/flood.mjs';
import { fixture, objects, output, tcpscope } from './tcpscope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Rows = Record<string, unknown>[];
/** DuckDB, where its library is installed for this system. */
const duckdb = await import('@duckdb/node-api').catch(() => null);

async function query(sql: string): Promise<Rows> {
  const instance = await duckdb!.DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql);
  const rows = reader.getRowObjectsJson() as Rows;
  connection.closeSync();
  instance.closeSync();
  return rows;
}

function parquet(words: readonly string[], capture: string): string {
  const name = join(folder, `${words[0] ?? 'findings'}-${Math.random().toString(36).slice(2)}.parquet`);
  expect(output([...words, '--format', 'parquet', '-o', name, capture])).toBe('');
  return name;
}

const loss = fixture('linux-single-loss-sack.pcap');
const tail = fixture('linux-answer-tail-loss.pcap');

describe.skipIf(duckdb === null)('Parquet, read by DuckDB', { timeout: 60_000 }, () => {
  it('has a row for each packet, with the values of NDJSON', async () => {
    const file = parquet(['packets'], loss);
    const expected = objects(['packets', '--ndjson', loss]) as {
      number: number;
      timestamp: string;
      verdict: { kind: string } | null;
    }[];
    const rows = await query(`select number, verdict_kind, epoch_ns(timestamp) as ns from '${file}' order by number`);
    expect(rows.map(({ number }) => number)).toEqual(expected.map(({ number }) => number));
    expect(rows.map(({ verdict_kind: kind }) => kind)).toEqual(expected.map(({ verdict }) => verdict?.kind ?? null));
    expect(rows.map(({ ns }) => String(ns))).toEqual(expected.map(({ timestamp }) => timestamp.replace('.', '')));
  });

  it('tells the share of retransmissions by subnet', async () => {
    const file = parquet(['packets'], loss);
    const rows = await query(`
      select regexp_replace(src, '\\.\\d+(:\\d+)?$', '.0/24') as net, count(*) as packets,
             count(*) filter (verdict_kind = 'retransmission') as repeats
      from '${file}' group by net order by repeats desc`);
    const packets = objects(['packets', '--ndjson', loss]) as { verdict: { kind: string } | null }[];
    const repeats = packets.filter(({ verdict }) => verdict?.kind === 'retransmission').length;
    expect(repeats).toBeGreaterThan(0);
    expect(rows.reduce((sum, row) => sum + Number(row.repeats), 0)).toBe(repeats);
  });

  it('tells the worst services, and round trips by hour', async () => {
    const file = parquet(['connections'], tail);
    const [line] = objects(['connections', '--ndjson', tail]) as {
      lostMs: number;
      server: { address: string; srttMs: number };
    }[];
    const [worst] = await query(
      `select server_address, sum(lostMs) as lost from '${file}' group by server_address order by lost desc`,
    );
    expect(worst).toEqual({ server_address: line.server.address, lost: line.lostMs });
    const [hour] = await query(
      `select date_trunc('hour', start) as hour, median(server_srttMs) as rtt from '${file}' group by hour`,
    );
    expect(hour.rtt).toBe(line.server.srttMs);
  });

  it('has exchanges and findings', async () => {
    const exchanges = objects(['exchanges', '--ndjson', tail]);
    expect(await query(`select count(*)::int as n from '${parquet(['exchanges'], tail)}'`)).toEqual([
      { n: exchanges.length },
    ]);
    const { findings } = JSON.parse(output(['--json', tail]));
    const rows = await query(`select id, severity, stream from '${parquet([], tail)}'`);
    expect(rows).toEqual(
      findings.map(({ id, severity, stream }: Record<string, unknown>) => ({ id, severity, stream })),
    );
  });

  it('is written in several row groups, each row once', async () => {
    const capture = join(folder, 'many.pcap');
    writeFileSync(capture, Buffer.concat([...floodBlocks({ kind: 'short', packets: 40_000, gap: 1000 })]));
    const file = parquet(['packets'], capture);
    expect(await query(`select count(*)::int as n, max(number)::int as last from '${file}'`)).toEqual([
      { n: 40_000, last: 40_000 },
    ]);
    expect(await query(`select count(distinct row_group_id)::int as n from parquet_metadata('${file}')`)).toEqual([
      { n: 3 },
    ]);
  });

  it('of a capture without connections is a table without rows', async () => {
    const empty = join(folder, 'empty.pcap');
    writeFileSync(empty, [...floodBlocks({ kind: 'syn', packets: 1 })][0]);
    const file = parquet(['connections'], empty);
    expect(await query(`select count(*)::int as n from '${file}'`)).toEqual([{ n: 0 }]);
  });
});

describe('--format parquet', () => {
  it('needs a name', () => {
    const { status, stderr } = tcpscope(['packets', '--format', 'parquet', loss]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('-o FILE')]);
  });

  it('leaves nothing where the capture is none', () => {
    const name = join(folder, 'none.parquet');
    expect(tcpscope(['packets', '--format', 'parquet', '-o', name, fixture('README.md')]).status).toBe(3);
    expect(existsSync(name)).toBe(false);
  });

  it('is what -o is for', () => {
    expect(tcpscope(['packets', '--csv', '-o', join(folder, 'x'), loss]).status).toBe(2);
  });
});
