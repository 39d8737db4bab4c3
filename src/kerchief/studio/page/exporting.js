// The export as a dialog over any view.

import { panel, say } from "./dialog.js";
import { t } from "./words.js";

/** Opens the export of these files. */
export async function exportFiles(ids) {
  try {
    const { exportPanel } = await import("./export.js");
    const { root, closed } = panel({ title: t("overview.export").replace("…", ""), kind: "wide" });
    const end = exportPanel(root, ids);
    await closed;
    if (typeof end === "function") end();
  } catch (error) {
    console.error(error);
    say(t("shell.broken"), "failure");
  }
}
