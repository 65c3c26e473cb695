// SPDX-License-Identifier: Apache-2.0
// The answer first; then energy by component, memory and all figures side by side.
'use strict';

lnsim.scopes = [['datapath', 'datapath (lanes, operand registers, collector)'], ['pe', 'PE (datapath, buffers A and B, PPU)'],
                ['chip', 'chip (all but the DRAM)'], ['chip_dram', 'chip and DRAM']];
lnsim.scope_label = name => ({datapath: 'datapath', pe: 'PE', chip: 'chip', chip_dram: 'chip + DRAM'})[name];

lnsim.header = () => {
  const reports = lnsim.view.reports;
  const first = reports[0];
  const content = document.getElementById('content');
  const title = reports.length === 1
    ? `${first.workload}: one training iteration in ${first.scheme}`
    : `${first.workload}: one training iteration in ${reports.length} number formats`;
  document.title = 'lnsim: ' + title;
  const samples = lnsim.num(first.batch) * lnsim.num(first.micro_batches);
  content.replaceChildren(
    lnsim.element('header', {}, lnsim.element('h1', {}, title),
      lnsim.element('p', {class: 'muted'},
        `Machine ${first.accelerator} at ${lnsim.unit(first.config.clock_hz, 'Hz')} in ${first.technology}; ` +
        `${lnsim.count(samples)} sample${samples === 1 ? '' : 's'} (batch ${lnsim.count(first.batch)}, ` +
        `${lnsim.count(first.micro_batches)} micro-batch${lnsim.num(first.micro_batches) === 1 ? '' : 'es'}); ` +
        `electricity of ${first.config.grid.name}, PUE ${lnsim.digits(first.config.pue.value)}.`)),
    lnsim.element('nav', {'aria-label': 'Sections'}, lnsim.element('ul')));
};

lnsim.tiles = () => {
  const tile = (label, pointer, text) => lnsim.element('div', {class: 'tile'},
    lnsim.shown('div', 0, pointer, text), lnsim.element('div', {class: 'label'}, label));
  const tiles = [
    tile('energy, chip + DRAM', '/totals/energy_j', value => lnsim.unit(value, 'J')),
    tile('energy, PE', '/totals/energy_by_scope_j/pe', value => lnsim.unit(value, 'J')),
    tile('time', '/totals/seconds', value => lnsim.unit(value, 's')),
    tile('cycles', '/totals/cycles', lnsim.count),
    tile('MAC utilization', '/totals/utilization', lnsim.percent),
    tile('TOPS/W (chip)', '/totals/tops_per_w', value => lnsim.digits(value)),
    tile('mean power', '/totals/power_w', value => lnsim.unit(value, 'W')),
    tile('area of the chip', '/totals/area_mm2', value => lnsim.digits(value) + ' mm²'),
    tile('CO2e, electricity of the iteration', '/totals/carbon/operational_g', lnsim.grams),
    tile('CO2e of the run ' + lnsim.view.reports[0].totals.run.name, '/totals/run/total_g', lnsim.grams),
  ];
  for (const one of tiles) one.firstChild.classList.add('value');
  return lnsim.element('div', {class: 'tiles'}, ...tiles);
};

/// One sentence a reader sees first.
lnsim.answer = scope => {
  const reports = lnsim.view.reports;
  const energy = report => lnsim.num(report.totals.energy_by_scope_j[scope]);
  const paragraph = lnsim.element('p', {class: 'answer'});
  if (reports.length === 1) {
    const report = reports[0];
    paragraph.append(`An iteration takes ${lnsim.unit(report.totals.seconds, 's')} and `,
      lnsim.element('strong', {}, lnsim.unit(energy(report), 'J')), ` in the ${lnsim.scope_label(scope)}; the run `,
      `${report.totals.run.name} emits ${lnsim.grams(report.totals.run.total_g)} CO2e.`);
    return paragraph;
  }
  const sorted = [...reports].sort((a, b) => energy(a) - energy(b));
  const best = sorted[0], worst = sorted[sorted.length - 1], first = reports[0];
  const ratio = energy(worst) / energy(best);
  paragraph.append('Least energy: ', lnsim.element('strong', {}, best.scheme), `, ${lnsim.unit(energy(best), 'J')} in the `,
    `${lnsim.scope_label(scope)}; the most, ${worst.scheme}, takes ${lnsim.digits(ratio, 3)}×.`);
  if (first !== worst) {
    paragraph.append(` ${first.scheme} saves ${lnsim.percent(1 - energy(first) / energy(worst))} against ${worst.scheme}.`);
  }
  return paragraph;
};

