import { ChevronRight, RotateCcw } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { cacheMethods, type MethodName } from '../../src-shared/core/caches/index.ts';
import { presets } from '../../src-shared/core/presets/index.ts';
import { fillChoices, isChoice, type EditSettings } from '../../src-shared/project/index.ts';
import { canReplace } from '../state/run-edit.ts';
import { useText } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor } from '../state/editor-store.ts';
import { IconButton } from '../ui/Button.tsx';
import { NumberField, SelectField } from '../ui/Field.tsx';
import { Section } from '../ui/Section.tsx';
import { useEstimate } from './use-estimate.ts';

/** HetCache's options that editors turn; the command line has the rest. */
const hetcacheShown = ['delta', 'keep', 'clusters'] as const;

/** The model's own words: kept folded, for those who know them. */
export function AdvancedPanel() {
  const t = useText();
  const settings = useEditor((state) => activeEdit(state)?.settings);
  return settings === undefined ? null : (
    <Section name="advanced" title={t('preset.advanced')} closedAtFirst>
      <AdvancedFields settings={settings} />
    </Section>
  );
}

function AdvancedFields({ settings }: { readonly settings: EditSettings }) {
  const t = useText();
  const estimated = useEstimate((state) => state.estimate?.steps.length);
  const methodName = settings.method ?? 'hetcache';
  const changed =
    settings.steps !== undefined ||
    settings.method !== undefined ||
    settings.workingSize !== undefined ||
    Object.keys(settings.methodOptions).length > 0;
  return (
    <Parts
      parts={{
        model: (
          <>
            <ModelField modelId={settings.modelId} />
            <SelectField
              label={t('preset.fill')}
              help={t('preset.fillHelp')}
              value={settings.fill}
              options={fillChoices.map((value) => ({ value, text: t(`preset.fill.${value}`) }))}
              onChange={(fill) => {
                changeEdit(t('step.fill'), ({ settings: draft }) => {
                  draft.fill = fill as EditSettings['fill'];
                });
              }}
            />
          </>
        ),
        method: (
          <>
            <SelectField
              label={t('preset.method')}
              help={t('preset.methodHelp')}
              value={methodName}
              options={Object.keys(cacheMethods).map((name) => ({ value: name, text: name }))}
              onChange={(name) => {
                changeEdit(t('step.method'), ({ settings: draft }) => {
                  // Options mean nothing to another method.
                  draft.methodOptions = {};
                  if (name === 'hetcache') delete draft.method;
                  else draft.method = name;
                });
              }}
            />
            <MethodOptions settings={settings} method={methodName as MethodName} />
            <NumberField
              label={t('preset.steps')}
              help={t('preset.stepsHelp')}
              value={settings.steps}
              placeholder={estimated === undefined || estimated === 0 ? undefined : String(estimated)}
              min={1}
              max={1000}
              whole
              onChange={(steps) => {
                changeEdit(
                  t('step.steps'),
                  ({ settings: draft }) => {
                    if (steps === undefined) delete draft.steps;
                    else draft.steps = steps;
                  },
                  'steps',
                );
              }}
            />
          </>
        ),
        machine: <MachineFields settings={settings} />,
      }}
      aside={
        <IconButton
          small
          label={t('preset.reset')}
          side="left"
          disabled={!changed}
          onClick={() => {
            changeEdit(t('step.reset'), ({ settings: draft }) => {
              delete draft.steps;
              delete draft.method;
              delete draft.workingSize;
              draft.methodOptions = {};
            });
          }}
        >
          <RotateCcw />
        </IconButton>
      }
    />
  );
}

const partNames = ['model', 'method', 'machine'] as const;
type PartName = (typeof partNames)[number];
const openPartKey = 'hetcut-advanced-part';

/** Parts of which one is open, so that all of it is in sight; `aside`: beside the method's name. */
function Parts({
  parts,
  aside,
}: {
  readonly parts: Readonly<Record<PartName, ReactNode>>;
  readonly aside: ReactNode;
}) {
  const t = useText();
  const [open, setOpen] = useState<PartName | undefined>(() => {
    const kept = localStorage.getItem(openPartKey);
    return kept === null ? 'method' : partNames.find((name) => name === kept);
  });
  const id = useId();
  const rows = partNames.map((name) => (
    <div key={name} className="advanced-part">
      <h3>
        <button
          type="button"
          aria-expanded={open === name}
          aria-controls={`${id}-${name}`}
          onClick={() => {
            const next = open === name ? undefined : name;
            localStorage.setItem(openPartKey, next ?? '');
            setOpen(next);
          }}
        >
          <ChevronRight size={14} />
          {t(`preset.part.${name}`)}
        </button>
        {name === 'method' && aside}
      </h3>
      <div id={`${id}-${name}`} className="advanced-fields" hidden={open !== name}>
        {parts[name]}
      </div>
    </div>
  ));
  return <div>{rows}</div>;
}

