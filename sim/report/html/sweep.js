// SPDX-License-Identifier: Apache-2.0
// The page of `lnsim sweep`: scatter with its front, parallel coordinates, which axis moves which metric. A design is
// a row [number, values of the axes, metrics]; column c of it is lnsim.view.sweep.columns[c].
'use strict';

lnsim.sweep_column = name => lnsim.view.sweep.columns.findIndex(column => column.name === name);
lnsim.sweep_is_axis = column => column > 0 && column <= lnsim.view.sweep.axes;
/// A value of an axis, with every digit that it has.
lnsim.sweep_exact = value => (Math.abs(value) >= 1e7 || (value !== 0 && Math.abs(value) < 1e-4)
  ? value.toExponential() : value.toLocaleString('en-US', {maximumSignificantDigits: 15}));
lnsim.sweep_text = (column, value) => {
  const {unit} = lnsim.view.sweep.columns[column];
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'number') return JSON.stringify(value);
  if (lnsim.sweep_is_axis(column)) return lnsim.sweep_exact(value);
  return unit ? `${lnsim.digits(value)} ${unit}` : lnsim.digits(value);
};
lnsim.sweep_label = column => {
  const {name, unit} = lnsim.view.sweep.columns[column];
  return unit && unit !== name ? `${name}, ${unit}` : name;
};
/// Columns that may be a coordinate: numbers, and texts as categories.
lnsim.sweep_is_number = column => lnsim.view.sweep.designs.every(design => typeof design[column] === 'number');
lnsim.sweep_categories = column => {
  const values = [...new Set(lnsim.view.sweep.designs.map(design => design[column]))];
  if (values.every(value => typeof value === 'number')) values.sort((a, b) => a - b);
  return [...new Set(values.map(value => lnsim.sweep_text(column, value)))];
};

/// Designs that no other one beats in two columns, in the order of the first.
lnsim.sweep_front = (x, y) => {
  const {columns, designs} = lnsim.view.sweep;
  if (!lnsim.sweep_is_number(x) || !lnsim.sweep_is_number(y)) return [];
  const cost = (design, column) => (columns[column].more_is_better ? -design[column] : design[column]);
  const sorted = [...designs].sort((a, b) => cost(a, x) - cost(b, x) || cost(a, y) - cost(b, y) || a[0] - b[0]);
  const front = [];
  let best = Infinity, at = NaN;
  for (const design of sorted) {
    const equal = cost(design, y) === best && cost(design, x) === at;
    if (cost(design, y) >= best && !equal) continue;
    best = cost(design, y);
    at = cost(design, x);
    front.push(design);
  }
  return front;
};

lnsim.sweep_axis = (column, extra) => {
  if (!lnsim.sweep_is_number(column)) return {type: 'category', data: lnsim.sweep_categories(column), name: lnsim.sweep_label(column), ...extra};
  const values = lnsim.view.sweep.designs.map(design => design[column]);
  const low = Math.min(...values), high = Math.max(...values);
  return {type: low > 0 && high > 20 * low ? 'log' : 'value', scale: true, name: lnsim.sweep_label(column),
          axisLabel: {formatter: value => lnsim.digits(value, 3), hideOverlap: true}, ...extra};
};
lnsim.sweep_place = (design, column) => (lnsim.sweep_is_number(column) ? design[column] : lnsim.sweep_text(column, design[column]));

/// What a reader sees of a design while pointing at it.
lnsim.sweep_hint = (design, shown) => [`design ${design[0]}`, ...shown.map(column =>
  `${lnsim.view.sweep.columns[column].name}: ${lnsim.sweep_text(column, design[column])}`)].join('\n');

