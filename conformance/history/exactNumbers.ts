/**
 * Numbers of a line that JSON.parse would round. An integer beyond 2^53 is kept whole, as
 * `{"#bigint": "9007199254740993"}`: two neighbours must never look equal. What has no such form
 * (`1e400`, more digits behind the point than a number holds) is told, so that it can be refused.
 * It takes time in proportion to the line, and only where a cheap look finds many digits.
 */

/** Sixteen digits in a row, or what may be an exponent; also within strings. */
const suspicious = /\d{16}|\d[eE]/;

const quote = 34;
const backslash = 92;

/** Digits that a number holds whatever they are, with those of its shortest text. */
const digitsMax = 17;

export interface Exact {
  /** The line with its large integers wrapped. */
  readonly text: string;
  /** A number that cannot be kept. */
  readonly lost?: string;
}

export function withExactNumbers(text: string): Exact {
  if (!suspicious.test(text)) return { text };
  const pieces: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; at += 1) {
    const c = text.charCodeAt(at);
    if (c === quote) at = stringEnd(text, at + 1);
    else if (startsNumber(c)) {
      const start = at;
      while (at + 1 < text.length && continuesNumber(text.charCodeAt(at + 1))) at += 1;
      const token = text.slice(start, at + 1);
      if (isKept(token)) continue;
      if (!/^-?[1-9]\d*$/.test(token)) return { text, lost: shortened(token) };
      pieces.push(text.slice(kept, start), `{"#bigint":"${token}"}`);
      kept = at + 1;
    }
  }
  return { text: pieces.length === 0 ? text : pieces.join('') + text.slice(kept) };
}

function isKept(token: string): boolean {
  if (token.length < 16 && !/[eE]/.test(token)) return true;
  const value = Number(token);
  if (Number.isNaN(value)) return true; // No number: the parser says so.
  if (/^-?\d+$/.test(token)) return Number.isSafeInteger(value);
  const digits = token
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  return Number.isFinite(value) && digits.length <= digitsMax;
}

/** The place of the closing quote; the end of the text where there is none. */
function stringEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const c = text.charCodeAt(at);
    if (c === backslash) at += 1;
    else if (c === quote) return at;
  }
  return text.length;
}

const startsNumber = (c: number): boolean => c === 45 || (c >= 48 && c <= 57);

const continuesNumber = (c: number): boolean =>
  startsNumber(c) || c === 43 || c === 46 || c === 69 || c === 101;

function shortened(token: string): string {
  return token.length > 40 ? `${token.slice(0, 40)}…` : token;
}
