/**
 * The differential fuzzer: small histories, right and damaged, given to a checker and to brute
 * force. fast-check draws the cases; its seed is printed by the caller.
 */
import fc from 'fast-check';
import type { HistoryResult, Operation } from '../../conformance/history.ts';
import { corrupt, generate, randomFrom, smallShape } from './historyGenerator.ts';
import type { Random } from './historyGenerator.ts';
import { isLinearizable } from './historyOracle.ts';

export interface FuzzResult {
  readonly histories: number;
  readonly violations: number;
  /** The history the two disagree on, and what each said. */
  readonly difference?: string;
}

export function fuzz(
  runs: number,
  seed: number,
  check: (history: Operation[], random: Random) => HistoryResult,
): FuzzResult {
  let violations = 0;
  let difference: string | undefined;
  const compare = (case_: number): boolean => {
    const random = randomFrom(case_);
    const right = generate(smallShape(random), random);
    const history = random(3) > 0 ? corrupt(right, random) : right;
    const expected = isLinearizable(history) ? 'ok' : 'violation';
    if (expected === 'violation') violations += 1;
    const { verdict } = check(history, random);
    if (verdict === expected) return true;
    difference = `brute force: ${expected}, checker: ${verdict}\n${JSON.stringify(history)}`;
    return false;
  };
  const every = fc.property(fc.integer(), compare);
  const outcome = fc.check(every, { numRuns: runs, seed, endOnFailure: true });
  if (outcome.failed && difference === undefined) throw outcome.errorInstance;
  const counts = { histories: outcome.numRuns, violations };
  return difference === undefined ? counts : { ...counts, difference };
}
