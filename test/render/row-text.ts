import type { RowBytes } from '../../src/render/text-bytes.ts';

const decoder = new TextDecoder();

/** Each row by itself, as a string. */
export function rowText<Row>({ out, add }: RowBytes<Row>): (row: Row) => string {
  return (row) => {
    out.length = 0;
    add(row);
    return decoder.decode(out.bytes.subarray(0, out.length));
  };
}
