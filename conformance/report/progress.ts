/**
 * Progress on stderr: one live line on a terminal, plain lines elsewhere. What must hold: no
 * control characters where nobody sees a terminal, colour only where NO_COLOR allows it.
 */
import { grouped } from './columns.ts';

export interface ProgressSink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly sink: ProgressSink;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly total: number;
}

export interface Progress {
  /** A task began; `detail` may follow as often as it likes. */
  started(task: string): void;
  detail(task: string, text: string): void;
  finished(task: string, text: string): void;
  /** A line that stays, whatever the mode. */
  note(text: string): void;
  end(): void;
}

const clearLine = '\r\u001b[2K';

export function makeProgress({ sink, environment, total }: ProgressOptions): Progress {
  const live = sink.isTTY === true && !environment['CI'] && environment['TERM'] !== 'dumb';
  const colour = live && environment['NO_COLOR'] === undefined;
  const running = new Map<string, string>();
  let done = 0;
  const count = (): string => `[${grouped(done)}/${grouped(total)}]`;
  const draw = (): void => {
    if (!live) return;
    const tasks = [...running].map(([task, text]) => (text === '' ? task : `${task} ${text}`));
    const line = `${count()} ${tasks.join(' · ')}`.slice(0, (sink.columns ?? 80) - 1);
    sink.write(`${clearLine}${colour ? `\u001b[2m${line}\u001b[22m` : line}`);
  };
  const print = (text: string): void => {
    sink.write(live ? `${clearLine}${text}\n` : `${text}\n`);
    draw();
  };
  return {
    started(task) {
      running.set(task, '');
      draw();
    },
    detail(task, text) {
      if (running.has(task)) running.set(task, text);
      draw();
    },
    finished(task, text) {
      running.delete(task);
      done += 1;
      print(`${count()} ${task}: ${text}`);
    },
    note: print,
    end() {
      running.clear();
      if (live) sink.write(clearLine);
    },
  };
}
