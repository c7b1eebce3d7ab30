/**
 * A node whose disk has failed under it. What must hold: nobody starts it again on that disk of
 * himself; see docs/decisions/026.
 */
export class DiskFailed extends Error {
  override readonly name = 'DiskFailed';

  constructor(folder: string, cause: Error) {
    super(
      `${cause.message}. The node has stopped, and others take its place. Replace the disk or ` +
        `wipe ${folder}, then start the node: it gets its replicas anew.`,
      { cause },
    );
  }
}

/** The exit code that says so to whoever would start the process again. */
export const diskFailedCode = 5;
