/**
 * Work on megabytes that is done piece by piece, so that a process may do other things between two of
 * them. A generator tells how many bytes each piece had, and returns the result. What must hold: the
 * result is the same whoever takes the pieces, at once or in turns.
 */

export type Pieces<T> = Generator<number, T, void>;

/** Resolves when the next piece may be taken, after one of so many bytes. */
export type Turn = (bytes: number) => Promise<void>;

/** What a piece has about: some hundred microseconds of copying and summing. */
export const pieceBytes = 64 << 10;

/** For who has nothing else to do. */
export function atOnce<T>(pieces: Pieces<T>): T {
  let next = pieces.next();
  while (next.done !== true) next = pieces.next();
  return next.value;
}

export async function inTurns<T>(pieces: Pieces<T>, turn: Turn): Promise<T> {
  let next = pieces.next();
  while (next.done !== true) {
    await turn(next.value);
    next = pieces.next();
  }
  return next.value;
}

/** Whether two are the same, byte for byte. */
export function* comparing(one: Buffer, other: Buffer): Pieces<boolean> {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += pieceBytes) {
    const part = one.subarray(at, at + pieceBytes);
    if (!part.equals(other.subarray(at, at + pieceBytes))) return false;
    yield part.length;
  }
  return true;
}