lnsim.overview = () => {
  const reports = lnsim.view.reports;
  let scope = 'pe';
  let redraw_others = () => {};
  let answer = lnsim.answer(scope);
  const chart = reports.length > 1 && lnsim.chart('Energy of an iteration; beside each bar its ratio to the first scheme.',
    () => 70 + 34 * reports.length, narrow => {
      const first = lnsim.num(reports[0].totals.energy_by_scope_j[scope]);
      return {
        grid: {left: 8, right: narrow ? 90 : 130, top: 10, bottom: 40, containLabel: true},
        xAxis: {type: 'value', name: 'energy', nameLocation: 'middle', nameGap: 26,
                axisLabel: {formatter: value => lnsim.unit(value, 'J', 3), hideOverlap: true}},
        yAxis: {type: 'category', inverse: true, data: reports.map(report => report.scheme)},
        tooltip: {formatter: point => `${point.name}: ${lnsim.unit(point.value, 'J')}`},
        series: [{type: 'bar', name: 'energy', data: reports.map(report => lnsim.num(report.totals.energy_by_scope_j[scope])),
                  label: {show: true, position: 'right', color: lnsim.colour('--text'),
                          formatter: point => `${lnsim.unit(point.value, 'J', 3)}` +
                            (reports.length > 1 ? `  ${lnsim.digits(point.value / first, 3)}×` : '')}}],
      };
    });
  const select = lnsim.select('Scope', lnsim.scopes, scope, value => {
    scope = value;
    const made = lnsim.answer(scope);
    answer.replaceWith(made);
    answer = made;
    if (chart) chart.redraw();
    redraw_others();
  });
  const parts = [answer, lnsim.element('div', {class: 'controls'}, select)];
  parts.push(chart || lnsim.tiles());
  const iso = lnsim.view.iso;
  if (iso) {
    parts.push(lnsim.element('p', {}, `Machines of equal ${iso.budget}: the lanes of each scheme's PE are scaled to the ` +
      `${lnsim.digits(iso.limit)} ${iso.unit.replace('mm2', 'mm²')} of ${reports[0].scheme}.`));
  }
  const snr = lnsim.view.snr_db;
  const numbers = snr && reports.length > 1 && reports.every(report => typeof snr[report.scheme] === 'number') &&
    lnsim.snr_chart(reports, snr, () => scope);
  if (numbers) parts.push(numbers);
  redraw_others = () => numbers && numbers.redraw();
  const section = lnsim.section('overview', 'The answer', ...parts);
  if (reports.length > 1) section.append(lnsim.figures_table());
};

/// Energy against how exactly the formats hold usual tensors: the least ratio of weights, activations and gradients.
lnsim.snr_chart = (reports, snr, scope) => {
  const energy = report => lnsim.num(report.totals.energy_by_scope_j[scope()]);
  return lnsim.chart('Signal over quantisation noise of usual tensors, the least of weights, activations and gradients, ' +
    'against the energy of an iteration; the line joins the schemes that no other one beats in both. Both axes are logarithmic.', 460, () => {
    const sorted = [...reports].sort((a, b) => energy(a) - energy(b) || snr[b.scheme] - snr[a.scheme]);
    const front = [];
    for (const report of sorted) {
      if (!front.length || snr[report.scheme] > snr[front[front.length - 1].scheme]) front.push(report);
    }
    const place = report => [energy(report), snr[report.scheme]];
    return {
      grid: {left: 60, right: 90, top: 30, bottom: 60},
      tooltip: {trigger: 'item', formatter: item => item.seriesName === 'best' ? '' :
        `${item.name}\n${lnsim.digits(item.value[1], 3)} dB\n${lnsim.unit(item.value[0], 'J')}`},
      xAxis: {type: 'log', logBase: 2, scale: true, name: 'energy of an iteration', nameLocation: 'middle', nameGap: 36,
              axisLabel: {formatter: value => lnsim.unit(value, 'J', 3), hideOverlap: true}},
      yAxis: {type: 'log', logBase: 2, name: 'signal/noise, dB', scale: true},
      series: [
        {name: 'best', type: 'line', data: front.map(place), symbol: 'none', silent: true,
         lineStyle: {type: 'dashed', color: lnsim.colour('--muted')}},
        {name: 'schemes', type: 'scatter', symbolSize: 12,
         data: reports.map((report, i) => ({name: report.scheme, value: place(report),
                                           itemStyle: {color: lnsim.palette[i % lnsim.palette.length]}})),
         label: {show: true, position: 'right', formatter: '{b}', color: lnsim.colour('--text')},
         labelLayout: {moveOverlap: 'shiftY'}}],
    };
  });
};

