import { useEffect, useState, type ReactNode } from 'react';
import type { KeptData, StorageState } from '../../src-shared/ipc/index.ts';
import { presets, type PresetName } from '../../src-shared/core/presets/index.ts';
import { autosaveDelays, type ProgramSettings } from '../../src-shared/project/index.ts';
import { formatBytes, languages, text, useText, type Language, type TextKey } from '../i18n/index.ts';
import { backend, useBackend } from '../state/backend.ts';
import { chooseFile } from '../state/choose-file.ts';
import { useEditor } from '../state/editor-store.ts';
import { attempt, showFailure, showInfo } from '../state/notices.ts';
import { changeSettings, useProgramSettings } from '../state/program-settings.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field, NumberField, SelectField } from '../ui/Field.tsx';
import { openDialog, useLayout, type Theme } from './layout-store.ts';
import './settings-dialog.css';

const themes: readonly Theme[] = ['dark', 'light', 'system'];
const devices: readonly ProgramSettings['device'][] = ['auto', 'cpu'];

const change = (what: Partial<ProgramSettings>): void => attempt(() => changeSettings(what));

interface PageProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** What an editor sets for the program; each change holds at once. */
export function SettingsDialog({ open, onClose }: PageProps) {
  const t = useText();
  return (
    <Dialog title={t('settings.title')} open={open} onClose={onClose}>
      <div className="settings">
        <WindowSettings />
        <WorkSettings />
        <MachineSettings />
        {open && <Storage />}
      </div>
    </Dialog>
  );
}

function Group({ title, children }: { readonly title: TextKey; readonly children: ReactNode }) {
  const t = useText();
  return (
    <section>
      <h3>{t(title)}</h3>
      {children}
    </section>
  );
}

function WindowSettings() {
  const t = useText();
  const { theme, language } = useLayout();
  return (
    <Group title="settings.window">
      <SelectField
        label={t('settings.theme')}
        value={theme}
        options={themes.map((value) => ({ value, text: t(`settings.theme.${value}`) }))}
        onChange={(next) => {
          useLayout.setState({ theme: next as Theme });
        }}
      />
      <SelectField
        label={t('settings.language')}
        value={language}
        options={(Object.keys(languages) as Language[]).map((value) => ({ value, text: languages[value] }))}
        onChange={(next) => {
          useLayout.setState({ language: next as Language });
        }}
      />
      <Field label={t('settings.keys')}>
        {(id) => (
          <Button
            id={id}
            onClick={() => {
              openDialog('shortcuts');
            }}
          >
            {t('settings.chooseKeys')}
          </Button>
        )}
      </Field>
    </Group>
  );
}

/** No id is like it. */
const builtIn = '(built-in)';

function WorkSettings() {
  const t = useText();
  const models = useEditor((state) => state.models);
  const { modelId, segmenterId, preset, autosaveSec, sound } = useProgramSettings((state) => state.settings);
  const segmenters = useProgramSettings((state) => state.segmenters);
  // One that was removed is still what the settings say.
  const ids = [...new Set([modelId, ...models.map(({ id }) => id)])];
  return (
    <Group title="settings.work">
      <SelectField
        label={t('settings.model')}
        value={modelId}
        options={ids.map((id) => ({ value: id, text: id }))}
        onChange={(next) => {
          change({ modelId: next });
        }}
      />
      <SelectField
        label={t('settings.segmenter')}
        help={t('settings.segmenterHelp')}
        value={segmenterId ?? builtIn}
        options={[
          { value: builtIn, text: t('settings.segmenter.builtIn') },
          ...[...new Set([...segmenters, ...(segmenterId === null ? [] : [segmenterId])])].map((id) => ({
            value: id,
            text: id,
          })),
        ]}
        onChange={(next) => {
          change({ segmenterId: next === builtIn ? null : next });
        }}
      />
      <SelectField
        label={t('settings.preset')}
        value={preset}
        options={(Object.keys(presets) as PresetName[]).map((name) => ({
          value: name,
          text: t(`preset.${name}`),
        }))}
        onChange={(next) => {
          change({ preset: next as PresetName });
        }}
      />
      <SelectField
        label={t('settings.autosave')}
        value={String(autosaveSec)}
        options={autosaveDelays.map((seconds) => ({
          value: String(seconds),
          text: t(`settings.autosave.${seconds}`),
        }))}
        onChange={(next) => {
          const autosave = autosaveDelays.find((seconds) => String(seconds) === next);
          if (autosave !== undefined) change({ autosaveSec: autosave });
        }}
      />
      <SelectField
        label={t('settings.sound')}
        value={String(sound)}
        options={([false, true] as const).map((value) => ({
          value: String(value),
          text: t(`settings.sound.${value}`),
        }))}
        onChange={(next) => {
          change({ sound: next === 'true' });
        }}
      />
    </Group>
  );
}

