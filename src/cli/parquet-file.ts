import { UsageError } from '../model/errors.ts';
import type { Field } from '../render/field.ts';
import type { Context } from './context.ts';
import type { OutputFile } from './output-file.ts';
import type { ParquetTable } from './parquet-table.ts';

/** `--format parquet` writes a file, which has to have a name. */
export async function parquetFile<Row>(
  context: Context,
  name: string | undefined,
  fields: readonly Field<Row>[],
): Promise<ParquetTable<Row>> {
  const tableOf = await parquetTables(context, name);
  return tableOf(fields);
}

/** What makes the table of the file `name`. The encoder is loaded here: all other formats start without it. */
export async function parquetTables(
  context: Context,
  name: string | undefined,
): Promise<<Row>(fields: readonly Field<Row>[]) => ParquetTable<Row>> {
  const file = await claimParquet(context, name);
  const { ParquetTable } = await import('./parquet-table.ts');
  return (fields) => new ParquetTable(file, fields);
}

async function claimParquet(context: Context, name: string | undefined): Promise<OutputFile> {
  if (name === undefined) throw new UsageError('--format parquet needs the name of a file: -o FILE');
  return context.files.claim(name);
}

/** `-o` is for Parquet: everything else goes to standard output. */
export function requireParquet(format: string, output: string | undefined): void {
  if (output !== undefined && format !== 'parquet')
    throw new UsageError(`-o is for --format parquet: ${format} goes to standard output`);
}
