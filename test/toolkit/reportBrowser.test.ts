/**
 * The HTML report in a real browser: every section clicked through, no request, no message on the
 * console, nothing injected. A screenshot stays in reports/report.png.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { htmlReport } from '../../conformance/report/html/htmlReport.ts';
import type { Outcome } from '../../conformance/report/outcome.ts';
import { fullOutcome } from './reportPages.ts';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

const executablePath = findChromium();
const noBrowser = 'no chromium on the PATH: apt-get install chromium';
const reports = fileURLToPath(new URL('../../reports', import.meta.url));
const sections = [
  'problems',
  'models',
  'counterexamples',
  'graph',
  'coverage',
  'histories',
  'mutants',
  'checks',
];

describe.skipIf(executablePath === undefined)(
  `the report in a browser (else: ${noBrowser})`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'bisim-browser-'));
    let browser: Browser;
    const heard: string[] = [];
    const requested: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: executablePath ?? '', args: flags });
    });
    afterAll(async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function opened(outcome: Outcome, width = 1_280): Promise<Page> {
      const file = join(folder, 'report.html');
      writeFileSync(file, await htmlReport(outcome));
      heard.length = requested.length = 0;
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      page.on('console', (message) => heard.push(message.text()));
      page.on('pageerror', (error) => heard.push(String(error)));
      page.on('dialog', (dialog) => {
        heard.push(dialog.message());
        void dialog.dismiss();
      });
      page.on('request', (request) => requested.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      return page;
    }

    it('shows each section, reached from the bar', async () => {
      const page = await opened(fullOutcome());
      for (const id of sections) {
        await page.locator(`nav a[href="#${id}"]`).click();
        const top = await page.locator(`#${id}`).evaluate((one) => {
          return (
            one as unknown as { getBoundingClientRect(): { top: number } }
          ).getBoundingClientRect().top;
        });
        expect(top, id).toBeLessThan(900);
        expect(await page.locator(`#${id} h2`).isVisible()).toBe(true);
      }
      const timeline = page.frameLocator('#histories iframe').first();
      expect(await timeline.locator('svg .involved').count()).toBe(2);
      expect(await page.locator('#coverage').innerText()).toMatch(/never reached/);
      expect(heard).toEqual([]);
      expect(requested.filter((url) => !/^(file|about):/.test(url))).toEqual([]);
      await page.evaluate('scrollTo(0, 0)');
      mkdirSync(reports, { recursive: true });
      await page.screenshot({ path: join(reports, 'report.png'), fullPage: true });
      await page.close();
    });

    it('steps through a counterexample by button, key and row, and draws its messages', async () => {
      const page = await opened(fullOutcome());
      const viewer = page.locator('.behaviour').first();
      const said = (): Promise<string> => viewer.locator('output').innerText();
      const detail = (): Promise<string> => viewer.locator('.detail.now').innerText();
      expect(await viewer.locator('.flight path.arrow').count()).toBe(3);
      expect(await viewer.locator('.lanes span').allInnerTexts()).toEqual(['TM', 'rm1', 'rm2']);
      expect(await said()).toBe('Step 5 of 5');
      await viewer.locator('[data-move=previous]').click();
      expect(await said()).toBe('Step 4 of 5');
      expect(await detail()).toMatch(/TMCommit[^]*by TM[^]*receives[^]*sends/);
      expect(await viewer.locator('.flight.now').count()).toBe(3);
      await viewer.press('Home');
      expect(await said()).toBe('Step 1 of 5');
      await viewer.press('ArrowRight');
      expect(await viewer.locator('.detail.now ins').first().innerText()).toBe('"prepared"');
      await viewer.locator('.steps button').nth(2).click();
      expect(await said()).toBe('Step 3 of 5');
      expect(await viewer.locator('.detail:visible').count()).toBe(1);
      expect(await page.locator('.behaviour .lasso').count()).toBe(1);
      expect(heard).toEqual([]);
      await page.close();
    });

    it('draws the small graph, opens its states, and lights up an action', async () => {
      const page = await opened(fullOutcome());
      const graph = page.locator('.stategraph').first();
      expect(await graph.locator('svg.graph').isVisible()).toBe(true);
      expect(await graph.locator('svg .state').count()).toBe(3);
      expect(await graph.locator('svg .step').count()).toBe(4);
      await graph.locator('svg .state[data-state="0"]').click();
      expect(await graph.locator('.picked').innerText()).toMatch(/State 0[^]*initial[^]*value/);
      await graph.locator('.picked button', { hasText: 'Write(c2)' }).click();
      expect(await graph.locator('.picked').innerText()).toMatch(/State 2/);
      await graph.locator('.picked button').first().press('Tab');
      await graph.locator('svg .state[tabindex="0"]').press('ArrowRight');
      await graph.locator('svg .state[tabindex="0"]').press('ArrowRight');
      expect(await graph.locator('.picked').innerText()).toMatch(/State 2/);
      await graph.locator('[data-action=Write]').click();
      expect(await graph.locator('.step.now').count()).toBe(3);
      const width = (await graph.locator('svg.graph').boundingBox())?.width ?? 0;
      await graph.locator('[data-zoom=in]').click();
      expect((await graph.locator('svg.graph').boundingBox())?.width).toBeGreaterThan(width);
      expect(await page.locator('.stategraph').nth(1).innerText()).toMatch(
        /402,306[^]*Steps from a state/,
      );
      expect(heard).toEqual([]);
      await page.close();
    });

    it('filters mutants by verdict and by text', async () => {
      const page = await opened(fullOutcome());
      const rows = page.locator('#mutants tbody tr:visible');
      expect(await rows.count()).toBe(2);
      await page.locator('#mutants [data-filter=survived]').click();
      expect(await rows.allInnerTexts()).toEqual([expect.stringContaining('M2')]);
      await page.locator('#mutants [data-filter=""]').click();
      await page.locator('#mutants input').fill('guard');
      expect(await rows.allInnerTexts()).toEqual([expect.stringContaining('M1')]);
      await page.close();
    });

    it('fits a phone, and is read without scripts', async () => {
      const page = await opened(fullOutcome(), 360);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      await page.close();
      const context = await browser.newContext({ javaScriptEnabled: false });
      const plain = await context.newPage();
      await plain.goto(pathToFileURL(join(folder, 'report.html')).href);
      expect(await plain.locator('.behaviour').first().locator('.detail:visible').count()).toBe(5);
      expect(await plain.locator('.controls:visible').count()).toBe(0);
      await context.close();
    });

    it('holds no element but ours, whatever the texts are', async () => {
      const query = `[...new Set([...document.querySelectorAll('*')].map((one) => one.localName))].sort()`;
      const attributes = `[...document.querySelectorAll('*')].flatMap((one) => [...one.attributes].map(({ name }) => name)).filter((name) => /^(on|src$|href$)/.test(name) ).length`;
      const ours = await opened(fullOutcome());
      const [names, links] = [await ours.evaluate(query), await ours.evaluate(attributes)];
      await ours.close();
      const planted = [
        '</script><script>alert(1)</script><img src=x onerror=alert(1)>',
        '"><svg onload=alert(1)><a href="javascript:alert(1)">x</a>',
        "' onmouseover='alert(1)",
        '</style></title></iframe><iframe src="javascript:alert(1)">',
        '<!--',
        '&lt;img src=x onerror=alert(1)&gt;',
        ...fc.sample(fc.string({ unit: 'binary', maxLength: 30 }), { numRuns: 4, seed: 4 }),
      ];
      for (const mark of planted) {
        const page = await opened(fullOutcome(mark));
        expect(await page.evaluate(query), mark).toEqual(names);
        expect(await page.evaluate(attributes), mark).toBe(links);
        for (const frame of page.frames().slice(1)) {
          expect(await frame.evaluate('document.scripts.length').catch(() => 0), mark).toBe(0);
        }
        expect(heard, mark).toEqual([]);
        expect(
          requested.filter((url) => !/^(file|about):/.test(url)),
          mark,
        ).toEqual([]);
        await page.close();
      }
    });
  },
);