/** What is asked of the machine. */
function MachineFields({ settings }: { readonly settings: EditSettings }) {
  const t = useText();
  return (
    <>
      <NumberField
        label={t('preset.workingSize')}
        help={t('preset.workingSizeHelp')}
        value={settings.workingSize}
        min={64}
        max={4096}
        whole
        onChange={(size) => {
          changeEdit(
            t('step.workingSize'),
            ({ settings: draft }) => {
              if (size === undefined) delete draft.workingSize;
              else draft.workingSize = size;
            },
            'workingSize',
          );
        }}
      />
      <SelectField
        label={t('preset.cardFails')}
        value={settings.cpuFallback === true ? 'cpu' : 'stop'}
        options={[
          { value: 'stop', text: t('preset.cardFails.stop') },
          { value: 'cpu', text: t('preset.cardFails.cpu') },
        ]}
        onChange={(choice) => {
          changeEdit(t('step.cardFails'), ({ settings: draft }) => {
            if (choice === 'cpu') draft.cpuFallback = true;
            else delete draft.cpuFallback;
          });
        }}
      />
    </>
  );
}

function ModelField({ modelId }: { readonly modelId: string }) {
  const t = useText();
  const models = useEditor((state) => state.models);
  const choices = models.filter(({ id }) => isChoice(id) || id === modelId);
  const known = choices.map(({ id }) => ({ value: id, text: id }));
  const missing = { value: modelId, text: t('preset.modelMissing', { model: modelId }) };
  return (
    <SelectField
      label={t('preset.model')}
      value={modelId}
      options={models.some(({ id }) => id === modelId) ? known : [missing, ...known]}
      onChange={(id) => {
        changeEdit(t('step.model'), ({ settings }) => {
          settings.modelId = id;
          // A model without prompts can only remove.
          if (!canReplace(id, models)) settings.kind = 'remove';
        });
      }}
    />
  );
}

interface MethodOptionsProps {
  readonly settings: EditSettings;
  readonly method: MethodName;
}

/** A field for each option of the method; its help is the method table's own. */
function MethodOptions({ settings, method }: MethodOptionsProps) {
  const t = useText();
  const table = Object.hasOwn(cacheMethods, method) ? cacheMethods[method].options : {};
  // The δ of the calibrated curve that the preset comes to.
  const expected = useEstimate((state) => state.estimate?.schedule?.error);
  const names = method === 'hetcache' ? hetcacheShown : Object.keys(table);
  const { keep, clusters } = presets[settings.preset];
  const ofPreset: Readonly<Record<string, number | undefined>> =
    method === 'hetcache' ? { keep, clusters, delta: expected && Number(expected.toPrecision(2)) } : {};
  return names.map((name) => {
    const option = table[name];
    const value = settings.methodOptions[name];
    const set = (next: number | string | undefined): void => {
      changeEdit(
        t('step.option', { name }),
        ({ settings: draft }) => {
          if (next === undefined) delete draft.methodOptions[name];
          else draft.methodOptions[name] = next;
        },
        `option-${name}`,
      );
    };
    const label = name === 'delta' || name === 'keep' || name === 'clusters' ? t(`preset.${name}`) : name;
    return option.kind === 'number' ? (
      <NumberField
        key={name}
        label={label}
        help={option.help}
        value={typeof value === 'number' ? value : undefined}
        placeholder={String(ofPreset[name] ?? option.default)}
        min={option.min}
        max={option.max}
        whole={option.whole ?? false}
        onChange={set}
      />
    ) : (
      <SelectField
        key={name}
        label={label}
        help={option.help}
        value={typeof value === 'string' ? value : option.default}
        options={option.values.map((word) => ({ value: word, text: word }))}
        onChange={set}
      />
    );
  });
}
