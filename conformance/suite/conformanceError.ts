/** A test of a suite failed: the text is all that is to be read, so there is no stack. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';

  constructor(text: string) {
    super(text);
    this.stack = `${this.name}: ${text}`;
  }
}