/// Every figure of every scheme; numbers say where in the JSON they stand.
lnsim.figures_table = () => {
  const lines = [
    ['energy, datapath', '/totals/energy_by_scope_j/datapath', value => lnsim.unit(value, 'J')],
    ['energy, PE', '/totals/energy_by_scope_j/pe', value => lnsim.unit(value, 'J')],
    ['energy, chip', '/totals/energy_by_scope_j/chip', value => lnsim.unit(value, 'J')],
    ['energy, chip + DRAM', '/totals/energy_by_scope_j/chip_dram', value => lnsim.unit(value, 'J')],
    ['lanes per PE', '/config/accelerator/pe/lanes', lnsim.count],
    ['cycles', '/totals/cycles', lnsim.count],
    ['time', '/totals/seconds', value => lnsim.unit(value, 's')],
    ['MAC utilization', '/totals/utilization', lnsim.percent],
    ['TOPS/W (chip)', '/totals/tops_per_w', value => lnsim.digits(value)],
    ['mean power', '/totals/power_w', value => lnsim.unit(value, 'W')],
    ['area of the chip', '/totals/area_mm2', value => lnsim.digits(value) + ' mm²'],
    ['DRAM traffic', '/totals/dram_bytes', lnsim.bytes],
    ['CO2e, electricity of the iteration', '/totals/carbon/operational_g', lnsim.grams],
    ['CO2e of the run, with hardware', '/totals/run/total_g', lnsim.grams],
  ];
  const columns = [{title: 'of one iteration', kind: 'text', value: line => line[0]}];
  lnsim.view.reports.forEach((report, index) => columns.push({
    title: report.scheme, value: line => line[1],
    cell: line => lnsim.shown('td', index, line[1], line[2]),
  }));
  return lnsim.table('Figures of every scheme', columns, lines);
};

/// Energies by component within a scope; what the clock tree spends inside the scope is its difference to the sum.
lnsim.energy_parts = (report, scope) => {
  const order = lnsim.scopes.map(pair => pair[0]);
  const parts = new Map();
  let sum = 0;
  for (const {name, scope: smallest} of lnsim.view.components) {
    const joules = report.energy_by_component_j[name];
    if (name === 'clock_tree' || joules === undefined || order.indexOf(smallest) > order.indexOf(scope)) continue;
    parts.set(name, lnsim.num(joules));
    sum += lnsim.num(joules);
  }
  const tree = lnsim.num(report.totals.energy_by_scope_j[scope]) - sum;
  if (tree > 1e-9 * sum) parts.set('clock_tree', tree);
  return parts;
};

/// The components that matter in these lists, most energy first; the rest is "other".
lnsim.main_components = (lists, most) => {
  const totals = new Map();
  for (const parts of lists) {
    const all = lnsim.sum([...parts.values()]);
    for (const [name, joules] of parts) totals.set(name, (totals.get(name) || 0) + (all > 0 ? joules / all : 0));
  }
  return [...totals.entries()].sort((a, b) => b[1] - a[1]).slice(0, most).map(pair => pair[0]);
};

/// One colour per component in every chart, by its rank over all schemes; the last colour is that of the rest.
lnsim.component_colour = name => {
  if (!lnsim.component_ranks) {
    lnsim.component_ranks = lnsim.main_components(lnsim.view.reports.map(report => lnsim.energy_parts(report, 'chip_dram')), 99);
  }
  const most = lnsim.palette.length - 1;
  const rank = lnsim.component_ranks.indexOf(name);
  return rank < 0 ? lnsim.palette[most] : lnsim.palette[rank % most];
};

/// A bar series of a component.
lnsim.component_series = (name, data) => ({type: 'bar', stack: 'energy', name, data, barCategoryGap: '20%',
                                           itemStyle: {color: lnsim.component_colour(name)}});

lnsim.other_than = (parts, names) =>
  lnsim.sum([...parts.entries()].filter(pair => !names.includes(pair[0])).map(pair => pair[1]));

/// A line for each report of a run with data: its datapath with the switching of the real operands.
lnsim.switching_notes = () => lnsim.view.reports.filter(report => report.totals.data_energy).map(report => {
  const sum = kind => lnsim.sum(Object.values(report.totals.data_energy[kind]));
  const nominal = sum('nominal_j');
  const measured = sum('measured_j');
  return lnsim.element('p', {}, `${report.scheme}: the datapath's switching costs ${lnsim.unit(measured, 'J')} with the operands that were ` +
    `moved, ${lnsim.unit(nominal, 'J')} for random ones, as the bars have it` +
    (nominal > 0 ? ` (${measured < nominal ? '' : '+'}${lnsim.percent(measured / nominal - 1)})` : '') + '.');
});

