/** The test that says what TLC says of the model itself. */
import type { Facts } from '../verify/exploration.ts';
import { ConformanceError } from './conformanceError.ts';
import type { ModelGraph } from './modelGraph.ts';

export function modelTitle({ name, facts, recorded }: ModelGraph): string {
  if (facts?.verdict !== 'ok') return `${name}: TLC finds nothing wrong`;
  const states = `${facts.distinct.toLocaleString('en-US')} states`;
  return recorded
    ? `${name}: recorded graph of ${states}`
    : `${name}: TLC finds nothing wrong in ${states}`;
}

export function checkFacts({ verdict, kind, message }: Facts): void {
  if (verdict === 'ok') return;
  throw new ConformanceError(message ?? `TLC says ${verdict}: ${kind ?? 'no reason'}`);
}
