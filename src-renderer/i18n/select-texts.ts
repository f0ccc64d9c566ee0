/** Texts of selecting an object by a click. */
export const selectEn = {
  'tool.select': 'Select subject',
  'step.select': 'Select subject',
  'select.hint': 'Click the object in this frame, or drag a box around it.',
  'select.hintMore': 'Click adds, Alt-click takes away; Track follows it.',
  'select.running': 'Selecting…',
  'select.smaller': 'Smaller',
  'select.larger': 'Larger',
  'select.empty': 'Nothing was found there: click another part of the object, or drag a box around it.',
  'select.nothingToTake': 'There is nothing selected in this frame to take from: click the object first.',
} as const;

export const selectDe: Readonly<Record<keyof typeof selectEn, string>> = {
  'tool.select': 'Motiv auswählen',
  'step.select': 'Motiv auswählen',
  'select.hint': 'Klicken Sie das Objekt in diesem Bild an, oder ziehen Sie einen Kasten darum.',
  'select.hintMore': 'Klick nimmt hinzu, Alt-Klick nimmt weg; „Tracken“ folgt ihm.',
  'select.running': 'Wird ausgewählt…',
  'select.smaller': 'Kleiner',
  'select.larger': 'Größer',
  'select.empty':
    'Dort wurde nichts gefunden: klicken Sie eine andere Stelle des Objekts an, oder ziehen Sie einen Kasten darum.',
  'select.nothingToTake':
    'In diesem Bild ist nichts ausgewählt, wovon etwas wegzunehmen wäre: klicken Sie zuerst das Objekt an.',
};
