import { createHash } from 'node:crypto';
import { UsageError } from '../../model/errors.ts';

/** Where the next page begins, for `question`: whatever the answer depends on. */
export function cursorAt(position: number, question: string): string {
  return Buffer.from(`${position}:${digest(question)}`).toString('base64url');
}

/** What `cursorAt` was given. Throws UsageError where the cursor is none, or that of another question. */
export function positionOf(cursor: string, question: string): number {
  const [, position, mark] = /^(\d{1,15}):([0-9a-f]{16})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (position === undefined) throw new UsageError('cursor: it must be the nextCursor of an earlier answer');
  if (mark !== digest(question))
    throw new UsageError(
      'cursor: it belongs to other arguments, or the capture has changed since: ask again without a cursor',
    );
  return Number(position);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
