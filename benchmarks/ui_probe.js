/** Runs in every page before its own scripts: notes strokes and frames, and says when a picture is there. */
(() => {
  const now = () => performance.now();
  let strokes = 0;
  let pictures = 0;
  let last = 0;
  for (const name of ['stroke', 'fill', 'fillRect', 'drawImage', 'putImageData']) {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      last = now();
      if (name === 'stroke') strokes++;
      if (name === 'putImageData') pictures++;
      return own.apply(this, given);
    };
  }

  /** Calls back after each frame, with the time at which its work began and that at which it was done. */
  const frames = new Set();
  const tick = () => {
    const began = now();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const done = now();
      for (const hear of [...frames]) hear(began, done);
    };
    channel.port2.postMessage(null);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  const untilFrame = (wanted) =>
    new Promise((resolve) => {
      const hear = (began, done) => {
        const found = wanted(began, done);
        if (found === undefined) return;
        frames.delete(hear);
        resolve(found);
      };
      frames.add(hear);
    });

  const QUIET = 250;
  const probe = (window.probe = {
    awaited: null,
    strokes: () => strokes,

    /** The time at which the picture was there, once nothing has been drawn for a while. */
    rest: () => {
      let seen = 0;
      let of = -1;
      const asked = now();
      return untilFrame((began, done) => {
        if (began > last && of !== last) [of, seen] = [last, done];
        return began - Math.max(last, asked) > QUIET ? seen : undefined;
      });
    },

    /** Milliseconds from navigation until `count` lines and whatever follows them were drawn. */
    first: async (count) => {
      await untilFrame(() => (strokes >= count ? 0 : undefined));
      return probe.rest();
    },

    /** The same until a density was drawn. */
    firstDensity: async () => {
      await untilFrame(() => (pictures > 0 ? 0 : undefined));
      return probe.rest();
    },

    /** `probe.awaited` becomes the milliseconds from the next such event until `count` more strokes, or with
     * `density` one more picture of a density, were seen. */
    await: (event, count, density = false) => {
      probe.awaited = new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error(`no picture of ${count} lines followed the ${event}`)), 20_000);
        const heard = (happened) => {
          const from = density ? pictures : strokes;
          let full = 0;
          untilFrame((began, done) => {
            if (!full && (density ? pictures : strokes) - from >= count * 0.98) full = last;
            return full && began > full ? done - happened.timeStamp : undefined;
          }).then(resolve);
        };
        window.addEventListener(event, heard, { capture: true, once: true });
      });
    },

    watchFrames: () => {
      probe.times = [];
      probe.watched = (began) => void probe.times.push(began);
      frames.add(probe.watched);
    },
    /** The longest frame, or the longest of this share of them. */
    longest: (share = 1) => {
      frames.delete(probe.watched);
      const took = probe.times.slice(1).map((time, at) => time - probe.times[at]);
      return took.sort((a, b) => a - b)[Math.ceil(took.length * share) - 1];
    },

    /** Looks in every frame whether a cell stands wherever one should. */
    watchTable: () => {
      const table = document.querySelector('.table');
      const box = table.getBoundingClientRect();
      const rowAt = (y) => document.elementFromPoint(box.left + 5, y)?.closest('[role="row"]');
      /** A row stands there, and its cells leave no room free between its first and last visible pixel. */
      const whole = (y) => {
        const cells = rowAt(y)?.querySelectorAll('[role="gridcell"], [role="rowheader"]') ?? [];
        const spans = [...cells].map((cell) => cell.getBoundingClientRect()).sort((a, b) => a.left - b.left);
        let reached = box.left;
        for (const { left, right } of spans) if (left <= reached + 1) reached = Math.max(reached, right);
        return reached >= Math.min(box.right, table.firstElementChild.getBoundingClientRect().right) - 20;
      };
      probe.watch(() => {
        let full = true;
        for (let y = box.top + 50; full && y < box.bottom - 20; y += 60) full = whole(y);
        return full;
      });
    },

    /** The same for the charts of the home page: a chart or its skeleton stands wherever a section says so. */
    watchWall: () => {
      const box = document.querySelector('.wall-scroll').getBoundingClientRect();
      const stands = (y) => document.elementFromPoint(box.left + 60, y)?.closest('.wall-grid, .wall-section h2');
      probe.watch(() => {
        let missing = 0;
        for (let y = box.top + 10; missing < 2 && y < box.bottom; y += 30) missing = stands(y) ? 0 : missing + 1;
        return missing < 2;
      });
    },

    /** The same for a dashboard: every chart in sight has something below its title. */
    watchBoard: () => {
      const box = document.querySelector('.wall-scroll').getBoundingClientRect();
      const filled = (tile) => {
        const { top, bottom } = tile.getBoundingClientRect();
        return bottom < box.top || top > box.bottom || tile.querySelector(':scope > :not(figcaption, .board-resize)');
      };
      probe.watch(() => [...document.querySelectorAll('.board-tile')].every(filled));
    },

    /** The same for images: a tile, or the head of a row, stands wherever one should. */
    watchMedia: () => {
      const box = document.querySelector('.media-scroll').getBoundingClientRect();
      const stands = (y) => document.elementFromPoint(box.left + 60, y)?.closest('.media-tile, .media-row-head');
      probe.watch(() => {
        let missing = 0;
        for (let y = box.top + 10; missing < 2 && y < box.bottom - 10; y += 30) missing = stands(y) ? 0 : missing + 1;
        return missing < 2;
      });
    },

    /** Notes for how long `isFull` was false, looking in every frame. */
    watch: (isFull) => {
      probe.blanks = [];
      let since = 0;
      probe.looking = true;
      const look = () => {
        if (!probe.looking) return;
        const full = isFull();
        if (full && since) probe.blanks.push(now() - since);
        since = full ? 0 : since || now();
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },

    /** Milliseconds from navigation until every chart in sight was drawn. */
    wall: async () => {
      const waits = '.wall-wait, .skeletons';
      await untilFrame(() => (document.querySelector('.wall-tile canvas') && !document.querySelector(waits) ? 0 : undefined));
      return probe.rest();
    },
    /** The same until every image in sight was there. */
    pictures: async () => {
      const all = () => [...document.querySelectorAll('.media-picture img')];
      return untilFrame((began, done) => (all().length > 0 && all().every((image) => image.naturalWidth) ? done : undefined));
    },
    leap: async (selector) => {
      const table = document.querySelector(selector);
      const pause = () => new Promise((resolve) => setTimeout(resolve, 80));
      for (let at = 0; at < 20; at++) {
        table.scrollTop = ((at * 0.618) % 1) * (table.scrollHeight - table.clientHeight);
        await pause();
      }
      for (let at = 0; at < 20; at++) {
        table.scrollLeft = ((at * 0.618) % 1) * (table.scrollWidth - table.clientWidth);
        await pause();
      }
      [table.scrollTop, table.scrollLeft] = [0, 0];
      await pause();
    },
    blank: () => {
      probe.looking = false;
      return Math.max(0, ...probe.blanks);
    },

    /** Whether anything is drawn between two heights of the plot, as parts of it from the top. */
    inkAt: (from, to) => {
      const canvas = document.querySelectorAll('.chart-host canvas')[1];
      const { width, height } = canvas;
      const top = Math.round(height * from);
      const { data } = canvas.getContext('2d').getImageData(80, top, width - 100, Math.round(height * (to - from)));
      return data.some((value, at) => at % 4 === 3 && value > 0);
    },

    /** The same strokes on a canvas and nothing else: milliseconds until they are seen. */
    bare: async (count, points) => {
      document.body.replaceChildren();
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: 1100, height: 420, className: 'bare' });
      document.body.append(canvas);
      const pen = canvas.getContext('2d');
      const lines = Array.from({ length: count }, (_, line) =>
        Float32Array.from({ length: points }, (_, i) => 380 * Math.exp(-i / points * 3) + 8 * Math.sin(i * 1.7 + line) + line / 50),
      );
      await probe.rest();
      const began = now();
      lines.forEach((heights, line) => {
        pen.strokeStyle = `hsl(${(line * 37) % 360} 60% 50%)`;
        pen.lineWidth = 1;
        pen.beginPath();
        for (let i = 0; i < points; i++) pen.lineTo((i / points) * 1100, heights[i]);
        pen.stroke();
      });
      const drawn = last;
      return untilFrame((from, done) => (from > drawn ? done - began : undefined));
    },
  });
})();
