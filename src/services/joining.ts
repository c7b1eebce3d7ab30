/**
 * How a member that lacks much joins a ballot: it copies what is chosen first, piece by piece, and
 * is sent the rest of the log to join by. What must hold: a join leaves out only what the member said
 * it holds and what is chosen; put together again it is the one that the leader made.
 */
import type { Join } from '../protocol/replication/state.ts';
import { sizeOf } from './commandCodec.ts';

/** A member that would have to be sent more copies first. */
const joinBytesMax = 4 << 20;
/** A member whose commit is so far behind a candidate's copies, lest the join be too large. */
export const behindSlots = 1_024;

/**
 * The join without the slots up to `known`; undefined where what is left of the chosen slots is too
 * large: that can be copied. What is not chosen can come by the join alone.
 */
export function trimmed(join: Join, known: number, commit: number): Join | undefined {
  const { start, entries } = join;
  const left = Math.min(Math.max(0, Math.min(known, commit) - start), entries.length);
  const rest = left > 0 ? entries.slice(left) : entries;
  let bytes = 0;
  for (const command of rest.slice(0, Math.max(0, commit - start - left))) bytes += sizeOf(command);
  if (bytes > joinBytesMax) return undefined;
  return left > 0 ? { ...join, start: start + left, entries: rest } : join;
}
