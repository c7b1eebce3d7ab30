// Turns TLC's messages into a result, one at a time. What must hold: `ok` only if TLC itself said that no error was
// found (or a simulation ended without one); the first error decides the kind; what is kept is bounded.

import { code, meaningOf, meaningOfExit, type Meaning } from './codes.ts';
import type { Frame, FrameEvent } from './frames.ts';
import type { TlcCoverage, TlcLocation, TlcProgress, TlcReading, TlcTraceStep } from './result.ts';
import { SanyMessages } from './sanyMessages.ts';
import { readHeader, readPlace, readState, readStep } from './traceState.ts';

/** A spec that prints without end must not fill the memory: later lines are dropped, and that is said. */
export const printLinesMax = 200_000;
export const traceStepsMax = 100_000;

const integer = (text: string | undefined): number => Number((text ?? '0').replaceAll(',', ''));
const number = '(-?[\\d,]+)';
const statistics = new RegExp(
  `${number} states generated(?: \\([^)]*\\))?, ${number} distinct states found(?: \\([^)]*\\))?, ${number} states left`,
);
const oneInit = new RegExp(`initial states: ${number} distinct states? generated`);
const twoInit = new RegExp(
  `initial states: ${number} states generated, with ${number} of them distinct`,
);

interface Counts {
  distinct: number;
  generated: number;
  queue: number;
  depth: number;
  initial: number;
}

export class TlcReader {
  readonly #onProgress: ((progress: TlcProgress) => void) | undefined;
  readonly #counts: Counts = { distinct: 0, generated: 0, queue: 0, depth: 0, initial: 0 };
  readonly #coverage = new Map<string, TlcCoverage>();
  readonly #trace: TlcTraceStep[] = [];
  readonly #prints: string[] = [];
  readonly #warnings: string[] = [];
  readonly #sany = new SanyMessages();
  #inSany = false;
  #printsDropped = 0;
  #version = '';
  #succeeded = false;
  #simulated = false;
  #meaning: Meaning | undefined;
  #property: string | undefined;
  #message: string | undefined;
  #location: TlcLocation | undefined;
  #lasso: 'stuttering' | number | undefined;

  constructor(onProgress?: (progress: TlcProgress) => void) {
    this.#onProgress = onProgress;
  }

