/**
 * Which values of a key can make a difference. A value is relevant if some operation looks for it
 * (a get that saw it, a cas that expects it, whatever its outcome), or if appending a piece that
 * is appended somewhere makes it a relevant one.
 *
 * All other values are one state, "unread". Why: in an unread state every get is illegal, a cas
 * finds another value, a put leaves what it always leaves, and an append leaves an unread state
 * again (otherwise the state before were relevant). So no future tells two unread states apart.
 * Writes that nobody reads thus have one effect, and states stay few however long texts grow.
 */
import { appended } from './append.ts';
import { sameValue } from './interner.ts';
import type { Interner } from './interner.ts';
import { betweenPieces } from './turns.ts';
import type { Turns } from './turns.ts';

/** Appending `piece` in state `from` leaves `to`; all are interned values. */
export interface Step {
  readonly from: number;
  readonly piece: number;
  readonly to: number;
}

/**
 * Adds to `relevant` what leads to it by appending, and gives all such steps. `relevant` and
 * `pieces` are interned values.
 */
export function* appendSteps(
  table: Interner,
  relevant: Set<number>,
  pieces: ReadonlySet<number>,
): Turns<Step[]> {
  const texts = new Map<string, number>();
  for (const piece of pieces) {
    const text = table.value(piece);
    if (typeof text === 'string') texts.set(text, piece);
  }
  const lengths = [...new Set([...texts.keys()].map((text) => text.length))];
  const steps: Step[] = [];
  let looked = 0;
  for (const to of relevant) {
    if ((++looked & betweenPieces) === 0) yield;
    const whole = table.value(to);
    for (const [before, piece] of lastPieces(table, whole, texts, lengths, pieces)) {
      if (!sameValue(appended(before, table.value(piece)), whole)) continue;
      const from = table.intern(before);
      relevant.add(from);
      steps.push({ from, piece, to });
    }
  }
  return steps;
}

/** Every way in which `whole` may be something with a piece appended. */
function* lastPieces(
  table: Interner,
  whole: unknown,
  texts: ReadonlyMap<string, number>,
  lengths: readonly number[],
  pieces: ReadonlySet<number>,
): Iterable<readonly [before: unknown, piece: number]> {
  if (typeof whole === 'string') {
    for (const length of lengths) {
      const at = whole.length - length;
      const piece = at < 0 ? undefined : texts.get(whole.slice(at));
      if (piece === undefined) continue;
      yield [whole.slice(0, at), piece];
      if (at === 0) yield [null, piece];
    }
    return;
  }
  if (!Array.isArray(whole) || whole.length === 0) return;
  const piece = table.intern(whole.at(-1));
  if (!pieces.has(piece)) return;
  yield [whole.slice(0, -1), piece];
  if (whole.length === 1) yield [null, piece];
  if (whole.length === 2) yield [whole[0], piece];
}
