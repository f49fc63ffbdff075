"use strict";
// Draws the charts of the report from the data in #data. Text is only ever set as text.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const DASHES = ["", "7 3", "2 3", "9 3 2 3", "4 4", "1 4", "12 4", "6 2 2 2"];
  const SHAPES = [
    "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
    "M-3.2-3.2h6.4v6.4h-6.4z",
    "M0-4.2L4 3.2H-4z",
    "M0-4.4L4.4 0L0 4.4L-4.4 0z",
    "M0 4.2L4-3.2H-4z",
  ];

  function node(namespace, name, attributes, children) {
    const element = namespace
      ? document.createElementNS(namespace, name)
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined) {
        element.setAttribute(key, value);
      }
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  const html = (name, attributes, ...children) => node(null, name, attributes, children);
  const svg = (name, attributes, ...children) => node(SVG, name, attributes, children);
  const colour = (system) => "s" + (system % 8);

  function number(value, decimals) {
    const text = value.toFixed(decimals);
    return /[1-9]/.test(text) ? text.replace("-", "\u2212") : text.replace("-", "");
  }
  function signed(value) {
    return (value > 0 && /[1-9]/.test(value.toFixed(4)) ? "+" : "") + number(value, 4);
  }
  function text(x, y, content, anchor, style) {
    return svg("text", { x, y, "text-anchor": anchor || "start", class: style }, content);
  }
  function shape(system, x, y, full, title) {
    const mark = svg("path", {
      d: SHAPES[system % SHAPES.length],
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
      class: "mark " + (full ? "full " : "") + colour(system),
    });
    if (title) {
      mark.append(svg("title", {}, title));
    }
    return mark;
  }
  function curve(system, points) {
    return svg("path", {
      d: "M" + points.map(([x, y]) => x.toFixed(1) + " " + y.toFixed(1)).join("L"),
      class: "curve " + colour(system),
      "stroke-dasharray": DASHES[system % DASHES.length],
    });
  }
  function keys(systems) {
    return html(
      "ul",
      { class: "keys" },
      ...systems.map(({ name, system }) =>
        html(
          "li",
          {},
          svg(
            "svg",
            { viewBox: "0 0 30 12", "aria-hidden": "true" },
            curve(system, [[0, 6], [30, 6]]),
            shape(system, 15, 6, true),
          ),
          html("bdi", {}, name),
        ),
      ),
    );
  }

  /** Draws now and whenever the width changes. */
  function plot(figure, label, draw) {
    const box = html("div", { class: "plot" });
    figure.append(box);
    let drawn = 0;
    const redraw = () => {
      const width = Math.round(box.clientWidth);
      if (width > 0 && width !== drawn) {
        drawn = width;
        const picture = svg("svg", { role: "img", "aria-label": label });
        const height = draw(picture, width);
        picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
        box.replaceChildren(picture);
      }
    };
    new ResizeObserver(redraw).observe(box);
    redraw();
    return box;
  }

  /** A frame with lines at some values; returns the functions from values to places. */
  function frame(picture, width, height, margin, xTicks, yTicks, xAt, yAt) {
    const x = (value) => margin.left + xAt(value) * (width - margin.left - margin.right);
    const y = (value) => height - margin.bottom - yAt(value) * (height - margin.top - margin.bottom);
    for (const [value, label] of yTicks) {
      picture.append(
        svg("path", { d: `M${margin.left} ${y(value)}H${width - margin.right}`, class: "grid" }),
        text(margin.left - 8, y(value) + 4, label, "end"),
      );
    }
    for (const [value, label] of xTicks) {
      picture.append(
        svg("path", { d: `M${x(value)} ${height - margin.bottom}v4`, class: "axis" }),
        text(x(value), height - margin.bottom + 18, label, "middle"),
      );
    }
    picture.append(
      svg("path", { d: `M${margin.left} ${height - margin.bottom}H${width - margin.right}`, class: "axis" }),
    );
    return [x, y];
  }

  function precisionRecall(figure, collection) {
    const systems = collection.systems.map(({ name, curve: values }, system) => ({ name, values, system }));
    figure.append(keys(systems));
    plot(figure, figure.dataset.label, (picture, width) => {
      const height = 300;
      const fifths = [0, 0.2, 0.4, 0.6, 0.8, 1].map((value) => [value, value.toFixed(1)]);
      const [x, y] = frame(
        picture, width, height, { left: 36, right: 8, top: 24, bottom: 42 },
        fifths, fifths, (value) => value, (value) => value,
      );
      picture.append(text(0, 10, "precision"), text(width - 8, height - 4, "recall", "end"));
      for (const { name, values, system } of systems) {
        picture.append(curve(system, values.map((value, i) => [x(i / 10), y(value)])));
      }
      for (const { name, values, system } of systems) {
        values.forEach((value, i) =>
          picture.append(
            shape(system, x(i / 10), y(value), false,
              `${name}: precision ${number(value, 4)} at recall ${(i / 10).toFixed(1)}`),
          ));
      }
      return height;
    });
  }

  function latency(figure, collection) {
    const systems = collection.systems
      .map(({ name, percentiles }, system) => ({ name, percentiles, system }))
      .filter(({ percentiles }) => percentiles);
    figure.append(keys(systems));
    plot(figure, figure.dataset.label, (picture, width) => {
      const height = 300;
      const least = 0.001;
      const all = systems.flatMap(({ percentiles }) => percentiles);
      const low = Math.log10(Math.max(least, Math.min(...all)));
      const high = Math.max(Math.log10(Math.max(least, ...all)), low + 0.3);
      const pad = (high - low) * 0.04;
      const xTicks = [];
      const steps = high - low > 2.5 || width < 480 ? [1] : [1, 2, 5];
      for (let power = Math.floor(low - pad); power <= high + pad; power++) {
        for (const step of high - low < 1 ? [1, 2, 5] : steps) {
          const at = power + Math.log10(step);
          if (at >= low - pad && at <= high + pad) {
            const value = step * 10 ** power;
            xTicks.push([value, value >= 1 ? value.toLocaleString("en-US") : value.toPrecision(1)]);
          }
        }
      }
      const [x, y] = frame(
        picture, width, height, { left: 44, right: 12, top: 24, bottom: 42 }, xTicks,
        [0, 50, 90, 100].map((value) => [value, value + " %"]),
        (value) => (Math.log10(Math.max(least, value)) - low + pad) / (high - low + 2 * pad),
        (value) => value / 100,
      );
      picture.append(
        text(0, 10, "share of queries answered within"),
        text(width - 8, height - 4, "milliseconds", "end"),
      );
      for (const { percentiles, system } of systems) {
        picture.append(curve(system, percentiles.map((value, i) => [x(value), y(i)])));
      }
      for (const { name, percentiles, system } of systems) {
        for (const percent of [50, 90, 99]) {
          const value = percentiles[percent];
          picture.append(
            shape(system, x(value), y(percent), true, `${name}: p${percent} ${value.toPrecision(3)} ms`));
        }
      }
      return height;
    });
  }

  function byQuery(figure, collection) {
    const { ids, texts, language, measure, systems, told } = collection;
    const baseline = systems[0];
    let compared = systems.length > 1 ? 1 : 0;
    let order = [];
    let values = [];
    let at = 0;
    let moveCursor = () => {};

    const controls = html("div", { class: "controls" });
    if (systems.length > 2) {
      const select = html("select", {},
        ...systems.slice(1).map(({ name }, i) => html("option", { value: i + 1 }, name)));
      select.addEventListener("change", () => {
        compared = Number(select.value);
        sort();
        drawAll();
      });
      controls.append(html("label", {}, "System", select));
    }
    const search = html("input", { type: "search", placeholder: "id or words", autocomplete: "off" });
    controls.append(html("label", {}, "Find a query", search));
    const matches = html("ul", { class: "matches" });
    const counts = html("p", { class: "note" });
    const readout = html("div", { class: "readout" });
    figure.append(controls, matches, counts);

    function sort() {
      values = ids.map((id, i) =>
        compared === 0 ? systems[0].values[i] : systems[compared].values[i] - baseline.values[i]);
      order = ids.map((id, i) => i).sort((a, b) => values[b] - values[a] || a - b);
      at = 0;
      if (compared > 0) {
        const better = values.filter((value) => value > 0).length;
        const worse = values.filter((value) => value < 0).length;
        counts.replaceChildren(
          html("bdi", {}, systems[compared].name),
          ` is better on ${better.toLocaleString("en-US")}, worse on ${worse.toLocaleString("en-US")} and equal on ` +
            `${(values.length - better - worse).toLocaleString("en-US")} of ${values.length.toLocaleString("en-US")} queries.`,
        );
      }
    }

    function describe() {
      const query = order[at];
      readout.replaceChildren(
        html("p", { class: "where" },
          `${(at + 1).toLocaleString("en-US")} of ${order.length.toLocaleString("en-US")} \u00b7 `,
          html("bdi", {}, ids[query]),
          ` \u00b7 ${measure} `,
          compared > 0 ? signed(values[query]) : number(values[query], 4),
          ...(told[query] !== undefined
            ? [" \u00b7 ", html("a", { href: "#" + told[query] }, "its hits, below")]
            : []),
        ),
        html("p", { class: "what", dir: "auto", lang: language }, texts[query] ?? ""),
        html("div", { class: "values" },
          ...systems.flatMap((system, i) => {
            const bar = html("span", { class: colour(i) });
            bar.style.width = 100 * Math.max(0, Math.min(1, system.values[query])) + "%";
            return [
              html("bdi", {}, system.name),
              html("span", { class: "bar" }, bar),
              html("span", {}, number(system.values[query], 4)),
            ];
          }),
        ),
      );
      box.setAttribute("aria-valuenow", at + 1);
      box.setAttribute("aria-valuetext",
        `${at + 1} of ${order.length}: ${texts[query] || ids[query]}; ` +
          systems.map(({ name, values: own }) => `${name} ${number(own[query], 4)}`).join(", "));
    }

    function show(place) {
      at = Math.max(0, Math.min(order.length - 1, place));
      moveCursor();
      describe();
    }

    function draw(picture, width) {
      const height = 260;
      const margin = { left: 44, right: 8, top: 22, bottom: 22 };
      const greatest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const top = [0.1, 0.2, 0.5, 1].find((step) => greatest <= step) ?? Math.ceil(greatest);
      const bottom = compared > 0 ? -top : 0;
      const ticks = compared > 0 ? [-top, -top / 2, 0, top / 2, top] : [0, top / 2, top];
      const [, y] = frame(
        picture, width, height, margin, [],
        ticks.map((value) => [value, compared > 0 && value > 0 ? "+" + number(value, 2) : number(value, 2)]),
        () => 0, (value) => (value - bottom) / (top - bottom),
      );
      const step = (width - margin.left - margin.right) / order.length;
      const gap = step > 4 ? Math.min(3, step * 0.2) : 0;
      const x = (place) => margin.left + place * step;
      const zero = y(0);
      // One path a side: bars apart where there is room, else the outline of all of them.
      for (const [style, sign] of [["better", 1], ["worse", -1]]) {
        let path = "";
        order.forEach((query, place) => {
          if (values[query] * sign > 0) {
            const left = x(place) + gap / 2;
            path += `M${left.toFixed(2)} ${zero.toFixed(2)}V${y(values[query]).toFixed(2)}` +
              `h${(step - gap).toFixed(2)}V${zero.toFixed(2)}z`;
          }
        });
        picture.append(svg("path", { d: path, class: style, "shape-rendering": gap ? null : "crispEdges" }));
      }
      picture.append(svg("path", { d: `M${margin.left} ${zero}H${width - margin.right}`, class: "axis" }));
      order.forEach((query, place) => {
        if (told[query] !== undefined) {
          const mark = svg("circle", {
            cx: (x(place) + step / 2).toFixed(1), cy: height - 8, r: 3, class: "told" });
          mark.append(svg("title", {}, "Its hits are shown below"));
          picture.append(mark);
        }
      });
      if (compared > 0) {
        const short = (name) => (name.length > 24 ? name.slice(0, 23) + "\u2026" : name);
        picture.append(
          text(margin.left, 12, short(systems[compared].name) + " better", "start", "better"),
          text(width - margin.right, 12, short(baseline.name) + " better", "end", "worse"),
        );
      }
      const cursor = svg("path", { class: "cursor" });
      picture.append(cursor);
      moveCursor = () => {
        cursor.setAttribute("d",
          `M${(x(at) + step / 2).toFixed(1)} ${margin.top - 4}V${height - margin.bottom + 4}`);
      };
      moveCursor();
      picture.place = (pixel) => Math.floor((pixel - margin.left) / step);
      return height;
    }

    sort();
    let box = null;
    function drawAll() {
      const old = box;
      const parent = html("div", {});
      box = plot(parent, figure.dataset.label, draw);
      for (const [key, value] of Object.entries({
        role: "slider", tabindex: 0, "aria-label": figure.dataset.label,
        "aria-valuemin": 1, "aria-valuemax": order.length })) {
        box.setAttribute(key, value);
      }
      if (old) {
        old.parentNode.replaceWith(parent);
      } else {
        figure.append(parent, readout);
      }
      const follow = (event) => {
        const picture = box.firstChild;
        const area = picture.getBoundingClientRect();
        show(picture.place(event.clientX - area.left));
      };
      box.addEventListener("pointermove", follow);
      box.addEventListener("pointerdown", follow);
      box.addEventListener("keydown", (event) => {
        const page = Math.max(10, Math.round(order.length / 20));
        const moves = {
          ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1,
          PageUp: at - page, PageDown: at + page, Home: 0, End: order.length - 1,
        };
        if (event.key in moves) {
          event.preventDefault();
          show(moves[event.key]);
        } else if (event.key === "Enter" && told[order[at]] !== undefined) {
          location.hash = told[order[at]];
        }
      });
      show(at);
    }
    drawAll();

    search.addEventListener("input", () => {
      const wanted = search.value.trim().toLowerCase();
      const found = wanted === "" ? [] : order
        .map((query, place) => ({ query, place }))
        .filter(({ query }) =>
          ids[query].toLowerCase().includes(wanted) ||
          (texts[query] ?? "").toLowerCase().includes(wanted));
      matches.replaceChildren(
        ...found.slice(0, 8).map(({ query, place }) => {
          const button = html("button", { type: "button" },
            signed(values[query]) + "  ", html("bdi", {}, ids[query]), "  ",
            html("bdi", { lang: language }, texts[query] ?? ""));
          button.addEventListener("click", () => show(place));
          return html("li", {}, button);
        }),
        ...(wanted !== "" && found.length === 0 ? [html("li", { class: "soft" }, "No query has that.")] : []),
        ...(found.length > 8
          ? [html("li", { class: "soft" }, `${(found.length - 8).toLocaleString("en-US")} more`)] : []),
      );
    });
  }

  const charts = { queries: byQuery, precision: precisionRecall, latency };
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    charts[figure.dataset.chart](figure, data.collections[figure.dataset.collection]);
  }

  // A link to an example opens it; on paper all are open.
  const openTarget = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", openTarget);
  openTarget();
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((details) => (details.open = true));
  });
  addEventListener("afterprint", () => closed.forEach((details) => (details.open = false)));
})();
