import { type Field, fieldTree, type Json, type JsonOut, type Node, type Nullable } from './field.ts';
import { jsonOf } from './json.ts';
import { KeptTexts } from './kept-texts.ts';
import { FixedText, type RowBytes, TextBytes } from './text-bytes.ts';

const encoder = new TextEncoder();
const [QUOTE, BACKSLASH, HASH, COMMA, COLON] = [0x22, 0x5c, 0x23, 0x2c, 0x3a];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const LAST_PRINTED = 0x7e;
/** Characters that stand for themselves in a string. */
const STANDS = Uint8Array.from({ length: LAST_PRINTED + 1 }, (_, code) =>
  Number(code >= 0x20 && code !== QUOTE && code !== BACKSLASH && code !== HASH),
);

/** JSON written straight into bytes, without the object that JSON.stringify wants. */
export class JsonBytes extends TextBytes implements JsonOut {
  value(value: Json): void {
    switch (typeof value) {
      case 'string':
        this.string(value);
        return;
      case 'number':
        if (Number.isFinite(value)) this.number(value);
        else this.fixed(NULL);
        return;
      case 'boolean':
        this.fixed(value ? TRUE : FALSE);
        return;
      default:
        if (value === null) this.fixed(NULL);
        else if (isList(value)) this.list(value);
        else this.object(value);
    }
  }

  private list(values: readonly Json[]): void {
    this.byte(OPEN_LIST);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.byte(COMMA);
      this.value(values[i]);
    }
    this.byte(CLOSE_LIST);
  }

  private object(object: { readonly [key: string]: Json }): void {
    let separator = OPEN;
    for (const key in object) {
      const value = object[key];
      if (value === undefined) continue;
      this.byte(separator);
      separator = COMMA;
      this.string(key);
      this.byte(COLON);
      this.value(value);
    }
    if (separator === OPEN) this.byte(OPEN);
    this.byte(CLOSE);
  }

  private string(text: string): void {
    this.reserve(text.length + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > LAST_PRINTED || STANDS[code] === 0) {
        this.raw(encoder.encode(jsonOf(text)));
        return;
      }
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }
}

const TRUE = new FixedText('true');
const FALSE = new FixedText('false');
const NULL = new FixedText('null');

/** Array.isArray, which does not see through `readonly`. */
function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/** Rows as JSON, as JSON.stringify writes their objects. */
export function jsonRows<Row>(fields: readonly Field<Row>[], nullable: readonly Nullable<Row>[] = []): RowBytes<Row> {
  const out = new JsonBytes();
  return { out, add: objectWriter(fieldTree(fields, nullable), out) };
}

/** One member of a row, or the beginning of an object in it. */
interface Step<Row> {
  /** Its name, and what stands before it. */
  readonly name: FixedText;
  readonly value: ((row: Row) => Json) | null;
  readonly write: ((row: Row, out: JsonOut) => void) | null;
  /** Of an object that can be null, else null. */
  readonly isNull: ((row: Row) => boolean) | null;
  /** Of such an object: the step after it, and how many objects end with its last member, it among them. */
  next: number;
  inside: number;
  /** So many objects end with it. */
  ends: number;
}

/** The members in the order in which they are written, those of objects among them. */
function stepsOf<Row>(nodes: readonly Node<Row>[], out: JsonBytes, steps: Step<Row>[] = [], open = '{'): Step<Row>[] {
  for (let i = 0; i < nodes.length; ) {
    const node = nodes[i];
    const { name, value, members, isNull, alike } = node;
    const text = memberName(name, i === 0 ? open : ',');
    const begin = i++;
    if (value === null && isNull === null) {
      stepsOf(members, out, steps, `${text}{`);
      steps.at(-1)!.ends++;
    } else if (alike !== null) {
      while (i < nodes.length && nodes[i].alike === alike) i++;
      steps.push({ ...stepOf(node, text), write: writerOfAlike(nodes.slice(begin, i), alike, out) });
    } else {
      const step = stepOf(node, text);
      steps.push(step);
      if (value !== null) continue;
      stepsOf(members, out, steps);
      const last = steps.at(-1)!;
      step.inside = ++last.ends;
      step.next = steps.length;
    }
  }
  return steps;
}

function memberName(name: string, before: string): string {
  return `${before}${JSON.stringify(name)}:`;
}

function stepOf<Row>({ value, write, isNull }: Node<Row>, text: string): Step<Row> {
  return { name: new FixedText(text), value, write, isNull, next: 0, inside: 0, ends: 0 };
}

/** Members that are the same in rows that are alike: written once for many. */
function writerOfAlike<Row>(nodes: readonly Node<Row>[], alike: (row: Row) => number, out: JsonBytes) {
  const steps = nodes.map((node, i) => stepOf(node, i === 0 ? '' : memberName(node.name, ',')));
  const kept = new KeptTexts();
  return (row: Row) => {
    const key = alike(row);
    if (key >= 0 && kept.write(key, out)) return;
    const start = out.length;
    for (let i = 0; i < steps.length; i++) {
      out.fixed(steps[i].name);
      const { value, write } = steps[i];
      if (write !== null) write(row, out);
      else out.value(value!(row));
    }
    if (key >= 0) kept.keep(key, out, start);
  };
}

function objectWriter<Row>(nodes: readonly Node<Row>[], out: JsonBytes): (row: Row) => void {
  const steps = stepsOf(nodes, out);
  return (row) => {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i];
      const { name, value, write, isNull } = step;
      let { ends } = step;
      out.fixed(name);
      if (write !== null) write(row, out);
      else if (value !== null) out.value(value(row));
      else if (isNull!(row)) {
        out.fixed(NULL);
        i = step.next - 1;
        ends = steps[i].ends - step.inside;
      }
      for (; ends > 0; ends--) out.byte(CLOSE);
    }
    out.byte(CLOSE);
  };
}
