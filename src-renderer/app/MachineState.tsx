import { CircleAlert } from 'lucide-react';
import { useEffect } from 'react';
import { formatNumber, useText } from '../i18n/index.ts';
import { backend, useBackend } from '../state/backend.ts';
import { Tooltip } from '../ui/Tooltip.tsx';
import { openDialog } from './layout-store.ts';

/** How often the memory in use is asked for. */
const pollMs = 5000;

/** What computes, and how much of its memory is in use. */
export function MachineState() {
  const t = useText();
  const connected = useBackend((state) => state.info !== null);
  const device = useBackend((state) => state.device);
  useEffect(() => {
    if (!connected) return;
    let asking = false;
    const ask = (): void => {
      if (asking || document.hidden) return;
      asking = true;
      backend()
        .call('app.device', {})
        .then((found) => useBackend.setState({ device: found }))
        // The next answer may have it.
        .catch(() => undefined)
        .finally(() => (asking = false));
    };
    ask();
    const timer = setInterval(ask, pollMs);
    return () => {
      clearInterval(timer);
    };
  }, [connected]);
  if (device === null) return null;
  const gigabytes = (bytes: number): number => bytes / 1e9;
  const values = {
    device: `${device.provider === 'cpu' ? 'CPU' : 'GPU'}: ${device.device}`,
    used: formatNumber(gigabytes(device.usedBytes), 1),
    total: formatNumber(gigabytes(device.totalBytes)),
  };
  const { unusedCard } = device;
  const help = t('title.machineHelp', values);
  return (
    <Tooltip text={unusedCard === undefined ? help : t('title.cardUnusedHelp')}>
      <button
        type="button"
        className="title-machine figures"
        onClick={() => {
          openDialog('doctor');
        }}
      >
        {unusedCard === undefined ? (
          t('title.machine', values)
        ) : (
          <>
            <CircleAlert size={14} aria-hidden="true" /> {t('title.cardUnused', { card: unusedCard })}
          </>
        )}
      </button>
    </Tooltip>
  );
}
