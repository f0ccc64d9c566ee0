/** Texts of tracking. */
export const trackEn = {
  'tool.track': 'Track',
  'track.bar': 'Tracking',
  'track.backward': 'Track backward from the playhead',
  'track.both': 'Track',
  'track.bothHelp': 'Follows what is painted through the edit, both ways',
  'track.forward': 'Track forward from the playhead',
  'track.stop': 'Stop',
  'track.stopHelp': 'Stops tracking and keeps the frames that are done',
  'track.absent': 'Not in this frame',
  'track.present': 'Back in this frame',
  'track.absentHelp': 'Says that the object is not in this frame; tracking keeps to it',
  'track.weakBefore': 'Previous weak frame',
  'track.weakNext': 'Next weak frame',
  'track.newObject': 'New object',
  'track.newObjectHelp': 'What you paint next is an object of its own and corrects nothing',
  'track.running': 'Tracking {{percent}} %',
  'track.hintPaint': 'Paint over the object in one frame, then Track follows it.',
  'track.hintTrack': 'Track follows what is painted.',
  'track.hintCorrect': 'Painting corrects this frame.',
  'track.hintAgain': 'Corrected: Track again.',
  'track.weak_one': '{{count}} weak stretch',
  'track.weak_other': '{{count}} weak stretches',
  'track.step': 'Track',
  'track.stepAbsent': 'Not in this frame',
  'track.stepPresent': 'Back in this frame',
  'track.needClip': 'Open a clip first.',
  'track.nothing': 'Nothing is painted yet: paint over the object in one frame.',
  'track.erased': 'Everything that was painted is erased again: paint over the object in one frame.',
  'track.outside':
    'Frame {{frame}}, where you painted, is outside this edit (frames {{first}} to {{last}}). Paint in one of those, or extend the edit.',
  'track.absentOnly':
    'The object is marked as not in the picture in every painted frame: paint over it in one.',
  'track.settled': 'All frames follow what is painted. Correct a frame, then track again.',
  'track.settledThere':
    'There is nothing to track in this direction from here. Move the playhead, or use Track for both directions.',
  'track.busy': 'Tracking is running: wait until it is done, or stop it.',
  'track.changed': 'The mask was changed while it was tracked; what was found was not used. Track again.',
  'track.oneFrame': 'This edit has one frame: extend it to track.',
  'track.cut':
    'There is a cut at frame {{frame}}: tracking stopped there. Paint the object behind it, then track again.',
  'track.lost': 'The object is not seen from frame {{frame}} on. If it is there, paint it and track again.',
  'track.lostBackward':
    'The object is not seen before frame {{frame}}. If it is there, paint it and track again.',
} as const;

export const trackDe: Readonly<Record<keyof typeof trackEn, string>> = {
  'tool.track': 'Tracken',
  'track.bar': 'Tracking',
  'track.backward': 'Ab Abspielmarke rückwärts tracken',
  'track.both': 'Tracken',
  'track.bothHelp': 'Folgt dem Gemalten durch die Bearbeitung, in beide Richtungen',
  'track.forward': 'Ab Abspielmarke vorwärts tracken',
  'track.stop': 'Anhalten',
  'track.stopHelp': 'Hält das Tracking an; fertige Bilder bleiben',
  'track.absent': 'Nicht im Bild',
  'track.present': 'Wieder im Bild',
  'track.absentHelp':
    'Legt fest, dass das Objekt in diesem Bild nicht zu sehen ist; das Tracking hält sich daran',
  'track.weakBefore': 'Vorheriges unsicheres Bild',
  'track.weakNext': 'Nächstes unsicheres Bild',
  'track.newObject': 'Neues Objekt',
  'track.newObjectHelp': 'Was Sie danach malen, ist ein eigenes Objekt und korrigiert nichts',
  'track.running': 'Tracking {{percent}} %',
  'track.hintPaint': 'Übermalen Sie das Objekt in einem Bild; „Tracken“ folgt ihm dann.',
  'track.hintTrack': '„Tracken“ folgt dem Gemalten.',
  'track.hintCorrect': 'Malen korrigiert dieses Bild.',
  'track.hintAgain': 'Korrigiert: erneut tracken.',
  'track.weak_one': '{{count}} unsichere Stelle',
  'track.weak_other': '{{count}} unsichere Stellen',
  'track.step': 'Tracken',
  'track.stepAbsent': 'Nicht im Bild',
  'track.stepPresent': 'Wieder im Bild',
  'track.needClip': 'Öffnen Sie zuerst einen Clip.',
  'track.nothing': 'Noch ist nichts gemalt: übermalen Sie das Objekt in einem Bild.',
  'track.erased': 'Alles Gemalte ist wieder wegradiert: übermalen Sie das Objekt in einem Bild.',
  'track.outside':
    'Bild {{frame}}, in dem Sie gemalt haben, liegt außerhalb dieser Bearbeitung (Bilder {{first}} bis {{last}}). Malen Sie in einem davon, oder verlängern Sie die Bearbeitung.',
  'track.absentOnly':
    'In jedem gemalten Bild ist das Objekt als nicht zu sehen markiert: übermalen Sie es in einem.',
  'track.settled': 'Alle Bilder folgen dem Gemalten. Korrigieren Sie ein Bild und tracken Sie dann erneut.',
  'track.settledThere':
    'In dieser Richtung gibt es von hier aus nichts zu tracken. Bewegen Sie die Abspielmarke, oder nehmen Sie „Tracken“ für beide Richtungen.',
  'track.busy': 'Das Tracking läuft: warten Sie, bis es fertig ist, oder halten Sie es an.',
  'track.changed':
    'Die Maske wurde während des Trackings geändert; das Gefundene wurde nicht übernommen. Tracken Sie erneut.',
  'track.oneFrame': 'Diese Bearbeitung hat nur ein Bild: verlängern Sie sie, um zu tracken.',
  'track.cut':
    'Bei Bild {{frame}} ist ein Schnitt: das Tracking endet dort. Übermalen Sie das Objekt dahinter und tracken Sie erneut.',
  'track.lost':
    'Ab Bild {{frame}} ist das Objekt nicht zu sehen. Ist es doch da, übermalen Sie es und tracken Sie erneut.',
  'track.lostBackward':
    'Vor Bild {{frame}} ist das Objekt nicht zu sehen. Ist es doch da, übermalen Sie es und tracken Sie erneut.',
};
