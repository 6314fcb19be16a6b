import { LitElement } from 'lit';

/**
 * What all elements of the console have in common: they render into the page itself, so that one style sheet holds for
 * everything and labels may point anywhere.
 */
export class Element extends LitElement {
  createRenderRoot() {
    return this;
  }
}
