import { readWords, toggleWord, wordSlots, type Vocabulary } from '../../src-shared/core/words/index.ts';
import { useText } from '../i18n/index.ts';
import { changeEdit } from '../state/editor-store.ts';

interface Props {
  readonly prompt: string;
  readonly vocabulary: Vocabulary;
  readonly model: string;
}

/** The words of a model that knows few, to make a prompt of by clicks. */
export function WordPicker({ prompt, vocabulary, model }: Props) {
  const t = useText();
  const { named } = readWords(prompt, vocabulary);
  return (
    <div className="words">
      {wordSlots.map((slot) => (
        <div key={slot} className="word-row" role="group" aria-label={t(`prompt.words.${slot}`)}>
          {Object.keys(vocabulary[slot]).map((word) => (
            <button
              key={word}
              type="button"
              className="word"
              lang="en"
              aria-pressed={named[slot] === word}
              onClick={() => {
                changeEdit(
                  t('step.prompt'),
                  ({ settings }) =>
                    void (settings.prompt = toggleWord(settings.prompt, vocabulary, slot, word)),
                );
              }}
            >
              {word}
            </button>
          ))}
        </div>
      ))}
      <PromptAdvice prompt={prompt} vocabulary={vocabulary} model={model} />
      <p className="quiet">{t('prompt.words.about')}</p>
    </div>
  );
}

/** What of the prompt the model cannot read. */
function PromptAdvice({ prompt, vocabulary, model }: Props) {
  const t = useText();
  const { unknown, otherScript, tooLong } = readWords(prompt, vocabulary);
  const near = [...new Set(unknown.flatMap((one) => one.near))];
  const said: string[] = [];
  if (otherScript) said.push(t('prompt.words.script', { model }));
  else if (unknown.length > 0) {
    const words = unknown.map(({ word }) => `“${word}”`).join(', ');
    said.push(t('prompt.words.unknown', { model, words }));
    if (near.length > 0) said.push(t('prompt.words.near', { words: near.join(', ') }));
  }
  if (tooLong) said.push(t('prompt.words.long', { model, count: vocabulary.mostTokens }));
  return (
    <p className="word-advice" role="status">
      {said.join(' ')}
    </p>
  );
}