lnsim.sweep_chosen = lnsim.element('div', {id: 'chosen', 'aria-live': 'polite'});
lnsim.sweep_choose = design => {
  const {columns, name} = lnsim.view.sweep;
  const rows = columns.map((column, i) => ({column, value: design[i], i})).slice(1);
  lnsim.sweep_chosen.replaceChildren(
    lnsim.element('h3', {}, `Design ${design[0]}`),
    lnsim.element('p', {class: 'muted'}, 'Its whole report, with every layer: ',
      lnsim.element('code', {}, `lnsim sweep ${lnsim.view.sweep.file || name + '.json'} --design ${design[0]} --out design${design[0]}`)),
    lnsim.table(`Design ${design[0]}`, [
      {title: 'name', kind: 'text', value: row => row.column.name},
      {title: 'value', value: row => row.value, text: (value, row) => lnsim.sweep_text(row.i, value)},
      {title: 'what', kind: 'text', value: row => row.column.text || 'axis'}], rows));
};

lnsim.sweep_scatter = () => {
  const s = lnsim.view.sweep;
  const all = s.columns.map((column, i) => [i, column.name]).slice(1);
  const metric = (place, fallback) => (s.pareto[place] === undefined ? fallback : lnsim.sweep_column(s.pareto[place]));
  const state = {x: metric(0, s.axes + 1), y: metric(1, s.axes + 2), colour: s.axes > 0 ? 1 : 0};
  const colours = () => {
    if (state.colour === 0) return {};
    if (lnsim.sweep_is_number(state.colour) && lnsim.sweep_categories(state.colour).length > 8) {
      const values = s.designs.map(design => design[state.colour]);
      return {visualMap: {type: 'continuous', dimension: 2, min: Math.min(...values), max: Math.max(...values), calculable: true,
                          orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 160, text: [lnsim.sweep_label(state.colour), ''],
                          formatter: value => lnsim.digits(value, 3), inRange: {color: ['#440154', '#3b528b', '#21918c', '#5ec962', '#fde725']},
                          textStyle: {color: lnsim.colour('--text')}, seriesIndex: 0}};
    }
    return {};
  };
  const chart = lnsim.chart('Each point is a design; the line joins those that no other one beats in both coordinates. A click shows the design below.',
    520, () => {
      const front = lnsim.sweep_front(state.x, state.y);
      const point = design => ({name: String(design[0]), design,
        value: [lnsim.sweep_place(design, state.x), lnsim.sweep_place(design, state.y),
                state.colour === 0 ? 0 : lnsim.sweep_place(design, state.colour)]});
      const discrete = state.colour !== 0 && !colours().visualMap;
      const groups = discrete ? lnsim.sweep_categories(state.colour) : [''];
      const shown = [...new Set([...s.columns.keys()].slice(1, s.axes + 1).concat([state.x, state.y]))];
      return {
        grid: {left: 90, right: 30, top: discrete ? 50 : 20, bottom: colours().visualMap ? 110 : 60},
        legend: discrete ? {data: groups} : undefined,
        tooltip: {trigger: 'item', formatter: item => (item.data.design ? lnsim.sweep_hint(item.data.design, shown) : '')},
        xAxis: lnsim.sweep_axis(state.x, {nameLocation: 'middle', nameGap: 34}),
        yAxis: lnsim.sweep_axis(state.y, {nameLocation: 'middle', nameGap: 66}),
        ...colours(),
        series: [
          ...groups.map((group, i) => ({name: group, type: 'scatter', symbolSize: s.designs.length > 2000 ? 5 : 9, large: false,
            itemStyle: discrete ? {color: lnsim.palette[i % lnsim.palette.length], opacity: 0.75} : {opacity: 0.75},
            symbol: ['circle', 'rect', 'triangle', 'diamond'][Math.floor(i / lnsim.palette.length) % 4],
            data: s.designs.filter(design => !discrete || lnsim.sweep_text(state.colour, design[state.colour]) === group).map(point)})),
          {name: 'front', type: 'line', data: front.map(point), symbol: 'circle', symbolSize: 12, z: 5,
           lineStyle: {type: 'dashed', color: lnsim.colour('--text')},
           itemStyle: {color: 'transparent', borderColor: lnsim.colour('--text'), borderWidth: 2}}],
      };
    }, item => item.data && item.data.design && lnsim.sweep_choose(item.data.design));
  const pick = (label, key, choices) => lnsim.select(label, choices, state[key], value => { state[key] = Number(value); chart.redraw(); });
  lnsim.section('scatter', 'Designs', lnsim.element('div', {class: 'controls'}, pick('Across', 'x', all), pick('Up', 'y', all),
    pick('Colour', 'colour', [[0, 'none'], ...all])), chart, lnsim.sweep_chosen);
};