function MachineSettings() {
  const t = useText();
  const { settings, fixed } = useProgramSettings();
  const { device, memoryGb } = settings;
  const fixedNote = (variable: string | undefined) =>
    variable !== undefined && <p className="quiet">{t('settings.fixed', { variable })}</p>;
  return (
    <Group title="settings.machine">
      <SelectField
        label={t('settings.device')}
        value={device}
        disabled={fixed.device !== undefined}
        options={devices.map((value) => ({ value, text: t(`settings.device.${value}`) }))}
        onChange={(next) => {
          change({ device: next as ProgramSettings['device'] });
        }}
      />
      {fixedNote(fixed.device)}
      <NumberField
        label={t('settings.memory')}
        help={t('settings.memoryHelp')}
        value={memoryGb ?? undefined}
        placeholder={t('settings.memoryUsual')}
        min={2}
        max={2048}
        disabled={fixed.memoryGb !== undefined}
        onChange={(next) => {
          change({ memoryGb: next ?? null });
        }}
      />
      {fixedNote(fixed.memoryGb)}
      <FfmpegSetting />
      {fixedNote(fixed.ffmpegPath)}
    </Group>
  );
}

function FfmpegSetting() {
  const t = useText();
  const { settings, fixed } = useProgramSettings();
  const { ffmpegPath } = settings;
  const isDesktop = useBackend((state) => state.info?.nativeDialogs === true);
  const [changed, setChanged] = useState(false);
  const use = (path: string | null): void =>
    attempt(async () => {
      await changeSettings({ ffmpegPath: path });
      setChanged(true);
    });
  const choose = (): void =>
    attempt(async () => {
      const path = await chooseFile('program');
      if (path !== null) use(path);
    });
  return (
    <>
      <Field label={t('settings.ffmpeg')}>
        {(id) => (
          <div className="settings-path">
            <output id={id} title={ffmpegPath ?? undefined}>
              {ffmpegPath ?? t('settings.ffmpegFound')}
            </output>
            {isDesktop && fixed.ffmpegPath === undefined && (
              <>
                {ffmpegPath !== null && (
                  <Button
                    onClick={() => {
                      use(null);
                    }}
                  >
                    {t('settings.ffmpegUsual')}
                  </Button>
                )}
                <Button onClick={choose}>{t('settings.ffmpegChoose')}</Button>
              </>
            )}
          </div>
        )}
      </Field>
      {!isDesktop && <p className="quiet">{t('settings.ffmpegBrowser')}</p>}
      {changed && <p role="status">{t('settings.ffmpegRestart')}</p>}
    </>
  );
}

const sumOf = ({ checkpoints, plates, text: prompts }: KeptData): number => checkpoints + plates + prompts;

/** What lies on the disk to be quicker; read when it is shown. */
function Storage() {
  const t = useText();
  const [storage, setStorage] = useState<StorageState | null>(null);
  useEffect(() => {
    backend().call('storage.read', {}).then(setStorage).catch(showFailure);
  }, []);
  const parts = storage?.parts;
  const clear = (): void =>
    attempt(async () => {
      const left = await backend().call('storage.clear', {});
      const bytes = formatBytes(sumOf(parts ?? left.parts) - sumOf(left.parts));
      setStorage(left);
      showInfo(text('settings.storage.cleared', { bytes }));
    });
  return (
    <Group title="settings.storage">
      {storage !== null && <p className="settings-folder quiet">{storage.folder}</p>}
      <dl>
        {(['checkpoints', 'plates', 'text'] as const).map((part) => (
          <div key={part}>
            <dt>{t(`settings.storage.${part}`)}</dt>
            <dd className="figures">{parts === undefined ? '…' : formatBytes(parts[part])}</dd>
          </div>
        ))}
      </dl>
      <div className="settings-clear">
        <p className="quiet">{t('settings.storage.hint')}</p>
        <Button disabled={parts === undefined || sumOf(parts) === 0} onClick={clear}>
          {t('settings.storage.clear')}
        </Button>
      </div>
    </Group>
  );
}
