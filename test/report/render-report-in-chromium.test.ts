import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/render-report.js';
import { replayed, takenBack, withHostile } from './rollouts.js';

const CHROMIUM = '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM);
if (missing) console.warn(`The report is not opened in a browser: there is no ${CHROMIUM} here.`);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--window-size=1200,1600',
  '--enable-logging=stderr',
];
const DARK = '--blink-settings=preferredColorScheme=0';
const OWNED = '<script>document.title="owned"</script>"><img src=x onerror="document.title=\'owned\'">';

describe.skipIf(missing)('the report in Chromium', () => {
  let folder = '';
  const pages = { release: '', hostile: '' };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'report-'));
    const recorded = await takenBack();
    pages.release = await save('release.html', await renderReport(replayed(recorded)));
    pages.hostile = await save('hostile.html', await renderReport(replayed(withHostile(recorded, OWNED))));
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  async function save(name: string, page: string): Promise<string> {
    await writeFile(join(folder, name), page);
    return pathToFileURL(join(folder, name)).href;
  }

  /** What the browser wrote, and what the page said on its console. */
  async function open(url: string, ...flags: readonly string[]): Promise<{ out: string; console: readonly string[] }> {
    const profile = await mkdtemp(join(folder, 'profile-'));
    return new Promise((resolve, reject) => {
      const args = [...FLAGS, `--user-data-dir=${profile}`, ...flags, url];
      execFile(CHROMIUM, args, { timeout: 50_000, maxBuffer: 2 ** 26 }, (error, out, log) => {
        if (error !== null) reject(new Error(`Chromium failed: ${log}`, { cause: error }));
        else resolve({ out, console: log.split('\n').filter((line) => line.includes('CONSOLE')) });
      });
    });
  }

  async function look(url: string, ...flags: readonly string[]): Promise<{ colours: number; corner: number }> {
    const file = join(folder, 'page.png');
    const { console: said } = await open(url, ...flags, `--screenshot=${file}`);
    expect(said).toEqual([]);
    const { data, channels } = decode(await readFile(file));
    const colours = new Set<number>();
    for (let at = 0; at < data.length; at += channels) {
      colours.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
    }
    return { colours: colours.size, corner: data[0] ?? 0 };
  }

  it('is drawn light and dark, by the reader’s own setting', async () => {
    const light = await look(pages.release, '--blink-settings=preferredColorScheme=1');
    const dark = await look(pages.release, DARK);
    expect(light.colours).toBeGreaterThan(50);
    expect(dark.colours).toBeGreaterThan(50);
    expect(light.corner).toBeGreaterThan(200);
    expect(dark.corner).toBeLessThan(60);
  });

  it('can be printed', async () => {
    const file = join(folder, 'page.pdf');
    expect((await open(pages.release, `--print-to-pdf=${file}`)).console).toEqual([]);
    const pdf = await readFile(file);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.length).toBeGreaterThan(10_000);
  });

  it('keeps hostile texts inert: they are text, run nothing, load nothing', async () => {
    const { out, console: said } = await open(pages.hostile, '--dump-dom');
    expect(said).toEqual([]);
    expect(out).toContain('&lt;script&gt;document.title=');
    expect(out).toMatch(/<title>rolled-back: rollout /);
    expect(out).not.toMatch(/<script|<img/i);
  });

  it('would have noticed: the same texts unescaped are stopped by the policy, and the console says so', async () => {
    const page = (await renderReport(replayed(await takenBack()))).replace('<main>', `<main>${OWNED}`);
    const { out, console: said } = await open(await save('unescaped.html', page), '--dump-dom');
    expect(said.join('\n')).toMatch(/Content Security Policy/);
    expect(out).not.toMatch(/<title>owned/);
  });
});