  take(event: FrameEvent): void {
    if (event.type === 'line') {
      if (event.text.startsWith('Terminating due to java.lang.OutOfMemoryError')) {
        this.#meaning = { verdict: 'unknown', kind: 'memory' };
        this.#message = event.text;
      } else if (this.#inSany) this.#sany.line(event.text);
      else this.#print(event.text);
      return;
    }
    if (event.severity === 4) this.#takeState(event);
    else if (event.severity === 1 || event.severity === 2) this.#takeError(event);
    else this.#takeNews(event);
  }

  /** The result once the output has ended. `exitCode` is undefined when the run was killed. */
  finish(exitCode: number | undefined): TlcReading {
    const meaning = this.#meaning ?? this.#meaningOfEnd(exitCode);
    const parse = meaning.kind === 'parse' ? this.#sany.problem() : undefined;
    const message = parse?.message ?? this.#message;
    const location = parse?.location ?? this.#location;
    if (this.#printsDropped > 0) {
      this.#warnings.push(
        `${this.#printsDropped} printed lines beyond ${printLinesMax} were dropped`,
      );
    }
    return {
      ...meaning,
      ...(this.#property === undefined ? {} : { property: this.#property }),
      ...(message === undefined ? {} : { message }),
      ...(location ? { location } : {}),
      ...this.#counts,
      coverage: [...this.#coverage.values()],
      ...(this.#trace.length > 0 ? { trace: this.#trace } : {}),
      ...(this.#lasso === undefined ? {} : { lasso: this.#lasso }),
      prints: this.#prints,
      warnings: this.#warnings,
      version: this.#version,
    };
  }

  #meaningOfEnd(exitCode: number | undefined): Meaning | { verdict: 'ok'; kind?: never } {
    if (exitCode === 0 && (this.#succeeded || this.#simulated)) return { verdict: 'ok' };
    const ofExit = exitCode === undefined ? undefined : meaningOfExit(exitCode);
    if (ofExit) return ofExit;
    // Before TLC says its version, Java itself speaks: a heap it cannot have, a class it cannot find.
    const said = this.#version === '' ? this.#prints.slice(0, 3).join(' ') : '';
    if (exitCode === undefined) this.#message ??= 'TLC was stopped.';
    this.#message ??= `TLC ended with ${exitCode} and no verdict. ${said}`.trim();
    if (/maximum heap|reserve enough space/.test(said))
      return { verdict: 'unknown', kind: 'memory' };
    return { verdict: exitCode === undefined ? 'unknown' : 'error', kind: 'crash' };
  }

  #print(text: string): void {
    if (this.#prints.length < printLinesMax) this.#prints.push(text);
    else this.#printsDropped += 1;
  }

  #takeState(frame: Frame): void {
    const head = frame.lines[0] ?? '';
    if (frame.code === code.stuttering) {
      this.#lasso = 'stuttering';
    } else if (frame.code === code.backToState) {
      this.#lasso = readHeader(head)?.number ?? 1;
    } else {
      const step = readStep(frame.lines);
      if (step && this.#trace.length < traceStepsMax) this.#trace.push(step);
    }
  }

  #takeError(frame: Frame): void {
    // TLC prints an exception's own message as a message within the message.
    const own = frame.lines.filter((line) => !line.includes('@!@!@'));
    const text = own.join('\n').trimEnd();
    if (frame.code === code.nested) {
      this.#location ??= nestedPlace(frame.lines);
      return;
    }
    const meaning = meaningOf(frame.code, text);
    if (!meaning) return;
    // Running out of memory or disk overrides what TLC makes of it afterwards.
    if (this.#meaning && meaning.verdict !== 'unknown') {
      if (this.#meaning.kind === 'evaluation') this.#message = `${this.#message}\n${text}`;
      return;
    }
    this.#meaning = meaning;
    this.#message = text;
    this.#property = propertyOf(text);
    if (meaning.kind === 'assume') this.#location = placeIn(text);
    if (frame.code === 2107 || frame.code === 2108) {
      this.#trace.push({ state: readState(frame.lines.slice(1)) });
    }
  }

  #takeNews(frame: Frame): void {
    const text = frame.lines.join('\n');
    if (frame.severity === 3 && frame.code !== code.collectorAdvice)
      this.#warnings.push(text.trimEnd());
    switch (frame.code) {
      case code.version:
        this.#version = /Version (\S+)/.exec(text)?.[1] ?? '';
        break;
      case code.sanyStart:
        this.#inSany = true;
        break;
      case code.sanyEnd:
        this.#inSany = false;
        break;
      case code.success:
        this.#succeeded = true;
        break;
      case code.depth:
        this.#counts.depth = integer(/search is ([\d,]+)/.exec(text)?.[1]);
        break;
      case code.simulationProgress:
      case code.simulationStats:
        this.#simulated = true;
        this.#counts.generated = integer(/([\d,]+) states/.exec(text)?.[1]);
        break;
      case code.coverageAction:
      case code.coverageInit:
        this.#takeCoverage(text);
        break;
      default:
        this.#takeCounts(frame.code, text);
    }
  }

  #takeCounts(messageCode: number, text: string): void {
    const counts = this.#counts;
    if (messageCode === code.initDone || messageCode === code.initDoneTwo) {
      const two = twoInit.exec(text);
      counts.initial = integer(two ? two[2] : oneInit.exec(text)?.[1]);
    } else if (messageCode === code.progress || messageCode === code.finalStats) {
      const match = statistics.exec(text);
      if (!match) return;
      counts.generated = integer(match[1]);
      counts.distinct = integer(match[2]);
      counts.queue = integer(match[3]);
      if (messageCode === code.finalStats) return;
      counts.depth = integer(/^Progress\(([\d,]+)\)/.exec(text)?.[1]);
      const { depth, generated, distinct, queue } = counts;
      this.#onProgress?.({ depth, generated, distinct, queue });
    }
  }

  #takeCoverage(text: string): void {
    const match = /^<(\S+?)(?:\(.*\))? (line [^>]*)>: ([\d,]+):([\d,]+)/.exec(text);
    const location = match && readPlace(match[2] ?? '');
    if (!match || !location) return;
    const action = match[1] ?? '';
    // TLC repeats the statistics while it runs; the last ones count.
    this.#coverage.set(`${action} ${location.file}:${location.line}:${location.column}`, {
      action,
      module: location.file.slice(0, -'.tla'.length),
      location,
      distinct: integer(match[3]),
      generated: integer(match[4]),
    });
  }
}

/** The innermost of `0. Line 39, column 3 to line 43, column 21 in Voting`. */
function nestedPlace(lines: readonly string[]): TlcLocation | undefined {
  const match = lines
    .map((line) => /^\d+\. Line (\d+), column (\d+) to line \d+, column \d+ in (\S+)$/.exec(line))
    .filter((found) => found !== null)
    .at(-1);
  if (!match) return undefined;
  return { file: `${match[3]}.tla`, line: Number(match[1]), column: Number(match[2]) };
}

/** `Assumption line 10, col 8 to line 10, col 20 of module K is false.` */
function placeIn(text: string): TlcLocation | undefined {
  const match = /(line \d+, col \d+ to line \d+, col \d+ of module \S+)/.exec(text)?.[1];
  return match === undefined ? undefined : readPlace(match);
}

function propertyOf(text: string): string | undefined {
  const match =
    /^(?:Invariant|Action property|Property|Temporal property) (.+?) (?:is|was) violated/.exec(
      text,
    );
  return match?.[1];
}
