/**
 * One random 64-bit key per operation; the hash of a set is the exclusive or of its keys, so
 * taking or putting back one operation costs O(1) (Zobrist 1970). Two sets collide with a chance
 * of 2^-64 per pair; another seed gives unrelated keys, so a false violation does not repeat.
 */
import { betweenYields } from './turns.ts';
import type { Turns } from './turns.ts';

export function* zobrist(size: number, seed: number): Turns<Int32Array> {
  const keys = new Int32Array(2 * size);
  const salt = mix(seed ^ 0x51ed270b);
  for (let op = 0; op < size; op += 1) {
    if ((op & betweenYields) === betweenYields) yield;
    keys[2 * op] = mix(Math.imul(op + 1, 0x9e3779b1) + seed);
    keys[2 * op + 1] = mix(Math.imul(op + 1, 0x85ebca77) ^ salt);
  }
  return keys;
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}
