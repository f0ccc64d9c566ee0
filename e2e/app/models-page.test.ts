import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatBytes } from '../../src-renderer/i18n/figures.ts';
import { en as texts } from '../../src-renderer/i18n/en.ts';
import { root } from '../hetcut.ts';
import { button } from './editor-page.ts';
import { openInBrowser, type Program } from './program.ts';
import { findChromium, isSkipped, requirePath } from './runtimes.ts';
import '../../src-main/media/testing/use-npm-binaries.ts';

const name = 'the page of models';
const found = findChromium();
const pipeline = resolve(root, 'e2e/fixtures/golden/E_pipeline');
const remover = resolve(root, 'e2e/fixtures/golden/I_minimax_remover');

const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, value: string) => values[value]);

describe.skipIf(isSkipped(found))(name, () => {
  let folder: string;
  let program: Program;
  const page = (): Program['page'] => program.page;
  const dialog = (): Locator => page().getByRole('dialog');
  const item = (model: string): Locator =>
    dialog()
      .locator('.entry')
      .filter({ has: page().getByRole('heading', { name: model, exact: true }) });
  const notice = (): Locator => page().locator('.notice.error');
  const folderOf = (model: string): string => join(folder, 'home', 'models', model);
  const bytesIn = (place: string): number =>
    readdirSync(place, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(place, entry.name);
      return sum + (entry.isDirectory() ? bytesIn(path) : statSync(path).size);
    }, 0);
  const doTo = (model: string, what: 'verify' | 'remove'): Promise<void> =>
    item(model)
      .getByRole('button', { name: filled(texts[`models.${what}`], { model }), exact: true })
      .click();

  /** Chooses a folder that is among the clips, and asks for its import. */
  async function importFolder(source: string): Promise<void> {
    await button(page(), texts['models.import']).click();
    await dialog().getByRole('button', { name: source, exact: true }).click();
    await button(page(), texts['files.chooseFolder']).click();
    await item(filled(texts['models.importFrom'], { path: join(folder, 'clips', source) })).waitFor();
    await button(page(), texts['models.doImport']).click();
  }

  beforeAll(async () => {
    requirePath(found);
    folder = mkdtempSync(join(tmpdir(), 'hetcut-models-page-'));
    const clips = join(folder, 'clips');
    mkdirSync(clips);
    for (const copy of ['tiny', 'broken', 'cut']) {
      cpSync(pipeline, join(clips, copy), { recursive: true });
      rmSync(join(clips, copy, 'case.safetensors'));
    }
    cpSync(remover, join(clips, 'remover'), { recursive: true });
    rmSync(join(clips, 'remover', 'case.safetensors'));
    writeFileSync(join(clips, 'broken', 'transformer', 'config.json'), '{"_class_name": "WanVACE');
    const [weights] = readdirSync(join(clips, 'cut', 'vae')).filter((file) => file.endsWith('.safetensors'));
    truncateSync(join(clips, 'cut', 'vae', weights), 4000);
    program = await openInBrowser(requirePath(found), { home: join(folder, 'home'), folder: clips });
    await button(page(), texts['start.sample.removal']).waitFor();
    await button(page(), texts['menu.models']).click();
    await item('starter').getByText(/MB/).waitFor();
  });
  afterAll(async () => {
    await program?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('imports a folder, and says how large it and the room next to it are', async () => {
    await importFolder('tiny');
    await item('tiny').getByText(texts['models.doVerify']).waitFor();
    expect(await notice().count()).toBe(0);
    for (const model of ['starter', 'tiny']) {
      expect(await item(model).locator('p').first().innerText()).toContain(
        formatBytes(bytesIn(folderOf(model))),
      );
    }
    expect(await item('tiny').locator('p').first().innerText()).toMatch(/fp32 · Removal only/);
    expect(await dialog().locator('.dialog-hint').last().innerText()).toMatch(
      /^[\d,.]+ [GM]B free on this disk\./,
    );
  });

  it('verifies it', async () => {
    await doTo('tiny', 'verify');
    await item('tiny').getByText(texts['models.verified'], { exact: true }).waitFor();
  });

  it.each([
    ['broken', /broken\/transformer\/config\.json: not JSON.*copy or download it again/is],
    ['cut', /cut\/vae\/.*\.safetensors.*(cut off|truncated|damaged|incomplete)/is],
  ])('refuses a %s folder, says what is wrong, and leaves nothing', async (source, words) => {
    await importFolder(source);
    await notice().waitFor();
    expect(await notice().locator('.notice-text').innerText()).toMatch(words);
    await button(page(), texts['notice.close']).click();
    await item(source).waitFor({ state: 'detached' });
    expect(readdirSync(join(folder, 'home', 'models')).filter((file) => file.includes(source))).toEqual([]);
  });

  it('asks whether a licence that restricts the use is accepted, and imports nothing before', async () => {
    const question = page().getByRole('dialog', {
      name: filled(texts['models.licence'], { model: 'remover' }),
      exact: true,
    });
    await importFolder('remover');
    await question.getByText(/no commercial use/).waitFor();
    await question.getByRole('button', { name: texts['cancel'], exact: true }).click();
    await question.waitFor({ state: 'detached' });
    expect(readdirSync(join(folder, 'home', 'models'))).not.toContain('remover');
    await importFolder('remover');
    await question.getByRole('button', { name: texts['models.licenceAccept'], exact: true }).click();
    await item('remover').getByText(texts['models.doVerify']).waitFor();
    expect(await notice().count()).toBe(0);
  });

  it('refuses a name that is taken, before anything is asked for', async () => {
    await button(page(), texts['models.import']).click();
    await dialog().getByRole('button', { name: 'tiny', exact: true }).click();
    await button(page(), texts['files.chooseFolder']).click();
    const field = dialog().getByLabel(texts['models.name'], { exact: true });
    expect(await field.inputValue()).not.toBe('tiny');
    await field.fill('tiny');
    await dialog().getByText(texts['models.nameTaken']).waitFor();
    expect(await button(page(), texts['models.doImport']).isDisabled()).toBe(true);
    await button(page(), texts['cancel']).click();
  });

  it('shows what is wrong with one that was damaged since', async () => {
    const data = readdirSync(folderOf('tiny'), { recursive: true })
      .map(String)
      .filter((file) => statSync(join(folderOf('tiny'), file)).isFile())
      .sort((a, b) => statSync(join(folderOf('tiny'), b)).size - statSync(join(folderOf('tiny'), a)).size)[0];
    // As long as before: only its sum tells.
    writeFileSync(join(folderOf('tiny'), data), Buffer.alloc(statSync(join(folderOf('tiny'), data)).size, 7));
    await doTo('tiny', 'verify');
    await notice().waitFor();
    const said = await notice().locator('.notice-text').innerText();
    expect(said).toContain(data);
    expect(said).toMatch(/import/i);
    await item('tiny').locator('.model-problem').waitFor();
    expect(await item('tiny').locator('.model-problem').innerText()).toContain(data);
    expect(await item('tiny').getByText(texts['models.verified'], { exact: true }).count()).toBe(0);
    await button(page(), texts['notice.close']).click();
  });

  it('removes it once that is confirmed', async () => {
    await doTo('tiny', 'remove');
    await item('tiny').getByRole('button', { name: texts['models.keep'], exact: true }).click();
    await doTo('tiny', 'remove');
    await item('tiny').getByRole('button', { name: texts['models.doRemove'], exact: true }).click();
    await item('tiny').waitFor({ state: 'detached' });
    expect(readdirSync(join(folder, 'home', 'models'))).toEqual(['remover', 'starter', 'words']);
    // The starter would come back.
    expect(await item('starter').getByRole('button').allInnerTexts()).toEqual([texts['models.doVerify']]);
  });

  it('has logged no error', () => expect(program.problems).toEqual([]));
});
