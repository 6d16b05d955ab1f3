import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FINDING_IDS } from '../src/detect/catalogue.ts';
import { ENGLISH } from '../src/messages/en/index.ts';
import { causeOf, type FindingWords, say, textOf } from '../src/messages/message.ts';

const SOURCES = new URL('../src/detect/', import.meta.url);
const CLIENT = { name: '10.0.0.1:40000', role: 'client' } as const;

describe('the catalogue of messages', () => {
  it('has a page for every finding, and for nothing else', () => {
    expect(Object.keys(ENGLISH.pages).sort()).toEqual([...FINDING_IDS].sort());
  });

  it('has sentences for every finding: one, or one for each of its cases', () => {
    const told = new Set(Object.keys(ENGLISH.findings).map((key) => key.split('.')[0]));
    expect([...told].sort()).toEqual([...FINDING_IDS].sort());
  });

  it('is the only place with sentences: rules pass keys and values', () => {
    const files = readdirSync(SOURCES).filter((name) => name.endsWith('.ts'));
    const built = files.filter((name) =>
      /\b(text|cause|message): [`']/.test(readFileSync(new URL(name, SOURCES), 'utf8')),
    );
    expect(built).toEqual([]);
  });

  it('says "after" of what comes later', () => {
    const files = readdirSync(new URL('../src/messages/en/', import.meta.url), { recursive: true, encoding: 'utf8' });
    for (const name of files.filter((file) => file.endsWith('.ts'))) {
      const text = readFileSync(new URL(`../src/messages/en/${name}`, import.meta.url), 'utf8');
      // Hosts may stand behind an address.
      expect(text.replaceAll('behind one address', ''), name).not.toMatch(/\bbehind\b/);
    }
  });

  it('may be said in another language', () => {
    const other: FindingWords = {
      ...ENGLISH,
      findings: {
        ...ENGLISH.findings,
        'data-after-fin': { cause: 'Ende', text: ({ sender, bytes }) => `${sender.name}: ${bytes}` },
      },
    };
    const message = say('data-after-fin', { sender: CLIENT, bytes: 7 });
    expect([causeOf(message, other), textOf(message, other)]).toEqual(['Ende', '10.0.0.1:40000: 7']);
    expect(textOf(message)).toBe('10.0.0.1:40000 (client) sent 7 bytes after its own FIN; the receiver ignores them.');
  });
});
