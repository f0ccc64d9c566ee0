import { useText } from '../i18n/index.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { attempt } from '../state/notices.ts';
import { runActiveEdit, whyNotRunActive } from '../state/run-edit.ts';
import { Button } from '../ui/Button.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';

/** The one button that starts the work. */
export function RunButton() {
  const t = useText();
  const kind = useEditor((state) => activeEdit(state)?.settings.kind ?? 'remove');
  const reason = useEditor(whyNotRunActive);
  const removes = kind === 'remove';
  return (
    <Tooltip
      text={reason === null ? t(removes ? 'jobs.removeHelp' : 'jobs.replaceHelp') : t(reason)}
      shortcut="Ctrl+Enter"
      side="top"
    >
      <Button
        primary
        large
        className="run-button"
        // Not `disabled`: a button without the focus cannot say why it does nothing.
        aria-disabled={reason !== null}
        onClick={() => {
          if (reason === null) attempt(runActiveEdit);
        }}
      >
        {t(removes ? 'jobs.remove' : 'jobs.replace')}
      </Button>
    </Tooltip>
  );
}
