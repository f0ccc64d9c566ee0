import { JobsPanel } from '../jobs/JobsPanel.tsx';
import { RunButton } from '../jobs/RunButton.tsx';
import { AdvancedPanel } from '../preset/AdvancedPanel.tsx';
import { CheckButton } from '../preset/CheckView.tsx';
import { EstimateView } from '../preset/EstimateView.tsx';
import { PresetPanel } from '../preset/PresetPanel.tsx';
import { PromptPanel } from '../prompt/PromptPanel.tsx';
import { useText } from '../i18n/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { Timeline } from '../timeline/Timeline.tsx';
import { ToolColumn } from '../tools/ToolColumn.tsx';
import { TrackBar } from '../tools/TrackBar.tsx';
import { Viewer } from '../viewer/Viewer.tsx';
import { HistoryPanel } from './HistoryPanel.tsx';
import { openDialog, useLayout } from './layout-store.ts';
import { MaskPanel } from './MaskPanel.tsx';
import { Relink } from '../project/Relink.tsx';
import { useSession } from '../project/session-store.ts';
import { showResult } from '../project/show-result.ts';
import { Splitter } from './Splitter.tsx';
import './editor.css';

/** Tools, viewer, panels and timeline. */
export function Editor() {
  const t = useText();
  const clipId = useEditor((state) => state.clipId);
  const missing = useSession((state) => clipId !== null && clipId in state.missing);
  const { showTools, showPanels, showTimeline, panelsWidth, timelineHeight } = useLayout();
  return (
    <main className="editor">
      <div className="editor-main">
        <div className="editor-top">
          {showTools && <ToolColumn />}
          <section className="viewer-place" aria-label={t('layout.viewer')}>
            <TrackBar />
            <Relink />
            <Viewer />
          </section>
        </div>
        {showTimeline && (
          <>
            <Splitter
              label={t('layout.resizeTimeline')}
              direction="rows"
              size={timelineHeight}
              min={96}
              max={560}
              onResize={(height) => {
                useLayout.setState({ timelineHeight: height });
              }}
              onCollapse={() => {
                useLayout.setState({ showTimeline: false });
              }}
            />
            <section
              className="timeline-place"
              style={{ height: timelineHeight }}
              aria-label={t('layout.timeline')}
            >
              <Timeline />
            </section>
          </>
        )}
      </div>
      {showPanels && (
        <>
          <Splitter
            label={t('layout.resizePanels')}
            direction="columns"
            size={panelsWidth}
            min={264}
            max={560}
            onResize={(width) => {
              useLayout.setState({ panelsWidth: width });
            }}
            onCollapse={() => {
              useLayout.setState({ showPanels: false });
            }}
          />
          <aside className="panels" style={{ width: panelsWidth }} aria-label={t('layout.panels')}>
            <div className="panels-scroll">
              <PromptPanel
                onModels={() => {
                  openDialog('models');
                }}
              />
              <MaskPanel />
              <AdvancedPanel />
            </div>
            <div className="run">
              <PresetPanel />
              <EstimateView
                missing={missing}
                onModels={() => {
                  openDialog('models');
                }}
              />
              <div className="run-row">
                <CheckButton />
                <RunButton />
              </div>
            </div>
            <div className="panels-work">
              <JobsPanel onShowResult={showResult} />
              <HistoryPanel />
            </div>
          </aside>
        </>
      )}
    </main>
  );
}
