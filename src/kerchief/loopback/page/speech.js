// Texts out of a page's words.

/**
 * How a page speaks.
 *
 * @param {string} language - of the words.
 * @param {object} words - groups of texts: each is a sentence with {places}, or one for each plural form.
 * @returns {(key: string, values?: object) => string} the text of a key such as "overview.count", its {places} filled
 *     from the values; {n}, else {total}, chooses the plural form.
 */
export function speaker(language, words) {
  const plural = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (key, values = {}) => {
    let text = key.split(".").reduce((found, part) => found?.[part], words);
    if (text && typeof text === "object") text = text[plural.select(values.n ?? values.total ?? 0)] ?? text.other;
    if (typeof text !== "string") throw new Error(`no word for ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name];
      return typeof value === "number" ? numbers.format(value) : String(value ?? "");
    });
  };
}
