import { findingTextIn } from '../detect/raised-finding.ts';
import type { Language } from '../messages/message.ts';
import { type PacketHeading, type Told, toldIn } from '../messages/story.ts';
import { escapeText } from '../model/escape.ts';
import type { Finding } from '../model/finding.ts';
import { flagNames } from '../model/flags.ts';
import type { PacketRow } from '../model/row.ts';
import type { Expense, Section, Story } from '../story/item.ts';
import type { PacketTale } from '../story/packet.ts';
import type { Step } from '../story/steps.ts';
import { bar } from './bar.ts';
import { clockAt } from './clock.ts';
import { ownerStyle, type Style } from './style.ts';
import { pad, textWidth, wrap } from './text.ts';

export interface StoryTextOptions {
  readonly language: Language;
  /** Columns; null as long as it takes. */
  readonly width: number | null;
  readonly style: Style;
  /** Bars beside the times. */
  readonly hasBars?: boolean;
  /** Nanoseconds since 1970 of the first record, for the time of day beside findings; null unknown. */
  readonly origin?: bigint | null;
}

const INDENT = '  ';
/** Without a screen: lines that can be read. */
const USUAL_WIDTH = 100;
/** Columns of a bar: fewer tell nothing, more are far from their numbers. */
const SHORTEST_BAR = 10;
const LONGEST_BAR = 40;

/** Writes stories in the words of a language: paragraphs, steps and packets. */
export class StoryText {
  private readonly language: Language;
  private readonly width: number;
  private readonly style: Style;
  private readonly hasBars: boolean;
  private readonly origin: bigint | null;

  constructor({ language, width, style, hasBars = false, origin = null }: StoryTextOptions) {
    this.language = language;
    this.width = width ?? USUAL_WIDTH;
    this.style = style;
    this.hasBars = hasBars;
    this.origin = origin;
  }

  story({ overview, sections }: Story): string[] {
    const [first, ...rest] = overview.map((told) => this.say(told));
    return [
      ...this.lines(first, '', this.style.strong),
      ...rest.flatMap((text) => this.lines(text, '')),
      ...this.sections(sections),
    ];
  }

  /** Parts of a story, each after an empty line. */
  sections(sections: readonly Section[]): string[] {
    return sections.flatMap((section) => ['', ...this.section(section)]);
  }

  /** One packet of the walk. */
  step(step: Step): string[] {
    const { what, numbers, acknowledges, window, options, states, verdict } = step;
    return [
      this.packetLine(step.row),
      ...this.paragraph([...what, ...numbers, ...acknowledges, ...window, ...options, ...verdict, ...states], INDENT),
      ...this.findings(step.row.findings, 0),
    ];
  }

  packet({ step, fields, why, follows, verdict }: PacketTale): string[] {
    const { storyFrame } = this.language;
    const { row } = step;
    const names = fields.map(({ name }) => storyFrame.field[name]);
    const nameWidth = Math.max(...names.map(textWidth));
    const valueWidth = Math.min(Math.max(...fields.map(({ value }) => textWidth(value))), 32);
    const table = fields.flatMap(({ value, meaning }, i) => {
      const head = `${INDENT}${pad(names[i], nameWidth, 'left')}${INDENT}${pad(escapeText(value), valueWidth, 'left')}${INDENT}`;
      const lines = this.wrapped(this.join(meaning), this.width - textWidth(head));
      return lines.map((line, n) => `${n === 0 ? head : ' '.repeat(textWidth(head))}${line}`.trimEnd());
    });
    const part = (heading: PacketHeading, told: readonly Told[]) => [
      '',
      this.style.heading(storyFrame.heading[heading]),
      ...this.paragraph(told, INDENT),
    ];
    const { connection, sender, view } = row;
    const title = storyFrame.packetTitle({
      frame: view.frame,
      stream: connection.id,
      role: sender.role,
      flags: flagNames(view.flags),
      bytes: view.payloadLength,
    });
    return [
      ...this.lines(title, '', this.style.strong),
      '',
      this.style.heading(storyFrame.heading.fields),
      ...table,
      ...part('why', why),
      ...part('answers', step.acknowledges),
      ...part('follows', follows),
      ...part('verdict', verdict),
      ...this.findings(row.findings, 0),
    ];
  }

