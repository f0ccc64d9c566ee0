/** What fills what other frames do not show: texture from around it, the network, or a soft gradient. */
export type FillMeans = 'exemplar' | 'network' | 'smooth';
