// What the address of a page says besides the page: so that a view can be kept, sent and gone back to.

/**
 * Writes what a page shows into its address, without another entry in the history.
 *
 * @param {Record<string, string>} values by name; empty ones are left out
 * @returns {string} the query that stands there now
 */
export function tellAddress(values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ''));
  const [path] = location.hash.slice(1).split('?', 1);
  const text = query.toString();
  history.replaceState(null, '', text ? `#${path}?${text}` : `#${path}`);
  return text;
}
