import { planeFreedoms, type PlaneFreedom } from '../../src-shared/core/plane/index.ts';
import { useText } from '../i18n/index.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { planeShape } from '../state/following.ts';
import { useView } from '../state/view-store.ts';
import { Tooltip } from '../ui/Tooltip.tsx';

/** As what Track takes the chosen box, ellipse or polygon: an object whose outline changes, or a plane. */
export function FollowAs() {
  const t = useText();
  const edit = useEditor(activeEdit);
  const chosen = useView((state) => state.shape);
  const followAs = useView((state) => state.followAs);
  if (planeShape(edit, chosen) === undefined) return null;
  return (
    <Tooltip text={t('follow.asHelp')} side="bottom">
      <select
        className="input follow-as"
        aria-label={t('follow.as')}
        value={followAs ?? 'object'}
        onChange={({ target }) => {
          const as = planeFreedoms.find((one) => one === target.value) ?? null;
          useView.setState({ followAs: as satisfies PlaneFreedom | null });
        }}
      >
        {(['object', ...planeFreedoms] as const).map((as) => (
          <option key={as} value={as}>
            {t(`follow.as.${as}`)}
          </option>
        ))}
      </select>
    </Tooltip>
  );
}
