import { Info, TriangleAlert } from 'lucide-react';
import type { ExportPlan } from '../../src-shared/ipc/index.ts';
import { frameList, type Edit, type ExportGap } from '../../src-shared/project/index.ts';
import { text, useText } from '../i18n/index.ts';
import { closeExport } from '../state/exports.ts';
import { nameInClip } from '../state/edit-name.ts';
import { useEditor } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { runEdits } from '../state/run-edit.ts';
import { Button } from '../ui/Button.tsx';
import type { Chosen } from './export-choices.ts';
import { isPicture } from './export-request.ts';
import type { CheckedExport } from './use-export-plan.ts';

interface NotesProps {
  readonly checked: CheckedExport;
  readonly what: Chosen['what'];
  readonly sound: Chosen['sound'];
  readonly hasLayers: boolean;
  readonly gaps: readonly ExportGap[];
}

/** What should be known before it is written, or why it cannot be. */
export function ExportNotes({ checked: { plan, failure }, what, sound, hasLayers, gaps }: NotesProps) {
  const t = useText();
  if (!hasLayers) return <Note text={t('export.noEdits')} isWarning />;
  if (failure !== null) {
    const explained = failure.code === 'nothing-to-export';
    return explained ? (
      <>
        <Note text={t('export.noResult')} isWarning />
        <GapNotes gaps={gaps} />
      </>
    ) : (
      <Note text={failure.message} hint={failure.hint} isWarning />
    );
  }
  if (plan === null) return null;
  return (
    <>
      <GapNotes gaps={gaps} />
      {plan.replaces && <Note text={t('export.replaces')} isWarning />}
      {plan.freeBytes !== undefined && plan.bytes > plan.freeBytes && (
        <Note text={t('export.tight')} isWarning />
      )}
      {isPicture(what) && <SoundNote plan={plan} isPcm={sound === 'pcm'} />}
      {plan.notes.map((note) => (
        <Note key={note} text={note} />
      ))}
    </>
  );
}

/** What would not be as the edits say, and how to make it so. */
function GapNotes({ gaps }: { readonly gaps: readonly ExportGap[] }) {
  const t = useText();
  const clips = useEditor((state) => state.history?.present.clips) ?? [];
  const nameOf = (edit: Edit): string => {
    const clip = clips.find(({ edits }) => edits.some(({ id }) => id === edit.id));
    if (clip === undefined) return edit.name;
    const name = nameInClip(clip, edit);
    return clips.length === 1 ? name : text('jobs.name', { clip: clip.name, kind: name });
  };
  if (gaps.length === 0) return null;
  const edits = [...new Map(gaps.map(({ edit }) => [edit.id, edit])).values()];
  return (
    <>
      {gaps.map(({ edit, kind, spans }) => (
        <Note
          key={`${edit.id} ${kind}`}
          text={t(`export.gap.${kind}`, { name: nameOf(edit), frames: frameList(spans) })}
          isWarning
        />
      ))}
      <div className="export-run">
        <Button
          onClick={() => {
            closeExport();
            attempt(() => runEdits(edits));
          }}
        >
          {t('export.runFirst')}
        </Button>
      </div>
    </>
  );
}

function SoundNote({ plan, isPcm }: { readonly plan: ExportPlan; readonly isPcm: boolean }) {
  const t = useText();
  if (plan.sound.length > 0 && isPcm) return <Note text={t('export.soundPcm')} />;
  if (plan.sound.length > 0) {
    return (
      <Note text={t('export.soundKept', { codecs: [...new Set(plan.sound)].join(', ').toUpperCase() })} />
    );
  }
  return plan.leavesSound ? <Note text={t('export.soundLeft')} /> : null;
}

interface NoteProps {
  readonly text: string;
  readonly hint?: string;
  readonly isWarning?: boolean;
}

function Note({ text, hint, isWarning = false }: NoteProps) {
  const Icon = isWarning ? TriangleAlert : Info;
  return (
    <p
      className={isWarning ? 'export-note warning' : 'export-note quiet'}
      role={isWarning ? 'alert' : undefined}
    >
      <Icon size={14} aria-hidden="true" />
      <span>
        {text}
        {hint !== undefined && <span className="quiet"> {hint}</span>}
      </span>
    </p>
  );
}
