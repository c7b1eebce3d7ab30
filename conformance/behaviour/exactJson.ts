/**
 * JSON whose integers are never rounded: one that is no safe number becomes `{"#bigint": "…"}`, a
 * fraction `{"#unserializable": "…"}`, as ITF writes them. What must hold: no input makes it throw
 * anything but GraphError, or take more than time in proportion to its length.
 */
import { refuseTrace } from './traceFile.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const quote = 34;
const backslash = 92;
const plainDigitsMax = 15;

/** `at` says where the text stands, for the message. */
export function parseExactJson(text: string, file: string | undefined, at = ''): Json {
  try {
    return JSON.parse(withExactNumbers(text)) as Json;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const message = `${at}not JSON: ${said.replaceAll(/\s+/g, ' ').slice(0, 200)}`;
    return refuseTrace(file, message, { cause });
  }
}

const isNumberPart = (c: number): boolean =>
  (c >= 48 && c <= 57) || c === 46 || c === 43 || c === 45 || c === 69 || c === 101;

/** The same text, each number that JavaScript would round put into an object. */
function withExactNumbers(text: string): string {
  const pieces: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === quote) {
      at = stringEnd(text, at + 1);
    } else if (c === 45 || (c >= 48 && c <= 57)) {
      const start = at;
      while (at < text.length && isNumberPart(text.charCodeAt(at))) at++;
      const exact = exactNumber(text, start, at);
      if (exact !== undefined) {
        pieces.push(text.slice(kept, start), exact);
        kept = at;
      }
      at--;
    }
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(kept);
}

/** Where the closing quote stands; the end of the text where there is none. */
function stringEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === backslash) at++;
    else if (c === quote) return at;
  }
  return text.length;
}

/** What must stand in the number's place; undefined where it may stay, or is no number at all. */
function exactNumber(text: string, start: number, end: number): string | undefined {
  const isShort = end - start <= plainDigitsMax;
  const token = text.slice(start, end);
  if (isShort && /^-?\d*$/.test(token)) return undefined;
  if (/^-?(0|[1-9]\d*)$/.test(token)) {
    return Number.isSafeInteger(Number(token)) ? undefined : `{"#bigint":"${token}"}`;
  }
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(token)
    ? `{"#unserializable":"${token}"}`
    : undefined;
}
