/**
 * Two TLA+ values as text with the parts that differ marked: token by token, so that one field of
 * a record stands out and not the whole record.
 */
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

const token = /"(?:\\.|[^"\\])*"|[\p{L}\p{N}_]+|\s+|\|->|:>|@@|<<|>>|[^]/gu;
/** Beyond this the parts between a common start and a common end count as changed. */
const comparedMax = 400;

export interface ValueDiff {
  readonly before: Markup;
  readonly after: Markup;
}

export function valueDiff(before: string, after: string): ValueDiff {
  const [a, b] = [tokens(before), tokens(after)];
  const start = commonStart(a, b);
  const end = commonStart(a.slice(start).reverse(), b.slice(start).reverse());
  const [from, to] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const kept = commonTokens(from, to);
  const head = a.slice(0, start).join('');
  const tail = a.slice(a.length - end).join('');
  return {
    before: markup`${head}${marked(from, kept.from, 'del')}${end === 0 ? '' : tail}`,
    after: markup`${head}${marked(to, kept.to, 'ins')}${end === 0 ? '' : tail}`,
  };
}

function tokens(text: string): string[] {
  return text.match(token) ?? [];
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

interface Kept {
  readonly from: ReadonlySet<number>;
  readonly to: ReadonlySet<number>;
}

/** The longest common subsequence, as places in each. */
function commonTokens(a: readonly string[], b: readonly string[]): Kept {
  const kept = { from: new Set<number>(), to: new Set<number>() };
  if (a.length > comparedMax || b.length > comparedMax) return kept;
  const width = b.length + 1;
  const best = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => best[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      best[i * width + j] =
        a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      kept.from.add(i);
      kept.to.add(j);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return kept;
}

/** Runs of changed tokens stand in one mark each. */
function marked(list: readonly string[], kept: ReadonlySet<number>, name: 'ins' | 'del'): Markup[] {
  const parts: Markup[] = [];
  for (let at = 0; at < list.length;) {
    const same = kept.has(at);
    let end = at;
    while (end < list.length && kept.has(end) === same) end += 1;
    const text = list.slice(at, end).join('');
    if (same) parts.push(markup`${text}`);
    else parts.push(name === 'ins' ? markup`<ins>${text}</ins>` : markup`<del>${text}</del>`);
    at = end;
  }
  return parts;
}
