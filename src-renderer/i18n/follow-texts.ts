/** Texts of shapes that follow a plane, of their keyframes and corners. */
export const followEn = {
  'follow.as': 'Follow as',
  'follow.asHelp':
    'What Track follows: an object whose outline changes, or a plane that moves, such as a sign or a wall',
  'follow.as.object': 'Object',
  'follow.as.position': 'Plane: position',
  'follow.as.scale': 'Plane: position, size',
  'follow.as.rotation': 'Plane: position, rotation',
  'follow.as.similarity': 'Plane: position, size, rotation',
  'follow.as.perspective': 'Plane: perspective',
  'follow.hint': 'Track moves the shape with the surface inside it, and sets few keyframes.',
  'follow.step': 'Follow as plane',
  'follow.outside':
    'Frame {{first}} to {{last}} is this edit: move the playhead there, to where the shape fits.',
  'follow.notHere': 'The shape is not in this frame: move the playhead to one where it fits.',
  'follow.left': 'The shape has left the picture from frame {{frame}} on: it ends there.',
  'follow.leftBackward': 'The shape is in the picture from behind frame {{frame}} on: it begins there.',
  'follow.hidden':
    'The shape was hidden in frames {{frame}} to {{last}}: it goes straight through them. Move it there where that is wrong.',
  'shape.easing': 'To next key',
  'shape.easingHelp': 'How the chosen shape goes on from its keyframe at or before the playhead',
  'shape.easing.straight': 'Evenly',
  'shape.easing.in': 'Slowly at first',
  'shape.easing.out': 'Slowly at last',
  'shape.easing.smooth': 'Slowly at both ends',
  'shape.easing.hold': 'Stay, then jump',
  'shape.cornersRound': 'Corners',
  'shape.cornersHelp':
    'Round corners have handles on the canvas. Double-click a corner to change that one; Alt moves a handle alone.',
  'shape.corners.straight': 'Straight',
  'shape.corners.round': 'Round',
  'step.easing': 'Easing',
  'step.corners': 'Corners',
  'step.moveHandle': 'Move a handle',
} as const;

export const followDe: Readonly<Record<keyof typeof followEn, string>> = {
  'follow.as': 'Folgen als',
  'follow.asHelp':
    'Wem „Tracken“ folgt: einem Objekt, dessen Umriss sich ändert, oder einer Fläche, die sich bewegt, etwa einem Schild oder einer Wand',
  'follow.as.object': 'Objekt',
  'follow.as.position': 'Fläche: Position',
  'follow.as.scale': 'Fläche: Position, Größe',
  'follow.as.rotation': 'Fläche: Position, Drehung',
  'follow.as.similarity': 'Fläche: Position, Größe, Drehung',
  'follow.as.perspective': 'Fläche: Perspektive',
  'follow.hint': '„Tracken“ bewegt die Form mit der Fläche darin und setzt wenige Keyframes.',
  'follow.step': 'Als Fläche folgen',
  'follow.outside':
    'Diese Bearbeitung hat die Bilder {{first}} bis {{last}}: bewegen Sie die Abspielmarke dorthin, wo die Form passt.',
  'follow.notHere':
    'Die Form ist nicht in diesem Bild: bewegen Sie die Abspielmarke zu einem, in dem sie passt.',
  'follow.left': 'Ab Bild {{frame}} hat die Form das Bild verlassen: sie endet dort.',
  'follow.leftBackward': 'Erst nach Bild {{frame}} ist die Form im Bild: sie beginnt dort.',
  'follow.hidden':
    'In den Bildern {{frame}} bis {{last}} war die Form verdeckt: sie geht gerade hindurch. Bewegen Sie sie dort, wo das nicht stimmt.',
  'shape.easing': 'Zum nächsten Key',
  'shape.easingHelp': 'Wie die gewählte Form von ihrem Keyframe an oder vor der Abspielmarke weitergeht',
  'shape.easing.straight': 'Gleichmäßig',
  'shape.easing.in': 'Langsam anfangen',
  'shape.easing.out': 'Langsam enden',
  'shape.easing.smooth': 'An beiden Enden langsam',
  'shape.easing.hold': 'Bleiben, dann springen',
  'shape.cornersRound': 'Ecken',
  'shape.cornersHelp':
    'Runde Ecken haben Griffe im Bild. Ein Doppelklick auf eine Ecke ändert nur diese; mit Alt bewegt sich ein Griff allein.',
  'shape.corners.straight': 'Gerade',
  'shape.corners.round': 'Rund',
  'step.easing': 'Übergang',
  'step.corners': 'Ecken',
  'step.moveHandle': 'Griff bewegen',
};
