// SPDX-License-Identifier: Apache-2.0
// What every section uses: numbers, elements, tables, charts. Texts from files reach the page as text nodes only.
'use strict';
const lnsim = {view: JSON.parse(document.getElementById('data').textContent)};

// ---- numbers ------------------------------------------------------------------------------------------------------

/// Integers beyond 2^53 are carried as text; a bar or a ratio needs no more than a double.
lnsim.num = value => (value === null || value === undefined ? NaN : Number(value));

lnsim.digits = (value, digits = 4) => {
  const number = lnsim.num(value);
  if (!Number.isFinite(number)) return '–';
  if (number === 0) return '0';
  const size = Math.abs(number);
  if (size >= 1e7 || size < 1e-4) return number.toExponential(digits - 1);
  return number.toLocaleString('en-US', {maximumSignificantDigits: digits, useGrouping: size >= 1e4});
};

lnsim.unit = (value, unit, digits = 4) => {
  const number = lnsim.num(value);
  if (!Number.isFinite(number)) return '–';
  if (number === 0) return '0 ' + unit;
  const prefixes = ['f', 'p', 'n', 'µ', 'm', '', 'k', 'M', 'G', 'T', 'P'];
  const rounded = Number(Math.abs(number).toPrecision(digits));
  const step = Math.min(5, Math.max(-5, Math.floor(Math.log10(rounded) / 3 + 1e-12)));
  return lnsim.digits(number / 1000 ** step, digits) + ' ' + prefixes[step + 5] + unit;
};

lnsim.bytes = value => {
  let number = lnsim.num(value);
  const prefixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
  let step = 0;
  while (number >= 1024 && step < 6) { number /= 1024; ++step; }
  return lnsim.digits(number, 4) + ' ' + prefixes[step] + 'B';
};

/// Ticks of an axis of bytes at powers of two.
lnsim.bytes_step = most => (most > 0 ? 2 ** Math.ceil(Math.log2(most / 5)) : 1);

lnsim.count = value => BigInt(value).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
lnsim.percent = value => (Number.isFinite(lnsim.num(value)) ? (lnsim.num(value) * 100).toFixed(1) + ' %' : '–');
lnsim.grams = value => {
  const number = lnsim.num(value);
  return Math.abs(number) >= 1e6 ? lnsim.digits(number / 1e6) + ' t' : lnsim.unit(number, 'g');
};
lnsim.duration = value => {
  const seconds = lnsim.num(value);
  if (seconds < 600) return lnsim.unit(seconds, 's');
  if (seconds < 2 * 86400) return lnsim.digits(seconds / 3600) + ' h';
  return lnsim.digits(seconds / 86400) + ' days';
};
lnsim.sum = values => values.reduce((total, value) => total + lnsim.num(value), 0);

// ---- elements -----------------------------------------------------------------------------------------------------

/// lnsim.element('p', {class: 'x'}, 'text', child, ...)
lnsim.element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  for (const child of children) made.append(child);
  return made;
};

/// A number on the page that says which value of report.json it shows: `pointer` within the report of that index.
lnsim.shown = (tag, report, pointer, text) => {
  let value = lnsim.view.reports[report];
  for (const key of pointer.split('/').slice(1)) value = value === undefined ? undefined : value[key];
  return lnsim.element(tag, {'data-report': report, 'data-pointer': pointer, 'data-value': String(value)}, text(value));
};

lnsim.section = (id, title, ...children) => {
  const section = lnsim.element('section', {id, 'aria-labelledby': id + '-title'},
                                lnsim.element('h2', {id: id + '-title'}, title), ...children);
  document.getElementById('content').append(section);
  return section;
};

/// A select whose choice calls back; [[value, text], ...].
lnsim.select = (label, choices, chosen, changed) => {
  const select = lnsim.element('select', {name: label.toLowerCase().replace(/[^a-z]+/g, '-')});
  for (const [value, text] of choices) {
    const option = lnsim.element('option', {value}, text);
    option.selected = String(value) === String(chosen);
    select.append(option);
  }
  select.addEventListener('change', () => changed(select.value));
  return lnsim.element('label', {}, label, select);
};

// ---- tables -------------------------------------------------------------------------------------------------------

