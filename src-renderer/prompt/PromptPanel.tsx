import { Check, Dices, Lock, LockOpen, Wand2 } from 'lucide-react';
import { removalWords } from '../../src-shared/core/words/index.ts';
import { modelOf, type Edit } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor } from '../state/editor-store.ts';
import { canReplace, modelRow, rerollSeed, useRunOptions } from '../state/run-edit.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Field, NumberField } from '../ui/Field.tsx';
import { Section } from '../ui/Section.tsx';
import { Segments } from '../ui/Segments.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { CleanPlate } from './CleanPlate.tsx';
import { PromptHistory } from './PromptHistory.tsx';
import { ReferencePicture } from './ReferencePicture.tsx';
import { isSetUpForRemoval, removalGrow, setUpRemoval } from './removal-preset.ts';
import { WordPicker } from './WordPicker.tsx';
import './prompt.css';

/** What is to be done with what the mask covers. `onModels` leads to where a model can be imported. */
export function PromptPanel({ onModels }: { readonly onModels: () => void }) {
  const t = useText();
  const settings = useEditor((state) => activeEdit(state)?.settings);
  const models = useEditor((state) => state.models);
  const edit = useEditor(activeEdit);
  if (settings === undefined || edit === undefined) return null;
  const replacing = settings.kind === 'edit';
  const row = modelRow(settings, models);
  const reads = row?.readsPrompts ?? true;
  // What a removal says is not read for what could be put there.
  const vocabulary = replacing ? row?.vocabulary : undefined;
  const hint = !replacing
    ? 'prompt.textHint'
    : vocabulary === undefined
      ? 'prompt.textReplaceHint'
      : 'prompt.words.hint';
  const replaces = canReplace(settings.modelId, models);
  return (
    <Section name="prompt" title={t('prompt.title')} aside={reads && <PromptHistory />}>
      <Segments
        label={t('prompt.kind')}
        value={settings.kind}
        options={[
          { value: 'remove', text: t('prompt.remove') },
          { value: 'edit', text: t('prompt.replace'), disabled: !replaces },
        ]}
        onChange={(kind) => {
          changeEdit(t('step.kind'), (edit) => void (edit.settings.kind = kind));
        }}
      />
      {!replaces && (
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
                placeholder={t(hint)}
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
          {vocabulary !== undefined && (
            <WordPicker prompt={settings.prompt} vocabulary={vocabulary} model={modelOf(settings)} />
          )}
          {vocabulary === undefined && (
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
          )}
        </>
      )}
      {reads && vocabulary === undefined && <ReferencePicture path={settings.referencePath} />}
      <CleanPlate settings={settings} keeps={replacing && row?.stands === true} />
      {!replacing && <RemovalPreset edit={edit} reads={reads} />}
      <Seed seed={settings.seed} />
    </Section>
  );
}

/** One button for all that makes a removal likely to come out; it says what that is. */
function RemovalPreset({ edit, reads }: { readonly edit: Edit; readonly reads: boolean }) {
  const t = useText();
  const words = reads ? removalWords : null;
  const done = isSetUpForRemoval(edit, words);
  return (
    <div className="removal">
      <Tooltip
        text={[t('prompt.removalHelp', { grow: removalGrow }), reads ? t('prompt.removalWords') : ''].join(
          ' ',
        )}
        side="left"
      >
        <Button
          // Not `disabled`: what it has done can still be read.
          aria-disabled={done}
          onClick={() => {
            if (!done) changeEdit(t('step.removal'), (draft) => setUpRemoval(draft, words));
          }}
        >
          {done ? <Check size={14} /> : <Wand2 size={14} />}
          {t(done ? 'prompt.removalDone' : 'prompt.removal')}
        </Button>
      </Tooltip>
    </div>
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
