// Collects TLC's coverage statistics. What must hold: TLC repeats them while it runs, and the last ones count.

import { code } from './codes.ts';
import type { TlcCoverage, TlcExpression } from './result.ts';
import { readPlace } from './traceState.ts';

/** A spec has a few thousand expressions; more than this is no spec. */
const expressionsMax = 100_000;

const integer = (text: string | undefined): number => Number((text ?? '0').replaceAll(',', ''));

export class CoverageReader {
  readonly #actions = new Map<string, TlcCoverage>();
  readonly #expressions = new Map<string, TlcExpression>();

  /** False for messages that are none of coverage. */
  take(messageCode: number, text: string): boolean {
    switch (messageCode) {
      case code.coverageAction:
        this.#action(text, {});
        return true;
      case code.coverageInit:
        this.#action(text, { initial: true });
        return true;
      case code.coverageValue:
      case code.coverageCost:
        this.#expression(text);
        return true;
      default:
        return false;
    }
  }

  read(): { coverage: readonly TlcCoverage[]; expressions: readonly TlcExpression[] } {
    return { coverage: [...this.#actions.values()], expressions: [...this.#expressions.values()] };
  }

  #action(text: string, kind: { initial?: true }): void {
    const match = /^<([^\s(]+)(?:\(.*\))? (line [^>]*)>: ([\d,]+):([\d,]+)/.exec(text);
    const location = match && readPlace(match[2] ?? '');
    if (!match || !location) return;
    const action = match[1] ?? '';
    this.#actions.set(`${action} ${location.file}:${location.line}:${location.column}`, {
      action,
      module: location.file.slice(0, -'.tla'.length),
      location,
      distinct: integer(match[3]),
      generated: integer(match[4]),
      ...kind,
    });
  }

  /** `  ||line 7, col 6 to line 7, col 10 of module K: 18`, with `: 18:36` where TLC tells the cost. */
  #expression(text: string): void {
    const match = /^\s*(\|*)(line .*?): ([\d,]+)(?::[\d,]+)?\s*$/.exec(text);
    const location = match && readPlace(match[2] ?? '');
    if (!match || !location) return;
    const key = (match[2] ?? '') + (match[1] ?? '');
    const full = this.#expressions.size >= expressionsMax && !this.#expressions.has(key);
    if (full) return;
    const depth = match[1]?.length ?? 0;
    this.#expressions.set(key, { location, depth, count: integer(match[3]) });
  }
}
