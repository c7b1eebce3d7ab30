/** append of the key-value model, said once: its two implementations must agree. */

/** What append leaves behind. Texts are joined, lists grow; null is the empty one of either. */
export function appended(old: unknown, more: unknown): unknown {
  if (typeof more === 'string' && typeof old === 'string') return old + more;
  if (old === null || old === undefined) return typeof more === 'string' ? more : [more];
  return Array.isArray(old) ? [...(old as unknown[]), more] : [old, more];
}
