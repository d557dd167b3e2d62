// Draws the figures of a page, lets their tables be copied, opened and closed, and says what went wrong where it went
// wrong. Runs under a Content-Security-Policy without eval: expressions of the specifications are interpreted.
// When all is drawn, <html> has data-state="drawn" and data-failures says how many figures could not be.
(function () {
  "use strict";
  const root = document.documentElement;
  const words = root.dataset;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const configs = JSON.parse((document.getElementById("vega-config") || {textContent: "{}"}).textContent);
  const kPrintedWidth = 680;
  let printing = false;
  let failures = 0;
  root.dataset.failures = "0";

  function theme() {
    if (printing) return "light";
    return words.theme === "automatic" ? (dark.matches ? "dark" : "light") : words.theme;
  }

  // ---- which tables are open

  // Without this script the tables stand open.
  const tables = Array.from(document.querySelectorAll("figure[data-picture] details"));
  tables.forEach(table => { table.open = false; });
  const all = document.getElementById("all-tables");
  if (all && tables.length) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const open = tables.some(table => !table.open);
      tables.forEach(table => { table.open = open; });
      all.textContent = open ? words.close : words.open;
    });
  }

  // ---- pictures

  function fail(figure, error) {
    const message = error instanceof Error ? error.message : String(error);
    const box = figure.element.querySelector(".failure");
    box.textContent = words.failure + " " + message;
    box.hidden = false;
    figure.element.querySelectorAll("details").forEach(table => { table.open = true; });
    if (!figure.failed) root.dataset.failures = String(++failures);
    figure.failed = true;
    console.error("figure " + figure.element.id + ": " + message);
  }

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.dir = "auto";
  tip.hidden = true;
  document.body.appendChild(tip);
  function said(value) {
    if (value === null || typeof value !== "object") return String(value);
    return Object.keys(value).map(key => key + ": " + value[key]).join("\n");
  }
  function showTip(handler, event, item, value) {
    tip.hidden = value === undefined || value === null || value === "";
    if (tip.hidden) return;
    tip.textContent = said(value);
    const x = Math.min(event.clientX + 12, root.clientWidth - tip.offsetWidth - 8);
    const below = event.clientY + 16;
    const fits = below + tip.offsetHeight + 8 < window.innerHeight;
    tip.style.left = Math.max(8, x) + "px";
    tip.style.top = Math.max(8, fits ? below : event.clientY - tip.offsetHeight - 12) + "px";
  }

  // A specification has its data; nothing is fetched.
  const noLoader = {
    load: uri => Promise.reject(new Error("a picture may not load " + uri)),
    sanitize: uri => Promise.reject(new Error("a picture may not link to " + uri))
  };
  function loggerOf(figure) {
    const logger = {
      level: () => logger,
      error: error => (fail(figure, error), logger),
      warn: (...said) => (console.warn("figure " + figure.element.id + ":", ...said), logger),
      info: () => logger,
      debug: () => logger
    };
    return logger;
  }

  function draw(figure) {
    if (figure.failed) return;
    try {
      if (figure.view) figure.view.finalize();
      figure.width = printing ? kPrintedWidth : figure.box.clientWidth;
      const logger = loggerOf(figure);
      const specification = Object.assign({}, figure.specification, {config: configs[theme()]});
      const view = new vega.View(vega.parse(specification, null, {ast: true}), {
        container: figure.box, expr: vega.expressionInterpreter, hover: true, loader: noLoader, logger: logger,
        renderer: "svg", tooltip: showTip
      });
      figure.view = view;
      view.width(figure.width).run();
    } catch (error) {
      fail(figure, error);
    }
  }

  const figures = Array.from(document.querySelectorAll("figure[data-picture]"), element => ({
    element: element, box: element.querySelector(".picture"),
    specification: JSON.parse(element.querySelector("script[type='application/json']").textContent)
  }));
  // One after another, so that the page can be read and scrolled meanwhile.
  function drawFrom(index) {
    if (index < figures.length) {
      draw(figures[index]);
      setTimeout(drawFrom, 0, index + 1);
      return;
    }
    if (root.dataset.state) return;
    root.dataset.state = "drawn";
    // What stands above has its height only now.
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) target.scrollIntoView();
  }
  if (figures.length && typeof vega === "undefined") {
    figures.forEach(figure => fail(figure, words.unreachable));
  }
  drawFrom(0);

  let pause = 0;
  window.addEventListener("resize", () => {
    clearTimeout(pause);
    pause = setTimeout(() => figures.forEach(figure => {
      if (figure.view && figure.box.clientWidth !== figure.width) draw(figure);
    }), 150);
  });
  dark.addEventListener("change", () => {
    if (words.theme === "automatic") drawFrom(0);
  });
  window.addEventListener("beforeprint", () => {
    printing = true;
    figures.forEach(draw);
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    figures.forEach(draw);
  });

  // ---- copying tables

  // Numbers whole, with the decimal mark of the page, without marks between thousands; days as 2012-01-13. A text that a
  // spreadsheet would take for a formula is kept a text by an apostrophe.
  function copied(cell) {
    const value = cell.dataset.value;
    if (value === undefined) {
      if (cell.classList.contains("number") && cell.tagName !== "TH") return "";
      const text = cell.textContent.replace(/\s+/g, " ").trim();
      return /^[=+@-]/.test(text) ? "'" + text : text;
    }
    if (cell.dataset.kind === "day") return new Date(Number(value) * 864e5).toISOString().slice(0, 10);
    return String(Number(value)).replace(".", words.decimal);
  }
  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea");
    area.value = text;
    document.body.appendChild(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("copy"));
  }
  document.querySelectorAll("button.copy").forEach(button => {
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", () => {
      const rows = Array.from(button.closest("details").querySelectorAll("tr"),
        row => Array.from(row.cells, copied).join("\t"));
      copy(rows.join("\n") + "\n").then(() => words.copied, () => words.uncopied).then(answer => {
        button.textContent = answer;
        setTimeout(() => { button.textContent = label; }, 2000);
      });
    });
  });
})();
