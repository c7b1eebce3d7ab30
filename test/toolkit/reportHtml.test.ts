/** The HTML report as text: nothing of a user becomes an element, and its size has a limit. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnGraph } from '../../conformance/report/drawnGraph.ts';
import { graphDrawing } from '../../conformance/report/html/graphDrawing.ts';
import { htmlReport } from '../../conformance/report/html/htmlReport.ts';
import { markup } from '../../conformance/report/html/markup.ts';
import { linearize } from '../../conformance/linearize/linearize.ts';
import { valueDiff } from '../../conformance/report/html/valueDiff.ts';
import { anyGraph } from './behaviourGraphs.ts';
import { fullOutcome } from './reportPages.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom('<', '>', '"', "'", '`', '&', '=', '/', '\n', 'script', ' on', '\u0000'),
      {
        maxLength: 12,
      },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '</script><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</style><svg/onload=alert(1)>',
    '<!--',
    ']]>',
  ),
);

const elements = new Set(
  (
    'a article body button circle code dd defs del details div dl dt footer g h1 h2 h3 h4 head ' +
    'header html iframe input ins li line main marker meta nav ol output p path pre rect script ' +
    'section span style summary svg table tbody td text th thead title tr ul'
  ).split(' '),
);

/** What is left of a page once our own elements are taken out. */
function remainder(html: string): string {
  const own = html
    .replace(/^<!doctype html>/, '')
    .replace(/<style>[^<]*<\/style>/, '')
    .replace(/<script>[^]*<\/script>\n<\/body>/, '');
  return own.replace(
    /<\/?([a-z][a-z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<>]*")?)*)\s*\/?>/g,
    (tag, name: string, attributes: string) => {
      const pairs = [...attributes.matchAll(/([a-zA-Z][a-zA-Z0-9-]*)="([^"]*)"/g)];
      const unsafe = pairs.some(
        ([, key = '', value = '']) =>
          /^(on.*|src|action|formaction)$/.test(key) || (key === 'href' && !value.startsWith('#')),
      );
      return elements.has(name) && !unsafe ? '' : tag;
    },
  );
}

describe('markup', () => {
  it('escapes every hole that is no markup', () => {
    const text = '<b a="1">\'`&\u0001';
    expect(markup`<i t="${text}">${text}${markup`<u>${1}</u>`}</i>`.text).toBe(
      '<i t="&#60;b a=&#34;1&#34;&#62;&#39;&#96;&#38;\ufffd">&#60;b a=&#34;1&#34;&#62;&#39;&#96;&#38;\ufffd<u>1</u></i>',
    );
  });
});

describe('the report', () => {
  it('draws the histories that bisim linearize was given', async () => {
    const files = [fileURLToPath(new URL('histories/violation-stale-read.jsonl', import.meta.url))];
    const asked = { files, model: 'kv', consistency: 'linearizable', recover: false, drawn: true };
    const { signal } = new AbortController();
    const outcome = await linearize({ ...asked, cwd: process.cwd(), signal });
    const html = await htmlReport(outcome);
    expect(html.match(/&#60;g class=&#34;involved&#34;/g)).toHaveLength(3);
  });

  it('says once what many checks were skipped for', async () => {
    const cases = Array.from({ length: 60 }, (_, at) => {
      return { group: 'a', name: `M${at}`, verdict: 'skipped', message: 'not chosen' } as const;
    });
    const html = await htmlReport({ ...fullOutcome(), cases });
    expect(html.match(/>skipped<\/span>/g)).toHaveLength(1);
    expect(html).toMatch(/60 checks[^]*not chosen[^]*M59/);
  });

  it('has no element that is not ours, whatever the texts hold', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (mark) => {
        expect(remainder(await htmlReport(fullOutcome(mark)))).not.toMatch(/[<>"]/);
      }),
      { numRuns: process.env['BISIM_LONG'] ? 2_000 : 60 },
    );
  }, 600_000);

  it('would be caught with a planted element', async () => {
    const html = await htmlReport(fullOutcome());
    expect(remainder(html)).not.toMatch(/[<>"]/);
    expect(remainder(html.replace('</main>', '<img src=x></main>'))).toMatch(/<img/);
    expect(remainder(html.replace('<main>', '<main onclick="x()">'))).toMatch(/onclick/);
  });

  it('allows no network: all comes from the page itself', async () => {
    const html = await htmlReport(fullOutcome());
    expect(html).toMatch(/content="default-src &#39;none&#39;; style-src/);
    expect(html).not.toMatch(/https?:\/\/|@import|url\((?!#)/);
  });

  it('keeps to its size, says what is left out, and keeps what tells most', async () => {
    const outcome = fullOutcome();
    const [one] = outcome.page?.counterexamples ?? [];
    const counterexamples = Array.from({ length: 300 }, () => one!);
    const many = { ...outcome, page: { ...outcome.page!, counterexamples } };
    const max = 400_000;
    const html = await htmlReport(many, max);
    expect(Buffer.byteLength(html)).toBeLessThan(max);
    expect(html).toMatch(/\d+ of 300 counterexamples left out: this file is capped in size/);
    expect(html.includes('one edge is missing')).toBe(true);
    expect(Buffer.byteLength(await htmlReport(many))).toBeGreaterThan(1_000_000);
  });

  it('shows the cases of a verb that fills no section', async () => {
    const { cases, report } = fullOutcome();
    const html = await htmlReport({ exitCode: 1, report, cases, text: '' });
    expect(html).toMatch(/<h1>bisim verify<\/h1>[^]*id="checks"[^]*the code cannot/);
  });
});

describe('the drawing of a state graph', () => {
  it('has each state and each edge, and sums that agree', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const drawn = drawnGraph('any', graph);
        expect(drawn.nodes).toHaveLength(graph.nodeCount);
        expect(drawn.arrows).toHaveLength(graph.edgeCount);
        const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
        const degrees = drawn.degrees ?? [];
        expect(sum(drawn.actions.map(({ edges }) => edges))).toBe(graph.edgeCount);
        expect(sum(degrees.map(({ states }) => states))).toBe(graph.nodeCount);
        expect(sum(degrees.map(({ degree, states }) => degree * states))).toBe(graph.edgeCount);
      }),
    );
  });

  it('draws 300 states, each once', async () => {
    const nodes = Array.from({ length: 300 }, (_, id) => ({ id, initial: id === 0, state: {} }));
    const arrows = nodes.flatMap(({ id }) =>
      [1, 7].map((by) => ({ from: id, to: (id + by) % 300, label: `Step(${by})` })),
    );
    const graph = { name: 'ring', states: 300, edges: 600, actions: [], nodes, arrows };
    const svg = (await graphDrawing(graph)).text;
    expect(svg.match(/data-state="\d+"/g)).toHaveLength(300);
    expect(new Set(svg.match(/data-state="\d+"/g)).size).toBe(300);
    expect(svg.match(/class="step"/g)).toHaveLength(600);
  });
});

describe('a difference of two values', () => {
  const shown = (a: string, b: string): [string, string] => {
    const { before, after } = valueDiff(a, b);
    return [before.text, after.text].map((text) => text.replaceAll('&#34;', '"')) as [
      string,
      string,
    ];
  };

  it('marks the tokens that changed and no others', () => {
    const [before, after] = shown('[a |-> "x", b |-> {1, 2}]', '[a |-> "y", b |-> {1, 2, 3}]');
    expect(before).toBe('[a |-> <del>"x"</del>, b |-> {1, 2}]'.replaceAll('->', '-&#62;'));
    expect(after).toBe(
      '[a |-> <ins>"y"</ins>, b |-> {1, 2<ins>, 3</ins>}]'.replaceAll('->', '-&#62;'),
    );
  });

  it('gives back both texts, whatever they are', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const plain = valueDiff(a, b);
        const bare = (text: string): string => text.replace(/<\/?(ins|del)>/g, '');
        expect(bare(plain.before.text)).toBe(markup`${a}`.text);
        expect(bare(plain.after.text)).toBe(markup`${b}`.text);
      }),
    );
  });
});
