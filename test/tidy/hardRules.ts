/**
 * docs/hard-rules.md as a promise: each of the nine rules names tests, and each of these exists
 * under its title.
 */
import type { FileSet, Violation } from './fileSet.ts';

const page = 'docs/hard-rules.md';
const rulesCount = 9;

export function hardRulesNameTests(files: FileSet): Violation[] {
  const [, list = ''] = (files.get(page) ?? '').split('## Held by');
  const sections = list.split(/^(?=\d+\. )/m).slice(1);
  const numbers = sections.map((text) => Number.parseInt(text, 10));
  const wanted = Array.from({ length: rulesCount }, (_, at) => at + 1);
  const missing = wanted.filter((number) => !numbers.includes(number));
  return [
    ...missing.map((number) => ({ path: page, message: `rule ${number} names no test` })),
    ...sections.flatMap((text) => untrue(text, files)),
  ];
}

function untrue(section: string, files: FileSet): Violation[] {
  const number = Number.parseInt(section, 10);
  const named = [...section.matchAll(/^ +- `([^`]+)`: (.+)$/gm)];
  if (named.length === 0) return [{ path: page, message: `rule ${number} names no test` }];
  return named.flatMap(([, path = '', title = '']) => {
    const text = files.get(path);
    if (text === undefined) return [{ path: page, message: `rule ${number}: there is no ${path}` }];
    if (hasTitle(text, title)) return [];
    return [{ path: page, message: `rule ${number}: ${path} has no test "${title}"` }];
  });
}

/** As a whole string literal, whichever quotes it has. */
function hasTitle(text: string, title: string): boolean {
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`));
}
