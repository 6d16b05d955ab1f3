import { ExpressionError } from './error.ts';

/** Longer patterns, and patterns that unfold into more states, are refused. */
const MAX_PATTERN = 200;
const MAX_STATES = 2000;
const MAX_REPEAT = 100;

type Test = (code: number) => boolean;

/** States of a nondeterministic automaton: one that takes a character, one that forks, an anchor, or the end. */
type State =
  | { kind: 'take'; test: Test; next: number }
  | { kind: 'fork'; next: number; other: number }
  | { kind: 'anchor'; isStart: boolean; next: number }
  | { kind: 'match' };

/**
 * A regular expression whose matching takes time proportional to the text, whatever the pattern: all paths are followed at
 * once, none is tried again. Literals, `.`, classes, `\d \w \s \b`-free escapes, groups, `|`, `* + ? {m,n}`, `^` and `$`;
 * no look-around and no back references, as in RE2, which CEL prescribes.
 */
export class Pattern {
  private readonly states: State[] = [];
  private readonly start: number;

  /** Throws ExpressionError with offsets in `source`. */
  constructor(source: string) {
    if (source.length > MAX_PATTERN) throw new ExpressionError(`a pattern has at most ${MAX_PATTERN} characters`, 0);
    const tree = new PatternReader(source).read();
    this.start = this.build(tree, this.add({ kind: 'match' }));
  }

  /** Most steps that a character of the text takes. */
  get size(): number {
    return this.states.length;
  }

  /** Is there a match anywhere in `text`? */
  test(text: string): boolean {
    let current = new Set<number>();
    for (let i = 0; i <= text.length; i++) {
      this.enter(this.start, i, text.length, current);
      for (const id of current) if (this.states[id].kind === 'match') return true;
      const next = new Set<number>();
      const code = text.charCodeAt(i);
      for (const id of current) {
        const state = this.states[id];
        if (state.kind === 'take' && i < text.length && state.test(code))
          this.enter(state.next, i + 1, text.length, next);
      }
      current = next;
    }
    return false;
  }

  /** Adds `id` and all that is reached from it without taking a character. */
  private enter(id: number, at: number, length: number, into: Set<number>): void {
    const stack = [id];
    for (let n = stack.pop(); n !== undefined; n = stack.pop()) {
      if (into.has(n)) continue;
      into.add(n);
      const state = this.states[n];
      if (state.kind === 'fork') stack.push(state.next, state.other);
      else if (state.kind === 'anchor' && at === (state.isStart ? 0 : length)) stack.push(state.next);
    }
  }

  private add(state: State): number {
    if (this.states.length >= MAX_STATES) throw new ExpressionError('the pattern repeats too much', 0);
    return this.states.push(state) - 1;
  }

  /** Builds the states of `tree` that go on to `next`; returns the first. */
  private build(tree: Tree, next: number): number {
    switch (tree.kind) {
      case 'take':
        return this.add({ kind: 'take', test: tree.test, next });
      case 'anchor':
        return this.add({ kind: 'anchor', isStart: tree.isStart, next });
      case 'sequence':
        return tree.parts.reduceRight((after, part) => this.build(part, after), next);
      case 'choice':
        return tree.parts
          .map((part) => this.build(part, next))
          .reduce((a, b) => this.add({ kind: 'fork', next: a, other: b }));
      case 'repeat':
        return this.repeat(tree, next);
    }
  }

  private repeat({ part, least, most }: Tree & { kind: 'repeat' }, next: number): number {
    let first = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop = this.add({ kind: 'fork', next, other: next });
      (this.states[loop] as { next: number }).next = this.build(part, loop);
      first = loop;
    } else {
      for (let i = least; i < most; i++) first = this.add({ kind: 'fork', next: this.build(part, first), other: next });
    }
    for (let i = 0; i < least; i++) first = this.build(part, first);
    return first;
  }
}

