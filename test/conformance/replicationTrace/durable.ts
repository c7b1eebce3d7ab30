/**
 * What each replica's disk holds, as the recordings tell: the images that its writes led to. What
 * must hold: a process that begins again says how many of them had become durable, or that it holds
 * what it never wrote.
 */
export interface Image {
  readonly promised: number;
  readonly logBallot: number;
  readonly log: readonly string[];
}

const emptyImage: Image = { promised: 0, logBallot: 0, log: [] };

function same(a: Image, b: Image): boolean {
  if (a.promised !== b.promised || a.logBallot !== b.logBallot) return false;
  return a.log.length === b.log.length && a.log.every((name, i) => name === b.log[i]);
}

export class Writes {
  /** The durable image, and then one after each write that is not known to be. */
  #images: Image[] = [emptyImage];

  get image(): Image {
    return this.#images.at(-1)!;
  }

  write(image: Image): void {
    this.#images.push(image);
  }

  /** The last write is said in other words. */
  rename(image: Image): void {
    this.#images[this.#images.length - 1] = image;
  }

  persisted(count: number): void {
    this.#images.splice(0, count);
  }

  /** How many more writes were durable when the process ended, given what it began with again. */
  survived(found: Image): number | undefined {
    const at = this.#images.findLastIndex((image) => same(image, found));
    return at < 0 ? undefined : at;
  }

  restart(found: Image): void {
    this.#images = [found];
  }
}
