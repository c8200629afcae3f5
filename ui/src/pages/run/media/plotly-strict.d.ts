/** The functions of plotly.js that the page calls; the package has no types of its own. */
declare module 'plotly.js-strict-dist-min' {
  interface Drawing {
    readonly data: readonly unknown[];
    readonly layout: object;
    readonly frames: readonly unknown[];
    readonly config: object;
  }
  const plotly: {
    /** Draws into `host`, or updates the drawing there. */
    react(host: HTMLElement, drawing: Drawing): Promise<unknown>;
    purge(host: HTMLElement): void;
    readonly Plots: { resize(host: HTMLElement): Promise<unknown> };
  };
  export default plotly;
}