lnsim.sweep_parallel = () => {
  const s = lnsim.view.sweep;
  const most = 3000;
  const columns = [...s.columns.keys()].slice(1, s.axes + 1).concat(
    [...new Set([...s.pareto.filter(name => !lnsim.sweep_is_axis(lnsim.sweep_column(name))), 'seconds', 'energy_j', 'area_mm2', 'total_g', 'snr_db'])].map(lnsim.sweep_column).filter(column => column > s.axes));
  // A sweep's axes have a tick for each value; colour tells the metric that is asked for last.
  const named = column => lnsim.sweep_is_axis(column) && lnsim.sweep_categories(column).length <= 16;
  const coloured = Math.max(lnsim.sweep_column(s.pareto[s.pareto.length - 1]), s.axes + 1);
  const step = Math.max(1, Math.ceil(s.designs.length / most));
  const rows = s.designs.filter((_, i) => i % step === 0);
  const values = rows.map(design => lnsim.num(design[coloured]));
  lnsim.section('parallel', 'Parallel coordinates', lnsim.chart(
    'A line per design. Drag along an axis to keep the designs within; a click on it takes all again.' +
    (step > 1 ? ` Every ${step}th of ${lnsim.count(s.designs.length)} designs is drawn.` : ''), 460, () => ({
      parallel: {left: 60, right: 90, top: 60, bottom: 50, parallelAxisDefault: {nameLocation: 'end', nameGap: 18,
        nameTextStyle: {color: lnsim.colour('--text')}, axisLabel: {color: lnsim.colour('--text')}, axisLine: {lineStyle: {color: lnsim.colour('--muted')}}}},
      parallelAxis: columns.map((column, i) => {
        if (named(column)) return {dim: i, type: 'category', data: lnsim.sweep_categories(column), name: s.columns[column].name};
        return {dim: i, ...lnsim.sweep_axis(column, {}), name: lnsim.sweep_label(column)};
      }),
      visualMap: {show: false, type: 'continuous', dimension: columns.indexOf(coloured), min: Math.min(...values), max: Math.max(...values),
                  inRange: {color: ['#440154', '#21918c', '#d5b60a']}},
      series: [{type: 'parallel', lineStyle: {width: 1, opacity: rows.length > 300 ? 0.25 : 0.6}, smooth: false,
                data: rows.map(design => columns.map(column => (named(column) ? lnsim.sweep_text(column, design[column]) : lnsim.sweep_place(design, column))))}],
    })));
};

lnsim.sweep_sensitivity = () => {
  const s = lnsim.view.sweep;
  const axes = s.columns.slice(1, s.axes + 1).map(column => column.name);
  const metrics = s.columns.slice(s.axes + 1).map(column => column.name);
  const cells = s.sensitivity.map(one => ({value: [metrics.indexOf(one.metric), axes.indexOf(one.axis), one.share], one}));
  const chart = lnsim.chart('Share of a metric\'s variation that an axis alone explains: the variance between the means of its values, over the whole.',
    () => 140 + 34 * axes.length, narrow => ({
      grid: {left: narrow ? 90 : 130, right: 20, top: 10, bottom: 110},
      tooltip: {formatter: item => `${item.data.one.axis} moves ${item.data.one.metric}\n${lnsim.percent(item.data.one.share)} of its variation` +
        (item.data.one.factor > 0 ? `\nby a factor of ${lnsim.digits(item.data.one.factor, 3)}` : '')},
      xAxis: {type: 'category', data: metrics, axisLabel: {rotate: 50, interval: 0}},
      yAxis: {type: 'category', data: axes, inverse: true, axisLabel: {width: narrow ? 80 : 120, overflow: 'truncate'}},
      visualMap: {show: false, min: 0, max: 1, dimension: 2, inRange: {color: [lnsim.colour('--panel'), '#0072b2']}},
      series: [{type: 'heatmap', data: cells, label: {show: !narrow, formatter: item => (item.data.value[2] < 0.005 ? '' : Math.round(100 * item.data.value[2]))},
                itemStyle: {borderColor: lnsim.colour('--page'), borderWidth: 1}}],
    }));
  const wanted = new Set([...s.pareto, 'seconds', 'energy_j', 'area_mm2', 'total_g']);
  const rows = s.sensitivity.filter(one => wanted.has(one.metric) && one.share >= 0.005).sort((a, b) => b.share - a.share);
  lnsim.section('sensitivity', 'Which axis moves what', chart, lnsim.table('Effects of the axes', [
    {title: 'axis', kind: 'text', value: one => one.axis},
    {title: 'metric', kind: 'text', value: one => one.metric},
    {title: 'share of its variation', value: one => one.share, text: lnsim.percent},
    {title: 'factor', value: one => one.factor, text: value => (value > 0 ? '× ' + lnsim.digits(value, 3) : '–')}], rows, true));
};