/// A table; columns: {title, value(row), text(value, row), kind: 'text'|'number', cell(row): element instead of text}.
/// Sortable by the keyboard: each head is a button.
lnsim.table = (caption, columns, rows, sortable = false) => {
  const head = lnsim.element('tr');
  const body = lnsim.element('tbody');
  const fill = list => {
    body.replaceChildren(...list.map(row => {
      const line = lnsim.element('tr');
      columns.forEach((column, index) => {
        const text = column.text ? column.text(column.value(row), row) : String(column.value(row));
        const kind = column.kind === 'text' ? {class: 'text'} : {};
        const tag = index === 0 ? 'th' : 'td';
        if (index === 0) kind.scope = 'row';
        line.append(column.cell ? column.cell(row) : lnsim.element(tag, kind, text));
      });
      return line;
    }));
  };
  columns.forEach(column => {
    const cell = lnsim.element('th', column.kind === 'text' ? {scope: 'col', class: 'text'} : {scope: 'col'});
    if (sortable) {
      const button = lnsim.element('button', {type: 'button'}, column.title);
      button.addEventListener('click', () => {
        const falling = column.kind === 'text' ? cell.getAttribute('aria-sort') === 'ascending'
                                               : cell.getAttribute('aria-sort') !== 'descending';
        for (const other of head.children) other.removeAttribute('aria-sort');
        cell.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
        const sign = falling ? -1 : 1;
        fill([...rows].sort((a, b) => {
          const left = column.value(a), right = column.value(b);
          if (column.kind === 'text') return sign * String(left).localeCompare(String(right), 'en');
          const x = lnsim.num(left), y = lnsim.num(right);
          if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);  // unknown comes last
          return sign * (x - y);
        }));
      });
      cell.append(button);
    } else {
      cell.append(column.title);
    }
    head.append(cell);
  });
  fill(rows);
  return lnsim.element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption},
                       lnsim.element('table', {}, lnsim.element('thead', {}, head), body));
};

lnsim.fold = (title, ...children) => lnsim.element('details', {}, lnsim.element('summary', {}, title), ...children);

// ---- charts -------------------------------------------------------------------------------------------------------

// Okabe and Ito 2008, safe for colour-blind readers; yellow is darkened for a white page.
lnsim.palette = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b3a400', '#7f7f7f'];
lnsim.charts = [];
lnsim.patterns = false;

lnsim.colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/// Axis and text colours follow the page's theme.
lnsim.themed = option => {
  const text = lnsim.colour('--text'), muted = lnsim.colour('--muted'), line = lnsim.colour('--line');
  const axis = one => ({
    ...one,
    axisLabel: {color: text, ...one.axisLabel},
    axisLine: {lineStyle: {color: muted}, ...one.axisLine},
    splitLine: {lineStyle: {color: line}, ...one.splitLine},
    nameTextStyle: {color: muted, ...one.nameTextStyle},
  });
  const axes = list => (Array.isArray(list) ? list.map(axis) : axis(list));
  return {
    animation: false,
    color: lnsim.palette,
    textStyle: {color: text, fontFamily: getComputedStyle(document.body).fontFamily},
    aria: {enabled: true, decal: {show: lnsim.patterns}},
    ...option,
    // Rich text is drawn, never parsed as HTML: names come from files.
    tooltip: {renderMode: 'richText', confine: true, backgroundColor: lnsim.colour('--panel'), borderColor: line, textStyle: {color: text},
              ...option.tooltip},
    legend: option.legend ? {type: 'scroll', top: 0, left: 'left', textStyle: {color: text}, pageTextStyle: {color: text},
                             pageIconColor: text, pageIconInactiveColor: line, ...option.legend} : undefined,
    xAxis: option.xAxis && axes(option.xAxis),
    yAxis: option.yAxis && axes(option.yAxis),
  };
};

/// A chart with its caption. `make()` returns the ECharts option, `height` in pixels may be a function. The returned
/// figure has redraw(). `clicked` gets what was clicked in it.
lnsim.chart = (caption, height, make, clicked) => {
  const place = lnsim.element('div', {class: 'chart', role: 'img', 'aria-label': caption});
  const figure = lnsim.element('figure', {}, place, lnsim.element('figcaption', {}, caption));
  let chart;
  figure.redraw = () => {
    const pixels = typeof height === 'function' ? height() : height;
    place.style.height = pixels + 'px';
    if (!chart) {
      chart = echarts.init(place, null, {renderer: 'svg'});
      if (clicked) chart.on('click', clicked);
      figure.chart = chart;
    }
    chart.resize({height: pixels});
    chart.setOption(lnsim.themed(make(place.clientWidth < 560)), true);
    place.setAttribute('aria-label', caption);  // ours, not a list of every bar
  };
  lnsim.charts.push(figure);
  return figure;
};

lnsim.redraw_all = () => lnsim.charts.forEach(figure => figure.redraw());
