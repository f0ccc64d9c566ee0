/** Texts of markers. */
export const markerEn = {
  'marker.set': 'Marker',
  'marker.name': 'Marker {{number}}',
  'marker.all': 'Markers',
  'marker.at': 'Marker {{name}} at {{time}}',
  'marker.help': 'Double click: rename · Delete: remove',
  'marker.rename': 'Rename marker',
  'marker.remove': 'Remove marker {{name}}',
  'marker.before': 'Previous marker',
  'marker.after': 'Next marker',
  'step.addMarker': 'Add marker',
  'step.renameMarker': 'Rename marker',
  'step.removeMarker': 'Remove marker',
} as const;

export const markerDe: Readonly<Record<keyof typeof markerEn, string>> = {
  'marker.set': 'Marker',
  'marker.name': 'Marker {{number}}',
  'marker.all': 'Marker',
  'marker.at': 'Marker {{name}} bei {{time}}',
  'marker.help': 'Doppelklick: umbenennen · Entf: löschen',
  'marker.rename': 'Marker umbenennen',
  'marker.remove': 'Marker {{name}} löschen',
  'marker.before': 'Voriger Marker',
  'marker.after': 'Nächster Marker',
  'step.addMarker': 'Marker hinzufügen',
  'step.renameMarker': 'Marker umbenennen',
  'step.removeMarker': 'Marker löschen',
};
