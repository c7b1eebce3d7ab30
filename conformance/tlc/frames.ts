// The frame reader of TLC's `-tool` output: a line-driven state machine.
//
// TLC wraps each message in `@!@!@STARTMSG code:class @!@!@` … `@!@!@ENDMSG code @!@!@`; SANY's lines and the
// output of PrintT stand unframed between. What must hold: the events do not depend on how the bytes were cut
// into chunks; every line of the input is in exactly one event; memory is bounded whatever TLC prints.

/** One message of TLC. `severity`: 0 none, 1 error, 2 bug, 3 warning, 4 state. */
export interface Frame {
  readonly type: 'frame';
  readonly code: number;
  readonly severity: number;
  readonly lines: readonly string[];
  /** False when the output ended, or another message began, before this one was closed. */
  readonly closed: boolean;
  /** Lines of the body left out because the frame was larger than frameCharsMax. */
  readonly dropped: number;
}

/** A line outside every message: SANY's progress and errors, PrintT. */
export interface PlainLine {
  readonly type: 'line';
  readonly text: string;
}

export type FrameEvent = Frame | PlainLine;

/** A longer body is cut; no state of a model one can read comes near. */
export const frameCharsMax = 32 * 1024 * 1024;

const startMark = '@!@!@STARTMSG ';
const endMark = '@!@!@ENDMSG ';
const tailMark = ' @!@!@';

interface OpenFrame {
  code: number;
  severity: number;
  lines: string[];
  chars: number;
  dropped: number;
}

function digits(text: string): number | undefined {
  return /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** `2262:0` of a start line, or undefined when the line is no start line. */
function startOf(line: string): { code: number; severity: number } | undefined {
  if (!line.startsWith(startMark) || !line.endsWith(tailMark)) return undefined;
  const [codeText, severityText, ...rest] = line
    .slice(startMark.length, line.length - tailMark.length)
    .split(':');
  const code = digits(codeText ?? '');
  const severity = digits(severityText ?? '');
  if (code === undefined || severity === undefined || rest.length > 0) return undefined;
  return { code, severity };
}

function endOf(line: string): number | undefined {
  if (!line.startsWith(endMark) || !line.endsWith(tailMark)) return undefined;
  return digits(line.slice(endMark.length, line.length - tailMark.length));
}

export class FrameReader {
  readonly #emit: (event: FrameEvent) => void;
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #open: OpenFrame | undefined;

  constructor(emit: (event: FrameEvent) => void) {
    this.#emit = emit;
  }

  /** Takes the next bytes of the output, cut anywhere. */
  push(chunk: Uint8Array): void {
    this.#text(this.#decoder.decode(chunk, { stream: true }));
  }

  /** The output has ended: hands out what is left, an unclosed message included. */
  end(): void {
    this.#text(this.#decoder.decode());
    if (this.#rest !== '') {
      const last = this.#rest;
      this.#rest = '';
      this.#line(last);
    }
    this.#close(false);
  }

  #text(text: string): void {
    let from = 0;
    for (;;) {
      const at = text.indexOf('\n', from);
      if (at < 0) break;
      const piece = text.slice(from, at);
      const line = this.#rest === '' ? piece : this.#rest + piece;
      this.#rest = '';
      this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
      from = at + 1;
    }
    const rest = from === 0 ? text : text.slice(from);
    // A line that never ends must not fill the memory: beyond the bound it is handed on in pieces.
    this.#rest += rest;
    if (this.#rest.length > frameCharsMax) {
      const piece = this.#rest;
      this.#rest = '';
      this.#line(piece);
    }
  }

  #line(line: string): void {
    const start = startOf(line);
    if (start) {
      this.#close(false);
      this.#open = { ...start, lines: [], chars: 0, dropped: 0 };
      return;
    }
    const open = this.#open;
    if (!open) {
      this.#emit({ type: 'line', text: line });
      return;
    }
    if (endOf(line) === open.code) {
      this.#close(true);
      return;
    }
    open.chars += line.length + 1;
    if (open.chars > frameCharsMax) open.dropped += 1;
    else open.lines.push(line);
  }

  #close(closed: boolean): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    const { code, severity, lines, dropped } = open;
    this.#emit({ type: 'frame', code, severity, lines, closed, dropped });
  }
}
