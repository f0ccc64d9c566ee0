import { Dices, Lock, LockOpen } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor } from '../state/editor-store.ts';
import { rerollSeed, useRunOptions } from '../state/run-edit.ts';
import { IconButton } from '../ui/Button.tsx';
import { Field, NumberField } from '../ui/Field.tsx';
import { Section } from '../ui/Section.tsx';
import { Segments } from '../ui/Segments.tsx';

/** What is to be done with what the mask covers. `onModels` leads to where a model can be imported. */
export function PromptPanel({ onModels }: { readonly onModels: () => void }) {
  const t = useText();
  const settings = useEditor((state) => activeEdit(state)?.settings);
  const reads = useEditor(
    ({ models }) => models.find(({ id }) => id === settings?.modelId)?.readsPrompts ?? true,
  );
  if (settings === undefined) return null;
  const replacing = settings.kind === 'edit';
  return (
    <Section name="prompt" title={t('prompt.title')}>
      <Segments
        label={t('prompt.kind')}
        value={settings.kind}
        options={[
          { value: 'remove', text: t('prompt.remove') },
          { value: 'edit', text: t('prompt.replace'), disabled: !reads },
        ]}
        onChange={(kind) => {
          changeEdit(t('step.kind'), (edit) => void (edit.settings.kind = kind));
        }}
      />
      {!reads && (
        <p className="reason">
          {t('prompt.noPrompts', { model: settings.modelId })}{' '}
          <button type="button" className="link" onClick={onModels}>
            {t('prompt.openModels')}
          </button>
        </p>
      )}
      {reads && (
        <>
          <Field label={t(replacing ? 'prompt.textReplace' : 'prompt.text')} stacked>
            {(id) => (
              <textarea
                id={id}
                className="input"
                rows={2}
                maxLength={4000}
                value={settings.prompt}
                placeholder={t(replacing ? 'prompt.textReplaceHint' : 'prompt.textHint')}
                onChange={({ target }) => {
                  changeEdit(
                    t('step.prompt'),
                    (edit) => void (edit.settings.prompt = target.value),
                    'prompt',
                  );
                }}
              />
            )}
          </Field>
          <Field label={t('prompt.negative')} stacked>
            {(id) => (
              <input
                id={id}
                className="input"
                maxLength={4000}
                value={settings.negativePrompt}
                placeholder={t('prompt.negativeHint')}
                onChange={({ target }) => {
                  changeEdit(
                    t('step.negative'),
                    (edit) => void (edit.settings.negativePrompt = target.value),
                    'negative',
                  );
                }}
              />
            )}
          </Field>
        </>
      )}
      <Seed seed={settings.seed} />
    </Section>
  );
}

function Seed({ seed }: { readonly seed: number }) {
  const t = useText();
  const locked = useRunOptions((state) => state.seedLocked);
  return (
    <div className="seed">
      <NumberField
        label={t('prompt.seed')}
        help={t('prompt.seedHelp')}
        value={seed}
        min={0}
        max={2 ** 32 - 1}
        whole
        onChange={(value) => {
          changeEdit(t('step.seed'), (edit) => void (edit.settings.seed = value ?? 0), 'seed');
        }}
      />
      <IconButton
        label={t(locked ? 'prompt.unlock' : 'prompt.lock')}
        aria-pressed={locked}
        onClick={() => {
          useRunOptions.setState({ seedLocked: !locked });
        }}
      >
        {locked ? <Lock /> : <LockOpen />}
      </IconButton>
      <IconButton label={t('prompt.reroll')} onClick={rerollSeed}>
        <Dices />
      </IconButton>
    </div>
  );
}
