import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Field, FieldType } from '../render/field.ts';
import { type ColumnValue, columnName, columnValue } from '../render/parquet-columns.ts';
import type { OutputFile } from './output-file.ts';

/** Rows of a row group: they are gathered before they are written. */
const GROUP = 1 << 14;

/** A table in Parquet, row group by row group, in bounded memory. */
export class ParquetTable<Row> {
  private readonly file: OutputFile;
  private readonly columns: readonly { field: Field<Row>; name: string }[];
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;
  private data: ColumnValue[][];
  private rows = 0;

  constructor(file: OutputFile, fields: readonly Field<Row>[]) {
    this.file = file;
    this.columns = fields.map((field) => ({ field, name: columnName(field.key) }));
    const schema: SchemaElement[] = [
      { name: 'root', num_children: this.columns.length },
      ...this.columns.map(({ field, name }) => elementOf(name, field.type)),
    ];
    this.writer = new ParquetWriter({ writer: this.bytes, schema, createdBy: 'tcpscope' });
    this.data = this.empty();
  }

  readonly take = (row: Row): void => {
    for (let i = 0; i < this.columns.length; i++) this.data[i].push(columnValue(this.columns[i].field, row));
    if (++this.rows === GROUP) this.writeGroup();
  };

  /** All rows are there. */
  async end(): Promise<void> {
    if (this.rows > 0) this.writeGroup();
    this.writer.finish();
    this.push();
    // The name leads to a whole file or to what was there before.
    await this.file.commit();
  }

  private writeGroup(): void {
    const { data } = this;
    this.writer.write({
      columnData: this.columns.map(({ name }, i) => ({ name, data: data[i] })),
      rowGroupSize: GROUP,
    });
    this.data = this.empty();
    this.rows = 0;
    this.push();
  }

  /** What is encoded goes to the file; offsets are counted apart. */
  private push(): void {
    this.file.bytes(new Uint8Array(this.bytes.buffer, 0, this.bytes.index));
    this.bytes.index = 0;
  }

  private empty(): ColumnValue[][] {
    return this.columns.map(() => []);
  }
}

function elementOf(name: string, type: FieldType): SchemaElement {
  const repetition_type = 'OPTIONAL';
  switch (type) {
    case 'time':
      return {
        name,
        repetition_type,
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
      };
    case 'flag':
      return { name, repetition_type, type: 'BOOLEAN' };
    case 'number':
    case 'count':
      return { name, repetition_type, type: 'DOUBLE' };
    default:
      return { name, repetition_type, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
  }
}
