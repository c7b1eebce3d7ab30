/**
 * One mutant: a piece of a source text, and what stands there instead. Edits are made from syntax
 * trees, so they name offsets, not texts to search for.
 */
import { relative } from 'node:path';

export interface Edit {
  /** What kind of change, as `--only` names it. */
  readonly operator: string;
  /** Absolute path. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** The action or function it stands in. */
  readonly inside: string;
  /** The same text with something in the edited place that fails as soon as it is evaluated. */
  readonly probe: { readonly start: number; readonly end: number; readonly replacement: string };
}

export interface Mutant extends Edit {
  readonly kind: 'spec' | 'code';
  /** `operator@file:line`, with a number where several share it. */
  readonly id: string;
  readonly line: number;
}

type Piece = Pick<Edit, 'start' | 'end' | 'replacement'>;

export function applyEdit(text: string, { start, end, replacement }: Piece): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The lines that an edit changes, as a diff has them. */
export function diffOf(text: string, edit: Piece): { before: string; after: string } {
  const from = text.lastIndexOf('\n', edit.start - 1) + 1;
  const newline = text.indexOf('\n', edit.end);
  const to = newline < 0 ? text.length : newline;
  const tail = text.slice(edit.end, to);
  return {
    before: text.slice(from, to).trim(),
    after: (text.slice(from, edit.start) + edit.replacement + tail).trim(),
  };
}

/** Numbers edits in the order of their places, and drops those that change nothing or repeat. */
export function mutantsOf(
  kind: Mutant['kind'],
  edits: readonly Edit[],
  o: { readonly root: string; readonly texts: ReadonlyMap<string, string> },
): Mutant[] {
  const seen = new Set<string>();
  const names = new Map<string, number>();
  const order = [...edits].sort(
    (a, b) => compare(a.file, b.file) || a.start - b.start || compare(a.operator, b.operator),
  );
  return order.flatMap((edit): Mutant[] => {
    const text = o.texts.get(edit.file) ?? '';
    const key = JSON.stringify([edit.file, edit.start, edit.end, edit.replacement]);
    if (seen.has(key) || text.slice(edit.start, edit.end) === edit.replacement) return [];
    seen.add(key);
    const line = text.slice(0, edit.start).split('\n').length;
    const name = `${edit.operator}@${relative(o.root, edit.file)}:${line}`;
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    return [{ ...edit, kind, line, id: count === 1 ? name : `${name}#${count}` }];
  });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** As many as asked for, the same ones for the same seed, in the order they came. */
export function sampled<T>(all: readonly T[], max: number, seed: number): readonly T[] {
  if (all.length <= max) return all;
  let state = seed >>> 0 || 1;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const chosen = [...all.keys()];
  for (let i = 0; i < max; i += 1) {
    const j = i + Math.floor(random() * (chosen.length - i));
    [chosen[i], chosen[j]] = [chosen[j]!, chosen[i]!];
  }
  return chosen
    .slice(0, max)
    .sort((a, b) => a - b)
    .map((at) => all[at]!);
}