  private section({ heading, told, expenses = [], findings = [], more = null, advice = [] }: Section): string[] {
    const { storyFrame } = this.language;
    return [
      this.style.heading(storyFrame.heading[heading]),
      ...this.expenses(expenses),
      ...(heading === 'wrong' || heading === 'data' ? told.flatMap((one) => this.lines(this.say(one), INDENT)) : []),
      ...this.findings(findings, 1),
      ...(more === null ? [] : this.lines(this.say(more), INDENT)),
      ...advice.flatMap(({ told: what, certainty }) =>
        this.lines(this.joined([this.say(what), storyFrame.certainty[certainty]]), INDENT),
      ),
      ...(heading === 'wrong' || heading === 'data' ? [] : this.paragraph(told, INDENT)),
    ];
  }

  private expenses(expenses: readonly Expense[]): string[] {
    const { storyFrame } = this.language;
    const times = expenses.map(({ time }) => storyFrame.duration(time));
    const shares = expenses.map(({ share }) => storyFrame.percent(share));
    const uses = expenses.map(({ owner, cause }) => storyFrame.use(owner, cause));
    const widest = (texts: readonly string[]) => Math.max(...texts.map(textWidth));
    const heads = times.map(
      (time, i) =>
        `${INDENT}${pad(time, widest(times), 'right')}${INDENT}${pad(shares[i], widest(shares), 'right')}${INDENT}`,
    );
    const left = textWidth(heads[0] ?? '');
    const room = Math.min(this.width - left - widest(uses) - INDENT.length, LONGEST_BAR);
    return expenses.flatMap(({ owner, share }, i) => {
      const drawn = this.hasBars && room >= SHORTEST_BAR ? bar(share, room) : '';
      if (drawn !== '') {
        return [`${heads[i]}${pad(uses[i], widest(uses), 'left')}${INDENT}${ownerStyle(owner, this.style)(drawn)}`];
      }
      return this.wrapped(uses[i], this.width - left).map((line, n) => (n === 0 ? heads[i] : ' '.repeat(left)) + line);
    });
  }

  /** `from`: 0 where the packet is named already. */
  private findings(findings: readonly Finding[], from: 0 | 1): string[] {
    const words = this.language.findings;
    return findings.flatMap((finding) => {
      const text = escapeText(findingTextIn(finding, words));
      const clock = from === 0 || this.origin === null ? '' : clockAt(this.origin, finding.time);
      const frame = from === 0 ? 0 : finding.frame;
      const line = this.language.storyFrame.finding({ frame, clock, text, id: finding.id });
      const style =
        finding.severity === 'error'
          ? this.style.error
          : finding.severity === 'warning'
            ? this.style.warning
            : this.style.quiet;
      return this.lines(line, INDENT, style);
    });
  }

  private packetLine({ view, sinceStart, sender }: PacketRow): string {
    const { frame, flags, payloadLength } = view;
    const title = { frame, at: sinceStart, role: sender.role, flags: flagNames(flags), bytes: payloadLength };
    const style = sender.isClient ? this.style.client : this.style.server;
    return style(this.language.storyFrame.stepTitle(title));
  }

  private paragraph(told: readonly Told[], indent: string): string[] {
    const text = this.join(told);
    return text === '' ? [] : this.lines(text, indent);
  }

  private say(told: Told): string {
    return escapeText(toldIn(this.language.story, told));
  }

  private join(told: readonly Told[]): string {
    return this.joined(told.map((one) => this.say(one)));
  }

  private joined(sentences: readonly string[]): string {
    return sentences.filter((text) => text !== '').join(this.language.storyFrame.betweenSentences);
  }

  private lines(text: string, indent: string, style: (text: string) => string = (same) => same): string[] {
    return this.wrapped(text, this.width - indent.length).map((line) => indent + style(line));
  }

  private wrapped(text: string, width: number): string[] {
    return wrap(text, Math.max(width, 20));
  }
}
