import {
  Brush,
  Circle,
  Crosshair,
  Eraser,
  Eye,
  EyeOff,
  Grid3x3,
  Lasso,
  Layers,
  MousePointer2,
  Palette,
  Pentagon,
  Square,
  WandSparkles,
  type LucideIcon,
} from 'lucide-react';
import { Popover } from 'radix-ui';
import type { KeyboardEvent } from 'react';
import { useText } from '../i18n/index.ts';
import { useEditor, type PaintScope, type Tool } from '../state/editor-store.ts';
import { useKeysFor } from '../state/key-map.ts';
import { toggleAreas, useView } from '../state/view-store.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { Menu, MenuChoice } from '../ui/Menu.tsx';
import { Slider } from '../ui/Slider.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import './tools.css';

const icons: Readonly<Record<Tool, LucideIcon>> = {
  move: MousePointer2,
  brush: Brush,
  eraser: Eraser,
  lasso: Lasso,
  box: Square,
  ellipse: Circle,
  polygon: Pentagon,
  select: WandSparkles,
  track: Crosshair,
};
const tools = Object.keys(icons) as Tool[];
const scopes: readonly PaintScope[] = ['frame', 'onwards', 'all'];
const scopeMarks: Readonly<Record<PaintScope, string>> = { frame: '1', onwards: '→', all: '↔' };

/** The mask's tools, the brush's size and softness, which frames a stroke holds on, and how the mask looks. */
export function ToolColumn() {
  const t = useText();
  const keysFor = useKeysFor();
  const tool = useEditor((state) => state.tool);
  const radius = useEditor((state) => state.brushRadius);
  const softness = useEditor((state) => Math.round(state.brushSoftness * 100));
  const scope = useEditor((state) => state.paintScope);
  const shown = useEditor((state) => state.overlay.shown);
  const areas = useView((state) => state.areas);
  const choose = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    // With another key the arrows change the chosen shape.
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = (tools.indexOf(tool) + step + tools.length) % tools.length;
    useEditor.setState({ tool: tools[next] });
    event.currentTarget.querySelectorAll<HTMLElement>('[role="radio"]')[next].focus();
  };
  return (
    <nav className="tool-column" aria-label={t('layout.tools')}>
      <div role="radiogroup" aria-label={t('layout.tools')} onKeyDown={choose}>
        {tools.map((name) => {
          const Icon = icons[name];
          return (
            <IconButton
              key={name}
              label={t(`tool.${name}`)}
              shortcut={keysFor(name)}
              side="right"
              role="radio"
              aria-checked={tool === name}
              tabIndex={tool === name ? 0 : -1}
              onClick={() => useEditor.setState({ tool: name })}
            >
              <Icon />
            </IconButton>
          );
        })}
      </div>
      <div className="tool-brush">
        <Tooltip text={t('tool.size')} shortcut={`${keysFor('smaller')} ${keysFor('larger')}`} side="right">
          <div>
            <Slider
              label={t('tool.size')}
              vertical
              // Evenly spaced to the hand: twice the size is the same way everywhere.
              value={Math.round(Math.log2(radius) * 10)}
              min={0}
              max={80}
              valueText={t('tool.pixels', { count: radius * 2 })}
              onChange={(value) => useEditor.setState({ brushRadius: Math.round(2 ** (value / 10)) })}
            />
            <span className="figures quiet">{radius * 2}</span>
          </div>
        </Tooltip>
        <Tooltip text={t('tool.softness')} shortcut="Shift+[ ]" side="right">
          <div>
            <Slider
              label={t('tool.softness')}
              vertical
              value={softness}
              min={0}
              max={100}
              valueText={`${softness} %`}
              onChange={(value) => useEditor.setState({ brushSoftness: value / 100 })}
            />
            <span className="figures quiet">{softness}</span>
          </div>
        </Tooltip>
      </div>
      <Menu
        trigger={
          <button
            type="button"
            className="icon-button"
            title={`${t('tool.scope')}: ${t(`tool.scope.${scope}`)}`}
            aria-label={`${t('tool.scope')}: ${t(`tool.scope.${scope}`)}`}
          >
            {scopeMarks[scope]}
          </button>
        }
      >
        <MenuChoice
          label={t('tool.scope')}
          value={scope}
          options={scopes.map((value) => ({ value, text: t(`tool.scope.${value}`) }))}
          onChange={(paintScope) => useEditor.setState({ paintScope })}
        />
      </Menu>
      <IconButton
        label={t(shown ? 'tool.overlayHide' : 'tool.overlay')}
        shortcut={keysFor('overlay')}
        side="right"
        aria-pressed={shown}
        onClick={() => useEditor.setState(({ overlay }) => ({ overlay: { ...overlay, shown: !shown } }))}
      >
        {shown ? <Eye /> : <EyeOff />}
      </IconButton>
      <IconButton
        label={t(areas === 'tokens' ? 'tool.tokensHide' : 'tool.tokens')}
        shortcut={keysFor('tokens')}
        side="right"
        aria-pressed={areas === 'tokens'}
        onClick={() => toggleAreas('tokens')}
      >
        <Grid3x3 />
      </IconButton>
      <IconButton
        label={t(areas === 'sources' ? 'tool.sourcesHide' : 'tool.sources')}
        shortcut={keysFor('sources')}
        side="right"
        aria-pressed={areas === 'sources'}
        onClick={() => toggleAreas('sources')}
      >
        <Layers />
      </IconButton>
      <MaskLook />
    </nav>
  );
}

/** Colour, opacity and onion skin. */
function MaskLook() {
  const t = useText();
  const { colour, opacity } = useEditor((state) => state.overlay);
  const onionSkin = useView((state) => state.onionSkin);
  const look = (change: { colour?: string; opacity?: number }): void => {
    useEditor.setState(({ overlay }) => ({ overlay: { ...overlay, ...change } }));
  };
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button
          type="button"
          className="icon-button"
          title={t('tool.maskLook')}
          aria-label={t('tool.maskLook')}
        >
          <Palette />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="menu mask-look"
          side="right"
          align="start"
          sideOffset={4}
          collisionPadding={8}
        >
          <Field label={t('tool.colour')}>
            {(id) => (
              <input
                id={id}
                type="color"
                value={colour}
                onChange={({ target }) => look({ colour: target.value })}
              />
            )}
          </Field>
          <Field label={t('tool.opacity')}>
            {() => (
              <Slider
                label={t('tool.opacity')}
                value={Math.round(opacity * 100)}
                min={5}
                max={100}
                valueText={`${Math.round(opacity * 100)} %`}
                onChange={(value) => look({ opacity: value / 100 })}
              />
            )}
          </Field>
          <Button
            aria-pressed={onionSkin}
            title={t('tool.onionHelp')}
            onClick={() => useView.setState({ onionSkin: !onionSkin })}
          >
            {t('tool.onion')}
          </Button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