type Tree =
  | { kind: 'take'; test: Test }
  | { kind: 'anchor'; isStart: boolean }
  | { kind: 'sequence'; parts: Tree[] }
  | { kind: 'choice'; parts: Tree[] }
  | { kind: 'repeat'; part: Tree; least: number; most: number };

const CLASSES: Record<string, Test> = {
  d: (code) => code >= 48 && code <= 57,
  w: (code) => /\w/.test(String.fromCharCode(code)),
  s: (code) => /\s/.test(String.fromCharCode(code)),
};

class PatternReader {
  private readonly source: string;
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  read(): Tree {
    const tree = this.choice();
    if (this.at < this.source.length) this.fail('a ) without its (');
    return tree;
  }

  private choice(): Tree {
    const parts = [this.sequence()];
    while (this.skip('|')) parts.push(this.sequence());
    return parts.length === 1 ? parts[0] : { kind: 'choice', parts };
  }

  private sequence(): Tree {
    const parts: Tree[] = [];
    while (this.at < this.source.length && this.peek() !== '|' && this.peek() !== ')') parts.push(this.repeated());
    return { kind: 'sequence', parts };
  }

  private repeated(): Tree {
    let part = this.atom();
    for (;;) {
      const bounds = this.bounds();
      if (bounds === null) return part;
      part = { kind: 'repeat', part, ...bounds };
      this.skip('?'); // as few as possible or as many makes no difference to whether there is a match
    }
  }

  private bounds(): { least: number; most: number } | null {
    if (this.skip('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.skip('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.skip('?')) return { least: 0, most: 1 };
    const found = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.source.slice(this.at));
    if (found === null) return null;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (least > MAX_REPEAT || (most > MAX_REPEAT && most !== Number.POSITIVE_INFINITY) || most < least) {
      this.fail(`a repetition goes up to ${MAX_REPEAT}, the lower bound first`);
    }
    this.at += found[0].length;
    return { least, most };
  }

  private atom(): Tree {
    if (this.skip('(')) {
      if (this.peek() === '?' && !this.source.startsWith('?:', this.at)) this.fail('there is no look-around');
      if (this.peek() === '?') this.at += 2;
      const inner = this.choice();
      if (!this.skip(')')) this.fail('a ) is missing');
      return inner;
    }
    if (this.skip('[')) return { kind: 'take', test: this.set() };
    if (this.skip('.')) return { kind: 'take', test: () => true };
    if (this.skip('^')) return { kind: 'anchor', isStart: true };
    if (this.skip('$')) return { kind: 'anchor', isStart: false };
    if (/[*+?]/.test(this.peek())) this.fail('nothing to repeat');
    return { kind: 'take', test: this.character() };
  }

  private set(): Test {
    const isNot = this.skip('^');
    const tests: Test[] = [];
    for (let first = true; first || this.peek() !== ']'; first = false) {
      if (this.at >= this.source.length) this.fail('a ] is missing');
      tests.push(this.range());
    }
    this.at++;
    return (code) => tests.some((test) => test(code)) !== isNot;
  }

  private range(): Test {
    const from = this.source.charCodeAt(this.at);
    const isRange = this.peek() !== '\\' && /^-[^\]]/.test(this.source.slice(this.at + 1));
    if (!isRange) return this.character();
    const to = this.source.charCodeAt(this.at + 2);
    this.at += 3;
    return (code) => code >= from && code <= to;
  }

  private character(): Test {
    if (!this.skip('\\')) {
      const code = this.source.charCodeAt(this.at++);
      return (other) => other === code;
    }
    const letter = this.peek();
    this.at++;
    const test = CLASSES[letter.toLowerCase()];
    if (test !== undefined) return letter === letter.toLowerCase() ? test : (code) => !test(code);
    if (letter === '' || /[A-Za-z0-9]/.test(letter)) this.fail(`\\${letter} is not supported`);
    const code = letter.charCodeAt(0);
    return (other) => other === code;
  }

  private peek(): string {
    return this.source[this.at] ?? '';
  }

  private skip(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private fail(message: string): never {
    throw new ExpressionError(`in the pattern: ${message}`, this.at);
  }
}