lnsim.sweep_table = () => {
  const s = lnsim.view.sweep;
  const most = 500;
  const first = new Set(s.front);
  const rows = [...s.designs].sort((a, b) => first.has(b[0]) - first.has(a[0]) || a[0] - b[0]).slice(0, most);
  const columns = s.columns.map((column, i) => ({title: lnsim.sweep_label(i), kind: rows.some(row => typeof row[i] === 'string') ? 'text' : 'number',
    value: row => row[i], text: value => (i === 0 ? String(value) : typeof value === 'number' ? (lnsim.sweep_is_axis(i) ? lnsim.sweep_exact(value) : lnsim.digits(value)) : lnsim.sweep_text(i, value))}));
  const section = lnsim.section('table', 'Table', lnsim.element('p', {class: 'muted'}, `The front of ${s.pareto.join(', ')} first` +
    (s.designs.length > most ? `; ${most} of ${lnsim.count(s.evaluated)} designs, all are in sweep.csv.` : '.')),
    lnsim.table('Designs', columns, rows, true));
  if (s.failed.length > 0) {
    section.append(lnsim.element('h3', {}, 'Failed'), lnsim.table('Designs that failed', [
      {title: 'design', value: row => row.number, text: String},
      {title: 'axes', kind: 'text', value: row => JSON.stringify(row.axes)},
      {title: 'error', kind: 'text', value: row => row.error}], s.failed));
  }
};

lnsim.build_sweep = () => {
  const s = lnsim.view.sweep;
  document.title = 'lnsim: ' + s.name;
  document.getElementById('content').replaceChildren(
    lnsim.element('header', {}, lnsim.element('h1', {}, s.name),
      lnsim.element('p', {class: 'muted'}, `${lnsim.count(s.size)} designs: ${lnsim.count(s.evaluated)} evaluated within the constraints, ` +
        `${lnsim.count(s.excluded)} excluded by them, ${lnsim.count(s.failures)} failed.` +
        (s.designs.length < s.evaluated ? ` The page shows ${lnsim.count(s.designs.length)}: the front, and the others evenly thinned.` : ''))),
    lnsim.element('nav', {'aria-label': 'Sections'}, lnsim.element('ul')));
  const paragraph = lnsim.element('p', {class: 'answer'});
  paragraph.append(lnsim.element('strong', {}, `${lnsim.count(s.front.length)} ${s.front.length === 1 ? 'design' : 'designs'}`),
    s.front.length === 1 ? ` is best in ${s.pareto.join(' and ')}.` : ` are on the front of ${s.pareto.join(', ')}: none is beaten in all.`);
  document.getElementById('content').append(paragraph);
  if (s.designs.length > 0) {
    lnsim.sweep_scatter();
    lnsim.sweep_parallel();
    lnsim.sweep_sensitivity();
  }
  lnsim.sweep_table();
};
