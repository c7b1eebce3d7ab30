/**
 * Progress of searches on stderr: depth, distinct states, states a second, queue, and how long it
 * may still take. What must hold: an estimate is given only while the queue shrinks, since a queue
 * that grows says nothing about its end; 1.7 reports once a minute, so that the clock alone moves
 * in between.
 */
import { grouped } from '../report/columns.ts';
import { makeProgress, type Progress, type ProgressOptions } from '../report/progress.ts';
import type { TlcProgress } from '../tlc/result.ts';

export interface Sample extends TlcProgress {
  /** Seconds since the search began. */
  readonly at: number;
}

const tickMs = 1_000;
/** Beyond, the searches before hardly tell of those to come. */
const samplesMax = 4;

/** What is left by the last rate at which the queue shrank. */
export function estimate(samples: readonly Sample[]): string {
  const last = samples.at(-1);
  const before = samples.at(-2);
  if (last === undefined || before === undefined) return 'no estimate yet';
  if (last.phase !== 'search') return 'no estimate';
  // A search that never has much ahead of it may go on for ever so.
  if (last.queue === 0) return 'no estimate';
  if (last.queue >= before.queue) return 'no estimate (the queue grows)';
  const perSecond = (before.queue - last.queue) / Math.max(0.001, last.at - before.at);
  return `about ${duration(last.queue / perSecond)} left`;
}

export function duration(wholeSeconds: number): string {
  const rounded = Math.round(wholeSeconds);
  if (rounded < 100) return `${rounded} s`;
  const minutes = Math.round(rounded / 60);
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** States a second between the last two reports, or since the start. */
function rate(samples: readonly Sample[]): number {
  const last = samples.at(-1);
  if (last === undefined) return 0;
  const before = samples.at(-2) ?? { generated: 0, at: 0 };
  return (last.generated - before.generated) / Math.max(0.001, last.at - before.at);
}

export function progressText(samples: readonly Sample[], elapsed: number): string {
  const last = samples.at(-1);
  const clock = duration(elapsed);
  if (last === undefined) return clock;
  const speed = `${grouped(Math.round(rate(samples)))} states/s`;
  if (last.phase === 'simulation') {
    return `${grouped(last.generated)} states of random behaviours, ${speed}, ${clock}`;
  }
  const facts = [
    `depth ${grouped(last.depth)}`,
    `${grouped(last.distinct)} distinct`,
    speed,
    `${grouped(last.queue)} on the queue`,
    last.phase === 'liveness' ? 'checking liveness' : estimate(samples),
    clock,
  ];
  return facts.join(', ');
}

export interface RunProgress {
  report(progress: TlcProgress): void;
  end(text: string): void;
}

export interface ChecksProgress {
  start(name: string): RunProgress;
  end(): void;
}

export function checksProgress(o: ProgressOptions & { now?: () => number }): ChecksProgress {
  const progress = makeProgress(o);
  const live = o.sink.isTTY === true && !o.environment['CI'];
  const now = o.now ?? ((): number => performance.now());
  return {
    start: (name) => follow(progress, name, live, now),
    end: () => progress.end(),
  };
}

function follow(progress: Progress, name: string, live: boolean, now: () => number): RunProgress {
  const began = now();
  const samples: Sample[] = [];
  const elapsed = (): number => (now() - began) / 1000;
  const show = (): void => progress.detail(name, progressText(samples, elapsed()));
  progress.started(name);
  const timer = live ? setInterval(show, tickMs) : undefined;
  timer?.unref();
  return {
    report(reported) {
      samples.push({ ...reported, at: elapsed() });
      if (samples.length > samplesMax) samples.shift();
      if (live) show();
      else progress.note(`${name}: ${progressText(samples, elapsed())}`);
    },
    end(text) {
      clearInterval(timer);
      progress.finished(name, text);
    },
  };
}
