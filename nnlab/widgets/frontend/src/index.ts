/** The one module both lives share: it defines <nnlab-explorer> for pages and exports `render` for anywidget. */

import { ExplorerElement } from "./element";
import { render } from "./live";

if (!customElements.get("nnlab-explorer")) customElements.define("nnlab-explorer", ExplorerElement);

export default { render };