lnsim.energy_section = () => {
  const reports = lnsim.view.reports;
  let scope = 'chip_dram';
  let share = 'joules';
  const chart = lnsim.chart('Energy of an iteration by component.', () => 130 + 34 * reports.length, narrow => {
    const lists = reports.map(report => lnsim.energy_parts(report, scope));
    const names = lnsim.main_components(lists, 7);
    const totals = lists.map(parts => lnsim.sum([...parts.values()]));
    const scaled = (joules, i) => (share === 'share' ? (totals[i] > 0 ? joules / totals[i] : 0) : joules);
    const text = value => (share === 'share' ? lnsim.percent(value) : lnsim.unit(value, 'J'));
    const series = names.map(name => lnsim.component_series(name, lists.map((parts, i) => scaled(parts.get(name) || 0, i))));
    if (lists.some(parts => parts.size > names.length)) {
      series.push(lnsim.component_series('other', lists.map((parts, i) => scaled(lnsim.other_than(parts, names), i))));
    }
    return {
      legend: {},
      grid: {left: 8, right: 30, top: narrow ? 56 : 40, bottom: 40, containLabel: true},
      xAxis: {type: 'value', max: share === 'share' ? 1 : undefined,
              axisLabel: {formatter: value => (share === 'share' ? lnsim.percent(value) : lnsim.unit(value, 'J', 3)),
                          hideOverlap: true}},
      yAxis: {type: 'category', inverse: true, data: reports.map(report => report.scheme)},
      tooltip: {formatter: point => `${point.name}, ${point.seriesName}: ${text(point.value)}`},
      series,
    };
  });
  const controls = lnsim.element('div', {class: 'controls'},
    lnsim.select('Scope of the bars', lnsim.scopes, scope, value => { scope = value; chart.redraw(); }),
    lnsim.select('Show', [['joules', 'joules'], ['share', 'share of each scheme']], share,
                 value => { share = value; chart.redraw(); }));
  const columns = [{title: 'component', kind: 'text', value: one => one.name}];
  reports.forEach((report, index) => {
    columns.push({title: reports.length > 1 ? report.scheme : 'energy', value: one => one.name,
                  cell: one => lnsim.shown('td', index, '/energy_by_component_j/' + one.name,
                                           value => (value === undefined ? '–' : lnsim.unit(value, 'J')))});
  });
  if (reports.length === 1) {
    columns.push({title: 'of which leakage', value: one => one.name,
                  cell: one => lnsim.shown('td', 0, '/leakage_by_component_j/' + one.name,
                                           value => (value === undefined ? '–' : lnsim.unit(value, 'J')))});
    columns.push({title: 'area', value: one => one.name,
                  cell: one => lnsim.shown('td', 0, '/area_by_component_mm2/' + one.name,
                                           value => (value === undefined ? '–' : lnsim.digits(value) + ' mm²'))});
  }
  lnsim.section('energy', 'Energy by component', controls, chart, ...lnsim.switching_notes(),
                lnsim.fold('All components', lnsim.table('Energy by component', columns, lnsim.view.components)));
};

lnsim.memory_section = () => {
  const reports = lnsim.view.reports;
  const kinds = ['weights', 'optimizer', 'activations', 'gradients'];
  const total = report => lnsim.sum(kinds.map(kind => report.totals.dram_footprint_bytes[kind]));
  const dram = reports[0].config.accelerator.dram || {};
  const chart = lnsim.chart('Peak of what the training step keeps in DRAM.', () => 120 + 34 * reports.length, narrow => ({
    legend: {},
    grid: {left: 8, right: 30, top: 40, bottom: 40, containLabel: true},
    xAxis: {type: 'value', interval: lnsim.bytes_step(Math.max(...reports.map(total)) * (narrow ? 2 : 1)),
            axisLabel: {formatter: lnsim.bytes, hideOverlap: true}},
    yAxis: {type: 'category', inverse: true, data: reports.map(report => report.scheme)},
    tooltip: {formatter: point => `${point.name}, ${point.seriesName}: ${lnsim.bytes(point.value)}`},
    series: kinds.map(kind => ({type: 'bar', stack: 'bytes', name: kind,
                                data: reports.map(report => lnsim.num(report.totals.dram_footprint_bytes[kind]))})),
  }));
  const columns = [{title: 'scheme', kind: 'text', value: i => reports[i].scheme}];
  for (const kind of kinds) {
    columns.push({title: kind, value: i => i,
                  cell: i => lnsim.shown('td', i, '/totals/dram_footprint_bytes/' + kind, lnsim.bytes)});
  }
  columns.push({title: 'bytes per parameter', value: i => i,
                cell: i => lnsim.shown('td', i, '/totals/bytes_per_parameter', value => lnsim.digits(value))});
  const capacity = dram.capacity_bytes === undefined ? '' : `The DRAM of one chip holds ${lnsim.bytes(dram.capacity_bytes)}.`;
  lnsim.section('memory', 'Memory footprint', lnsim.element('p', {class: 'muted'}, capacity), chart,
                lnsim.fold('Table', lnsim.table('Memory footprint', columns, reports.map((report, i) => i))));
};
