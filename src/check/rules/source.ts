import { LineCounter, type Node, parseDocument } from 'yaml';
import { MAX_EXPRESSION } from '../language/syntax.ts';
import type { Location } from '../outcome.ts';
import type { Problem } from './error.ts';
import { RulesError } from './error.ts';

/** Longer texts are refused: characters, or bytes of a file. */
export const MAX_RULES_FILE = 1 << 20;

/** A YAML text that knows where everything in it stands. */
export class RulesSource {
  readonly file: string | null;
  readonly root: Node | null;
  private readonly lines: readonly string[];
  private readonly counter = new LineCounter();

  /** Throws RulesError when it is not YAML. */
  constructor(text: string, file: string | null) {
    this.file = file;
    if (text.length > MAX_RULES_FILE)
      throw new RulesError([this.problem({ line: 1, column: 1 }, 'the file is longer than 1 MiB')]);
    this.lines = text.split('\n');
    const document = parseDocument(this.lines.map(guarded).join('\n'), {
      lineCounter: this.counter,
      prettyErrors: false,
      // Duplicate keys are found where mappings are read: the parser compares every key with every other.
      uniqueKeys: false,
    });
    if (document.errors.length > 0) {
      throw new RulesError(
        document.errors.map(({ message, pos }) => this.problem(this.counter.linePos(pos[0]), yamlMessage(message))),
      );
    }
    this.root = document.contents as Node | null;
  }

  /** Where a node begins. */
  locate(node: Node | null): Location {
    const { line, col } = this.counter.linePos(node?.range?.[0] ?? 0);
    return { file: this.file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** Where the character `offset` of the text of a scalar stands, however the scalar is written. */
  locateIn(node: Node, text: string, offset: number): Location {
    const start = this.locate(node);
    let line = start.line - 1;
    let left = offset;
    for (const part of text.split('\n')) {
      while (line < this.lines.length && !this.lines[line].includes(part)) line++;
      if (line === this.lines.length) return start;
      if (left <= part.length) {
        const from = line === start.line - 1 ? Math.max(start.column - 2, 0) : 0;
        const column =
          this.lines[line].indexOf(part, from) >= 0
            ? this.lines[line].indexOf(part, from)
            : this.lines[line].indexOf(part);
        return { file: this.file, line: line + 1, column: column + left + 1 };
      }
      left -= part.length + 1;
      line++;
    }
    return start;
  }

  problem(at: { line: number; col?: number; column?: number }, message: string): Problem {
    return { location: { file: this.file, line: at.line, column: at.column ?? at.col ?? 1 }, message };
  }
}

/** An item of a list that is a call with named arguments: `- eventually(x, within: 2s)`. */
const CALL_ITEM = /^(\s*(?:-\s+)+)(!?[A-Za-z_][\w.]*\(.*:\s.*)$/;
/** The value of such a key: `expr: eventually(x, within: 2s)`. */
const CALL_VALUE = /^(\s*(?:-\s+)?(?:expr|select):\s+)(!?[A-Za-z_][\w.]*\(.*:\s.*)$/;

/** Longer lines hold no expression that could be used. It bounds the time that the patterns here take. */
const LONGEST_LINE = MAX_EXPRESSION + 200;

/** To YAML a colon makes a mapping, so that expressions with named arguments need quotes: they are set here. */
function guarded(line: string): string {
  if (line.length > LONGEST_LINE) return line;
  const found = CALL_ITEM.exec(line) ?? CALL_VALUE.exec(line);
  if (found === null) return line;
  const expression = withoutComment(found[2]);
  return `${found[1]}'${expression.replaceAll("'", "''")}'`;
}

function withoutComment(text: string): string {
  const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;
  const masked = text.replace(quoted, (part) => '_'.repeat(part.length));
  const hash = masked.search(/\s#/);
  return (hash < 0 ? text : text.slice(0, hash)).trimEnd();
}

function yamlMessage(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'not YAML that can be read: nested too deeply';
  return `not YAML: ${message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '')}`;
}
