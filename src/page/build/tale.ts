import { findingTextIn } from '../../detect/raised-finding.ts';
import { ENGLISH } from '../../messages/en/index.ts';
import { type Told, toldIn } from '../../messages/story.ts';
import { budgetOf } from '../../model/budget.ts';
import type { Connection } from '../../model/connection.ts';
import type { Section } from '../../story/item.ts';
import { storyOf } from '../../story/story.ts';
import type { Tale } from '../model.ts';

/** The story of a connection as `explain` tells it. The page lists expenses and findings by itself. */
export function taleOf(connection: Connection, isClocked: boolean): Tale {
  const { overview, sections } = storyOf(connection, budgetOf(connection), isClocked);
  return {
    overview: overview.map(say),
    sections: sections
      .map((section) => ({ heading: ENGLISH.storyFrame.heading[section.heading], lines: linesOf(section) }))
      .filter(({ lines }) => lines.length > 0),
  };
}

function linesOf({ heading, told, findings = [], more = null, advice = [] }: Section): string[] {
  const { storyFrame } = ENGLISH;
  const said = told.map(say);
  const isList = heading === 'wrong' || heading === 'data';
  return [
    ...(isList ? said : []),
    ...findings.map((finding) =>
      storyFrame.finding({ frame: finding.frame, clock: '', text: findingTextIn(finding, ENGLISH), id: finding.id }),
    ),
    ...(more === null ? [] : [say(more)]),
    ...advice.map(({ told: what, certainty }) => `${say(what)} ${storyFrame.certainty[certainty]}`),
    ...(isList || said.length === 0 ? [] : [said.join(' ')]),
  ];
}

function say(told: Told): string {
  return toldIn(ENGLISH.story, told);
}
